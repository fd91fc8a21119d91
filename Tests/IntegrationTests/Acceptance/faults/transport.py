"""Clients that take everything and give nothing: unread answers, trickling bodies, connections without end."""

import contextlib
import http.client
import os
import resource
import socket
import subprocess
import threading
import time

import numpy
from onnx import TensorProto, helper

from faults.running import infer_body


def widening():
    """A model that repeats one number as often as it is asked to."""
    graph = helper.make_graph(
        [helper.make_node("Expand", ["x", "count"], ["y"])],
        "widening",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1]),
            helper.make_tensor_value_info("count", TensorProto.INT64, [1]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["columns"])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def columns(count):
    """What makes `widening` answer so many numbers of four bytes."""
    return {"x": numpy.ones(1, dtype=numpy.float32), "count": numpy.array([count], dtype=numpy.int64)}


def ask(gateway, model, inputs):
    """A connection with a small receive buffer whose request is sent and whose answer nobody reads."""
    body, length = infer_body(inputs)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(15)
    client.connect(("127.0.0.1", gateway.port))
    head = (
        f"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        f"Inference-Header-Content-Length: {length}\r\n\r\n"
    )
    client.sendall(head.encode() + body)
    return client


def infers(lab, gateway, source=("127.0.0.1", 0)):
    """The status of one inference of the demo catalog that is sent from an address."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10, source_address=source)
    with contextlib.closing(connection):
        connection.request("POST", "/v2/models/digits/infer", (lab.demo / "requests" / "seven.json").read_bytes())
        return connection.getresponse().status


def case_unread_answers(lab):
    """Clients that do not read their answers of 20 MB are cut within seconds, and their memory is free again."""
    one = columns(5 << 20)
    with lab.gateway(models={"wide": widening()}, config={"server": {"answer_stall_ms": 1000}}) as gateway:
        before = gateway.rss()
        clients = [ask(gateway, "wide", one) for _ in range(20)]
        gateway.until(lambda: gateway.total("connection_events_total", event="answer_unread") >= 20, 15, "cut")
        gateway.until(lambda: gateway.rss() < before + (250 << 20), 5, "rid of the answers")
        answer = gateway.infer("wide", one)
        assert answer.status == 200 and len(answer.outputs()["y"].reshape(-1)) == 5 << 20
        for client in clients:
            client.close()


def case_answer_memory(lab):
    """Answers beyond the memory for them are refused with 503 or 429; what fits is answered."""
    one = columns(5 << 20)
    config = {"requests": {"max_answer_memory_bytes": 50 << 20, "caller_memory_part": 1}}
    with lab.gateway(models={"wide": widening()}, config=config) as gateway:
        clients = [ask(gateway, "wide", one) for _ in range(2)]
        time.sleep(2)
        answer = gateway.infer("wide", one)
        assert answer.status == 503, answer
        assert "error" in answer.json()
        for client in clients:
            client.close()
        gateway.until(lambda: gateway.infer("wide", one).status == 200, 10, "answering again")


def case_large_json(lab):
    """While an answer with much JSON is written, health answers at once on every connection."""
    body = {
        "inputs": [
            {"name": "x", "datatype": "FP32", "shape": [1], "data": [0.123456]},
            {"name": "count", "datatype": "INT64", "shape": [1], "data": [1 << 19]},
        ]
    }
    with lab.gateway(models={"wide": widening()}) as gateway:
        answers = []

        def large():
            answers.append(gateway.post("/v2/models/wide/infer", body, timeout=15).status)

        threads = [threading.Thread(target=large) for _ in range(2)]
        for thread in threads:
            thread.start()
        slowest = 0.0
        while any(thread.is_alive() for thread in threads):
            begun = time.monotonic()
            assert gateway.get("/v2/health/live").status == 200
            slowest = max(slowest, time.monotonic() - begun)
            time.sleep(0.01)
        assert answers == [200, 200], answers
        assert slowest < 0.5, f"health took {slowest:.2f} s"


def case_trickling_bodies(lab):
    """Sixteen heads that announce 64 MiB and trickle keep nobody else from being served, from any address."""
    with lab.gateway() as gateway:
        head = (
            "POST /v2/models/digits/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 67108864\r\n"
            "Inference-Header-Content-Length: 100\r\nInference-Timeout-Ms: 60000\r\n\r\n"
        )
        clients = [gateway.connect() for _ in range(16)]
        for client in clients:
            client.sendall(head.encode())
        # Until all of them are read: together they announce exactly what there is.
        time.sleep(0.5)
        assert infers(lab, gateway, ("127.0.0.2", 0)) == 200
        for _ in range(8):
            for client in clients:
                with contextlib.suppress(OSError):
                    client.sendall(b"{" * 280)
            time.sleep(0.25)
        assert [infers(lab, gateway) for _ in range(10)] == [200] * 10
        for client in clients:
            client.close()


def case_half_heads(lab):
    """Half a head and FIN ends at once; silent connections give way once server.max_connections are open."""
    with lab.gateway(config={"server": {"max_connections": 20}}) as gateway:
        client = gateway.connect()
        client.sendall(b"GET /v2/health/live HTTP/1.1\r\nHo")
        client.shutdown(socket.SHUT_WR)
        begun = time.monotonic()
        client.settimeout(5)
        assert client.recv(100) == b"" and time.monotonic() - begun < 3
        silent = [gateway.connect() for _ in range(40)]
        time.sleep(0.5)
        for _ in range(10):
            assert gateway.get("/v2/health/live").status == 200
        for client in silent:
            client.close()


def case_soft_limit(lab):
    """A soft limit of 64 descriptors is raised to what server.max_connections needs."""
    with lab.gateway(limit_files=64) as gateway:
        assert resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE)[0] > 4096
        clients = [gateway.connect() for _ in range(200)]
        assert gateway.get("/v2/health/live").status == 200
        for client in clients:
            client.close()


def case_no_descriptor_left(lab):
    """Connections that find no descriptor are answered 503, none hangs, a line is logged, and all is well afterwards."""
    with lab.gateway() as gateway:
        limit = resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE)
        highest = max(map(int, os.listdir(f"/proc/{gateway.pid}/fd")))
        resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, (highest + 8, limit[1]))
        clients = [gateway.connect(timeout=5) for _ in range(40)]
        statuses = []
        for client in clients:
            with contextlib.suppress(ConnectionError):
                client.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                statuses.append(client.recv(4096)[9:12])
        assert b"503" in statuses and set(statuses) <= {b"200", b"503", b""}, statuses
        for client in clients:
            client.close()
        resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, limit)
        gateway.until(lambda: gateway.get("/v2/health/live").status == 200, 5, "well")
        assert gateway.total("connection_events_total", event="accept_failed") > 0
        assert gateway.log().count("no descriptor") == 1


def case_hard_limit(lab):
    """A hard limit below server.max_connections means fewer connections, with a warning; one more is answered 503."""
    port, store, folder = lab.free_port(), lab.store("demo"), lab.folder()
    command = ["sh", "-c", 'ulimit -n 400; exec "$0" "$@"', str(lab.executable), "serve", "--port", str(port)]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [*command, "--store", str(store)], cwd=folder, env=lab.environment(), stderr=log, stdout=subprocess.PIPE,
        )
    clients = []
    try:
        assert process.stdout.readline().startswith(b"listening on")
        assert b"fewer connections" in (folder / "log").read_bytes()
        refused = 0
        for _ in range(200):
            client = socket.create_connection(("127.0.0.1", port), timeout=5)
            clients.append(client)
            client.sendall(b"POST /v2/models/digits/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
        time.sleep(1)
        for client in clients:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                refused += client.recv(100).startswith(b"HTTP/1.1 503")
        assert 20 <= refused <= 100, refused
    finally:
        for client in clients:
            client.close()
        process.kill()
        process.wait()
