"""Reading the Prometheus text format as far as the acceptance scripts need it."""

import re

SAMPLE = re.compile(r"^(?P<name>[A-Za-z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """One scrape; names are given without the gateway's prefix."""

    def __init__(self, server):
        self.text = server.ask("GET", "/metrics").body.decode()
        self.samples = []
        for line in self.text.splitlines():
            if not line or line.startswith("#"):
                continue
            match = SAMPLE.match(line)
            if match is None:
                raise ValueError(f"not a sample: {line!r}")
            labels = dict(LABEL.findall(match["labels"] or ""))
            self.samples.append((match["name"], labels, float(match["value"])))

    def select(self, name, **labels):
        """Samples of the metric whose name ends with `_name` and whose labels include those given."""
        return [
            (found, value)
            for full, found, value in self.samples
            if full.endswith("_" + name) and labels.items() <= found.items()
        ]

    def sum(self, name, **labels):
        return sum(value for _, value in self.select(name, **labels))

    def has(self, name):
        return bool(self.select(name))
