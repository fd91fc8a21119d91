"""Models imported while the gateway runs, starting from an empty store: load makes each servable, without a restart."""

import json
import subprocess
import threading
import time
from pathlib import Path

import numpy

from acceptance import Checks, Server, arguments, json_input, outputs
from metrics import Metrics

IMAGES = 16
CLIENTS = 3


class Import:
    """The command line beside the running server."""

    def __init__(self, given):
        self.gateway, self.store, self.demo = given.gateway, given.store, Path(given.demo)
        held_out = json.loads((self.demo / "heldout.json").read_text())
        self.images = numpy.array(held_out["images"][:IMAGES], dtype=numpy.float32).reshape(-1, 1, 8, 8)
        self.labels = {model: answer["label"][:IMAGES] for model, answer in held_out["answers"].items()}

    def run(self, model, name=None, version=None):
        more = ["--version", str(version)] if version else []
        file = self.demo / "models" / f"{model}.onnx"
        command = [self.gateway, "import", str(file), "--name", name or model, "--store", self.store, "--json", *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr

    def right(self, server, answer, model):
        return answer.status == 200 and outputs(answer)["label"].reshape(-1).tolist() == self.labels[model]


class Steady(threading.Thread):
    """Asks one model all the time; every answer must be right."""

    def __init__(self, server, images, model):
        super().__init__()
        self.server, self.images, self.model = server, images, model
        self.asked, self.wrong, self.over = 0, [], threading.Event()

    def run(self):
        while not self.over.wait(0.002):
            answer = ask(self.server, self.images, self.model, version=1)
            self.asked += 1
            if not self.images.right(self.server, answer, self.model):
                self.wrong.append((answer.status, answer.body[:200]))


class Crowd:
    """Several that ask at once, so that requests are always waiting, loading and running."""

    def __init__(self, server, images, model):
        self.clients = [Steady(server, images, model) for _ in range(CLIENTS)]
        for client in self.clients:
            client.start()

    @property
    def asked(self):
        return sum(client.asked for client in self.clients)

    @property
    def wrong(self):
        return [answer for client in self.clients for answer in client.wrong]

    def go_on(self, count, limit_s=20):
        """Waits until each has had `count` more answers."""
        wanted = [client.asked + count for client in self.clients]
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            if all(client.asked >= least for client, least in zip(self.clients, wanted)):
                return True
            time.sleep(0.01)
        return False

    def end(self):
        for client in self.clients:
            client.over.set()
        for client in self.clients:
            client.join()


def units(server, model):
    """What is loaded as one for a model, by hash, with the models that use each."""
    blocks = server.ask("GET", "/v1/blocks").json["blocks"]
    return {block["block"]: block["models"] for block in blocks if model in block["models"]}


def ask(server, images, model, version=None):
    tensor = server.metadata(model)
    if tensor is None or "inputs" not in tensor:
        tensor = {"inputs": [{"name": "image", "datatype": "FP32"}]}
    text = json.dumps({"inputs": [json_input(tensor["inputs"][0], images.images)]}).encode()
    path = f"/v2/models/{model}" + (f"/versions/{version}" if version else "") + "/infer"
    return server.ask("POST", path, text, {"Inference-Timeout-Ms": "20000"})


def resident(server, model):
    return Metrics(server).sum("model_resident", model=model) == 1


def leaves(server, model, limit_s=20):
    """Unloading is answered when it is decided; the loader carries it out when it is free."""
    until = time.monotonic() + limit_s
    while resident(server, model) and time.monotonic() < until:
        time.sleep(0.02)
    return not resident(server, model)


def control(server, model, verb):
    answer = server.ask("POST", f"/v2/repository/models/{model}/{verb}", b"{}")
    return answer.status == 200 and answer.body == b"", (answer.status, answer.body[:300])


def main():
    given = arguments(__doc__, *((name, {"required": True}) for name in ("--gateway", "--store", "--demo")))
    checks, server, images = Checks(), Server(given.url), Import(given)
    checks.check("an empty store serves, and holds nothing", server.is_alive() and server.index() == [], server.index())
    checks.check("an unknown model cannot be loaded", server.ask("POST", "/v2/repository/models/digits/load").status == 404)

    status, said = images.run("digits")
    checks.check("digits is imported", status == 0, said)
    checks.check("digits is loaded", *control(server, "digits", "load"))
    checks.check("it is in the index", server.index() == ["digits"], server.index())
    answer = ask(server, images, "digits")
    checks.check("its answers are right", images.right(server, answer, "digits"), answer.body[:300])
    checks.check("nothing had to be loaded for it any more", answer.json["parameters"]["blocks_loaded"] == 0, answer.body[:300])

    crowd = Crowd(server, images, "digits")
    under_traffic(checks, server, images, crowd)
    crowd.end()
    checks.check(f"{crowd.asked} requests for digits meanwhile were all right", crowd.asked and not crowd.wrong, crowd.wrong[:3])
    checks.finish()


def under_traffic(checks, server, images, crowd):
    checks.check("digits is asked for all the time", crowd.go_on(5))
    whole = units(server, "digits:1")
    checks.check("alone, digits is one unit", len(whole) == 1, whole)
    status, said = images.run("parity")
    checks.check("parity is imported beside it", status == 0 and said["bytes_saved"] > 0, said)
    checks.check("parity is loaded", *control(server, "parity", "load"))
    parts = units(server, "digits:1")
    checks.check("now digits is several units", len(parts) > 1 and not set(whole) & set(parts), (whole, parts))
    shared = [unit for unit, models in parts.items() if "parity:1" in models]
    checks.check("some parity uses, too, some not", 0 < len(shared) < len(parts), parts)
    checks.check("digits is answered from the parts", crowd.go_on(10) and resident(server, "digits"), crowd.wrong[:3])
    checks.check("and never was answered wrong or not at all", not crowd.wrong, crowd.wrong[:3])
    checks.check("it is in memory", resident(server, "parity"))
    answer = ask(server, images, "parity")
    checks.check("parity's answers are right", images.right(server, answer, "parity"), answer.body[:300])
    checks.check("parity is unloaded", *control(server, "parity", "unload"))
    checks.check("what only it needs has left memory", leaves(server, "parity"))
    answer = ask(server, images, "parity")
    checks.check("asked again, it is right", images.right(server, answer, "parity"), answer.body[:300])
    grant = answer.json["parameters"]
    checks.check("and only what was missing was loaded", grant["blocks_loaded"] == 1 and grant["blocks_reused"] > 0, grant)

    status, said = images.run("prime", name="digits", version=2)
    checks.check("another file is imported as digits 2", status == 0, said)
    checks.check("digits is loaded again", *control(server, "digits", "load"))
    versions = server.metadata("digits")["versions"]
    checks.check("digits has both versions", sorted(versions) == ["1", "2"], versions)
    for version, model in [(None, "prime"), (2, "prime"), (1, "digits")]:
        answer = ask(server, images, "digits", version)
        checks.check(f"digits, version {version}, answers as {model}", images.right(server, answer, model), answer.body[:300])


if __name__ == "__main__":
    main()
