"""The start: listens first, measures for a bounded time, ends when it is told to."""

import signal
import time
from pathlib import Path

import numpy

from faults.sizes import perceptron

UNMEASURED = 6


def models(count):
    # Each has weights of its own, or blocks would be shared.
    return {f"m{number}": perceptron(layers=4, width=900) for number in range(count)}


def children(process):
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def is_live(gateway):
    return gateway.get("/v2/health/live", timeout=2).status == 200


def case_listens_while_it_measures(lab):
    """While models are measured the gateway is alive, not ready, and refuses with `starting`; then it is ready."""
    budget = {"engine": {"calibration_budget_ms": 4000}}
    with lab.gateway(models=models(UNMEASURED), config=budget, wait_ready=False) as gateway:
        began = time.monotonic()
        gateway.until(lambda: is_live(gateway), 3, "alive")
        gateway.until(lambda: "measuring models" in gateway.log(), 3, "measuring")
        ready = gateway.get("/v2/health/ready")
        assert ready.status == 503 and ready.json()["code"] == "starting", ready
        assert ready.headers["Retry-After"], ready
        answer = gateway.infer("m0", {"x": numpy.zeros((1, 900), numpy.float32)})
        assert answer.status == 503 and answer.json()["code"] == "starting", answer
        assert "listening on" not in gateway.stdout()
        gateway.until_ready()
        took = time.monotonic() - began
        assert took < 4 + 4, f"ready after {took:.1f} s"
        assert "listening on" in gateway.stdout()
        assert gateway.infer("m0", {"x": numpy.zeros((1, 900), numpy.float32)}, {"Inference-Timeout-Ms": "15000"}).status == 200


def case_large_models_are_left_out(lab):
    """Models that cannot be compiled within the budget do not delay the start; they are served all the same."""
    budget = {"engine": {"calibration_budget_ms": 300}}
    with lab.gateway(models=models(2), config=budget, wait_ready=False) as gateway:
        began = time.monotonic()
        gateway.until_ready()
        took = time.monotonic() - began
        assert took < 4, f"ready after {took:.1f} s: {gateway.log()}"
        answer = gateway.infer("m1", {"x": numpy.zeros((1, 900), numpy.float32)}, {"Inference-Timeout-Ms": "15000"})
        assert answer.status == 200, answer


def case_sigterm_while_it_measures(lab):
    """SIGTERM ends a gateway that measures, at once and with status 0, and the process that measures with it."""
    budget = {"engine": {"calibration_budget_ms": 30000}}
    with lab.gateway(models=models(UNMEASURED), config=budget, wait_ready=False) as gateway:
        gateway.until(lambda: "measuring models" in gateway.log(), 5, "measuring")
        gateway.until(lambda: children(gateway.pid), 5, "measuring in a process of its own")
        measuring = children(gateway.pid)
        gateway.signal(signal.SIGTERM)
        assert gateway.wait(3) == 0, gateway.log()
        await_end(measuring)


def is_running(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def await_end(processes):
    end = time.monotonic() + 3
    while any(is_running(process) for process in processes):
        assert time.monotonic() < end, "it goes on measuring"
        time.sleep(0.02)


def case_a_killed_gateway_leaves_no_process(lab):
    """What measures ends with the gateway, even where that is killed."""
    budget = {"engine": {"calibration_budget_ms": 30000}}
    with lab.gateway(models=models(UNMEASURED), config=budget, wait_ready=False) as gateway:
        gateway.until(lambda: children(gateway.pid), 5, "measuring in a process of its own")
        measuring = children(gateway.pid)
        gateway.signal(signal.SIGKILL)
        gateway.wait(3)
        await_end(measuring)


def case_a_taken_port_is_told_at_once(lab):
    """A port that is taken ends the start before anything is measured."""
    with lab.gateway() as gateway:
        began = time.monotonic()
        done = lab.command("serve", "--port", str(gateway.port), "--store", lab.store("demo"))
        assert done.status == 1 and time.monotonic() - began < 3, done
        assert "measuring" not in done.error, done.error
