"""What blocks are said to take in memory is what they take, wherever their weights are."""

import itertools

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

WITHIN = 0.10
RANDOM = numpy.random.default_rng(7)
VOCABULARIES = itertools.count()


def model(nodes, input_type, input_shape, output_shape, weights=(), ml=None):
    name = nodes[-1].output[0]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", input_type, input_shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, output_shape)], weights,
    )
    sets = [helper.make_opsetid("", 17)] + ([helper.make_opsetid("ai.onnx.ml", ml)] if ml else [])
    return helper.make_model(graph, opset_imports=sets, ir_version=8)


def weight(name, *shape, scale=0.03):
    return numpy_helper.from_array((RANDOM.standard_normal(shape) * scale).astype(numpy.float32), name)


def vocabulary_of(count):
    """Words that no model made before has: models share what is equal."""
    number = next(VOCABULARIES)
    return [f"a word of its own, {number:02d}-{word:06d}" for word in range(count)]


def forest(trees=24, depth=10, features=16):
    """A forest of full trees, all of whose numbers are attributes, as scikit-learn's exporter writes it."""
    inner, nodes = 2 ** depth - 1, 2 ** (depth + 1) - 1
    ids = numpy.arange(nodes)
    is_leaf = ids >= inner
    one = {
        "nodes_nodeids": ids, "nodes_featureids": numpy.where(is_leaf, 0, ids % features),
        "nodes_truenodeids": numpy.where(is_leaf, 0, 2 * ids + 1), "nodes_falsenodeids": numpy.where(is_leaf, 0, 2 * ids + 2),
        "nodes_missing_value_tracks_true": numpy.zeros(nodes, int),
    }
    attributes = {name: numpy.tile(values, trees).tolist() for name, values in one.items()}
    attributes |= {
        "nodes_treeids": numpy.repeat(numpy.arange(trees), nodes).tolist(),
        "nodes_hitrates": [1.0] * (nodes * trees),
        "nodes_modes": (["BRANCH_LEQ"] * inner + ["LEAF"] * (nodes - inner)) * trees,
        "nodes_values": RANDOM.standard_normal(nodes * trees).astype(numpy.float32).tolist(),
        "target_ids": [0] * ((nodes - inner) * trees),
        "target_nodeids": numpy.tile(ids[is_leaf], trees).tolist(),
        "target_treeids": numpy.repeat(numpy.arange(trees), nodes - inner).tolist(),
        "target_weights": RANDOM.standard_normal((nodes - inner) * trees).astype(numpy.float32).tolist(),
        "n_targets": 1, "post_transform": "NONE", "aggregate_function": "AVERAGE",
    }
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", **attributes)
    return model([node], TensorProto.FLOAT, ["n", features], ["n", 1], ml=3)


