"""Infer bodies that are wrong, JSON and binary; each with the status and the field its answer must name."""

import copy
import json

BAD = 400
TOO_MUCH = (400, 413)


def path_set(tree, path, value):
    """The tree with one place changed; ``path`` is a sequence of keys and indices."""
    changed = copy.deepcopy(tree)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return changed


def path_removed(tree, path):
    changed = copy.deepcopy(tree)
    node = changed
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return changed


def json_attacks(tensor, good_input, array):
    """(name, expected status, field, body) for each."""
    good = {"inputs": [good_input]}
    yield from not_json(good)
    yield from wrong_structure(good)
    yield from wrong_tensor(good, tensor)
    yield from wrong_shape(good, array)
    yield from wrong_data(good)
    yield from wrong_parameters(good)
    yield from wrong_outputs(good)


def text(tree):
    return json.dumps(tree).encode()


def not_json(good):
    whole = text(good)
    yield "empty body", BAD, None, b""
    yield "spaces only", BAD, None, b"   "
    yield "not JSON", BAD, None, b"inputs=1"
    yield "cut off", BAD, None, whole[:-2]
    yield "trailing text", BAD, None, whole + b" x"
    yield "two documents", BAD, None, whole + whole
    yield "byte order mark", BAD, None, b"\xef\xbb\xbf" + whole
    yield "invalid UTF-8", BAD, None, whole.replace(b'"inputs"', b'"inp\xff\xfets"')
    yield "lone surrogate", BAD, None, b'{"id":"\\ud800",' + whole[1:]
    yield "escaped NUL", BAD, None, b'{"id":"a\\u0000b",' + whole[1:]
    yield "raw control", BAD, None, b'{"id":"a\x01b",' + whole[1:]
    yield "duplicate key", BAD, None, b'{"id":"a","id":"b",' + whole[1:]
    yield "duplicate key by escape", BAD, None, b'{"id":"a","i\\u0064":"b",' + whole[1:]
    yield "NaN", BAD, None, b'{"parameters":{"a":NaN},' + whole[1:]
    yield "1e400", BAD, None, b'{"parameters":{"a":1e400},' + whole[1:]
    yield "2^63", BAD, None, b'{"parameters":{"a":9223372036854775808},' + whole[1:]
    yield "a number of 100,000 digits", TOO_MUCH, None, b'{"parameters":{"a":' + b"9" * 100_000 + b"}," + whole[1:]
    yield "depth 100,000", TOO_MUCH, None, b"[" * 100_000
    yield "depth 1,000 inside", TOO_MUCH, None, b'{"a":' * 1_000 + b"1" + b"}" * 1_000
    yield "300,000 empty objects", TOO_MUCH, None, b'{"a":[' + b"{}," * 300_000 + b"{}]," + whole[1:]
    many_keys = b",".join(b'"k%d":1' % key for key in range(300_001))
    yield "300,001 keys", TOO_MUCH, None, b"{" + many_keys + b"," + whole[1:]


def wrong_structure(good):
    for name, tree in [("array", []), ("string", "x"), ("number", 1), ("null", None), ("true", True)]:
        yield f"{name} at the top", BAD, None, text(tree)
    yield "no inputs", BAD, "inputs", text({})
    for name, value in [("null", None), ("object", {}), ("string", "x"), ("empty", [])]:
        yield f"inputs {name}", BAD, "inputs", text({"inputs": value})
    for name, value in [("null", None), ("string", "x"), ("array", [])]:
        yield f"input {name}", BAD, "inputs[0]", text({"inputs": [value]})
    for key in ("name", "shape", "datatype", "data"):
        yield f"input without {key}", BAD, "inputs[0]", text(path_removed(good, ["inputs", 0, key]))
    for key, value in [("name", 7), ("name", None), ("shape", "1"), ("shape", None), ("datatype", 32), ("data", "abc")]:
        changed = path_set(good, ["inputs", 0, key], value)
        yield f"{key} {json.dumps(value)}", BAD, f"inputs[0].{key}", text(changed)
    yield "id a number", BAD, "id", text({**good, "id": 7})
    yield "id an object", BAD, "id", text({**good, "id": {}})
    yield "the same input twice", BAD, "inputs", text({"inputs": good["inputs"] * 2})
    yield "10,000 inputs", BAD, "inputs", text({"inputs": [{"name": f"i{number}"} for number in range(10_000)]})


def wrong_tensor(good, tensor):
    yield "unknown input", BAD, "inputs[0].name", text(path_set(good, ["inputs", 0, "name"], "no-such-input"))
    other = "INT64" if tensor["datatype"] != "INT64" else "FP64"
    for value in ("FP31", "fp32", "", "TYPE_FP32", other):
        changed = path_set(good, ["inputs", 0, "datatype"], value)
        yield f"datatype {value!r}", BAD, "inputs[0].datatype", text(changed)


