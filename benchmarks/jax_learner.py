"""A network in training in JAX: a jitted step, or a jitted loop of many.

Knows no other library.
"""

from functools import partial

# Arrays have no types that matter here.
from typing import Any

from benchmarks import peers
from benchmarks.networks import BETAS, EPSILON, Learner, Task, batches, blocks, first_weights


def jax_learner(task: Task, *, loop: bool) -> Learner:
    """One jitted function: a step, called from Python; or with `loop` many, in `fori_loop`."""
    jax = peers.installed("jax")
    jax.config.update("jax_enable_x64", True)  # noqa: FBT003 - its way
    jnp = jax.numpy
    xs, labels = task.data()
    data = jnp.array(xs), jnp.array(labels, float if task.loss == "hinge" else int)
    start = [
        (block[:, :-1], block[:, -1])
        for block in map(jnp.array, blocks(task, first_weights(task)))
    ]
    nothing = jax.tree.map(jnp.zeros_like, start)
    step = partial(_jax_step, jax, task)
    held: dict[str, Any] = {}

    def restart() -> None:
        remembered = (nothing, nothing, 0.0) if task.rule == "adam" else None
        held["state"] = start, remembered

    if loop:
        train_many = jax.jit(partial(_jax_loop, jax, step, task))

        def train(passes: int) -> float:
            held["state"], loss = train_many(held["state"], data, passes)
            return float(loss)

    else:
        one, parts = jax.jit(step), [(data[0][b], data[1][b]) for b in batches(task)]

        def train(passes: int) -> float:
            # Nobody waits for a step before the last: its results are called for then.
            state, loss = held["state"], None
            for _ in range(passes):
                for part in parts:
                    state, loss = one(state, *part)
            held["state"] = state
            return float(loss)  # type: ignore[arg-type] # an array, after one pass

    def weights() -> list[float]:
        rows = [jnp.hstack([w, b[:, None]]) for w, b in held["state"][0]]
        return [number for block in rows for number in block.ravel().tolist()]

    restart()
    return Learner(train, weights, restart, task.many if loop else 100)


def _jax_loop(jax: Any, step: Any, task: Task, state: Any, data: Any, passes: int) -> Any:
    """The state after so many passes, and the loss before the last step."""
    steps, batch = len(batches(task)), task.batch

    def body(k: Any, carried: Any) -> Any:
        if steps == 1:
            return step(carried[0], *data)
        start = k % steps * batch
        parts = [jax.lax.dynamic_slice_in_dim(array, start, batch) for array in data]
        return step(carried[0], *parts)

    return jax.lax.fori_loop(0, passes * steps, body, (state, 0.0))


def _jax_step(jax: Any, task: Task, state: Any, x: Any, labels: Any) -> Any:
    """The state after a step, and the loss before it."""
    weights, remembered = state
    loss, gradient = jax.value_and_grad(partial(_jax_loss, jax, task))(weights, x, labels)
    if task.rule == "sgd":
        return (jax.tree.map(lambda w, g: w - task.rate * g, weights, gradient), None), loss
    means, squares, steps = remembered
    steps = steps + 1.0
    (b1, b2), tree = BETAS, jax.tree.map
    means = tree(lambda m, g: b1 * m + (1.0 - b1) * g, means, gradient)
    squares = tree(lambda s, g: b2 * s + (1.0 - b2) * g * g, squares, gradient)

    def moved(w: Any, m: Any, s: Any) -> Any:
        size = jax.numpy.sqrt(s / (1.0 - b2**steps)) + EPSILON
        return w - task.rate * (m / (1.0 - b1**steps)) / size

    return (tree(moved, weights, means, squares), (means, squares, steps)), loss


def _jax_loss(jax: Any, task: Task, weights: Any, x: Any, labels: Any) -> Any:
    jnp = jax.numpy
    activation = jax.nn.relu if task.activation == "relu" else jnp.tanh
    for w, b in weights[:-1]:
        x = activation(x @ w.T + b)
    w, b = weights[-1]
    scores = x @ w.T + b
    if task.loss == "hinge":
        loss = jax.nn.relu(1.0 - labels * scores[:, 0]).mean()
    else:
        chosen = jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], axis=1)
        loss = -chosen.mean()
    if task.penalty:
        loss = loss + task.penalty * sum((p * p).sum() for p in jax.tree.leaves(weights))
    return loss
