"""What the gateway counts, after one request of each kind."""

import hashlib
import json
import socket
import time

import numpy

from faults.models import embedding

OUTCOMES = ("met", "late", "missed", "invalid", "error", "cancelled")


def image(rows=1):
    data = [0.0] * (64 * rows)
    return {"inputs": [{"name": "image", "shape": [rows, 1, 8, 8], "datatype": "FP32", "data": data}]}


def infer(gateway, body=None, headers=None, model="digits"):
    return gateway.post(f"/v2/models/{model}/infer", image() if body is None else body, headers)


def counted(gateway):
    """Outcomes and reasons with what was counted of them, zeros left out."""
    found = {name: gateway.total("requests_total", outcome=name) for name in (*OUTCOMES, "rejected")}
    series = gateway.metrics()
    for name, value in series.items():
        if name.startswith("gateway_rejections_total{"):
            reason = name.split('reason="')[1].split('"')[0]
            found[f"reason {reason}"] = found.get(f"reason {reason}", 0) + value
    return {name: value for name, value in found.items() if value}


def check_sums(gateway):
    received, admitted = gateway.total("received_total"), gateway.total("admitted_total")
    reasons, rejected = gateway.total("rejections_total"), gateway.total("requests_total", outcome="rejected")
    ended = sum(gateway.total("requests_total", outcome=name) for name in OUTCOMES)
    assert reasons == rejected == gateway.total("rejected_total"), (reasons, rejected)
    assert received == admitted + rejected, (received, admitted, rejected)
    assert admitted == ended + gateway.total("in_flight"), (admitted, ended)


def expect_growth(gateway, status, grown, ask):
    """One request, answered so, adds to these counts and to no other."""
    before = counted(gateway)
    answer = ask()
    assert answer.status == status, answer
    gateway.until(lambda: gateway.total("in_flight") == 0, 5, "settled")
    after = counted(gateway)
    found = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    assert found == {name: 1 for name in grown}, (status, found, grown)
    check_sums(gateway)


def case_each_end_is_counted_as_what_it_was(lab):
    """The client's bad bodies, missed promises and the gateway's own failures are told apart."""
    with lab.gateway() as gateway:
        expect_growth(gateway, 200, ["met"], lambda: infer(gateway))
        expect_growth(gateway, 400, ["invalid"], lambda: infer(gateway, b"{"))
        expect_growth(gateway, 400, ["invalid"], lambda: infer(gateway, {"inputs": []}))
        wrong = {**image(), "outputs": [{"name": "label", "parameters": {"classification": 1}}]}
        expect_growth(gateway, 501, ["invalid"], lambda: infer(gateway, wrong))
        expect_growth(gateway, 504, ["missed"], lambda: infer(gateway, {**image(), "parameters": {"timeout": 1}}))


def case_each_refusal_has_its_reason(lab):
    """404, 411, 413, 415, 417 and bad heads are counted, each under a reason that says whose fault it is."""
    with lab.gateway() as gateway:
        expect_growth(gateway, 404, ["rejected", "reason unknown_model"], lambda: infer(gateway, model="nothing"))
        expect_growth(gateway, 415, ["rejected", "reason invalid"], lambda: infer(gateway, headers={"Content-Encoding": "gzip"}))
        expect_growth(gateway, 417, ["rejected", "reason invalid"], lambda: infer(gateway, headers={"Expect": "x"}))
        expect_growth(gateway, 413, ["rejected", "reason too_large"], lambda: infer(gateway, b"", {"Content-Length": str(1 << 40)}))
        expect_growth(gateway, 413, ["rejected", "reason too_large"], lambda: infer(gateway, b"", {"Content-Length": str(9 << 20)}))
        expect_growth(gateway, 411, ["rejected", "reason invalid"], lambda: infer(gateway, b"0\r\n\r\n", {"Transfer-Encoding": "chunked"}))
        expect_growth(gateway, 431, ["rejected", "reason too_large"], lambda: infer(
            gateway, headers={f"X-{number}": "a" for number in range(70)}))
        expect_growth(gateway, 400, ["rejected", "reason invalid"], lambda: infer(gateway, headers={"Inference-Timeout-Ms": "0"}))
        expect_growth(gateway, 504, ["rejected", "reason deadline"], lambda: infer(
            gateway, b"", {"Content-Length": "60000000", "Inference-Header-Content-Length": "100", "Inference-Timeout-Ms": "10"}))
        for status in (411, 413, 415, 417, 431):
            assert gateway.total("http_refusals_total", status=str(status)) > 0, status


