"""Every message, by its text: what was expected, what came, where, and what to do."""

import math
import re
import threading
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import autograd
from autograd import (
    OPERATIONS,
    ConversionError,
    DomainError,
    LengthError,
    NumberError,
    PoleError,
    RangeError,
    Tape,
    TapeError,
    Value,
    ieee,
    no_grad,
)
from autograd.reductions import REDUCTIONS
from tests.cases import CASES
from tests.checks import callable_of
from tests.failures import FAILURES, IDS, Failure


def says(text: str) -> str:
    """Return a pattern for a message that contains a text."""
    return re.escape(text)


def message_of(function: Callable[[], object], error: type[Exception]) -> str:
    """Return the message of the error that a function raises."""
    with pytest.raises(error) as caught:
        function()
    return str(caught.value)


# -- domains ----------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", FAILURES, ids=IDS)
def test_forward_raises_what_plain_python_raises(failure: Failure) -> None:
    with pytest.raises((ValueError, ArithmeticError)) as plain:
        failure.plain(*failure.operands)
    with pytest.raises((ValueError, ArithmeticError)) as ours:
        callable_of(failure.name)(*map(Value, failure.operands))
    assert isinstance(ours.value, plain.type)
    assert type(ours.value) in {DomainError, PoleError, RangeError}


@pytest.mark.parametrize("failure", FAILURES, ids=IDS)
def test_message_names_operation_operands_and_the_way_out(failure: Failure) -> None:
    call = callable_of(failure.name)
    message = message_of(lambda: call(*map(Value, failure.operands)), Exception)
    assert message.startswith(failure.says + " (")
    assert message.endswith("; `with autograd.ieee():` gives inf or nan instead")


@pytest.mark.parametrize("failure", FAILURES, ids=IDS)
def test_message_names_the_labels_of_operands(failure: Failure) -> None:
    call = callable_of(failure.name)
    labelled = [Value(x, label=f"operand {k}") for k, x in enumerate(failure.operands)]
    message = message_of(lambda: call(*labelled), Exception)
    for k, x in enumerate(failure.operands):
        assert f"= {x!r} (labelled 'operand {k}')" in message


@pytest.mark.parametrize("failure", FAILURES, ids=IDS)
def test_message_is_the_same_against_constants_and_for_floats(failure: Failure) -> None:
    call = callable_of(failure.name)
    operands = failure.operands
    if len(operands) == 2:
        x, y = operands
        for given in ((Value(x), y), (x, Value(y))):
            message = message_of(lambda given=given: call(*given), Exception)  # type: ignore[misc]
            assert message.startswith(failure.says + " (")
    if hasattr(autograd, failure.name):
        function = getattr(autograd, failure.name)
        message = message_of(lambda: function(*operands), Exception)
        assert message.startswith(failure.says + " (")


@pytest.mark.parametrize("failure", FAILURES, ids=IDS)
def test_ieee_mode_raises_nothing(failure: Failure) -> None:
    with ieee():
        values = [Value(x) for x in failure.operands]
        out = callable_of(failure.name)(*values)
        out.backward()
    assert not math.isfinite(out.data)


def test_every_operation_with_a_domain_fails_somewhere() -> None:
    with_domain = {name for name in OPERATIONS if OPERATIONS[name].domain}
    assert with_domain <= {failure.name for failure in FAILURES}


@pytest.mark.parametrize("failure", FAILURES, ids=IDS)
def test_domain_in_the_message_is_false_where_it_is_said(failure: Failure) -> None:
    operation = OPERATIONS[failure.name]
    names = dict(zip(operation.arguments, failure.operands, strict=True))
    if "too large" not in failure.says and operation.domain:
        assert not eval(operation.domain, {"inf": math.inf}, names)  # noqa: S307 - our table


