"""Heads that are wrong: header values, paths and methods, and framing sent as raw bytes."""

BAD = 400

HEADS = [
    (f"{name} {value!r}", BAD, name, {name: value})
    for name, values in {
        "Inference-Timeout-Ms": ["0", "-5", "abc", "", "1.5.2", "1e999", "9" * 25, "0x10", "nan"],
        "grpc-timeout": ["0m", "5", "m", "123456789m", "5x", "-5m", "1.5S", ""],
        "x-envoy-expected-rq-timeout-ms": ["0", "-1", "abc", "9" * 25],
        "Inference-Spectral-Efficiency": ["0", "-1", "abc", "nan", "inf", "1e999", "", "+1", "0x1p3", "1_0"],
    }.items()
    for value in values
] + [
    ("Content-Encoding gzip", 415, None, {"Content-Encoding": "gzip"}),
    ("Content-Encoding identity, gzip", 415, None, {"Content-Encoding": "identity, gzip"}),
    ("Content-Encoding br", 415, None, {"Content-Encoding": "br"}),
    ("Expect 200-ok", 417, None, {"Expect": "200-ok"}),
]

PATHS = [
    ("GET", "/nothing", 404), ("GET", "/v3", 404), ("GET", "/v2/model", 404), ("GET", "/v2/models/MODEL/versions", 404),
    ("GET", "/v2/models/MODEL/nothing", 404), ("POST", "/v2/models/MODEL/infer/more", 404),
    ("POST", "/v2/models/no-such-model/infer", 404), ("POST", "/v2/models/MODEL/versions/2/infer", 404),
    ("POST", "/v2/models/MODEL/versions/0/infer", (400, 404)), ("POST", "/v2/models/MODEL/versions/-1/infer", (400, 404)),
    ("POST", "/v2/models/MODEL/versions/one/infer", (400, 404)), ("POST", "/v2/models/MODEL/versions/01/infer", 404),
    ("POST", "/v2/models/MODEL/versions/+1/infer", 404), ("GET", "/v2/models/MODEL/versions/%2B1", 404),
    ("GET", "/v2/models/MODEL/versions/1%00/ready", 400), ("GET", "/v2/models/MODEL/versions/%31%20/config", 404),
    ("GET", "/v1/requests/+1", 404), ("GET", "/v1/requests/01", 404), ("GET", "/v1/plan?limit=%2B1", 400),
    ("POST", "/v2/models/MODEL/versions/18446744073709551617/infer", (400, 404)),
    ("POST", "/v2/models/..%2f..%2fetc/infer", (400, 404)), ("POST", "/v2/models/../../etc/passwd/infer", (400, 404)),
    ("POST", "/v2/models/a%00b/infer", (400, 404)), ("POST", "/v2/models/%ff%fe/infer", (400, 404)),
    ("POST", "/v2/models/%zz/infer", (400, 404)), ("POST", "/v2/models/.hidden/infer", (400, 404)),
    ("POST", "/v2/models/" + "m" * 65 + "/infer", (400, 404)), ("POST", "/v2/models/" + "m" * 4000 + "/infer", (400, 404)),
    ("POST", "/v2/models//infer", (400, 404)), ("POST", "/v2/repository/models/..%2f..%2fetc/load", (400, 404)),
    ("GET", "/v2/models/MODEL/infer", 405), ("PUT", "/v2/models/MODEL/infer", 405), ("DELETE", "/v2/models/MODEL", 405),
    ("POST", "/v2", 405), ("POST", "/v2/models/stats", 405), ("PATCH", "/metrics", 405), ("BREW", "/v2", (405, 501)),
    ("GET", "/v2/repository/index", 405), ("GET", "/v2/repository/models/MODEL/load", 405),
]


# What a server answers only if it takes the bytes after a refused head for a request of their own.
MARKER = b"GET /v2?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
MARKED = b'"extensions"'


