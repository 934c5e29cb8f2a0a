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
# Of a bowl $f(x) = x^2 / 2$ the slope is $x$. With a learning rate $\eta$ (eta), a step goes from
# $x$ to $x - \eta x = (1 - \eta) x$. For $\eta$ below 2 that shrinks, above it grows.

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
# A network is no bowl, but the same holds: too small is slow, and too large explodes.

# %%
runs = {}
for rate in (0.01, 1.0, 100.0):
    model = fresh()
    runs[f"lr {rate:g}"] = fit(
        model, points, bce_with_logits, SGD(model.parameters(), lr=rate), epochs=25
    )
for name, history in runs.items():
    print(f"{name:7} loss {history['loss'][-1]:.3f}")
assert runs["lr 1"]["loss"][-1] < runs["lr 0.01"]["loss"][-1] < runs["lr 100"]["loss"][-1]
plots.curves(runs, log=True)

# %% [markdown]
# ## Batches
#
# A step after every sample is noisy and cheap; a step after all of them is exact and dear. All
# runs below see every sample ten times. One run may be luck, so each size has five, from other
# weights and in other orders.

# %%
means = {}
for size in (1, 16, 80):
    losses = []
    for seed in range(5):
        model = MLP(2, [8, 1], "tanh", seed=seed)
        history = fit(
            model,
            points,
            bce_with_logits,
            SGD(model.parameters(), lr=0.3),
            epochs=10,
            batch_size=size,
            seed=seed,
        )
        losses.append(history["loss"][-1])
    means[size] = sum(losses) / len(losses)
    print(
        f"batches of {size:2}: {10 * 80 // size:3} steps, loss {means[size]:.3f} in the mean, "
        f"from {min(losses):.3f} to {max(losses):.3f}"
    )
assert means[1] < means[16] < means[80]

# %% [markdown]
# At one rate, many noisy steps get farther than a few exact ones.

# %% [markdown]
# ## What optimisers remember
#
# *Momentum* remembers the direction: a ball that rolls on. *RMSprop* remembers how large each
# weight's gradients usually are, and divides by it, so every weight takes steps of about the same
# size. *Adam* does both. A rate means something else to each of them, so each tries the same six,
# and the best of them counts.

# %%
runs = {}
for name, make in {
    "SGD": lambda ws, rate: SGD(ws, lr=rate),
    "momentum": lambda ws, rate: SGD(ws, lr=rate, momentum=0.9),
    "RMSprop": lambda ws, rate: RMSprop(ws, lr=rate),
    "Adam": lambda ws, rate: Adam(ws, lr=rate),
}.items():
    tried = {}
    for rate in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0):
        model = fresh()
        optimiser = make(model.parameters(), rate)
        tried[rate] = fit(model, points, bce_with_logits, optimiser, epochs=25)
    best = min(tried, key=lambda rate: tried[rate]["loss"][-1])
    runs[name] = tried[best]
    print(f"{name:8} is best at {best:4}: loss {runs[name]['loss'][-1]:.3f}")
assert all(
    runs[name]["loss"][-1] < 0.1 < runs["SGD"]["loss"][-1] for name in ("momentum", "Adam")
)
plots.curves(runs, log=True)

# %% [markdown]
# On these 80 points, that is; which optimiser is best depends on the task.
#
# How far did a step of Adam go, beside the size of the weights? A rule of thumb says one part in a
# thousand. `schedules.cosine` lowers the rate from step to step, along half a wave of the cosine,
# to almost nothing.

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
# So small a network may take larger steps than the rule says; towards the end the schedule makes
# them small. (A ratio is of deviations, and that of one number is 0: `layers.1.bias` has none.)

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
# The rates must go up to where the loss explodes. `steepest` is the rate at which it fell fastest,
# `cautious` a tenth of the one at which it was lowest. Both are near the 1 that was best above.
#
# ```python
# model = fresh()
# optimiser = SGD(model.parameters(), lr=0.1)
# search = find_lr(model, points, bce_with_logits, optimiser, high=100.0)
# print(f"steepest at {search.steepest:.2g}, cautious {search.cautious:.2g}")
# assert search.rates[-1] < 100.0  # the search stopped where it exploded
# assert 0.3 < search.steepest < 3.0 and 0.3 < search.cautious < 3.0
# ```
#
# </details>
