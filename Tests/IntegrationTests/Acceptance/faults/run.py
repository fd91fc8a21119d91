"""Runs fault cases: every `case_*` function of the files in this folder, each in a process of its own.

A case takes a `Lab`, and raises AssertionError where what its docstring says does not hold.
"""

import argparse
import importlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

# One thread of numpy's: cases are forked from this process.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from faults.lab import ROOT, Lab  # noqa: E402

SHARED = {"lab", "models", "run", "running"}
LIMIT_S = 60
AT_ONCE = 2
fork = multiprocessing.get_context("fork")


def cases(names):
    """(topic.case, function) of each case; all where no name is given, else those whose name contains one."""
    for file in sorted(FOLDER.glob("*.py")):
        if file.stem in SHARED or file.stem.startswith("_"):
            continue
        module = importlib.import_module(f"faults.{file.stem}")
        for name, function in vars(module).items():
            full = f"{file.stem}.{name.removeprefix('case_')}"
            if name.startswith("case_") and (not names or any(one in full for one in names)):
                yield full, function


def run_case(function, executable, place, report):
    """In the case's own process and process group: writes why it failed, nothing where it holds."""
    os.setsid()
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as folder:
        try:
            function(Lab(executable, folder))
        except AssertionError as error:
            line = traceback.extract_tb(error.__traceback__)[-1]
            report.write_text(f"{error or line.line} ({Path(line.filename).name}:{line.lineno})")
        except BaseException:
            report.write_text(traceback.format_exc())


class Running:
    """A case under way."""

    def __init__(self, name, function, executable, place):
        self.name, self.report = name, place / f"{name}.txt"
        self.started = time.monotonic()
        self.process = fork.Process(target=run_case, args=(function, executable, place, self.report))
        self.process.start()

    def is_over(self):
        return not self.process.is_alive() or time.monotonic() - self.started > LIMIT_S

    def end(self):
        """Why it failed; None where it passed. Ends all that the case left running."""
        late = self.process.is_alive()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.join()
        if late:
            return f"not over after {LIMIT_S} s"
        if self.report.exists():
            return self.report.read_text()
        return f"the case's process ended with {self.process.exitcode}" if self.process.exitcode else None


def run_all(found, executable, place):
    """Runs the cases, two at a time; gives the names of those that failed."""
    waiting, running, failed = list(found), [], []
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            running.append(Running(*waiting.pop(0), executable, place))
        multiprocessing.connection.wait([case.process.sentinel for case in running], timeout=1)
        for case in [case for case in running if case.is_over()]:
            running.remove(case)
            problem = case.end()
            seconds = time.monotonic() - case.started
            print(f"{'FAIL ' if problem else 'ok   '} {case.name} ({seconds:.1f} s)", flush=True)
            if problem:
                failed.append(case.name)
                print("      " + problem[:3000].strip().replace("\n", "\n      "), flush=True)
    return failed


def built_gateway():
    """The gateway built last."""
    built = [ROOT / ".build" / kind / "gateway" for kind in ("debug", "release")]
    there = sorted((file for file in built if file.exists()), key=lambda file: file.stat().st_mtime)
    return there[-1] if there else None


def main():
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__.splitlines()[0])
    parser.add_argument("--gateway", type=Path, default=built_gateway(), help="the executable; default: what was built last")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("names", nargs="*", metavar="NAME", help="run only cases whose name contains one of these")
    given = parser.parse_args()
    found = list(cases(given.names))
    if given.list:
        for name, function in found:
            print(f"{name}: {(function.__doc__ or '').strip().splitlines()[0]}")
        return
    if given.gateway is None or not given.gateway.exists():
        parser.error("no gateway: build it (make build) or name it with --gateway")
    with tempfile.TemporaryDirectory(prefix="gateway-faults-", ignore_cleanup_errors=True) as place:
        failed = run_all(found, given.gateway.resolve(), Path(place))
    for name in failed:
        print(f"failed: {name}")
    print(f"{len(found) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed or not found else 0)


if __name__ == "__main__":
    main()
