"""Ask the questions: all of them, or those that are named.

    python -m benchmarks
    python -m benchmarks moons gpt --full
    python -m benchmarks training compiling figure --write

Prints a report. It is no test, so it ends well whether targets were reached or not.
"""

import argparse
import importlib
import platform
import sys
from collections.abc import Sequence

from benchmarks.interpreters import ROOT
from benchmarks.pages import kept, put
from benchmarks.report import Target, targets_table

QUESTIONS = (
    *("moons", "training", "compiling", "operations", "cost", "gpt", "memory", "scaling"),
    "imports",
)
ON_DEMAND = ("figure",)
"""Asked only if they are named: they take long, and change a file."""
PAGE = ROOT / "docs" / "performance.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the questions named in `arguments` (default: on the command line)."""
    options = _options(arguments)
    print(f"{platform.python_implementation()} {platform.python_version()}, ", end="")
    print(f"{platform.system()} {platform.machine()}")
    targets: list[Target] = []
    for name in options.questions or QUESTIONS:
        question = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name}: {question.QUESTION}", flush=True)
        with kept(sys.stdout) as printed:
            found = question.run(full=options.full)
        targets += found
        if options.write:
            put(PAGE, name, printed.getvalue())
            put(PAGE, f"targets of {name}", targets_table(found))
    print(f"\ntargets\n{targets_table(targets)}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="How fast, and how big."
    )
    known = ", ".join([*QUESTIONS, *ON_DEMAND])
    parser.add_argument(
        "questions",
        nargs="*",
        metavar="question",
        help=f"{known} (default: all but {', '.join(ON_DEMAND)})",
    )
    parser.add_argument(
        "--full", action="store_true", help="more rounds, 10^7 rows if memory allows"
    )
    parser.add_argument(
        "--write", action="store_true", help="put tables into docs/performance.md, too"
    )
    options = parser.parse_args(arguments)
    for name in options.questions:
        if name not in (*QUESTIONS, *ON_DEMAND):
            parser.error(f"expected questions out of {known}; got {name!r}")
    return options


if __name__ == "__main__":
    main()