@pytest.mark.parametrize("name", [name for name in OPERATIONS if OPERATIONS[name].domain])
def test_domain_is_true_where_the_operation_has_a_value(name: str) -> None:
    operation = OPERATIONS[name]
    for point in CASES[name].points:
        names = dict(zip(operation.arguments, point, strict=True))
        assert eval(operation.domain, {"inf": math.inf}, names), point  # noqa: S307


def test_message_names_the_users_file_and_line() -> None:
    x = Value(-1.0, label="p")
    with pytest.raises(DomainError) as caught:
        x.log()
    line = test_message_names_the_users_file_and_line.__code__.co_firstlineno + 3
    assert str(caught.value) == (
        f"log(x) needs x > 0, got x = -1.0 (labelled 'p') ({__file__}, line {line}: x.log()); "
        "`with autograd.ieee():` gives inf or nan instead"
    )


@pytest.mark.parametrize("module", ["nn.layers", "viz.graph", "autograd.functions"])
def test_message_names_the_users_line_and_not_one_of_ours(module: str) -> None:
    names: dict[str, Any] = {"__name__": module}
    exec("def ours(x):\n    return x.log()", names)  # noqa: S102 - as if it stood there
    with pytest.raises(DomainError, match=says(f"({__file__}, line ")):
        names["ours"](Value(0.0))


def test_message_without_readable_source_still_names_the_line() -> None:
    code = compile("\n\nx.log()", "<typed in>", "exec")
    with pytest.raises(DomainError, match=says("(<typed in>, line 3)")):
        exec(code, {"x": Value(0.0)})  # noqa: S102 - as a notebook does


def test_errors_do_not_show_the_error_they_replace() -> None:
    with pytest.raises(DomainError) as caught:
        Value(0.0).log()
    assert caught.value.__suppress_context__


