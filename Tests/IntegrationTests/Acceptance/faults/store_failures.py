"""Stores on disks that are full or read-only: served all the same, and said in words, once."""

import contextlib
import ctypes
import hashlib
import os
import shutil
import subprocess

import numpy

CLONE_NEWNS = 0x20000


def small_disk(lab, size):
    """A file system of its own for this case, which runs in a process of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(CLONE_NEWNS) == 0, f"mounting needs root: {os.strerror(ctypes.get_errno())}"
    folder = lab.folder()
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    return folder


def image():
    return {"image": numpy.zeros((1, 1, 8, 8), numpy.float32)}


def ask_all(gateway, rounds):
    served = 0
    for _ in range(rounds):
        for entry in gateway.post("/v2/repository/index", b"").json():
            name = entry["name"]
            inputs = gateway.get(f"/v2/models/{name}").json()["inputs"]
            if [one["name"] for one in inputs] != ["image"]:
                continue
            answer = gateway.infer(name, image(), {"Inference-Timeout-Ms": "15000"})
            # Each load compiles again, which takes its time.
            assert answer.status in (200, 503, 504), answer
            served += answer.status == 200
    assert served, "nothing was served"


def check_log(log, reason):
    told = [line for line in log.splitlines() if reason in line]
    assert told, f"'{reason}' is not in the log: {log[-2000:]}"
    for dump in ("Error(", "code: ", "ServingCore.", "ModelCatalog."):
        assert dump not in log, f"a value of the program is in the log: {dump}: {log[-2000:]}"
    copies = [line for line in told if "compiled copies cannot be kept" in line]
    assert 1 <= len(copies) <= 3, f"{len(copies)} lines for one problem: {log[-3000:]}"
    assert len(log.splitlines()) < 25, log


def case_full_disk(lab):
    """A full disk: models are served, and one line says that there is no space left."""
    disk = small_disk(lab, "64m")
    store = disk / "store"
    shutil.copytree(lab.store("demo"), store)
    with contextlib.suppress(OSError), open(disk / "filler", "wb", buffering=0) as filler:
        while filler.write(bytes(4096)):
            pass
    with lab.gateway("--memory-bytes", "1500000", store=store, config={"engine": {"calibration_budget_ms": 0}}) as gateway:
        ask_all(gateway, 3)
        check_log(gateway.log(), "No space left on device")


def case_read_only_store(lab):
    """A read-only store: models are served, and one line says why compiled copies cannot be kept."""
    disk = small_disk(lab, "64m")
    store = disk / "store"
    shutil.copytree(lab.store("demo"), store)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with lab.gateway("--memory-bytes", "1500000", store=store) as gateway:
        ask_all(gateway, 3)
        check_log(gateway.log(), "Read-only file system")


def case_debug_shows_no_key(lab):
    """No line at any level has a key, or the hash of one."""
    digest = hashlib.sha256(b"a-secret-key").hexdigest()
    decimal = ", ".join(str(byte) for byte in bytes.fromhex(digest)[:4])
    config = {"callers": {"keys": f"someone {digest} infer+read+admin"}}
    with lab.gateway("--log-level", "trace", config=config, wait_ready=False) as gateway:
        gateway.until(lambda: "listening on" in gateway.stdout(), 20, "ready")
        answer = gateway.post("/v2/models/nothing/infer", b"{}", {"Authorization": "Bearer a-secret-key"})
        assert answer.status == 404, answer
        gateway.leave()
        log = gateway.log()
        assert "a request was refused" in log, log
        for secret in ("a-secret-key", digest, digest.upper(), decimal):
            assert secret not in log, f"a key is in the log: {secret}"