def wrong_shape(good, array):
    shapes = {
        "negative": [-1, *array.shape[1:]], "all negative": [-size for size in array.shape], "2^31 + 1": [2**31 + 1, 1],
        "2^63 - 1": [2**63 - 1, 1], "product over 2^64": [2**31] * 3, "product wraps to 0": [2**32, 2**32],
        "product wraps to right": [2**62, 4, *array.shape], "0 times too much": [0, 2**62, 2**62], "rank 0": [],
        "rank 9": [1] * 9, "rank 1,000": [1] * 1_000, "a rank less": list(array.shape[1:]), "float": [2.0, *array.shape[1:]],
        "string": ["2", *array.shape[1:]], "null": [None, *array.shape[1:]], "true": [True, *array.shape[1:]],
        "nested": [list(array.shape)], "fixed size off by one": [*array.shape[:-1], array.shape[-1] + 1],
        "a row more than the data": [array.shape[0] + 1, *array.shape[1:]],
        "a row less than the data": [array.shape[0] - 1, *array.shape[1:]],
    }
    for name, shape in shapes.items():
        yield f"shape {name}", BAD, "inputs[0]", text(path_set(good, ["inputs", 0, "shape"], shape))
    literal = text(good).replace(json.dumps(list(array.shape)).encode(), b"[1e3, 64]", 1)
    yield "shape 1e3", BAD, "inputs[0].shape", literal


def wrong_data(good):
    data = good["inputs"][0]["data"]
    for name, value in [
        ("too short", data[:-1]), ("too long", [*data, 0.0]), ("empty", []), ("null", None), ("object", {"0": 1}),
        ("number", 1.5), ("a string inside", [*data[:-1], "0"]), ("null inside", [*data[:-1], None]),
        ("object inside", [*data[:-1], {}]), ("true inside", [*data[:-1], True]),
    ]:
        yield f"data {name}", BAD, "inputs[0].data", text(path_set(good, ["inputs", 0, "data"], value))
    both = path_set(good, ["inputs", 0, "parameters"], {"binary_data_size": 4})
    yield "data and binary_data_size", BAD, "inputs[0]", text(both)
    raw = path_removed(both, ["inputs", 0, "data"])
    yield "binary_data_size without a header length", BAD, None, text(raw)


def wrong_parameters(good):
    for key, value in [
        ("timeout", 0), ("timeout", -1), ("timeout", "1"), ("timeout", 1.5), ("timeout", True), ("priority", -1),
        ("priority", "high"), ("binary_data_output", "yes"), ("binary_data_output", 1),
    ]:
        changed = {**good, "parameters": {key: value}}
        yield f"{key} {json.dumps(value)}", BAD, f"parameters.{key}", text(changed)
    for name, value in [("array", []), ("string", "x"), ("number", 1)]:
        yield f"parameters {name}", BAD, "parameters", text({**good, "parameters": value})
    yield "a parameter of objects", BAD, "parameters.a", text({**good, "parameters": {"a": {"b": 1}}})
    yield "a reserved parameter", BAD, "parameters.triton_x", text({**good, "parameters": {"triton_x": 1}})


def wrong_outputs(good):
    for name, value in [("number", 1), ("object", {}), ("string", "x")]:
        yield f"outputs {name}", BAD, "outputs", text({**good, "outputs": value})
    for name, value in [("null", None), ("string", "x"), ("no name", {}), ("name a number", {"name": 1})]:
        yield f"output {name}", BAD, "outputs[0]", text({**good, "outputs": [value]})
    yield "unknown output", BAD, "outputs[0].name", text({**good, "outputs": [{"name": "no-such-output"}]})
    many = [{"name": "no-such-output"}] * 30_000
    yield "30,000 outputs", TOO_MUCH, None, text({**good, "outputs": many})


def binary_attacks(good_input, array):
    """(name, expected status, field, JSON text, raw tensors, headers) for each."""
    good, raw = {"inputs": [good_input]}, array.tobytes()
    size = ["inputs", 0, "parameters", "binary_data_size"]
    yield from wrong_lengths(text(good), raw)
    for name, value in [
        ("negative", -1), ("float", len(raw) + 0.5), ("string", str(len(raw))), ("null", None), ("one less", len(raw) - 1),
        ("one more", len(raw) + 1), ("0", 0), ("2^62", 2**62), ("2^63 - 1", 2**63 - 1),
    ]:
        yield f"size {name}", BAD, "inputs[0]", text(path_set(good, size, value)), raw, {}
    yield "size 2^63", BAD, None, text(path_set(good, size, 2**63)), raw, {}
    yield "no size and no data", BAD, "inputs[0]", text(path_removed(good, ["inputs", 0, "parameters"])), raw, {}
    yield "bytes missing", BAD, "inputs[0]", text(good), raw[:-1], {}
    yield "bytes left over", BAD, None, text(good), raw + b"\0", {}
    yield "sizes whose sum wraps", BAD, "inputs", text(
        {"inputs": [path_set(good, size, 2**63 - 1)["inputs"][0]] * 3}
    ), raw, {}
    for name, shape in [("negative", [-1, -1]), ("wraps", [2**62, 2**62]), ("of another product", [array.shape[0] + 1, *array.shape[1:]])]:
        yield f"shape {name}", BAD, "inputs[0]", text(path_set(good, ["inputs", 0, "shape"], shape)), raw, {}
    strings = path_set(good, ["inputs", 0, "datatype"], "BYTES")
    yield "BYTES for numbers", BAD, "inputs[0].datatype", text(strings), raw, {}


def wrong_lengths(header, raw):
    name = "Inference-Header-Content-Length"
    for value in ["-1", "abc", "1.5", "+5", "0x10", "", str(len(header) + len(raw) + 1), "9" * 30, str(2**63)]:
        yield f"header length {value[:24]!r}", BAD, name, header, raw, {name: value}
    yield "header length one short", BAD, None, header, raw, {name: str(len(header) - 1)}
    yield "header length one over", BAD, None, header, raw, {name: str(len(header) + 1)}
    yield "raw body of a wrong length", BAD, None, raw[:-1], b"", {name: "0"}
