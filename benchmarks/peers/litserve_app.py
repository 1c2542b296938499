"""The classifier behind LitServe, as its documentation does it: ``python litserve_app.py MODEL PORT``.

It batches up to 32 requests that come within 5 ms; a request may hold a list of texts.
"""

import sys

import litserve
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer


class Classifier(litserve.LitAPI):
    def setup(self, device):  # noqa: ARG002 - its name is theirs
        self.tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
        self.model = AutoModelForSequenceClassification.from_pretrained(sys.argv[1]).eval()

    def decode_request(self, request):
        return request["texts"]

    def batch(self, inputs):
        self.sizes = [len(texts) for texts in inputs]
        return [text for texts in inputs for text in texts]

    @torch.inference_mode()
    def predict(self, texts):
        found = []
        for start in range(0, len(texts), 32):
            pieces = self.tokenizer(
                texts[start : start + 32], padding=True, truncation=True, max_length=256, return_tensors="pt"
            )
            found += torch.sigmoid(self.model(**pieces).logits).tolist()
        return found

    def unbatch(self, output):
        rows = iter(output)
        return [[next(rows) for _ in range(size)] for size in self.sizes]

    def encode_response(self, output):
        return {"scores": output}


if __name__ == "__main__":
    api = Classifier(max_batch_size=32, batch_timeout=0.005)
    litserve.LitServer(api, accelerator="cpu").run(port=int(sys.argv[2]), host="127.0.0.1", generate_client_file=False)
