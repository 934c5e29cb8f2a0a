"""Operations of your own: a new row of the table, from formulas or from functions.

A custom operation is usable in everything that a built-in one is: recorded, swept, listed and
drawn, differentiated again, replayed on other numbers and checked. Knows how a definition is
checked and entered; what is made of a row is the business of the other files.
"""

import ast
import inspect
from collections.abc import Callable
from typing import Any

from autograd.errors import DefinitionError, shown
from autograd.formulas import FLOAT_NAMES, IEEE_NAMES, OWN_NAMES
from autograd.lists import record_many
from autograd.numbers import real
from autograd.operations import AGAIN, BUILT_IN, TABLE, Operation
from autograd.recorders import NAMESPACE, generated
from autograd.reductions import REDUCTIONS
from autograd.rows import CHECKPOINT, CUSTOM, LEAF
from autograd.value import Value

Rule = str | Callable[..., Any]


def operation(
    value: Rule | None = None,
    *,
    name: str | None = None,
    domain: str = "",
    **partials: Rule,
) -> Any:
    """Return a new operation for floats and Values; a decorator if `value` is left out.

    Args:
        value: the value, as the text of a formula in the names of the arguments, or as a
            function of floats.
        name: what the operation is called; a function's own name if left out.
        domain: where it is defined, for messages, such as "x > 0".
        partials: one local derivative for each argument: `dx` for the argument `x`, and so
            on. Text of a formula, in which `out` is the value, or a function of the same
            arguments (and of `out`, if it has one more of that name). To be differentiated
            again, a function must be made of operators and autograd's functions. Where the
            value is a text, the operation takes its arguments in the order of these.

    Raises:
        DefinitionError: if a derivative is missing or too much, takes other arguments than
            the value, uses a name that no formula knows, or the name is a built-in's.

    Example:
        >>> cube = operation("x * x * x", name="cube", dx="3.0 * x * x")
        >>> v = Value(2.0)
        >>> cube(v).backward()
        >>> v.grad
        12.0
        >>> @operation(dx=lambda x, y: y, dy=lambda x, y: x)
        ... def times(x, y):
        ...     return x * y
        >>> times(3.0, 4.0)
        12.0
    """
    if value is None:
        return lambda function: operation(function, name=name, domain=domain, **partials)
    name = str(name or getattr(value, "__name__", ""))
    if not name.isidentifier() or name == "<lambda>":
        raise DefinitionError(f"an operation needs a name that is an identifier, got {name!r}")
    if name in BUILT_IN or name in REDUCTIONS or name in _KINDS:
        raise DefinitionError(
            f"{name} is an operation of the table already; choose another name"
        )
    arguments = _arguments(value, partials, name)
    key = _free_key(name)
    formulas = [
        _formula(f"d{argument}", partials[f"d{argument}"], key, arguments)
        for argument in arguments
    ]
    # The recorders of one and two operands are written in x and y.
    standard = {1: ("x",), 2: ("x", "y")}.get(len(arguments), arguments)
    renaming = dict(zip(arguments, standard, strict=True))
    about = str((inspect.getdoc(value) or name) if callable(value) else value)
    TABLE[key] = Operation(
        key,
        name,
        standard,
        _renamed(f"float({_formula('value', value, key, arguments)})", renaming),
        tuple(_renamed(formula, renaming) for formula in formulas),
        about.split("\n", maxsplit=1)[0].rstrip("."),
        domain,
    )
    return _function(key, name, value, arguments)


def _free_key(name: str) -> str:
    """Return the name, marked if it was defined before: rows on tapes keep the old rule."""
    key, count = name, 1
    while key in TABLE:
        count += 1
        key = f"{name}{AGAIN}{count}"
    return key


# What listings call rows that are no operation of the table.
_KINDS = frozenset({LEAF, CUSTOM.strip(), CHECKPOINT})


def _parameters(function: Callable[..., Any], name: str) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except ValueError:
        raise DefinitionError(
            f"{name}: {shown(function)} does not say what arguments it takes; wrap it in a "
            "function of your own"
        ) from None


def _arguments(value: Rule, partials: dict[str, Rule], name: str) -> tuple[str, ...]:
    """Return the names of the arguments, having checked that each has a derivative."""
    for key in partials:
        if not key.startswith("d") or len(key) < 2:
            raise DefinitionError(
                f"{name}: a derivative is given as dx=..., for the argument x; got {key}=..."
            )
    named = tuple(key[1:] for key in partials)
    arguments = named if isinstance(value, str) else _parameters(value, name)
    if not arguments:
        raise DefinitionError(
            f"{name} needs at least one argument with its derivative: of an argument x, "
            'as in operation("x * x", name="square", dx="2 * x")'
        )
    if missing := [f"d{x}" for x in arguments if x not in named]:
        raise DefinitionError(
            f"{name} needs a derivative for each argument; missing: {missing}"
        )
    if extra := [f"d{x}" for x in named if x not in arguments]:
        raise DefinitionError(f"{name}({', '.join(arguments)}) has no argument for {extra}")
    return arguments


