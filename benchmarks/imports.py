"""How long does `import autograd` take?

In fresh interpreters, in turn with interpreters that import nothing; the difference
is the import's own time.
"""

from functools import partial

from benchmarks.interpreters import run_fresh
from benchmarks.report import Target, seconds, timing_table
from benchmarks.timing import Candidate, Spread, interleave, sample

QUESTION = "the time of `import autograd`"
ROUNDS = 20
NOTHING = "python -c pass"
IMPORT = "python -c 'import autograd'"
PROMISE = 0.050


def run(*, full: bool) -> list[Target]:
    """Print the table of this question and return what became of its promise."""
    starts = {
        NOTHING: partial(run_fresh, "-c", "pass"),
        IMPORT: partial(run_fresh, "-c", "import autograd"),
    }
    samplers = {name: partial(sample, Candidate(start)) for name, start in starts.items()}
    timings = interleave(samplers, 2 * ROUNDS if full else ROUNDS, at_least=0.0)
    print(timing_table(timings, NOTHING))
    pairs = zip(timings[IMPORT].samples, timings[NOTHING].samples, strict=True)
    own = Spread.of([with_import - bare for with_import, bare in pairs])
    measured = f"{seconds(own.median)} ({seconds(own.low)} - {seconds(own.high)})"
    print(f"  the import's own time: {measured}")
    promise = f"imports: import autograd in under {PROMISE * 1e3:g} ms"
    return [Target(promise, measured, own.median < PROMISE)]
