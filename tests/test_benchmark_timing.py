"""The benchmarks' timer, their report and their contests do their sums; nothing is timed."""

import doctest
import importlib
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Self

import pytest

from benchmarks import (
    __main__ as command,
)
from benchmarks import (
    compiling,
    contest,
    figure,
    imports,
    interpreters,
    moons_data,
    networks,
    operations,
    pages,
    peers,
    report,
    timing,
    worker,
)
from benchmarks.__main__ import ON_DEMAND, QUESTIONS, main
from benchmarks.timing import CONTROL, Candidate, Spread, Timing, interleave


class Clock:
    """Stands still but for the time that work puts on it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, duration: float) -> Callable[[], None]:
        """Work that takes so long."""

        def run() -> None:
            self.now += duration

        return run


# The timer.


def test_a_sample_is_the_time_of_its_calls_without_the_preparation() -> None:
    clock = Clock()
    candidate = Candidate(clock.work(0.25), prepare=clock.work(1000.0))
    assert timing.sample(candidate, 3, clock) == 0.75
    assert clock.now == 1000.75


@pytest.fixture
def no_control(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "control", float)


@pytest.mark.usefixtures("no_control")
def test_warm_up_samples_do_not_count() -> None:
    durations = iter([100.0, 50.0, 1.0, 2.0, 3.0])
    timings = interleave({"mine": lambda _: next(durations)}, rounds=3)
    assert timings["mine"] == Timing("mine", (1.0, 2.0, 3.0))


@pytest.mark.usefixtures("no_control")
def test_a_sample_is_as_many_calls_as_fill_it_and_its_time_is_per_call() -> None:
    asked = []

    def sampler(calls: int) -> float:
        asked.append(calls)
        return 0.25 * calls

    timings = interleave({"mine": sampler}, rounds=2, at_least=0.9)
    assert timings["mine"].samples == (0.25, 0.25)
    assert asked == [1, 1, 4, 4]


def test_candidates_take_turns_and_another_one_begins_each_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = []

    def sampler(name: str) -> timing.Sampler:
        def take(calls: int) -> float:
            order.append(name)
            return float(calls)

        return take

    monkeypatch.setattr(timing, "control", sampler("c"))
    interleave({"a": sampler("a"), "b": sampler("b")}, rounds=4)
    assert "".join(order) == "aabbcc" + "abc" + "bca" + "cab" + "abc"


def test_a_ratio_compares_samples_of_the_same_round() -> None:
    old, new = Timing("old", (10.0, 90.0, 20.0)), Timing("new", (1.0, 10.0, 4.0))
    assert new.times_faster_than(old) == Spread(9.0, 5.0, 10.0)
    assert new.seconds == Spread(4.0, 1.0, 10.0)


# The report.


def test_a_table_prints_time_per_operation_and_ratio_to_the_baseline() -> None:
    timings = {
        "old": Timing("old", (0.004, 0.008, 0.004)),
        "new": Timing("new", (0.001, 0.002, 0.002)),
        CONTROL: Timing(CONTROL, (0.5, 0.5, 0.5)),
    }
    assert report.timing_table(timings, "old", operations=1000).splitlines() == [
        "                           median             spread  times faster than old",
        "  old                     4.00 us  4.00 us - 8.00 us      1.00x (1.00-1.00)",
        "  new                     2.00 us  1.00 us - 2.00 us      4.00x (2.00-4.00)",
        "  control (plain floats)   500 ms    500 ms - 500 ms",
    ]


def test_a_control_that_varies_speaks_of_a_busy_machine() -> None:
    steady = {CONTROL: Timing(CONTROL, (1.0, 1.5, 1.2))}
    busy = {CONTROL: Timing(CONTROL, (1.0, 1.6, 1.2))}
    warning = "  The machine was busy: the control varied by 1.60x. Run this again.\n"
    assert report.busy_warning(steady) == ""
    assert report.busy_warning(busy) == warning


def test_targets_are_listed_as_reached_or_missed() -> None:
    targets = [
        report.Target("fast", "2.00x", reached=True),
        report.Target("small", "9 MB", reached=False),
    ]
    assert report.targets_table(targets).splitlines() == [
        "           promise  measured",
        "  reached  fast        2.00x",
        "  MISSED   small        9 MB",
    ]


# Contests.


@pytest.mark.parametrize("wrong", [2.0 + 1e-8, math.nan])
def test_results_that_differ_are_refused(wrong: float) -> None:
    message = r"a and c do not compute the same \(number 1 of their results is 2\.0 and "
    with pytest.raises(ValueError, match=message):
        contest.agreed({"a": [1.0, 2.0], "b": [1.0, 2.0], "c": [1.0, wrong]})


def test_a_worker_computes_and_samples_in_an_interpreter_of_its_own() -> None:
    with interpreters.Worker("benchmarks.operations", "dot", peers.OURS) as there:
        assert there.missing is None
        assert there.result() == operations.candidate("dot", peers.OURS).result()
        assert there.sample(1) > 0.0


@pytest.mark.usefixtures("no_control")
def test_a_contest_goes_on_without_a_peer_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    class Worker:
        def __init__(self, module: str, name: str) -> None:
            self.missing = None if name == "ours" else f"{module} has no such thing"

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def result(self) -> list[float]:
            return [1.5]

        def pieces(self) -> int:
            return 4

        def sample(self, calls: int) -> float:
            return 0.5 * calls

    monkeypatch.setattr(contest, "Worker", Worker)
    played = contest.contest("here", {"torch": ("torch",), "ours": ("ours",)}, rounds=2)
    assert played.result == [1.5]
    assert played.timings["ours"].samples == (0.125, 0.125)
    assert played.missing == ["  torch is left out: here has no such thing"]
    assert "times faster than ours" in played.text()
    assert played.text().endswith("\n  torch is left out: here has no such thing")


def test_a_worker_that_dies_is_an_error_that_names_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    message = "expected an answer from benchmarks.moons no_such, but it has ended; see above"
    with pytest.raises(RuntimeError, match=message):
        interpreters.Worker("benchmarks.moons", "no_such")
    assert "KeyError: 'no_such'" in capfd.readouterr().err


def test_a_worker_understands_three_requests_only() -> None:
    with pytest.raises(
        ValueError, match="expected `result`, `pieces` or `sample N`, got 'again'"
    ):
        list(worker.answers(Candidate(list), ["again"]))
    (seconds,) = worker.answers(Candidate(list), ["sample 2\n"])
    assert json.loads(seconds) >= 0.0
    assert list(worker.answers(Candidate(list, pieces=3), ["pieces"])) == ["3"]


@pytest.mark.parametrize("name", [peers.TORCH, peers.DRJIT, peers.MICROGRAD])
def test_a_worker_without_its_peer_says_why(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    worker.main("benchmarks.operations", "short", name)
    assert json.loads(capsys.readouterr().out) == "it is not installed (make peers)"


# The command.


def test_an_unknown_question_is_an_error_that_names_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["speed"])
    assert raised.value.code == 2
    message = f"expected questions out of {', '.join([*QUESTIONS, *ON_DEMAND])}; got 'speed'"
    assert message in capsys.readouterr().err


def test_the_command_runs_the_named_questions_and_lists_their_targets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*, full: bool) -> list[report.Target]:
        return [report.Target("a promise", f"full is {full}", reached=True)]

    monkeypatch.setattr(imports, "run", run)
    main(["imports", "--full"])
    _, *lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "",
        "imports: the time of `import autograd`",
        "",
        "targets",
        "           promise        measured",
        "  reached  a promise  full is True",
    ]


def test_what_was_printed_goes_into_the_page_if_asked_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*, full: bool) -> list[report.Target]:
        sys.stdout.write("  12 ms\n")
        return [report.Target("a promise", "12 ms", reached=True)]

    page = tmp_path / "page.md"
    monkeypatch.setattr(imports, "run", run)
    monkeypatch.setattr(command, "PAGE", page)
    blocks = ["<!-- imports -->", "<!-- end -->", "<!-- targets of imports -->", "<!-- end -->"]
    page.write_text("\n".join(blocks))
    main(["imports"])
    assert page.read_text() == "\n".join(blocks)
    main(["imports", "--write"])
    assert capsys.readouterr().out.count("  12 ms\n") == 4
    assert page.read_text().splitlines() == [
        *("<!-- imports -->", "```text", "  12 ms", "```", "<!-- end -->"),
        *("<!-- targets of imports -->", "```text"),
        *("           promise    measured", "  reached  a promise     12 ms"),
        *("```", "<!-- end -->"),
    ]


@pytest.mark.parametrize("name", [*QUESTIONS, *ON_DEMAND])
def test_every_question_says_what_it_asks(name: str) -> None:
    question = importlib.import_module(f"benchmarks.{name}")
    assert isinstance(question.QUESTION, str)
    assert callable(question.run)
    assert "?" in str(question.__doc__)


EXAMPLES = [
    *(timing, report, contest, worker, moons_data),
    *(networks, compiling, figure, pages),
]


@pytest.mark.parametrize("module", EXAMPLES)
def test_examples_in_docstrings_run(module: ModuleType) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted > 0
    assert tried.failed == 0
