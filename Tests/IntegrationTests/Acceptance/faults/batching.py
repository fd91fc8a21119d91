"""Answers that must not depend on who else asks: what counts rows, or numbers elements through a batch, is run one by one."""

from concurrent.futures import ThreadPoolExecutor

import numpy
from onnx import TensorProto, helper

from faults.models import model, node

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
ROWS = ("batch", 4)
WEIGHTS = numpy.arange(16, dtype=numpy.float32).reshape(4, 4) / 8
COUNT = [node("MatMul", ["x", "w"], ["h"]), node("Shape", ["h"], ["shape"]), node("Gather", ["shape", "zero"], ["count"])]
NUMBERS = {"w": WEIGHTS, "zero": numpy.int64(0), "four": numpy.int64(4), "c2": numpy.float32(2), "c3": numpy.float32(3)}


def branch(factor):
    return helper.make_graph(
        [node("Mul", ["h", factor], ["r" + factor])], factor, [], [helper.make_tensor_value_info("r" + factor, FLOAT, ROWS)]
    )


def decided():
    """Three times the rows where there are more than four of them, else twice."""
    nodes = [*COUNT, node("Greater", ["count", "four"], ["many"]),
             node("If", ["many"], ["y"], then_branch=branch("c3"), else_branch=branch("c2"))]
    return model(nodes, [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)], NUMBERS)


def added():
    """The rows, and as much as there are more than four of them."""
    nodes = [*COUNT, node("Sub", ["count", "four"], ["over"]), node("Max", ["over", "zero"], ["more"]),
             node("Cast", ["more"], ["f"], to=FLOAT), node("Add", ["h", "f"], ["y"])]
    return model(nodes, [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)], NUMBERS)


def pooled():
    """The places of the largest of each four numbers."""
    image = ("batch", 1, 4, 4)
    half = ("batch", 1, 2, 2)
    return model(
        [node("MaxPool", ["x"], ["p", "y"], kernel_shape=[2, 2], strides=[2, 2])],
        [("x", FLOAT, image)], [("p", FLOAT, half), ("y", INT, half)],
    )


def differing(g, name, inputs, expected, count=12):
    """How many of `count` requests at once did not get what each gets alone."""
    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda place: g.infer(name, {"x": inputs[place]}), range(count)))
    assert all(answer.status == 200 for answer in answers), [answer.status for answer in answers]
    return sum(
        not numpy.allclose(numpy.asarray(answer.outputs()["y"]).reshape(expected[place].shape), expected[place], atol=1e-4)
        for place, answer in enumerate(answers)
    )


def check(lab, name, made, shape, expect):
    generator = numpy.random.default_rng(7)
    inputs = [generator.uniform(-1, 1, shape).astype(numpy.float32) for _ in range(12)]
    with lab.gateway(models={name: made}, config={"scheduling": {"batching_window_ms": 20}}) as g:
        wrong = sum(differing(g, name, inputs, [expect(one) for one in inputs]) for _ in range(3))
    assert wrong == 0, f"{wrong} of 36 answers depend on who else asks"


def case_a_decision_by_the_number_of_rows(lab):
    """Twelve requests at once for If(rows > 4) get what each gets alone."""
    check(lab, "decided", decided(), (1, 4), lambda x: 2 * (x @ WEIGHTS))


def case_a_sum_with_the_number_of_rows(lab):
    """Twelve requests at once for x w + max(rows - 4, 0) get what each gets alone."""
    check(lab, "added", added(), (1, 4), lambda x: x @ WEIGHTS)


def case_places_of_a_pool(lab):
    """MaxPool's second output numbers elements through the batch: imported untried, it is run one by one all the same."""
    def places(x):
        blocks = x.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)
        inner = blocks.argmax(1)
        rows, columns = numpy.divmod(numpy.arange(4), 2)
        return ((2 * rows + inner // 2) * 4 + 2 * columns + inner % 2).reshape(1, 1, 2, 2)

    generator = numpy.random.default_rng(7)
    inputs = [generator.uniform(-1, 1, (1, 1, 4, 4)).astype(numpy.float32) for _ in range(12)]
    store = lab.folder() / "store"
    lab.import_model(store, "pooled", pooled(), "--no-verify")
    with lab.gateway(store=store, config={"scheduling": {"batching_window_ms": 20}}) as g:
        wrong = sum(differing(g, "pooled", inputs, [places(one) for one in inputs]) for _ in range(3))
    assert wrong == 0, f"{wrong} of 36 answers depend on who else asks"


def case_names_are_bytes(lab):
    """Composed and decomposed, an input's name is two names: their difference is not 0."""
    one, other = "\u00e9", "e\u0301"
    made = model([node("Sub", [one, other], ["y"])], [(one, FLOAT, ROWS), (other, FLOAT, ROWS)], [("y", FLOAT, ROWS)])
    with lab.gateway(models={"names": made}) as g:
        answer = g.infer("names", {one: numpy.ones((1, 4), numpy.float32), other: numpy.zeros((1, 4), numpy.float32)})
        assert answer.status == 200, answer
        assert numpy.asarray(answer.outputs()["y"]).ravel().tolist() == [1, 1, 1, 1], answer


def case_dimensions_of_one_name(lab):
    """Where two inputs' dimensions have one name and are not equal, that is the client's fault, and both are named."""
    shape = ("batch", "width")
    made = model([node("Add", ["a", "b"], ["y"])], [("a", FLOAT, shape), ("b", FLOAT, shape)], [("y", FLOAT, shape)])
    with lab.gateway(models={"named": made}) as g:
        answer = g.infer("named", {"a": numpy.ones((1, 3), numpy.float32), "b": numpy.ones((1, 4), numpy.float32)})
        assert answer.status == 400, answer
        text = answer.body.decode()
        assert "inputs[0].shape[1]" in text and "inputs[1].shape[1]" in text and "width" in text, text
