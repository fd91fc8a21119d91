"""curl as a client: uploads from a file, with what curl itself measured."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from acceptance import binary_input, sample

ROWS = 4096


class Upload:
    """An infer request of many rows, written once: JSON, then raw tensors (1 MiB for an 8x8 image of floats)."""

    def __init__(self, server, model, folder, rows=ROWS):
        tensor = server.metadata(model)["inputs"][0]
        array = sample(tensor, rows=rows)
        wanted = [{"name": server.metadata(model)["outputs"][0]["name"], "parameters": {"binary_data": True}}]
        text = json.dumps({"inputs": [binary_input(tensor, array)], "outputs": wanted}).encode()
        self.url = f"http://{server.authority}/v2/models/{model}/infer"
        self.header = f"Inference-Header-Content-Length: {len(text)}"
        self.file = Path(folder) / f"upload-{model}-{rows}.bin"
        self.file.write_bytes(text + array.tobytes())
        self.size = self.file.stat().st_size


@dataclass
class Result:
    """How one curl ended."""

    exit_status: int
    status: int
    sent: int
    seconds: float
    problem: str
    body: bytes

    @property
    def json(self):
        """The JSON at the start of the body, None where there is none."""
        try:
            return json.JSONDecoder().raw_decode(self.body.decode("latin-1"))[0]
        except ValueError:
            return None


class Curl:
    """One curl process on its way."""

    def __init__(self, upload, folder, number=0, timeout_ms=20_000, more=()):
        self.output = Path(folder) / f"answer-{number}.bin"
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["curl", "--silent", "--show-error", "--max-time", "60", "--noproxy", "*", "--output", str(self.output)]
            + ["--write-out", "%{json}", "--header", upload.header, "--header", f"Inference-Timeout-Ms: {timeout_ms}"]
            + ["--header", "Content-Type: application/octet-stream", "--data-binary", f"@{upload.file}", *more, upload.url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def result(self):
        written, complaint = self.process.communicate(timeout=90)
        said = json.loads(written)
        return Result(
            self.process.returncode, said["http_code"], said["size_upload"], said["time_total"], complaint.decode(),
            self.output.read_bytes() if self.output.exists() else b"",
        )
