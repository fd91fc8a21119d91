"""The public contract from outside: the Open Inference Protocol V2 with Triton's extensions, and openapi.yaml.

Works against any server of the protocol: what it lacks by its own word is skipped. A server that answers `/v1/status` is
this gateway: it is also held to its document, and to its account of requests.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy

import openapi_conformance
from acceptance import NUMPY_TYPES, Checks, Server, binary_input, concrete, json_input, outputs, sample
from faults.lab import Lab
from ledger import Account
from malformed_requests import attack_all
from value_probes import probe

ROOT = Path(__file__).resolve().parents[3]
INSTANCE = ROOT / "Tests" / "PlanFormatTests" / "Instances" / "small-101.json"


class Contract:
    """Checks of one server."""

    def __init__(self, checks, server):
        self.checks, self.server = checks, server
        self.extensions = []
        self.is_gateway = server.ask("GET", "/v1/status").status == 200

    def check(self, name, holds, detail=""):
        return self.checks.check(name, holds, detail)

    def lacks(self, extension, what):
        if extension in self.extensions:
            return False
        print(f"skip  {what}: the server does not name the extension {extension}", flush=True)
        return True

    # What the server says of itself.

    def describes_itself(self):
        answer = self.server.ask("GET", "/v2")
        tree = answer.json if isinstance(answer.json, dict) else {}
        self.check("GET /v2 is 200", answer.status == 200, answer.body[:200])
        self.check("it has a name and a version", all(isinstance(tree.get(key), str) for key in ("name", "version")), tree)
        self.extensions = tree.get("extensions", [])
        self.check("extensions are texts", all(isinstance(one, str) for one in self.extensions), tree)
        for path in ("/v2/health/live", "/v2/health/ready"):
            self.check(f"GET {path} is 200", self.server.ask("GET", path).status == 200)

    def models(self, named):
        if named or self.lacks("model_repository", "the repository's index; name models with --model"):
            return named
        answer = self.server.ask("POST", "/v2/repository/index", b"{}")
        entries = answer.json if isinstance(answer.json, list) else []
        self.check("the index is an array of entries with a name", entries and all("name" in one for one in entries), answer.body[:300])
        self.check("states are known", all(one.get("state", "READY") in ("READY", "UNAVAILABLE", "LOADING", "UNLOADING", "UNKNOWN")
                                           for one in entries), entries)
        ready = sorted({one["name"] for one in entries if one.get("state", "READY") == "READY"})
        only = self.server.ask("POST", "/v2/repository/index", b'{"ready":true}').json
        self.check("an index of what is ready holds nothing else", sorted({one["name"] for one in only}) == ready, only)
        return ready

    def describes(self, model):
        answer = self.server.ask("GET", f"/v2/models/{model}")
        metadata = answer.json or {}
        if not self.check(f"{model}: metadata", answer.status == 200 and metadata.get("name") == model, answer.body[:300]):
            return None
        for kind in ("inputs", "outputs"):
            tensors = metadata.get(kind) or []
            self.check(f"{model}: {kind} have name, datatype and shape", tensors and all(
                isinstance(one.get("name"), str) and one.get("datatype") in {*NUMPY_TYPES, "BYTES", "BF16"}
                and all(isinstance(size, int) and size >= -1 for size in one["shape"]) for one in tensors), tensors)
        self.check(f"{model}: ready", self.server.ask("GET", f"/v2/models/{model}/ready").status == 200)
        self.versions(model, metadata)
        self.configuration(model, metadata)
        return metadata

    def versions(self, model, metadata):
        versions = metadata.get("versions", [])
        self.check(f"{model}: versions are texts", all(isinstance(one, str) for one in versions), versions)
        for version in versions:
            for tail in ("", "/ready"):
                answer = self.server.ask("GET", f"/v2/models/{model}/versions/{version}{tail}")
                self.check(f"{model}: version {version}{tail} answers", answer.status == 200, answer.body[:200])
        for version in ["01", "+1", "%2B1", "1.0", "%31x", "-1", "99999999", "9" * 40, "x", "%00"]:
            self.refused(f"{model}: version {version}", "GET", f"/v2/models/{model}/versions/{version}")

    def configuration(self, model, metadata):
        if self.lacks("model_configuration", f"{model}: the configuration"):
            return
        config = self.server.ask("GET", f"/v2/models/{model}/config").json or {}
        limit = config.get("max_batch_size", -1)
        self.check(f"{model}: max_batch_size", isinstance(limit, int) and limit >= 0, config)
        for given, told in [("input", "inputs"), ("output", "outputs")]:
            full = [([-1] if limit > 0 else []) + one["dims"] for one in config.get(given, [])]
            self.check(f"{model}: {given} dims are the metadata's", full == [one["shape"] for one in metadata[told]], (config, metadata))
            kinds = [one["data_type"].removeprefix("TYPE_").replace("STRING", "BYTES") for one in config.get(given, [])]
            self.check(f"{model}: {given} types are the metadata's", kinds == [one["datatype"] for one in metadata[told]], config)
        rows = sum(numpy.prod(concrete(one["shape"], 1)) for one in metadata["inputs"])
        if limit > 0 and rows * limit < 4 << 20 and self.plain(metadata):
            for count, expected in [(limit, 200), (limit + 1, 400)]:
                status = self.ask_rows(model, metadata, count).status
                self.check(f"{model}: {count} rows where max_batch_size is {limit}: {expected}", status == expected, status)

    # Inference.

    @staticmethod
    def plain(metadata):
        return all(one["datatype"] in NUMPY_TYPES for one in metadata["inputs"] + metadata["outputs"])

    def ask_rows(self, model, metadata, rows):
        arrays = [sample(one, rows) for one in metadata["inputs"]]
        request = {"inputs": [binary_input(one, array) for one, array in zip(metadata["inputs"], arrays)],
                   "parameters": {"binary_data_output": True}}
        return self.server.infer(model, request, b"".join(array.tobytes() for array in arrays), {"Inference-Timeout-Ms": "60000"})

    def infers(self, model, metadata):
        if not self.plain(metadata) or any(one["datatype"] in ("FP16", "BF16") for one in metadata["inputs"] + metadata["outputs"]):
            print(f"skip  {model}: inference in JSON: a datatype has no JSON form or is BYTES", flush=True)
            return
        arrays = [sample(one, rows=2) for one in metadata["inputs"]]
        request = {"id": "conformance-1", "inputs": [json_input(one, array) for one, array in zip(metadata["inputs"], arrays)]}
        plain = self.server.infer(model, request)
        if not self.check(f"{model}: an inference in JSON", plain.status == 200, plain.body[:300]):
            return
        tree = plain.json
        self.check(f"{model}: the answer names the model", tree.get("model_name") == model, tree)
        self.check(f"{model}: the id comes back", tree.get("id") == "conformance-1", tree)
        self.check(f"{model}: all outputs come", {one["name"] for one in tree["outputs"]} == {one["name"] for one in metadata["outputs"]})
        one = metadata["outputs"][0]["name"]
        picked = self.server.infer(model, {**request, "outputs": [{"name": one}]}).json
        self.check(f"{model}: an output asked for comes alone", [entry["name"] for entry in picked["outputs"]] == [one], picked)
        versioned = self.server.ask("POST", f"/v2/models/{model}/versions/{tree['model_version']}/infer", json.dumps(request).encode())
        self.check(f"{model}: the version of the answer is asked", versioned.status == 200, versioned.body[:200])
        if not self.lacks("binary_tensor_data", f"{model}: binary tensors"):
            binary = self.ask_rows(model, metadata, 2)
            same = binary.status == 200 and all(
                numpy.allclose(array, outputs(plain)[name], rtol=1e-3, atol=1e-4, equal_nan=True) for name, array in outputs(binary).items())
            self.check(f"{model}: binary and JSON agree", same, binary.body[:300])
        self.counts(model, metadata)

    def statistics(self, model):
        return self.server.ask("GET", f"/v2/models/{model}/stats").json["model_stats"][-1]

    def counts(self, model, metadata):
        """What the statistics extension says of its counts, over three requests of 1, 2 and 3 rows."""
        if self.lacks("statistics", f"{model}: statistics"):
            return
        is_batched = all(one["shape"][:1] == [-1] for one in metadata["inputs"]) and self.batches(model)
        before = self.statistics(model)
        rows = [1, 2, 3] if is_batched else [1, 1, 1]
        statuses = [self.ask_rows(model, metadata, count).status for count in rows]
        after = self.statistics(model)
        self.check(f"{model}: three requests are answered", statuses == [200] * 3, statuses)
        grown = {key: after["inference_stats"][key]["count"] - before["inference_stats"][key]["count"] for key in after["inference_stats"]}
        for key in ("success", "queue", "compute_input", "compute_infer", "compute_output"):
            self.check(f"{model}: {key} counts requests", grown[key] == 3, grown)
        items = after["inference_count"] - before["inference_count"]
        self.check(f"{model}: inference_count counts rows", items == sum(rows), (items, rows))
        runs = after["execution_count"] - before["execution_count"]
        self.check(f"{model}: execution_count counts runs", 1 <= runs <= 3, runs)
        sizes = {one["batch_size"]: one["compute_infer"]["count"] for one in after["batch_stats"]}
        self.check(f"{model}: batch sizes add up to inferences", sum(size * count for size, count in sizes.items()) == after["inference_count"], after)
        self.check(f"{model}: batches add up to runs", sum(sizes.values()) == after["execution_count"], after)
        parts = sum(after["inference_stats"][key]["ns"] for key in ("queue", "compute_input", "compute_infer", "compute_output"))
        self.check(f"{model}: parts take no longer than the whole", parts <= after["inference_stats"]["success"]["ns"], after)

    def batches(self, model):
        if "model_configuration" not in self.extensions:
            return False
        return self.server.ask("GET", f"/v2/models/{model}/config").json.get("max_batch_size", 0) > 3

    # Errors.

    def refused(self, name, method, path, body=None, headers=None):
        answer = self.server.ask(method, path, body, headers)
        error = answer.json.get("error") if isinstance(answer.json, dict) else None
        self.check(f"{name}: 4xx", 400 <= answer.status < 500, (answer.status, answer.body[:200]))
        self.check(f"{name}: `error` as application/json", isinstance(error, str) and error
                   and answer.headers.get_content_type() == "application/json", (answer.headers.items(), answer.body[:200]))

    def errors(self, model):
        self.refused("an unknown model's metadata", "GET", "/v2/models/no-such-model")
        self.refused("an unknown model's inference", "POST", "/v2/models/no-such-model/infer", b'{"inputs":[]}')
        for name, body in [("nothing", b""), ("no JSON", b"{"), ("an array", b"[]"), ("no inputs", b"{}"),
                           ("an unknown input", b'{"inputs":[{"name":"no-such","shape":[1],"datatype":"FP32","data":[1]}]}')]:
            self.refused(f"an inference of {name}", "POST", f"/v2/models/{model}/infer", body)


def check_server(checks, url, names, probes, seed):
    server = Server(url)
    contract = Contract(checks, server)
    contract.describes_itself()
    names = contract.models(names)
    metadata = {name: contract.describes(name) for name in names}
    known = [name for name in names if metadata[name]]
    for name in known:
        contract.infers(name, metadata[name])
    if not checks.check("there is a model to ask", known):
        return
    contract.errors(known[0])
    for place, name in enumerate(known):
        probe(checks, server, name, max(probes // len(known), 16), seed + place)
    if not contract.is_gateway:
        print("skip  openapi.yaml, bodies and heads of this gateway, its account: the server has no /v1/status", flush=True)
        return
    document = openapi_conformance.Document(ROOT / "openapi.yaml")
    target = next((name for name in known if contract.plain(metadata[name]) and len(metadata[name]["inputs"]) == 1), None)
    if target is None:
        print("skip  openapi.yaml and malformed bodies: no model with one input of numbers", flush=True)
    else:
        attack_all(checks, server, target)
        openapi_conformance.conform(checks, server, target, document, INSTANCE)
    checks.check("the account of requests adds up", not Account(server).faults(), Account(server).faults())


def main():
    parser = argparse.ArgumentParser(prog="scripts/conformance", description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--url", help="a server that runs: http://127.0.0.1:8080")
    where.add_argument("--gateway", type=Path, help="an executable: it is started with the demo catalog")
    parser.add_argument("--model", action="append", default=[], help="ask only this model; may be given more than once")
    parser.add_argument("--probes", type=int, default=2000, help="how many value probes are sent")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    given = parser.parse_args()
    checks = Checks()
    if given.url:
        check_server(checks, given.url, given.model, given.probes, given.seed)
    else:
        with tempfile.TemporaryDirectory(prefix="gateway-conformance-") as folder:
            place = Path(folder) / "case"
            place.mkdir()
            with Lab(given.gateway.resolve(), place).gateway() as gateway:
                check_server(checks, gateway.url, given.model, given.probes, given.seed)
    for name in checks.failures:
        print(f"failed: {name}")
    print(f"{checks.passed} passed, {len(checks.failures)} failed")
    sys.exit(1 if checks.failures or checks.passed == 0 else 0)


if __name__ == "__main__":
    main()
