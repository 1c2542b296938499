"""Other people's labels: the two commands of the training README beside two baselines, on three public label sets.

``python -m benchmarks.labels [--few-shot] [--data-dir DIR] [--only NAME] [--output DIR]``. DIR holds ``cameo_class``,
``insightcrime`` and ``bbc_news``, each with ``train.tsv``, ``test.tsv`` and maybe ``dev.tsv``, without a header line.
"ours" is ``python -m training init`` and ``python -m training all``, with options that say how the table is built and
nothing that says how to train; its figures are those of the int8 model. The baselines learn from train and dev.

``--few-shot`` draws 8, 16, 32 and 64 examples per label from train, five times each, and gives them to the baselines
and to both of our ways to train (``init --stage``), with no other dev rows: what a method sets aside, it sets aside
from the sample. The row "ours" is the way that ``init`` takes by itself for so many.

Every finished cell is kept in ``DIR/labels.json``; what is there is not measured again, and a killed training goes on.
"""

import argparse
import csv
import dataclasses
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import baselines
from training.data import text_key
from training.start import are_few

ROOT = Path(__file__).resolve().parents[1]
SHOTS = (8, 16, 32, 64)
METHODS = {
    "ours": "ours, int8",
    "tfidf": "TF-IDF (words and pairs) + logistic regression",
    "frozen": "frozen MiniLM (int8) + logistic regression",
}
STAGES = {"fit": "plain fine-tuning, int8", "contrast": "contrast + logistic head, int8"}
FEW_SHOT = {name: title for name, title in METHODS.items() if name != "ours"} | STAGES

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Table:
    """One label set: its folder, and the label columns of its tables (one means one label a text)."""

    name: str
    columns: tuple[str, ...]

    @property
    def multi_label(self) -> bool:
        return len(self.columns) > 1

    @property
    def options(self) -> list[str]:
        """What ``init`` has to be told: the tables have no header line."""
        told = ["--columns", ",".join(("text", *self.columns))]
        return told + (["--labels", ",".join(self.columns)] if self.multi_label else [])


TABLES = (
    Table("cameo_class", ("label",)),
    Table("insightcrime", tuple(f"label_{i}" for i in range(7))),
    Table("bbc_news", ("label",)),
)


@dataclass(frozen=True)
class Rows:
    """The rows of a file, as they stand there, and their labels (N, L)."""

    cells: list[list[str]]
    gold: Bools

    @property
    def texts(self) -> list[str]:
        return [row[0] for row in self.cells]

    def take(self, index: Sequence[int]) -> "Rows":
        return Rows([self.cells[i] for i in index], self.gold[list(index)])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is not measured yet and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labels", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--data-dir", type=Path, default=Path("data/benchmarks"), metavar="DIR", help="(default %(default)s)"
    )
    parser.add_argument("--output", type=Path, default=Path("runs/labels"), metavar="DIR", help="(default %(default)s)")
    parser.add_argument("--only", choices=[t.name for t in TABLES], action="append", help="this label set alone")
    parser.add_argument("--method", choices=METHODS | STAGES, action="append", help="this method alone")
    parser.add_argument("--few-shot", action="store_true", help="8 to 64 examples per label instead of all rows")
    parser.add_argument("--shots", type=int, nargs="+", default=SHOTS, metavar="N", help="examples per label")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="draws of each size (default 5)")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="of training too (default 2, as init says)")
    parser.add_argument("--show", action="store_true", help="measure nothing, print what is there")
    args = parser.parse_args(argv)
    tables = [t for t in TABLES if not args.only or t.name in args.only]
    store = Store(args.output / "labels.json")
    draws = [(shots, seed) for seed in range(args.seeds) for shots in args.shots] if args.few_shot else [(0, 0)]
    for table in [] if args.show else tables:
        bench = Bench(table, args.data_dir / table.name, args.output, args.threads)
        for shots, seed in draws:
            for method in args.method or (FEW_SHOT if args.few_shot else METHODS):
                store.measure(cell(table.name, shots, seed, method), functools.partial(bench.run, method, shots, seed))
    for line in few_shot_lines(store, tables, args.shots) if args.few_shot else full_lines(store, tables):
        print(line)
    return 0