def test_negative_base_with_a_fraction_does_not_turn_complex() -> None:
    with pytest.raises(DomainError, match=says("got x = -8.0, y = 0.333")):
        Value(-8.0) ** (1 / 3)
    with pytest.raises(DomainError, match=says("got x = -8.0, y = 0.333")):
        (-8.0) ** Value(1 / 3)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (DomainError, ValueError),
        (PoleError, ZeroDivisionError),
        (RangeError, OverflowError),
        (NumberError, TypeError),
        (ConversionError, TypeError),
        (LengthError, ValueError),
        (TapeError, RuntimeError),
    ],
)
def test_every_error_is_a_kind_of_the_builtin(
    error: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(error, builtin)


# -- conversions that would lose the gradient -------------------------------------------------

NO_FLOAT = (
    "a Value does not turn into a plain number by itself, because its gradient would be lost: "
    'use v.data for the number, as in f"{v.data:.3f}" for "%.3f" % v, or autograd.sin(v) and '
    "the like for math.sin(v)"
)


@pytest.mark.parametrize(
    ("convert", "start"),
    [
        (float, "float(v): "),
        (int, "int(v): "),
        (math.sin, "float(v): "),
        (complex, "float(v): "),
        (math.trunc, "math.trunc(v): "),
        (lambda v: math.pow(v, 2.0), "float(v): "),
        (lambda v: math.fsum([v]), "float(v): "),
        (lambda v: "%.3f" % v, "float(v): "),  # noqa: UP031 - as learners write it
    ],
    ids=["float", "int", "sin", "complex", "trunc", "pow", "fsum", "percent"],
)
def test_conversion_to_a_plain_number_is_refused(
    convert: Callable[[Any], object], start: str
) -> None:
    assert message_of(lambda: convert(Value(2.0)), ConversionError) == start + NO_FLOAT


def test_a_value_is_no_index() -> None:
    with pytest.raises(TypeError):
        [1, 2, 3][Value(1.0)]  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        range(Value(3.0))  # type: ignore[call-overload]


def test_rounding_to_digits_is_refused() -> None:
    with pytest.raises(ConversionError, match=says("round(v, 2): use round(v.data, 2)")):
        round(Value(1.234), 2)


@pytest.mark.parametrize("number", [2.0, 2, True, Fraction(1, 2), 2j])
def test_equality_with_a_number_is_refused_by_the_operator_that_was_written(
    number: Any,
) -> None:
    v: Any = Value(2.0)
    asked: list[tuple[str, Callable[[], object]]] = [
        ("==", lambda: v == number),
        ("==", lambda: number == v),
        ("==", lambda: [number].index(v)),
        ("!=", lambda: v != number),
        ("!=", lambda: number != v),
    ]
    for written, compare in asked:
        assert message_of(compare, ConversionError) == (
            f"v {written} {number!r} is refused: == and != between Values ask whether they are "
            "the same Value; compare numbers with v.data, or order with < and >"
        )


def test_what_is_neither_value_nor_number_is_different() -> None:
    v: Any = Value(2.0)
    assert v != "2.0"
    assert v != None  # noqa: E711 - as learners write it
    assert not v != v  # noqa: PLR0124, SIM202 - the operator itself


def test_copy_and_pickle_of_a_computed_value_are_refused() -> None:
    import copy  # noqa: PLC0415
    import pickle  # noqa: PLC0415

    y = Value(2.0) * 3.0
    expected = (
        "only leaves can be copied or pickled; a computed Value belongs to its tape: "
        "use v.detach() for a leaf with the same data"
    )
    for refuse in (copy.copy, copy.deepcopy, pickle.dumps):
        assert message_of(lambda: refuse(y), ConversionError) == expected  # noqa: B023


# -- what is no number ------------------------------------------------------------------------

NO_NUMBERS: list[tuple[Any, str]] = [
    ("2", "got '2' (str); convert it with float(...)"),
    (None, "got None (NoneType)"),
    (1j, "got 1j (complex); use the real and imaginary parts as two numbers"),
    (
        [1.0],
        "got [1.0] (list); functions of lists are dot, total, mean, prod, logsumexp, amax",
    ),
    ((1.0, 2.0), "got (1.0, 2.0) (tuple); functions of lists are dot"),
    ({}, "got {} (dict)"),
    (b"2", "got b'2' (bytes)"),
    ({1.0}, "got {1.0} (set)"),
]
no_number = pytest.mark.parametrize(
    ("thing", "got"), NO_NUMBERS, ids=[type(thing).__name__ for thing, _ in NO_NUMBERS]
)


@no_number
def test_value_of_what_is_no_number(thing: Any, got: str) -> None:
    with pytest.raises(NumberError, match=says(f"Value needs one real number, {got}")):
        Value(thing)


@no_number
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "%", "**"])
def test_operator_on_what_is_no_number(symbol: str, thing: Any, got: str) -> None:
    call = callable_of({op.symbol: op.name for op in OPERATIONS.values() if op.infix}[symbol])
    expected = says(f"x {symbol} y needs one real number, {got}")
    with pytest.raises(NumberError, match=expected):
        call(Value(2.0), thing)
    if not (symbol == "%" and isinstance(thing, (str, bytes))):  # that is formatting
        with pytest.raises(NumberError, match=expected):
            call(thing, Value(2.0))


ONE = [row.name for row in OPERATIONS.values() if row.name != "neg" and len(row.arguments) == 1]
TWO = [
    row.name
    for row in OPERATIONS.values()
    if row.arguments == ("x", "y") and hasattr(autograd, row.name)
]


@no_number
@pytest.mark.parametrize("name", ["neg", *ONE])
def test_function_of_what_is_no_number(name: str, thing: Any, got: str) -> None:
    with pytest.raises(NumberError, match=says(f"{name} needs one real number, {got}")):
        getattr(autograd, name)(thing)


