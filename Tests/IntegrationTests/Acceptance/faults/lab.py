"""What a case works with: gateways, stores and commands, each in a folder of its own."""

import contextlib
import os
import resource
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from faults.running import RunningGateway

ROOT = Path(__file__).resolve().parents[4]
DEMO = ROOT / "demo"


@dataclass
class Result:
    """How a command ended: its exit status (negative for a signal), standard output and standard error."""

    status: int
    output: str
    error: str


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Lab:
    """One case's place of work."""

    def __init__(self, executable, place):
        self.executable, self.place = Path(executable), Path(place)
        self.demo = DEMO

    def folder(self):
        """A new empty folder, removed after the case."""
        return Path(tempfile.mkdtemp(dir=self.place))

    free_port = staticmethod(free_port)

    def environment(self, more=None):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        return kept | {"no_proxy": "*", "SWIFT_BACKTRACE": "enable=no"} | (more or {})

    def command(self, *args, stdin=None, timeout=60, env=None, cwd=None):
        """Runs the gateway executable to its end; ``stdin`` is text or bytes."""
        sent = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [self.executable, *map(str, args)], input=sent or b"", capture_output=True, timeout=timeout,
            env=self.environment(env), cwd=cwd or self.folder(),
        )
        return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def store(self, models):
        """A fresh store with these models: onnx model protos, bytes or paths by name; "demo" for the demo catalog."""
        store = self.folder() / "store"
        if models == "demo":
            return self.demo_store(store)
        store.mkdir()
        for name, model in models.items():
            self.import_model(store, name, model)
        return store

    def import_model(self, store, name, model, *args):
        """Imports one model; an AssertionError where the gateway refuses it."""
        done = self.command("import", self.model_file(name, model), "--name", name, "--store", store, *args)
        assert done.status == 0, f"import of {name} ended with {done.status}: {done.error}{done.output}"
        return done

    def model_file(self, name, model):
        if isinstance(model, (str, os.PathLike)):
            return Path(model)
        file = self.folder() / f"{name}.onnx"
        file.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
        return file

    def demo_store(self, store):
        """A copy of the demo catalog, which the first case that asks imports for all."""
        original = self.place.parent / "demo-store"
        # Cases run side by side: who wins the rename imported it.
        if not original.exists():
            made = self.folder() / "demo"
            for file in sorted((DEMO / "models").glob("*.onnx")):
                self.import_model(made, file.stem, file)
            with contextlib.suppress(OSError):
                made.rename(original)
        shutil.copytree(original, store)
        return store

    @contextlib.contextmanager
    def gateway(
        self, *args, models="demo", config=None, env=None, limit_files=None, wait_ready=True, store=None, stdout=None,
        stderr=None,
    ):
        """A running gateway, ended after the block.

        ``config`` is YAML text or a dictionary; ``limit_files`` the soft limit of descriptors; ``store`` a store to serve
        instead of a fresh one with ``models``; ``stdout`` and ``stderr`` as subprocess takes them.
        """
        store = store or self.store(models)
        folder, port = self.folder(), free_port()
        command = [self.executable, "serve", "--host", "127.0.0.1", "--port", str(port), "--store", str(store)]
        if config is not None:
            file = folder / "gateway.yaml"
            file.write_text(config if isinstance(config, str) else yaml.safe_dump(config))
            command += ["--config", str(file)]
        with open(folder / "output", "wb") as output, open(folder / "error", "wb") as error:
            process = subprocess.Popen(
                [*command, *map(str, args)], cwd=folder, env=self.environment(env), stdin=subprocess.DEVNULL,
                stdout=output if stdout is None else stdout, stderr=error if stderr is None else stderr,
                preexec_fn=(lambda: limit_descriptors(limit_files)) if limit_files else None,
            )
        running = RunningGateway(process, port, folder, store)
        try:
            if wait_ready:
                running.until_ready()
            yield running
        except BaseException:
            process.kill()
            process.wait()
            raise
        running.leave()


def limit_descriptors(soft):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, max(soft, hard) if hard != resource.RLIM_INFINITY else hard))
