#!/usr/bin/env python3
"""Writes the unusual ONNX files of these tests into its own folder. Needs: pip install onnx numpy."""
import pathlib

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

HERE = pathlib.Path(__file__).parent
WIDTH = 4


def value(name, shape, datatype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, datatype, shape)


def matrix(seed, rows=WIDTH, columns=WIDTH):
    return (np.random.default_rng(seed).uniform(-1, 1, (rows, columns))).astype(np.float32)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def write(name, nodes, weights=(), inputs=None, outputs=None, sparse=(), functions=(), opset=17, domains=(), check=True,
          **saving):
    """A model of `nodes` that takes x and gives y, both of rows of WIDTH numbers, unless said otherwise."""
    initializers = [array if isinstance(array, TensorProto) else numpy_helper.from_array(array, key)
                    for key, array in dict(weights).items()]
    graph = helper.make_graph(nodes, name, inputs or [value("x", ["n", WIDTH])], outputs or [value("y", ["n", WIDTH])],
                              initializers, sparse_initializer=sparse)
    model = helper.make_model(graph, functions=list(functions), ir_version=10,
                              opset_imports=[helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)])
    if check:
        checker.check_model(model)
    save(model, HERE / f"{name}.onnx", **saving)


def control_flow():
    """Between two ordinary layers each, so that there is something to cut."""
    weights = {"w1": matrix(1), "w2": matrix(2), "w3": matrix(3)}
    first, last = node("MatMul", "x w1", "a"), node("MatMul", "b w3", "y")
    step = helper.make_graph([node("MatMul", "v w2", "m"), node("Tanh", "m", "v_out"), node("Identity", "go", "go_out")],
                             "step", [value("i", [], TensorProto.INT64), value("go", [], TensorProto.BOOL),
                                      value("v", ["n", WIDTH])],
                             [value("go_out", [], TensorProto.BOOL), value("v_out", ["n", WIDTH])])
    write("loop", [first, node("Loop", "count yes a", "b", body=step), last],
          {**weights, "count": np.int64(3), "yes": np.bool_(True)})
    yes = helper.make_graph([node("MatMul", "a w2", "then")], "yes", [], [value("then", ["n", WIDTH])])
    no = helper.make_graph([node("Neg", "a", "else")], "no", [], [value("else", ["n", WIDTH])])
    write("if", [first, node("ReduceSum", "a", "sum", keepdims=0), node("Greater", "sum zero", "is"),
                 node("If", "is", "b", then_branch=yes, else_branch=no), last], {**weights, "zero": np.float32(0)})
    # The state runs along the rows: each row depends on those before it.
    add = helper.make_graph([node("Add", "s r", "s_out"), node("Identity", "s_out", "r_out")], "add",
                            [value("s", [WIDTH]), value("r", [WIDTH])], [value("s_out", [WIDTH]), value("r_out", [WIDTH])])
    write("scan-rows", [first, node("Scan", "start a", "end b", body=add, num_scan_inputs=1), last],
          {**weights, "start": np.zeros(WIDTH, np.float32)})
    # The same along time, for each row by itself.
    write("scan-time", [first_of_three("x", "w1", "a"), node("Shape", "a", "rows", end=1),
                        node("Concat", "rows width", "shape", axis=0), node("Expand", "zero shape", "start"),
                        node("Scan", "start a", "end b", num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1],
                             body=helper.make_graph([node("Add", "s r", "s_out"), node("Identity", "s_out", "r_out")], "add",
                                                    [value("s", ["n", WIDTH]), value("r", ["n", WIDTH])],
                                                    [value("s_out", ["n", WIDTH]), value("r_out", ["n", WIDTH])])),
                        node("MatMul", "b w3", "y")],
          {"w1": matrix(1), "w3": matrix(3), "width": np.int64([WIDTH]), "zero": np.zeros(1, np.float32)},
          [value("x", ["n", "t", WIDTH])], [value("y", ["n", "t", WIDTH])])


def first_of_three(given, weight, output):
    return node("MatMul", f"{given} {weight}", output)


def functions():
    dense = helper.make_function("local", "Dense", ["v", "w", "c"], ["o"],
                                 [node("MatMul", "v w", "p"), node("Add", "p c", "q"), node("Relu", "q", "o")],
                                 [helper.make_opsetid("", 17)])
    weights = {f"w{i}": matrix(i) for i in range(3)} | {f"c{i}": matrix(10 + i, 1)[0] for i in range(3)}
    names = ["x", "a", "b", "y"]
    write("function", [helper.make_node("Dense", [names[i], f"w{i}", f"c{i}"], [names[i + 1]], domain="local")
                       for i in range(3)], weights, functions=[dense], domains=["local"])
    write("custom-domain", [helper.make_node("Mystery", ["x"], ["y"], domain="com.example")], domains=["com.example"],
          check=False)


