"""Models that come, break and are repaired while a gateway serves: it stays up, and says what it can serve."""

import fcntl
import json
import threading
import time
from pathlib import Path

import numpy

IMAGE = {"image": numpy.zeros((1, 1, 8, 8), dtype=numpy.float32)}


def index(g):
    return {entry["name"]: entry for entry in g.post("/v2/repository/index", {}).json()}


def load(g, model, timeout=30):
    return g.post(f"/v2/repository/models/{model}/load", {}, timeout=timeout)


def ready_metric(g, model):
    return g.metrics()[f'gateway_model_ready{{model="{model}",version="1"}}']


def expect_unavailable(g, model):
    """Everything that tells of a model says that it cannot be served, and why, without a path of the machine."""
    entry = index(g)[model]
    assert entry["state"] == "UNAVAILABLE" and entry["reason"], entry
    for answer in (g.get(f"/v2/models/{model}/ready"), g.infer(model, IMAGE)):
        assert answer.status == 503, answer
        assert entry["reason"] in answer.json()["error"], (entry, answer)
        assert str(g.store).encode() not in answer.body, answer
    assert ready_metric(g, model) == 0
    status = {one["model"]: one for one in g.get("/v1/status").json()["models"]}[model]
    assert (status["state"], status["reason"]) == (entry["state"], entry["reason"]), status
    # A thread of its own writes the log: the answer may be here first.
    said = lambda: "a model cannot be served" in g.log() and f"model={model}:1" in g.log()
    g.until(said, 5, f"a line of the log about {model}")


def expect_ready(g, model):
    entry = index(g)[model]
    assert entry["state"] == "READY", entry
    assert g.get(f"/v2/models/{model}/ready").status == 200
    answer = g.infer(model, IMAGE)
    assert answer.status == 200, answer
    assert ready_metric(g, model) == 1


def own_block(lab, store, model):
    """The file of a block that only this model uses."""
    rows = json.loads(lab.command("blocks", "--store", store, "--json").output)
    name = next(row["hash"] for row in rows if row["models"] == [f"{model}:1"])
    return Path(store) / "blocks" / f"{name}.onnx"


