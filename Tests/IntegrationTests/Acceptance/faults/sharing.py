"""What means the same is one block, however a file says it; what does not, is not; and imports say which it was."""

import copy
import json

import numpy
from onnx import TensorProto, version_converter

from faults.models import model, node

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16
RANDOM = numpy.random.default_rng(22)
WEIGHTS = {
    "c1": RANDOM.standard_normal((8, 3, 3, 3), numpy.float32), "b1": RANDOM.standard_normal(8, numpy.float32),
    "c2": RANDOM.standard_normal((16, 8, 3, 3), numpy.float32), "b2": RANDOM.standard_normal(16, numpy.float32),
    "w3": RANDOM.standard_normal((16, 10), numpy.float32), "b3": RANDOM.standard_normal(10, numpy.float32),
}


def network(rows="rows", opset=17, flat=None, weights=WEIGHTS, **written):
    """Two convolutions, pooling and a layer; `written` are attributes of the convolutions."""
    nodes = [
        node("Conv", ["x", "c1", "b1"], ["a"], pads=[1, 1, 1, 1], **written), node("Relu", ["a"], ["b"]),
        node("Conv", ["b", "c2", "b2"], ["c"], **written), node("Relu", ["c"], ["d"]), node("GlobalAveragePool", ["d"], ["e"]),
        flat or node("Flatten", ["e"], ["f"]), node("Gemm", ["f", "w3", "b3"], ["y"]),
    ]
    more = {} if flat is None or len(flat.input) < 2 else {"to": numpy.int64([1 if rows == 1 else -1, 16])}
    return model(nodes, [("x", FLOAT, (rows, 3, 8, 8))], [("y", FLOAT, (rows, 10))], {**weights, **more}, opset)


class Store:
    """A store, and what its imports say."""

    def __init__(self, lab):
        self.lab, self.folder = lab, lab.folder() / "store"

    def add(self, name, made):
        done = self.lab.command("import", self.lab.model_file(name, made), "--name", name, "--store", self.folder, "--json")
        assert done.status == 0, done.error
        return json.loads(done.output)

    def shared(self, name, made):
        """How much of the bytes other models have, after a look that the blocks give what the model gives."""
        report = self.add(name, made)
        assert report["fallback"] is None and report["verification"].startswith("verified"), f"{name}: {report}"
        total = sum(block["bytes"] for block in report["blocks"])
        return sum(block["bytes"] for block in report["blocks"] if block["shared_with"]) / total


def case_opsets_and_forms_of_one_meaning(lab):
    """Other opsets, a fixed batch, defaults written out, other forms of one operator, Identity and Dropout: all one."""
    store = Store(lab)
    store.add("first", network())
    for opset in (11, 13, 18, 20, 21, 23):
        made = version_converter.convert_version(network(opset=11), opset)
        assert store.shared(f"opset{opset}", made) == 1, f"opset {opset}"
    assert store.shared("fixed", network(rows=1)) == 1
    written = network(group=1, auto_pad="NOTSET", strides=[1, 1], dilations=[1, 1], kernel_shape=[3, 3])
    assert store.shared("defaults", written) == 1
    for rows in ("rows", 1):
        reshaped = network(rows, flat=node("Reshape", ["e", "to"], ["f"]))
        assert store.shared(f"reshape{rows}", reshaped) == 1, f"Reshape with {rows}"
    through = network()
    through.graph.node[1].output[0] = "b_"
    through.graph.node.insert(2, node("Dropout", ["b_"], ["b__"]))
    through.graph.node.insert(3, node("Identity", ["b__"], ["b"]))
    assert store.shared("through", through) == 1


def case_mutants_do_not_share(lab):
    """A changed attribute, weight bit, operator or shape makes another block."""
    store = Store(lab)
    store.add("first", network())
    for place, (name, weight) in enumerate(WEIGHTS.items()):
        changed = copy.copy(WEIGHTS)
        changed[name] = weight.copy()
        changed[name].view(numpy.uint32).flat[place] ^= 1
        assert store.shared(f"bit{place}", network(weights=changed)) < 1, name
    for name, made in {
        "dilated": network(dilations=[1, 2]), "strided": network(strides=[1, 2]), "steep": network(strides=[2, 1]),
    }.items():
        assert store.shared(name, made) < 0.3, name  # The last layer alone.
    for place, other in ((1, "Sigmoid"), (3, "Tanh"), (4, "GlobalMaxPool")):
        made = network()
        made.graph.node[place].op_type = other
        assert store.shared(other.lower(), made) < 1, other


