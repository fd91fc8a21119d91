"""The account of requests: /metrics adds up at every scrape, and agrees in the end with what the clients counted.

received = rejected + admitted, admitted = met + late + missed + invalid + error + cancelled + in flight.
"""

import json
import random
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from acceptance import Checks, Server, arguments, binary_input, json_input, sample
from metrics import Metrics

CLIENTS, REQUESTS = 8, 400
OUTCOMES = ("met", "late", "missed", "invalid", "error", "cancelled")


class Account:
    """The ledger's lines in one scrape."""

    def __init__(self, server):
        scrape = Metrics(server)
        self.received, self.admitted = scrape.sum("received_total"), scrape.sum("admitted_total")
        self.rejected, self.in_flight = scrape.sum("rejected_total"), scrape.sum("in_flight")
        self.reasons = scrape.sum("rejections_total")
        self.outcomes = Counter({name: scrape.sum("requests_total", outcome=name) for name in (*OUTCOMES, "rejected")})

    def faults(self):
        ended = sum(self.outcomes[name] for name in OUTCOMES)
        sums = {
            "received = rejected + admitted": (self.received, self.rejected + self.admitted),
            "admitted = outcomes + in flight": (self.admitted, ended + self.in_flight),
            "rejected = outcome rejected": (self.rejected, self.outcomes["rejected"]),
            "rejected = reasons": (self.rejected, self.reasons),
        }
        return [f"{name}: {left} and {right}" for name, (left, right) in sums.items() if left != right]


class Scraper(threading.Thread):
    """Checks every scrape while requests come and go."""

    def __init__(self, server):
        super().__init__()
        self.server, self.scrapes, self.faults, self.over = server, 0, [], threading.Event()

    def run(self):
        while not self.over.wait(0.002):
            self.faults += Account(self.server).faults()
            self.scrapes += 1


class Traffic:
    """Ways to behave; each says what its client saw: answered, missed, invalid, refused, left early or left waiting."""

    def __init__(self, server, model):
        self.server, self.model = server, model
        self.tensor = server.metadata(model)["inputs"][0]
        self.seen = Counter()
        self.ways = [
            self.plain, self.plain, self.binary, self.kept_alive, self.late_by_its_body, self.not_json, self.wrong_shape,
            self.unknown_model, self.wrong_header, self.impossible, self.ambiguous, self.leaves_early, self.leaves_waiting,
        ]

    def one(self, seed):
        generator = random.Random(seed)
        try:
            return generator.choice(self.ways)(generator)
        except OSError as error:
            return {f"no answer: {error!r}": 1}

    def request(self, rows=1):
        return {"inputs": [json_input(self.tensor, sample(self.tensor, rows=rows))]}

    def infer(self, expected, counted, request, binary=b"", headers=None, model=None, connection=None):
        answer = self.server.infer(model or self.model, request, binary, headers, connection)
        return {counted if answer.status == expected else f"{answer.status}, not {expected}: {answer.body[:200]}": 1}

    def raw(self, sent, expected=None, counted=None):
        """Bytes on a socket; where an answer is expected, it is read."""
        host, port = self.server.authority.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(sent)
            first = connection.recv(12) if expected else b""
        return {counted if not expected or first.endswith(str(expected).encode()) else f"{first}, not {expected}": 1}

    def head(self, length, *fields):
        lines = [f"POST /v2/models/{self.model}/infer HTTP/1.1", "Host: a", f"Content-Length: {length}", *fields]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def plain(self, generator):
        return self.infer(200, "answered", self.request(generator.randint(1, 8)))

    def binary(self, generator):
        array = sample(self.tensor, rows=generator.randint(1, 64))
        return self.infer(200, "answered", {"inputs": [binary_input(self.tensor, array)]}, array.tobytes())

    def kept_alive(self, _):
        connection = self.server.connect()
        results = Counter()
        for _ in range(3):
            results.update(self.infer(200, "answered", self.request(), connection=connection))
        connection.close()
        return results

    def late_by_its_body(self, _):
        return self.infer(504, "missed", {**self.request(), "parameters": {"timeout": 1}})

    def not_json(self, _):
        return self.infer(400, "invalid", b"{")

    def wrong_shape(self, _):
        request = self.request()
        request["inputs"][0]["shape"][0] = 2
        return self.infer(400, "invalid", request)

    def unknown_model(self, _):
        return self.infer(404, "refused", self.request(), model="no-such-model")

    def wrong_header(self, _):
        return self.infer(400, "refused", self.request(), headers={"Inference-Timeout-Ms": "0"})

    def impossible(self, _):
        fields = ["Inference-Timeout-Ms: 10", "Inference-Header-Content-Length: 100"]
        return self.raw(self.head(60_000_000, *fields), 504, "refused")

    def ambiguous(self, _):
        return self.raw(self.head(5, "Content-Length: 5") + b"hello", 400, "refused")

    def leaves_early(self, generator):
        text = json.dumps(self.request()).encode()
        return self.raw(self.head(len(text)) + text[: generator.randrange(len(text))], counted="left early")

    def leaves_waiting(self, _):
        text = json.dumps(self.request(64)).encode()
        return self.raw(self.head(len(text)) + text, counted="left waiting")


def settled(server, received, limit_s=30):
    """The account when all that was sent has arrived and has ended."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        account = Account(server)
        if account.received >= received and account.in_flight == 0:
            break
        time.sleep(0.02)
    return account


def compare(checks, before, after, seen):
    """The gateway's count against the clients'."""
    left = seen["left early"] + seen["left waiting"]
    admitted = seen["answered"] + seen["missed"] + seen["invalid"] + left
    grown = {name: after.outcomes[name] - before.outcomes[name] for name in OUTCOMES}
    answered = grown["met"] + grown["late"]
    for name, counted, sent in [
        ("received", after.received - before.received, admitted + seen["refused"]),
        ("rejected", after.rejected - before.rejected, seen["refused"]),
        ("admitted", after.admitted - before.admitted, admitted),
        ("in flight", after.in_flight, 0),
        ("error", grown["error"], 0),
        ("missed", grown["missed"], seen["missed"]),
        ("invalid", grown["invalid"], seen["invalid"]),
        ("answered or cancelled", answered + grown["cancelled"], seen["answered"] + left),
    ]:
        checks.check(f"{name}: {counted:.0f}, the clients' count is {sent}", counted == sent, (grown, dict(seen)))
    checks.check("those who left in their body are cancelled", grown["cancelled"] >= seen["left early"], (grown, dict(seen)))


def main():
    given = arguments(__doc__, ("--model", {"required": True}), ("--seed", {"type": int, "default": 1}))
    checks, server = Checks(), Server(given.url)
    # What another script left in flight must not end between the two accounts.
    traffic, before, scraper = Traffic(server, given.model), settled(server, 0), Scraper(server)
    scraper.start()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for result in pool.map(traffic.one, range(given.seed * REQUESTS, (given.seed + 1) * REQUESTS)):
            traffic.seen.update(result)
    scraper.over.set()
    scraper.join()
    seen = traffic.seen
    known = {"answered", "missed", "invalid", "refused", "left early", "left waiting"}
    checks.check("every client saw what it should", set(seen) == known, dict(seen))
    checks.check(f"{scraper.scrapes} scrapes added up", scraper.scrapes and not scraper.faults, scraper.faults[:5])
    sent = sum(seen.values())
    after = settled(server, before.received + sent)
    checks.check("the last scrape adds up", not after.faults(), after.faults())
    compare(checks, before, after, seen)
    checks.finish()


if __name__ == "__main__":
    main()
