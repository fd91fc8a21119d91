"""On a narrow uplink an upload takes the time its share says; what cannot be in time is refused before its body is sent."""

import http.client
import socket
import tempfile
import time

import urllib3

from acceptance import Checks, Server, arguments
from curl import Curl, Upload

WITHIN = 0.15
TRIES = 3


def alone(checks, upload, folder, capacity):
    """One upload has the uplink for itself."""

    def once():
        result = Curl(upload, folder).result()
        if not checks.check("an upload alone is answered", result.status == 200, (result.status, result.body[:300])):
            return None
        grant = result.json["parameters"]
        share = grant.get("granted_bits_per_second", 0)
        if not checks.check("its share is within the uplink", 0 < share <= capacity * 1.001, grant):
            return None
        expected = upload.size * 8 / share
        return result.seconds, grant["upload_ms"] / 1000, expected

    near_once(checks, "an upload alone", once)


def together(checks, upload, folder, capacity, clients=4):
    """Several at once: together they are held to the uplink, and they use it."""

    def once():
        began = time.monotonic()
        results = [client.result() for client in [Curl(upload, folder, number) for number in range(clients)]]
        statuses = [result.status for result in results]
        if not checks.check(f"{clients} uploads are answered", statuses == [200] * clients, statuses):
            return None
        took = time.monotonic() - began
        longest = max(result.json["parameters"]["upload_ms"] / 1000 for result in results)
        return took, longest, clients * upload.size * 8 / capacity

    near_once(checks, f"{clients} uploads at once", once)


def near_once(checks, name, once):
    """Nothing is faster than its share; a busy machine may slow some tries down, but not all.

    ``once`` gives seconds by the client's clock, by the gateway's, and by the share; None where it failed.
    """
    for _ in range(TRIES):
        if (times := once()) is None:
            return
        took, measured, expected = times
        said = f"{name}: {took:.3f} s, upload_ms {measured:.3f} s, the share says {expected:.3f} s"
        if not checks.check(f"{said}: not faster", took >= expected * (1 - WITHIN)):
            return
        if measured <= expected * (1 + WITHIN):
            break
    checks.check(f"{said}: not slower", measured <= expected * (1 + WITHIN))


def refused(checks, upload, folder, capacity):
    """The deadline is half of what the upload alone takes: 504 from the head, with the breakdown, not a byte sent."""
    deadline = int(upload.size * 8 / capacity * 1000 / 2)
    for name, headers in [("asked first", ["--header", "Expect: 100-continue"]), ("not asked", ["--header", "Expect:"])]:
        result = Curl(upload, folder, 0, deadline, headers).result()
        said = result.json or {}
        checks.check(f"{name}: 504", result.status == 504 and result.exit_status == 0, (result, deadline))
        parts = said.get("breakdown", {})
        known = {"upload_ms", "wait_ms", "load_ms", "compute_ms", "deadline_ms"} <= set(parts)
        checks.check(f"{name}: breakdown", known and parts["upload_ms"] > parts["deadline_ms"] == deadline, said)
        checks.check(f"{name}: refused without waiting for the upload", result.seconds < 2 * deadline / 1000, result.seconds)
        if name == "asked first":
            checks.check("asked first: 0 bytes uploaded", result.sent == 0, result.sent)


def refused_unasked(checks, server, upload):
    """A refusal is read by clients that send the whole body before they look for an answer, and never reset."""
    body = upload.file.read_bytes()
    name, _, value = upload.header.partition(": ")
    headers = {name: value, "Inference-Timeout-Ms": "50", "Content-Type": "application/octet-stream"}
    path = "/" + upload.url.split("/", 3)[3]

    def standard_library():
        connection = http.client.HTTPConnection(server.authority, timeout=20)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def by_urllib3():
        answer = urllib3.PoolManager(retries=False).request("POST", upload.url, body=body, headers=headers, timeout=20)
        return answer.status, answer.data

    def raw():
        host, _, port = server.authority.partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        return int(received[9:12]), received

    for client in (standard_library, by_urllib3, raw):
        try:
            status, answer = client()
            checks.check(f"{client.__name__} reads its refusal", status == 504 and b'"code":"' in answer, (status, answer))
        except Exception as error:  # whatever it is, it is what the client sees instead of its answer
            checks.check(f"{client.__name__} reads its refusal", False, repr(error))


def main():
    given = arguments(
        __doc__, ("--model", {"required": True}), ("--bits-per-second", {"required": True, "type": float})
    )
    checks, server = Checks(), Server(given.url)
    with tempfile.TemporaryDirectory() as folder:
        upload = Upload(server, given.model, folder)
        Curl(Upload(server, given.model, folder, rows=1), folder).result()  # the model is in memory from here on
        alone(checks, upload, folder, given.bits_per_second)
        refused(checks, upload, folder, given.bits_per_second)
        refused_unasked(checks, server, Upload(server, given.model, folder, rows=2048))
        together(checks, Upload(server, given.model, folder, rows=1024), folder, given.bits_per_second)
    checks.check("alive", server.is_alive())
    checks.finish()


if __name__ == "__main__":
    main()
