"""Asks a gateway over TLS with requests and tritonclient, which check its certificate."""

import argparse
import json
import pathlib
import sys

import numpy
import requests
import tritonclient.http as triton

parser = argparse.ArgumentParser()
parser.add_argument("--url", required=True)
parser.add_argument("--ca", required=True)
options = parser.parse_args()
address = options.url.removeprefix("http://")
demo = pathlib.Path(__file__).parents[3] / "demo" / "requests" / "seven.json"
body = json.loads(demo.read_text())

with requests.Session() as session:
    session.trust_env = False
    for _ in range(3):
        answer = session.post(f"https://{address}/v2/models/digits/infer", json=body, verify=options.ca)
        if answer.status_code != 200 or answer.json()["outputs"][-1]["data"] != [7]:
            sys.exit(f"requests got {answer.status_code}: {answer.text}")

image = numpy.array(body["inputs"][0]["data"], numpy.float32).reshape(1, 1, 8, 8)
tensor = triton.InferInput("image", list(image.shape), "FP32")
tensor.set_data_from_numpy(image)
client = triton.InferenceServerClient(address, ssl=True, ssl_options={"ca_certs": options.ca}, verbose=False)
label = client.infer("digits", [tensor]).as_numpy("label")
if label.tolist() != [7]:
    sys.exit(f"tritonclient got {label}")
print("requests and tritonclient were answered")
