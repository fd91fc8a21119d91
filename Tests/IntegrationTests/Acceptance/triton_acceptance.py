"""tritonclient[http], sync and aio, against the running gateway: the same checks with both."""

import asyncio
import inspect

import numpy
import tritonclient.http as sync_http
import tritonclient.http.aio as aio_http
from tritonclient.utils import InferenceServerException

from acceptance import Checks, Server, arguments, sample

GRANT = ["upload_ms", "wait_ms", "load_ms", "compute_ms", "blocks_reused", "blocks_loaded", "batch_size"]


async def settled(value):
    """The value of a call of either client."""
    return await value if inspect.isawaitable(value) else value


async def refusal(call):
    """The exception a call ends with, None if it succeeds."""
    try:
        await settled(call())
    except InferenceServerException as error:
        return error
    return None


class Run:
    """The acceptance list with one client."""

    def __init__(self, checks, kind, client, model, metadata):
        self.checks, self.kind, self.client, self.model = checks, kind, client, model
        self.input, self.output = metadata["inputs"][0], metadata["outputs"][0]

    def check(self, name, holds, detail=""):
        self.checks.check(f"{self.kind}: {name}", holds, detail)

    def tensor(self, array, binary=True):
        tensor = sync_http.InferInput(self.input["name"], list(array.shape), self.input["datatype"])
        tensor.set_data_from_numpy(array, binary_data=binary)
        return tensor

    async def infer(self, array, binary=True, **options):
        return await settled(self.client.infer(self.model, [self.tensor(array, binary)], **options))

    async def all(self):
        await self.describes()
        await self.repository()
        await self.infers()
        await self.names_what_it_wants()
        await self.refuses()
        await self.counts()

    async def describes(self):
        client, model = self.client, self.model
        self.check("live", await settled(client.is_server_live()) is True)
        self.check("ready", await settled(client.is_server_ready()) is True)
        self.check("model ready", await settled(client.is_model_ready(model)) is True)
        self.check("version ready", await settled(client.is_model_ready(model, "1")) is True)
        self.check("unknown model not ready", await settled(client.is_model_ready("no-such-model")) is False)
        server = await settled(client.get_server_metadata())
        self.check("server metadata", {"name", "version", "extensions"} <= set(server), server)
        self.check("extensions", {"binary_tensor_data", "statistics", "model_repository"} <= set(server["extensions"]), server)
        metadata = await settled(client.get_model_metadata(model))
        self.check("model metadata", metadata["name"] == model and metadata["inputs"] == [self.input], metadata)
        config = await settled(client.get_model_config(model))
        self.check("config", config["name"] == model and config["max_batch_size"] > 0, config)
        self.check("config data type", config["input"][0]["data_type"] == "TYPE_" + self.input["datatype"], config)

    async def repository(self):
        client, model = self.client, self.model
        index = await settled(client.get_model_repository_index())
        self.check("index", any(entry["name"] == model for entry in index), index)
        await settled(client.load_model(model))
        index = await settled(client.get_model_repository_index())
        states = [entry["state"] for entry in index if entry["name"] == model]
        self.check("load makes it ready", states == ["READY"], index)
        await settled(client.unload_model(model))
        self.check("unload leaves it to be asked", (await self.infer(sample(self.input))) is not None)
        error = await refusal(lambda: client.load_model("no-such-model"))
        self.check("load of an unknown model", error and error.status() == "404", error)

    async def infers(self):
        array = sample(self.input, rows=3)
        binary = await self.infer(array)
        answer = binary.get_response()
        output = binary.as_numpy(self.output["name"])
        self.check("binary infer", output is not None and output.shape[0] == 3, answer)
        plain = await self.infer(
            array, binary=False, outputs=[sync_http.InferRequestedOutput(self.output["name"], binary_data=False)]
        )
        self.check("JSON infer", "data" in plain.get_response()["outputs"][0], plain.get_response())
        self.check("JSON and binary agree", numpy.allclose(output, plain.as_numpy(self.output["name"]), atol=1e-5))
        self.check("grant in parameters", set(GRANT) <= set(answer.get("parameters", {})), answer)
        self.check("model named", answer["model_name"] == self.model and answer["model_version"] == "1", answer)
        self.check("no id where none was given", "id" not in answer, answer)
        tagged = (await self.infer(array, request_id="caf\u00e9-42")).get_response()
        self.check("id echoed", tagged.get("id") == "caf\u00e9-42", tagged)
        versioned = await self.infer(array, model_version="1")
        self.check("version path", numpy.array_equal(output, versioned.as_numpy(self.output["name"])))
        squeezed = await self.infer(array, response_compression_algorithm="gzip")
        self.check("gzip asked for", numpy.array_equal(output, squeezed.as_numpy(self.output["name"])))
        relaxed = await self.infer(array, timeout=20_000_000, priority=1, parameters={"device": "d7"})
        self.check("timeout, priority and own parameters", relaxed.as_numpy(self.output["name"]) is not None)

    async def names_what_it_wants(self):
        array = sample(self.input)
        wanted = [sync_http.InferRequestedOutput(self.output["name"], binary_data=True)]
        answer = (await self.infer(array, outputs=wanted)).get_response()
        self.check("requested output", [entry["name"] for entry in answer["outputs"]] == [self.output["name"]], answer)
        unknown = [sync_http.InferRequestedOutput("no-such-output")]
        error = await refusal(lambda: self.infer(array, outputs=unknown))
        self.check("unknown output", error and error.status() == "400" and "outputs[0]" in error.message(), error)

    async def refuses(self):
        array = sample(self.input)
        error = await refusal(lambda: self.client.infer("no-such-model", [self.tensor(array)]))
        self.check("unknown model", error and error.status() == "404" and "no-such-model" in error.message(), error)
        wrong = numpy.zeros(array.shape[:-1] + (array.shape[-1] + 1,), dtype=array.dtype)
        error = await refusal(lambda: self.infer(wrong))
        self.check("bad shape", error and error.status() == "400" and "shape" in error.message(), error)
        error = await refusal(lambda: self.infer(array, timeout=1))
        self.check("missed deadline", error and error.status() == "504" and "deadline" in error.message().lower(), error)
        error = await refusal(lambda: self.infer(array, headers={"Inference-Timeout-Ms": "0"}))
        self.check("deadline 0", error and error.status() == "400" and "Inference-Timeout-Ms" in error.message(), error)
        error = await refusal(lambda: self.infer(array, request_compression_algorithm="gzip"))
        self.check("compressed request", error and error.status() == "415", error)
        self.check("alive after refusals", (await self.infer(array)).as_numpy(self.output["name"]) is not None)

    async def counts(self):
        before = await self.statistics()
        await self.infer(sample(self.input))
        after = await self.statistics()
        self.check("statistics count", after["inference_count"] > before["inference_count"], (before, after))
        self.check("success has time", after["inference_stats"]["success"]["ns"] > 0, after)
        everything = await settled(self.client.get_inference_statistics())
        self.check("statistics of all", len(everything["model_stats"]) > 1, everything)

    async def statistics(self):
        return (await settled(self.client.get_inference_statistics(self.model)))["model_stats"][0]


