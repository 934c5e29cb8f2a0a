"""The inside of an interpreter that holds one candidate.

    python -m benchmarks.worker benchmarks.moons micrograd

First says, as JSON, why the candidate is missing, or null. Then answers each line that
it reads: `result` with what the candidate computes, `pieces` with how many pieces of work
one call is, `sample 3` with the seconds that three calls took. Knows no other candidate.
"""

import importlib
import json
import sys
from collections.abc import Iterable, Iterator

from benchmarks.peers import MissingPeerError
from benchmarks.timing import Candidate, sample


def answers(candidate: Candidate, requests: Iterable[str]) -> Iterator[str]:
    """The answer to each request, as a line of JSON.

    >>> list(answers(Candidate(lambda: None, result=lambda: [0.1]), ["result"]))
    ['[0.1]']
    """
    for request in requests:
        match request.split():
            case ["result"]:
                yield json.dumps(candidate.result())
            case ["pieces"]:
                yield json.dumps(candidate.pieces)
            case ["sample", calls]:
                yield json.dumps(sample(candidate, int(calls)))
            case _:
                raise ValueError(f"expected `result`, `pieces` or `sample N`, got {request!r}")


def main(module: str, *arguments: str) -> None:
    """Build the candidate and answer until there are no more requests."""
    try:
        candidate: Candidate = importlib.import_module(module).candidate(*arguments)
    except MissingPeerError as missing:
        print(json.dumps(str(missing)), flush=True)
        return
    print(json.dumps(None), flush=True)
    for answer in answers(candidate, sys.stdin):
        print(answer, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
