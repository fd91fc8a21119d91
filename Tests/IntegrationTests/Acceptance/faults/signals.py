"""Signals, and standard streams that nobody reads."""

import os
import signal
import socket
import subprocess
import time


def post_head(gateway, model="digits", length=1000):
    """A connection with an inference request whose body does not come."""
    client = gateway.connect()
    client.sendall(f"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    return client


def infers(lab, gateway):
    request = (lab.demo / "requests" / "seven.json").read_bytes()
    answer = gateway.post("/v2/models/digits/infer", request)
    assert answer.status == 200, answer


def ended(process, seconds):
    """The exit status, negative for a signal; an AssertionError where the process goes on."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the process still runs after {seconds} s") from None


def case_signals_without_meaning(lab):
    """SIGHUP, SIGUSR1, SIGUSR2 and SIGPIPE end nothing."""
    with lab.gateway() as gateway:
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
            os.kill(gateway.pid, number)
        infers(lab, gateway)


def case_second_signal(lab):
    """A second SIGTERM while requests are drained answers them 503 and ends the gateway with status 1 within seconds."""
    with lab.gateway(config={"server": {"body_grace_ms": 60000}, "shutdown": {"grace_ms": 60000}}) as gateway:
        client = post_head(gateway)
        gateway.get("/v2/health/live")
        gateway.was_signalled = True
        os.kill(gateway.pid, signal.SIGTERM)
        time.sleep(1)
        assert gateway.process.poll() is None, "it ended without waiting for what it admitted"
        os.kill(gateway.pid, signal.SIGTERM)
        assert ended(gateway.process, 8) == 1
        assert b" 503 " in client.recv(4096)


def case_reader_gone(lab):
    """A gateway whose standard output and error lost their reader goes on serving, counts the lost lines and drains."""
    reading, writing = os.pipe()
    with lab.gateway("--log-level", "trace", stdout=writing, stderr=writing, wait_ready=False) as gateway:
        os.close(writing)
        os.close(reading)
        gateway.until_ready()
        os.kill(gateway.pid, signal.SIGHUP)
        infers(lab, gateway)
        gateway.post("/v2/repository/models/digits/load", {})
        assert gateway.total("log_lines_lost_total") > 0


def case_pipe_full(lab):
    """A reader of the log that stops reading holds up neither loads nor SIGTERM."""
    reading, writing = os.pipe()
    try:
        while True:
            os.set_blocking(writing, False)
            os.write(writing, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    with lab.gateway("--log-level", "trace", stderr=writing) as gateway:
        os.close(writing)
        for _ in range(5):
            os.kill(gateway.pid, signal.SIGHUP)
            answer = gateway.post("/v2/repository/models/digits/load", {})
            assert answer.status == 200, answer
        infers(lab, gateway)
        gateway.was_signalled = True
        os.kill(gateway.pid, signal.SIGTERM)
        assert ended(gateway.process, 10) == 0
    os.close(reading)


def case_streams_closed(lab):
    """A gateway started with its standard streams closed serves, and no file of its takes their place."""
    script = 'exec "$0" "$@" <&- >&- 2>&-'
    port, store = lab.free_port(), lab.store("demo")
    command = ["sh", "-c", script, str(lab.executable), "serve", "--port", str(port), "--store", str(store)]
    process = subprocess.Popen(command, cwd=lab.folder(), env=lab.environment())
    try:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, f"it ended with {process.returncode}"
                time.sleep(0.05)
        streams = {os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)}
        assert streams == {"/dev/null"}, streams
        process.terminate()
        assert ended(process, 10) == 0
    finally:
        process.kill()
        process.wait()


def case_log_full_disk(lab):
    """A log on a full disk costs lines, which are counted, and nothing else."""
    with open("/dev/full", "wb") as full, lab.gateway("--log-level", "trace", stderr=full) as gateway:
        infers(lab, gateway)
        assert gateway.total("log_lines_lost_total") > 0
