"""Mixed traffic for a while: memory, descriptors and threads of the gateway stay level.

JSON and binary requests, refusals, bad bodies, clients that leave, loads and unloads, scrapes and documents. After a warm-up,
what a robust line through the samples of resident memory grows by has to stay small, and descriptors and threads the same.
"""

import argparse
import json
import os
import random
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from acceptance import Checks, Server, binary_input  # noqa: E402
from demo_models import Demo, control  # noqa: E402
from metrics import Metrics  # noqa: E402

WARM_UP = 0.3
CLIENTS = 3
PAUSE_S = 0.003
# What the line may grow by from the warm-up to the end: heaps breathe by this much, and a leak of 50 bytes for each request
# is twice that in ten minutes.
GROWTH_LIMIT = 4 << 20
MORE_DESCRIPTORS, MORE_THREADS = 8, 1


class Traffic(threading.Thread):
    """One client that does a little of everything, in an order of its own."""

    def __init__(self, server, demo, models, seed):
        super().__init__(daemon=True)
        self.server, self.demo, self.models = server, demo, models
        self.random, self.over = random.Random(seed), threading.Event()
        self.done, self.wrong = {}, []
        self.connection = None

    def run(self):
        kinds = [
            (self.binary, 40), (self.json, 20), (self.no_time, 10), (self.unknown, 3), (self.bad_json, 3), (self.bad_shape, 3),
            (self.half_a_body, 3), (self.leaves, 3), (self.half_a_head, 2), (self.documents, 6), (self.scrape, 3), (self.load, 2),
        ]
        work, weights = zip(*kinds)
        while not self.over.wait(PAUSE_S):
            kind = self.random.choices(work, weights)[0]
            try:
                kind()
                self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
            except OSError as error:
                self.wrong.append((kind.__name__, repr(error)))
                self.connection = None

    def expect(self, answer, *statuses):
        if answer.status not in statuses:
            self.wrong.append((answer.status, answer.body[:200]))

    def ask(self, method, path, body=None, headers=None):
        if self.connection is None:
            self.connection = self.server.connect()
        try:
            return self.server.ask(method, path, body, headers, self.connection)
        except Exception:
            self.connection.close()
            self.connection = None
            raise

    def model(self):
        return self.random.choice(self.models)

    def infer(self, request, binary=b"", headers=None):
        text = request if isinstance(request, bytes) else json.dumps(request).encode()
        sent = {"Inference-Header-Content-Length": str(len(text))} if binary else {}
        return self.ask("POST", f"/v2/models/{self.model()}/infer", text + binary, sent | (headers or {}))

    def binary(self):
        images = self.demo.images[: self.random.randint(1, len(self.demo.images))]
        self.expect(self.infer({"inputs": [binary_input(self.demo.input, images)]}, images.tobytes()), 200, 503, 504)

    def json(self):
        images = self.demo.images[: self.random.randint(1, 3)]
        tensor = self.demo.input | {"shape": list(images.shape), "data": images.reshape(-1).tolist()}
        self.expect(self.infer({"inputs": [tensor]}), 200, 503, 504)

    def no_time(self):
        images = self.demo.images[:1]
        request = {"inputs": [binary_input(self.demo.input, images)]}
        self.expect(self.infer(request, images.tobytes(), {"Inference-Timeout-Ms": "1"}), 200, 503, 504)

    def unknown(self):
        self.expect(self.ask("POST", "/v2/models/nothing/infer", b"{}"), 404)

    def bad_json(self):
        self.expect(self.infer(b'{"inputs": [{'), 400, 503, 504)

    def bad_shape(self):
        self.expect(self.infer({"inputs": [self.demo.input | {"shape": [1, 3], "data": [1, 2, 3]}]}), 400, 503, 504)

    def raw(self, text):
        host, port = self.server.authority.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(text)

    def head(self, length):
        return f"POST /v2/models/{self.model()}/infer HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode()

    def half_a_body(self):
        self.raw(self.head(100_000) + b"x" * 1000)

    def leaves(self):
        tensor = self.demo.input | {"shape": [1, 1, 8, 8], "data": [0] * 64}
        body = json.dumps({"inputs": [tensor]}).encode()
        self.raw(self.head(len(body)) + body)

    def half_a_head(self):
        self.raw(b"POST /v2/models/")

    def documents(self):
        paths = ["/", "/v1/status", "/v1/plan", "/v1/blocks", "/v2", "/v2/models/stats", f"/v2/models/{self.model()}"]
        self.expect(self.ask("GET", self.random.choice(paths)), 200)

    def scrape(self):
        self.expect(self.ask("GET", "/metrics"), 200)

    def load(self):
        self.expect(control(self.server, self.models[-1], self.random.choice(["load", "unload"])), 200, 503)


