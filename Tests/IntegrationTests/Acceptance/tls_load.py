"""Sends requests over TLS, some on connections that are kept and some on new ones, and fails where one is not answered 200."""

import argparse
import http.client
import pathlib
import ssl
import sys
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--url", required=True)
parser.add_argument("--seconds", type=float, required=True)
parser.add_argument("--until-certificates", type=int, default=1, help="how many certificates have to be seen")
options = parser.parse_args()
host, port = options.url.removeprefix("http://").split(":")
body = (pathlib.Path(__file__).parents[3] / "demo" / "requests" / "seven.json").read_bytes()
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
end = time.monotonic() + options.seconds
certificates, failures, counts = set(), [], []


def connect():
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=10)
    connection.connect()
    certificates.add(connection.sock.getpeercert(binary_form=True))
    return connection


def load(is_kept):
    count = 0
    try:
        connection = connect()
        while time.monotonic() < end:
            connection.request("POST", "/v2/models/digits/infer", body)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"status {answer.status}")
            count += 1
            if not is_kept:
                connection.close()
                connection = connect()
        connection.close()
    except Exception as error:  # any failure is a lost request
        failures.append(repr(error))
    counts.append(count)


threads = [threading.Thread(target=load, args=[index % 2 == 0]) for index in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"{sum(counts)} requests, {len(certificates)} certificates, {len(failures)} failures {failures[:3]}")
sys.exit(bool(failures) or len(certificates) < options.until_certificates or min(counts) == 0)
