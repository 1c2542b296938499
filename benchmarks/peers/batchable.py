"""The classifier as a plain transformers pipeline behind BentoML's own adaptive batching.

``MODEL=FOLDER bentoml serve benchmarks.peers.batchable:Batchable``; the body is ``{"texts": [...]}``.
"""

import os

import bentoml


@bentoml.service(name="batchable", traffic={"timeout": 120})
class Batchable:
    def __init__(self) -> None:
        import transformers

        self.classify = transformers.pipeline("text-classification", model=os.environ["MODEL"], top_k=None)

    @bentoml.api(batchable=True, max_batch_size=128, max_latency_ms=60_000)
    def label(self, texts: list[str]) -> list[list[dict[str, str | float]]]:
        return self.classify(texts, batch_size=32, truncation=True)
