"""What all tests share: a tiny random encoder, and model folders exported from it. No network, no download."""

import gc
import os
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

ROOT = Path(__file__).resolve().parents[1]
WORDS = (
    "the a of in to and by was were said is on for at from with not no minister army drone missile strike talks aid "
    "convoy port city leader resigned envoy sanctions pledged sent hit shot down power flour tents council vote "
    "storm ferry market rain two three forty monday night “ ” ' \" . , : ? - ##s ##ed ##ing"
).split()


def shared_folder() -> Path | None:
    """The folder with third-party data that some checks read, or ``None``: they skip and say so."""
    named = os.environ.get("STANDFIRST_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = shared_folder()
    if folder is None:
        pytest.skip("no shared data beside the checkout (STANDFIRST_SHARED)")
    return folder


@pytest.fixture(scope="session")
def cpu_seconds() -> Callable[[Callable[[], object]], float]:
    """The CPU time of some work, without the collector walking over what other tests left in memory."""

    def measured(work: Callable[[], object]) -> float:
        gc.freeze()
        try:
            start = process_time()
            work()
            return process_time() - start
        finally:
            gc.unfreeze()

    return measured


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random BERT of two layers, width 32, and a word-piece tokenizer of sixty words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny-encoder")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *dict.fromkeys(WORDS)]
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=512,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_models(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Exported folders of untrained models: ``topics`` with four labels, and ``summary``."""
    import numpy as np
    import onnx
    import torch

    from standfirst.labels import load_labels
    from training.calibrate import Calibration
    from training.export import export, export_encoder, int8_graph
    from training.model import EmbeddingModel, ExportModel, build_model
    from training.recipe import DataRecipe, FitRecipe, Recipe

    folder = tmp_path_factory.mktemp("tiny-models")
    labels = load_labels(ROOT / "training" / "labels" / "topics.toml")
    recipe = Recipe(
        name="tiny",
        labels="topics.toml",
        data=DataRecipe(train=("none",)),
        encoder=str(tiny_encoder),
        fit=FitRecipe(max_tokens=64),
    )
    torch.manual_seed(2)
    model = build_model(recipe, len(labels)).eval()
    onnx.save(int8_graph(ExportModel(model)), str(folder / "topics.onnx"))
    tokenizer = tiny_encoder / "tokenizer.json"
    calibration = Calibration(np.full(4, 8.0), np.zeros(4), np.full(4, 0.5))
    facts = {"n_train": 0, "n_dev": 0, "data": {}, "notes": [], "metrics": {}, "commit": "none"}
    export(folder / "topics.onnx", recipe, labels, calibration, tokenizer, facts, folder / "topics")
    export_encoder(EmbeddingModel(model.encoder), tokenizer, "# tiny\n", {}, folder / "summary")
    return {"topics": folder / "topics", "summary": folder / "summary"}


@pytest.fixture(scope="session")
def tiny_student(tiny_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random student of the tiny topic model; it is not sure of about half of what it reads."""
    folder = tmp_path_factory.mktemp("tiny-student") / "fast"
    write_student(folder, tiny_models["topics"])
    return folder


def write_student(folder: Path, teacher: Path, *, band: tuple[float, ...] = (0.45, 0.55), seed: int = 3) -> None:
    """Write a random student with these bands."""
    import json

    import numpy as np
    from safetensors.numpy import save
    from tokenizers import Tokenizer

    from standfirst.labels import load_labels
    from standfirst.manifest import read_manifest, write_manifest
    from standfirst.student import KIND, Weights

    names = load_labels(teacher / "labels.toml").names
    version = read_manifest(teacher, kind="topics").version
    rng = np.random.default_rng(seed)
    n_pieces = Tokenizer.from_file(str(teacher / "tokenizer.json")).get_vocab_size()

    def layer(n_out: int, n_in: int) -> tuple[np.ndarray, np.ndarray]:
        weight = rng.integers(-2000, 2000, (n_out, n_in), dtype=np.int16)
        return weight, np.zeros(n_out, dtype=np.float32)

    weights = Weights(
        embeddings=rng.integers(-127, 128, (n_pieces, 8), dtype=np.int8),
        filters=rng.integers(-127, 128, (12, 3, 8), dtype=np.int8),
        filter_scale=np.full(12, 1e-4, dtype=np.float32),
        filter_shift=rng.normal(size=12).astype(np.float32) / 10,
        mean_scale=0.01,
        dense=(layer(10, 12 + 16), layer(len(names), 10)),
    )
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(save(weights.tables()))
    labels = {name: {"scale": 1.0, "shift": 0.0, "not_sure": list(band)} for name in names}
    (folder / "config.json").write_text(json.dumps({"format": 1, "teacher": version, "labels": labels}))
    write_manifest(folder, kind=KIND, facts={"teacher": version})


@pytest.fixture(scope="session")
def tiny_reader(tiny_models: dict[str, Path]):
    """A reader on the tiny models: its answers are noise, its plumbing is real."""
    import standfirst

    return standfirst.load(tiny_models["topics"], tiny_models["summary"])


def _save_tokenizer(folder: Path) -> int:
    """Save a word-level tokenizer that ends every text with </s>; return the size of its vocabulary."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = list(dict.fromkeys(["<pad>", "</s>", "<unk>", *WORDS]))
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(vocabulary)}, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    return len(vocabulary)


@pytest.fixture(scope="session")
def tiny_t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random T5 of one layer on either side, width 32, with a tokenizer of sixty words."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    folder = tmp_path_factory.mktemp("tiny-t5")
    size = _save_tokenizer(folder)
    torch.manual_seed(3)
    config = T5Config(vocab_size=size, d_model=32, d_kv=8, d_ff=64, num_layers=1, num_heads=4, decoder_start_token_id=0)
    T5ForConditionalGeneration(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_bart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BART of the same size, for at most 64 tokens."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    folder = tmp_path_factory.mktemp("tiny-bart")
    size = _save_tokenizer(folder)
    torch.manual_seed(3)
    sizes = {f"{side}_{name}": n for side in ("encoder", "decoder") for name, n in _BART_SIZES.items()}
    tokens = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1, "decoder_start_token_id": 1}
    config = BartConfig(vocab_size=size, d_model=32, max_position_embeddings=64, **sizes, **tokens)
    BartForConditionalGeneration(config).save_pretrained(folder)
    return folder


_BART_SIZES = {"layers": 1, "attention_heads": 4, "ffn_dim": 64}