@no_number
@pytest.mark.parametrize("name", TWO)
def test_function_of_two_with_what_is_no_number(name: str, thing: Any, got: str) -> None:
    function = getattr(autograd, name)
    for given in ((Value(2.0), thing), (thing, Value(2.0)), (2.0, thing), (thing, 2.0)):
        with pytest.raises(NumberError, match=says(f"needs one real number, {got}")):
            function(*given)


class Stranger:
    """Something that no operation knows."""


METHODS = [name for name in TWO if hasattr(Value, name) and name not in {"mod", "pow"}]


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("thing", [Stranger(), Decimal(2)], ids=["object", "Decimal"])
def test_method_with_a_stranger_says_so(name: str, thing: Any) -> None:
    with pytest.raises(NumberError, match="needs one real number, got"):
        getattr(Value(2.0), name)(thing)


def test_operator_with_a_stranger_is_pythons_own_error() -> None:
    stranger: Any = Stranger()
    with pytest.raises(TypeError, match="unsupported operand type"):
        Value(2.0) + stranger
    with pytest.raises(TypeError, match="unsupported operand type"):
        stranger * Value(2.0)


def test_operator_with_a_decimal_is_refused() -> None:
    number: Any = Decimal(2)
    refused = "unsupported operand type|needs one real number"
    with pytest.raises(TypeError, match=refused):
        Value(2.0) + number
    with pytest.raises(TypeError, match=refused):
        number + Value(2.0)


def test_ordering_with_what_is_no_number() -> None:
    for thing in ("2", None, [1.0]):
        with pytest.raises(TypeError, match="not supported between"):
            Value(2.0) < thing  # noqa: B015
    with pytest.raises(NumberError, match="a comparison needs one real number, got 2j"):
        Value(2.0) < 2j  # noqa: B015


def test_a_number_beyond_the_range_of_floats() -> None:
    with pytest.raises(
        NumberError, match=says("Value needs a number within the range of a float, got 1000")
    ):
        Value(10**400)
    with pytest.raises(NumberError, match="x \\* y needs a number within the range of a float"):
        Value(1.0) * 10**400


def test_value_of_a_value_points_to_detach() -> None:
    with pytest.raises(
        NumberError,
        match=says("got Value(data=2.0, grad=0.0) (Value); use v.detach() for a copy"),
    ):
        Value(Value(2.0))


def test_a_long_repr_is_cut_short() -> None:
    message = message_of(lambda: Value("x" * 1000), NumberError)
    assert len(message) < 200
    assert "..." in message


def test_data_and_gradient_take_numbers_only() -> None:
    x = Value(1.0)
    with pytest.raises(NumberError, match=says("data needs one real number, got 'a' (str)")):
        x.data = "a"
    with pytest.raises(NumberError, match=says("grad needs one real number, got 'a' (str)")):
        x.grad = "a"
    assert (x.data, x.grad) == (1.0, 0.0)


@pytest.mark.parametrize("seed", ["1", None, 1j, [1.0]])
def test_seed_that_is_no_number(seed: Any) -> None:
    x = Value(2.0)
    y = x * x
    with pytest.raises(NumberError, match="backward needs one real number, got"):
        y.backward(seed)
    assert x.gradient is None


# -- lists ------------------------------------------------------------------------------------

LISTS = [name for name in REDUCTIONS if name != "dot"]


@pytest.mark.parametrize("name", ["mean", "logsumexp", "amax", "amin", "softmax"])
def test_reduction_of_nothing(name: str) -> None:
    start = name
    nothings: list[Any] = [[], (), iter(())]
    for nothing in nothings:
        with pytest.raises(
            LengthError, match=says(f"{start} needs at least one number, got an empty list")
        ):
            getattr(autograd, name)(nothing)


def test_empty_sums_and_products_are_numbers() -> None:
    results: list[Any] = [autograd.total([]), autograd.prod([]), autograd.dot([], [])]
    assert results == [0.0, 1.0, 0.0]
    assert {type(result) for result in results} == {float}


