"""Small ONNX models for cases."""

import numpy
from onnx import TensorProto, helper, numpy_helper


def model(nodes, inputs, outputs, constants=None, opset=17):
    """A model of these nodes; inputs and outputs are (name, element type, shape), a shape of None is an unknown rank."""
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info(*one) for one in inputs],
        [helper.make_tensor_value_info(*one) for one in outputs],
        [numpy_helper.from_array(numpy.asarray(array), name) for name, array in (constants or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def node(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs, outputs, **attributes)


def identity(element_type, shape=("batch", 4)):
    """y = x."""
    return model([node("Identity", ["x"], ["y"])], [("x", element_type, shape)], [("y", element_type, shape)])


def logarithm():
    """y = log(x): NaN and infinities come out of ordinary numbers."""
    shape = ("batch", 4)
    return model([node("Log", ["x"], ["y"])], [("x", TensorProto.FLOAT, shape)], [("y", TensorProto.FLOAT, shape)])


def embedding():
    """q = table[ids]: an id that is not in the table fails in the engine."""
    return model(
        [node("Gather", ["table", "ids"], ["q"])], [("ids", TensorProto.INT64, ("batch",))],
        [("q", TensorProto.FLOAT, ("batch", 8))], {"table": numpy.zeros((100, 8), numpy.float32)},
    )
