# %% [markdown]
# # 9. Carrying weights over
#
# Weights learned on one task are worth something on the next. A network learns where points lie on
# one pair of rings, and then has only a few samples of a pair that is turned, stretched and moved.

# %%
import math
import random
import tempfile
from pathlib import Path

from nn import (
    MLP,
    Adam,
    accuracy,
    bce_with_logits,
    data,
    evaluate,
    fit,
    load_weights,
    replace_head,
    save_weights,
    train_test_split,
)
from viz import plots

first = data.circles(200, noise=0.05, seed=0)


def turned(points):
    c, s = math.cos(0.6), math.sin(0.6)
    return [[0.5 + 1.5 * (c * x - s * y), 0.7 * (s * x + c * y)] for x, y in points]


samples, classes = data.circles(300, noise=0.08, seed=1)
second = turned(samples), classes
few, test = train_test_split(*second, test=0.92, stratify=True)


def learn(model, points, epochs, lr=0.03):
    optimiser = Adam([w for w in model.parameters() if model_learns(w)], lr=lr)
    return fit(model, points, bce_with_logits, optimiser, epochs=epochs, batch_size=4)


def model_learns(weight):
    return getattr(weight, "requires_grad", True)


def share(model):
    return evaluate(model, test, bce_with_logits, {"accuracy": accuracy})["accuracy"]


# %% [markdown]
# ## The first task, with plenty of samples

# %%
model = MLP(2, [12, 1], "tanh", seed=0)
learn(model, first, 20)
print(f"without a look at the second task: {share(model):.0%} right there")

# %% [markdown]
# ## Keep the weights
#
# A file of weights is written whole or not at all, and names every weight.

# %%
folder = Path(tempfile.mkdtemp())
path = save_weights(model, folder / "rings.json")
carried = MLP(2, [12, 1], "tanh", seed=5)
print(load_weights(carried, folder / "rings.json"))
assert carried([0.3, 0.4]).data == model([0.3, 0.4]).data

# %% [markdown]
# ## The second task, with two dozen samples
#
# Once from the weights that were kept, once from scratch.

# %%
learn(carried, few, 40, lr=0.02)
scratch = MLP(2, [12, 1], "tanh", seed=5)
learn(scratch, few, 40, lr=0.02)
print(f"carried over {share(carried):.0%}, from scratch {share(scratch):.0%}")
assert share(carried) > share(scratch) + 0.1

# %%
plots.decision_boundary(carried, second, resolution=30)

# %% [markdown]
# ## Freeze the body, replace the head
#
# Often only the last layer is new. `replace_head` puts one there, and `freeze` keeps the rest: a
# frozen weight gets no gradient and does not move.

# %%
body = MLP(2, [12, 1], "tanh", seed=0)
load_weights(body, folder / "rings.json")
replace_head(body, 1, seed=1)
body.freeze("layers.0")
before = [w.data for w in body.layers[0].parameters()]
print(f"{body.num_parameters(trainable_only=True)} of {body.num_parameters()} weights learn")
learn(body, few, 80, lr=0.1)
alike = MLP(2, [12, 1], "tanh", seed=5)
learn(alike, few, 80, lr=0.1)
print(f"new head on a frozen body: {share(body):.0%}, from scratch as long: {share(alike):.0%}")
assert [w.data for w in body.layers[0].parameters()] == before
assert share(body) > share(alike)

# %% [markdown]
# The head alone is trained longer here and at a higher rate than the networks above, and so is the
# one from scratch beside it: only then can the two be compared.

# %% [markdown]
# ## Exercises
#
# **1.** Thaw the body and go on with a small learning rate. Does it help?
#
# <details><summary>Answer</summary>
#
# Not here: two dozen samples are few for 49 weights. A small rate keeps the harm small. Whether
# thawing helps depends on the task, and has to be measured, by points that nothing learned from.
#
# ```python
# frozen = share(body)
# body.unfreeze()
# learn(body, few, 10, lr=0.003)
# print(f"frozen {frozen:.1%}, thawed {share(body):.1%}")
# assert abs(share(body) - frozen) < 0.05
# assert body.num_parameters(trainable_only=True) == body.num_parameters()
# assert [w.data for w in body.layers[0].parameters()] != before
# ```
#
# </details>
#
# **2.** What happens when a file does not fit the model?
#
# <details><summary>Answer</summary>
#
# Nothing is changed, and the error names what does not fit.
#
# ```python
# from nn import StateError
#
# wide = MLP(2, [20, 1], "tanh", seed=0)
# weights = [w.data for w in wide.parameters()]
# try:
#     load_weights(wide, folder / "rings.json")
#     raise AssertionError("it was loaded")
# except StateError as problem:
#     print(problem)
# assert [w.data for w in wide.parameters()] == weights
# ```
#
# </details>
