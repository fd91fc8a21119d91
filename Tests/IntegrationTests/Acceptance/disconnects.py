"""Clients that go away while their request runs or waits: it counts as cancelled, and everyone else gets the right answer."""

import json
import socket
import struct
import time

import numpy

from acceptance import Answer, Checks, Server, arguments, binary_input, outputs, sample
from metrics import Metrics

LONG_ROWS, WAITING = 16384, 8  # the most rows a request may have: its run gives the others time to queue and to leave
RESET = struct.pack("ii", 1, 0)


class Caller:
    """A client with a request on its way that can leave at any moment."""

    def __init__(self, server, model, array):
        tensor = server.metadata(model)["inputs"][0]
        text = json.dumps({"inputs": [binary_input(tensor, array)], "parameters": {"binary_data_output": True}}).encode()
        head = "\r\n".join([
            f"POST /v2/models/{model}/infer HTTP/1.1", "Host: a", "Inference-Timeout-Ms: 60000", "Connection: close",
            f"Inference-Header-Content-Length: {len(text)}", f"Content-Length: {len(text) + array.nbytes}",
        ])
        host, port = server.authority.split(":")
        self.connection = socket.create_connection((host, int(port)), timeout=60)
        self.connection.sendall(head.encode() + b"\r\n\r\n" + text + array.tobytes())

    def closes(self):
        self.connection.close()

    def resets(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connection.close()

    def half_closes(self):
        self.connection.shutdown(socket.SHUT_WR)

    def received(self):
        """Everything until the server ends the connection."""
        parts = []
        try:
            while part := self.connection.recv(1 << 16):
                parts.append(part)
        except ConnectionError:
            pass
        self.connection.close()
        return b"".join(parts)

    def answer(self):
        head, _, body = self.received().partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {key: value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
        return Answer(int(lines[0].split()[1]), headers, body) if len(lines) > 1 else Answer(0, {}, body)


class Counts:
    """What has ended how since this object was made."""

    def __init__(self, server):
        self.server, self.start = server, {}
        self.start = self.now()

    def now(self):
        scrape = Metrics(self.server)
        counts = {name: scrape.sum("requests_total", outcome=name) for name in ("met", "late", "error", "cancelled")}
        counts |= {"in flight": scrape.sum("in_flight"), "queued": scrape.sum("queued")}
        return {name: value - self.start.get(name, 0) for name, value in counts.items()}

    def become(self, limit_s=30, **expected):
        """Waits until the counts given are there."""
        wanted = {name.replace("_", " "): value for name, value in expected.items()}
        until = time.monotonic() + limit_s
        while not wanted.items() <= (counts := self.now()).items() and time.monotonic() < until:
            time.sleep(0.005)
        return wanted.items() <= counts.items(), counts


def expect(checks, name, counted):
    checks.check(name, *counted)


def occupy(checks, server, model, long, counts):
    """A request that runs long on each lane."""
    lanes = server.ask("GET", "/v1/plan").json["lanes"]
    running = [Caller(server, model, long) for _ in range(lanes)]
    expect(checks, f"{lanes} run", counts.become(in_flight=lanes, queued=0))
    return running


def leave_one_by_one(checks, server, model, long, short):
    """All lanes run requests; those behind them leave in every way, then those that run."""
    counts = Counts(server)
    running = occupy(checks, server, model, long, counts)
    busy = len(running)
    seconds = []
    for number, way in enumerate((Caller.closes, Caller.resets, Caller.half_closes)):
        waiting = Caller(server, model, short)
        waits = counts.become(in_flight=busy + 1, queued=1, cancelled=number)
        expect(checks, f"one waits behind them ({way.__name__})", waits)
        left = time.monotonic()
        way(waiting)
        expect(checks, f"it {way.__name__}: cancelled", counts.become(in_flight=busy, cancelled=number + 1, limit_s=2))
        seconds.append(time.monotonic() - left)
        if way is Caller.half_closes:
            checks.check("a half-closed connection is ended without an answer", waiting.received() == b"")
    # The median, as the one who asks has to share the processor with those that run.
    checks.check("who left is gone from queue and plan within 100 ms", sorted(seconds)[1] <= 0.1, seconds)
    for caller in running:
        caller.resets()
    ended = counts.become(in_flight=0, cancelled=3 + busy, met=0, late=0, error=0)
    expect(checks, "those that run reset: cancelled", ended)


def leave_among_others(checks, server, model, long, arrays, expected):
    """Some of those who wait together leave: each of the others gets its own answer."""
    counts = Counts(server)
    running = occupy(checks, server, model, long, counts)
    callers = [Caller(server, model, array) for array in arrays]
    waiting = len(callers)
    expect(checks, f"{waiting} wait", counts.become(in_flight=len(running) + waiting, queued=waiting))
    for caller in callers[::2]:
        caller.closes()
    checks.check("those that ran are answered", all(caller.answer().status == 200 for caller in running))
    answers = [caller.answer() for caller in callers[1::2]]
    wrong = [answer.body[:200] for answer in answers if answer.status != 200]
    if checks.check("those who stayed are answered", not wrong, wrong[:3]):
        same = [equal(outputs(answer), own) for answer, own in zip(answers, expected[1::2])]
        checks.check("each with its own answer", all(same), same)
    stayed = len(answers) + len(running)
    expect(checks, "the others are cancelled", counts.become(in_flight=0, cancelled=len(callers[::2]), error=0))
    done = counts.now()
    checks.check("those who stayed are counted as answered", done["met"] + done["late"] == stayed, done)


def equal(one, other):
    return one.keys() == other.keys() and all(numpy.allclose(one[name], other[name], atol=1e-4) for name in one)


def main():
    given = arguments(__doc__, ("--model", {"required": True}))
    checks, server = Checks(), Server(given.url)
    tensor = server.metadata(given.model)["inputs"][0]
    arrays = [sample(tensor, rows=2, seed=seed) for seed in range(WAITING)]
    expected = [outputs(Caller(server, given.model, array).answer()) for array in arrays]
    long = sample(tensor, rows=LONG_ROWS)
    leave_one_by_one(checks, server, given.model, long, arrays[0])
    leave_among_others(checks, server, given.model, long, arrays, expected)
    again = outputs(Caller(server, given.model, arrays[0]).answer())
    checks.check("the same request has the same answer as before", equal(again, expected[0]), again)
    checks.finish()


if __name__ == "__main__":
    main()
