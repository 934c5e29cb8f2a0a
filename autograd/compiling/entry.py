"""compile: a function recorded once and run as a program from then on."""

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any, overload

from autograd.compiling.backends import checked_name
from autograd.compiling.batches import Batches
from autograd.compiling.points import Points
from autograd.compiling.program import Program
from autograd.compiling.samples import checked_batch
from autograd.compiling.specialising import Compilation, Options, Specialisation
from autograd.errors import NumberError, TapeError, shown
from autograd.listing import Listing
from autograd.value import Value

REDUCTIONS = ("mean", "sum")
ON_BRANCH = ("respecialise", "raise")


@overload
def compile(  # noqa: A001
    f: Callable[..., Any],
    *,
    batch: Any = None,
    reduction: str = "mean",
    backend: str = "auto",
    on_branch: str = "respecialise",
    exact: bool = False,
) -> "Compiled": ...
@overload
def compile(  # noqa: A001
    *,
    batch: Any = None,
    reduction: str = "mean",
    backend: str = "auto",
    on_branch: str = "respecialise",
    exact: bool = False,
) -> "Callable[[Callable[..., Any]], Compiled]": ...
def compile(  # noqa: A001 - what everybody calls it
    f: Callable[..., Any] | None = None,
    *,
    batch: Any = None,
    reduction: str = "mean",
    backend: str = "auto",
    on_branch: str = "respecialise",
    exact: bool = False,
) -> Any:
    """Return f as a function that is recorded once and runs as a program from then on.

    It gives what f gives and has `.value_and_grad`, `.grad` and `.jvp`. A branch on data
    (`if x > 0.0`) is checked at every call; when it goes the other way, f is recorded again.
    Values that f uses from outside, such as the weights of a model, are read at every call;
    plain numbers from outside, and which Values those are, stay as they were at the first.

    Args:
        f: a function as the transforms take them. Without it, a decorator comes back.
        batch: the arguments that come as columns, by name or position: lists or arrays with
            one entry for each sample. f is written for one sample.
        reduction: "mean" or "sum" over the samples of a batch.
        backend: "python", "native" (needs the extra `native`), or "auto".
        on_branch: "respecialise", or "raise" to be told of every branch.
        exact: results of the native back end equal to the engine's in every bit.

    Raises:
        LengthError: if f has no such argument as `batch` names.
        CompilationError: at the first call, if f depends on more than its arguments.
        TapeError: at the first call, if f takes numbers out of Values.

    Example:
        >>> from autograd import compile, tanh
        >>> area = compile(lambda x, y: tanh(x) * y)
        >>> area(0.0, 3.0), area.grad(0.0, 3.0), area.grad(0.0, 3.0, argnums=(0, 1))
        (0.0, 3.0, (3.0, 0.0))
        >>> loss = compile(lambda w, x, y: (w * x - y) ** 2, batch=("x", "y"))
        >>> loss.value_and_grad(1.0, [1.0, 2.0], [2.0, 4.0])
        (2.5, -5.0)
    """
    if f is None:
        return lambda function: compile(
            function,
            batch=batch,
            reduction=reduction,
            backend=backend,
            on_branch=on_branch,
            exact=exact,
        )
    if not callable(f):
        raise NumberError(f"compile needs a function, got {shown(f)}")
    for name, given, known in (
        ("reduction", reduction, REDUCTIONS),
        ("on_branch", on_branch, ON_BRANCH),
    ):
        if given not in known:
            raise NumberError(f"{name} must be one of {known}, got {shown(given)}")
    options = Options(checked_name(backend), bool(exact), on_branch)
    return Compiled(f, None if batch is None else checked_batch(batch), reduction, options)


class Compiled:
    """A compiled function; see `compile`, which makes them."""

    __name__: str

    def __init__(
        self,
        f: Callable[..., Any],
        batch: Sequence[Any] | None,
        reduction: str,
        options: Options,
    ) -> None:
        self._name = getattr(f, "__name__", type(f).__name__)
        self._forms: Points | Batches = (
            Points(f, self._name, options)
            if batch is None
            else Batches(f, self._name, options, batch, reduction)
        )
        update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the function gives; for a batch, the mean or the sum of it."""
        return self._forms.call(args, kwargs)

    def value_and_grad(self, *args: Any, argnums: Any = None, **kwargs: Any) -> Any:
        """Return the value and the gradient by the arguments at `argnums`.

        Without argnums that is the first argument, and for a batch all shared ones.
        """
        if argnums is None and isinstance(self._forms, Points):
            argnums = 0
        return self._forms.value_and_grad(args, kwargs, argnums)

    def grad(self, *args: Any, argnums: Any = None, **kwargs: Any) -> Any:
        """Return the gradient; see `value_and_grad`."""
        return self.value_and_grad(*args, argnums=argnums, **kwargs)[1]

    def jvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """Return the value and its derivative along the tangents; see `autograd.jvp`."""
        if isinstance(self._forms, Batches):
            raise TapeError(
                f"{self._name} is compiled for batches, which have no jvp; compile it without "
                "batch=..."
            )
        return self._forms.jvp(primals, tangents)

    # -- what became of it ----------------------------------------------------------------

    def _last(self) -> tuple[Specialisation, Compilation]:
        if self._forms.last is None:
            raise TapeError(
                f"{self._name} is recorded when it is called; call it before looking inside"
            )
        return self._forms.last

    @property
    def recordings(self) -> int:
        """How many times the function was recorded: once for each form and branch."""
        return self._forms.recordings

    @property
    def source(self) -> str:
        """The code that ran last."""
        return str(self._last()[1].kernel.source)

    @property
    def program(self) -> Program:
        """The program that ran last; it prints as a list of instructions."""
        return self._last()[1].program

    @property
    def stages(self) -> dict[str, Program]:
        """The program that ran last, as it was recorded and after each pass, by name."""
        return dict(self._last()[1].stages)

    @property
    def backend(self) -> str:
        """Which back end ran last, and why that one."""
        return self._last()[1].backend

    @property
    def trace(self) -> Any:
        """The result as it was recorded: a Value that can be drawn and listed."""
        recording = self._last()[0].recording
        return recording.rebuild(list(recording.roots))

    @property
    def tape(self) -> Listing:
        """The rows that the last used recording consists of."""
        roots = [root for root in self._last()[0].recording.roots if isinstance(root, Value)]
        return roots[0].tape if roots else Listing()

    def __repr__(self) -> str:
        """Return what was compiled, and how far it got."""
        backend = "not run yet" if self._forms.last is None else f"backend {self.backend}"
        return f"<compiled {self._name}: {self.recordings} recording(s), {backend}>"
