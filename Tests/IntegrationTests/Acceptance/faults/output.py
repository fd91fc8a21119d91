"""Commands whose output cannot be written, and results that must not be lost."""

import json
import os
import signal
import subprocess
import time


def to_full(lab, *args):
    """Runs a command with its standard output on a full disk."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [lab.executable, *map(str, args)], stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60,
            env=lab.environment(), cwd=lab.folder(),
        )
    return done.returncode, done.stderr.decode()


def trace(lab, *more):
    made = lab.command("trace", "--rate", "20", "--duration", "60", "--models", "digits", "--timeout-ms", "2000", *more)
    assert made.status == 0, made
    return made.output


def case_full_disk(lab):
    """Every command whose output is lost to a full disk says so on one line and ends with status 1."""
    store = lab.store("demo")
    instance = lab.folder() / "instance.json"
    instance.write_text(json.dumps({
        "version": 1, "memory_bytes": 1000, "blocks": [{"id": "a", "bytes": 10, "load_ms": 1}],
        "models": [{"id": "m", "blocks": ["a"], "compute_base_ms": 1, "compute_item_ms": 1}],
        "requests": [{"id": "r", "model": "m", "deadline_ms": 100}],
    }))
    commands = [
        ["trace", "--rate", "10", "--duration", "1", "--models", "digits"],
        ["models", "--store", store], ["models", "--json", "--store", store], ["blocks", "--store", store],
        ["verify", "--store", store], ["gc", "--store", store], ["serve", "--check", "--store", store],
        ["simulate", "--list"], ["--version"], ["--help"],
    ]
    if lab.command("plan", instance).status == 0:
        commands.append(["plan", instance])
    for command in commands:
        status, error = to_full(lab, *command)
        assert status == 1, (command[0], status, error)
        assert error == "gateway: standard output: No space left on device\n", (command[0], error)


def case_reader_has_seen_enough(lab):
    """A command whose reader ends early ends quietly, with status 0."""
    process = subprocess.Popen(
        [lab.executable, "trace", "--rate", "100000", "--duration", "10", "--models", "digits"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=lab.environment(), cwd=lab.folder(),
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(20) == 0
    assert process.stderr.read() == b""


def case_replay_report_path(lab):
    """A report that cannot be written is found out before the run; a device is written to, not replaced."""
    with lab.gateway() as gateway:
        text = lab.folder() / "trace.jsonl"
        text.write_text(trace(lab))
        begun = time.monotonic()
        done = lab.command("replay", text, "--url", gateway.url, "--report", lab.folder() / "no" / "report.json")
        assert done.status == 1 and "cannot be written" in done.error, done
        assert time.monotonic() - begun < 10
        short = lab.folder() / "short.jsonl"
        short.write_text(text.read_text().splitlines()[0] + "\n")
        done = lab.command("replay", short, "--url", gateway.url, "--report", "/dev/full")
        assert done.status == 1 and "No space left on device" in done.error, done
        assert not os.path.isfile("/dev/full")


def case_replay_interrupted(lab):
    """Ctrl-C in a replay writes the report of what was done so far."""
    with lab.gateway() as gateway:
        text, report = lab.folder() / "trace.jsonl", lab.folder() / "report.json"
        text.write_text(trace(lab))
        process = subprocess.Popen(
            [lab.executable, "replay", str(text), "--url", gateway.url, "--report", str(report), "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=lab.environment(), cwd=lab.folder(),
        )
        deadline = time.monotonic() + 10
        while gateway.total("requests_total") < 5 and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=10)
        assert process.returncode == 1, (process.returncode, error)
        assert b"interrupted" in error
        assert output == report.read_bytes()
        assert json.loads(output), output
