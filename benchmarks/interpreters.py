"""Fresh interpreters: for what must be measured away from everything else.

Knows how to start them and how to talk to `worker.py`. Knows nothing of what they
measure.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType

# What a worker answers is JSON: a number, a list of numbers, text or nothing.
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
"""The repository; an interpreter that starts here imports from here."""


def run_fresh(*arguments: str) -> str:
    """What a new interpreter prints; raises CalledProcessError if it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


class Worker:
    """An interpreter of its own for one candidate, at rest until it is asked.

    Attributes:
        missing: Why the candidate cannot run here, or None if it can.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._name = " ".join([module, *arguments])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", module, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.missing: str | None = self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def result(self) -> list[float]:
        """What the candidate computes, as plain numbers."""
        return [float(number) for number in self._ask("result")]

    def pieces(self) -> int:
        """How many pieces of the work one call is."""
        return int(self._ask("pieces"))

    def sample(self, calls: int) -> float:
        """Seconds that so many calls took over there."""
        return float(self._ask(f"sample {calls}"))

    def _ask(self, question: str) -> Any:
        assert self._process.stdin is not None
        with contextlib.suppress(
            BrokenPipeError
        ):  # It has ended; that there is no answer says so.
            self._process.stdin.write(question + "\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.communicate()
            raise RuntimeError(
                f"expected an answer from {self._name}, but it has ended; see above"
            )
        return json.loads(line)
