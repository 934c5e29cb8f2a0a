"""What a benchmark printed, put into a page of the documentation.

A block stands between the comments `<!-- NAME -->` and `<!-- end -->`; what is between them is
replaced. Knows no benchmark.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TextIO


class _Both(io.StringIO):
    """Keeps what is printed and passes it on at once."""

    def __init__(self, other: TextIO) -> None:
        super().__init__()
        self._other = other

    def write(self, text: str, /) -> int:
        self._other.write(text)
        return super().write(text)

    def flush(self) -> None:
        self._other.flush()


@contextmanager
def kept(stream: TextIO) -> Iterator[io.StringIO]:
    """Everything printed in here, which goes to `stream` too."""
    with redirect_stdout(_Both(stream)) as both:
        yield both


def with_block(page: str, name: str, printed: str) -> str:
    r"""The page with what was printed in the block of that name, if it has one.

    >>> page = "Fast:\n<!-- moons -->\nold\n<!-- end -->\nRead on."
    >>> print(with_block(page, "moons", "  1 us\n"))
    Fast:
    <!-- moons -->
    ```text
      1 us
    ```
    <!-- end -->
    Read on.
    >>> with_block(page, "gpt", "  1 ms\n") == page
    True
    """
    block = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    body = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    return block.sub(lambda found: f"{found[1]}```text\n{body}\n```\n", page)


def put(path: Path, name: str, printed: str) -> None:
    """Replace a block of a page, if it has one of that name."""
    page = path.read_text(encoding="utf-8")
    path.write_text(with_block(page, name, printed), encoding="utf-8")