@pytest.mark.parametrize("name", [*LISTS, "softmax"])
@pytest.mark.parametrize("thing", [Value(1.0), 2.0, None, "1,2", b"12", {1.0: 2.0}])
def test_reduction_of_what_is_no_list(name: str, thing: Any) -> None:
    with pytest.raises(NumberError, match=f"{name} needs a list of numbers, got "):
        getattr(autograd, name)(thing)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("given", [[Value(1.0), "x"], [1.0, "x"], ["x"]])
def test_reduction_over_what_is_no_number(name: str, given: list[Any]) -> None:
    with pytest.raises(NumberError, match=says(f"{name} needs one real number, got 'x' (str)")):
        getattr(autograd, name)(given)


def test_dot_of_wrong_lengths() -> None:
    v = Value(1.0)
    for xs, ys in (([v], [1.0, 2.0]), ([v, v], [v]), ([1.0], []), ([v], [])):
        expected = (
            f"dot needs two lists of the same length, got {len(xs)} and {len(ys)} numbers"
        )
        with pytest.raises(LengthError, match=says(expected)):
            autograd.dot(xs, ys)
        with pytest.raises(LengthError, match=says(expected)):
            autograd.dot(xs, ys, v)


def test_dot_of_what_is_no_number() -> None:
    v = Value(1.0)
    for xs, ys, start in (
        ([v], ["x"], v),
        (["x"], [v], v),
        ([v], ["x"], 0.0),
        ([v], [1.0], "x"),
        ([v, v], [1.0, "x"], v),
        ([v, v], [v, "x"], v),
    ):
        with pytest.raises(NumberError, match=says("dot needs one real number, got 'x' (str)")):
            autograd.dot(xs, ys, start)
    with pytest.raises(NumberError, match=says("dot needs a list of numbers, got 2.0 (float)")):
        autograd.dot([v], 2.0)  # type: ignore[arg-type]


# -- other arguments --------------------------------------------------------------------------


@pytest.mark.parametrize("low", [2.0, "v"])
@pytest.mark.parametrize("high", [1.0, "v"])
@pytest.mark.parametrize("x", [0.0, "v"])
def test_clamp_with_bounds_the_wrong_way_round(x: Any, low: Any, high: Any) -> None:
    given = [
        Value(number) if thing == "v" else thing
        for thing, number in ((x, 0.0), (low, 2.0), (high, 1.0))
    ]
    with pytest.raises(
        (TypeError, ValueError), match=r"clamp needs low <= high, got low = .*2\.0.*, high = "
    ):
        autograd.clamp(*given)


def test_clamp_with_a_bound_that_is_no_number() -> None:
    for given in ((Value(1.0), "a", 2.0), (1.0, None, "a"), ("a", 0.0, 1.0)):
        with pytest.raises(NumberError, match=says("needs one real number, got 'a' (str)")):
            autograd.clamp(*given)


@pytest.mark.parametrize("name", ["leaky_relu", "elu"])
@pytest.mark.parametrize("x", [Value(1.0), 1.0])
def test_parameters_of_activations_are_numbers(name: str, x: Any) -> None:
    for parameter, got in (("a", "'a' (str)"), (None, "None (NoneType)")):
        with pytest.raises(NumberError, match=says(f"{name} needs one real number, got {got}")):
            getattr(autograd, name)(x, parameter)
    with pytest.raises(NumberError, match=says(f"{name} needs one real number, got Value(")):
        getattr(autograd, name)(x, Value(0.5))


def test_where_with_what_is_no_number() -> None:
    with pytest.raises(NumberError, match=says("where needs one real number, got 'x' (str)")):
        autograd.where(True, Value(1.0), "x")


# -- operations of one's own ------------------------------------------------------------------


def test_children_must_be_values() -> None:
    with pytest.raises(NumberError, match=says("children must be Values, got 2.0 (float)")):
        Value(4.0, (Value(2.0), 2.0), "mine")  # type: ignore[arg-type]


