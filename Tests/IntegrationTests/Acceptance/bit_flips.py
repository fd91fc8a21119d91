"""Bits flipped in every kind of file of a store that is served from: errors perhaps, but no crash and no wrong answer.

Each round flips one bit, has every block read anew, and asks every model. Then the file is as it was before.
"""

import random
import shutil
import time
from pathlib import Path

from acceptance import Checks, Server, arguments
from demo_models import Demo, control
from metrics import Metrics


def files(store):
    """Blocks, manifests, compiled copies, measurements; a folder at a time, so that the small ones get their share."""
    kinds = [[file for file in sorted((store / kind).rglob("*")) if file.is_file() and file.stat().st_size > 0]
             for kind in ("blocks", "models", "compiled", "calibration")]
    return [kind for kind in kinds if kind]


def empty(server, models, limit_s=20):
    """Has everything leave memory."""
    for model in models:
        control(server, model, "unload")
    until = time.monotonic() + limit_s
    while Metrics(server).sum("accelerator_memory_bytes", kind="used") > 0 and time.monotonic() < until:
        time.sleep(0.005)


def flip(path, chance):
    """Flips one bit and gives back what was there; half of the times in the last part, where trailers are."""
    sound = path.read_bytes()
    start = max(0, len(sound) - 64) if chance.random() < 0.2 else 0
    place = chance.randrange(start, len(sound))
    damaged = bytearray(sound)
    damaged[place] ^= 1 << chance.randrange(8)
    path.write_bytes(damaged)
    return sound, f"{path.parent.name}/{path.name[:16]}, byte {place} of {len(sound)}"


def round_of(server, demo, store, models, chance, tally):
    empty(server, models)
    kinds = files(store)
    path = chance.choice(chance.choice(kinds))
    sound, place = flip(path, chance)
    if path.parent.name == "blocks":
        # Else nobody would look at it: compiled copies are loaded.
        shutil.rmtree(store / "compiled", ignore_errors=True)
    # A load reads the catalog anew, so that a damaged manifest is seen, too.
    control(server, chance.choice(models), "load")
    for model in models:
        answer = demo.ask(server, model)
        tally["right"] += demo.is_right(answer, model)
        tally["errors"] += answer.status != 200
        if demo.is_wrong(answer, model):
            tally["wrong"].append((place, model))
    path.write_bytes(sound)


def main():
    given = arguments(__doc__, ("--store", {"required": True}), ("--demo", {"required": True}),
                      ("--flips", {"type": int, "default": 1000}), ("--seed", {"type": int, "default": 1}))
    checks, server, demo = Checks(), Server(given.url), Demo(given.demo)
    models, chance = server.index(), random.Random(given.seed)
    tally = {"right": 0, "errors": 0, "wrong": []}
    for model in models:
        answer = demo.ask(server, model)
        checks.check(f"{model} is right before", demo.is_right(answer, model), answer.body[:300])
        demo.remember(answer, model)
    for _ in range(given.flips):
        round_of(server, demo, Path(given.store), models, chance, tally)
    checks.check(f"after {given.flips} flips the gateway lives", server.is_alive())
    checks.check("no answer was wrong", not tally["wrong"], tally["wrong"][:5])
    checks.check(f"{tally['right']} answers were right, {tally['errors']} requests failed",
                 tally["right"] > tally["errors"])
    # With the files as they were, everything is served again.
    empty(server, models)
    control(server, models[0], "load")
    for model in models:
        checks.check(f"{model} is right again", demo.is_right(demo.ask(server, model), model))
    after = Metrics(server)
    damaged, rebuilt = (after.sum(f"compiled_copies_{what}_total") for what in ("damaged", "rebuilt"))
    checks.check(f"{damaged:.0f} damaged copies were counted, {rebuilt:.0f} made anew", damaged > 0 and rebuilt == damaged)
    blocks = after.sum("damaged_blocks_total")
    checks.check(f"{blocks:.0f} times a damaged block was needed, and not used", blocks > 0)
    checks.check("such loads were tried once more", after.sum("block_load_retries_total") > 0)
    checks.finish()


if __name__ == "__main__":
    main()
