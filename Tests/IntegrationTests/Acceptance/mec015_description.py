"""What a bandwidth management service of ETSI GS MEC 015 V2.1.1 takes and answers, as far as the gateway uses it.

Written from the interface description that ETSI publishes (BwManagementApi.yaml of the repository of MEC 015); run with that
file, this says where the two differ: ``python mec015_description.py BwManagementApi.yaml``.
"""

import sys

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT, "minItems": 0}
UINT32 = {"type": "integer", "format": "uint32"}
SESSION = {
    "type": "object",
    "properties": {
        "sourceIp": TEXT, "sourcePort": TEXTS, "dstAddress": TEXT, "dstPort": TEXTS, "protocol": TEXT,
    },
}
BW_INFO = {
    "type": "object",
    "required": ["appInsId", "requestType", "fixedAllocation", "allocationDirection"],
    "properties": {
        "allocationDirection": TEXT,
        "appInsId": TEXT,
        "fixedAllocation": TEXT,
        "fixedBWPriority": {"type": "string", "enum": ["SEE_DESCRIPTION"]},
        "requestType": {"type": "integer", "enum": [0, 1]},
        "sessionFilter": {"type": "array", "items": SESSION, "minItems": 0},
        "timeStamp": {
            "type": "object", "required": ["seconds", "nanoSeconds"],
            "properties": {"seconds": UINT32, "nanoSeconds": UINT32},
        },
    },
}
# (method, path): schema of the request's body, status of success.
ROUTES = {
    ("get", "/bw_allocations"): (None, 200),
    ("post", "/bw_allocations"): (BW_INFO, 201),
    ("get", "/bw_allocations/{allocationId}"): (None, 200),
    ("put", "/bw_allocations/{allocationId}"): (BW_INFO, 200),
    ("delete", "/bw_allocations/{allocationId}"): (None, 204),
}
BASE = "/bwm/v1"


def resolved(document, node):
    """A node with its references followed, and without what only explains."""
    if isinstance(node, list):
        return [resolved(document, item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part] if part in target else target[int(part)]
        return resolved(document, target)
    kept = {key: value for key, value in node.items() if not key.startswith("x-etsi")}
    if isinstance(kept.get("description"), str):
        del kept["description"]
    return {key: resolved(document, value) for key, value in kept.items()}


def differences(document):
    """Where ``ROUTES`` is not what the published description says."""
    if not document["servers"][0]["url"].endswith(BASE):
        yield f"base: {document['servers'][0]['url']}"
    for (method, path), (schema, status) in ROUTES.items():
        operation = document["paths"].get(path, {}).get(method)
        if operation is None:
            yield f"{method} {path}: is not described"
            continue
        if status not in operation["responses"] and str(status) not in operation["responses"]:
            yield f"{method} {path}: {status} is none of {list(operation['responses'])}"
        content = operation.get("requestBody", {}).get("content", {})
        theirs = content.get("application/json", {}).get("schema")
        theirs = None if theirs is None else resolved(document, theirs)
        if theirs is not None and set(theirs["required"]) == set((schema or {}).get("required", [])):
            theirs["required"] = schema["required"]
        if theirs != schema:
            yield f"{method} {path}: body {theirs} is not {schema}"


def main():
    import yaml

    with open(sys.argv[1], encoding="utf-8") as file:
        found = list(differences(yaml.safe_load(file)))
    print("\n".join(found) or f"{len(ROUTES)} operations are as described")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
