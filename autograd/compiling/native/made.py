"""Native code together with what must be known to call it, as it is kept on disk.

So a process that finds the code needs neither plan nor rewritten program. Knows no LLVM.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Self

from autograd.compiling.native.machine import llvm_version
from autograd.compiling.native.objects import object_code
from autograd.compiling.native.plan import Plan
from autograd.compiling.native.sizes import Sizes
from autograd.compiling.program import CONSTANT

PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Made:
    """The code of a program.

    Attributes:
        code: object code.
        sizes: how much room it needs.
        numbers: the constants among the shared numbers, as (position, number).
        guarded: whether samples may fail a guard.
        length: how many instructions the program has.
    """

    code: bytes
    sizes: Sizes
    numbers: tuple[tuple[int, float], ...]
    guarded: bool
    length: int

    @classmethod
    def of(cls, plan: Plan, sizes: Sizes, code: bytes) -> Self:
        """Return the code of a plan with what must be known of it."""
        steps = plan.program.instructions
        numbers = tuple(
            (k, steps[place].number or 0.0)
            for place, k in plan.shared_index.items()
            if steps[place].op == CONSTANT
        )
        return cls(code, sizes, numbers, plan.guarded, len(steps))

    def content(self) -> bytes:
        """Return all of it as bytes: a line of JSON, then the code."""
        known = asdict(self.sizes), self.numbers, self.guarded, self.length
        return json.dumps(known).encode() + b"\n" + self.code

    @classmethod
    def from_content(cls, content: bytes) -> Self:
        """Return what `content` wrote."""
        line, _, code = content.partition(b"\n")
        sizes, numbers, guarded, length = json.loads(line)
        return cls(code, Sizes(**sizes), tuple(map(tuple, numbers)), guarded, length)


def made(key: str, make: Callable[[], Made]) -> Made:
    """Return the code of a key: from disk, or made and then kept there."""
    return Made.from_content(object_code(key, lambda: make().content()))


@cache
def generator() -> str:
    """Return what makes code, as a digest: llvmlite, and all of this package."""
    digest = hashlib.sha256(llvm_version().encode())
    for source in sorted(PACKAGE.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
