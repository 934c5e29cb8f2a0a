"""Many random correct programs, fresh ones each time: none of them may be called wrong.

    python -m tests.nightly 100000

draws so many programs, checks their gradients in all modes, and prints those that are called
wrong, as source that can be pasted. It ends with code 1 if there are any. A hundred thousand
take about a quarter of an hour.
"""

import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autograd import NumberError, check_gradients
from autograd.strategies import Program, programs

PROGRAMS = st.integers(1, 4).flatmap(lambda inputs: programs(inputs=inputs, steps=8))


def check(count: int) -> int:
    """Check so many programs and print what came of them; return how many were wrong."""
    programs_by: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    started = time.monotonic()

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(program=PROGRAMS)
    def run(program: Program) -> None:
        try:
            report = check_gradients(program, *program.point)
        except NumberError:  # a constant program has no gradient
            programs_by["constant"] += 1
            return
        verdicts.update(str(row.verdict) for row in report.rows)
        programs_by["right" if report else "wrong"] += 1
        if not report:
            print(f"{program!r}\n{report}\n", flush=True)  # noqa: T201 - a command

    run()
    took = time.monotonic() - started
    print(f"{dict(programs_by)} in {took:.0f} s; inputs: {dict(verdicts)}")  # noqa: T201
    return programs_by["wrong"]


if __name__ == "__main__":
    sys.exit(check(int(sys.argv[1])) > 0)
