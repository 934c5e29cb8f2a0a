"""Measurements of memory, each made to run alone in a fresh interpreter.

    python -m benchmarks.memory_probes bytes_per_row chain 1000000 ours

prints numbers and nothing else. Knows how to measure; knows no promise. Bytes are
counted in two ways: what Python's allocator was asked for (`tracemalloc`), and how far
the process grew (its resident set where /proc tells it, else nan).
"""

import gc
import os
import random
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

# The graphs are built from our numbers and from micrograd's.
from typing import Any

import nn
from autograd import Value
from benchmarks import peers
from benchmarks.moons_data import moons

_STATM = Path("/proc/self/statm")


def resident() -> float:
    """Bytes of this process in memory now, nan where the system does not tell."""
    try:
        return float(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return float("nan")


def chain(leaf: Callable[[float], Any], rows: int) -> Any:
    """Each operation on the result of the one before; only the last one is kept."""
    x = leaf(0.5)
    for _ in range(rows // 3):
        x = (x * 1.0000001 + 1e-7).tanh()
    return x


def binary(leaf: Callable[[float], Any], rows: int) -> Any:
    """Operations with two recorded operands each: `x = x * w + w`, and `w * w`."""
    w, x = leaf(0.5), leaf(0.0)
    for _ in range(rows // 3):
        x = w * x + w * w
    return x


def kept(leaf: Callable[[float], Any], rows: int) -> Any:
    """The chain with every result held in a list, as a notebook may do."""
    xs = [leaf(0.5)]
    for _ in range(rows // 3):
        xs.append(xs[-1] * 1.0000001)
        xs.append(xs[-1] + 1e-7)
        xs.append(xs[-1].tanh())
    return xs


GRAPHS = {"chain": chain, "binary": binary, "kept": kept}


def bytes_per_row(graph: str, rows: str, engine: str) -> str:
    """Bytes that one row, or one operation, keeps in memory: `traced resident`."""
    build, count = GRAPHS[graph], int(rows)
    leaf = peers.value_class(engine)
    build(leaf, 3_000)
    gc.collect()
    before = resident()
    held = build(leaf, count)
    grown = resident() - before
    del held
    gc.collect()
    tracemalloc.start()
    held = build(leaf, count)
    traced = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del held
    return f"{traced / count} {grown / count}"


def training(steps: str, collector: str, network: str) -> str:
    """Bytes that training grows by at most, in steps that never clear a tape."""
    model = nn.MLP(2, [8, 1], fused=network == "fused", seed=1)
    data = moons(20, 0.1, random.Random(2))

    def step() -> Value:
        scores = [model([Value(x) for x in point]) for point, _ in data]
        losses = [
            (1 + -label * score).relu() for (_, label), score in zip(data, scores, strict=True)
        ]
        loss: Value = sum(losses, Value(0.0)) * (1.0 / len(losses))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.05 * p.grad
        return loss

    return _growth(step, int(steps), collector)


def forward(passes: str, collector: str, network: str) -> str:
    """Bytes that forward passes grow by at most, when none calls backward."""
    model = nn.MLP(2, [16, 16, 1], fused=network == "fused", seed=1)
    generator = random.Random(2)

    def one_pass() -> Any:
        return model([Value(generator.random()), Value(generator.random())])

    return _growth(one_pass, int(passes), collector)


def _growth(work: Callable[[], object], times: int, collector: str) -> str:
    """Bytes by which the process grows at most after the first piece of work.

    Each result lives until the next one is there, as in `for ...: out = model(x)`.
    """
    if collector == "off":
        gc.disable()
    held = work()
    start = greatest = resident()
    for number in range(times):
        held = work()
        if number % 50 == 49:
            greatest = max(greatest, resident())
    del held
    return str(greatest - start)


PROBES: dict[str, Callable[..., str]] = {
    "bytes_per_row": bytes_per_row,
    "training": training,
    "forward": forward,
}

if __name__ == "__main__":
    print(PROBES[sys.argv[1]](*sys.argv[2:]))
