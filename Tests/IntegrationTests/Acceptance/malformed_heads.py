"""Heads that are wrong: header values, paths and methods, and framing sent as raw bytes."""

BAD = 400

HEADS = [
    (f"{name} {value!r}", BAD, name, {name: value})
    for name, values in {
        "Inference-Timeout-Ms": ["0", "-5", "abc", "", "1.5.2", "1e999", "9" * 25, "0x10", "nan"],
        "grpc-timeout": ["0m", "5", "m", "123456789m", "5x", "-5m", "1.5S", ""],
        "x-envoy-expected-rq-timeout-ms": ["0", "-1", "abc", "9" * 25],
        "Inference-Spectral-Efficiency": ["0", "-1", "abc", "nan", "inf", "1e999", ""],
    }.items()
    for value in values
] + [
    ("Content-Encoding gzip", 415, None, {"Content-Encoding": "gzip"}),
    ("Content-Encoding identity, gzip", 415, None, {"Content-Encoding": "identity, gzip"}),
    ("Content-Encoding br", 415, None, {"Content-Encoding": "br"}),
    ("Expect 200-ok", 417, None, {"Expect": "200-ok"}),
]

PATHS = [
    ("GET", "/nothing", 404), ("GET", "/v3", 404), ("GET", "/v2/models", 404), ("GET", "/v2/models/MODEL/versions", 404),
    ("GET", "/v2/models/MODEL/nothing", 404), ("POST", "/v2/models/MODEL/infer/more", 404),
    ("POST", "/v2/models/no-such-model/infer", 404), ("POST", "/v2/models/MODEL/versions/2/infer", 404),
    ("POST", "/v2/models/MODEL/versions/0/infer", (400, 404)), ("POST", "/v2/models/MODEL/versions/-1/infer", (400, 404)),
    ("POST", "/v2/models/MODEL/versions/one/infer", (400, 404)),
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


def heads_for(model, body):
    """(name, expected status, bytes, whether the answer must be a problem) for each.

    Where the last is False, the HTTP library may answer before the gateway sees the head, or just close.
    """
    refused = range(400, 500)
    target = f"/v2/models/{model}/infer"

    def post(*headers, line=None, content=body, host=True):
        head = [line or f"POST {target} HTTP/1.1", *(["Host: a"] if host else []), *headers]
        return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + content

    length = f"Content-Length: {len(body)}"
    yield "no Content-Length", 411, post(content=b""), True
    yield "chunked", 411, post("Transfer-Encoding: chunked", content=b"0\r\n\r\n"), True
    yield "chunked and Content-Length", 411, post(length, "Transfer-Encoding: chunked"), True
    yield "xchunked", 411, post("Transfer-Encoding: xchunked"), True
    yield "two Content-Lengths", BAD, post(length, length), True
    yield "two different Content-Lengths", BAD, post(length, "Content-Length: 5"), True
    yield "Content-Length 10 GiB", 413, post("Content-Length: 10737418240", content=b""), True
    yield "Content-Length 2^64 - 1", (400, 413), post("Content-Length: 18446744073709551615", content=b""), True
    for value in ("-1", "+5", "5 5", "0x5", "", "abc", "9" * 40):
        yield f"Content-Length {value[:10]!r}", refused, post(f"Content-Length: {value}"), False
    yield "two Hosts", BAD, post("Host: b", length), True
    yield "no Host", refused, post(length, host=False), False
    yield "space before the colon", refused, post(f"Content-Length : {len(body)}"), False
    yield "a name that is no token", BAD, post(length, "X(y): 1"), True
    yield "HTTP/1.9", refused, post(length, line=f"POST {target} HTTP/1.9"), False
    yield "HTTP/2.0", range(400, 600), post(length, line=f"POST {target} HTTP/2.0"), False
    yield "100 headers", (400, 431), post(length, *(f"X-{number}: 1" for number in range(100))), True
    yield "a header of 1 MiB", (400, 413, 431), post(length, "X-Long: " + "a" * 1_048_576), False
    yield "two deadlines of one name", BAD, post(length, "Inference-Timeout-Ms: 5000", "Inference-Timeout-Ms: 1"), True
    yield "no HTTP at all", refused, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n", False
    yield "an empty request line", refused, b"\r\n\r\n\r\n", False