def concurrent_sync(checks, url, model, metadata):
    """Many requests in flight at once: every answer belongs to its own request."""
    with sync_http.InferenceServerClient(url, concurrency=16) as client:
        run = Run(checks, "sync", client, model, metadata)
        arrays = [sample(run.input, seed=seed) for seed in range(64)]
        expected = [client.infer(model, [run.tensor(array)]).as_numpy(run.output["name"]) for array in arrays]
        waiting = [client.async_infer(model, [run.tensor(array)]) for array in arrays]
        answers = [request.get_result().as_numpy(run.output["name"]) for request in waiting]
        run.check("64 in flight, each its own answer", all(map(close, expected, answers)))


async def concurrent_aio(checks, url, model, metadata):
    async with aio_http.InferenceServerClient(url) as client:
        run = Run(checks, "aio", client, model, metadata)
        await run.all()
        arrays = [sample(run.input, seed=seed) for seed in range(64)]
        expected = [(await run.infer(array)).as_numpy(run.output["name"]) for array in arrays]
        answers = [one.as_numpy(run.output["name"]) for one in await asyncio.gather(*map(run.infer, arrays))]
        run.check("64 in flight, each its own answer", all(map(close, expected, answers)))


def close(one, other):
    return one.shape == other.shape and numpy.allclose(one, other, atol=1e-4)


def main():
    given = arguments(__doc__, ("--model", {"required": True}))
    checks, server = Checks(), Server(given.url)
    metadata = server.metadata(given.model)
    with sync_http.InferenceServerClient(server.authority) as client:
        asyncio.run(Run(checks, "sync", client, given.model, metadata).all())
    concurrent_sync(checks, server.authority, given.model, metadata)
    asyncio.run(concurrent_aio(checks, server.authority, given.model, metadata))
    checks.finish()


if __name__ == "__main__":
    main()
