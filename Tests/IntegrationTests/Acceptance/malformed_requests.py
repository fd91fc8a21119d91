"""Malformed requests of every kind: each is answered with a 4xx that says what is wrong and where, and the gateway lives on."""

import json
import socket
import sys

from acceptance import Checks, Server, arguments, binary_input, json_input, sample
from malformed_bodies import binary_attacks, json_attacks
from malformed_heads import HEADS, PATHS, heads_for

CLIENT_ERRORS = range(400, 500)


class Attack:
    """Sends what is wrong and checks the answer."""

    def __init__(self, checks, server, model):
        self.checks, self.server, self.model = checks, server, model
        host, port = server.authority.split(":")
        self.address = (host, int(port))

    def judge(self, name, status, headers_type, text, expected, field, needs_problem=True):
        problems = []
        if status not in (expected if isinstance(expected, (tuple, range)) else (expected,)):
            problems.append(f"status {status}, expected {expected}")
        if needs_problem:
            problems += self.problem_faults(status, headers_type, text, field)
        self.checks.check(name, not problems, (problems, text[:300]))

    @staticmethod
    def problem_faults(status, content_type, text, field):
        try:
            problem = json.loads(text)
        except ValueError:
            return ["the body is not JSON"]
        if not isinstance(problem, dict):
            return ["the body is not an object"]
        faults = [] if content_type == "application/problem+json" else [f"content type {content_type}"]
        faults += [f"member {key} is missing" for key in ("error", "code", "request_id") if not problem.get(key)]
        faults += [] if problem.get("status") == status else [f"member status {problem.get('status')}"]
        if field is not None and not str(problem.get("field", "")).startswith(field):
            faults.append(f"field {problem.get('field')!r}, expected {field!r}")
        return faults

    def body(self, name, expected, field, text, binary=b"", headers=None):
        """A well-framed infer request whose body is wrong."""
        try:
            answer = self.server.infer(self.model, text, binary, headers, timeout=20)
        except OSError as error:
            self.checks.check(name, False, f"no answer: {error!r}")
            return
        self.judge(name, answer.status, answer.headers.get_content_type(), answer.body, expected, field)

    def raw(self, name, expected, sent, field=None, needs_problem=True):
        """Bytes on a socket; the answer is what comes until the end of one response or of the connection."""
        try:
            status, content_type, text = self.exchange(sent)
        except ConnectionError as error:
            status, content_type, text = None, None, repr(error).encode()
        except OSError as error:
            self.checks.check(name, False, f"no answer: {error!r}")
            return
        if status is None and not needs_problem:
            self.checks.check(f"{name} (closed)", True)
            return
        self.judge(name, status, content_type, text, expected, field, needs_problem)

    def exchange(self, sent):
        with socket.create_connection(self.address, timeout=20) as connection:
            connection.sendall(sent)
            received = b""
            while b"\r\n\r\n" not in received:
                received, before = received + connection.recv(65536), received
                if received == before:
                    return None, None, received
            head, _, text = received.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            fields = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
            while len(text) < int(fields.get("content-length", 0)):
                more = connection.recv(65536)
                if not more:
                    break
                text += more
            return int(lines[0].split()[1]), fields.get("content-type", "").split(";")[0], text

    def alive(self, after):
        self.checks.check(f"alive after {after}", self.server.is_alive())


def attack_bodies(attack, tensor):
    array = sample(tensor, rows=2)
    for name, expected, field, text in json_attacks(tensor, json_input(tensor, array), array):
        attack.body(f"JSON {name}", expected, field, text)
    attack.alive("JSON attacks")
    for name, expected, field, text, binary, headers in binary_attacks(binary_input(tensor, array), array):
        attack.body(f"binary {name}", expected, field, text, binary, headers)
    attack.alive("binary attacks")


def attack_heads(attack, tensor):
    text = json.dumps({"inputs": [json_input(tensor, sample(tensor))]}).encode()
    for name, expected, field, headers in HEADS:
        attack.body(f"header {name}", expected, field, text, headers=headers)
    for method, path, expected in PATHS:
        answer = attack.server.ask(method, path.replace("MODEL", attack.model), text if method != "GET" else None)
        attack.judge(f"{method} {path}", answer.status, answer.headers.get_content_type(), answer.body, expected, None)
    for name, expected, sent, needs_problem in heads_for(attack.model, text):
        attack.raw(f"head {name}", expected, sent, needs_problem=needs_problem)
    attack.alive("head attacks")


def leave_early(attack, text):
    """Clients that go away in the middle, by an orderly close and by a reset."""
    whole = (
        f"POST /v2/models/{attack.model}/infer HTTP/1.1\r\nHost: a\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text
    )
    for cut in (1, 20, len(whole) - len(text), len(whole) - 1, len(whole)):
        for reset in (False, True):
            connection = socket.create_connection(attack.address, timeout=20)
            connection.sendall(whole[:cut])
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.close()
    attack.alive("clients that left")


def main():
    given = arguments(__doc__, ("--model", {"required": True}))
    checks, server = Checks(), Server(given.url)
    sys.set_int_max_str_digits(0)
    tensor = server.metadata(given.model)["inputs"][0]
    attack = Attack(checks, server, given.model)
    attack_bodies(attack, tensor)
    attack_heads(attack, tensor)
    array = sample(tensor, rows=2)
    leave_early(attack, json.dumps({"inputs": [json_input(tensor, array)]}).encode())
    answer = server.infer(given.model, {"inputs": [json_input(tensor, array)]})
    checks.check("a good request is still answered", answer.status == 200, answer.body[:300])
    checks.finish()


if __name__ == "__main__":
    main()
