# %% [markdown]
# # 7. Batches, learning rates, optimisers
#
# The gradient says which way is down. How far to go, how many samples to ask first, and what to
# remember of earlier steps: that is the rest of the art.

# %%

from autograd import Value
from nn import (
    MLP,
    SGD,
    Adam,
    RMSprop,
    bce_with_logits,
    data,
    diagnostics,
    find_lr,
    fit,
    schedules,
)
from viz import plots

points = data.moons(80, noise=0.1, seed=3)


def fresh():
    return MLP(2, [8, 1], "tanh", seed=0)


# %% [markdown]
# ## The learning rate
#
# On a bowl $f(x) = x^2 / 2$ with slope $x$, a step is $x - \eta x = (1 - \eta) x$. Below 2 that
# shrinks, above it grows.

# %%
for rate in (0.1, 1.0, 1.9, 2.1):
    x = Value(1.0)
    for _ in range(20):
        x.grad = 0.0
        (x * x / 2.0).backward()
        x.data -= rate * x.grad
    print(f"rate {rate}: after 20 steps {x.data:.3g}")
assert abs(x.data) > 1.0

# %% [markdown]
# A network is no bowl, but the same holds: too small is slow, too large explodes, and the best is
# not far below the largest that works.

# %%
runs = {}
for rate in (0.01, 0.3, 3.0):
    model = fresh()
    runs[f"lr {rate:g}"] = fit(
        model, points, bce_with_logits, SGD(model.parameters(), lr=rate), epochs=25
    )
plots.curves(runs, log=True)

# %%
assert runs["lr 0.3"]["loss"][-1] < runs["lr 0.01"]["loss"][-1]

# %% [markdown]
# ## Batches
#
# A step after every sample is noisy and cheap; a step after all of them is exact and dear. Both
# runs below see every sample ten times.

# %%
for size in (1, 16, 80):
    model = fresh()
    history = fit(
        model,
        points,
        bce_with_logits,
        SGD(model.parameters(), lr=0.3),
        epochs=10,
        batch_size=size,
    )
    steps = 10 * -(-80 // size)
    print(f"batches of {size:2}: {steps:3} steps, loss {history['loss'][-1]:.3f}")

# %% [markdown]
# ## What optimisers remember
#
# *Momentum* remembers the direction: a ball that rolls on. *RMSprop* and *Adam* remember how large
# each weight's gradients usually are, and divide by it, so every weight takes steps of about the
# same size.

# %%
runs = {}
for name, make in {
    "SGD": lambda ws: SGD(ws, lr=0.1),
    "momentum": lambda ws: SGD(ws, lr=0.1, momentum=0.9),
    "RMSprop": lambda ws: RMSprop(ws, lr=0.01),
    "Adam": lambda ws: Adam(ws, lr=0.03),
}.items():
    model = fresh()
    runs[name] = fit(model, points, bce_with_logits, make(model.parameters()), epochs=25)
for name, history in runs.items():
    print(f"{name:9} loss {history['loss'][-1]:.3f}")
assert runs["momentum"]["loss"][-1] < runs["SGD"]["loss"][-1]
plots.curves(runs, log=True)

# %% [markdown]
# How far did a step of Adam go, beside the size of the weights? One part in a thousand is a good
# rule of thumb.

# %%
model = fresh()
steps, last = [], diagnostics.snapshot(model)


def note(run):
    global last
    now = diagnostics.snapshot(run.model)
    steps.append(diagnostics.update_ratios(last, now))
    last = now


fit(
    model,
    points,
    bce_with_logits,
    Adam(model.parameters(), lr=schedules.cosine(0.03, steps=20)),
    epochs=20,
    batch_size=80,
    callbacks=[note],
)
plots.update_ratios(steps)

# %% [markdown]
# ## Exercises
#
# **1.** Write momentum yourself: two lines inside the loop.
#
# <details><summary>Answer</summary>
#
# ```python
# def train(rule, steps=15):
#     model = fresh()
#     speeds = [0.0] * len(model.parameters())
#     for _ in range(steps):
#         loss = sum(bce_with_logits(model(x), y) for x, y in zip(*points)) / 80
#         model.zero_grad()
#         loss.backward()
#         rule(model.parameters(), speeds)
#     return [p.data for p in model.parameters()]
#
#
# def by_hand(weights, speeds):
#     for k, p in enumerate(weights):
#         speeds[k] = 0.9 * speeds[k] + p.grad
#         p.data -= 0.1 * speeds[k]
#
#
# def by_library():
#     model = fresh()
#     optimiser = SGD(model.parameters(), lr=0.1, momentum=0.9)
#     for _ in range(15):
#         loss = sum(bce_with_logits(model(x), y) for x, y in zip(*points)) / 80
#         optimiser.zero_grad()
#         loss.backward()
#         optimiser.step()
#     return [p.data for p in model.parameters()]
#
#
# assert all(abs(a - b) < 1e-12 for a, b in zip(train(by_hand), by_library()))
# ```
#
# </details>
#
# **2.** `find_lr` raises the rate step by step and watches the loss. Use it for SGD.
#
# <details><summary>Answer</summary>
#
# ```python
# model = fresh()
# search = find_lr(model, points, bce_with_logits, SGD(model.parameters(), lr=0.1))
# print(f"steepest at {search.steepest:.2g}, a cautious choice {search.cautious:.2g}")
# ```
#
# </details>
