# %% [markdown]
# # 4. A neuron that learns
#
# A neuron is a weighted sum, a bias, and an activation. Here one learns to tell two kinds of
# points apart, and we watch its weights move.

# %%
import random

from nn import SGD, Neuron, bce_with_logits
from viz import draw, plots

generator = random.Random(0)
neuron = Neuron(2, activation=None, seed=generator)
for name, weight in neuron.named_parameters():
    print(name, round(weight.data, 4))

# %% [markdown]
# ## The data
#
# Points of class 1 lie above the line $x_2 = x_1$, points of class 0 below.

# %%
points = [[generator.uniform(-1, 1), generator.uniform(-1, 1)] for _ in range(60)]
classes = [int(x2 > x1) for x1, x2 in points]

# %% [markdown]
# ## The loss
#
# A single number that says how wrong the neuron is. The output $z$ of the neuron is called a
# *logit*: the probability of class 1 is $1 / (1 + e^{-z})$, the *sigmoid* of $z$, so 0 means one
# half. `bce_with_logits` takes the negative logarithm of the probability of the right class: 0.693
# is a coin toss, 0 is certain and right.


# %%
def mean_loss():
    losses = [bce_with_logits(neuron(x), y) for x, y in zip(points, classes)]
    return sum(losses) / len(losses)


print(f"loss before: {mean_loss().data:.4f}")

# %% [markdown]
# One sample's loss as a graph. Every weight has its place in it, and the numbers on the arrows
# multiply along each way down.

# %%
one = bce_with_logits(neuron(points[0]), classes[0])
one.label = "loss"
one.backward()
draw(one, model=neuron)

# %% [markdown]
# ## The loop
#
# Forward, clear the old gradients, backward, step. Most training loops are this at heart.

# %%
optimiser = SGD(neuron.parameters(), lr=1.0)
history = {"loss": []}
for step in range(40):
    loss = mean_loss()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    history["loss"].append(loss.data)
print(f"loss after: {history['loss'][-1]:.4f}")
assert history["loss"][-1] < 0.3 < history["loss"][0]
assert history["loss"] == sorted(history["loss"], reverse=True)

# %%
plots.curves(history, best=False)

# %%
plots.decision_boundary(neuron, (points, classes))

# %% [markdown]
# A neuron draws one straight line: where its weighted sum is 0. The weights say which: they
# point across the line.

# %%
w1, w2, b = (weight.data for weight in neuron.parameters())
print(f"{w1:.2f} * x1 + {w2:.2f} * x2 + {b:.2f} = 0")
assert abs(w1 / w2 + 1.0) < 0.25
assert abs(b / w2) < 0.25

# %% [markdown]
# ## Exercises
#
# **1.** What happens without `zero_grad()`?
#
# <details><summary>Answer</summary>
#
# Gradients pile up over the steps: each step goes along the sum of all gradients so far. Here the
# loss even falls faster, because old gradients act like a momentum without friction, and nothing
# on this easy task is overshot. But the step is no longer along the gradient of the loss, as a
# fresh gradient shows; on a bowl it swings to and fro for ever.
#
# ```python
# again = Neuron(2, activation=None, seed=0)
# losses = []
# for step in range(40):
#     loss = sum(bce_with_logits(again(x), y) for x, y in zip(points, classes)) / len(points)
#     loss.backward()
#     for weight in again.parameters():
#         weight.data -= weight.grad
#     losses.append(loss.data)
# print(f"loss {losses[-1]:.3f}, with zero_grad {history['loss'][-1]:.3f}")
#
# piled_up = again.w[0].grad
# again.zero_grad()
# loss = sum(bce_with_logits(again(x), y) for x, y in zip(points, classes)) / len(points)
# loss.backward()
# print(f"gradient piled up {piled_up:.3f}, fresh {again.w[0].grad:.3f}")
# assert abs(piled_up) > 2 * abs(again.w[0].grad)
# ```
#
# </details>
#
# **2.** Can one neuron learn XOR, where class 1 is "exactly one of the two is positive"?
#
# <details><summary>Answer</summary>
#
# No: no straight line does it. It cuts off one of the four corners and gets most of the points
# right, but never all, and the loss stays near that of a coin toss.
#
# ```python
# xor = [int((x1 > 0) != (x2 > 0)) for x1, x2 in points]
# hopeless = Neuron(2, activation=None, seed=0)
# step = SGD(hopeless.parameters(), lr=1.0)
# for _ in range(60):
#     loss = sum(bce_with_logits(hopeless(x), y) for x, y in zip(points, xor)) / len(points)
#     step.zero_grad()
#     loss.backward()
#     step.step()
# right = sum((hopeless(x).data > 0) == bool(y) for x, y in zip(points, xor))
# print(f"loss {loss.data:.3f}, {right} of {len(points)} right")
# assert loss.data > 0.55 and right < len(points)
# ```
#
# </details>
