"""Trains the demo catalog on scikit-learn's handwritten digits (1797 real 8x8 images) and writes it as ONNX files.

Two backbones are trained once each and then frozen; every model is one of them plus a small head of its own, so all
files of a family hold the same backbone, bit for bit. Writes models/, requests/ and heldout.json beside this file:

    pip install -r requirements.txt && python train.py
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy
import onnxruntime
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn.functional import cross_entropy

from chain_to_onnx import Residual, Scale, classifier

HERE = Path(__file__).parent
SEED = 8
IMAGE_SHAPE = [1, 8, 8]
PIXEL_LEVELS = 16
ANSWERED_IMAGES = 60


@dataclass
class Head:
    """One question about a digit: its answer's class, and the layers that learn it on top of the backbone."""

    family: str
    question: str
    classes: list[str]
    truth: Callable[[int], int]
    layers: Callable[[], nn.Sequential]


def strokes_backbone() -> nn.Sequential:
    return nn.Sequential(
        Scale(1 / PIXEL_LEVELS),
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 24, 3, padding=1),
        nn.ReLU(),
        Residual(nn.Conv2d(24, 24, 3, padding=1), nn.ReLU(), nn.Conv2d(24, 24, 3, padding=1)),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(24, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )


def pixels_backbone() -> nn.Sequential:
    return nn.Sequential(
        Scale(1 / PIXEL_LEVELS),
        nn.Flatten(),
        nn.Linear(64, 112),
        nn.ReLU(),
        nn.Linear(112, 96),
        nn.ReLU(),
        nn.Linear(96, 64),
        nn.ReLU(),
    )


BACKBONES = {"strokes": (strokes_backbone, 128), "pixels": (pixels_backbone, 64)}
NO_YES = ["no", "yes"]


def linear(features: int, classes: int) -> Callable[[], nn.Sequential]:
    return lambda: nn.Sequential(nn.Linear(features, classes))


def hidden(features: int, width: int, classes: int) -> Callable[[], nn.Sequential]:
    return lambda: nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, classes))


HEADS = {
    "digits": Head("strokes", "which digit", [str(n) for n in range(10)], lambda n: n, linear(128, 10)),
    "parity": Head("strokes", "even or odd", ["even", "odd"], lambda n: n % 2, linear(128, 2)),
    "at-least-five": Head("strokes", "five or more", NO_YES, lambda n: int(n >= 5), hidden(128, 24, 2)),
    "has-loop": Head(
        "strokes", "has a closed loop (0 6 8 9)", NO_YES, lambda n: int(n in (0, 6, 8, 9)), hidden(128, 24, 2)
    ),
    "prime": Head("pixels", "a prime number (2 3 5 7)", NO_YES, lambda n: int(n in (2, 3, 5, 7)), hidden(64, 24, 2)),
    "zero-or-eight": Head("pixels", "zero or eight", NO_YES, lambda n: int(n in (0, 8)), linear(64, 2)),
    "keypad-row": Head(
        "pixels",
        "row on a telephone's keypad",
        ["123", "456", "789", "0"],
        lambda n: 3 if n == 0 else (n - 1) // 3,
        hidden(64, 24, 4),
    ),
}


def fit(network: nn.Module, inputs, classes, epochs: int, change=lambda batch, generator: batch) -> None:
    """Minimises cross-entropy with Adam and a cosine schedule; `change` alters each training batch."""
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    network.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(inputs), generator=generator).split(64):
            optimizer.zero_grad()
            cross_entropy(network(change(inputs[batch], generator)), classes[batch]).backward()
            optimizer.step()
        schedule.step()
    network.eval()


def shifted(batch, generator):
    """Moves the batch by at most one pixel each way."""
    down, right = torch.randint(-1, 2, (2,), generator=generator).tolist()
    return torch.roll(batch, (down, right), (2, 3))


def noisy(batch, generator):
    """Adds pixel noise."""
    return batch + 1.5 * torch.randn(batch.shape, generator=generator)


def train_backbone(family: str, images, digits) -> nn.Sequential:
    make, features = BACKBONES[family]
    backbone = make()
    change = shifted if family == "strokes" else noisy
    fit(nn.Sequential(backbone, nn.Linear(features, 10)), images, digits, epochs=80, change=change)
    return backbone.requires_grad_(False)