def _formula(role: str, rule: Rule, name: str, arguments: tuple[str, ...]) -> str:
    """Return the text of a rule; a function becomes a call of it under a name of its own."""
    title = name.partition(AGAIN)[0]
    if isinstance(rule, str):
        return _checked(role, rule, title, arguments)
    if not callable(rule):
        raise DefinitionError(
            f"{title}: {role} needs a formula or a function, got {shown(rule)}"
        )
    parameters = _parameters(rule, title)
    takes_out = role != "value" and len(parameters) == len(arguments) + 1
    if len(parameters) != len(arguments) + takes_out or (takes_out and parameters[-1] != "out"):
        raise DefinitionError(
            f"{title}: {role} must take ({', '.join(arguments)}), and may take `out` after "
            f"them; got ({', '.join(parameters)})"
        )
    # Never the name of another function: compiled formulas keep what they were bound to.
    key = f"{name}_{role}"
    while key in OWN_NAMES:
        key += "_"
    for names in (FLOAT_NAMES, IEEE_NAMES, NAMESPACE, OWN_NAMES):
        names[key] = _checking(rule, f"{role} of {title}")
    return f"{key}({', '.join((*arguments, 'out') if takes_out else arguments)})"


def _checking(rule: Callable[..., Any], where: str) -> Callable[..., Any]:
    """Return a user's function, its result held to be a number."""

    def checked(*operands: Any) -> Any:
        out = rule(*operands)
        floats = all(isinstance(x, float) for x in operands)
        return real(out, where) if floats else out

    return checked


def _checked(role: str, text: str, name: str, arguments: tuple[str, ...]) -> str:
    """Return a formula with ** as pow, having checked that it can be read."""
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise DefinitionError(f"{name}: {role} = {text!r} is no formula: {error.msg}") from None
    if any(isinstance(node, ast.BitXor) for node in ast.walk(tree)):
        raise DefinitionError(f"{name}: {role} = {text!r} has ^ for a power; write **")
    known = {*FLOAT_NAMES, *arguments} | ({"out"} if role != "value" else set())
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if unknown := sorted(used - known):
        raise DefinitionError(
            f"{name}: {role} = {text!r} uses {unknown}; a formula may use its arguments "
            f"({', '.join(arguments)}), `out` in a derivative, and the functions of math"
        )
    if any(
        isinstance(node, (ast.Attribute, ast.Subscript, ast.Lambda)) for node in ast.walk(tree)
    ):
        raise DefinitionError(f"{name}: {role} = {text!r} is more than a formula")
    return ast.unparse(ast.fix_missing_locations(_PowerAsFunction().visit(tree)))


class _PowerAsFunction(ast.NodeTransformer):
    """Writes x**y as pow(x, y), which stays real, and whole numbers as floats."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):
            return ast.Call(ast.Name("pow", ast.Load()), [node.left, node.right], [])
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(float(node.value)) if type(node.value) is int else node


def _renamed(formula: str, renaming: dict[str, str]) -> str:
    tree = ast.parse(formula, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = renaming.get(node.id, node.id)
    return ast.unparse(tree)


def _function(
    key: str, name: str, value: Rule, arguments: tuple[str, ...]
) -> Callable[..., Any]:
    arity = len(arguments)

    def function(*operands: Any) -> Any:
        if len(operands) != arity:
            raise TypeError(f"{name} takes {arity} argument(s), got {len(operands)}")
        numbers = [x if isinstance(x, Value) else real(x, name) for x in operands]
        if not any(isinstance(x, Value) for x in numbers):
            return generated(key, "plain")(*numbers)
        if arity > 2:
            return record_many(key, numbers)
        if isinstance(numbers[0], Value):
            return generated(key, "record")(*numbers)
        return generated(key, "reflected")(numbers[1], numbers[0])

    function.__name__ = function.__qualname__ = name
    function.__doc__ = inspect.getdoc(value) if callable(value) else f"Return {value}."
    only = inspect.Parameter.POSITIONAL_ONLY
    signature = inspect.Signature([inspect.Parameter(x, only) for x in arguments])
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function
