"""Malformed requests of every kind: each is answered with a 4xx that says what is wrong and where, and the gateway lives on."""

import json
import socket
import sys

from acceptance import Checks, Server, arguments, binary_input, json_input, outputs, sample
from legal_bodies import legal_binary, legal_json
from malformed_bodies import binary_attacks, json_attacks
from malformed_heads import HEADS, MARKED, MARKER, PATHS, TWICE, Heads


MEDIA_TYPES = ("application/json", "application/problem+json")


def media_type(path):
    """What an error at a path has to be, where the client says nothing."""
    return MEDIA_TYPES[0 if path == "/v2" or path.startswith("/v2/") else 1]


class Attack:
    """Sends what is wrong and checks the answer."""

    def __init__(self, checks, server, model):
        self.checks, self.server, self.model = checks, server, model
        host, port = server.authority.split(":")
        self.address = (host, int(port))

    def judge(self, name, status, content_type, text, expected, field, needs_problem=True, path="/v2/"):
        problems = []
        if status not in (expected if isinstance(expected, tuple) else (expected,)):
            problems.append(f"status {status}, expected {expected}")
        if needs_problem:
            problems += self.problem_faults(status, content_type, text, field, MEDIA_TYPES if path is None else [media_type(path)])
        self.checks.check(name, not problems, (problems, text[:300]))

    @staticmethod
    def problem_faults(status, content_type, text, field, expected_types):
        try:
            problem = json.loads(text)
        except ValueError:
            return ["the body is not JSON"]
        if not isinstance(problem, dict):
            return ["the body is not an object"]
        faults = [] if content_type in expected_types else [f"content type {content_type}, expected {expected_types}"]
        faults += [f"member {key} is missing" for key in ("error", "code", "request_id", "instance") if not problem.get(key)]
        faults += [] if problem.get("status") == status else [f"member status {problem.get('status')}"]
        named = str(problem.get("field", ""))
        if field is not None and not named.startswith(field):
            faults.append(f"field {named!r}, expected {field!r}")
        if named not in problem.get("error", ""):
            faults.append(f"the error text does not name {named!r}")
        return faults

    def body(self, name, expected, field, text, binary=b"", headers=None):
        """A well-framed infer request whose body is wrong."""
        try:
            answer = self.server.infer(self.model, text, binary, headers, timeout=20)
        except OSError as error:
            self.checks.check(name, False, f"no answer: {error!r}")
            return
        self.judge(name, answer.status, answer.headers.get_content_type(), answer.body, expected, field)

    def ambiguous(self, name, expected, sent):
        """A head nobody can be sure of: one refusal, the end of the connection, and no answer to what follows it.

        Where the HTTP library itself refuses, its answer is no problem; to what is no HTTP it may give none (``expected`` None).
        """
        try:
            received = self.exchange(sent + MARKER)
        except OSError as error:
            self.checks.check(name, False, f"not closed: {error!r}")
            return
        self.checks.check(f"{name}: nothing after it is answered", MARKED not in received, received)
        if received or expected is not None:
            status, content_type, text = parsed(received)
            refused = tuple(range(400, 600)) if expected is None else expected
            # The gateway's own answers are JSON; that of the HTTP library is not.
            self.judge(name, status, content_type, text, refused, None, content_type in MEDIA_TYPES, path=None)

    def refused(self, name, expected, field, sent):
        """A plain head that cannot be accepted; the gateway itself answers."""
        status, content_type, text = parsed(self.exchange(sent))
        self.judge(name, status, content_type, text, expected, field)

    def exchange(self, sent):
        """All that comes until the server ends the connection."""
        with socket.create_connection(self.address, timeout=20) as connection:
            received = b""
            try:
                connection.sendall(sent)
            except ConnectionError:
                pass  # refused while it was on its way: the answer may be there all the same
            try:
                while more := connection.recv(65536):
                    received += more
            except ConnectionError:
                pass
            return received

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
    heads = Heads(attack.model, text)
    for name, expected, field, headers in HEADS:
        attack.body(f"header {name}", expected, field, text, headers=headers)
    for method, path, expected in PATHS:
        answer = attack.server.ask(method, path.replace("MODEL", attack.model), text if method != "GET" else None)
        attack.judge(f"{method} {path}", answer.status, answer.headers.get_content_type(), answer.body, expected, None, path=path)
    attack.alive("header values and paths")
    for name, expected, field, headers in TWICE:
        attack.refused(f"header {name}", expected, field, heads.post(heads.length, *headers, "Connection: close"))
    attack.refused("no Content-Length", 411, "Content-Length", heads.post("Connection: close", content=b""))
    for name, expected, sent in heads.all():
        attack.ambiguous(f"head {name}", expected, sent)
    attack.alive("ambiguous heads")


def answer_legal(attack, tensor, output):
    """What only looks wrong is answered."""
    array = sample(tensor, rows=2)
    for name, rows, request in legal_json(tensor, output, array):
        judge_legal(attack, name, rows, attack.server.infer(attack.model, request))
    for name, rows, text, binary, headers in legal_binary(tensor, array):
        judge_legal(attack, name, rows, attack.server.infer(attack.model, text, binary, headers))


def judge_legal(attack, name, rows, answer):
    if attack.checks.check(f"legal {name}: 200", answer.status == 200, answer.body[:300]):
        shapes = {name: array.shape for name, array in outputs(answer).items()}
        attack.checks.check(f"legal {name}: {rows} rows", all(shape[0] == rows for shape in shapes.values()), shapes)


def parsed(received):
    """Status, content type and body of the first answer in some bytes."""
    head, _, text = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split()
    fields = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    length = int(fields.get("content-length", len(text)))
    return status, fields.get("content-type", "").split(";")[0], text[:length]


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


def attack_all(checks, server, model):
    """Everything there is, legal and not, against one model."""
    sys.set_int_max_str_digits(0)
    tensor = server.metadata(model)["inputs"][0]
    attack = Attack(checks, server, model)
    answer_legal(attack, tensor, server.metadata(model)["outputs"][0])
    attack_bodies(attack, tensor)
    attack_heads(attack, tensor)
    array = sample(tensor, rows=2)
    leave_early(attack, json.dumps({"inputs": [json_input(tensor, array)]}).encode())
    answer = server.infer(model, {"inputs": [json_input(tensor, array)]})
    checks.check("a good request is still answered", answer.status == 200, answer.body[:300])


def main():
    given = arguments(__doc__, ("--model", {"required": True}))
    checks, server = Checks(), Server(given.url)
    attack_all(checks, server, given.model)
    checks.finish()


if __name__ == "__main__":
    main()
