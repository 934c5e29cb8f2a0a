"""Training: samples in batches, the loss of each going down step by step.

`fit` is the loop over epochs and what is kept in mind about them; the loop over the batches of
one is in `epochs`. Both are meant to be read, and to be written out where they do not fit.
Knows no loss and no update rule by name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial

# Models take and give, and losses compare, what they like.
from typing import Any

from autograd import LengthError, NumberError, mean, no_grad, shown
from nn.batches import Data, checked_data, cut
from nn.checks import between, is_list, plain, whole
from nn.compiled import CANNOT, WORTHWHILE, CompiledEpochs
from nn.epochs import Epoch, Loss, Task, eager_epoch
from nn.guards import one_each
from nn.optimiser import Optimiser
from nn.progress import progress_bar
from nn.randomness import Seed, generator_of, permutation
from nn.runs import EarlyStopping, History, Run

# Outputs as plain numbers, and targets.
Metric = Callable[[Sequence[Any], Sequence[Any]], float]
Callback = Callable[[Run], object]
# Ways to take the steps of an epoch.
BACKENDS = ("auto", "eager", "compiled")


def fit(  # noqa: PLR0913 - a run has that many sides
    model: Any,
    data: Data,
    loss: Loss,
    optimiser: Optimiser,
    *,
    epochs: int,
    batch_size: int = 16,
    seed: Seed = 0,
    validation: Data | None = None,
    metrics: Mapping[str, Metric] | None = None,
    penalty: Callable[[], Any] | None = None,
    max_norm: float | None = None,
    stopping: EarlyStopping | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    resume: Mapping[str, Any] | None = None,
    backend: str = "auto",
) -> History:
    """Train a model and return what was measured after each epoch.

    Args:
        model: a Module that is called with one sample; after `eval()`, call `train()` first if
            it has layers such as Dropout.
        data: a pair of lists, samples and targets.
        loss: the loss of one output and one target, such as `cross_entropy`. A step goes down
            the mean over a batch.
        optimiser: what moves the weights; its learning rate may be a schedule.
        epochs: how often to see each sample.
        batch_size: how many samples a step looks at; the last batch may be shorter.
        seed: a number or a random.Random, for the order of the samples in each epoch.
        validation: samples and targets to be judged by after each epoch, not learned from.
        metrics: functions of outputs and targets, such as `accuracy`, by name; of the
            validation if there is one, and else of the data.
        penalty: a term for the loss of each batch, such as
            `lambda: 1e-4 * l2_penalty(weights)`.
        max_norm: what gradients are clipped to; see `clip_grad_norm_`.
        stopping: when to stop early.
        callbacks: called with the `Run` after each epoch; if one returns true, training ends.
            However it ends, those that have a method `close` are closed.
        progress: whether to show a bar; None for on a terminal, where a line of text stands in
            if tqdm is not installed. Both have a sparkline of the losses.
        resume: a `Run.state_dict()` to go on from: `epochs` counts those before, too.
        backend: how the steps are taken: "eager", recorded and swept one by one; "compiled",
            as native code, which must be installed and must know what the loss does; "auto",
            compiled if that can be done and pays, else eager. The results differ by rounding.

    Returns:
        Lists by name: "loss", the mean over the epoch while the weights were moving; "lr", the
        learning rate of its first step; with validation "val_loss" after it, and "val_" before
        the name of each metric.

    Raises:
        AnomalyError: if a loss or a gradient is not finite.
        CompilationError: with backend="compiled", if that cannot be done.
        ValueError: if nothing would be learned: the optimiser holds no weight of the model, or
            weights that it no longer has, or the loss depends on none of them.

    Example:
        >>> from nn import MLP, Adam, bce_with_logits, accuracy, data
        >>> model = MLP(2, [8, 1], "tanh", seed=0)
        >>> optimiser = Adam(model.parameters(), lr=0.05)
        >>> metrics = {"accuracy": accuracy}
        >>> history = fit(
        ...     model, data.xor(), bce_with_logits, optimiser, epochs=80, metrics=metrics
        ... )
        >>> history["accuracy"][-1]
        1.0
    """
    xs, ys = checked_data(data)
    if max_norm is not None:
        max_norm = between(max_norm, "max_norm", 0.0)
    batch_size, epochs = whole(batch_size, "batch_size", 1), whole(epochs, "epochs", 0)
    task = Task(model, xs, ys, loss, optimiser, batch_size, penalty, max_norm)
    _check_companions(stopping, callbacks)
    judge = _judge(task, validation, _checked_metrics(metrics), stopping)
    run = Run(model, optimiser, generator_of(seed), stopping=stopping)
    run.begin(resume)
    take_steps = _steps(backend, task, epochs - run.epoch)
    try:
        with progress_bar(epochs, run.epoch, wanted=progress) as advance:
            while run.epoch < epochs:
                lr = optimiser.groups[0].rate(optimiser.clock)
                order = permutation(len(xs), run.generator)
                losses = take_steps(order)
                # A short last batch counts for its samples only.
                sizes = map(len, cut(order, batch_size))
                sums = [size * loss for size, loss in zip(sizes, losses, strict=True)]
                run.epoch += 1
                run.history.add(loss=sum(sums) / len(xs), lr=lr, **judge())
                advance(run.history["loss"][-1])
                stop = stopping is not None and stopping.see(run.history, run.epoch, model)
                # All are called, whatever the first of them says.
                answers = [bool(callback(run)) for callback in callbacks]
                if stop or any(answers):
                    break
    finally:
        if stopping is not None:
            stopping.restore(model)
        for callback in callbacks:
            getattr(callback, "close", bool)()
    return run.history


def predict(model: Any, xs: Sequence[Any]) -> list[Any]:
    """Return the outputs for some samples as plain numbers, recording nothing.

    The model behaves as in use: dropout, if there is any, lets all through. `predicted_class`
    makes a class of each.

    Raises:
        LengthError: if a sample has other inputs than the model, as where one sample stands
            in place of a list of them.
        TypeError: if it is no list at all.

    Example:
        >>> from nn import MLP
        >>> [type(output) for output in predict(MLP(2, [1]), [[1.0, 2.0], [0.0, 1.0]])]
        [<class 'float'>, <class 'float'>]
    """
    wanted = f"predict needs a list of samples, as in [[1.0, 2.0]], got {shown(xs)}"
    if not is_list(xs):
        raise TypeError(wanted)
    samples = list(xs)
    with in_use(model), no_grad():
        try:
            return [plain(model(x)) for x in samples]
        except (LengthError, NumberError) as error:
            if not is_list(samples[0]):
                raise type(error)(f"{wanted}; {error}") from None
            if isinstance(xs, tuple) and len(xs) == 2:
                raise type(error)(f"{wanted}; of a pair (xs, ys), give xs") from None
            raise


def evaluate(
    model: Any, data: Data, loss: Loss, metrics: Mapping[str, Metric] | None = None
) -> dict[str, float]:
    """Return the mean loss over some samples, and what metrics say, by name.

    Example:
        >>> from nn import MLP, mse_loss, metrics
        >>> model = MLP(1, [1])
        >>> sorted(evaluate(model, ([[1.0], [2.0]], [2.0, 4.0]), mse_loss, {"r2": metrics.r2}))
        ['loss', 'r2']
    """
    xs, ys = checked_data(data)
    metrics = _checked_metrics(metrics)
    outputs = predict(model, xs)
    losses = one_each([loss(output, y) for output, y in zip(outputs, ys, strict=True)])
    found = {name: metric(outputs, ys) for name, metric in metrics.items()}
    return {"loss": plain(mean(losses)), **found}


@contextmanager
def in_use(model: Any) -> Iterator[None]:
    """Let a model behave as in use, and afterwards as it did before."""
    modules = [part for _, part in getattr(model, "named_modules", list)()]
    before = [module.training for module in modules]
    for module in modules:
        module.training = False
    try:
        yield
    finally:
        for module, training in zip(modules, before, strict=True):
            module.training = training


def _check_companions(stopping: Any, callbacks: Any) -> None:
    if not isinstance(stopping, EarlyStopping | None):
        raise TypeError(f"stopping must be an EarlyStopping, got {shown(stopping)}")
    if not is_list(callbacks) or not all(map(callable, callbacks)):
        raise TypeError(f"callbacks must be a list of functions, got {shown(callbacks)}")


def _checked_metrics(metrics: Any) -> Mapping[str, Metric]:
    found = {} if metrics is None else metrics
    if not isinstance(found, Mapping) or not all(map(callable, found.values())):
        raise TypeError(
            'metrics must be functions by name, such as {"accuracy": accuracy}, '
            f"got {shown(metrics)}"
        )
    if taken := {"loss", "lr"}.intersection(found):
        raise ValueError(f"{' and '.join(taken)} is no name for a metric: it is there anyway")
    return found


def _steps(backend: str, task: Task, epochs: int) -> Epoch:
    """Return what takes the steps of an epoch."""
    if backend not in BACKENDS:
        raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {shown(backend)}")
    if backend == "compiled":
        return CompiledEpochs(task)
    if backend == "auto" and epochs * len(task.xs) >= WORTHWHILE:
        with suppress(*CANNOT):
            return CompiledEpochs(task, demanded=False)
    return partial(eager_epoch, task)


def _judge(
    task: Task,
    validation: Data | None,
    metrics: Mapping[str, Metric],
    stopping: EarlyStopping | None,
) -> Callable[[], dict[str, float]]:
    """Return what measures a model after an epoch, all under the names of the history."""
    names = ["loss", "lr", *metrics]
    if validation is not None:
        names = ["loss", "lr", "val_loss", *(f"val_{name}" for name in metrics)]
        validation = checked_data(validation, "the validation")
    if stopping is not None and stopping.monitor not in names:
        raise ValueError(
            f"early stopping looks at {stopping.monitor!r}, but there are {', '.join(names)}; "
            "val_ needs validation"
        )

    def judge() -> dict[str, float]:
        if validation is not None:
            found = evaluate(task.model, validation, task.loss, metrics)
            return {f"val_{name}": number for name, number in found.items()}
        if not metrics:
            return {}
        outputs = predict(task.model, task.xs)
        return {name: metric(outputs, task.ys) for name, metric in metrics.items()}

    return judge