def quantized(head):
    """int8 with QuantizeLinear and DequantizeLinear, as static quantisation writes it."""
    constants = {"s": numpy.float32(0.05), "z": numpy.int8(0), "ws": numpy.float32(0.01)}
    nodes, value = [node("QuantizeLinear", ["x", "s", "z"], ["q0"])], "q0"
    for layer in range(4):
        seed = numpy.random.default_rng(layer if layer < 3 else 100 + head)
        constants[f"w{layer}"] = seed.integers(-90, 90, (8 if layer else 3, 8), numpy.int8)
        nodes += [
            node("DequantizeLinear", [value, "s", "z"], [f"f{layer}"]),
            node("DequantizeLinear", [f"w{layer}", "ws", "z"], [f"wf{layer}"]),
            node("MatMul", [f"f{layer}", f"wf{layer}"], [f"m{layer}"]), node("Relu", [f"m{layer}"], [f"r{layer}"]),
            node("QuantizeLinear", [f"r{layer}", "s", "z"], [f"q{layer + 1}"]),
        ]
        value = f"q{layer + 1}"
    nodes.append(node("DequantizeLinear", [value, "s", "z"], ["y"]))
    return model(nodes, [("x", FLOAT, ("rows", 3))], [("y", FLOAT, ("rows", 8))], constants)


def case_quantised_heads(lab):
    """Three heads on one backbone in int8 share all layers but the head."""
    store = Store(lab)
    assert len(store.add("head0", quantized(0))["blocks"]) == 4
    for head in (1, 2):
        assert store.shared(f"head{head}", quantized(head)) > 0.7


def case_half_precision_with_float_doors(lab):
    """Half precision inside of float inputs and outputs is cut, and compared as exactly as half precision is."""
    def made(head):
        nodes, value, constants = [node("Cast", ["x"], ["v"], to=HALF)], "v", {}
        for layer in range(6):
            seed = numpy.random.default_rng(layer if layer < 5 else 100 + head)
            constants[f"w{layer}"] = (seed.standard_normal((32, 32)) / 6).astype(numpy.float16)
            nodes += [node("MatMul", [value, f"w{layer}"], [f"m{layer}"]), node("Relu", [f"m{layer}"], [f"r{layer}"])]
            value = f"r{layer}"
        nodes.append(node("Cast", [value], ["y"], to=FLOAT))
        return model(nodes, [("x", FLOAT, ("rows", 32))], [("y", FLOAT, ("rows", 32))], constants)

    store = Store(lab)
    assert store.add("half0", made(0))["fallback"] is None
    assert store.shared("half1", made(1)) > 0.7


def case_the_last_line_says_what_is_shared(lab):
    """`import` ends with whom a model shares with, or which is nearest and what differs."""
    folder = lab.folder() / "store"

    def last_line(name, made):
        done = lab.command("import", lab.model_file(name, made), "--name", name, "--store", folder)
        assert done.status == 0, done.error
        return done.output.strip().splitlines()[-1]

    large = dict(WEIGHTS, c1=numpy.repeat(WEIGHTS["c1"], 4, 0), b1=numpy.repeat(WEIGHTS["b1"], 4),
                 c2=numpy.repeat(WEIGHTS["c2"], 4, 1))
    assert "no other model" in last_line("first", network(weights=large))
    assert "(100 %) with first:1" in last_line("second", network(rows=1, weights=large))
    other = network(weights=large)
    for place in (1, 3):
        other.graph.node[place].op_type = "Sigmoid"
    line = last_line("third", other)
    assert "nearest is " in line and "Sigmoid against Relu" in line, line


WIDTH, PLACES, WORDS, LAYERS, HEADS = 32, 8, 400, 2, 4


