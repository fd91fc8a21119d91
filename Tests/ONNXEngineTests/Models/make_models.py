#!/usr/bin/env python3
"""Writes the ONNX files of these tests into its own folder. Needs: pip install onnx numpy."""
import pathlib

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

HERE = pathlib.Path(__file__).parent
DATATYPES = {
    "BOOL": TensorProto.BOOL, "UINT8": TensorProto.UINT8, "UINT16": TensorProto.UINT16, "UINT32": TensorProto.UINT32,
    "UINT64": TensorProto.UINT64, "INT8": TensorProto.INT8, "INT16": TensorProto.INT16, "INT32": TensorProto.INT32,
    "INT64": TensorProto.INT64, "FP16": TensorProto.FLOAT16, "BF16": TensorProto.BFLOAT16, "FP32": TensorProto.FLOAT,
    "FP64": TensorProto.DOUBLE, "BYTES": TensorProto.STRING,
}


def value(name, shape, datatype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, datatype, shape)


def write(name, nodes, inputs, outputs, weights=(), check=True):
    initializers = [numpy_helper.from_array(array, key) for key, array in dict(weights).items()]
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if check:
        checker.check_model(model)
    save(model, HERE / f"{name}.onnx")


def main():
    for name, datatype in DATATYPES.items():
        write(f"identity-{name}", [helper.make_node("Identity", ["x"], ["y"])],
              [value("x", ["n", 3], datatype)], [value("y", ["n", 3], datatype)])

    # Weights are small whole numbers, so that every result is exact.
    first = (np.arange(4 * 8).reshape(4, 8) % 7 - 3).astype(np.float32)
    second = (np.arange(8 * 2).reshape(8, 2) % 5 - 2).astype(np.float32)
    dense = helper.make_node("MatMul", ["x", "w1"], ["h0"])
    relu = helper.make_node("Relu", ["h0"], ["h"])
    head = helper.make_node("MatMul", ["h", "w2"], ["y"])
    write("chain-whole", [dense, relu, head], [value("x", ["n", 4])], [value("y", ["n", 2])], {"w1": first, "w2": second})
    write("chain-first", [dense, relu], [value("x", ["n", 4])], [value("h", ["n", 8])], {"w1": first})
    write("chain-second", [head], [value("h", ["n", 8])], [value("y", ["n", 2])], {"w2": second})

    # Two inputs of different types, two outputs, in an order that is not the alphabet's.
    write("two-by-two", [helper.make_node("Mul", ["b", "b"], ["z"]), helper.make_node("Gather", ["t", "a"], ["y"])],
          [value("b", ["n", 2]), value("a", ["n"], TensorProto.INT64)],
          [value("z", ["n", 2]), value("y", ["n"])], {"t": np.float32([10, 20, 30, 40])})

    # The output is the input: ONNX Runtime may answer with the input's own memory.
    write("passthrough", [helper.make_node("Identity", ["x"], ["unused"])],
          [value("x", ["n", 3])], [value("x", ["n", 3]), value("unused", ["n", 3])], check=False)

    # 4 MiB of weights that a small file unfolds to: a block's size is not its file's.
    shape = np.int64([1024, 1024])
    write("unfolding", [helper.make_node("ConstantOfShape", ["s"], ["w"], value=helper.make_tensor("v", 1, [1], [0.5])),
                        helper.make_node("MatMul", ["x", "w"], ["y"])],
          [value("x", ["n", 1024])], [value("y", ["n", 1024])], {"s": shape})

    # Weights of a convolution are used as they lie in the file.
    kernels = (np.arange(16 * 16 * 9).reshape(16, 16, 3, 3) % 11 - 5).astype(np.float32)
    write("convolution", [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
          [value("x", ["n", 16, 8, 8])], [value("y", ["n", 16, 8, 8])], {"w": kernels})

    # Its output has one row fewer than its input: not what a batch may be split by.
    write("drops-a-row", [helper.make_node("Slice", ["x", "one", "end", "axis"], ["y"])],
          [value("x", ["n", 2])], [value("y", ["m", 2])],
          {"one": np.int64([1]), "end": np.int64([1 << 40]), "axis": np.int64([0])})

    write("fixed", [helper.make_node("Relu", ["x"], ["y"])], [value("x", [1, 3])], [value("y", [1, 3])])
    write("unknown", [helper.make_node("Relu", ["x"], ["y"])], [value("x", [None, "k", 3])], [value("y", [None, "k", 3])])

    # What it makes is as large as its input says.
    write("fill", [helper.make_node("ConstantOfShape", ["shape"], ["y"])],
          [value("shape", [2], TensorProto.INT64)], [value("y", ["a", "b"])])

    # What it holds between operators grows with the square of its input.
    def weight(rows, columns):
        return ((np.arange(rows * columns).reshape(rows, columns) % 9 - 4) / 8).astype(np.float32)
    write("attention", [helper.make_node("Gather", ["table", "ids"], ["e"])]
          + [helper.make_node("MatMul", ["e", f"w{name}"], [name]) for name in "qkv"]
          + [helper.make_node("Transpose", ["k"], ["kt"], perm=[0, 2, 1]), helper.make_node("MatMul", ["q", "kt"], ["s"]),
             helper.make_node("Softmax", ["s"], ["p"], axis=-1), helper.make_node("MatMul", ["p", "v"], ["y"])],
          [value("ids", ["batch", "sequence"], TensorProto.INT64)], [value("y", ["batch", "sequence", 8])],
          {"table": weight(100, 8), "wq": weight(8, 8), "wk": weight(8, 8), "wv": weight(8, 8)})

    # It runs as often as its input says.
    body = helper.make_graph(
        [helper.make_node("Add", ["v", "one"], ["v2"]), helper.make_node("Identity", ["c"], ["c2"])], "body",
        [value("i", [], TensorProto.INT64), value("c", [], TensorProto.BOOL), value("v", [1])],
        [value("c2", [], TensorProto.BOOL), value("v2", [1])], [numpy_helper.from_array(np.float32([1]), "one")])
    write("loop", [helper.make_node("Loop", ["count", "", "x"], ["y"], body=body)],
          [value("count", [], TensorProto.INT64), value("x", [1])], [value("y", [1])])

    sequence = helper.make_tensor_sequence_value_info("y", TensorProto.FLOAT, ["n"])
    write("sequence", [helper.make_node("SequenceConstruct", ["x"], ["y"])], [value("x", ["n"])], [sequence])


main()
