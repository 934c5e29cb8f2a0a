"""A progress bar over epochs: by tqdm, on a terminal, and else nothing at all.

Knows how to ask for tqdm. Knows nothing of training.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# tqdm ships no types.
from typing import Any

Advance = Callable[[float], None]


@contextmanager
def progress_bar(total: int, done: int, *, wanted: bool | None) -> Iterator[Advance]:
    """Show a bar, and yield what takes the loss of each epoch.

    Args:
        total: the number of epochs.
        done: how many of them were done before.
        wanted: True shows it anywhere, False never, None on a terminal if tqdm is installed.

    Raises:
        ModuleNotFoundError: if it is wanted and tqdm is not installed.
    """
    bar = _bar(total, done, wanted)

    def advance(loss: float) -> None:
        if bar is not None:
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
            bar.update()

    try:
        yield advance
    finally:
        if bar is not None:
            bar.close()


def _bar(total: int, done: int, wanted: bool | None) -> Any:  # noqa: FBT001 - three values
    if wanted is False or (wanted is None and not sys.stderr.isatty()):
        return None
    try:
        from tqdm import tqdm  # noqa: PLC0415 - optional
    except ImportError:
        if wanted:
            raise ModuleNotFoundError(
                "a progress bar needs tqdm, which is not installed: "
                'pip install "wengert[progress]"',
                name="tqdm",
            ) from None
        return None
    return tqdm(total=total, initial=done, desc="training", unit="epoch")
