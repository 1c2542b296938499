"""What all tests share: a tiny random encoder, and model folders exported from it. No network, no download."""

import os
from pathlib import Path

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
def tiny_reader(tiny_models: dict[str, Path]):
    """A reader on the tiny models: its answers are noise, its plumbing is real."""
    import standfirst

    return standfirst.load(tiny_models["topics"], tiny_models["summary"])
