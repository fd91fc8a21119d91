"""200 parallel curl uploads of 1 MB with deadlines, SIGTERM in the middle: every client gets a final answer."""

import os
import signal
import tempfile
import threading
import time
from collections import Counter

from acceptance import Checks, Server, arguments
from curl import Curl, Upload

CLIENTS = 200
FINAL = {200, 503, 504}
NOBODY_THERE = {7: "refused", 52: "closed before its request", 56: "reset"}
ESTABLISHED, LISTEN = "01", "0A"


def sockets(port):
    """Connections that the server's side of the port has, and how many of them it has not accepted yet."""
    local, established, waiting = f":{port:04X}", 0, 0
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            fields = line.split()
            if fields[1].endswith(local) and fields[3] == ESTABLISHED:
                established += 1
            if fields[1].endswith(local) and fields[3] == LISTEN:
                waiting += int(fields[4].split(":")[1], 16)
    return established, waiting


def all_connected(port, clients, limit_s=60):
    """Waits until every client is connected and accepted, or has ended already."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        ended = sum(client.process.poll() is not None for client in clients)
        established, waiting = sockets(port)
        if established + ended >= len(clients) and waiting == 0:
            return ended
        time.sleep(0.01)
    return None


def drain(checks, server, pid, folder, model, rate=None, moment=None):
    """Starts the uploads, sends SIGTERM, and judges what the clients got.

    Without ``moment``, SIGTERM comes as soon as all are connected; else so many seconds after the first began. A client
    that comes after it may find nobody there, which is final, too.
    """
    upload = Upload(server, model, folder)
    checks.check(f"the body has {upload.size} bytes", upload.size >= 1_000_000)
    more = ["--limit-rate", rate] if rate else []
    sent = []

    def terminate():
        os.kill(pid, signal.SIGTERM)
        sent.append(time.monotonic())

    alarm = threading.Timer(moment or 0, terminate)
    if moment is not None:
        alarm.start()
    clients = [Curl(upload, folder, number, 50_000, more) for number in range(CLIENTS)]
    if moment is None:
        ended = all_connected(int(server.authority.split(":")[1]), clients)
        terminate()
        checks.check("SIGTERM came while uploads were on their way", ended is not None and ended < CLIENTS, ended)
    results = [(client, client.result()) for client in clients]
    if moment is not None:
        alarm.join()
    owed, missed = [], Counter()
    for client, result in results:
        if client.began > sent[0] and result.exit_status in NOBODY_THERE:
            missed[NOBODY_THERE[result.exit_status]] += 1
        else:
            owed.append(result)
    judge(checks, owed, missed)


def judge(checks, results, missed):
    counts = Counter(result.status for result in results)
    print("answers by status:", dict(counts), "came too late:", dict(missed))
    broken = [result for result in results if result.exit_status != 0]
    checks.check("no client saw a connection error", not broken, [result.problem for result in broken[:5]])
    final = sum(result.status in FINAL for result in results)
    checks.check(f"{len(results)} final answers", final == len(results), dict(counts))
    checks.check("what was admitted was finished", counts[200] > 0 or missed, dict(counts))
    wrong = [result for result in results if not is_whole(result)]
    checks.check("every answer is whole", not wrong, [(one.status, one.body[:200]) for one in wrong[:3]])


def is_whole(result):
    said = result.json or {}
    return bool(said.get("outputs") if result.status == 200 else said.get("code") and said.get("error"))


def main():
    given = arguments(
        __doc__, ("--model", {"required": True}), ("--pid", {"required": True, "type": int}),
        ("--limit-rate", {"default": None, "help": "curl's own limit, so that uploads last without a paced uplink"}),
    )
    checks, server = Checks(), Server(given.url)
    with tempfile.TemporaryDirectory() as folder:
        drain(checks, server, given.pid, folder, given.model, given.limit_rate)
    checks.finish()


if __name__ == "__main__":
    main()
