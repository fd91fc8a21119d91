"""`gateway gc` beside a running gateway: what that serves stays, until it serves it no more."""

import shutil
import subprocess
from pathlib import Path

from acceptance import Checks, Server, arguments
from demo_models import Demo, control


def main():
    given = arguments(__doc__, *((name, {"required": True}) for name in ("--gateway", "--store", "--demo")))
    checks, server, demo = Checks(), Server(given.url), Demo(given.demo)

    def gateway(*command):
        done = subprocess.run([given.gateway, *command, "--store", given.store], capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    said = gateway("remove", "parity", "--version", "1")
    checks.check("a version is removed", said == "parity:1 removed\n", said)
    said = gateway("gc")
    checks.check("what is served of it is kept", said.startswith("0 blocks removed") and "kept for running gateways" in said, said)
    # Without compiled copies, the blocks themselves have to be there.
    shutil.rmtree(Path(given.store) / "compiled", ignore_errors=True)
    answer = demo.ask(server, "parity")
    checks.check("the running gateway still serves it", demo.is_right(answer, "parity"), answer.body[:300])

    checks.check("the catalog is read again", control(server, "digits", "load").status == 200)
    checks.check("now it is gone", demo.ask(server, "parity").status == 404)
    checks.check("requests on their way might need it", "kept for running" in gateway("gc"))
    checks.check("the catalog is read once more", control(server, "digits", "load").status == 200)
    said = gateway("gc")
    checks.check("then its blocks go", not said.startswith("0 blocks") and "kept for running" not in said, said)
    answer = demo.ask(server, "digits")
    checks.check("others are served as before", demo.is_right(answer, "digits"), answer.body[:300])
    checks.check("the store is sound", "0 damaged" in gateway("verify"))
    checks.finish()


if __name__ == "__main__":
    main()