def answers(model_file: Path, images) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The labels and probabilities that ONNX Runtime computes from the written file, in one batch."""
    session = onnxruntime.InferenceSession(model_file, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(["label", "probabilities"], {"image": images.numpy()})
    return label, probabilities


def truth_of(head: Head, digits) -> torch.Tensor:
    return torch.tensor([head.truth(int(digit)) for digit in digits])


def infer_body(image, digit: int) -> str:
    """A JSON infer request, its pixels laid out as the image is."""
    rows = ",\n    ".join(", ".join(f"{int(pixel):2d}" for pixel in row) for row in image[0])
    return (
        f'{{\n  "id": "a handwritten {digit}",\n  "inputs": [{{\n'
        f'   "name": "image", "shape": [1, 1, 8, 8], "datatype": "FP32", "data": [\n    {rows}\n   ]\n  }}]\n}}\n'
    )


def binary_body(image) -> tuple[bytes, int]:
    """The same request with the pixels as raw little-endian floats after the JSON part, and that part's length."""
    pixels = image.numpy().astype("<f4").tobytes()
    size = {"binary_data_size": len(pixels)}
    tensor = {"name": "image", "shape": [1, 1, 8, 8], "datatype": "FP32", "parameters": size}
    head = json.dumps({"inputs": [tensor], "outputs": [{"name": "label"}]}).encode()
    return head + pixels, len(head)


def write_requests(images, digits) -> None:
    """The first held-out image of each digit, whatever the models make of it."""
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    folder = HERE / "requests"
    folder.mkdir(exist_ok=True)
    for digit, name in enumerate(names):
        image = images[(digits == digit).nonzero()[0].item()]
        (folder / f"{name}.json").write_text(infer_body(image, digit))
    body, head_length = binary_body(images[(digits == 7).nonzero()[0].item()])
    (folder / "seven.bin").write_bytes(body)
    print(f"requests/seven.bin: Inference-Header-Content-Length: {head_length}")


def main() -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    data = load_digits()
    split = train_test_split(data.images, data.target, test_size=450, stratify=data.target, random_state=SEED)
    images, held_out = (torch.tensor(part, dtype=torch.float32).unsqueeze(1) for part in split[:2])
    digits, held_out_digits = (torch.tensor(part) for part in split[2:])

    (HERE / "models").mkdir(exist_ok=True)
    backbones = {family: train_backbone(family, images, digits) for family in BACKBONES}
    features = {family: backbone(images) for family, backbone in backbones.items()}
    report, expected = {}, {}
    for name, head in HEADS.items():
        layers = head.layers()
        fit(layers, features[head.family], truth_of(head, digits), epochs=60)
        model_file = HERE / "models" / f"{name}.onnx"
        chain = nn.Sequential(backbones[head.family], layers)
        model = classifier(name, chain, IMAGE_SHAPE, len(head.classes), f"{head.question}: {', '.join(head.classes)}")
        model_file.write_bytes(model.SerializeToString(deterministic=True))

        truth = truth_of(head, held_out_digits).numpy()
        label, probabilities = answers(model_file, held_out)
        accuracy = round(float((label == truth).mean()), 4)
        report[name] = {
            "backbone": head.family,
            "question": head.question,
            "classes": head.classes,
            "held_out_images": len(truth),
            "accuracy": accuracy,
        }
        expected[name] = {
            "truth": truth[:ANSWERED_IMAGES].tolist(),
            "label": label[:ANSWERED_IMAGES].tolist(),
            "probability": [round(float(p), 4) for p in probabilities.max(axis=1)[:ANSWERED_IMAGES]],
        }
        print(f"{name:14} {head.family:8} {accuracy:.4f}  {model_file.stat().st_size} bytes")

    (HERE / "models" / "accuracy.json").write_text(json.dumps(report, indent=2) + "\n")
    write_held_out(held_out[:ANSWERED_IMAGES], held_out_digits[:ANSWERED_IMAGES], expected)
    write_requests(held_out, held_out_digits)


def write_held_out(images, digits, expected) -> None:
    """One image and one answer list a line, so that a person can read the file."""
    image_lines = ",\n    ".join(json.dumps(image.flatten().int().tolist()) for image in images)
    answer_lines = ",\n    ".join(f"{json.dumps(name)}: {json.dumps(answer)}" for name, answer in expected.items())
    (HERE / "heldout.json").write_text(
        f'{{\n  "digits": {digits.tolist()},\n  "images": [\n    {image_lines}\n  ],\n'
        f'  "answers": {{\n    {answer_lines}\n  }}\n}}\n'
    )


if __name__ == "__main__":
    main()
