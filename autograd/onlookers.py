"""Who may look on while rows are recorded and swept, and what they are told.

Knows no row and no reel, and no function that is compiled.
"""

import threading
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.tape import Reel
    from autograd.value import Value


class Watch(Protocol):
    """What looks at numbers as they are recorded and swept."""

    def start(self, reel: "Reel") -> None:
        """Watch what a fresh reel records."""

    def check_term(
        self, reel: "Reel", index: int, adjoint: float, operand: int, partial: float
    ) -> None:
        """Look at one product of the sweep."""

    def check_row(self, reel: "Reel", index: int, adjoint: float) -> None:
        """Look at what a row of the sweep hands to its operands."""


class Tracing(Protocol):
    """What looks at a function while it is recorded to be compiled.

    A compiled function runs without its Python, so whatever Python learns about numbers must
    be known to the program: comparisons, whole numbers, and that no number got away.
    """

    def compared(self, order: str, left: Any, right: Any) -> Any:
        """Return what stands for the truth of `left < right` (`lt`, `le`, `eq` or `ne`)."""

    def condition(self, truth: object) -> float:
        """Return the condition of a `where` as the number to record."""

    def take(self, xs: "Sequence[Any]", index: "Value") -> "Value":
        """Record the choice of one of some numbers by an index."""

    def derivatives(
        self, name: str, moving: "Sequence[bool]", operands: "Sequence[Any]", out: Any
    ) -> list[Any]:
        """Return local derivatives whose conditions are recorded too."""

    def freeze(self) -> None:
        """Go on with rows that no gradient flows through."""

    def thaw(self) -> None:
        """Go on with rows as usual."""

    def refusal(self, what: str) -> Exception:
        """Return the error for a number that gets away from the tape."""


class Tracings:
    """How many functions are being recorded to be compiled, in all threads together.

    Asking this first is much cheaper than asking for the state of the thread.
    """

    __slots__ = ("_lock", "running")

    def __init__(self) -> None:
        self.running = 0
        self._lock = threading.Lock()

    def change(self, by: int) -> None:
        """Count one more, or one less."""
        with self._lock:
            self.running += by


tracings = Tracings()