def adapted(variant):
    """A small text model of BERT's kind, frozen but for its head and low-rank branches beside q and v (LoRA)."""
    seed, own = numpy.random.default_rng(5), numpy.random.default_rng(50 + variant)
    constants = {
        "words": seed.standard_normal((WORDS, WIDTH), numpy.float32), "places": seed.standard_normal((PLACES, WIDTH), numpy.float32),
        "apart": numpy.int64([0, 0, HEADS, -1]), "together": numpy.int64([0, 0, -1]), "zero": numpy.int64(0),
        "scale": numpy.float32((WIDTH // HEADS) ** -0.5), "head": own.standard_normal((WIDTH, 2 + variant), numpy.float32),
    }
    nodes = [node("Gather", ["words", "ids"], ["embedded"]), node("Add", ["embedded", "places"], ["h0"])]

    def layer(name, source, inner, outer):
        """A product with a frozen matrix and its bias."""
        constants[f"{name}_w"] = seed.standard_normal((inner, outer), numpy.float32) / inner ** 0.5
        constants[f"{name}_b"] = seed.standard_normal(outer, numpy.float32) / 10
        nodes.extend([node("MatMul", [source, f"{name}_w"], [f"{name}_m"]), node("Add", [f"{name}_m", f"{name}_b"], [name])])
        return name

    def branched(name, source):
        constants[f"{name}_down"] = own.standard_normal((WIDTH, 2), numpy.float32) / 10
        constants[f"{name}_up"] = own.standard_normal((2, WIDTH), numpy.float32) / 10
        nodes.extend([
            node("MatMul", [source, f"{name}_down"], [f"{name}_low"]), node("MatMul", [f"{name}_low", f"{name}_up"], [f"{name}_side"]),
            node("Add", [name, f"{name}_side"], [f"{name}_sum"]),
        ])
        return f"{name}_sum"

    def heads(name, order):
        nodes.extend([node("Reshape", [name, "apart"], [f"{name}_r"]), node("Transpose", [f"{name}_r"], [f"{name}_h"], perm=order)])
        return f"{name}_h"

    def normalised(name, source):
        constants[f"{name}_g"] = 1 + seed.standard_normal(WIDTH, numpy.float32) / 10
        constants[f"{name}_c"] = seed.standard_normal(WIDTH, numpy.float32) / 10
        nodes.append(node("LayerNormalization", [source, f"{name}_g", f"{name}_c"], [name], axis=-1))
        return name

    value = "h0"
    for number in range(LAYERS):
        at = f"l{number}_"
        q, k, v = (layer(at + part, value, WIDTH, WIDTH) for part in "qkv")
        q, v = heads(branched(q, value), [0, 2, 1, 3]), heads(branched(v, value), [0, 2, 1, 3])
        k = heads(k, [0, 2, 3, 1])
        nodes.extend([
            node("MatMul", [q, k], [at + "s"]), node("Mul", [at + "s", "scale"], [at + "t"]), node("Softmax", [at + "t"], [at + "p"], axis=-1),
            node("MatMul", [at + "p", v], [at + "c"]), node("Transpose", [at + "c"], [at + "d"], perm=[0, 2, 1, 3]),
            node("Reshape", [at + "d", "together"], [at + "e"]),
        ])
        nodes.append(node("Add", [value, layer(at + "o", at + "e", WIDTH, WIDTH)], [at + "f"]))
        value = normalised(at + "n", at + "f")
        nodes.append(node("Relu", [layer(at + "up", value, WIDTH, 4 * WIDTH)], [at + "g"]))
        nodes.append(node("Add", [value, layer(at + "down", at + "g", 4 * WIDTH, WIDTH)], [at + "i"]))
        value = normalised(at + "z", at + "i")
    nodes.extend([node("Gather", [value, "zero"], ["first"], axis=1), node("MatMul", ["first", "head"], ["y"])])
    own_bytes = sum(constants[name].nbytes for name in constants if name.endswith(("_down", "_up")) and "q_" in name or "v_" in name)
    made = model(nodes, [("ids", TensorProto.INT64, ("rows", PLACES))], [("y", FLOAT, ("rows", 2 + variant))], constants)
    backbone = sum(array.nbytes for name, array in constants.items() if name != "head") - own_bytes
    return made, backbone


def case_low_rank_branches(lab):
    """Three heads with LoRA on q and v share all of the backbone at the cuts that `compare --advise` names, and less without."""
    files = [lab.model_file(f"adapted{variant}", adapted(variant)[0]) for variant in range(3)]
    advice = lab.folder() / "cuts"
    done = lab.command("compare", *files, "--advise", advice, "--store", lab.folder() / "none")
    assert done.status == 0, done.error
    cuts = advice.read_text().strip()
    for names, least, most in ((cuts, 0.95, 1.2), ("", 0, 0.9)):
        store = lab.folder() / "store"
        for variant, file in enumerate(files):
            done = lab.command("import", file, "--name", f"a{variant}", "--store", store, "--cut", names, "--json")
            assert done.status == 0, done.error
            report = json.loads(done.output)
            assert report["fallback"] is None and report["verification"].startswith("verified"), report
            if variant == 0:
                continue
            shared = sum(block["bytes"] for block in report["blocks"] if block["shared_with"])
            share = shared / adapted(variant)[1]
            assert least <= share <= most, f"{share:.3f} of the backbone with cuts '{names}'"
