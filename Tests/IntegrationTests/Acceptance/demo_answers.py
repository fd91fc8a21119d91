"""Held-out images to every demo model, JSON and binary, alone and in batches, over concurrent connections."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy

from acceptance import Checks, Server, arguments, binary_input, json_input, outputs

CONNECTIONS = 12
TOLERANCE = 2e-3


class Poster:
    """Posts images to one model and gives back labels and the probability of each."""

    def __init__(self, server, model, connection):
        self.server, self.model, self.connection = server, model, connection
        self.input = server.metadata(model)["inputs"][0]

    def post(self, images, form):
        array = images.reshape(len(images), 1, 8, 8).astype(numpy.float32)
        if form == "JSON":
            request, binary = {"inputs": [json_input(self.input, array)]}, b""
        else:
            request, binary = {"inputs": [binary_input(self.input, array)], "parameters": {"binary_data_output": True}}, array.tobytes()
        answer = self.server.infer(self.model, request, binary, connection=self.connection)
        if answer.status != 200:
            raise ValueError(f"{self.model}: status {answer.status}: {answer.body[:300]}")
        arrays = outputs(answer)
        return arrays["label"].reshape(-1), arrays["probabilities"].max(axis=1)


def post_all(server, model, images, form, rows):
    """All images in requests of ``rows``, over one connection kept open; one answer for each image."""
    connection = server.connect()
    try:
        poster = Poster(server, model, connection)
        parts = [poster.post(images[start : start + rows], form) for start in range(0, len(images), rows)]
    finally:
        connection.close()
    return [numpy.concatenate(column) for column in zip(*parts)]


def main():
    given = arguments(__doc__, ("--demo", {"required": True}))
    checks, server = Checks(), Server(given.url)
    held_out = json.loads((Path(given.demo) / "heldout.json").read_text())
    images, answers = numpy.array(held_out["images"]), held_out["answers"]
    checks.check("at least six models", len(server.index()) >= 6, server.index())
    checks.check("every model has answers", set(answers) == set(server.index()), server.index())
    jobs = [(model, form, rows) for model in answers for form in ("JSON", "binary") for rows in (1, 7, len(images))]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        posted = [(job, pool.submit(post_all, server, job[0], images, job[1], job[2])) for job in jobs]
    for (model, form, rows), future in posted:
        name = f"{model} {form}, batches of {rows}"
        if error := future.exception():
            checks.check(name, False, error)
            continue
        label, probability = future.result()
        wrong = numpy.flatnonzero(label != numpy.array(answers[model]["label"]))
        checks.check(f"{name}: labels", len(wrong) == 0, f"images {wrong}")
        worst = float(numpy.abs(probability - numpy.array(answers[model]["probability"])).max())
        checks.check(f"{name}: probabilities", worst <= TOLERANCE, f"off by {worst}")
        if model == "digits":
            accuracy = float((label == numpy.array(held_out["digits"])).mean())
            checks.check(f"{name}: accuracy {accuracy:.3f} is at least 0.96", accuracy >= 0.96)
    checks.finish()


if __name__ == "__main__":
    main()
