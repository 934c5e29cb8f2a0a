"""A program of a user, for type checkers alone: what public names are to them.

mypy reads it with the rest; CI lets mypy and pyright read it beside an installed wheel, too.
Nothing runs it.
"""

from typing import assert_type

import nn
import viz
from autograd import Listing, Tape, Value, check_gradients, dot, exp, grad, softmax, tanh
from nn import MLP, SGD, Adam, History, Neuron, cross_entropy, fit

x, y = Value(2.0, label="x"), Value(3.0)

# Operators and methods give Values.
assert_type(x + y, Value)
assert_type(2.0 * x, Value)
assert_type(x**2, Value)
assert_type(-x, Value)
assert_type(x.tanh(), Value)
assert_type(x.data, float)
assert_type(x.grad, float)
assert_type(x.gradient, float | None)
assert_type(x.detach(), Value)
assert_type(x < y, bool)
assert_type(x.tape, Listing)

# Functions give back what they were given.
assert_type(exp(x), Value)
assert_type(exp(1.0), float)
assert_type(tanh(0.5), float)

with Tape() as tape:
    z = x * y
assert_type(tape, Tape)
z.backward()

# Networks and training.
model = MLP(2, [3, 1])
assert_type(model.parameters(), list[Value])
assert_type(model.named_parameters(), list[tuple[str, Value]])
assert_type(Neuron(2).parameters(), list[Value])
optimiser = SGD(model.parameters(), lr=0.1)
optimiser.zero_grad()
optimiser.step()
history = fit(model, ([[0.0, 1.0]], [1.0]), nn.mse_loss, Adam(model.parameters()), epochs=1)
assert_type(history, History)
assert_type(history["loss"], list[float])

# Pictures.
assert_type(viz.draw(z), viz.Picture)
assert_type(viz.draw(z).svg(), str)
assert_type(viz.explore(z), viz.Page)

report = check_gradients(lambda v: v * v, 2.0)
assert_type(report.ok, bool)
softmax([x, y])
dot([x, y], [1.0, 2.0])
grad(lambda v: v * v)(3.0)
cross_entropy([x, y], 1)
