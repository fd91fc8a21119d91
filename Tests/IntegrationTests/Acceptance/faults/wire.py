"""What is read and written in JSON and binary, and what is said where it cannot be."""

import gzip
import json

import numpy
from onnx import TensorProto

from faults.models import identity, logarithm, model, node


def ask(gateway, model, datatype, data, shape=None, more=None, headers=None):
    """An inference in JSON whose data are written as they stand."""
    shape = shape or [1, 4]
    text = '{"inputs":[{"name":"x","shape":%s,"datatype":"%s","data":%s}]%s}' % (
        json.dumps(shape), datatype, data, "".join(f',"{key}":{json.dumps(value)}' for key, value in (more or {}).items()))
    return gateway.post(f"/v2/models/{model}/infer", text.encode(), headers)


def case_large_integers_are_read_as_they_are_written(lab):
    """UINT64 up to 2^64 - 1 and floats written as long integers are read back exactly."""
    models = {"u64": identity(TensorProto.UINT64), "f64": identity(TensorProto.DOUBLE), "f32": identity(TensorProto.FLOAT)}
    with lab.gateway(models=models) as gateway:
        largest = [2**63, 2**64 - 1, 2**63 - 1, 0]
        for data in (json.dumps(largest), json.dumps([largest])):
            answer = ask(gateway, "u64", "UINT64", data)
            assert answer.status == 200 and answer.json()["outputs"][0]["data"] == largest, answer
        again = ask(gateway, "u64", "UINT64", json.dumps(answer.json()["outputs"][0]["data"]))
        assert again.json()["outputs"] == answer.json()["outputs"], again
        long = "1" + "0" * 20
        for model, datatype in [("f64", "FP64"), ("f32", "FP32")]:
            answer = ask(gateway, model, datatype, f"[{long},-{long},{2**64},1.5]")
            assert answer.status == 200, answer
            assert numpy.allclose(answer.outputs()["y"], [[1e20, -1e20, 2.0**64, 1.5]]), answer
        for bad in (str(2**64), "-1", "1.0", "1e3"):
            answer = ask(gateway, "u64", "UINT64", f"[0,{bad},0,0]")
            assert answer.status == 400 and answer.json()["field"] == "inputs[0].data[1]", answer


def case_a_picture_in_json_is_taken(lab):
    """224 x 224 x 3 numbers in JSON are taken, flat and nested, within bounded memory."""
    shape = [1, 3, 224, 224]
    with lab.gateway(models={"picture": identity(TensorProto.FLOAT, ("batch", 3, 224, 224)),
                             "last": identity(TensorProto.FLOAT, ("batch", 224, 224, 3))}) as gateway:
        array = numpy.random.default_rng(1).random(shape)
        wanted = {"outputs": [{"name": "y", "parameters": {"binary_data": True}}]}
        before = gateway.rss()
        for model, form, dims in [("picture", array.reshape(-1), shape), ("last", array.transpose(0, 2, 3, 1), [1, 224, 224, 3])]:
            answer = ask(gateway, model, "FP32", json.dumps(form.tolist()), dims, wanted)
            assert answer.status == 200, (model, answer)
            assert numpy.allclose(answer.outputs()["y"].reshape(-1), form.reshape(-1)), model
        assert gateway.rss() - before < 150 << 20, (before, gateway.rss())


def case_json_takes_no_more_memory_than_is_set_aside(lab):
    """Texts that grow most when read are refused, or read within the memory of bodies."""
    with lab.gateway() as gateway:
        before = gateway.rss()
        empty = b'{"a":[' + b"{}," * 1_500_000 + b"{}]}"
        ones = b'{"inputs":[' + b"1," * 2_000_000 + b"1]}"
        deep = b'{"a":[' + b'{"a":1},' * 400_000 + b"{}]}"
        for body in (empty, ones, deep):
            answer = gateway.post("/v2/models/digits/infer", body)
            assert answer.status in (400, 413), answer
        assert gateway.rss() - before < 200 << 20, (before, gateway.rss())
    with lab.gateway(config={"requests": {"max_body_memory_bytes": 3 << 20}}) as gateway:
        answer = gateway.post("/v2/models/digits/infer", b'{"inputs":[' + b"1," * 500_000 + b"1]}")
        assert answer.status == 503 and answer.json()["code"] == "queue_full", answer
        small = {"inputs": [{"name": "image", "shape": [1, 1, 8, 8], "datatype": "FP32", "data": [0] * 64}]}
        assert gateway.post("/v2/models/digits/infer", small).status == 200


def case_what_json_cannot_carry_names_the_way_out(lab):
    """NaN, FP16 and bytes that are no text are a 400 that names the output and says: ask for binary; with binary they come."""
    models = {"log": logarithm(), "half": identity(TensorProto.FLOAT16), "bytes": identity(TensorProto.STRING)}
    with lab.gateway(models=models) as gateway:
        answer = ask(gateway, "log", "FP32", "[1,0,-1,2]")
        told = answer.json()
        assert answer.status == 400 and told["field"] == "outputs" and "binary_data" in told["error"], answer
        assert '"y"' in told["error"] and "element 1" in told["error"], answer
        answer = ask(gateway, "log", "FP32", "[1,0,-1,2]", more={"parameters": {"binary_data_output": True}})
        assert answer.status == 200 and numpy.isinf(answer.outputs()["y"][0][1]), answer
        assert ask(gateway, "half", "FP16", "[1,2,3,4]").json()["field"] == "inputs[0].data"
        half = numpy.array([[1, 2, 3, numpy.nan]], numpy.float16)
        assert gateway.infer("half", {"x": half}).outputs()["y"].tobytes() == half.tobytes()
        raw = numpy.array([[b"\xff\xfe", b"", b"a", "\u00e9".encode()]], dtype=object)
        assert gateway.infer("bytes", {"x": raw}).outputs()["y"].tolist() == raw.tolist()
        text = ask(gateway, "bytes", "BYTES", '["\u00e9","","a\\u0000b","\\ud83d\\ude00"]')
        assert text.status == 400 and "U+0000" in text.json()["error"], text
        text = ask(gateway, "bytes", "BYTES", '["\u00e9","","a","\\ud83d\\ude00"]')
        assert text.json()["outputs"][0]["data"] == ["\u00e9", "", "a", "\U0001f600"], text


