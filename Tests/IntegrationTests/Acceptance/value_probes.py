"""Boundary values of each datatype, shape and parameter, made from a seed; and what may be answered to them.

Each probe is answered 200, 4xx with a reason, 501, 503 or 504: never with another 5xx, and the server lives on.
"""

import json
import random
import struct

import numpy

from acceptance import NUMPY_TYPES, concrete

LIMITS = {name: numpy.iinfo(kind) for name, kind in NUMPY_TYPES.items() if numpy.issubdtype(kind, numpy.integer)}
ANSWERS = {200, 501, 503, 504, *range(400, 500)}
# Written as they stand: Python's json would not write some of them so.
NUMBERS = [
    "0", "-0", "1", "-1", "2", "127", "128", "-128", "-129", "255", "256", "32767", "32768", "65535", "65536", "2147483647",
    "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
    "100000000000000000000", "1" + "0" * 38, "1" + "0" * 39, "1" + "0" * 308, "1" + "0" * 309, "1" + "0" * 1200,
    "0.0", "-0.0", "1.0", "0.1", "-0.1", "1.5", "1e0", "1E+2", "1e-2", "65504", "65505.0", "3.4028234663852886e38",
    "3.4028235677973366e38", "3.5e38", "1e39", "1.7976931348623157e308", "1.8e308", "5e-324", "1e-400", "1.401298464324817e-45",
    "0." + "1" * 400, "1" * 19, "1" * 20, "1" * 21, "-" + "9" * 19, "0" + "." + "0" * 50 + "1",
]
OTHERS = [
    "true", "false", "null", '""', '"0"', '"NaN"', "[]", "[0]", "{}", "NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.",
    "1e", "0x1", "1_0", "--1", '"\\u0000"', '"\\ud800"', '"\u00e9"', '"e\u0301"', "'a'", "-", "1 2", "tru", "",
]
SIZES = [0, 1, 2, 3, 7, 64, 65, 1000, -1, -2, 2**31 - 1, 2**31, 2**31 + 1, 2**32, 2**40, 2**62, 2**63 - 1, 2**63, 2**64, 1.0, 1.5,
         "1", None, True, [], "x"]
PARAMETERS = {
    "timeout": [0, 1, 2, -1, 2**31, 2**53, 2**63 - 1, 2**63, 1.0, "1", None, True, [], {}],
    "priority": [0, 1, 2**31, 2**32 - 1, 2**32, -1, 1.5, "1", None, False],
    "binary_data_output": [True, False, None, 0, 1, "true", []],
    "sequence_id": [0, 1, "a", None], "sequence_start": [True, None], "classification": [1, None], "headers": ["a", {}],
    "": [1], "a" * 5000: ["b" * 5000], "triton_enable_empty_final_response": [True], "\u00e9": ["\u00e9"], "x": [2**63, 1e308],
}
HEADERS = {
    "Inference-Timeout-Ms": ["0", "1", "00", "007", "-1", "+1", "1.5", "1e3", " 1", "1 ", "9" * 15, "9" * 16, "9" * 400, "", "\u0661"],
    "grpc-timeout": ["1H", "99999999H", "100000000n", "1", "H", "0n", "1h", "-1S", "1 S"],
    "x-envoy-expected-rq-timeout-ms": ["1", "0", "a", "1,1"],
    "Inference-Spectral-Efficiency": ["1", "0.001", "0.0009", "100", "101", "1e1", "+1", "0x1", "nan", "inf", "-1", "1,5", ""],
    "Inference-Header-Content-Length": ["0", "1", "2", "-1", "+1", "01", "1e3", "9" * 18, "9" * 19, "9" * 30, "", "a"],
    "Content-Type": ["text/plain", "application/octet-stream", "application/json; charset=latin-1", ""],
    "Accept": ["text/plain", "application/problem+json", "*/*;q=0", ",,,", "a" * 3000, "application/json;q=abc"],
    "Inference-Unknown": ["1"], "Authorization": ["Bearer x", "Basic", ""],
}


class Probe:
    """One request: a path's tail, a body, headers."""

    def __init__(self, name, body, headers=None, version=None):
        self.name, self.body, self.headers, self.version = name, body, headers or {}, version


