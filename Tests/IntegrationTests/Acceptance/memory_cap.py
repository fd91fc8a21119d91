"""Every model is served under a memory cap that holds only some of them; the cap is never passed; shared blocks are reused.

Without --cap: asks every model once and prints the bytes that are then in memory, from which a cap can be chosen.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

from acceptance import Checks, Server, arguments, binary_input, sample
from metrics import Metrics

ROUNDS = 4


class Watch(threading.Thread):
    """Scrapes as fast as it is answered and keeps the highest resident bytes."""

    def __init__(self, server):
        super().__init__()
        self.server, self.highest, self.scrapes, self.over = server, 0, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.01):
            self.highest = max(self.highest, Metrics(self.server).sum("accelerator_memory_bytes", kind="used"))
            self.scrapes += 1


def ask(server, model):
    tensor = server.metadata(model)["inputs"][0]
    array = sample(tensor)
    return server.infer(model, {"inputs": [binary_input(tensor, array)]}, array.tobytes(), {"Inference-Timeout-Ms": "20000"})


def served(checks, server, models, name, connections):
    with ThreadPoolExecutor(connections) as pool:
        answers = list(pool.map(lambda model: ask(server, model), models * ROUNDS))
    wrong = [answer.body[:200] for answer in answers if answer.status != 200]
    checks.check(f"{name}: all {len(answers)} are answered", not wrong, wrong[:3])
    return [answer.json["parameters"] for answer in answers if answer.status == 200]


def kept_in_memory(checks, server, models):
    """A model that was loaded by request stays, however many others pass through; until it is unloaded."""
    kept = models[0]
    path = f"/v2/repository/models/{kept}"
    checks.check(f"{kept} is loaded", server.ask("POST", f"{path}/load").status == 200)
    beside = [ask(server, model) for model in models * ROUNDS]
    codes = {answer.status if answer.status == 200 else answer.json["code"] for answer in beside}
    checks.check(f"beside {kept} others are served where they fit", 200 in codes <= {200, "memory_unavailable"}, codes)
    grants = [grant for _ in range(ROUNDS) for grant in served(checks, server, [kept], f"{kept} again", 1)]
    checks.check(f"{kept} never left memory", all(grant["blocks_loaded"] == 0 for grant in grants), grants)
    checks.check(f"{kept} is unloaded", server.ask("POST", f"{path}/unload").status == 200)


def main():
    given = arguments(__doc__, ("--cap", {"type": int}))
    checks, server = Checks(), Server(given.url)
    if given.cap is None:
        served(checks, server, server.index(), "without a cap", 1)
        print(f"resident {Metrics(server).sum('accelerator_memory_bytes', kind='used'):.0f}")
        checks.finish()
    models, watch = server.index(), Watch(server)
    watch.start()
    grants = served(checks, server, models, "one after another", 1)
    grants += served(checks, server, models, "eight at a time", 8)
    kept_in_memory(checks, server, models)
    watch.over.set()
    watch.join()
    after = Metrics(server)
    limit = after.sum("accelerator_memory_bytes", kind="limit")
    checks.check("the configured cap is exported", limit == given.cap, (limit, given.cap))
    checks.check(f"{watch.scrapes} scrapes: {watch.highest:.0f} bytes at most, the cap is {given.cap}", 0 < watch.highest <= given.cap)
    checks.check("blocks were evicted, so the cap was felt", after.sum("block_evictions_total") > 0)
    checks.check("blocks in memory were hit", after.sum("block_hits_total") > 0)
    partial = [grant for grant in grants if grant["blocks_reused"] > 0 and grant["blocks_loaded"] > 0]
    checks.check("some loads brought only the missing blocks", partial)
    checks.finish()


if __name__ == "__main__":
    main()
