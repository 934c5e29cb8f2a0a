"""Ask the questions: all of them, or those that are named.

    python -m benchmarks
    python -m benchmarks moons gpt --full

Prints a report. It is no test, so it ends well whether targets were reached or not.
"""

import argparse
import importlib
import platform
from collections.abc import Sequence

from benchmarks.report import Target, targets_table

QUESTIONS = ("moons", "operations", "cost", "gpt", "memory", "scaling", "imports")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the questions named in `arguments` (default: on the command line)."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="How fast, and how big."
    )
    known = ", ".join(QUESTIONS)
    parser.add_argument(
        "questions", nargs="*", metavar="question", help=f"{known} (default: all)"
    )
    parser.add_argument(
        "--full", action="store_true", help="more rounds, 10^7 rows if memory allows"
    )
    options = parser.parse_args(arguments)
    for name in options.questions:
        if name not in QUESTIONS:
            parser.error(f"expected questions out of {known}; got {name!r}")
    print(f"{platform.python_implementation()} {platform.python_version()}, ", end="")
    print(f"{platform.system()} {platform.machine()}")
    targets: list[Target] = []
    for name in options.questions or QUESTIONS:
        question = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name}: {question.QUESTION}", flush=True)
        targets += question.run(full=options.full)
    print(f"\ntargets\n{targets_table(targets)}")


if __name__ == "__main__":
    main()
