# %% [markdown]
# # 5. A network on two moons
#
# Neurons in layers can bend the line. This is the demo that micrograd made famous, with its
# loss, and then with fewer lines.

# %%

from autograd import mean
from nn import MLP, Adam, accuracy, bce_with_logits, data, fit, penalties, train_test_split
from viz import plots

points, classes = data.moons(100, noise=0.1, seed=1)
model = MLP(2, [16, 16, 1], seed=1337)
print(model.summary())

# %% [markdown]
# ## By hand, as in micrograd's demo
#
# Targets are -1 and 1, the loss is a hinge: a point costs nothing once it is on the right side by
# a margin of 1. A small penalty keeps the weights from growing.

# %%
signs = [2 * y - 1 for y in classes]


def step(k, steps=30):
    scores = [model(x) for x in points]
    losses = [(1 - y * score).relu() for y, score in zip(signs, scores)]
    loss = mean(losses) + 1e-4 * penalties.l2_penalty(model.parameters())
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= (1.0 - 0.9 * k / steps) * p.grad
    right = sum((score.data > 0) == (y > 0) for score, y in zip(scores, signs))
    return loss.data, right / len(points)


for k in range(30):
    loss, share = step(k)
    if k % 10 == 9:
        print(f"step {k + 1}: loss {loss:.3f}, right {share:.0%}")
assert share > 0.9

# %%
plots.decision_boundary(model, (points, classes))

# %% [markdown]
# ## With `fit`
#
# The loop that you have written three times now is `fit`. It shuffles, cuts into batches, and
# judges by points that it does not learn from, 20 here. (Adam chooses the size of each step; see
# lesson 7.)

# %%
training, test = train_test_split(points, classes, seed=0)
model = MLP(2, [16, 16, 1], "tanh", seed=0)
film = plots.Film((points, classes), every=5, title="Two moons")
history = fit(
    model,
    training,
    bce_with_logits,
    Adam(model.parameters(), lr=0.02),
    epochs=40,
    validation=test,
    metrics={"accuracy": accuracy},
    callbacks=[film],
)
print(f"on the {len(test[0])} points it has not seen: {history['val_accuracy'][-1]:.0%}")
assert history["val_accuracy"][-1] >= 0.9

# %%
plots.curves(history)

# %%
plots.decision_boundary(model, (points, classes))

# %% [markdown]
# How it got there, frame by frame (`film.save("moons.gif")` keeps it):

# %%
film

# %% [markdown]
# And the weights it ended with. Thick lines are large weights: a hint of what matters, and no
# proof.

# %%
plots.network(model, names=["x1", "x2"])

# %% [markdown]
# ## Exercises
#
# **1.** How many weights does `MLP(2, [16, 16, 1])` have? Count before you ask.
#
# <details><summary>Answer</summary>
#
# 16 neurons of 2 + 1, 16 of 16 + 1, and one of 16 + 1.
#
# ```python
# assert len(model.parameters()) == 16 * 3 + 16 * 17 + 17 == 337
# ```
#
# </details>
#
# **2.** Train a network without any activation, `MLP(2, [16, 16, 1], None)`. Why does the depth
# not help?
#
# <details><summary>Answer</summary>
#
# A sum of sums is a sum: without something that bends between them, all layers together are one
# neuron, and draw a straight line.
#
# ```python
# straight = MLP(2, [16, 16, 1], None, seed=0)
# history = fit(
#     straight, training, bce_with_logits, Adam(straight.parameters(), lr=0.02), epochs=20,
#     metrics={"accuracy": accuracy},
# )
# assert history["accuracy"][-1] < 0.95
# a, b, c = (straight(x).data for x in ([0.0, 0.0], [1.0, 0.5], [2.0, 1.0]))
# assert abs((c - b) - (b - a)) < 1e-9
# ```
#
# </details>
