"""Models loaded and unloaded again and again while others are asked: no wrong answer, and memory stays flat."""

import threading
from pathlib import Path

from acceptance import Checks, Server, arguments
from demo_models import Demo, control
from metrics import Metrics

CLIENTS = 3


class Client(threading.Thread):
    """Asks one model all the time on one connection."""

    def __init__(self, server, demo, model):
        super().__init__()
        self.server, self.demo, self.model = server, demo, model
        self.asked, self.bad, self.over = 0, [], threading.Event()

    def run(self):
        connection = self.server.connect()
        while not self.over.wait(0.002):
            answer = self.demo.ask(self.server, self.model, connection)
            self.asked += 1
            if not self.demo.is_right(answer, self.model):
                self.bad.append((answer.status, answer.body[:200]))


def resident_bytes(process):
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096


def cycle(server, demo, model):
    """Loads, asks and unloads one model; what was not as it should be."""
    problems = []
    for verb in ("load", "unload"):
        answer = control(server, model, verb)
        if answer.status != 200:
            problems.append((model, verb, answer.status, answer.body[:200]))
        if verb == "load" and not demo.is_right(answer := demo.ask(server, model), model):
            problems.append((model, "infer", answer.status, answer.body[:200]))
    return problems


def main():
    given = arguments(__doc__, ("--pid", {"type": int, "required": True}), ("--demo", {"required": True}),
                      ("--cycles", {"type": int, "default": 1000}))
    checks, server, demo = Checks(), Server(given.url), Demo(given.demo)
    models = server.index()
    asked, turned = models[:2], models[2:]
    clients = [Client(server, demo, asked[index % len(asked)]) for index in range(CLIENTS)]
    for client in clients:
        client.start()
    problems, samples = [], []
    for index in range(given.cycles):
        problems += cycle(server, demo, turned[index % len(turned)])
        samples.append(resident_bytes(given.pid))
    for client in clients:
        client.over.set()
    for client in clients:
        client.join()
    checks.check(f"{given.cycles} models were loaded, right, and unloaded", not problems, problems[:3])
    bad = [problem for client in clients for problem in client.bad]
    count = sum(client.asked for client in clients)
    checks.check(f"{count} requests for others meanwhile were all right", count and not bad, bad[:3])
    # The first cycles fill pools that stay: of threads, of connections, of freed pages.
    tenth = max(1, len(samples) // 10)
    early, late = max(samples[2 * tenth : 3 * tenth]), max(samples[-tenth:])
    checks.check(f"memory is flat: {early >> 20} MiB after a fifth of the cycles, {late >> 20} MiB at the end",
                 late <= early * 1.05 + (1 << 20))
    checks.check("blocks came and went", Metrics(server).sum("block_evictions_total") >= given.cycles)
    checks.finish()


if __name__ == "__main__":
    main()
