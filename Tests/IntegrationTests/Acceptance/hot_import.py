"""Models imported while the gateway runs, starting from an empty store: load makes each servable, without a restart."""

import json
import subprocess
import threading
from pathlib import Path

import numpy

from acceptance import Checks, Server, arguments, json_input, outputs
from metrics import Metrics

IMAGES = 16


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


def ask(server, images, model, version=None):
    tensor = server.metadata(model)
    if tensor is None or "inputs" not in tensor:
        tensor = {"inputs": [{"name": "image", "datatype": "FP32"}]}
    text = json.dumps({"inputs": [json_input(tensor["inputs"][0], images.images)]}).encode()
    path = f"/v2/models/{model}" + (f"/versions/{version}" if version else "") + "/infer"
    return server.ask("POST", path, text, {"Inference-Timeout-Ms": "20000"})


def resident(server, model):
    return Metrics(server).sum("model_resident", model=model) == 1


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

    steady = Steady(server, images, "digits")
    steady.start()
    under_traffic(checks, server, images)
    steady.over.set()
    steady.join()
    checks.check(f"{steady.asked} requests for digits meanwhile were all right", steady.asked and not steady.wrong, steady.wrong[:3])
    checks.finish()


def under_traffic(checks, server, images):
    status, said = images.run("parity")
    checks.check("parity is imported beside it", status == 0 and said["bytes_saved"] > 0, said)
    checks.check("parity is loaded", *control(server, "parity", "load"))
    checks.check("it is in memory", resident(server, "parity"))
    answer = ask(server, images, "parity")
    checks.check("parity's answers are right", images.right(server, answer, "parity"), answer.body[:300])
    checks.check("parity is unloaded", *control(server, "parity", "unload"))
    checks.check("what only it needs has left memory", not resident(server, "parity"))
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