def tensors():
    dense = matrix(7)
    dense[np.abs(dense) < 0.6] = 0
    places = np.flatnonzero(dense).astype(np.int64)
    sparse = helper.make_sparse_tensor(
        helper.make_tensor("w2", TensorProto.FLOAT, [len(places)], dense.reshape(-1)[places]),
        helper.make_tensor("w2_places", TensorProto.INT64, [len(places)], places), dense.shape)
    write("sparse", [node("MatMul", "x w1", "a"), node("MatMul", "a w2", "b"), node("MatMul", "b w3", "y")],
          {"w1": matrix(1), "w3": matrix(3)}, sparse=[sparse])
    whole = (matrix(8) * 100).astype(np.int8)
    scale, zero = np.float32(0.01), np.int8(3)
    write("quantised", [node("MatMul", "x w1", "a"), node("QuantizeLinear", "a as az", "aq"),
                        node("QLinearMatMul", "aq as az wq ws wz ys yz", "bq"), node("DequantizeLinear", "bq ys yz", "b"),
                        node("MatMul", "b w3", "y")],
          {"w1": matrix(1), "w3": matrix(3), "as": np.float32(0.02), "az": np.uint8(128), "wq": whole, "ws": scale,
           "wz": zero, "ys": np.float32(0.03), "yz": np.uint8(128)})
    write("dynamic-quantised", [node("MatMul", "x w1", "a"), node("DynamicQuantizeLinear", "a", "aq as az"),
                                node("MatMulInteger", "aq wq az wz", "i"), node("Cast", "i", "f", to=TensorProto.FLOAT),
                                node("Mul", "f as", "g"), node("Mul", "g ws", "y")],
          {"w1": matrix(1), "wq": whole, "ws": scale, "wz": zero})
    four = helper.make_tensor("w4", TensorProto.INT4, [WIDTH, WIDTH], list(range(-8, 8)))
    write("four-bits", [node("MatMul", "x w1", "a"), node("DequantizeLinear", "w4 ws", "w"), node("MatMul", "a w", "y")],
          {"w1": matrix(1), "w4": four, "ws": scale}, opset=21)
    write("external", [node("MatMul", "x w1", "a"), node("Relu", "a", "b"), node("MatMul", "b w3", "y")],
          {"w1": matrix(1, WIDTH, 64), "w3": matrix(3, 64, WIDTH)}, save_as_external_data=True, size_threshold=0,
          location="external.bin")