class Samples(threading.Thread):
    """What the process takes, twice a second."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.over, self.taken = process, threading.Event(), []

    def run(self):
        start = time.monotonic()
        while not self.over.wait(0.5):
            status = Path(f"/proc/{self.process}/status").read_text()
            resident = int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024
            threads = int(re.search(r"Threads:\s+(\d+)", status)[1])
            self.taken.append((time.monotonic() - start, resident, len(os.listdir(f"/proc/{self.process}/fd")), threads))


def slope(points):
    """The median of the slopes between points half of the time apart: single peaks do not count."""
    half = len(points) // 2
    return statistics.median((b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(points, points[half:]))


def soak(url, process, demo_folder, seconds):
    checks, server, demo = Checks(), Server(url), Demo(demo_folder)
    models = [model for model in server.index() if model in demo.labels]
    clients = [Traffic(server, demo, models, seed) for seed in range(CLIENTS)]
    samples = Samples(process)
    for thread in [samples, *clients]:
        thread.start()
    time.sleep(seconds * WARM_UP)
    counted = Metrics(server).sum("requests_total")
    time.sleep(seconds * (1 - WARM_UP))
    requests = Metrics(server).sum("requests_total") - counted
    for client in clients:
        client.over.set()
    for client in clients:
        client.join(60)
    samples.over.set()
    samples.join()
    report(checks, samples.taken, requests)
    done = {}
    for client in clients:
        for kind, count in client.done.items():
            done[kind] = done.get(kind, 0) + count
    wrong = [problem for client in clients for problem in client.wrong]
    checks.check(f"{sum(done.values())} steps went as they should: {done}", done and not wrong, wrong[:5])
    checks.check("the gateway is alive", server.is_alive())
    checks.finish()


def report(checks, taken, requests):
    warm = [sample for sample in taken if sample[0] >= taken[-1][0] * WARM_UP]
    span = warm[-1][0] - warm[0][0]
    growth = slope([(at, resident) for at, resident, _, _ in warm]) * span
    per_request = growth / max(requests, 1)
    checks.check(
        f"memory is level: {warm[0][1] >> 20} MiB after the warm-up, {warm[-1][1] >> 20} MiB at the end; the line grows by "
        f"{growth / 1024:.0f} KiB in {span:.0f} s, {per_request:.1f} bytes for each of {requests:.0f} admitted requests",
        growth <= GROWTH_LIMIT,
    )
    half = len(warm) // 2
    for place, name, more in ((2, "descriptors", MORE_DESCRIPTORS), (3, "threads", MORE_THREADS)):
        early, late = (max(sample[place] for sample in part) for part in (warm[:half], warm[half:]))
        checks.check(f"{name} are level: at most {early} in the first half, {late} in the second", late <= early + more)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a running gateway, with the demo models; else one is started")
    parser.add_argument("--pid", type=int, help="its process")
    parser.add_argument("--gateway", help="the executable to start")
    parser.add_argument("--demo", default=str(Path(__file__).resolve().parents[3] / "demo"))
    parser.add_argument("--seconds", type=float, default=600)
    given = parser.parse_args()
    if given.url:
        soak(given.url, given.pid, given.demo, given.seconds)
    from faults.lab import Lab
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "case"
        place.mkdir()
        with Lab(given.gateway, place).gateway() as gateway:
            soak(gateway.url, gateway.pid, given.demo, given.seconds)


if __name__ == "__main__":
    main()
