"""What the protocol's clients see."""


def case_answers(lab):
    """The demo catalog is served, and an inference is answered."""
    with lab.gateway() as gateway:
        request = (lab.demo / "requests" / "seven.json").read_bytes()
        answer = gateway.post("/v2/models/digits/infer", request)
        assert answer.status == 200, answer
        assert gateway.total("requests_total", outcome="met") == 1
