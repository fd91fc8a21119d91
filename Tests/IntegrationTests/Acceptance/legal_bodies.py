"""Infer bodies that only look wrong: each is a legal request, answered with 200."""

import json

from acceptance import binary_input, json_input


def legal_json(tensor, output, array):
    """(name, rows of the answer, request) for each."""
    rows, entry = len(array), json_input(tensor, array)
    good = {"inputs": [entry]}
    # KServe's clients send null for what was not set.
    for key in ("id", "parameters", "outputs"):
        yield f"{key} null", rows, {**good, key: None}
    yield "an input's parameters null", rows, {"inputs": [{**entry, "parameters": None}]}
    yield "an output's parameters null", rows, {**good, "outputs": [{"name": output["name"], "parameters": None}]}
    yield "an empty id", rows, {**good, "id": ""}
    yield "no outputs named", rows, {**good, "outputs": []}
    yield "an unknown member", rows, {**good, "extra": {"deep": [1, None]}}
    yield "a parameter of our own", rows, {**good, "parameters": {"device": "d7", "level": 1.5, "test": True}}
    yield "nested data", rows, {"inputs": [{**entry, "data": array.tolist()}]}
    yield "integers for floats", rows, {"inputs": [{**entry, "data": [int(value) for value in entry["data"]]}]}
    yield "spaces around", rows, b" \r\n\t" + json.dumps(good).encode() + b" \n"
    yield "zero rows", 0, {"inputs": [json_input(tensor, array[:0])]}


def legal_binary(tensor, array):
    """(name, rows of the answer, JSON text, raw tensors, headers) for each."""
    name = "Inference-Header-Content-Length"
    text = json.dumps({"inputs": [{**binary_input(tensor, array), "data": None}]}).encode()
    yield "data null beside raw tensors", len(array), text, array.tobytes(), {}
    empty = json.dumps({"inputs": [binary_input(tensor, array[:0])]}).encode()
    yield "zero rows, binary", 0, empty, b"", {name: str(len(empty))}
    yield "a raw body", 1, array[:1].tobytes(), b"", {name: "0"}
    yield "a raw body of zero rows", 0, b"", b"", {name: "0"}
    plain = json.dumps({"inputs": [json_input(tensor, array)]}).encode()
    yield "a header length that is the whole body", len(array), plain, b"", {name: str(len(plain))}
