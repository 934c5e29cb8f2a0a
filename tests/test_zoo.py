"""The bug zoo: every specimen is told by its own name, and what is right is called right.

The oracles are the names the specimens were built for, the engine itself (which shares no code
with the textbook engine of the zoo) for every number a report expects, and numbers written out.
"""

import inspect
import itertools
import math
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd.zoo import ENGINES, Finding, Report, Value, diagnose, mistakes
from autograd.zoo.examination import Examination, truth
from autograd.zoo.forms import FORMS, Form, Slip
from autograd.zoo.mistakes import Mistake
from autograd.zoo.scripts import run
from autograd.zoo.trials import Trial

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "zoo.md"
GOLDEN = Path(__file__).parent / "golden"

SPECIMENS = {name: engine for name, engine in ENGINES.items() if engine is not Value}
# Too long for recursion, and shorter than the diagnosis has them.
TERMS = sys.getrecursionlimit() + 100

LIMITATIONS = {"stale intermediates", "late data", "recursion"}


@pytest.fixture(autouse=True)
def shorter_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the longest script shorter, though still too long for recursion."""
    monkeypatch.setattr("autograd.zoo.aside._TERMS", TERMS)


def names_of_mistakes(report: Report) -> set[str]:
    return {finding.name for finding in report.mistakes}


def finding(report: Report, name: str) -> Finding:
    """Return the finding of a name; it must be there."""
    assert name in report.names
    return next(found for found in report.findings if found.name == name)


def operation(
    value: Callable[..., float], *slopes: Callable[..., float], upstream: bool = True
) -> Callable[..., Any]:
    """Return a method that computes a value and passes gradients on by the given slopes."""

    def method(self: Value, *others: Any) -> Value:
        operands = (self, *(self.lift(other) for other in others))
        numbers = [operand.data for operand in operands]
        out = type(self)(value(*numbers), operands)

        def _backward() -> None:
            for operand, slope in zip(operands, slopes, strict=True):
                operand.grad += slope(*numbers) * (out.grad if upstream else 1.0)

        out._backward = _backward
        return out

    return method


# -- specimens ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_specimen_is_told_by_its_own_name(name: str) -> None:
    report = diagnose(SPECIMENS[name])

    assert name in report.names
    assert names_of_mistakes(report) == {name} - LIMITATIONS
    assert bool(report) is (name in LIMITATIONS)


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_finding_says_what_was_expected_what_came_and_where_to_look(name: str) -> None:
    found = finding(diagnose(SPECIMENS[name]), name)
    expected = run(found.script, autograd.Value).at(found.look)
    seen = run(found.script, SPECIMENS[name])

    assert float(found.expected) == pytest.approx(expected, rel=1e-3)
    if seen.error is None:
        assert float(found.got) == pytest.approx(seen.at(found.look), rel=1e-3)
        assert found.got != found.expected
    else:
        assert found.got == f"{type(seen.error).__name__}: {seen.error}"
    assert found.mistake.means.endswith((".", ".)"))
    assert found.mistake.look.endswith(".")


def test_every_mistake_has_a_specimen() -> None:
    named = {thing.name for thing in vars(mistakes).values() if isinstance(thing, Mistake)}
    symptoms = {
        *("upstream mishandled", "no gradient arrives", "an exception", "not a Value class"),
        *("wrong seed", "shared value", "second pass", "expressions disturb each other"),
        *("unused values", "data changed", "long expressions", "wrong order"),
    }

    assert symptoms < named
    assert {name for name in SPECIMENS if "derivative" not in name} == named - symptoms


def methods(engine: type[Value]) -> set[str]:
    """Return what a specimen replaces in the textbook engine."""
    return {name for name, thing in vars(engine).items() if callable(thing)}


# Of two mistakes in one class, the first of a pair here hides the second.
HIDDEN = {
    "overwritten gradients": {
        # With `=` nothing adds up, neither over uses nor over passes.
        *("leaves reset", "stale intermediates"),
        *("depth-first walk", "breadth-first walk", "a visit for every path"),
    },
    "walk not reversed": {
        # Nothing gets past the last operation, so there is nothing to compare.
        *("overwritten gradients", "operands in a set", "operands forgotten"),
        *("constants cut off", "equal numbers confused"),
    },
    # Neither is ever reached.
    "constants refused": {"constants leak", "reflected operators"},
    # x / w with -x / w is just what x * w**-1 gives with n * x**n.
    "wrong derivative of **": {"wrong derivative of /"},
    # These walks have no topological order to make recursive, or no set to confuse.
    "breadth-first walk": {"recursion"},
    "a visit for every path": {"equal numbers confused"},
}
PAIRS = [
    (one, other)
    for one, other in itertools.combinations(SPECIMENS, 2)
    if not methods(SPECIMENS[one]) & methods(SPECIMENS[other])
]


@pytest.mark.parametrize("one", SPECIMENS)
def test_two_mistakes_in_one_class_are_both_found(
    monkeypatch: pytest.MonkeyPatch, one: str
) -> None:
    for first, second in PAIRS:
        if first != one:
            continue
        # Long sums show recursion and nothing else, and take most of the time.
        terms = TERMS if "recursion" in (first, second) else 30
        monkeypatch.setattr("autograd.zoo.aside._TERMS", terms)
        both = type("Both", (SPECIMENS[first], SPECIMENS[second]), {})
        hidden = {
            name
            for name, other in ((first, second), (second, first))
            if name in HIDDEN.get(other, ())
        }
        report = diagnose(both)

        assert {first, second} - set(report.names) == hidden, (first, second)
        assert names_of_mistakes(report) == {first, second} - hidden - LIMITATIONS


def test_a_mistake_hidden_by_another_is_said_not_to_have_been_looked_for() -> None:
    both = type("Both", (SPECIMENS["overwritten gradients"], SPECIMENS["leaves reset"]), {})

    assert diagnose(both).not_tried == (
        "the order of the walk and a second pass, until + or * is right",
    )


# -- what is right ------------------------------------------------------------------------


class LocalGradients:
    """The other textbook style: operands with local derivatives, and no closures."""

    def __init__(self, data: float, operands: Any = (), slopes: Any = ()) -> None:
        self.data = data
        self.grad: float | None = None
        self.operands = operands
        self.slopes = slopes

    def __add__(self, other: Any) -> "LocalGradients":
        other = other if isinstance(other, LocalGradients) else LocalGradients(other)
        return LocalGradients(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> "LocalGradients":
        other = other if isinstance(other, LocalGradients) else LocalGradients(other)
        slopes = (other.data, self.data)
        return LocalGradients(self.data * other.data, (self, other), slopes)

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self) -> "LocalGradients":
        t = math.tanh(self.data)
        return LocalGradients(t, (self,), (1 - t * t,))

    def backward(self) -> None:
        order: list[LocalGradients] = []
        todo = [(self, False)]
        seen = set()
        while todo:
            node, done = todo.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                todo += [(node, True), *((operand, False) for operand in node.operands)]
        gradients = dict.fromkeys(order, 0.0)
        gradients[self] = 1.0
        for node in reversed(order):
            if not node.operands:
                node.grad = (node.grad or 0.0) + gradients[node]
            for operand, slope in zip(node.operands, node.slopes, strict=True):
                gradients[operand] += slope * gradients[node]


@pytest.mark.parametrize(
    "healthy",
    [
        pytest.param(Value, id="textbook"),
        pytest.param(autograd.Value, id="tape"),
        pytest.param(LocalGradients, id="local gradients"),
    ],
)
def test_a_healthy_class_has_no_finding(healthy: type[Any]) -> None:
    report = diagnose(healthy)

    assert report
    assert report.findings == ()
    assert report.not_tried == ()


def test_operations_that_are_not_there_are_listed_and_not_held_against_a_class() -> None:
    report = diagnose(LocalGradients)

    assert report
    assert report.not_there == ("**", "exp", "log", "-v", "-", "/", "2**v", "sigmoid", "relu")
    assert str(report) == (
        "LocalGradients: no mistakes\n\n"
        "Not there, so not tried: **, exp, log, -v, -, /, 2**v, sigmoid, relu"
    )


def test_micrograd_has_three_limitations_and_no_mistake() -> None:
    engine = pytest.importorskip("micrograd.engine", reason="micrograd is a peer")
    report = diagnose(engine.Value)

    assert report
    assert set(report.names) == LIMITATIONS
    # 66 = 2 * (3 * 11) is right; the second pass starts from what the first left on x * w.
    stale = finding(report, "stale intermediates")
    assert (stale.expected, stale.got) == ("66", "99")
    assert finding(report, "late data").operations == ("*", "**", "/")
    assert finding(report, "recursion").got.startswith("RecursionError")


def every_script() -> list[str]:
    """Return every script that a diagnosis runs, for all specimens together."""
    scripts: dict[str, None] = {}

    class Recorder(Examination):
        def observe(self, script: str) -> Any:
            scripts[script] = None
            return super().observe(script)

    for engine in ENGINES.values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("autograd.zoo.Examination", Recorder)
            diagnose(engine)
    return list(scripts)


def test_the_textbook_engine_and_the_tape_agree_on_every_script() -> None:
    scripts = every_script()
    assert len(scripts) > 200
    for script in scripts:
        expected, seen = truth(script), run(script, autograd.Value)
        # The tape forgets the gradient of an earlier root when it is swept again.
        *earlier, _ = re.findall(r"(\w)\.backward", script) or [""]
        looks = set(expected.numbers) - {f"{root}.grad" for root in earlier}

        assert expected.error is None, script
        assert seen.error is None, script
        for look in looks:
            assert seen.at(look) == pytest.approx(expected.at(look), rel=1e-12), script


# -- mistakes in other places than the specimens have them ---------------------------------


def test_overwriting_in_one_function_alone_is_found_there() -> None:
    class Tanh(Value):
        def tanh(self) -> Any:
            out = type(self)(math.tanh(self.data), (self,))

            def _backward() -> None:
                self.grad = (1 - out.data**2) * out.grad

            out._backward = _backward
            return out

    report = diagnose(Tanh)

    assert report.names == ("overwritten gradients",)
    found = report.findings[0]
    assert found.operations == ("tanh",)
    assert found.script == (
        "x = Value(0.5)\ny = x.tanh()\nz = y + x\nz.backward()"  # the smallest there is
    )


def test_overwriting_the_right_operand_alone_is_found() -> None:
    class Right(Value):
        def __sub__(self, other: Any) -> Any:
            other = self.lift(other)
            out = type(self)(self.data - other.data, (self, other))

            def _backward() -> None:
                self.grad += out.grad
                other.grad = -out.grad

            out._backward = _backward
            return out

    report = diagnose(Right)

    assert report.names == ("overwritten gradients",)
    assert report.findings[0].operations == ("-",)


@pytest.mark.parametrize(
    ("method", "shown", "value", "slopes"),
    [
        ("exp", "exp", math.exp, (math.exp,)),
        ("log", "log", math.log, (lambda x: 1 / x,)),
        ("__truediv__", "/", lambda x, y: x / y, (lambda x, y: 1 / y, lambda x, y: -x / y**2)),
        ("__add__", "+", lambda x, y: x + y, (lambda x, y: 1.0, lambda x, y: 1.0)),
    ],
)
def test_a_dropped_upstream_is_found_in_any_operation(
    method: str, shown: str, value: Callable[..., float], slopes: tuple[Any, ...]
) -> None:
    wrong = type("Wrong", (Value,), {method: operation(value, *slopes, upstream=False)})
    report = diagnose(wrong)

    assert names_of_mistakes(report) == {"upstream dropped"}
    assert finding(report, "upstream dropped").operations[0] == shown


def with_slip(form: Form, slip: Slip) -> type[Value]:
    """Return the textbook engine with a wrong derivative at the numbers of a form."""
    right = truth(Trial(form).alone)
    slopes = [
        slip.at(form.inputs) if name == slip.by else right.at(f"{name}.grad")
        for name in form.inputs
    ]

    def method(self: Value, *others: Any) -> Value:
        out: Value = getattr(Value, form.method)(self, *others)
        operands = (self, *(other for other in others if isinstance(other, Value)))
        if [operand.data for operand in operands] != list(form.inputs.values()):
            return out
        out = type(self)(out.data, operands)

        def _backward() -> None:
            for operand, slope in zip(operands, slopes, strict=True):
                operand.grad += slope * out.grad

        out._backward = _backward
        return out

    return type("Wrong", (Value,), {form.method: method})


SLIPS = [
    pytest.param(form, slip, id=f"{form.text} by {slip.by} as {slip.formula}")
    for form in FORMS
    for slip in form.slips
]


@pytest.mark.parametrize(("form", "slip"), SLIPS)
def test_a_slip_is_recognised_and_its_hint_given(form: Form, slip: Slip) -> None:
    found = finding(diagnose(with_slip(form, slip)), f"wrong derivative of {form.operation}")

    assert found.mistake.look == f"the backward function of {form.operation}; {slip.hint}."


def test_an_unknown_wrong_derivative_is_named_without_a_guess() -> None:
    wrong = type("Wrong", (Value,), {"exp": operation(math.exp, lambda x: 3 * math.exp(x))})
    found = finding(diagnose(wrong), "wrong derivative of exp")

    assert found.mistake.look == "the backward function of exp."
    assert (found.expected, found.got) == ("7.389", "22.17")


# -- symptoms: what has no name is still reported ------------------------------------------


class MarksStay(Value):
    def backward(self) -> None:
        order = [node for node in self.topological_order() if not hasattr(node, "done")]
        self.grad = 1.0
        for node in reversed(order):
            node._backward()
            node.done = True  # type: ignore[attr-defined]


class SeedIsData(Value):
    def backward(self) -> None:
        self.grad = self.data
        for node in reversed(self.topological_order()):
            node._backward()


class ChangesData(Value):
    def backward(self) -> None:
        super().backward()
        for node in self.topological_order():
            node.data += node.grad


class ChangesDataOfLeaves(Value):
    def backward(self) -> None:
        super().backward()
        for node in self.topological_order():
            node.data += 0.0 if node._prev else 1.0


class OneList(Value):
    """Every Value ever made is swept."""

    everything: list[Value] = []  # noqa: RUF012 - the mistake

    def __init__(self, data: float, operands: Any = ()) -> None:
        super().__init__(data, operands)
        self.everything.append(self)

    def backward(self) -> None:
        self.grad = 1.0
        for node in reversed(self.everything):
            node._backward()


class EveryRoot(Value):
    """Every Value that uses a leaf of this one is swept."""

    users: "list[Value]"

    def __init__(self, data: float, operands: Any = ()) -> None:
        super().__init__(data, operands)
        self.users = []
        for operand in operands:
            operand.users.append(self)

    def backward(self) -> None:
        super().backward()
        for leaf in self.topological_order():
            for user in leaf.users:  # type: ignore[attr-defined]
                if not user.users and user is not self:
                    user.grad = 1.0
                    user._backward()


class ForgetsAfterThousand(Value):
    def topological_order(self) -> list[Value]:
        return super().topological_order()[-1000:]


class BreadthFirstWhenLarge(Value):
    def backward(self) -> None:
        large = len(self.topological_order()) > 12
        engine = ENGINES["breadth-first walk" if large else "healthy"]
        engine.backward(self)


class SquaresUpstream(Value):
    def __mul__(self, other: Any) -> Any:
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x * y, (self, other))

        def _backward() -> None:
            self.grad += y * out.grad**2
            other.grad += x * out.grad**2

        out._backward = _backward
        return out


class Averages(Value):
    def __mul__(self, other: Any) -> Any:
        other = self.lift(other)
        x, y = self.data, other.data
        out = type(self)(x * y, (self, other))

        def _backward() -> None:
            for operand, slope in ((self, y), (other, x)):
                gradient = slope * out.grad
                operand.grad = (operand.grad + gradient) / 2 if operand.grad else gradient

        out._backward = _backward
        return out


class HalvesIntermediates(Value):
    def backward(self) -> None:
        super().backward()
        for node in self.topological_order()[:-1]:
            if node._prev:
                node.grad /= 2


class NoStep(Value):
    def log(self) -> Any:
        return type(self)(math.log(self.data), (self,))


class PlainNumbers(Value):
    def tanh(self) -> Any:
        return math.tanh(self.data)


class WrongResult(Value):
    def __truediv__(self, other: Any) -> Any:
        return self * (self.lift(other) ** -2)


@pytest.mark.parametrize(
    ("wrong", "name", "operations", "expected", "got"),
    [
        (MarksStay, "second pass", (), "72", "33"),
        (SeedIsData, "wrong seed", (), "1", "8"),
        (ChangesData, "data changed", ("+", "*", "**", "exp", "log", "relu"), "8", "9"),
        (ChangesDataOfLeaves, "data changed", (), "2", "3"),
        (OneList, "expressions disturb each other", (), "7", "14"),
        (EveryRoot, "unused values", (), "33", "52"),
        (ForgetsAfterThousand, "long expressions", (), "1", "0"),
        (BreadthFirstWhenLarge, "wrong order", (), None, None),
        (SquaresUpstream, "upstream mishandled", ("*",), "-55", "605"),
        (Averages, "shared value", ("*",), "6", "3"),
        (HalvesIntermediates, "shared value", (), "2", "1"),
        (NoStep, "no gradient arrives", ("log",), "0.25", "0"),
        (
            PlainNumbers,
            "no gradient arrives",
            ("tanh",),
            "0.4621",
            "AttributeError: 'float' object has no attribute 'backward'",
        ),
        (WrongResult, "wrong value of /", ("/",), "0.6", "0.12"),
    ],
)
def test_what_has_no_name_is_reported_by_its_symptom(
    wrong: type[Value],
    name: str,
    operations: tuple[str, ...],
    expected: str | None,
    got: str | None,
) -> None:
    report = diagnose(wrong)
    found = finding(report, name)

    assert names_of_mistakes(report) == {name}
    assert found.operations == operations
    if expected is not None:
        assert (found.expected, found.got) == (expected, got)


class OneTanh(Value):
    """The result is kept on the class, so all tanh of an expression share the last one."""

    t = 0.0

    def tanh(self) -> Any:
        engine = type(self)
        engine.t = math.tanh(self.data)
        out = engine(engine.t, (self,))

        def _backward() -> None:
            self.grad += (1 - engine.t**2) * out.grad

        out._backward = _backward
        return out


def test_two_uses_of_an_operation_that_disturb_each_other_are_found() -> None:
    report = diagnose(OneTanh)

    assert report.names == ("expressions disturb each other",)
    assert report.findings[0].operations == ("tanh",)


class Overflows(Value):
    """One buffer for all Values; once it was too small, nothing works any more."""

    full = False

    def backward(self) -> None:
        engine = type(self)
        engine.full = engine.full or len(self.topological_order()) > 1000
        if not engine.full:
            super().backward()


def test_what_all_values_share_is_found_by_running_again_what_went_well() -> None:
    found = finding(diagnose(Overflows), "expressions disturb each other")

    assert found.script == "x = Value(3.0)\nw = Value(5.0)\ny = x + w\ny.backward()"
    assert (found.look, found.expected, found.got) == ("x.grad", "1", "0")


class StopsNegativeGradients(Value):
    def relu(self) -> Any:
        x = self.data
        out = type(self)(max(x, 0.0), (self,))

        def _backward() -> None:
            self.grad += (x > 0) * max(out.grad, 0.0)

        out._backward = _backward
        return out


class NotAtZero(Value):
    """n * x**n / x."""

    def __pow__(self, n: float) -> Any:
        x = self.data
        out = type(self)(x**n, (self,))

        def _backward() -> None:
            self.grad += n * out.data / x * out.grad

        out._backward = _backward
        return out


class TurnsItselfAround(Value):
    def __neg__(self) -> Any:
        self.data = -self.data
        return self


class CountsTheLeftOperandOnly(Value):
    """Generations decide the order, and the right operand has no say in them."""

    def __init__(self, data: float, operands: Any = ()) -> None:
        super().__init__(data, operands)
        self.generation: int = operands[0].generation + 1 if operands else 0

    def topological_order(self) -> list[Value]:
        def generation(node: Any) -> int:
            return int(node.generation)

        return sorted(super().topological_order(), key=generation)


class WrongFromANumber(Value):
    def __rsub__(self, other: Any) -> Any:
        return self + other


class HalvesWhatIsComputed(Value):
    def tanh(self) -> Any:
        t, share = math.tanh(self.data), 0.5 if self._prev else 1.0
        out = type(self)(t, (self,))

        def _backward() -> None:
            self.grad += share * (1 - t * t) * out.grad

        out._backward = _backward
        return out


class SendsOperandsTwice(Value):
    def tanh(self) -> Any:
        if self._prev:
            once = self._backward
            self._backward = lambda: (once(), once())[0]
        return super().tanh()


class SquareTimesThree(Value):
    def __mul__(self, other: Any) -> Any:
        if other is not self:
            return super().__mul__(other)
        x = self.data
        out = type(self)(x * x, (self,))

        def _backward() -> None:
            self.grad += 3 * x * out.grad

        out._backward = _backward
        return out


class NanWhereDoubled(Value):
    def __add__(self, other: Any) -> Any:
        out = super().__add__(other)
        if other is self and self._prev:
            out._backward = lambda: setattr(self, "grad", math.nan)
        return out


@pytest.mark.parametrize(
    ("wrong", "name", "operations"),
    [
        (StopsNegativeGradients, "upstream mishandled", ("relu",)),
        (NotAtZero, "an exception", ("**",)),
        (TurnsItselfAround, "in-place operators", ("-v",)),
        (CountsTheLeftOperandOnly, "depth-first walk", ()),
        (WrongFromANumber, "wrong value of -", ("-",)),
        (HalvesWhatIsComputed, "upstream mishandled", ("tanh",)),
        (SendsOperandsTwice, "upstream mishandled", ("tanh",)),
        (SquareTimesThree, "shared value", ("*",)),
        (NanWhereDoubled, "shared value", ()),
    ],
)
def test_a_mistake_nobody_thought_of_is_found(
    wrong: type[Value], name: str, operations: tuple[str, ...]
) -> None:
    report = diagnose(wrong)

    assert names_of_mistakes(report) == {name}
    assert finding(report, name).operations == operations


class ValuesAsGradients(Value):
    """Gradients are Values themselves, as in engines that differentiate twice."""

    def backward(self) -> None:
        super().backward()
        for node in self.topological_order():
            node.grad = Value(getattr(node.grad, "data", node.grad))  # type: ignore[assignment]


def test_gradients_may_be_values_themselves() -> None:
    assert diagnose(ValuesAsGradients).findings == ()


class Rounded(Value):
    """Gradients are kept to two decimals."""

    _grad = 0.0

    @property
    def grad(self) -> float:
        return self._grad

    @grad.setter
    def grad(self, gradient: float) -> None:
        self._grad = round(gradient, 2)


def test_numbers_that_look_the_same_are_shown_with_all_their_digits() -> None:
    found = finding(diagnose(Rounded), "upstream mishandled")

    assert found.script.splitlines()[-3:] == ["y = x.exp()", "z = y * c", "z.backward()"]
    assert float(found.expected) == pytest.approx(-11 * math.exp(2.0))
    assert found.got == "-81.28"


class RefusesASecondPass(Value):
    def backward(self) -> None:
        if self.grad or any(node._prev and node.grad for node in self.topological_order()):
            raise RuntimeError("this graph is used up")
        super().backward()


def test_a_class_that_refuses_a_second_pass_has_no_mistake() -> None:
    report = diagnose(RefusesASecondPass)

    assert report
    assert report.findings == ()
    assert report.not_tried == (
        "a second backward pass, which ends in RuntimeError('this graph is used up')",
    )


# -- classes that fail ---------------------------------------------------------------------


def raises(*_: Any) -> Any:
    raise ValueError("broken on purpose")


def test_a_class_whose_operators_raise_is_reported() -> None:
    def unfinished(self: Value) -> Any:
        raise KeyError("tanh")

    parts = {"__add__": raises, "__mul__": raises, "tanh": unfinished}
    broken = type("Broken", (Value,), parts)
    report = diagnose(broken)
    found = finding(report, "an exception")

    assert not report
    assert found.operations == ("+", "*", "tanh")
    assert found.script == "x = Value(3.0)\nw = Value(5.0)\ny = x + w\ny.backward()"
    assert (found.expected, found.got) == ("8", "ValueError: broken on purpose")


def test_a_class_whose_backward_raises_is_reported() -> None:
    report = diagnose(type("Broken", (Value,), {"backward": raises}))

    assert not report
    assert finding(report, "an exception").got == "ValueError: broken on purpose"


def same_operand_computed(operands: tuple[Value, ...]) -> bool:
    return len(set(operands)) < len(operands) and bool(operands[0]._prev)


def same_leaf_twice(operands: tuple[Value, ...]) -> bool:
    return len(set(operands)) < len(operands) and not operands[0]._prev


def triangle(operands: tuple[Value, ...]) -> bool:
    return any(one in other._prev for one in operands for other in operands)


def computed_by_itself(operands: tuple[Value, ...]) -> bool:
    return len(operands) == 1 and bool(operands[0]._prev)


@pytest.mark.parametrize(
    ("refused", "shown"),
    [
        (same_operand_computed, ["y = x * w", "z = y + y", "z.backward()"]),
        (same_leaf_twice, ["y = x + x", "y.backward()"]),
        (triangle, ["y = x + w", "z = y + x", "z.backward()"]),
        (computed_by_itself, ["x = a + c", "y = x ** 3", "y.backward()"]),
    ],
)
def test_an_exception_in_some_graphs_is_reported_with_the_smallest(
    refused: Callable[[tuple[Value, ...]], bool], shown: list[str]
) -> None:
    class Picky(Value):
        def backward(self) -> None:
            if refused(self._prev):
                raise RuntimeError("no such graph, please")
            super().backward()

    report = diagnose(Picky)
    found = finding(report, "an exception")

    assert names_of_mistakes(report) == {"an exception"}
    assert found.got == "RuntimeError: no such graph, please"
    assert found.script.splitlines()[-len(shown) :] == shown


def test_an_exception_below_another_operation_is_reported() -> None:
    class Picky(Value):
        def backward(self) -> None:
            if self._prev and any(len(operand._prev) == 1 for operand in self._prev):
                raise RuntimeError("no functions inside, please")
            super().backward()

    found = finding(diagnose(Picky), "an exception")

    assert found.script.splitlines()[-3:] == ["y = x ** 3", "z = y * c", "z.backward()"]


def test_an_exception_in_a_long_expression_is_reported() -> None:
    class Small(Value):
        def backward(self) -> None:
            if len(self.topological_order()) > 1000:
                raise MemoryError("too many")
            super().backward()

    found = finding(diagnose(Small), "an exception")

    assert found.got == "MemoryError: too many"
    assert "for _ in range(" in found.script


class Stubs(Value):
    """Exercises that are still to do."""

    def __truediv__(self, other: Any) -> Any:
        raise NotImplementedError

    def tanh(self) -> Any:
        raise NotImplementedError("your code here")


def test_a_stub_counts_as_not_there() -> None:
    report = diagnose(Stubs)

    assert report
    assert report.not_there == ("/", "tanh")


class NoLeftNumbers:
    """A class of its own, without reflected operators."""

    def __init__(self, data: float, operands: Any = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.operands = operands

    def __add__(self, other: Any) -> "NoLeftNumbers":
        other = other if isinstance(other, NoLeftNumbers) else NoLeftNumbers(other)
        return NoLeftNumbers(self.data + other.data, (self, other))

    def backward(self) -> None:
        self.grad = 1.0
        todo = [self]
        while todo:
            node = todo.pop()
            for operand in node.operands:
                operand.grad += 1.0
                todo.append(operand)


def test_a_missing_reflected_operator_is_a_constant_refused() -> None:
    found = finding(diagnose(NoLeftNumbers), "constants refused")

    assert found.operations == ("+",)
    assert found.script == "x = Value(3.0)\ny = 2 + x\ny.backward()"
    assert found.got.startswith("TypeError: unsupported operand type(s) for +: 'int'")


def test_what_a_class_has_too_little_for_is_said_not_to_have_been_tried() -> None:
    report = diagnose(NoLeftNumbers)

    assert report.not_tried == ("whether operations pass on the gradient that comes in",)


class Nothing:
    pass


class NoGradient:
    def __init__(self, data: float) -> None:
        self.data = data


class NoBackward(NoGradient):
    grad = 0.0


class TwoArguments(NoBackward):
    def __init__(self, data: float, label: str) -> None:
        super().__init__(data)

    backward = raises


class WrongData(NoBackward):
    def __init__(self, data: float) -> None:
        super().__init__(2 * data)

    backward = raises


@pytest.mark.parametrize(
    ("wrong", "look", "expected", "got"),
    [
        (Nothing, "x.data", "3", "TypeError: Nothing() takes no arguments"),
        (NoGradient, "x.grad", "0", "nothing"),
        (NoBackward, "x.grad", "1", "AttributeError: 'NoBackward' object has no attribute"),
        (TwoArguments, "x.data", "3", "TypeError: TwoArguments.__init__() missing 1 required"),
        (WrongData, "x.data", "3", "6"),
    ],
)
def test_what_is_not_a_value_class_is_told_so(
    wrong: type[Any], look: str, expected: str, got: str
) -> None:
    report = diagnose(wrong)

    assert not report
    assert report.names == ("not a Value class",)
    assert (report.findings[0].look, report.findings[0].expected) == (look, expected)
    assert report.findings[0].got.startswith(got)


@pytest.mark.parametrize("thing", [Value(3.0), autograd, "Value", Value.backward])
def test_anything_but_a_class_is_refused(thing: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^diagnose needs a class, got .*; give it the class i"
    ):
        diagnose(thing)


class SeedCleared(Value):
    """Not seeded, and a gradient set from outside does not help either."""

    def backward(self) -> None:
        order = self.topological_order()
        for node in order:
            node.grad = 0.0
        for node in reversed(order):
            node._backward()


def test_a_root_that_cannot_be_seeded_from_outside_ends_the_diagnosis() -> None:
    report = diagnose(SeedCleared)

    assert report.names == ("root not seeded",)
    assert report.findings[0].script == "x = Value(3.0)\nx.backward()"
    assert report.not_tried == ("everything else, as long as backward() starts from 0",)


class NoOperations:
    def __init__(self, data: float) -> None:
        self.data = data
        self.grad = 0.0

    def backward(self) -> None:
        self.grad = 1.0


def test_a_class_without_operations_has_no_mistake_yet() -> None:
    report = diagnose(NoOperations)

    assert report
    assert report.findings == ()
    assert set(report.not_there) == {form.operation for form in FORMS}
    assert len(report.not_tried) == 4


# -- the report ----------------------------------------------------------------------------


def test_the_report_reads_as_it_should() -> None:
    expected = (GOLDEN / "zoo_report.txt").read_text("utf-8")

    assert f"{diagnose(SPECIMENS['overwritten gradients'])}\n" == expected


def test_a_report_shows_itself_as_its_text() -> None:
    report = diagnose(SPECIMENS["seed added"])

    assert repr(report) == str(report)
    assert str(report).startswith("SeedAdded: 1 mistake\n\nfinding ")


def test_mistakes_stand_before_limitations() -> None:
    report = diagnose(SPECIMENS["depth-first walk"])

    assert report.names == ("depth-first walk", "recursion", "stale intermediates")
    assert [found.kind for found in report.findings] == ["mistake", *["limitation"] * 2]
    assert report.findings == report.mistakes + report.limitations
    assert str(report).startswith("DepthFirstWalk: 1 mistake, 2 limitations\n")


# -- the page for teachers, and what importing costs ---------------------------------------


def first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").splitlines()[0]


def table() -> str:
    """Return the table of specimens for docs/zoo.md."""
    rows = ["| Name | Engine | What it does | Kind |", "| --- | --- | --- | --- |"]
    for name, engine in ENGINES.items():
        file = engine.__module__.rpartition(".")[2]
        kind = "limitation" if name in LIMITATIONS else "mistake"
        kind = "right" if engine is Value else kind
        rows.append(
            f"| `{name}` | `{file}.{engine.__name__}` | {first_line(engine)} | {kind} |"
        )
    return "\n".join(rows)


def test_the_page_shows_every_specimen_as_it_is() -> None:
    assert table() in PAGE.read_text("utf-8"), f"the table should be\n{table()}"


def test_importing_autograd_does_not_open_the_zoo() -> None:
    program = "import sys, autograd; print('autograd.zoo' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )

    assert done.stdout == "False\n"
