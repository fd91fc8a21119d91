"""Boundary values into single operators: each is answered 200 or 4xx or 503 or 504 with a reason, and the gateway lives on."""

import itertools
import random

import numpy
from onnx import TensorProto

from faults.models import model, node

FLOAT, INT64, INT32, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL
INTEGERS = [0, 1, -1, 2, -2, 3, 4, 5, 7, 64, -100, 2**31 - 1, 2**31, -(2**31), 2**32, 2**62, 2**63 - 1, -(2**63)]
# What may ask for more memory than a machine has is tried elsewhere; these stay small.
SMALL = [0, 1, -1, 2, -2, 3, 4, 5, 7, 64, 100, -100]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, 1e-38, 3.4e38, -3.4e38, numpy.inf, -numpy.inf, numpy.nan, 1e10, 2.0**31, 2.0**63]
PLENTY = 150


def vector(name, count="n"):
    return name, INT64, (count,)


def operators():
    """(name, model, inputs: drawn values by input name) of each operator."""
    x = ("x", FLOAT, (2, 3, 4))
    y = ("y", FLOAT, None)
    data = numpy.arange(24, dtype=numpy.float32).reshape(2, 3, 4)

    def case(name, operator, inputs, draws, outputs=None, constants=None, **attributes):
        nodes = [node(operator, [one[0] for one in inputs] + list(constants or {}), [one[0] for one in outputs or [y]], **attributes)]
        return name, model(nodes, inputs, outputs or [y], constants), draws

    def fixed(_):
        return data

    def integers(count, values=INTEGERS, shape=None, kind=numpy.int64):
        def draw(chance):
            drawn = numpy.array([chance.choice(values) for _ in range(count)], dtype=object)
            limits = numpy.iinfo(kind)
            return numpy.array([min(max(int(one), limits.min), limits.max) for one in drawn], dtype=kind).reshape(
                (count,) if shape is None else shape)
        return draw

    def floats(*shape):
        return lambda chance: numpy.array([chance.choice(FLOATS) for _ in range(int(numpy.prod(shape)))], numpy.float32).reshape(shape)

    yield case("gather", "Gather", [x, vector("i")], {"x": fixed, "i": integers(2)}, axis=1)
    yield case("gather_elements", "GatherElements", [x, ("i", INT64, (2, 3, 4))], {"x": fixed, "i": integers(24, shape=(2, 3, 4))}, axis=2)
    yield case("gather_nd", "GatherND", [x, ("i", INT64, (2, 2))], {"x": fixed, "i": integers(4, shape=(2, 2))})
    yield case("scatter_nd", "ScatterND", [x, ("i", INT64, (1, 3)), ("u", FLOAT, (1,))],
               {"x": fixed, "i": integers(3, shape=(1, 3)), "u": floats(1)})
    yield case("reshape", "Reshape", [x, vector("s")], {"x": fixed, "s": integers(3)})
    yield case("squeeze", "Squeeze", [x, vector("a")], {"x": fixed, "a": integers(1)})
    yield case("unsqueeze", "Unsqueeze", [x, vector("a")], {"x": fixed, "a": integers(2)})
    yield case("slice", "Slice", [x, vector("a", 2), vector("b", 2), vector("c", 2), vector("d", 2)],
               {"x": fixed, **{name: integers(2) for name in "abcd"}})
    yield case("split", "Split", [x, vector("s", 2)], {"x": fixed, "s": integers(2)}, outputs=[y, ("z", FLOAT, None)], axis=2)
    yield case("topk", "TopK", [x, vector("k", 1)], {"x": fixed, "k": integers(1)}, outputs=[y, ("z", INT64, None)])
    yield case("tile", "Tile", [x, vector("r", 3)], {"x": fixed, "r": integers(3, SMALL)})
    yield case("expand", "Expand", [x, vector("s", 3)], {"x": fixed, "s": integers(3, SMALL)})
    yield case("pad", "Pad", [x, vector("p", 6)], {"x": fixed, "p": integers(6, [0, 1, -1, 2, -2, -3, -4, 9])})
    yield case("pad_reflect", "Pad", [x, vector("p", 6)], {"x": fixed, "p": integers(6, [0, 1, -1, 2, 3, 4, 9])}, mode="reflect")
    yield case("one_hot", "OneHot", [vector("i"), ("d", INT64, (1,)), ("v", FLOAT, (2,))],
               {"i": integers(3), "d": integers(1, SMALL), "v": floats(2)})
    yield case("range", "Range", [("a", INT64, ()), ("b", INT64, ()), ("c", INT64, ())],
               {name: integers(1, SMALL, shape=()) for name in "abc"}, outputs=[("y", INT64, None)])
    yield case("constant_of_shape", "ConstantOfShape", [vector("s")], {"s": integers(3, SMALL)})
    yield case("cumsum", "CumSum", [x, ("a", INT64, ())], {"x": fixed, "a": integers(1, shape=())})
    yield case("reduce_sum", "ReduceSum", [x, vector("a")], {"x": fixed, "a": integers(2)})
    yield case("resize", "Resize", [("x", FLOAT, (1, 1, 4, 4)), ("r", FLOAT, (0,)), ("s", FLOAT, (4,))],
               {"x": lambda _: numpy.ones((1, 1, 4, 4), numpy.float32), "r": lambda _: numpy.zeros(0, numpy.float32),
                "s": lambda chance: numpy.array([1, 1, *(chance.choice([0.0, -1.0, 0.5, 1.0, 2.0, 1e-30, 3.0]) for _ in "ab")], numpy.float32)})
    yield case("div", "Div", [("a", INT64, ("n",)), ("b", INT64, ("n",))], {"a": integers(3), "b": integers(3)}, outputs=[("y", INT64, ("n",))])
    yield case("mod", "Mod", [("a", INT64, ("n",)), ("b", INT64, ("n",))], {"a": integers(3), "b": integers(3)}, outputs=[("y", INT64, ("n",))])
    yield case("mod32", "Mod", [("a", INT32, ("n",)), ("b", INT32, ("n",))],
               {name: integers(3, kind=numpy.int32) for name in "ab"}, outputs=[("y", INT32, ("n",))])
    yield case("pow", "Pow", [("a", INT64, ("n",)), ("b", INT64, ("n",))], {"a": integers(3), "b": integers(3)}, outputs=[("y", INT64, ("n",))])
    yield case("shift", "BitShift", [("a", TensorProto.UINT64, ("n",)), ("b", TensorProto.UINT64, ("n",))],
               {name: integers(3, [abs(one) for one in INTEGERS], kind=numpy.uint64) for name in "ab"},
               outputs=[("y", TensorProto.UINT64, ("n",))], direction="LEFT")
    yield case("cast", "Cast", [("a", FLOAT, ("n",))], {"a": floats(4)}, outputs=[("y", INT32, ("n",))], to=INT32)
    yield case("quantize", "QuantizeLinear", [("a", FLOAT, ("n",)), ("s", FLOAT, ())], {"a": floats(4), "s": floats()},
               outputs=[("y", TensorProto.UINT8, ("n",))])
    yield case("nms", "NonMaxSuppression", [("b", FLOAT, (1, 4, 4)), ("s", FLOAT, (1, 1, 4)), vector("m", 1)],
               {"b": floats(1, 4, 4), "s": floats(1, 1, 4), "m": integers(1)}, outputs=[("y", INT64, None)])
    yield case("trilu", "Trilu", [("x", FLOAT, (3, 4)), ("k", INT64, ())],
               {"x": lambda _: numpy.ones((3, 4), numpy.float32), "k": integers(1, shape=())})
    yield case("where", "Where", [("c", BOOL, ("n",)), ("a", FLOAT, ("n",)), ("b", FLOAT, (1,))],
               {"c": lambda chance: numpy.array([chance.random() < 0.5 for _ in range(3)]), "a": floats(3), "b": floats(1)})
    yield case("softmax", "Softmax", [("a", FLOAT, ("n", 4))], {"a": floats(2, 4)}, outputs=[("y", FLOAT, ("n", 4))])
    yield case("dft", "DFT", [("x", FLOAT, (1, 8, 1)), ("l", INT64, ())],
               {"x": lambda _: numpy.ones((1, 8, 1), numpy.float32), "l": integers(1, SMALL, shape=())}, axis=1)
    yield case("hann", "HannWindow", [("l", INT64, ())], {"l": integers(1, SMALL, shape=())})


