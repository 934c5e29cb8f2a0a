"""What autograd.strategies draws: numbers of a domain, programs that print, networks."""

import ast
import importlib
import math
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import autograd
from autograd import OPERATIONS, GradientError, NumberError, Value, strategies
from autograd.strategies import (
    SPECIAL,
    Network,
    Program,
    Step,
    check_property,
    networks,
    numbers,
    programs,
)
from tests.cases import CASES
from tests.checks import callable_of
from tests.oracles import real

if TYPE_CHECKING:
    from collections.abc import Callable

# What must come up is looked for in a settled number of tries, the same in every profile; and
# what fails is shrunk, but not explained, which takes longest.
THOROUGH = settings(
    max_examples=400,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
)

# For a test with a case for each operation: a twentieth of the profile's examples.
SPARSE = settings(max_examples=max(10, settings().max_examples // 20))


def drawn_by(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """Return many examples of a strategy."""
    examples: list[Any] = []

    @THOROUGH
    @given(strategy)
    def collect(example: Any) -> None:
        examples.append(example)

    collect()
    return examples


def moving(name: str) -> tuple[str, ...]:
    """Return the arguments of an operation that are not constants."""
    operation = OPERATIONS[name]
    return operation.arguments[: len(operation.arguments) - len(operation.constants)]


ARGUMENTS = [(name, argument) for name in OPERATIONS for argument in moving(name)]
every_argument = pytest.mark.parametrize(
    ("name", "argument"), ARGUMENTS, ids=[f"{name}-{argument}" for name, argument in ARGUMENTS]
)


def at(name: str, argument: str, x: float) -> list[float]:
    """Return operands with a number for one argument and 1 for the others."""
    return [x if other == argument else 1.0 for other in moving(name)]


def in_domain(name: str, argument: str, x: float) -> bool:
    """Return whether the definition has a real value of moderate size there."""
    exact = [real.mpf(z) for z in (*at(name, argument, x), *OPERATIONS[name].constants)]
    try:
        value = CASES[name].value(*exact)
    except (ArithmeticError, ValueError):
        return False
    return isinstance(value, real.mpf) and abs(value) <= sys.float_info.max


# -- numbers --------------------------------------------------------------------------------


@every_argument
def test_numbers_stay_in_the_domain(name: str, argument: str) -> None:
    @SPARSE
    @given(numbers(name, argument))
    def check(x: float) -> None:
        assert type(x) is float
        assert math.isfinite(x)
        assert in_domain(name, argument, x)
        assert math.isfinite(callable_of(name)(*at(name, argument, x)))

    check()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("abs", -math.inf, math.inf),
        ("log", 0.0, math.inf),
        ("asin", -1.0, 1.0),
        ("exp", -math.inf, 709.8),
    ],
)
def test_numbers_come_from_the_whole_domain_special_points_included(
    name: str, low: float, high: float
) -> None:
    drawn = drawn_by(numbers(name))
    assert low <= min(drawn)
    assert max(drawn) <= high
    for x in (-900.0, -20.0, -0.9, 0.9, 20.0, 500.0):
        if low < x < high:
            assert any(y <= x if x < 0 else y >= x for y in drawn), x
    special = {x for x in SPECIAL if in_domain(name, "x", x)}
    assert len(special) >= 5
    assert special <= set(drawn)
    zeros = {math.copysign(1.0, x) for x in drawn if x == 0.0}
    assert zeros == ({1.0, -1.0} if 0.0 in special else set())


def test_numbers_of_no_operation() -> None:
    with pytest.raises(NumberError) as caught:
        numbers("tanhh")
    message = str(caught.value)
    assert message.startswith("numbers got 'tanhh', 'x'; there are ['abs', 'acos', ")
    assert "'tanh'" in message


def test_numbers_of_no_argument() -> None:
    with pytest.raises(NumberError) as caught:
        numbers("tanh", "y")
    assert str(caught.value) == "numbers got 'tanh', 'y'; there are ['x']"


# -- programs -------------------------------------------------------------------------------


def floats_of(program: Program) -> list[float]:
    """Return the inputs and every step's value, by the public functions."""
    values = list(program.point)
    for step in program.steps:
        operands = [values[x] if type(x) is int else float(x) for x in step.operands]
        values.append(callable_of(step.operation)(*operands))
    return values


@given(programs(inputs=3, steps=7))
def test_programs_are_finite_at_their_point(program: Program) -> None:
    values = floats_of(program)
    assert len(program.point) == program.inputs == 3
    assert 1 <= len(program.steps) <= 7
    assert all(abs(x) < 1e4 for x in values)
    assert program(*program.point) == values[-1]


@given(programs(inputs=2, steps=6))
def test_steps_take_what_stands_above_them(program: Program) -> None:
    for number, step in enumerate(program.steps, start=program.inputs):
        assert len(step.operands) == len(moving(step.operation))
        places = [x for x in step.operands if type(x) is int]
        assert places
        assert all(0 <= x < number for x in places)
        assert all(type(x) in (int, float) for x in step.operands)


@given(programs(inputs=2, steps=6))
def test_a_program_prints_as_code_that_is_the_same_function(program: Program) -> None:
    text = repr(program)
    names: dict[str, Any] = {"autograd": autograd}
    exec(text, names)  # noqa: S102 - what it prints is for pasting
    pasted = names["program"]
    assert pasted(*program.point) == program(*program.point)
    ours, theirs = ([Value(x) for x in program.point] for _ in range(2))
    a, b = program(*ours), pasted(*theirs)
    assert [row.operation for row in a.tape] == [row.operation for row in b.tape]
    a.backward()
    b.backward()
    assert repr([x.grad for x in ours]) == repr([x.grad for x in theirs])
    assert text.endswith(f"\n# at {program.point}")
    assert ast.literal_eval(text.rpartition("# at ")[2]) == program.point


def test_a_program_as_it_prints() -> None:
    program = Program(
        2,
        (
            Step("mul", (0, 1)),
            Step("tanh", (2,)),
            Step("sub", (3, -1.5)),
            Step("pow", (2.0, 4)),
        ),
        (0.5, -1.0),
    )
    assert repr(program) == (
        "def program(x0, x1):\n"
        "    t0 = x0 * x1\n"
        "    t1 = autograd.tanh(t0)\n"
        "    t2 = t1 - -1.5\n"
        "    t3 = autograd.pow(2.0, t2)\n"
        "    return t3\n"
        "# at (0.5, -1.0)"
    )
    assert program(0.5, -1.0) == math.pow(2.0, math.tanh(-0.5) + 1.5)


def test_operations_can_be_chosen() -> None:
    @given(programs(operations=("add", "sin")))
    def check(program: Program) -> None:
        assert {step.operation for step in program.steps} <= {"add", "sin"}

    check()


def test_what_is_left_out_has_no_slope_or_is_no_function_of_numbers() -> None:
    left_out = set(OPERATIONS) - set(strategies.OPERATIONS)
    assert left_out == {
        "sign", "floor", "ceil", "round", "where", "stop_gradient", "identity", "mod"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code", "point"),
    [
        ("minimum", "autograd.minimum(x1, x1)", (0.0, 0.0)),
        ("acosh", "autograd.acosh(x1)", (0.0, 1.0)),
        ("gelu", "autograd.gelu(x1)", (0.0, 0.0)),
        ("div", "x1 / x1", (0.0, 1.0)),
    ],
)
def test_a_failing_program_shrinks_to_the_step_that_fails(
    name: str, code: str, point: tuple[float, ...]
) -> None:
    # As if the slope of one operation were wrong.
    def wrong(program: Program) -> bool:
        return any(step.operation == name for step in program.steps)

    found = find(programs(inputs=2, steps=8), wrong, settings=THOROUGH)
    assert repr(found) == f"def program(x0, x1):\n    t0 = {code}\n    return t0\n# at {point}"


def test_a_program_that_fails_by_two_of_its_steps_shrinks_to_those() -> None:
    def wrong(program: Program) -> bool:
        names = [*[""] * program.inputs, *(step.operation for step in program.steps)]
        return any(
            step.operation == "mul" and {"sin", "log"} & {names[int(x)] for x in step.operands}
            for step in program.steps
        )

    drawn = programs(inputs=1, steps=8, operations=("add", "mul", "sin", "log", "tanh"))
    found = find(drawn, wrong, settings=THOROUGH)
    assert [step.operation for step in found.steps] in (["sin", "mul"], ["log", "mul"])
    assert found.steps[1].operands == (1, 1)


def test_a_wrong_rule_shrinks_to_a_program_of_one_step() -> None:
    functions = {
        **vars(autograd),
        "sinh": autograd.operation("sinh(x)", name="off", dx="1.001 * cosh(x)"),
    }

    def wrong(program: Program) -> bool:
        names: dict[str, Any] = {"autograd": SimpleNamespace(**functions)}
        exec(repr(program), names)  # noqa: S102 - what it prints is for pasting
        return not autograd.check_gradients(names["program"], *program.point, modes="reverse")

    drawn = programs(inputs=1, steps=4, operations=("add", "mul", "sinh", "tanh"))
    assert find(drawn, wrong, settings=THOROUGH) == Program(1, (Step("sinh", (0,)),), (0.0,))


def test_a_property_of_values_shrinks_to_short_numbers() -> None:
    found = find(
        programs(inputs=1, steps=5, operations=("mul", "add")),
        lambda p: p(*p.point) > 2.0,
        settings=THOROUGH,
    )
    assert len(found.steps) <= 2
    assert all(round(x, 2) == x for x in found.point)


def test_operations_and_operands_of_every_kind_come_up() -> None:
    examples = drawn_by(programs(steps=8))
    steps = [step for p in examples for step in p.steps]
    came_up = {step.operation for step in steps}
    assert came_up <= set(strategies.OPERATIONS)
    # acosh and the like hold at few operands.
    assert len(came_up) > 0.9 * len(strategies.OPERATIONS)
    assert any(type(step.operands[0]) is float for step in steps)
    assert any(type(step.operands[-1]) is float for step in steps)
    assert any(step.operands == (0, 0) for step in steps)
    places = [[int(x) for s in p.steps for x in s.operands if type(x) is int] for p in examples]
    assert any(len(used) > len(set(used)) for used in places)
    assert any(not {0, 1} <= set(used) for used in places)


# -- networks -------------------------------------------------------------------------------


def by_hand(network: Network) -> float:
    """Return the network with loops and math alone."""
    functions: dict[str, Callable[[float], float]] = {
        "tanh": math.tanh,
        "relu": lambda x: max(x, 0.0),
    }
    function = functions[network.activation]
    x = list(network.point)
    for depth, layer in enumerate(network.weights):
        sums = []
        for row in layer:
            out = row[-1]
            for w, z in zip(row[:-1], x, strict=True):
                out += w * z
            sums.append(out)
        x = sums if depth == len(network.weights) - 1 else [function(z) for z in sums]
    out = x[0]
    for z in x[1:]:
        out += z
    return out


@given(networks(widest=4, deepest=3, activations=("tanh", "relu")))
def test_networks_compute_what_networks_do(network: Network) -> None:
    assert network(network.point) == by_hand(network)
    widths = [len(network.point), *(len(layer) for layer in network.weights)]
    assert 2 <= len(widths) <= 4
    assert all(1 <= width <= 4 for width in widths)
    for fan_in, layer in zip(widths, network.weights, strict=False):
        assert {len(row) for row in layer} == {fan_in + 1}


@given(networks())
def test_networks_take_weights_of_their_own(network: Network) -> None:
    weights = [[[Value(w) for w in row] for row in layer] for layer in network.weights]
    out = network(network.point, weights)
    out.backward()
    assert out.data == by_hand(network)
    # The result is the sum of the outputs, so the slope of each output's bias is 1.
    assert [row[-1].grad for row in weights[-1]] == [1.0] * len(weights[-1])


def test_networks_shrink_to_the_smallest() -> None:
    assert find(networks(), lambda n: True, settings=THOROUGH) == Network(
        (((0.0, 0.0),),), "tanh", (0.0,)
    )


# -- check_property -------------------------------------------------------------------------


def test_a_property_of_a_right_function_holds_and_points_without_a_value_say_nothing() -> None:
    @check_property(st.integers(-4, 4).map(float), modes="reverse")
    def holds(x: Any) -> Any:
        return 1.0 / x

    holds()


def test_a_property_fails_at_the_simplest_point_and_brings_what_to_draw() -> None:
    off = autograd.operation("x * x if x > 1.0 else x", name="off", dx="1.0")

    @check_property(numbers("abs"), modes="reverse")
    def fails(x: Any) -> Any:
        return off(x) * 2.0

    with pytest.raises(GradientError) as caught:
        fails()
    report = caught.value.report
    assert report.function == "fails"
    assert report.point == {"x": 2.0}
    assert [row.label for row in report.root.tape] == ["x", "wrong off", ""]


def test_missing_hypothesis_says_what_to_install() -> None:
    with mock.patch.dict(sys.modules, {"hypothesis": None}):
        del sys.modules["autograd.strategies"]
        with pytest.raises(ModuleNotFoundError) as caught:
            importlib.import_module("autograd.strategies")
    assert str(caught.value) == (
        "autograd.strategies needs hypothesis, which is not installed: "
        'pip install "wengert[check]"'
    )
    assert caught.value.name == "hypothesis"