class ValueProbes:
    """Probes of one model; the same seed makes the same ones."""

    def __init__(self, inputs, outputs, seed):
        self.inputs, self.outputs, self.random = inputs, outputs, random.Random(seed)
        self.ways = [
            self.number, self.number, self.other, self.mixed, self.shape, self.shape, self.rank, self.parameter,
            self.header, self.datatype, self.binary, self.binary, self.size, self.output, self.version, self.text,
        ]

    def make(self, count):
        for number in range(count):
            way = self.ways[number % len(self.ways)]
            probe = way()
            probe.name = f"{number} {way.__name__} {probe.name}"
            yield probe

    # A request that is right, as text with one place open.

    def rows(self):
        return self.random.choice([1, 1, 2, 3])

    def elements(self, tensor, rows):
        count = int(numpy.prod(concrete(tensor["shape"], rows), dtype=numpy.int64))
        if tensor["datatype"] == "BYTES":
            return ['"a"'] * count
        return [self.random.choice("01")] * count

    def entry(self, tensor, rows, data=None, shape=None, datatype=None, parameters=None):
        shape = json.dumps(concrete(tensor["shape"], rows)) if shape is None else shape
        data = "[" + ",".join(self.elements(tensor, rows)) + "]" if data is None else data
        members = [
            f'"name":{json.dumps(tensor["name"])}', f'"shape":{shape}',
            f'"datatype":{json.dumps(datatype if datatype is not None else tensor["datatype"])}', f'"data":{data}',
        ]
        if parameters is not None:
            members.append(f'"parameters":{json.dumps(parameters)}')
        return "{" + ",".join(members) + "}"

    def request(self, entries, more=""):
        return ('{"inputs":[' + ",".join(entries) + "]" + more + "}").encode("utf-8", "surrogatepass")

    def with_one(self, change):
        """A request with all inputs, one of them changed."""
        rows, place = self.rows(), self.random.randrange(len(self.inputs))
        return self.request([
            change(tensor, rows) if index == place else self.entry(tensor, rows) for index, tensor in enumerate(self.inputs)
        ])

    def with_element(self, value):
        def change(tensor, rows):
            elements = self.elements(tensor, rows)
            if elements:
                elements[self.random.randrange(len(elements))] = value
            return self.entry(tensor, rows, data="[" + ",".join(elements) + "]")
        return self.with_one(change)

    def number(self):
        value = self.random.choice(NUMBERS)
        return Probe(value[:40], self.with_element(value))

    def other(self):
        value = self.random.choice(OTHERS)
        return Probe(value, self.with_element(value))

    def mixed(self):
        """All elements drawn, so that whole arrays are unusual."""
        values = [self.random.choice(NUMBERS) for _ in range(3)]

        def change(tensor, rows):
            return self.entry(tensor, rows, data="[" + ",".join(
                self.random.choice(values) for _ in self.elements(tensor, rows)) + "]")
        return Probe(str([value[:20] for value in values]), self.with_one(change))

    def shape(self):
        def change(tensor, rows):
            sizes = concrete(tensor["shape"], rows)
            if sizes:
                sizes[self.random.randrange(len(sizes))] = size
            return self.entry(tensor, rows, shape=json.dumps(sizes))
        size = self.random.choice(SIZES)
        return Probe(repr(size), self.with_one(change))

    def rank(self):
        shape = self.random.choice([[], [1], [1] * 9, [1] * 500, None, 1, "[1]", {}, [[1]], [0, 0], [2**32, 2**32], [2**62, 4, 0]])
        return Probe(json.dumps(shape)[:40], self.with_one(lambda tensor, rows: self.entry(tensor, rows, shape=json.dumps(shape))))

    def parameter(self):
        name = self.random.choice(list(PARAMETERS))
        value = self.random.choice(PARAMETERS[name])
        entries = [self.entry(tensor, 1) for tensor in self.inputs]
        return Probe(f"{name[:20]}={value!r:.20}", self.request(entries, f',"parameters":{json.dumps({name: value})}'))

    def header(self):
        name = self.random.choice(list(HEADERS))
        value = self.random.choice(HEADERS[name])
        entries = [self.entry(tensor, 1) for tensor in self.inputs]
        return Probe(f"{name}: {value[:20]}", self.request(entries), {name: value.encode("utf-8").decode("latin-1")})

    def datatype(self):
        value = self.random.choice([*NUMPY_TYPES, "BYTES", "BF16", "FP8", "fp32", "", 1, None])
        return Probe(repr(value), self.with_one(lambda tensor, rows: self.entry(tensor, rows, datatype=value or "")))

    def raw(self, tensor, rows):
        """Random bytes as a tensor: every bit pattern is a value, but of BOOL and BYTES."""
        count = int(numpy.prod(concrete(tensor["shape"], rows), dtype=numpy.int64))
        if tensor["datatype"] == "BYTES":
            return b"".join(struct.pack("<I", length) + self.random.randbytes(length)
                            for length in (self.random.randrange(4) for _ in range(count)))
        size = {"FP16": 2, "BF16": 2}.get(tensor["datatype"]) or numpy.dtype(NUMPY_TYPES[tensor["datatype"]]).itemsize
        kind = self.random.randrange(3)
        if kind == 0:
            return self.random.randbytes(count * size)
        return bytes([self.random.choice([0x00, 0x7F, 0x80, 0xFF, 0x01])]) * (count * size)

    def binary(self):
        rows, entries, tail = self.rows(), [], b""
        for tensor in self.inputs:
            raw = self.raw(tensor, rows)
            entries.append({
                "name": tensor["name"], "datatype": tensor["datatype"], "shape": concrete(tensor["shape"], rows),
                "parameters": {"binary_data_size": len(raw)},
            })
            tail += raw
        wants = self.random.choice([{}, {"parameters": {"binary_data_output": True}}])
        head = json.dumps({"inputs": entries, **wants}).encode()
        return Probe(f"wanting {wants}", head + tail, {"Inference-Header-Content-Length": str(len(head))})

    def size(self):
        probe = self.binary()
        length = int(probe.headers["Inference-Header-Content-Length"])
        request, tail = json.loads(probe.body[:length]), probe.body[length:]
        size = self.random.choice(SIZES)
        request["inputs"][self.random.randrange(len(request["inputs"]))]["parameters"]["binary_data_size"] = size
        head = json.dumps(request).encode()
        return Probe(repr(size), head + tail, {"Inference-Header-Content-Length": str(len(head))})

    def output(self):
        name = self.random.choice([self.outputs[0]["name"], "", "no", "\u00e9", "a" * 5000])
        wanted = self.random.choice([
            [{"name": name}], [{"name": name}, {"name": name}], [{"name": name, "parameters": {"binary_data": True}}],
            [{"name": name, "parameters": {"binary_data": 1}}], [{"name": name, "parameters": {"classification": 3}}], [{}], [1],
            {}, None, [],
        ])
        entries = [self.entry(tensor, 1) for tensor in self.inputs]
        return Probe(json.dumps(wanted)[:40], self.request(entries, f',"outputs":{json.dumps(wanted)}'))

    def version(self):
        version = self.random.choice(["1", "0", "01", "+1", "-1", "1.0", "x", "9" * 30, "%31", "%00", "1%20", "\u0661"])
        entries = [self.entry(tensor, 1) for tensor in self.inputs]
        return Probe(version, self.request(entries), version="".join(
            one if one.isascii() else "".join(f"%{byte:02X}" for byte in one.encode()) for one in version))

    def text(self):
        """A right request with some bytes changed."""
        body = bytearray(self.request([self.entry(tensor, 1) for tensor in self.inputs], ',"id":"x"'))
        for _ in range(self.random.randint(1, 3)):
            place = self.random.randrange(len(body))
            body[place : place + self.random.randrange(2)] = self.random.choice(
                [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\x00", b"\xff", b"\x1f\x8b", b"9", b"-", b"e", b"\xed\xa0\x80", b""])
        return Probe("", bytes(body))


def fault(answer):
    """What is wrong with an answer to a probe; None where nothing is."""
    if answer.status not in ANSWERS:
        return f"status {answer.status}: {answer.body[:300]}"
    if answer.status == 200:
        return None if isinstance(answer.json, dict) and "outputs" in answer.json else f"200 without outputs: {answer.body[:300]}"
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    return None if isinstance(error, str) and error else f"status {answer.status} without a reason: {answer.body[:300]}"


def probe(checks, server, model, count, seed):
    """Sends ``count`` probes to a model; says the first that went wrong, and whether the server still answers."""
    metadata = server.metadata(model)
    statuses, faults = {}, []
    connection = server.connect(timeout=30)
    for one in ValueProbes(metadata["inputs"], metadata["outputs"], seed).make(count):
        version = f"/versions/{one.version}" if one.version else ""
        try:
            answer = server.ask("POST", f"/v2/models/{model}{version}/infer", one.body, one.headers, connection)
        except (OSError, ValueError) as error:
            faults.append(f"{one.name}: no answer: {error!r}")
            connection.close()
            if not alive(server):
                break
            continue
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        wrong = fault(answer)
        if wrong:
            faults.append(f"{one.name}: {wrong}")
        if answer.headers.get("Connection") == "close":
            connection.close()
    connection.close()
    checks.check(f"{model}: {count} value probes of seed {seed} ({statuses})", not faults, faults[:5])
    checks.check(f"{model}: some probes are answered with 200", statuses.get(200, 0) > 0, statuses)
    checks.check(f"{model}: the server lives on", alive(server))


def alive(server):
    try:
        return server.is_alive()
    except OSError:
        return False
