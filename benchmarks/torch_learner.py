"""A network in training in torch, as its users write it.

Knows no other library.
"""

from collections.abc import Callable
from itertools import pairwise

# Tensors have no types that matter here.
from typing import Any

from benchmarks import peers
from benchmarks.networks import BETAS, EPSILON, Learner, Task, batches, blocks, first_weights


def torch_learner(task: Task, threads: int, *, compiled: bool = False) -> Learner:
    """The usual `nn.Sequential`, its loss and `torch.optim`; `compiled` by `torch.compile`."""
    torch = peers.installed(peers.TORCH)
    torch.set_num_threads(threads)
    network = TorchNetwork(torch, task)
    loss_of, update = network.loss, network.optimiser.step
    if compiled:
        network.count_in_doubles()
        loss_of, update = torch.compile(loss_of), torch.compile(update)
        try:
            network.step(loss_of, update, *network.parts[0])
        # Its compiler fails in many ways, and none of them is ours to handle.
        except Exception as error:
            reason = str(error).strip().splitlines()[0]
            raise peers.MissingPeerError(f"it does not compile here ({reason})") from error

    def train(passes: int) -> float:
        loss = None
        for _ in range(passes):
            for part in network.parts:
                loss = network.step(loss_of, update, *part)
        return float(loss)  # type: ignore[arg-type] # a tensor, after one pass

    network.restart()
    return Learner(train, network.weights, network.restart)


class TorchNetwork:
    """A network in torch, float64."""

    def __init__(self, torch: Any, task: Task) -> None:
        self.torch, self.task = torch, task
        real = torch.float64
        self.linear = [torch.nn.Linear(*size, dtype=real) for size in pairwise(task.layers)]
        activation = torch.nn.ReLU() if task.activation == "relu" else torch.nn.Tanh()
        modules = [module for layer in self.linear for module in (layer, activation)]
        self.model = torch.nn.Sequential(*modules[:-1])
        self.parameters = list(self.model.parameters())
        self.optimiser: Any = (
            torch.optim.SGD(self.parameters, lr=task.rate)
            if task.rule == "sgd"
            else torch.optim.Adam(self.parameters, lr=task.rate, betas=BETAS, eps=EPSILON)
        )
        xs, labels = task.data()
        kind = real if task.loss == "hinge" else torch.int64
        self.parts = [
            (torch.tensor(xs[part], dtype=real), torch.tensor(labels[part], dtype=kind))
            for part in batches(task)
        ]

    def loss(self, x: Any, labels: Any) -> Any:
        """The loss of a batch."""
        scores = self.model(x)
        if self.task.loss == "hinge":
            loss = self.torch.relu(1.0 - labels * scores[:, 0]).mean()
        else:
            loss = self.torch.nn.functional.cross_entropy(scores, labels)
        if self.task.penalty:
            loss = loss + self.task.penalty * sum((p * p).sum() for p in self.parameters)
        return loss

    def step(
        self, loss_of: Callable[..., Any], update: Callable[[], Any], x: Any, labels: Any
    ) -> Any:
        """Take a step; the loss before it."""
        loss = loss_of(x, labels)
        self.optimiser.zero_grad()
        loss.backward()
        update()
        return loss.detach()

    def count_in_doubles(self) -> None:
        """Let Adam count in float64: compiled, it computes in the type that it counts in."""
        self.step(self.loss, self.optimiser.step, *self.parts[0])
        for remembered in self.optimiser.state.values():
            if "step" in remembered:
                remembered["step"] = remembered["step"].double()

    def weights(self) -> list[float]:
        """All weights, in the order of `first_weights`."""
        rows = [self.torch.hstack([a.weight, a.bias.unsqueeze(1)]) for a in self.linear]
        return [number for block in rows for number in block.flatten().tolist()]

    def restart(self) -> None:
        """Go back to the first weights; the optimiser remembers nothing."""
        start = blocks(self.task, first_weights(self.task))
        with self.torch.no_grad():
            for layer, rows in zip(self.linear, start, strict=True):
                block = self.torch.tensor(rows, dtype=self.torch.float64)
                layer.weight.copy_(block[:, :-1])
                layer.bias.copy_(block[:, -1])
            # Kept, not dropped: compiled code holds on to these tensors.
            for remembered in self.optimiser.state.values():
                for tensor in remembered.values():
                    tensor.zero_()
