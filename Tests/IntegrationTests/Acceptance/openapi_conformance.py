"""Live answers of every operation, good and bad, against openapi.yaml; and the document itself against OpenAPI 3.1."""

import json
import re
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from acceptance import Checks, Server, arguments, binary_input, json_input, sample
from legal_bodies import legal_binary, legal_json
from malformed_requests import MEDIA_TYPES, media_type

DOCUMENT = "urn:openapi"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


class Document:
    """openapi.yaml: its operations, and validation against its schemas."""

    def __init__(self, path):
        self.tree = yaml.safe_load(Path(path).read_text())
        self.registry = Registry().with_resource(
            DOCUMENT, Resource(contents=self.tree, specification=DRAFT202012)
        )
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self.tree["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        }

    def resolve(self, node):
        while "$ref" in node:
            node = self.at(node["$ref"])
        return node

    def at(self, reference):
        node = self.tree
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        return node

    def untyped(self, node, place=""):
        """Places of compositions whose parts do not all say their type, which generators need."""
        if isinstance(node, dict):
            for part in [node, *node["allOf"]] if "allOf" in node else []:
                if "type" not in part and "$ref" not in part:
                    yield place
        for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else []:
            yield from self.untyped(child, f"{place}/{key}")

    def response(self, operation, status):
        """What the operation says of a status: its own entry, or its class's (`4XX`)."""
        said = operation["responses"]
        found = said.get(str(status)) or said.get(f"{status // 100}XX")
        return self.resolve(found) if found else None

    def errors(self, schema, value):
        """What of a value does not fit a schema of the document."""
        absolute = json.loads(json.dumps(schema).replace('"#/', f'"{DOCUMENT}#/'))
        validator = Draft202012Validator(absolute, registry=self.registry, format_checker=FormatChecker())
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


class Conformance:
    def __init__(self, checks, server, document):
        self.checks, self.server, self.document = checks, server, document
        self.seen = {}

    def case(self, operation_id, path, expected, body=None, headers=None, name=None):
        """Asks, and checks status, headers, content type and body against the document."""
        method, template, operation = self.document.operations[operation_id]
        assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]*", template), path.partition("?")[0]), (template, path)
        answer = self.server.ask(method, path, body, headers)
        self.seen.setdefault(operation_id, set()).add(answer.status // 100)
        problems = [] if answer.status == expected else [f"status {answer.status}, expected {expected}"]
        problems += self.problems(operation, answer, path)
        label = f"{operation_id} {expected} {name or path}"
        self.checks.check(label, not problems, (problems, answer.body[:400]))
        return answer

    def problems(self, operation, answer, path):
        said = self.document.response(operation, answer.status)
        if said is None:
            return [f"status {answer.status} is not documented"]
        return self.header_problems(said, answer) + self.body_problems(said, answer, path)

    def header_problems(self, said, answer):
        found = []
        for name, header in said.get("headers", {}).items():
            header, value = self.document.resolve(header), answer.headers.get(name)
            if value is None:
                found += [f"header {name} is missing"] if header.get("required") else []
            elif header["schema"].get("type") == "integer":
                found += self.document.errors(header["schema"], int(value) if value.isdigit() else value)
        return found

    def body_problems(self, said, answer, path):
        content = said.get("content")
        if content is None:
            return [f"body of {len(answer.body)} bytes, none documented"] if answer.body else []
        kind = answer.headers.get_content_type()
        if kind not in content or (answer.status >= 400 and kind != media_type(path)):
            return [f"content type {kind} is not documented, or not for this path"]
        schema = content[kind].get("schema", {})
        if kind in ("text/plain", "text/html", "application/yaml"):
            return []
        if kind == "application/octet-stream":
            schema = {"$ref": "#/components/schemas/InferResponse"}
        if answer.json is None:
            return ["the body is not JSON"]
        found = self.document.errors(schema, answer.json)
        if answer.status >= 400 and answer.json.get("status") != answer.status:
            found.append(f"member status {answer.json.get('status')}, HTTP status {answer.status}")
        return found

    # What is asked.

    def server_and_models(self, model):
        self.case("getServerMetadata", "/v2", 200)
        self.case("getHealthLive", "/v2/health/live", 200)
        self.case("getHealthReady", "/v2/health/ready", 200)
        self.case("getMetrics", "/metrics", 200)
        self.case("getContract", "/openapi.yaml", 200)
        self.case("getModels", "/v2/models", 200)
        self.case("getAllModelStats", "/v2/models/stats", 200)
        for what, plain, versioned in [
            ("", "getModelMetadata", "getModelVersionMetadata"),
            ("/ready", "getModelReady", "getModelVersionReady"),
            ("/config", "getModelConfig", "getModelVersionConfig"),
            ("/stats", "getModelStats", "getModelVersionStats"),
        ]:
            self.case(plain, f"/v2/models/{model}{what}", 200)
            self.case(plain, f"/v2/models/no-such-model{what}", 404)
            self.case(versioned, f"/v2/models/{model}/versions/1{what}", 200)
            self.case(versioned, f"/v2/models/{model}/versions/999{what}", 404)
            self.case(versioned, f"/v2/models/no-such-model/versions/1{what}", 404)

    def repository(self, model):
        self.case("postRepositoryIndex", "/v2/repository/index", 200, name="no body")
        self.case("postRepositoryIndex", "/v2/repository/index", 200, b'{"ready":true}', name="ready only")
        self.case("postRepositoryIndex", "/v2/repository/index", 400, b'{"ready":7}', name="ready of a wrong type")
        self.case("postRepositoryIndex", "/v2/repository/index", 400, b"[", name="not JSON")
        for operation, verb in [("postRepositoryLoad", "load"), ("postRepositoryUnload", "unload")]:
            self.case(operation, f"/v2/repository/models/{model}/{verb}", 200, b"{}")
            self.case(operation, f"/v2/repository/models/no-such-model/{verb}", 404, b"{}")
            self.case(operation, f"/v2/repository/models/{model}/{verb}", 400, b"{", name="not JSON")

    def inference(self, model):
        tensor = self.server.metadata(model)["inputs"][0]
        array = sample(tensor, rows=2)
        plain = {"id": "r-1", "inputs": [json_input(tensor, array)]}
        raw = json.dumps({"inputs": [binary_input(tensor, array)], "parameters": {"binary_data_output": True}}).encode()
        framed = {"Inference-Header-Content-Length": str(len(raw))}
        self.request_fits(plain, "JSON")
        self.request_fits(json.loads(raw), "binary")
        for name, _, request in legal_json(tensor, self.server.metadata(model)["outputs"][0], array):
            self.request_fits(json.loads(request) if isinstance(request, bytes) else request, name)
        for name, _, text, _, _ in legal_binary(tensor, array):
            if text.startswith(b"{"):
                self.request_fits(json.loads(text), name)
        for operation, path in [
            ("postInfer", f"/v2/models/{model}/infer"),
            ("postVersionInfer", f"/v2/models/{model}/versions/1/infer"),
        ]:
            text = json.dumps(plain).encode()
            self.case(operation, path, 200, text, {"Inference-Timeout-Ms": "20000"}, name="JSON")
            self.case(operation, path, 200, raw + array.tobytes(), framed, name="binary")
            self.case(operation, path, 400, b"{}", name="no inputs")
            self.case(operation, path, 400, text, {"Inference-Timeout-Ms": "0"}, name="deadline 0")
            self.case(operation, path, 400, text, {"Inference-Spectral-Efficiency": "-1"}, name="efficiency -1")
            self.case(operation, path, 400, text, {"grpc-timeout": "soon"}, name="grpc-timeout soon")
            self.case(operation, path, 400, raw, framed, name="tensors missing")
            self.case(operation, path, 415, text, {"Content-Encoding": "gzip"}, name="compressed")
            late = json.dumps({**plain, "parameters": {"timeout": 1}}).encode()
            self.case(operation, path, 504, late, name="one microsecond")
        self.case("postInfer", "/v2/models/no-such-model/infer", 404, json.dumps(plain).encode())
        self.case("postVersionInfer", f"/v2/models/{model}/versions/999/infer", 404, json.dumps(plain).encode())

    def request_fits(self, request, name):
        found = self.document.errors({"$ref": "#/components/schemas/InferRequest"}, request)
        self.checks.check(f"the {name} request fits its own schema", not found, found)

    def explaining(self, model, instance):
        """What the gateway tells of itself, and of the requests asked for before."""
        self.case("getDashboard", "/", 200)
        self.case("getStatus", "/v1/status", 200)
        self.case("getPlan", "/v1/plan", 200)
        self.case("getPlan", "/v1/plan?limit=1", 200)
        self.case("getPlan", "/v1/plan?limit=-1", 400)
        blocks = self.case("getBlocks", "/v1/blocks", 200).json["blocks"]
        users = {user.split(":")[0] for block in blocks for user in block["models"]}
        self.checks.check(f"{model} uses blocks", model in users, users)
        self.decisions(model)
        text = Path(instance).read_bytes()
        self.request_of("Instance", json.loads(text))
        for query in ["", "?solver=greedy", "?solver=search&budget_ms=20"]:
            answer = self.case("postPlan", f"/v1/plan{query}", 200, text)
            self.checks.check(f"postPlan{query} serves requests", answer.json["served"] > 0, answer.json)
        for name, query, body, field in [
            ("no solver of this name", "?solver=best", text, "solver"), ("a budget below 0", "?budget_ms=-1", text, "budget_ms"),
            ("not JSON", "", b"[", "[0]"), ("empty", "", b"", "instance"), ("no memory", "", b'{"version":1}', None),
        ]:
            answer = self.case("postPlan", f"/v1/plan{query}", 400, body, name=name)
            self.checks.check(f"postPlan {name}: the field is named", answer.json.get("field") == (field or "reuse"), answer.json)
        # Refused at its head: not a byte of the body need be sent.
        self.case("postPlan", "/v1/plan", 413, b"", {"Content-Length": str((4 << 20) + 1)}, name="too long")

    def decisions(self, model):
        tensor = self.server.metadata(model)["inputs"][0]
        request = {"inputs": [json_input(tensor, sample(tensor))]}
        number = self.server.infer(model, request).json["parameters"]["request_id"]
        told = self.case("getRequest", f"/v1/requests/{number}", 200, name="answered").json
        self.checks.check("a decision that was met", told["state"] == "met" and "actual" in told and "estimate" in told, told)
        refused = self.server.infer("no-such-model", request).json
        told = self.case("getRequest", refused["instance"], 200, name="refused").json
        self.checks.check("a refusal is told with its reason", told.get("reason") == "unknown_model", told)
        for unknown in ["999999999", "x", "-1", "99999999999999999999999"]:
            self.case("getRequest", f"/v1/requests/{unknown}", 404, name=unknown)

    def request_of(self, schema, value):
        found = self.document.errors({"$ref": f"#/components/schemas/{schema}"}, value)
        self.checks.check(f"the {schema} fits its own schema", not found, found)

    def outside(self):
        """Errors that belong to no operation are problems all the same."""
        for method, path, expected in [
            ("GET", "/no/such/path", 404), ("DELETE", "/v2", 405), ("POST", "/v2/health/live", 405),
            ("GET", "/v2/repository/index", 405), ("PUT", "/metrics", 405),
        ]:
            answer = self.server.ask(method, path, b"" if method != "GET" else None)
            found = self.document.errors({"$ref": "#/components/schemas/Problem"}, answer.json)
            is_typed = answer.headers.get_content_type() == media_type(path)
            self.checks.check(f"{method} {path} is a problem", answer.status == expected and is_typed and not found, (answer, found))
            if expected == 405:
                self.checks.check(f"{method} {path} says what is allowed", answer.headers.get("Allow"), answer.headers)
        self.checks.check("/v2/ is answered as /v2", self.server.ask("GET", "/v2/").status == 200)
        for accept, expected in [
            ("application/problem+json", 1), ("application/problem+json;q=0.5, application/json", 0), ("*/*", 0), ("", 0),
            ("application/json, application/problem+json", 0), ("application/problem+json, */*;q=0.1", 1),
        ]:
            answer = self.server.ask("GET", "/v2/models/no-such-model", headers={"Accept": accept})
            kind = answer.headers.get_content_type()
            self.checks.check(f"Accept: {accept} gets {MEDIA_TYPES[expected]}", kind == MEDIA_TYPES[expected], kind)

    def coverage(self):
        for operation_id in self.document.operations:
            self.checks.check(f"{operation_id} was answered with 200", 2 in self.seen.get(operation_id, ()))
        extra = set(self.seen) - set(self.document.operations)
        self.checks.check("nothing was asked that is not documented", not extra, extra)


def conform(checks, server, model, document, instance):
    """Every operation of the document against one server."""
    try:
        validate(document.tree)
        checks.check("the document is valid OpenAPI 3.1", document.tree["openapi"].startswith("3.1"))
    except Exception as error:  # any complaint of the validator fails the check
        checks.check("the document is valid OpenAPI 3.1", False, error)
    untyped = list(document.untyped(document.tree))
    checks.check("what is composed of several schemas says its type", not untyped, untyped)
    run = Conformance(checks, server, document)
    run.server_and_models(model)
    run.repository(model)
    run.inference(model)
    run.explaining(model, instance)
    run.outside()
    run.coverage()


def main():
    given = arguments(__doc__, ("--model", {"required": True}), ("--document", {"required": True}), ("--instance", {"required": True}))
    checks = Checks()
    conform(checks, Server(given.url), given.model, Document(given.document), given.instance)
    checks.finish()


if __name__ == "__main__":
    main()
