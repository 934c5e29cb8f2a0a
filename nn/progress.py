"""Progress over epochs, on a terminal: a bar by tqdm, or a line of our own without it.

Either ends in a sparkline, the losses so far as a row of blocks. Knows nothing of training.
"""

import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

# tqdm ships no types.
from typing import Any, TextIO

from autograd import missing_extra

Advance = Callable[[float], None]

BLOCKS = "▁▂▃▄▅▆▇█"
# For terminals that have no other letters.
PLAIN_BLOCKS = "_.-=+*%#"
WIDTH = 16
# A terminal is written to at most so often, in seconds.
_PAUSE = 0.1


def sparkline(numbers: Sequence[float], width: int = WIDTH, blocks: str = BLOCKS) -> str:
    """Return numbers as a row of blocks, the lowest the least and the highest the largest.

    More numbers than there is width for are taken together, a mean for each block; what is
    not finite is a space.

    Example:
        >>> sparkline([8.0, 4.0, 2.0, 1.0])
        '█▄▂▁'
        >>> sparkline([1.0, 3.0, 5.0, 7.0], width=2)
        '▁█'
    """
    count = min(width, len(numbers))
    ends = [len(numbers) * k // count for k in range(count + 1)] if count else []
    means = [_mean(numbers[a:b]) for a, b in pairwise(ends)]
    finite = [x for x in means if math.isfinite(x)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    steps = len(blocks) - 1
    # Rounding alone draws no mountains.
    level = high - low <= 1e-9 * max(abs(low), abs(high))
    return "".join(
        blocks[0 if level else round(steps * (x - low) / (high - low))]
        if math.isfinite(x)
        else " "
        for x in means
    )


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


@contextmanager
def progress_bar(total: int, done: int, *, wanted: bool | None) -> Iterator[Advance]:
    """Show a bar, and yield what takes the loss of each epoch.

    Args:
        total: the number of epochs.
        done: how many of them were done before.
        wanted: True shows a bar anywhere, False nothing; None shows it on a terminal, or a
            line of text if tqdm is not installed.

    Raises:
        ModuleNotFoundError: if it is wanted and tqdm is not installed.
    """
    shown = _shown(total, done, wanted)
    losses: list[float] = []

    def advance(loss: float) -> None:
        losses.append(loss)
        if shown is not None:
            shown.update(losses)

    try:
        yield advance
    finally:
        if shown is not None:
            shown.close()


class _Bar:
    """A bar of tqdm."""

    def __init__(self, bar: Any) -> None:
        self._bar, self._blocks = bar, _blocks_for(sys.stderr)

    def update(self, losses: Sequence[float]) -> None:
        text = f"loss={losses[-1]:.4g} {sparkline(losses, blocks=self._blocks)}"
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update()

    def close(self) -> None:
        self._bar.close()


class _Line:
    """A line of text that is written over and over again."""

    def __init__(self, total: int, done: int, stream: TextIO) -> None:
        self._total, self._done, self._stream = total, done, stream
        self._blocks = _blocks_for(stream)
        self._text, self._next = "", 0.0

    def update(self, losses: Sequence[float]) -> None:
        epoch = self._done + len(losses)
        before, self._text = (
            self._text,
            (
                f"epoch {epoch}/{self._total}  loss {losses[-1]:.4g}  "
                f"{sparkline(losses, blocks=self._blocks)}"
            ),
        )
        if time.monotonic() >= self._next:
            self._write(before)

    def _write(self, before: str) -> None:
        # Spaces wipe out what stood there if it was longer.
        self._stream.write(f"\r{self._text.ljust(len(before))}")
        self._stream.flush()
        self._next = time.monotonic() + _PAUSE

    def close(self) -> None:
        if self._text:
            self._write(self._text)
            self._stream.write("\n")
            self._stream.flush()


def _blocks_for(stream: TextIO) -> str:
    """Return the blocks that a stream can write."""
    try:
        BLOCKS.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN_BLOCKS
    return BLOCKS


def _shown(total: int, done: int, wanted: bool | None) -> "_Bar | _Line | None":  # noqa: FBT001 - three values
    if wanted is False or (wanted is None and not sys.stderr.isatty()):
        return None
    try:
        from tqdm import tqdm  # noqa: PLC0415 - optional
    except ImportError:
        if wanted:
            raise missing_extra("a progress bar", "tqdm", "progress") from None
        return _Line(total, done, sys.stderr)
    return _Bar(tqdm(total=total, initial=done, desc="training", unit="epoch"))
