"""Imports of models that end the process that tries them, or that nobody can serve: refused, with what is wrong."""

import os

import numpy
from onnx import TensorProto, helper

from faults.models import model, node

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
ROWS = ("batch", 4)


def refused(lab, name, made, *words, args=(), status=2):
    """Imports a model that has to be refused with these words in one line."""
    store = lab.folder() / "store"
    done = lab.command("import", lab.model_file(name, made), "--name", name, "--store", store, *args)
    assert done.status == status, f"{done.status}: {done.error}{done.output}"
    for word in words:
        assert word in done.error, f"'{word}' is missing in: {done.error}"
    models = lab.command("models", "--store", store)
    assert name not in models.output, models.output
    return done


def transform(extra_inputs=(), nodes=(), length="length", constants=None):
    return model(
        [*nodes, node("STFT", ["x", "step", "", length], ["y"])],
        [("x", FLOAT, ("batch", 16, 1)), *extra_inputs], [("y", FLOAT, None)],
        {"step": numpy.int64(4), **(constants or {})},
    )


def case_a_frame_length_from_the_request(lab):
    """STFT with a frame length that a request brings is refused by the graph: 0 ends the process."""
    made = transform([("length", INT, ())])
    refused(lab, "stft", made, "frame length", args=["--no-verify"])
    refused(lab, "stft", made, "frame length")


def case_a_crash_while_it_is_tried(lab):
    """A model that crashes when it is run is refused, with the signal."""
    nodes = [node("Reshape", ["zero", "one"], ["z"]), node("Squeeze", ["z"], ["length"])]
    made = transform(nodes=nodes, constants={"zero": numpy.int64(0), "one": numpy.int64([1])})
    refused(lab, "crash", made, "the model ends the process that runs it: signal 8 (floating-point exception)")


def case_a_run_without_an_end(lab):
    """A model that runs for ever is refused after the limit."""
    body = helper.make_graph(
        [node("Identity", ["go"], ["go_out"]), node("Identity", ["v"], ["v_out"])], "body",
        [helper.make_tensor_value_info("i", INT, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("v", FLOAT, ROWS)],
        [helper.make_tensor_value_info("go_out", TensorProto.BOOL, []), helper.make_tensor_value_info("v_out", FLOAT, ROWS)],
    )
    made = model([node("Loop", ["count", "yes", "x"], ["y"], body=body)], [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)],
                 {"count": numpy.int64(2**62), "yes": numpy.bool_(True)})
    refused(lab, "endless", made, "takes longer than 3 s", args=["--time-limit", "3"])


def case_a_run_that_takes_all_memory(lab):
    """A model whose trial needs more memory than it may have is refused."""
    nodes = [node("ReduceMax", ["x"], ["m"], keepdims=0), node("Cast", ["m"], ["i"], to=INT), node("Mul", ["i", "none"], ["o"]),
             node("Add", ["shape", "o"], ["s"]), node("ConstantOfShape", ["s"], ["big"]),
             node("ReduceSum", ["big"], ["sum"], keepdims=0), node("Add", ["x", "sum"], ["y"])]
    made = model(nodes, [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)],
                 {"shape": numpy.int64([1 << 16, 1 << 16]), "none": numpy.int64(0)})
    refused(lab, "huge", made, "bytes of memory", args=["--memory-limit", str(600 << 20)])


def case_a_name_or_version_that_is_none(lab):
    """Names and versions that no model can have are refused by their option."""
    made = model([node("Relu", ["x"], ["y"])], [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)])
    file, store = lab.model_file("plain", made), lab.folder() / "store"
    for name in ["", "a/b", "..", ".hidden", "stats", "x" * 65, "é"]:
        done = lab.command("import", file, f"--name={name}", "--store", store)
        assert done.status == 2 and "--name" in done.error, f"{name!r}: {done.status} {done.error}"
    for version in ["01", "+1", "", "0", "-1", "1.0", "99999999999999999999"]:
        done = lab.command("import", file, "--name", "plain", f"--version={version}", "--store", store)
        assert done.status == 2 and "--version" in done.error, f"{version!r}: {done.status} {done.error}"


