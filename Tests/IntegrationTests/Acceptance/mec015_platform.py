"""A stand-in for a bandwidth management service: what mec015_description.py describes, bodies checked against its schemas.

Prints "listening on PORT". ``GET /calls`` tells what was asked of it and what it holds; ``POST /trouble`` makes it answer 503
from then on.
"""

import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jsonschema

from mec015_description import BASE, ROUTES

PATTERNS = [
    (method.upper(), re.compile(BASE + re.sub(r"\{\w+\}", "([^/]+)", path) + r"(?:\?.*)?$"), schema, status)
    for (method, path), (schema, status) in ROUTES.items()
]


class Platform(BaseHTTPRequestHandler):
    """Its state is the class's: there is one platform."""

    protocol_version = "HTTP/1.1"
    allocations, calls, violations, in_trouble, made = {}, [], [], False, 0

    def log_message(self, *_):
        pass

    def answer(self, status, value=None, headers=()):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        if value is not None:
            self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def problem(self, status, detail, is_violation=True):
        if is_violation:
            self.violations.append(f"{self.command} {self.path}: {detail}")
        self.answer(status, {"status": status, "title": "Problem", "detail": detail})

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        cls = Platform
        if self.path == "/calls":
            return self.answer(200, {"calls": cls.calls, "violations": cls.violations, "allocations": cls.allocations})
        if self.path == "/trouble":
            cls.in_trouble = True
            return self.answer(200, {})
        cls.calls.append({"at": time.monotonic(), "method": self.command, "path": self.path, "body": body.decode()})
        if cls.in_trouble:
            return self.problem(503, "out of order", is_violation=False)
        for method, pattern, schema, status in PATTERNS:
            if method == self.command and (match := pattern.fullmatch(self.path)):
                return self.carry_out(schema, status, match.groups(), body)
        return self.problem(404, "no such operation")

    def carry_out(self, schema, status, names, body):
        value = None
        if schema is not None:
            if self.headers.get("Content-Type") != "application/json":
                return self.problem(400, f"content type {self.headers.get('Content-Type')}")
            try:
                value = json.loads(body)
                jsonschema.validate(value, schema)
            except (ValueError, jsonschema.ValidationError) as error:
                return self.problem(400, str(error)[:300])
        if names and names[0] not in self.allocations:
            return self.problem(404, "no such allocation")
        if self.command == "GET":
            return self.answer(200, self.allocations[names[0]] if names else list(self.allocations.values()))
        if self.command == "DELETE":
            del self.allocations[names[0]]
            return self.answer(status)
        if self.command == "PUT":
            self.allocations[names[0]] = value
            return self.answer(status, value)
        Platform.made += 1
        name = f"allocation-{Platform.made}"
        self.allocations[name] = value
        host = self.headers["Host"]
        return self.answer(status, value, [("Location", f"http://{host}{BASE}/bw_allocations/{name}")])

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()