def cell(table: str, shots: int, seed: int, method: str) -> str:
    """The name of one measurement; 0 shots are all rows.

    >>> cell("bbc_news", 0, 0, "ours"), cell("bbc_news", 8, 2, "ours")
    ('bbc_news/all/ours', 'bbc_news/8 per label, draw 2/ours')
    """
    return f"{table}/{f'{shots} per label, draw {seed}' if shots else 'all'}/{method}"


class Store:
    """Finished cells, in a JSON file that is whole at any moment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cells: dict[str, dict[str, Any]] = {}
        if path.exists():
            self.cells = json.loads(path.read_text(encoding="utf-8"))

    def measure(self, name: str, work: Callable[[], dict[str, Any]]) -> None:
        """Run ``work`` unless the cell is there, and keep what it returns with the minutes it took."""
        if name in self.cells:
            return
        started = time.monotonic()
        found = work()
        self.cells[name] = {**found, "minutes": round((time.monotonic() - started) / 60, 3)}
        print(f"{name}: {json.dumps(self.cells[name])}", file=sys.stderr)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".part")
        temporary.write_text(json.dumps(self.cells, indent=1) + "\n", encoding="utf-8")
        temporary.replace(self.path)


class Bench:
    """One label set, read once; ``run`` measures one method on all rows or on a draw of them."""

    def __init__(self, table: Table, folder: Path, output: Path, threads: int) -> None:
        self.table, self.folder, self.output, self.threads = table, folder, output, threads
        self.test = read_rows(folder / "test.tsv", table)
        held_out = {text_key(text) for text in self.test.texts}
        train = read_rows(folder / "train.tsv", table)
        self.train = train.take([i for i, text in enumerate(train.texts) if text_key(text) not in held_out])
        self._held_out = held_out

    def run(self, method: str, shots: int, seed: int) -> dict[str, Any]:
        chosen = draw(self.train.gold, shots, seed) if shots else []
        if method == "ours" or method in STAGES:
            return self._ours(shots, seed, self.train.take(chosen), method)
        rows = self.train.take(chosen) if shots else self._all_labelled()
        if method == "tfidf":
            found = baselines.tfidf(
                rows.texts, rows.gold, self.test.texts, self.test.gold, multi_label=self.table.multi_label
            )
        else:
            train, test = (self._embedded(texts) for texts in (rows.texts, self.test.texts))
            found = baselines.frozen(train, rows.gold, test, self.test.gold, multi_label=self.table.multi_label)
        return {**dataclasses.asdict(found), "rows": len(rows.cells)}

    def _all_labelled(self) -> Rows:
        path = self.folder / "dev.tsv"
        if not path.exists():
            return self.train
        dev = read_rows(path, self.table)
        dev = dev.take([i for i, text in enumerate(dev.texts) if text_key(text) not in self._held_out])
        return Rows(self.train.cells + dev.cells, np.concatenate([self.train.gold, dev.gold]))

    def _embedded(self, texts: Sequence[str]) -> npt.NDArray[np.floating[Any]]:
        """Embeddings of texts, each made once and kept beside the cells: they are what takes time here."""
        path = self.output / self.table.name / "frozen.npz"
        known: dict[str, Any] = {}
        if path.exists():
            with np.load(path) as kept:
                known = dict(zip(kept["texts"].tolist(), kept["found"], strict=True))
        missing = sorted({text for text in texts if text not in known})
        if missing:
            known |= dict(zip(missing, baselines.embed(missing, self.threads), strict=True))
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(path, texts=np.array(list(known)), found=np.stack(list(known.values())))
        return np.stack([known[text] for text in texts])

    def _ours(self, shots: int, seed: int, sample: Rows, method: str) -> dict[str, Any]:
        """The two commands, as they stand in the README; the method may say which way to train."""
        place = self.output / self.table.name / (f"shots-{shots}-draw-{seed}-{method}" if shots else "all")
        recipe, run = place / "mine" / "recipe.toml", place / "run"
        files = {split: self.folder / f"{split}.tsv" for split in ("train", "dev", "test")}
        if shots:
            place.mkdir(parents=True, exist_ok=True)
            files = {"train": place / "train.tsv", "test": files["test"]}
            write_rows(files["train"], sample)
        if not recipe.exists():
            named = [part for split, path in files.items() if path.exists() for part in (f"--{split}", str(path))]
            stage = ["--stage", method] if method in STAGES else []
            training("init", str(recipe.parent), *named, *self.table.options, *stage)
            text = recipe.read_text(encoding="utf-8")
            recipe.write_text(re.sub(r"(?m)^threads = \d+", f"threads = {self.threads}", text), encoding="utf-8")
        training("all", str(recipe), "--output", str(run), "--replace")
        figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["test"]
        shutil.rmtree(run if shots else run / "checkpoints", ignore_errors=True)  # a gigabyte; a full run's model stays
        n_rows = len(sample.cells) if shots else len(self._all_labelled().cells)
        return {**{key: figures[key] for key in ("macro_f1", "exact_match", "ece")}, "rows": n_rows}


def training(*arguments: str) -> None:
    """Run ``python -m training`` in this checkout."""
    command = [sys.executable, "-m", "training", *arguments]
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")


def read_rows(path: Path, table: Table) -> Rows:
    """The rows of a table without a header line; a single label is a number from 0."""
    if not path.is_file():
        raise SystemExit(f"there is no {path}; --data-dir names the folder with {', '.join(t.name for t in TABLES)}")
    with path.open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file, delimiter="\t"))
    numbers = np.array([[int(value) for value in row[1:]] for row in cells])
    gold = numbers if table.multi_label else np.eye(numbers.max() + 1, dtype=int)[numbers[:, 0]]
    return Rows(cells, gold.astype(bool))


def write_rows(path: Path, rows: Rows) -> None:
    """Write rows as they were read."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows.cells)