def probe_operators(lab, part, parts):
    """Draws values for every ``parts``-th operator; what import refuses needs no probes."""
    chance, store, imported = random.Random(part), lab.store({}), []
    for name, proto, draws in itertools.islice(operators(), part, None, parts):
        file = lab.model_file(name, proto)
        done = lab.command("import", file, "--name", name, "--store", store)
        assert done.status in (0, 2), f"import of {name}: {done}"
        if done.status == 0:
            imported.append((name, draws))
    faults, answered = [], 0
    with lab.gateway(store=store) as gateway:
        for name, draws in imported:
            for _ in range(PLENTY // len(imported)):
                inputs = {key: draw(chance) for key, draw in draws.items()}
                told = {key: value.reshape(-1)[:6].tolist() for key, value in inputs.items() if key != "x"}
                try:
                    answer = gateway.infer(name, inputs, {"Inference-Timeout-Ms": "5000"})
                except OSError as error:
                    assert gateway.alive(), f"{name} {told} ended the gateway with {gateway.wait(1)}"
                    faults.append(f"{name} {told}: no answer: {error!r}")
                    continue
                answered += answer.status == 200
                if answer.status not in (200, 503, 504) and not 400 <= answer.status < 500:
                    faults.append(f"{name} {told}: {answer}")
                elif answer.status != 200 and not answer.json().get("error"):
                    faults.append(f"{name} {told}: no reason: {answer}")
        assert gateway.alive()
    assert answered > PLENTY // 10, f"only {answered} were answered"
    assert not faults, f"{len(faults)} faults: " + "\n".join(faults[:8])


def case_values_into_operators_1(lab):
    """No value ends the gateway or is answered with a 500: first third of the operators."""
    probe_operators(lab, 0, 3)


def case_values_into_operators_2(lab):
    """No value ends the gateway or is answered with a 500: second third of the operators."""
    probe_operators(lab, 1, 3)


def case_values_into_operators_3(lab):
    """No value ends the gateway or is answered with a 500: last third of the operators."""
    probe_operators(lab, 2, 3)
