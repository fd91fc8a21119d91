"""SIGTERM under load at random moments, many rounds, each with a gateway of its own. Takes minutes: run by hand.

    drain_rounds.py --gateway .build/debug/gateway --store STORE --model prime --rounds 10 --seed 1
"""

import argparse
import random
import subprocess
import tempfile
import time

from acceptance import Checks, Server
from drain_uploads import drain

# How long the uploads of a round take at most: (gateway's arguments, curl's limit, seconds).
LOADS = [([], "200K", 7), (["--uplink-bits-per-second", "300000000"], None, 7), ([], None, 3)]


def started(gateway, store, arguments):
    """A gateway on a free port, when it listens."""
    command = [gateway, "serve", "--host", "127.0.0.1", "--port", "0", "--store", store, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = process.stdout.readline()
    return process, Server("http://" + line.removeprefix("listening on ").strip())


def one_round(checks, given, number):
    generator = random.Random(f"{given.seed}-{number}")
    arguments, rate, longest = LOADS[number % len(LOADS)]
    moment = generator.uniform(0, longest)
    print(f"round {number}: SIGTERM after {moment:.3f} s, {arguments} {rate}", flush=True)
    process, server = started(given.gateway, given.store, arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            drain(checks, server, process.pid, folder, given.model, rate, moment)
        began = time.monotonic()
        status = process.wait(timeout=60)
        checks.check(f"exit status 0, {time.monotonic() - began:.1f} s after the last answer", status == 0, status)
    finally:
        process.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--gateway", "--store", "--model"):
        parser.add_argument(name, required=True)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given, checks = parser.parse_args(), Checks()
    for number in range(given.rounds):
        one_round(checks, given, number)
    checks.finish()


if __name__ == "__main__":
    main()