class Heads:
    """Raw requests that each break one rule; (name, expected status, bytes) for each.

    Each is to be answered once, and its connection closed: where such a request ends is not known.
    """

    def __init__(self, model, body):
        self.target, self.body = f"/v2/models/{model}/infer", body
        self.length = f"Content-Length: {len(body)}"

    def post(self, *fields, line=None, content=None, host="Host: a"):
        lines = [line or f"POST {self.target} HTTP/1.1", *([host] if host else []), *fields]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (self.body if content is None else content)

    def all(self):
        for rule in (self.lengths, self.codings, self.fields, self.hidden, self.lines, self.limits, self.strangers):
            yield from rule()

    def lengths(self):
        yield "two Content-Lengths", BAD, self.post(self.length, self.length)
        yield "two different Content-Lengths", BAD, self.post(self.length, "Content-Length: 5")
        yield "Content-Length over the limit", 413, self.post("Content-Length: 67108865", content=b"")
        yield "Content-Length 10 GiB", 413, self.post("Content-Length: 10737418240", content=b"")
        yield "Content-Length 2^64 - 1", 413, self.post("Content-Length: 18446744073709551615", content=b"")
        yield "Content-Length of 40 digits", (400, 413), self.post(f"Content-Length: {'9' * 40}")
        for value in ("-1", "+5", "5 5", "5, 5", "0x5", "", "abc", "5.0", "5\x0b"):
            yield f"Content-Length {value!r}", BAD, self.post(f"Content-Length: {value}")

    def codings(self):
        chunks = b"0\r\n\r\n"
        for value in ("chunked", "xchunked", "gzip, chunked", "identity", "\tchunked", ""):
            yield f"Transfer-Encoding {value!r}", 411, self.post(f"Transfer-Encoding: {value}", content=chunks)
        yield "chunked after the length", 411, self.post(self.length, "Transfer-Encoding: chunked", content=chunks)
        yield "chunked before the length", 411, self.post("Transfer-Encoding: chunked", self.length, content=chunks)
        yield "two codings", 411, self.post("Transfer-Encoding: chunked", "Transfer-Encoding: x", content=chunks)
        old = f"POST {self.target} HTTP/1.0"
        yield "chunked in HTTP/1.0", 411, self.post("Transfer-Encoding: chunked", line=old, content=chunks)

    def fields(self):
        yield "no Host", BAD, self.post(self.length, host=None)
        yield "two Hosts", BAD, self.post("Host: b", self.length)
        yield "two equal Hosts", BAD, self.post("Host: a", self.length)
        yield "a list of Hosts", BAD, self.post(self.length, host="Host: a, b")
        yield "two credentials", BAD, self.post(self.length, "Authorization: Bearer a", "Authorization: Bearer b")
        yield "an unknown expectation", 417, self.post(self.length, "Expect: 200-ok")
        for name in ("X(y)", "X y", "X[]", "caf\xe9", "X\x01", '"X"', "X/Y"):
            yield f"a name {name!r} that is no token", BAD, self.post(self.length, f"{name}: 1")
        yield "no name", BAD, self.post(self.length, ": 1")
        yield "space before the colon", BAD, self.post(f"Content-Length : {len(self.body)}")
        for control in ("\r", "\x01", "\x1b[31m", "\x7f"):
            yield f"{control!r} in a value", BAD, self.post(self.length, f"X: a{control}b")

    def hidden(self):
        """What the HTTP library repairs without a word: folds, NULs, bare line feeds, lines that are no fields."""
        yield "a folded value", BAD, self.post("X: 1\r\n 2", self.length)
        yield "a value folded by a tab", BAD, self.post("X: 1\r\n\t2", self.length)
        yield "a fold that forges a name", BAD, self.post("X-Api-Ke: b\r\n y", self.length)
        yield "a fold that forges the length", BAD, self.post(f"Content-Lengt: {len(self.body)}\r\n h")
        yield "a fold of nothing", BAD, self.post("X: 1\r\n ", self.length)
        yield "a fold of the last line", BAD, self.post(self.length + "\r\n ")
        yield "a fold of the first line", BAD, self.post(self.length, host=" Host: a\r\nHost: a")
        yield "NUL in a value", BAD, self.post("X: good\0evil", self.length)
        yield "NUL at the end of a value", BAD, self.post("X: good\0", self.length)
        yield "NUL in a name", BAD, self.post("X\0Y: 1", self.length)
        yield "NUL alone in a line", BAD, self.post("\0", self.length)
        yield "bare LF between fields", BAD, self.post("X: 1\n" + self.length)
        yield "bare LF after the first line", BAD, self.post(self.length, host="", line=f"POST {self.target} HTTP/1.1\nHost: a")
        yield "bare LF at the end", BAD, b"GET /v2 HTTP/1.1\r\nHost: a\r\n\n"
        yield "bare LF everywhere", BAD, b"GET /v2 HTTP/1.1\nHost: a\n\n"
        yield "a line without a colon", BAD, self.post("Nothing", self.length)
        yield "only a colon", BAD, self.post(":", self.length)
        yield "a colon that ends a head", BAD, self.post(": 1\r\nGET /v2?smuggled HTTP/1.1\r\nHost: a")

    def lines(self):
        for version in ("HTTP/1.9", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 ", "HTTP/1.1\0"):
            yield f"version {version!r}", (400, 505), self.post(self.length, line=f"POST {self.target} {version}")
        yield "a method that is no token", BAD, self.post(self.length, line=f"P[]T {self.target} HTTP/1.1")
        yield "NUL in the method", BAD, self.post(self.length, line=f"PO\0ST {self.target} HTTP/1.1")
        yield "two spaces", BAD, self.post(self.length, line=f"POST  {self.target} HTTP/1.1")
        yield "a tab", (400, 505), self.post(self.length, line=f"POST\t{self.target} HTTP/1.1")
        for target in (
            "v2", "ftp://a/v2", "/v2/../v2", "/v2/%2e%2e/v2", "/v2%2fmodels", "/v2%00", "/v2\0", "/v2?a\0b", "/v2?a=%00", "/v2#a",
            "/v2\\models", "/v2%5cmodels", "/v2%zz", "/v2%0d%0aX:1", "/v2\x01", "/caf\xe9", "/v2 x",
        ):
            yield f"target {target!r}", BAD, self.post(line=f"GET {target} HTTP/1.1", content=b"")

    def limits(self):
        yield "65 fields", 431, self.post(self.length, *(f"X-{number}: 1" for number in range(63)))
        yield "fields of 17 KiB", 431, self.post(self.length, "X-Long: " + "a" * (17 << 10))
        yield "a field of 1 MiB", (413, 431), self.post(self.length, "X-Long: " + "a" * (1 << 20))
        yield "a target of 5,000 bytes", 431, self.post(line=f"GET /{'a' * 5000} HTTP/1.1", content=b"")

    def strangers(self):
        yield "a TLS greeting", None, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n"
        yield "a word", None, b"hello\r\n\r\n"


def twice(name, one, other):
    """The same field with two values."""
    return f"{name} twice", BAD, name, [f"{name}: {one}", f"{name}: {other}"]


# Fields that count once; the operation refuses them, with their name.
TWICE = [
    twice("Inference-Timeout-Ms", 5000, 5000), twice("Inference-Timeout-Ms", 5000, 1), twice("grpc-timeout", "5S", "1S"),
    twice("x-envoy-expected-rq-timeout-ms", 5000, 1), twice("Inference-Spectral-Efficiency", 4, 4),
]