def damage(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 8
    file.write_bytes(content)


def repair(lab, g, model):
    lab.import_model(g.store, model, lab.demo / "models" / f"{model}.onnx", "--version", "1")
    assert load(g, model).status == 200
    expect_ready(g, model)


def case_a_damaged_block_makes_its_model_unavailable_until_it_is_repaired(lab):
    """A block whose content is not what was stored shows at the first load, everywhere, and not after import and load."""
    store = lab.store("demo")
    damage(own_block(lab, store, "prime"))
    with lab.gateway("--mode", "enforce", store=store) as g:
        g.infer("prime", IMAGE)
        expect_unavailable(g, "prime")
        expect_ready(g, "digits")
        repair(lab, g, "prime")


def case_what_the_store_lacks_is_told_from_the_start(lab):
    """A missing block, a block of another size and a manifest that cannot be read make models unavailable at once."""
    for breaks in ("missing", "short", "manifest"):
        store = lab.store("demo")
        block, manifest = own_block(lab, store, "prime"), store / "models" / "prime" / "1.json"
        if breaks == "missing":
            block.unlink()
        elif breaks == "short":
            block.write_bytes(block.read_bytes()[:-1])
        else:
            manifest.write_text("{}")
        with lab.gateway(store=store) as g:
            expect_unavailable(g, "prime")
            expect_ready(g, "digits")
            repair(lab, g, "prime")


def case_a_model_over_the_memory_cap_is_told_at_once(lab):
    """What can never fit is unavailable before anybody asks; a gateway that can serve nothing is not ready."""
    with lab.gateway("--memory-bytes", "1000", wait_ready=False) as g:
        g.until(lambda: g.get("/v2/health/live").status == 200, 60, "live")
        g.until(lambda: g.post("/v2/repository/index", {}).status == 200, 20, "reading its store")
        g.until(lambda: index(g)["digits"]["state"] == "UNAVAILABLE", 20, "told")
        expect_unavailable(g, "digits")
        assert g.get("/v2/health/ready").status == 503


def case_a_store_that_is_not_there_is_an_error(lab):
    """A store's name mistyped is status 2 and one line that names the key, for every command but import."""
    folder = lab.folder()
    for command in (["serve", "--port", "0"], ["serve", "--check"], ["verify"], ["models"], ["blocks"], ["gc"],
                    ["remove", "digits"], ["calibrate"]):
        result = lab.command(*command, "--store", folder / "typo", timeout=20)
        assert result.status == 2 and result.error.startswith("gateway: store: ") and result.error.count("\n") == 1, (command, result)
    assert not (folder / "typo").exists()


def case_an_empty_store_serves_what_is_imported_later(lab):
    """A folder that is there and empty is a store; the log says that it holds no models."""
    store = lab.folder() / "store"
    store.mkdir()
    with lab.gateway(store=store) as g:
        assert index(g) == {} and "the store holds no models" in g.log(), g.log()
        repair(lab, g, "digits")


def case_a_collection_that_holds_the_store_stops_nothing_but_loads(lab):
    """While another process holds the lock of leases, health and inference are quick; a load waits for it, and SIGTERM is obeyed."""
    with lab.gateway() as g, open(g.store / ".lease-lock", "w") as lock:
        assert g.infer("digits", IMAGE).status == 200
        fcntl.flock(lock, fcntl.LOCK_EX)
        answers = []
        waiting = [threading.Thread(target=lambda: answers.append(load(g, "digits").status)) for _ in range(6)]
        for thread in waiting:
            thread.start()
        for _ in range(10):
            began = time.monotonic()
            assert g.get("/v2/health/ready", timeout=5).status == 200
            assert g.infer("digits", IMAGE, timeout=5).status == 200
            assert time.monotonic() - began < 2
        assert not answers, answers
        fcntl.flock(lock, fcntl.LOCK_UN)
        for thread in waiting:
            thread.join(20)
        assert answers == [200] * 6, answers
        fcntl.flock(lock, fcntl.LOCK_EX)
        late = threading.Thread(target=lambda: answers.append(load(g, "digits").status))
        late.start()
        time.sleep(0.3)
        began = time.monotonic()
        g.signal(15)
        assert g.wait(8) == 0
        late.join(10)
        assert answers[6:] == [503], answers


def case_a_manifest_that_cannot_be_read_at_a_load_drops_no_model(lab):
    """A model that is served and has its blocks is served on while its manifest cannot be read; the index tells why it is worth a look."""
    with lab.gateway() as g:
        manifest = g.store / "models" / "prime" / "1.json"
        sound = manifest.read_bytes()
        manifest.write_bytes(b"{}")
        assert load(g, "digits").status == 200
        assert g.infer("prime", IMAGE).status == 200
        entry = index(g)["prime"]
        assert entry["state"] == "READY" and entry["reason"], entry
        manifest.write_bytes(sound)
        assert load(g, "digits").status == 200
        assert index(g)["prime"]["reason"] == ""


def case_imports_loads_and_requests_all_at_once(lab):
    """Twenty threads load and ask while models are imported and removed: nothing that is served fails, nothing imported is lost."""
    with lab.gateway() as g:
        wrong, over = [], threading.Event()

        def client(number):
            model = ("digits", "parity", "prime")[number % 3]
            while not over.is_set():
                answer = g.infer(model, IMAGE, {"Inference-Timeout-Ms": "60000"}, timeout=60)
                if answer.status != 200:
                    wrong.append((model, answer))
                if number % 5 == 0:
                    answer = load(g, model)
                    if answer.status != 200:
                        wrong.append(("load", answer))

        clients = [threading.Thread(target=client, args=(number,)) for number in range(20)]
        for thread in clients:
            thread.start()
        for number in range(4):
            name = f"new{number}"
            lab.import_model(g.store, name, lab.demo / "models" / "has-loop.onnx", "--no-verify")
            for what in (load(g, name), g.infer(name, IMAGE, {"Inference-Timeout-Ms": "60000"}, timeout=60)):
                if what.status != 200:
                    wrong.append((name, what))
        over.set()
        for thread in clients:
            thread.join(30)
        assert not wrong, (len(wrong), wrong[:3])
        assert {f"new{number}" for number in range(4)} <= index(g).keys()


def case_a_gateway_has_one_lease_and_leaves_none(lab):
    """Starts that are killed leave no pile of leases, a clean end leaves none."""
    store = lab.store("demo")
    leases = store / "leases"
    for _ in range(2):
        with lab.gateway(store=store) as g:
            g.signal(9)
            g.wait(10)
    with lab.gateway(store=store) as g:
        g.until(lambda: len(list(leases.iterdir())) == 1, 15, "down to one lease")
        g.signal(15)
        assert g.wait(20) == 0
    assert not list(leases.iterdir())
