"""The demo catalog as the store's scripts use it: images with known answers, and questions about them."""

import json
from pathlib import Path

import numpy

from acceptance import binary_input, outputs


class Demo:
    """Held-out images and what each model has to say of them."""

    def __init__(self, folder, count=8):
        held_out = json.loads((Path(folder) / "heldout.json").read_text())
        self.images = numpy.array(held_out["images"][:count], dtype=numpy.float32).reshape(-1, 1, 8, 8)
        self.labels = {model: answer["label"][:count] for model, answer in held_out["answers"].items()}
        self.input = {"name": "image", "datatype": "FP32"}
        self.sound = {}

    def ask(self, server, model, connection=None, timeout_ms=20000):
        request = {"inputs": [binary_input(self.input, self.images)]}
        headers = {"Inference-Timeout-Ms": str(timeout_ms)}
        return server.infer(model, request, self.images.tobytes(), headers, connection)

    def is_right(self, answer, model):
        return answer.status == 200 and outputs(answer)["label"].reshape(-1).tolist() == self.labels[model]

    def remember(self, answer, model):
        """Keeps all outputs of an answer that was right, to compare later ones with."""
        self.sound[model] = outputs(answer)

    def is_wrong(self, answer, model):
        """Whether it is an answer, and not the one that was remembered; an error is none."""
        if answer.status != 200:
            return False
        found = outputs(answer)
        return any(name not in found or not numpy.allclose(found[name], array, rtol=1e-5, atol=1e-6)
                   for name, array in self.sound[model].items())


def control(server, model, verb):
    return server.ask("POST", f"/v2/repository/models/{model}/{verb}", b"{}")