def case_a_body_that_is_no_json_is_told_what_may_be_missing(lab):
    """Binary tensors without their header, compressed bodies and cut texts are told apart, in words of our own."""
    with lab.gateway() as gateway:
        array = numpy.full((1, 1, 8, 8), 0.5, numpy.float32)
        head = json.dumps({"inputs": [{"name": "image", "shape": [1, 1, 8, 8], "datatype": "FP32",
                                       "parameters": {"binary_data_size": array.nbytes}}]}).encode()
        path = "/v2/models/digits/infer"
        for body, part in [
            (head + array.tobytes(), "Inference-Header-Content-Length"), (array.tobytes(), "Inference-Header-Content-Length"),
            (gzip.compress(head), "gzip"), (head[:-1], "ends in the middle"), (head + b"x", "more text"),
        ]:
            answer = gateway.post(path, body)
            assert answer.status == 400 and part in answer.json()["error"], (part, answer)
            for word in ("unable to decode", "near '", "expected near", "json_"):
                assert word not in answer.json()["error"], answer
        length = {"Inference-Header-Content-Length": str(len(head))}
        assert gateway.post(path, head + array.tobytes(), length).status == 200


def case_errors_are_what_clients_of_the_protocol_read(lab):
    """Under /v2 an error is application/json with `error`; problem+json where Accept prefers it, and elsewhere."""
    with lab.gateway() as gateway:
        for path, accept, expected in [
            ("/v2/models/nothing", None, "application/json"), ("/v2/nothing", None, "application/json"),
            ("/v2/models/nothing", "application/problem+json", "application/problem+json"),
            ("/v2/models/nothing", "application/json", "application/json"),
            ("/v1/nothing", None, "application/problem+json"), ("/nothing", "application/json", "application/problem+json"),
        ]:
            answer = gateway.get(path, {"Accept": accept} if accept else {})
            assert answer.headers.get_content_type() == expected, (path, accept, answer.headers.items())
            assert answer.status == 404 and answer.json()["error"] and answer.json()["status"] == 404, answer
        for body, headers in [(b"{", {}), (b"", {"Content-Length": str(1 << 40)}), (b"x", {"Content-Encoding": "gzip"})]:
            answer = gateway.post("/v2/models/digits/infer", body, headers)
            assert answer.headers.get_content_type() == "application/json" and answer.json()["error"], answer


def case_a_deadline_that_has_passed_is_said_so(lab):
    """No deadline is told to be a negative time away."""
    with lab.gateway() as gateway:
        request = {"inputs": [{"name": "image", "shape": [1, 1, 8, 8], "datatype": "FP32", "data": [0] * 64}]}
        for _ in range(20):
            for headers in ({"grpc-timeout": "1n"}, {"grpc-timeout": "1u"}, {"Inference-Timeout-Ms": "1"}):
                answer = gateway.post("/v2/models/digits/infer", request, headers)
                if answer.status != 200:
                    assert answer.status == 504 and " -" not in answer.json()["error"], answer


def case_only_the_plain_form_of_a_number_names_a_version(lab):
    """Versions `01` and `+1` are unknown, as are requests of such numbers."""
    with lab.gateway() as gateway:
        assert gateway.get("/v2/models/digits/versions/1").status == 200
        for version in ("01", "+1", "%2B1", "1.0", "1%20", "%D9%A1"):
            for tail in ("", "/ready", "/config", "/stats"):
                answer = gateway.get(f"/v2/models/digits/versions/{version}{tail}")
                assert answer.status == 404 and answer.json()["field"] == "version", (version, tail, answer)
        assert gateway.get("/v1/plan?limit=%2B1").status == 400


def case_an_output_of_unknown_rank_is_told_so(lab):
    """Metadata give -1 as the shape of an output whose rank nothing tells, and no dimensions for a scalar."""
    unknown = model(
        [node("Reshape", ["x", "s"], ["y"]), node("ReduceSum", ["x"], ["z"], keepdims=0)],
        [("x", TensorProto.FLOAT, (2, 3)), ("s", TensorProto.INT64, ("n",))],
        [("y", TensorProto.FLOAT, None), ("z", TensorProto.FLOAT, None)],
    )
    with lab.gateway(models={"free": unknown}) as gateway:
        told = {one["name"]: one["shape"] for one in gateway.get("/v2/models/free").json()["outputs"]}
        assert told == {"y": [-1], "z": []}, told
        values = {"x": numpy.ones((2, 3), numpy.float32), "s": numpy.array([3, 1, 2], numpy.int64)}
        found = gateway.infer("free", values).outputs()
        assert found["y"].shape == (3, 1, 2) and found["z"].shape == (), found
