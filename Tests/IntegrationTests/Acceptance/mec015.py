"""Allocations of the platform follow an upload: there is one while it lasts, of its share, and none after; trouble fails nobody."""

import json
import tempfile
import time
import urllib.request

from acceptance import Checks, Server, arguments
from curl import Curl, Upload

WITHIN_S = 10


def asked(platform):
    """What the platform was asked so far, and what it holds."""
    with urllib.request.urlopen(f"{platform}/calls") as answer:
        return json.load(answer)


def wait_for(platform, holds):
    """The first state of the platform that is so; the last one seen where none comes."""
    limit = time.monotonic() + WITHIN_S
    while not holds(state := asked(platform)) and time.monotonic() < limit:
        time.sleep(0.01)
    return state


def follows(checks, platform, upload, folder, capacity, interval):
    """One upload: created, and deleted after it."""
    client = Curl(upload, folder)
    state = wait_for(platform, lambda state: state["allocations"])
    allocation = next(iter(state["allocations"].values()), {})
    checks.check("there is an allocation while it uploads", len(state["allocations"]) == 1, state)
    session = allocation.get("sessionFilter", [{}])[0]
    port = upload.url.split("/")[2].split(":")[1]
    checks.check("of its session", session.get("sourceIp") == "127.0.0.1" and session.get("dstPort") == [port], session)
    rate = int(allocation.get("fixedAllocation", 0))
    checks.check("of its share, towards the application", 0 < rate <= capacity * 1.001 and
                 allocation.get("allocationDirection") == "01", allocation)
    checks.check("the upload is answered", client.result().status == 200)
    state = wait_for(platform, lambda state: not state["allocations"])
    checks.check("none is left after it", state["allocations"] == {}, state)
    checks.check("every call is as described", state["violations"] == [], state["violations"])
    times = [call["at"] for call in state["calls"]]
    gaps = [after - before for before, after in zip(times, times[1:])]
    checks.check("rounds keep their distance", all(gap >= 0.9 * interval for gap in gaps), gaps)


def fails_nobody(checks, server, platform, upload, folder):
    """A platform that answers 503: uploads are answered all the same, the metrics tell."""
    urllib.request.urlopen(f"{platform}/trouble", data=b"").close()
    before = len(asked(platform)["calls"])
    checks.check("with the platform in trouble an upload is answered", Curl(upload, folder).result().status == 200)
    checks.check("it was tried", len(asked(platform)["calls"]) > before)
    text = server.ask("GET", "/metrics").body.decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("gateway_bandwidth_management"))
    calls = float(values.get("gateway_bandwidth_management_calls_total", 0))
    failures = float(values.get("gateway_bandwidth_management_failures_total", 0))
    checks.check("calls and failures are counted", calls > failures >= 1, values)


def main():
    given = arguments(
        __doc__, ("--model", {"required": True}), ("--bits-per-second", {"required": True, "type": float}),
        ("--platform", {"required": True}), ("--interval-ms", {"required": True, "type": float}),
    )
    checks, server = Checks(), Server(given.url)
    with tempfile.TemporaryDirectory() as folder:
        Curl(Upload(server, given.model, folder, rows=1), folder).result()  # the model is in memory from here on
        wait_for(given.platform, lambda state: not state["allocations"])
        upload = Upload(server, given.model, folder)
        follows(checks, given.platform, upload, folder, given.bits_per_second, given.interval_ms / 1000)
        fails_nobody(checks, server, given.platform, upload, folder)
    checks.check("alive", server.is_alive())
    checks.finish()


if __name__ == "__main__":
    main()
