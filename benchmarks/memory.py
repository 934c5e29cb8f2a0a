"""How many bytes does a row take, and does memory stay flat in long programs?

The programs never clear anything: training steps, and forward passes without backward.
Every measurement runs in an interpreter of its own (`memory_probes.py`).
"""

import math
from itertools import product

from benchmarks import peers
from benchmarks.interpreters import run_fresh
from benchmarks.report import Target, left_out, table

QUESTION = "bytes per row, and growth of memory in programs that never clear anything"
ROWS = {peers.OURS: 1_000_000, peers.MICROGRAD: 100_000}
GRAPHS = {
    "chain": "a chain",
    "binary": "two operands each",
    "kept": "a chain, every result kept",
}
PROMISED_BYTES = 200
PROMISED_GRAPHS = ("chain", "binary")
PROGRAMS = {
    "training": (2_000, "training steps"),
    "forward": (20_000, "forward passes without backward"),
}
PROMISED_GROWTH = 20e6


def run(*, full: bool) -> list[Target]:
    """Print both tables of this question and return what became of its promises."""
    return [*_bytes_per_row(), *_growth(longer=3 if full else 1)]


def _probe(*arguments: str) -> list[float]:
    printed = run_fresh("-m", "benchmarks.memory_probes", *arguments)
    return [float(number) for number in printed.split()]


def _bytes_per_row() -> list[Target]:
    targets, lines, missing = [], [], ""
    for engine, graph in product(ROWS, GRAPHS):
        try:
            peers.value_class(engine)
        except peers.MissingPeerError as reason:
            missing = left_out(engine, str(reason)) + "\n"
            continue
        traced, grown = _probe("bytes_per_row", graph, str(ROWS[engine]), engine)
        name = f"{engine}: {GRAPHS[graph]}"
        lines.append([name, f"{ROWS[engine]:,}", f"{traced:.0f}", _known(grown)])
        if engine == peers.OURS and graph in PROMISED_GRAPHS:
            most = traced if math.isnan(grown) else max(traced, grown)
            promise = f"memory: {GRAPHS[graph]}, at most {PROMISED_BYTES} bytes a row"
            targets.append(Target(promise, f"{most:.0f} bytes", most <= PROMISED_BYTES))
    headings = ["bytes per operation", "operations", "tracemalloc", "resident set"]
    print(f"{table(headings, lines)}\n{missing}")
    return targets


def _growth(longer: int) -> list[Target]:
    targets, lines = [], []
    for program, network, collector in product(PROGRAMS, ("fused", "chained"), ("on", "off")):
        times, name = longer * PROGRAMS[program][0], PROGRAMS[program][1]
        (grown,) = _probe(program, str(times), collector, network)
        measured = _known(grown / 1e6, digits=1)
        lines.append([f"{times:,} {name}, {network}", collector, measured])
        promise = (
            f"memory: {name}, {network}, collector {collector}: "
            f"under {PROMISED_GROWTH / 1e6:g} MB of growth"
        )
        targets.append(Target(promise, f"{measured} MB", grown < PROMISED_GROWTH))
    print(table(["growth after the first one", "collector", "MB"], lines))
    return targets


def _known(number: float, digits: int = 0) -> str:
    return "unknown" if math.isnan(number) else f"{number:.{digits}f}"
