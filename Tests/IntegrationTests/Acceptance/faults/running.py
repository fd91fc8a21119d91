"""A `gateway serve` that a case started, and its answers."""

import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time

import numpy

from acceptance import NUMPY_TYPES
from metrics import LABEL, SAMPLE

STARTS_WITHIN = 60
STOPS_WITHIN = 10


class Answer:
    """An HTTP answer, whole."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"Answer({self.status}, {self.body[:300]!r})"

    def json(self):
        """The body as JSON; of a binary answer, its JSON part. None where it is not JSON."""
        length = self.headers.get("Inference-Header-Content-Length")
        try:
            return json.loads(self.body[: int(length)] if length else self.body)
        except ValueError:
            return None

    def outputs(self):
        """The outputs of an infer answer as arrays by name; BYTES as arrays of byte strings."""
        length = self.headers.get("Inference-Header-Content-Length")
        offset, arrays = int(length) if length else len(self.body), {}
        for output in self.json()["outputs"]:
            size = output.get("parameters", {}).get("binary_data_size")
            if size is None:
                values = numpy.array(output["data"], dtype=NUMPY_TYPES.get(output["datatype"], object))
            else:
                values = decoded(self.body[offset : offset + size], output["datatype"])
                offset += size
            arrays[output["name"]] = values.reshape(output["shape"])
        return arrays


def decoded(raw, datatype):
    if datatype != "BYTES":
        return numpy.frombuffer(raw, dtype=NUMPY_TYPES[datatype])
    elements, offset = [], 0
    while offset < len(raw):
        (length,) = struct.unpack_from("<I", raw, offset)
        elements.append(raw[offset + 4 : offset + 4 + length])
        offset += 4 + length
    return numpy.array(elements, dtype=object)


def encoded(array):
    """(V2 data type, raw bytes) of an array; arrays of strings and of byte strings are BYTES."""
    if array.dtype.kind not in "OSU":
        return next(name for name, kind in NUMPY_TYPES.items() if kind == array.dtype.type), array.tobytes()
    elements = [one if isinstance(one, bytes) else str(one).encode() for one in array.reshape(-1).tolist()]
    return "BYTES", b"".join(struct.pack("<I", len(one)) + one for one in elements)


def infer_body(inputs):
    """(body, length of its JSON part) of a binary inference request for arrays by name."""
    entries, tail = [], b""
    for name, given in inputs.items():
        array = numpy.asarray(given)
        datatype, raw = encoded(array)
        entries.append({
            "name": name, "datatype": datatype, "shape": list(array.shape),
            "parameters": {"binary_data_size": len(raw)},
        })
        tail += raw
    head = json.dumps({"inputs": entries, "parameters": {"binary_data_output": True}}).encode()
    return head + tail, len(head)


class RunningGateway:
    """A gateway process, from outside."""

    def __init__(self, process, port, folder, store):
        self.process, self.port, self.folder, self.store = process, port, folder, store
        self.url, self.pid = f"http://127.0.0.1:{port}", process.pid
        self.was_signalled = False

    # Requests.

    def ask(self, method, path, body=None, headers=None, timeout=20):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, headers=None, timeout=20):
        return self.ask("GET", path, None, headers, timeout)

    def post(self, path, body=b"", headers=None, timeout=20):
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, sent, headers, timeout)

    def infer(self, model, inputs, headers=None, timeout=None):
        """One binary inference request; ``timeout`` is the client's own, in seconds."""
        body, length = infer_body(inputs)
        sent = {"Inference-Header-Content-Length": str(length), **(headers or {})}
        return self.post(f"/v2/models/{model}/infer", body, sent, timeout or 20)

    def connect(self, timeout=20):
        """A plain TCP connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def metrics(self):
        """One scrape: value by series, as written (`name{label="x"}`)."""
        series = {}
        for line in self.get("/metrics").body.decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                series[name] = float(value)
        return series

    def total(self, name, **labels):
        """The sum over one scrape's samples of a metric with these labels; the name without the gateway's prefix."""
        total = 0.0
        for series, value in self.metrics().items():
            match = SAMPLE.match(f"{series} {value}")
            found = dict(LABEL.findall(match["labels"] or ""))
            if match["name"].endswith("_" + name) and labels.items() <= found.items():
                total += value
        return total

    # The process.

    def log(self):
        """Standard error so far; empty where the case took it for itself."""
        return self.text("error")

    def stdout(self):
        return self.text("output")

    def text(self, name):
        file = self.folder / name
        return file.read_text(errors="replace") if file.exists() else ""

    def rss(self):
        """Resident bytes."""
        return int(re.search(r"VmRSS:\s+(\d+) kB", self.status_text())[1]) * 1024

    def threads(self):
        return int(re.search(r"Threads:\s+(\d+)", self.status_text())[1])

    def status_text(self):
        with open(f"/proc/{self.pid}/status") as file:
            return file.read()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.was_signalled = True
        self.process.send_signal(number)

    def wait(self, seconds):
        """The exit status, negative for a signal; an AssertionError where it still runs after the time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the gateway still runs after {seconds} s: {self.log()[-1000:]}") from None

    def until_ready(self, limit=STARTS_WITHIN):
        self.until(lambda: self.get("/v2/health/ready", timeout=5).status == 200, limit, "ready")

    def until(self, holds, limit, what):
        """Asks every 20 ms until something holds; connection errors count as no."""
        end = time.monotonic() + limit
        while True:
            try:
                if holds():
                    return
            except (OSError, http.client.HTTPException):
                pass
            assert self.alive(), f"the gateway ended with {self.process.returncode}: {self.log()[-2000:]}"
            assert time.monotonic() < end, f"not {what} within {limit} s: {self.log()[-2000:]}"
            time.sleep(0.02)

    def leave(self):
        """Ends it. A gateway that a signal ended which the case did not send is a failure."""
        if self.alive():
            self.was_signalled = True
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return
        status = self.process.returncode
        assert status >= 0 or self.was_signalled, f"the gateway died of signal {-status}: {self.log()[-2000:]}"
