"""Runs that ask for too much, do not end, or fail in company: only their own requests notice."""

import signal
import threading
import time

import numpy as np
from onnx import TensorProto, helper, numpy_helper

value = helper.make_tensor_value_info
MEBIBYTE = 1 << 20


def model(nodes, inputs, outputs, weights=None):
    initializers = [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def weight(rows, columns):
    return ((np.arange(rows * columns).reshape(rows, columns) % 9 - 4) / 8).astype(np.float32)


def plus_one():
    return model(
        [helper.make_node("Add", ["x", "one"], ["y"])], [value("x", TensorProto.FLOAT, ["n", 4])],
        [value("y", TensorProto.FLOAT, ["n", 4])], {"one": np.ones(4, np.float32)},
    )


def attention():
    """Holds the square of its input's length between two operators."""
    nodes = [helper.make_node("Gather", ["table", "ids"], ["e"])]
    nodes += [helper.make_node("MatMul", ["e", f"w{name}"], [name]) for name in "qkv"]
    nodes += [
        helper.make_node("Transpose", ["k"], ["kt"], perm=[0, 2, 1]), helper.make_node("MatMul", ["q", "kt"], ["s"]),
        helper.make_node("Softmax", ["s"], ["p"], axis=-1), helper.make_node("MatMul", ["p", "v"], ["y"]),
    ]
    return model(
        nodes, [value("ids", TensorProto.INT64, ["batch", "sequence"])],
        [value("y", TensorProto.FLOAT, ["batch", "sequence", 8])],
        {"table": weight(100, 8), "wq": weight(8, 8), "wk": weight(8, 8), "wv": weight(8, 8)},
    )


def fill():
    """Makes an output as large as its input says."""
    return model(
        [helper.make_node("ConstantOfShape", ["shape"], ["y"])], [value("shape", TensorProto.INT64, [2])],
        [value("y", TensorProto.FLOAT, ["a", "b"])],
    )


def loop():
    """Runs as often as its input says."""
    body = helper.make_graph(
        [helper.make_node("Add", ["v", "one"], ["v2"]), helper.make_node("Identity", ["c"], ["c2"])], "body",
        [value("i", TensorProto.INT64, []), value("c", TensorProto.BOOL, []), value("v", TensorProto.FLOAT, [1])],
        [value("c2", TensorProto.BOOL, []), value("v2", TensorProto.FLOAT, [1])],
        [numpy_helper.from_array(np.float32([1]), "one")],
    )
    return model(
        [helper.make_node("Loop", ["count", "", "x"], ["y"], body=body)],
        [value("count", TensorProto.INT64, []), value("x", TensorProto.FLOAT, [1])], [value("y", TensorProto.FLOAT, [1])],
    )


def lookup():
    return model(
        [helper.make_node("Gather", ["table", "ids"], ["y"])], [value("ids", TensorProto.INT64, ["n"])],
        [value("y", TensorProto.FLOAT, ["n", 8])], {"table": weight(100, 8)},
    )


def recurrent():
    return model(
        [helper.make_node("GRU", ["x", "w", "r"], ["", "y"], hidden_size=3)],
        [value("x", TensorProto.FLOAT, ["steps", "batch", 2])], [value("y", TensorProto.FLOAT, [1, "batch", 3])],
        {"w": weight(9, 2)[None], "r": weight(9, 3)[None]},
    )


def is_served(gateway, deadline_ms=10_000):
    answer = gateway.infer("plus", {"x": np.ones((2, 4), np.float32)}, {"Inference-Timeout-Ms": str(deadline_ms)})
    return answer.status == 200 and (answer.outputs()["y"] == 2).all()


def endless(gateway, milliseconds, found):
    """Asks for a loop of 2^31 - 1 steps; its answer goes to ``found``."""
    inputs = {"count": np.int64(2**31 - 1), "x": np.zeros(1, np.float32)}
    found.append(gateway.infer("loop", inputs, {"Inference-Timeout-Ms": str(milliseconds)}, timeout=60))


def case_memory_of_a_run(lab):
    """A request that needs more memory than a run may take is told so, and all others are served."""
    config = {"engine": {"run_memory_bytes": 256 * MEBIBYTE}}
    with lab.gateway(models={"plus": plus_one(), "attention": attention(), "fill": fill()}, config=config) as gateway:
        assert is_served(gateway)
        before = gateway.rss()
        for name, inputs in [
            ("attention", {"ids": np.full((1, 160_000), 3, np.int64)}),
            ("fill", {"shape": np.int64([1 << 20, 1 << 20])}), ("fill", {"shape": np.int64([10_000, 10_000])}),
        ]:
            for _ in range(3):
                answer = gateway.infer(name, inputs)
                assert answer.status == 422 and answer.json()["code"] == "run_memory_exceeded", answer
                assert f"{256 * MEBIBYTE} bytes (engine.run_memory_bytes)" in answer.json()["detail"], answer
                assert is_served(gateway)
        assert gateway.infer("attention", {"ids": np.full((1, 50), 3, np.int64)}).status == 200
        assert gateway.rss() - before < 512 * MEBIBYTE
        assert gateway.metrics()['gateway_runs_failed_total{reason="memory"}'] == 9
        assert "engine.run_memory_bytes" in gateway.log()


def case_memory_by_default(lab):
    """Without a configured limit a run has one, named at the start, and the machine survives what it is asked for."""
    with lab.gateway(models={"plus": plus_one(), "fill": fill()}) as gateway:
        assert "run_memory_bytes=" in gateway.log(), gateway.log()
        assert gateway.infer("fill", {"shape": np.int64([1 << 20, 1 << 20])}).status == 422
        assert is_served(gateway)


def case_endless_run(lab):
    """A run without end is ended after its deadline; others are answered soon after, and memory stays as it was."""
    with lab.gateway(models={"plus": plus_one(), "loop": loop()}, config={"engine": {"overrun_ms": 500}}) as gateway:
        assert is_served(gateway)
        before, found = gateway.rss(), []
        asking = threading.Thread(target=endless, args=(gateway, 2000, found))
        started = time.monotonic()
        asking.start()
        time.sleep(0.5)
        assert is_served(gateway), "behind an endless run"
        assert time.monotonic() - started < 4
        asking.join()
        assert found[0].status == 504 and found[0].json()["code"] == "deadline_passed", found[0]
        assert "overrun_ms" in found[0].json()["detail"], found[0]
        assert gateway.rss() - before < 100 * MEBIBYTE
        assert gateway.get("/v2/health/ready").status == 200
        assert gateway.metrics()['gateway_runs_failed_total{reason="ended"}'] == 1


def case_endless_run_left(lab):
    """A run whose client has gone is ended long before its deadline."""
    with lab.gateway(models={"plus": plus_one(), "loop": loop()}, config={"engine": {"overrun_ms": 300}}) as gateway:
        assert is_served(gateway)
        try:
            gateway.infer(
                "loop", {"count": np.int64(2**31 - 1), "x": np.zeros(1, np.float32)}, {"Inference-Timeout-Ms": "600000"},
                timeout=0.5,
            )
        except OSError:
            pass
        started = time.monotonic()
        assert is_served(gateway)
        assert time.monotonic() - started < 3


def case_stop_with_endless_run(lab):
    """SIGTERM is obeyed after the grace, whatever runs."""
    config = {"shutdown": {"grace_ms": 1000, "drain_delay_ms": 50}}
    with lab.gateway(models={"plus": plus_one(), "loop": loop()}, config=config) as gateway:
        assert is_served(gateway)
        asking = threading.Thread(target=endless, args=(gateway, 60_000, []))
        asking.start()
        time.sleep(0.5)
        started = time.monotonic()
        gateway.signal(signal.SIGTERM)
        gateway.wait(6)
        assert 1 <= time.monotonic() - started < 5
        asking.join()


def case_one_bad_request_in_a_batch(lab):
    """Of a batch with one index out of range, nine requests are answered and one is told that its input is at fault."""
    config = {"scheduling": {"policy": "lru", "batching_window_ms": 300}}
    with lab.gateway(models={"lookup": lookup()}, config=config) as gateway:
        assert gateway.infer("lookup", {"ids": np.int64([1])}).status == 200
        answers = {}

        def ask(place):
            ids = np.int64([100_000 if place == 4 else place])
            answers[place] = gateway.infer("lookup", {"ids": ids})

        asking = [threading.Thread(target=ask, args=(place,)) for place in range(10)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        assert answers[4].status == 400 and answers[4].json()["code"] == "invalid_field", answers[4]
        for place in set(range(10)) - {4}:
            assert answers[place].status == 200, answers[place]
            assert (answers[place].outputs()["y"] == weight(100, 8)[place]).all()


def case_empty_tensors(lab):
    """A tensor without rows or steps does not reach an operator that would end the process."""
    with lab.gateway(models={"plus": plus_one(), "recurrent": recurrent()}) as gateway:
        good = np.ones((2, 3, 2), np.float32)
        assert gateway.infer("recurrent", {"x": good}).status == 200
        for shape in [(0, 3, 2), (2, 0, 2), (0, 0, 2)]:
            answer = gateway.infer("recurrent", {"x": np.ones(shape, np.float32)})
            assert answer.status == 400 and answer.json()["field"] == "inputs[0].shape", answer
        assert gateway.infer("recurrent", {"x": good}).status == 200
        assert gateway.infer("plus", {"x": np.ones((0, 4), np.float32)}).status == 200