def case_keys_that_are_missing_or_do_not_cover_it_have_reasons(lab):
    """401 and 403 are told apart from bad requests."""
    def key(name, scopes):
        return f"{name} {hashlib.sha256(name.encode()).hexdigest()} {scopes}"
    file = lab.folder() / "keys"
    file.write_text("\n".join([key("reader", "read"), key("camera", "infer")]) + "\n")
    with lab.gateway(config={"callers": {"key_file": str(file), "protect_reading": False}}) as gateway:
        expect_growth(gateway, 401, ["rejected", "reason unauthorized"], lambda: infer(gateway))
        expect_growth(gateway, 403, ["rejected", "reason forbidden"], lambda: infer(gateway, headers={"Authorization": "Bearer reader"}))
        expect_growth(gateway, 200, ["met"], lambda: infer(gateway, headers={"Authorization": "Bearer camera"}))


def case_a_body_too_slow_is_the_clients(lab):
    """408 is counted as invalid, not as a failure of the gateway, and a client that leaves as cancelled."""
    config = {"server": {"body_grace_ms": 300, "min_body_bytes_per_second": 1000000}}
    with lab.gateway(config=config) as gateway:
        head = "POST /v2/models/digits/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nInference-Timeout-Ms: 20000\r\n\r\n"
        with gateway.connect() as connection:
            connection.sendall(head.encode() + b"{")
            received = connection.recv(65536)
        assert b" 408 " in received.split(b"\r\n")[0], received[:200]
        gateway.until(lambda: gateway.total("in_flight") == 0, 5, "settled")
        assert counted(gateway) == {"invalid": 1}, counted(gateway)
        with gateway.connect() as connection:
            connection.sendall(head.encode() + b"{")
            time.sleep(0.05)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        gateway.until(lambda: gateway.total("in_flight") == 0, 5, "settled")
        assert counted(gateway) == {"invalid": 1, "cancelled": 1}, counted(gateway)
        check_sums(gateway)


def case_statistics_count_rows_and_every_stage(lab):
    """inference_count counts rows, and success, queue and compute counts all grow by one for each request."""
    with lab.gateway() as gateway:
        for rows in (1, 2, 5):
            assert infer(gateway, image(rows)).status == 200
        (told,) = gateway.get("/v2/models/digits/stats").json()["model_stats"]
        counts = {name: told["inference_stats"][name]["count"] for name in
                  ("success", "queue", "compute_input", "compute_infer", "compute_output")}
        assert set(counts.values()) == {3}, counts
        assert (told["inference_count"], told["execution_count"]) == (8, 3), told
        assert [one["batch_size"] for one in told["batch_stats"]] == [1, 2, 5], told
        assert all(one[stage]["count"] == 1 for one in told["batch_stats"]
                   for stage in ("compute_input", "compute_infer", "compute_output")), told


def case_the_largest_batch_is_what_the_configuration_says(lab):
    """As many rows as max_batch_size are taken, and not one more."""
    with lab.gateway(config={"scheduling": {"max_batch_rows": 100}}) as gateway:
        limit = gateway.get("/v2/models/digits/config").json()["max_batch_size"]
        assert limit == 100, limit
        for rows, status in [(100, 200), (101, 400)]:
            answer = gateway.infer("digits", {"image": numpy.zeros((rows, 1, 8, 8), numpy.float32)})
            assert answer.status == status, answer
        assert answer.json()["field"] == "inputs[0].shape[0]", answer


def case_no_sum_of_a_histogram_falls(lab):
    """Late answers and wrong estimates never make a `_sum` smaller."""
    with lab.gateway(config={"scheduling": {"policy": "lru", "run_expired": True}}) as gateway:
        def sums():
            return {name: value for name, value in gateway.metrics().items() if "_sum" in name}
        before = sums()
        for timeout in (20_000_000, 300, 1, 20_000_000, 500):
            infer(gateway, {**image(50), "parameters": {"timeout": timeout}})
            after = sums()
            fallen = [name for name in after if after[name] < before.get(name, 0)]
            assert not fallen, fallen
            before = after


def case_an_engines_failure_is_no_clients_fault_of_others(lab):
    """An id beyond the table is that request's own error; the sums hold."""
    with lab.gateway(models={"table": embedding()}) as gateway:
        assert gateway.infer("table", {"ids": numpy.array([1, 2], numpy.int64)}).status == 200
        answer = gateway.infer("table", {"ids": numpy.array([100000], numpy.int64)})
        assert answer.status in (400, 500), answer
        expected = "invalid" if answer.status == 400 else "error"
        assert counted(gateway) == {"met": 1, expected: 1}, (answer, counted(gateway))
        check_sums(gateway)