def convolutions(layers=8, channels=192):
    nodes, weights, last = [], [], "x"
    for layer in range(layers):
        weights += [weight(f"w{layer}", channels, channels, 3, 3), weight(f"b{layer}", channels)]
        nodes += [
            helper.make_node("Conv", [last, f"w{layer}", f"b{layer}"], [f"c{layer}"], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", [f"c{layer}"], [f"r{layer}"]),
        ]
        last = f"r{layer}"
        if layer % 2:
            nodes.append(helper.make_node("Add", [last, f"r{layer - 1}"], [f"s{layer}"]))
            last = f"s{layer}"
    shape = ["n", channels, 14, 14]
    return model(nodes, TensorProto.FLOAT, shape, shape, weights)


def perceptron(layers=6, width=768):
    nodes, weights, last = [], [], "x"
    for layer in range(layers):
        weights += [weight(f"w{layer}", width, width), weight(f"b{layer}", width)]
        nodes += [
            helper.make_node("Gemm", [last, f"w{layer}", f"b{layer}"], [f"g{layer}"]),
            helper.make_node("Relu", [f"g{layer}"], [f"r{layer}"]),
        ]
        last = f"r{layer}"
    return model(nodes, TensorProto.FLOAT, ["n", width], ["n", width], weights)


def vocabulary(words=60_000):
    """Word counts, weighted and summed up: the words are an attribute."""
    node = helper.make_node(
        "TfIdfVectorizer", ["x"], ["y"], max_gram_length=1, max_skip_count=0, min_gram_length=1, mode="TFIDF",
        ngram_counts=[0], ngram_indexes=list(range(words)), pool_strings=vocabulary_of(words),
        weights=[1.0] * words,
    )
    product = helper.make_node("MatMul", ["y", "w"], ["z"])
    return model([node, product], TensorProto.STRING, ["n", 4], ["n", 8], [weight("w", words, 8)])


def embedding(words=60_000, width=64):
    """Words to numbers, by an attribute, and to vectors."""
    node = helper.make_node(
        "LabelEncoder", ["x"], ["i"], domain="ai.onnx.ml", keys_strings=vocabulary_of(words),
        values_int64s=list(range(words)), default_int64=0,
    )
    gather = helper.make_node("Gather", ["e", "i"], ["z"])
    return model([node, gather], TensorProto.STRING, ["n", 4], ["n", 4, width], [weight("e", words, width)], ml=2)


def check_claim(lab, name, build, count=3):
    """Several models of one kind, of different weights, are loaded together: what the heap has to spare is little beside them."""
    names = [f"{name}-{place}" for place in range(count)]
    models = {one: build() for one in names} | {"first": build()}
    config = {"engine": {"reserve_memory": "false", "calibration_budget_ms": 0}}

    def load(gateway, model):
        answer = gateway.post(f"/v2/repository/models/{model}/load", b"{}", timeout=60)
        assert answer.status == 200, answer

    # Compiling leaves behind what a process that only serves never had: it is done by another.
    with lab.gateway(models=models, config=config) as gateway:
        store = gateway.store
        for model in models:
            load(gateway, model)
            assert gateway.post(f"/v2/repository/models/{model}/unload", b"{}").status == 200
    with lab.gateway(store=store, config=config) as gateway:
        # The first load fills pools that stay, and gives back what the start left in the heap.
        load(gateway, "first")
        before, of_first = gateway.rss(), gateway.total("accelerator_memory_bytes", kind="used")
        for model in names:
            load(gateway, model)
        took, claimed = gateway.rss() - before, gateway.total("accelerator_memory_bytes", kind="used") - of_first
    assert abs(claimed - took) <= WITHIN * took, f"{name}: said to take {claimed / 1e6:.1f} MB, took {took / 1e6:.1f}"


def case_forest(lab):
    """A forest is said to take what it takes, within a tenth."""
    check_claim(lab, "forest", lambda: forest(trees=12), count=4)


def case_convolutions(lab):
    """A stack of convolutions is said to take what it takes, within a tenth."""
    check_claim(lab, "convolutions", lambda: convolutions(layers=4), count=2)


def case_perceptron(lab):
    """A stack of matrix products is said to take what it takes, within a tenth."""
    check_claim(lab, "perceptron", perceptron)


def case_vocabulary(lab):
    """A model with its words in an attribute is said to take what it takes, within a tenth."""
    check_claim(lab, "vocabulary", vocabulary)


def case_embedding(lab):
    """A model with a table of words and vectors is said to take what it takes, within a tenth."""
    check_claim(lab, "embedding", embedding)


def case_cap_refuses_a_forest(lab):
    """A forest over the cap is refused without being loaded, and `models` says that it takes something."""
    store = lab.store({"forest": forest()})
    listing = lab.command("models", "--store", store).output
    assert int(listing.splitlines()[1].split()[3]) > 2 << 20, listing
    with lab.gateway("--memory-bytes", "1000", store=store, wait_ready=False) as gateway:
        # It can serve nothing, and so is never ready.
        gateway.until(lambda: "listening on" in gateway.stdout(), 20, "listening")
        before = gateway.rss()
        answer = gateway.infer("forest", {"x": numpy.zeros((1, 16), numpy.float32)})
        assert answer.status == 503 and answer.json()["code"] in ("memory_unavailable", "model_unavailable"), answer
        assert gateway.rss() - before < 2 << 20, "it was loaded all the same"


def case_two_forests_share_a_cap(lab):
    """Two forests under a cap that holds one and a half: both are served, never both in memory."""
    with lab.gateway(models={"a": forest(), "b": forest()}, config={"engine": {"calibration_budget_ms": 0}}) as gateway:
        for name in ("a", "b"):
            answer = gateway.infer(name, {"x": numpy.zeros((1, 16), numpy.float32)}, {"Inference-Timeout-Ms": "20000"})
            assert answer.status == 200, answer
        both, store = gateway.total("accelerator_memory_bytes", kind="used"), gateway.store
    cap = int(both * 0.75)
    with lab.gateway("--memory-bytes", cap, store=store) as gateway:
        for name in ("a", "b", "a", "b"):
            answer = gateway.infer(name, {"x": numpy.zeros((1, 16), numpy.float32)}, {"Inference-Timeout-Ms": "20000"})
            assert answer.status == 200, answer
            used = gateway.total("accelerator_memory_bytes", kind="used")
            assert both * 0.4 < used <= cap, (used, both, cap)
