"""Writes a torch chain (nn.Sequential of the layers named below) as an ONNX model, node by node.

torch.onnx would do it too; written out, the graph is the same for the same layers whatever the exporter's version,
which is what lets a block store see that two files hold the same backbone.
"""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSET = 17
IR_VERSION = 8


class Residual(nn.Module):
    """x + body(x): between its two ends there is no single tensor to cut at."""

    def __init__(self, *body: nn.Module):
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x):
        return x + self.body(x)


class Scale(nn.Module):
    """x * factor."""

    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return x * self.factor


class GraphWriter:
    """Collects nodes and weights; every name starts with the model's, since names must not count for sharing."""

    def __init__(self, prefix: str):
        self.prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def node(self, operator: str, inputs: list[str], output: str | None = None, **attributes) -> str:
        name = f"{self.prefix}/{operator.lower()}{len(self.nodes)}"
        output = output or name + "_out"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=name, **attributes))
        return output

    def weight(self, values) -> str:
        name = f"{self.prefix}/weight{len(self.weights)}"
        array = numpy.ascontiguousarray(values, dtype=numpy.float32)
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def parameter(self, tensor) -> str:
        return self.weight(tensor.detach().numpy())

    def add(self, layer: nn.Module, x: str) -> str:
        """Appends one layer's nodes; returns the name of its output."""
        match layer:
            case nn.Sequential():
                for part in layer:
                    x = self.add(part, x)
                return x
            case Residual():
                return self.node("Add", [x, self.add(layer.body, x)])
            case Scale():
                return self.node("Mul", [x, self.weight(layer.factor)])
            case nn.Conv2d():
                pads = [layer.padding[0], layer.padding[1]] * 2
                return self.node(
                    "Conv",
                    [x, self.parameter(layer.weight), self.parameter(layer.bias)],
                    kernel_shape=list(layer.kernel_size),
                    pads=pads,
                    strides=list(layer.stride),
                )
            case nn.MaxPool2d():
                size = [layer.kernel_size] * 2
                return self.node("MaxPool", [x], kernel_shape=size, strides=size)
            case nn.Linear():
                return self.node("Gemm", [x, self.parameter(layer.weight), self.parameter(layer.bias)], transB=1)
            case nn.ReLU():
                return self.node("Relu", [x])
            case nn.Flatten():
                return self.node("Flatten", [x], axis=1)
        raise TypeError(f"no ONNX form for {type(layer).__name__}")


def classifier(name: str, chain: nn.Sequential, image_shape: list[int], class_count: int, description: str):
    """The chain as a model from `image` to `probabilities` and `label`; the first dimension is free."""
    writer = GraphWriter(name)
    logits = writer.add(chain, "image")
    writer.node("Softmax", [logits], output="probabilities", axis=1)
    writer.node("ArgMax", [logits], output="label", axis=1, keepdims=0)
    graph = helper.make_graph(
        writer.nodes,
        name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *image_shape])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", class_count]),
            helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
        ],
        writer.weights,
        doc_string=description,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="demo/train.py")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model