def draw(gold: Bools, shots: int, seed: int) -> list[int]:
    """Rows at random until every label has ``shots`` of them, the rarest label first; in order.

    A row counts for each of its labels. Of the rows without a label, as many come along as their share of all rows.
    """
    order = np.random.default_rng(seed).permutation(len(gold))
    chosen: set[int] = set()
    counts = np.zeros(gold.shape[1], dtype=int)
    for label in np.argsort(gold.sum(0), kind="stable"):
        for row in order[gold[order, label]]:
            if counts[label] >= shots:
                break
            if int(row) not in chosen:
                chosen.add(int(row))
                counts += gold[row]
    none = order[~gold[order].any(1)]
    share = len(none) / len(gold)
    chosen.update(none[: round(len(chosen) * share / (1 - share))].tolist())
    return sorted(chosen)


def full_lines(store: Store, tables: Sequence[Table]) -> Iterator[str]:
    """The table of all rows, in Markdown."""
    yield "| label set | method | macro-F1 | exact match | ECE | minutes |\n|---|---|---|---|---|---|"
    for table in tables:
        for method, title in METHODS.items():
            found = store.cells.get(cell(table.name, 0, 0, method))
            if found:
                yield (
                    f"| {table.name} | {title} | {found['macro_f1']:.3f} | {found['exact_match']:.3f} "
                    f"| {found['ece']:.3f} | {found['minutes']:.1f} |"
                )


def few_shot_lines(store: Store, tables: Sequence[Table], sizes: Sequence[int]) -> Iterator[str]:
    """The few-shot table: mean macro-F1, its standard deviation over draws, and how many draws there are."""
    yield f"| label set | method | {' | '.join(f'{n} per label' for n in sizes)} |\n|---|---|{'---|' * len(sizes)}"
    for table in tables:
        for method, title in FEW_SHOT.items():
            found = " | ".join(_spread(store, table, n, method) for n in sizes)
            yield f"| {table.name} | {title} | {found} |"
        taken = ["contrast" if are_few(n, 1) else "fit" for n in sizes]
        found = " | ".join(_spread(store, table, n, method) for n, method in zip(sizes, taken, strict=True))
        yield f"| {table.name} | ours: as `init` chooses | {found} |"


def _spread(store: Store, table: Table, shots: int, method: str) -> str:
    prefix, suffix = f"{table.name}/{shots} per label, ", f"/{method}"
    found = [c["macro_f1"] for key, c in store.cells.items() if key.startswith(prefix) and key.endswith(suffix)]
    if not found:
        return ""
    spread = f" ± {np.std(found, ddof=1):.3f}" if len(found) > 1 else ""
    return f"{np.mean(found):.3f}{spread} ({len(found)})"


if __name__ == "__main__":
    sys.exit(main())
