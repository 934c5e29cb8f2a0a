"""A network in training in NumPy, its gradient worked out by hand.

Knows no other library.
"""

from itertools import pairwise

# Arrays have no types that matter here.
from typing import Any

from benchmarks import peers
from benchmarks.networks import BETAS, EPSILON, Learner, Task, batches, first_weights


class ByHand:
    """A network and its gradient in NumPy, worked out on paper.

    All weights lie in one vector and all derivatives in another, so an update is a line; each
    layer is a view of its rows, the biases in the last column.
    """

    def __init__(self, task: Task) -> None:
        np = self.np = peers.installed("numpy")
        self.task = task
        xs, labels = task.data()
        self.parts = [
            (np.array(xs[part], float), np.array(labels[part])) for part in batches(task)
        ]
        self.weights, self.gradient = np.zeros(task.weights), np.zeros(task.weights)
        self.layers, self.slopes = self._views(self.weights), self._views(self.gradient)
        self.restart()

    def _views(self, flat: Any) -> list[Any]:
        views, start = [], 0
        for inputs, neurons in pairwise(self.task.layers):
            end = start + (inputs + 1) * neurons
            views.append(flat[start:end].reshape(neurons, inputs + 1))
            start = end
        return views

    def restart(self) -> None:
        """Go back to the first weights; nothing is remembered."""
        self.weights[:] = first_weights(self.task)
        self.mean, self.square = self.np.zeros_like(self.weights), 0.0 * self.weights
        self.steps = 0

    def loss(self, x: Any, labels: Any) -> float:
        """The loss; leaves its derivatives in `gradient`."""
        task, outs = self.task, [x]
        for layer in self.layers:
            out = outs[-1] @ layer[:, :-1].T
            out += layer[:, -1]
            if layer is not self.layers[-1]:
                self.activate(out)
            outs.append(out)
        loss, g = self._judged(outs.pop(), labels)
        for k in reversed(range(len(self.layers))):
            self.np.matmul(g.T, outs[k], out=self.slopes[k][:, :-1])
            g.sum(axis=0, out=self.slopes[k][:, -1])
            if k > 0:
                g = g @ self.layers[k][:, :-1]
                g *= 1.0 - outs[k] ** 2 if task.activation == "tanh" else outs[k] > 0.0
        if task.penalty:
            self.gradient += 2.0 * task.penalty * self.weights
            loss += task.penalty * (self.weights @ self.weights)
        return float(loss)

    def activate(self, out: Any) -> None:
        """Put the activation of each number in its place."""
        if self.task.activation == "tanh":
            self.np.tanh(out, out=out)
        else:
            self.np.maximum(out, 0.0, out=out)

    def _judged(self, scores: Any, labels: Any) -> tuple[Any, Any]:
        """The mean loss and its derivative by each score."""
        np, count = self.np, len(labels)
        if self.task.loss == "hinge":
            margins = 1.0 - labels * scores[:, 0]
            slopes = np.where(margins > 0.0, -labels, 0.0) / count
            return np.maximum(margins, 0.0).mean(), slopes[:, None]
        shifted = scores - scores.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        sums = weights.sum(axis=1, keepdims=True)
        chosen = np.arange(count), labels
        loss = (np.log(sums[:, 0]) - shifted[chosen]).mean()
        weights /= sums
        weights[chosen] -= 1.0
        weights /= count
        return loss, weights

    def update(self) -> None:
        """Move the weights."""
        g, rate = self.gradient, self.task.rate
        if self.task.rule == "sgd":
            self.weights -= rate * g
            return
        self.steps += 1
        b1, b2 = BETAS
        self.mean *= b1
        self.mean += (1.0 - b1) * g
        self.square *= b2
        self.square += (1.0 - b2) * g * g
        size = self.np.sqrt(self.square / (1.0 - b2**self.steps)) + EPSILON
        self.weights -= rate * (self.mean / (1.0 - b1**self.steps)) / size

    def train(self, passes: int) -> float:
        """Make so many passes."""
        loss = 0.0
        for _ in range(passes):
            for part in self.parts:
                loss = self.loss(*part)
                self.update()
        return loss


def numpy_by_hand(task: Task) -> Learner:
    """Forward, backward and update in NumPy."""
    network = ByHand(task)
    return Learner(network.train, network.weights.tolist, network.restart)