def rows():
    weights = {"w1": matrix(1), "w3": matrix(3)}
    first, last = node("MatMul", "x w1", "a"), node("MatMul", "b w3", "y")
    write("softmax-rows", [first, node("Softmax", "a", "b", axis=0), last], weights)
    write("normalised-rows", [first, node("ReduceMean", "a", "mean", axes=[0]), node("Sub", "a mean", "b"), last], weights)
    write("fold-rows", [first, node("Reshape", "a flat", "f"), node("Softmax", "f", "s"), node("Reshape", "s back", "b"),
                        last], {**weights, "flat": np.int64([1, -1]), "back": np.int64([-1, WIDTH])})
    write("fold-back", [first, node("Reshape", "a half", "f"), node("Softmax", "f", "s"), node("Reshape", "s back", "b"),
                        last], {**weights, "half": np.int64([-1, WIDTH // 2]), "back": np.int64([-1, WIDTH])})
    # Two inputs, two outputs, a skip connection, a weight used twice, a constant as a node.
    write("many-uses", [node("Constant", "", "half", value=helper.make_tensor("h", TensorProto.FLOAT, [], [0.5])),
                        node("MatMul", "x w1", "a"), node("MatMul", "z w1", "c"), node("Add", "a c", "d"),
                        node("Mul", "d half", "e"), node("MatMul", "e w3", "f"), node("Add", "f e", "y"),
                        node("Sub", "y x", "u")],
          weights, [value("z", ["n", WIDTH]), value("x", ["n", WIDTH])], [value("u", ["n", WIDTH]), value("y", ["n", WIDTH])])


def row_counts():
    """What depends on how many rows there are, from the fifth on."""
    weights = {"w1": matrix(1), "w3": matrix(3), "first": np.int64(0), "four": np.int64(4)}
    count = [node("MatMul", "x w1", "h"), node("Shape", "h", "shape"), node("Gather", "shape first", "count")]
    three = helper.make_graph([node("Mul", "h c3", "then")], "three", [], [value("then", ["n", WIDTH])])
    two = helper.make_graph([node("Mul", "h c2", "else")], "two", [], [value("else", ["n", WIDTH])])
    write("count-if", [*count, node("Greater", "count four", "many"),
                       node("If", "many", "b", then_branch=three, else_branch=two), node("MatMul", "b w3", "y")],
          {**weights, "c2": np.float32(2), "c3": np.float32(3)})
    write("count-add", [*count, node("Sub", "count four", "over"), node("Max", "over first", "more"),
                        node("Cast", "more", "f", to=TensorProto.FLOAT), node("Add", "h f", "b"), node("MatMul", "b w3", "y")],
          weights)
    # The same hidden from the rules: rows that are not known to be rows.
    write("count-hidden", [node("MatMul", "x w1", "h"), node("Reshape", "h flat", "r"), node("Shape", "r", "shape"),
                           node("Gather", "shape first", "count"), node("Sub", "count four", "over"),
                           node("Max", "over first", "more"), node("Cast", "more", "f", to=TensorProto.FLOAT),
                           node("Add", "h f", "b"), node("MatMul", "b w3", "y")],
          {**weights, "flat": np.int64([-1, WIDTH]), "four": np.int64(40)})
    # The number of rows in its place: as the first extent of another shape.
    write("count-reshape", [*count, node("Unsqueeze", "count axis", "n"), node("Concat", "n half", "split", axis=0),
                            node("Reshape", "h split", "p"), node("Softmax", "p", "s", axis=-1),
                            node("Concat", "n whole", "join", axis=0), node("Reshape", "s join", "b"),
                            node("MatMul", "b w3", "y")],
          {**weights, "axis": np.int64([0]), "half": np.int64([2, WIDTH // 2]), "whole": np.int64([WIDTH])})
    write("pool-indices", [node("MaxPool", "x", "p indices", kernel_shape=[2, 2], strides=[2, 2])],
          inputs=[value("x", ["n", 1, 4, 4])],
          outputs=[value("p", ["n", 1, 2, 2]), value("indices", ["n", 1, 2, 2], TensorProto.INT64)])


def names():
    """Composed and decomposed, the same text are two names in ONNX."""
    one, other = "\u00e9", "e\u0301"
    write("two-names", [helper.make_node("MatMul", [one, "w1"], ["a"]), helper.make_node("MatMul", [other, "w1"], ["b"]),
                        node("Sub", "a b", "y")],
          {"w1": matrix(1)}, [value(one, ["n", WIDTH]), value(other, ["n", WIDTH])])
    file = HERE / "latin-words.onnx"
    write("latin-words", [helper.make_node("MatMul", ["x", "w1"], ["y"], doc_string="caf~ au lait")], {"w1": matrix(1)})
    file.write_bytes(file.read_bytes().replace(b"caf~", b"caf\xe9"))


def refused():
    """What no gateway should serve, and what ends the process that tries it."""
    number = [value("y", None)]
    stft = {"step": np.int64(4), "zero": np.int64(0), "one": np.int64([1])}
    signal = [value("x", ["n", 16, 1])]
    write("frame-length-given", [helper.make_node("STFT", ["x", "step", "", "length"], ["y"])], {"step": np.int64(4)},
          [*signal, value("length", [], TensorProto.INT64)], number, check=False)
    write("frame-length-hidden", [node("Reshape", "zero one", "z"), node("Squeeze", "z", "length"),
                                  helper.make_node("STFT", ["x", "step", "", "length"], ["y"])], stft, signal, number, check=False)
    step = helper.make_graph([node("Identity", "go", "go_out"), node("Identity", "v", "v_out")], "step",
                             [value("i", [], TensorProto.INT64), value("go", [], TensorProto.BOOL), value("v", ["n", WIDTH])],
                             [value("go_out", [], TensorProto.BOOL), value("v_out", ["n", WIDTH])])
    write("endless", [node("Loop", "count yes x", "y", body=step)],
          {"count": np.int64(2**62), "yes": np.bool_(True)})
    write("huge", [node("ReduceMax", "x", "m", keepdims=0), node("Cast", "m", "i", to=TensorProto.INT64),
                   node("Mul", "i none", "o"), node("Add", "shape o", "s"), node("ConstantOfShape", "s", "big"),
                   node("ReduceSum", "big", "sum", keepdims=0), node("Add", "x sum", "y")],
          {"shape": np.int64([1 << 16, 1 << 16]), "none": np.int64(0)})
    maps = helper.make_sequence_type_proto(helper.make_map_type_proto(
        TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, [])))
    write("maps", [helper.make_node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2, 3])],
          outputs=[helper.make_value_info("y", maps)], domains=["ai.onnx.ml"])
    write("float-eight", [node("Cast", "x", "y", to=TensorProto.FLOAT8E4M3FN)],
          outputs=[value("y", ["n", WIDTH], TensorProto.FLOAT8E4M3FN)], opset=19)


if __name__ == "__main__":
    row_counts()
    names()
    refused()
    control_flow()
    functions()
    tensors()
    rows()