def test_each_child_needs_one_local_derivative() -> None:
    expected = "each child needs one local derivative, got 1 children and 2 derivatives"
    with pytest.raises(NumberError, match=says(expected)):
        Value(4.0, (Value(2.0),), (1.0, 2.0))
    with pytest.raises(NumberError, match=says("a local derivative needs one real number")):
        Value(4.0, (Value(2.0),), ("a",))  # type: ignore[arg-type]


# -- tapes and sweeps -------------------------------------------------------------------------


@pytest.mark.parametrize("thing", [2.0, None, [Value(1.0)], "loss"])
def test_backward_on_what_is_no_value(thing: Any) -> None:
    expected = "; a result is a Value only if something it was computed from is one"
    with pytest.raises(NumberError, match="backward needs a Value, got ") as caught:
        autograd.backward(thing)
    assert str(caught.value).endswith(expected)


NOWHERE = (
    "this Value was computed under no_grad, so there is no tape to go back over; "
    "compute it outside no_grad, or call backward before detaching"
)


def test_backward_on_a_result_of_no_grad() -> None:
    x = Value(2.0)
    with no_grad():
        y = x * x
        assert message_of(y.backward, TapeError) == NOWHERE
    assert message_of(y.backward, TapeError) == NOWHERE


@pytest.mark.parametrize(
    "look",
    [repr, lambda y: y.grad, hash, lambda y: y.tape, lambda y: y._prev, lambda y: y * 2.0],
    ids=["repr", "grad", "hash", "tape", "_prev", "used"],
)
def test_looking_at_a_result_of_no_grad_does_not_change_it(
    look: Callable[[Value], object],
) -> None:
    x = Value(2.0)
    with no_grad():
        y = x * x
    look(y)
    assert message_of(y.backward, TapeError) == NOWHERE


def test_tape_used_twice() -> None:
    tape = Tape()
    with tape:
        pass
    expected = (
        "a Tape records one `with` block, and this one has been used; make a new Tape() for "
        "the next block"
    )
    assert message_of(tape.__enter__, TapeError) == expected
    with Tape() as outer:
        assert message_of(outer.__enter__, TapeError) == expected


def test_tape_left_in_another_thread() -> None:
    errors: list[str] = []

    def leave() -> None:
        errors.append(message_of(lambda: tape.__exit__(None, None, None), TapeError))

    with Tape() as tape:
        thread = threading.Thread(target=leave)
        thread.start()
        thread.join()
    assert errors == [
        "a Tape must be left in the thread that entered it; open one Tape in each thread"
    ]


def test_tape_that_was_never_entered_cannot_be_left() -> None:
    with pytest.raises(TapeError):
        Tape().__exit__(None, None, None)


# -- modes are put back -----------------------------------------------------------------------


def test_modes_are_put_back_when_their_block_fails() -> None:
    for mode in (no_grad(), ieee()):
        with pytest.raises(KeyError), mode:
            raise KeyError
    x = Value(2.0)
    assert len((x * x).tape) == 2
    with pytest.raises(PoleError):
        x / 0.0


def test_modes_nest_and_may_be_entered_again() -> None:
    x, mode, infinite = Value(2.0), no_grad(), ieee()
    with mode, mode:
        with mode:
            pass
        inside = x * x
    outside = x * x
    assert (len(inside.tape), len(outside.tape)) == (1, 2)
    with infinite, infinite:
        pass
    with pytest.raises(PoleError):
        x / 0.0


def test_modes_are_decorators_too() -> None:
    @no_grad()
    def square(x: Value) -> Any:
        return x * x

    @ieee()
    def inverse(x: Value) -> Any:
        return 1.0 / x

    x = Value(2.0)
    assert len(square(x).tape) == 1
    assert inverse(Value(0.0)).data == math.inf
    assert len((x * x).tape) == 2