def case_words_in_another_encoding(lab):
    """Latin-1 in a doc string does not matter; in a name it is named."""
    made = model([node("Relu", ["x"], ["y"], doc_string="caf~")], [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)])
    data = made.SerializeToString().replace(b"caf~", b"caf\xe9")
    with lab.gateway(models={"latin": data}) as g:
        answer = g.infer("latin", {"x": numpy.ones((1, 4), numpy.float32)})
        assert answer.status == 200, answer
    inner = model([node("Relu", ["x"], ["caf~"]), node("Neg", ["caf~"], ["y"])], [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)])
    refused(lab, "name", inner.SerializeToString().replace(b"caf~", b"caf\xe9"), "the name of", "is not UTF-8")


def case_outputs_that_are_no_tensors(lab):
    """Maps are refused with how to export the model without them, types without a name by ONNX's name."""
    maps = helper.make_sequence_type_proto(helper.make_map_type_proto(INT, helper.make_tensor_type_proto(FLOAT, [])))
    graph = helper.make_graph(
        [helper.make_node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2, 3])], "g",
        [helper.make_tensor_value_info("x", FLOAT, ROWS)], [helper.make_value_info("y", maps)],
    )
    sets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 1)]
    refused(lab, "maps", helper.make_model(graph, opset_imports=sets, ir_version=9), "sequence of maps", "'zipmap': False")
    eight = model([node("Cast", ["x"], ["y"], to=TensorProto.FLOAT8E4M3FN)], [("x", FLOAT, ROWS)],
                  [("y", TensorProto.FLOAT8E4M3FN, ROWS)], opset=19)
    refused(lab, "eight", eight, "FLOAT8E4M3FN")


def case_external_data_behind_a_link(lab):
    """A symbolic link to external data is called that."""
    folder = lab.folder()
    made = model([node("MatMul", ["x", "w"], ["y"])], [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)],
                 {"w": numpy.ones((4, 4), numpy.float32)})
    weight = made.graph.initializer[0]
    (folder / "real.bin").write_bytes(weight.raw_data)
    os.symlink("real.bin", folder / "w.bin")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="w.bin")
    (folder / "model.onnx").write_bytes(made.SerializeToString())
    refused(lab, "linked", folder / "model.onnx", "must be a regular file, not a symbolic link")


def case_a_damaged_block_is_repaired(lab):
    """An import that writes a damaged block again says so, also where the model could not be listed any more."""
    made = model([node("MatMul", ["x", "w"], ["y"])], [("x", FLOAT, ROWS)], [("y", FLOAT, ROWS)],
                 {"w": numpy.ones((4, 4), numpy.float32)})
    for damage in (lambda content: content[:-1] + bytes([content[-1] ^ 1]), lambda content: content[:-1]):
        store = lab.store({"plain": made})
        block = next((store / "blocks").glob("*.onnx"))
        block.write_bytes(damage(block.read_bytes()))
        done = lab.command("import", lab.model_file("plain", made), "--name", "plain", "--store", store)
        assert done.status == 0 and "plain:1 is in the store already" in done.output and "repaired" in done.output, done
        assert lab.command("verify", "--store", store).status == 0


def case_operators_on_text(lab):
    """A model that needs the locale en_US.UTF-8 is imported, or it is said how to install that."""
    made = model([node("StringNormalizer", ["x"], ["y"], case_change_action="LOWER")],
                 [("x", TensorProto.STRING, ("n",))], [("y", TensorProto.STRING, ("m",))])
    done = lab.command("import", lab.model_file("text", made), "--name", "text", "--store", lab.folder() / "store")
    assert done.status == 0 or (done.status == 2 and "localedef -i en_US -f UTF-8 en_US.UTF-8" in done.error), done
