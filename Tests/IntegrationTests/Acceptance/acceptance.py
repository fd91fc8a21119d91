"""What the acceptance scripts share: checks that print one line each, and plain HTTP without hidden behaviour."""

import argparse
import http.client
import json
import math
import sys
from dataclasses import dataclass

import numpy

NUMPY_TYPES = {
    "BOOL": numpy.bool_, "UINT8": numpy.uint8, "UINT16": numpy.uint16, "UINT32": numpy.uint32, "UINT64": numpy.uint64,
    "INT8": numpy.int8, "INT16": numpy.int16, "INT32": numpy.int32, "INT64": numpy.int64,
    "FP16": numpy.float16, "FP32": numpy.float32, "FP64": numpy.float64,
}


class Checks:
    """Prints one line for each check; ``finish`` ends the script with 1 if any failed."""

    def __init__(self):
        self.passed = 0
        self.failures = []

    def check(self, name, holds, detail=""):
        if holds:
            self.passed += 1
            print(f"ok    {name}", flush=True)
        else:
            self.failures.append(name)
            print(f"FAIL  {name}: {str(detail)[:600]}", flush=True)
        return bool(holds)

    def finish(self):
        print(f"{self.passed} checks held, {len(self.failures)} failed")
        for name in self.failures[:20]:
            print(f"  failed: {name}")
        sys.exit(1 if self.failures or self.passed == 0 else 0)


@dataclass
class Answer:
    """An HTTP answer, whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        """The body as JSON; of a binary answer, its JSON part. None where it is not JSON."""
        length = self.headers.get("Inference-Header-Content-Length")
        try:
            return json.loads(self.body[: int(length)] if length else self.body)
        except ValueError:
            return None


class Server:
    """The gateway under test."""

    def __init__(self, url):
        self.authority = url.removeprefix("http://").rstrip("/")

    def connect(self, timeout=60):
        return http.client.HTTPConnection(self.authority, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, connection=None, timeout=60):
        """One request on a connection of its own, or on the one given."""
        used = connection or self.connect(timeout)
        try:
            used.request(method, path, body=body, headers=headers or {})
            response = used.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            if connection is None:
                used.close()

    def infer(self, model, request, binary=b"", headers=None, connection=None, timeout=60):
        """Posts a request given as a dictionary (or as text); with raw tensors after it where ``binary`` is given."""
        text = request if isinstance(request, bytes) else json.dumps(request).encode()
        sent = dict(headers or {})
        if binary:
            sent.setdefault("Inference-Header-Content-Length", str(len(text)))
        return self.ask("POST", f"/v2/models/{model}/infer", text + binary, sent, connection, timeout)

    def is_alive(self):
        return self.ask("GET", "/v2/health/live").status == 200

    def index(self):
        """Names of the models in the store."""
        return sorted({entry["name"] for entry in self.ask("POST", "/v2/repository/index", b"").json})

    def metadata(self, model):
        return self.ask("GET", f"/v2/models/{model}").json


def concrete(shape, rows):
    """A shape with every variable dimension made concrete: the first ``rows``, others 1."""
    return [(rows if axis == 0 else 1) if size == -1 else size for axis, size in enumerate(shape)]


def sample(specification, rows=1, seed=7):
    """An array that fits a tensor specification."""
    generator = numpy.random.default_rng(seed)
    values = generator.integers(0, 2, size=concrete(specification["shape"], rows))
    return values.astype(NUMPY_TYPES[specification["datatype"]])


def json_input(specification, array):
    return {
        "name": specification["name"], "datatype": specification["datatype"],
        "shape": list(array.shape), "data": array.reshape(-1).tolist(),
    }


def binary_input(specification, array):
    return {
        "name": specification["name"], "datatype": specification["datatype"],
        "shape": list(array.shape), "parameters": {"binary_data_size": array.nbytes},
    }


def outputs(answer):
    """The outputs of an infer answer as arrays by name, JSON and binary ones alike."""
    length = answer.headers.get("Inference-Header-Content-Length")
    offset = int(length) if length else len(answer.body)
    arrays = {}
    for output in answer.json["outputs"]:
        kind = NUMPY_TYPES[output["datatype"]]
        size = output.get("parameters", {}).get("binary_data_size")
        if size is None:
            values = numpy.array(output["data"], dtype=kind)
        else:
            values = numpy.frombuffer(answer.body[offset : offset + size], dtype=kind)
            offset += size
        if values.size != math.prod(output["shape"]):
            raise ValueError(f"output {output['name']} has {values.size} elements, its shape says {output['shape']}")
        arrays[output["name"]] = values.reshape(output["shape"])
    return arrays


def arguments(description, *more):
    """The arguments all scripts take; ``more`` are (name, options) pairs."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--url", required=True, help="http://127.0.0.1:PORT")
    for name, options in more:
        parser.add_argument(name, **options)
    return parser.parse_args()
