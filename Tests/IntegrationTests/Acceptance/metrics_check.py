"""/metrics after some traffic: promtool accepts it, the counts are right, labels stay bounded."""

import shutil
import subprocess
from pathlib import Path

from acceptance import Checks, Server, arguments, binary_input, json_input, sample
from metrics import Metrics

GOOD, LATE, UNKNOWN = 20, 5, 30
FAMILIES = [
    "requests_total", "rejections_total", "deadline_slack_seconds_bucket", "stage_duration_seconds_bucket",
    "block_hits_total", "block_misses_total", "block_evictions_total", "block_reused_bytes_total",
    "block_loaded_bytes_total", "accelerator_memory_bytes", "model_resident", "batch_size_bucket",
]


def promtool():
    """promtool from the PATH, else from where the set-up unpacks it."""
    beside = Path(__file__).parents[3] / ".deps" / "bin" / "promtool"
    return shutil.which("promtool") or (str(beside) if beside.exists() else None)


def traffic(server, model):
    tensor = server.metadata(model)["inputs"][0]
    array = sample(tensor, rows=2)
    request = {"inputs": [json_input(tensor, array)]}
    for _ in range(GOOD // 2):
        server.infer(model, request, headers={"Inference-Timeout-Ms": "20000"})
        server.infer(model, {"inputs": [binary_input(tensor, array)]}, array.tobytes(), {"Inference-Timeout-Ms": "20000"})
    for _ in range(LATE):
        server.infer(model, {**request, "parameters": {"timeout": 1}})
    for number in range(UNKNOWN):
        server.infer(f"unbounded-label-{number}", request)
        server.ask("GET", f"/v2/unbounded-label-{number}/x")


def main():
    given = arguments(__doc__, ("--model", {"required": True}))
    checks, server = Checks(), Server(given.url)
    server.infer(given.model, {})
    before = Metrics(server)
    traffic(server, given.model)
    after = Metrics(server)

    for family in FAMILIES:
        checks.check(f"there is a ..._{family}", after.has(family))
    met = after.sum("requests_total", model=given.model, outcome="met") - before.sum("requests_total", model=given.model, outcome="met")
    checks.check(f"{GOOD} requests met their deadline", met == GOOD, met)
    rejected = after.sum("rejections_total", reason="deadline") - before.sum("rejections_total", reason="deadline")
    late = sum(
        after.sum("requests_total", outcome=outcome) - before.sum("requests_total", outcome=outcome)
        for outcome in ("late", "missed", "rejected")
    )
    checks.check(f"{LATE} requests missed or were refused for it", late >= LATE, (late, rejected))
    grown = {name for name, _, _ in after.samples} - {name for name, _, _ in before.samples}
    checks.check("traffic adds no metric", not grown, grown)
    checks.check("an unknown model is no label", "unbounded-label" not in after.text)
    checks.check("request ids are no label", "request_id=" not in after.text and 'id="' not in after.text)

    tool = promtool()
    if checks.check("promtool is there", tool, "make setup-test brings it"):
        verdict = subprocess.run([tool, "check", "metrics"], input=after.text, capture_output=True, text=True, timeout=30)
        checks.check("promtool check metrics", verdict.returncode == 0, verdict.stdout + verdict.stderr)
    checks.finish()


if __name__ == "__main__":
    main()
