# %% [markdown]
# # 8. Overfitting, and what holds weights back
#
# A network with more weights than samples can learn its samples by heart. That is not what it
# was for. This lesson makes one overfit, and then holds its weights back in three ways.

# %%
import random

from nn import MLP, Adam, EarlyStopping, fit, mse_loss, penalties
from viz import plots

generator = random.Random(1)
xs = [[-2.0 + 4.0 * k / 11] for k in range(12)]
ys = [0.5 * x[0] + generator.gauss(0.0, 0.3) for x in xs]
fine = [[-2.0 + 4.0 * k / 60] for k in range(61)]
truth = [0.5 * x[0] for x in fine]


def trained(penalty=None, epochs=250, **options):
    model = MLP(1, [24, 1], "tanh", seed=0)
    weights = penalties.without_biases(model)
    history = fit(
        model,
        (xs, ys),
        mse_loss,
        Adam(model.parameters(), lr=0.05),
        epochs=epochs,
        validation=(fine, truth),
        penalty=None if penalty is None else lambda: penalty(weights),
        **options,
    )
    return model, history


# %% [markdown]
# ## By heart
#
# Twelve noisy points on a straight line, and a network of 73 weights. The error on the points
# goes down and down; the error against the line, which we happen to know, goes up again.

# %%
model, free = trained()
print(f"on its points {free['loss'][-1]:.3f}, against the truth {free['val_loss'][-1]:.3f}")
print(f"it was nearest to the truth with {min(free['val_loss']):.3f}")
assert free["val_loss"][-1] > 1.5 * min(free["val_loss"])
plots.curves(free, log=True)

# %% [markdown]
# ## L2: every weight pays for its square
#
# The slope of $\lambda w^2$ is $2 \lambda w$: each step takes a share off every weight. Large ones
# lose most.

# %%
model, ridge = trained(lambda ws: 0.01 * penalties.l2_penalty(ws))
print(f"L2: against the truth {ridge['val_loss'][-1]:.3f}")
assert ridge["val_loss"][-1] < free["val_loss"][-1]

# %% [markdown]
# ## L1: every weight pays for its size
#
# The slope of $\lambda |w|$ is $\pm \lambda$, however small the weight is: what the data does not
# hold up goes to 0. With `proximal_l1_` after each step it gets there exactly.

# %%
sparse = MLP(1, [24, 1], "tanh", seed=0)
optimiser = Adam(sparse.parameters(), lr=0.02)
weights = penalties.without_biases(sparse)
lasso = fit(
    sparse,
    (xs, ys),
    mse_loss,
    optimiser,
    epochs=250,
    validation=(fine, truth),
    callbacks=[lambda run: penalties.proximal_l1_(weights, 0.002)],
)
zeros = sum(w.data == 0.0 for w in weights)
print(
    f"L1: {zeros} of {len(weights)} weights are 0, against the truth {lasso['val_loss'][-1]:.3f}"
)
assert zeros > len(weights) // 3
assert lasso["val_loss"][-1] < free["val_loss"][-1]

# %%
plots.network(sparse, most=24)

# %% [markdown]
# ## Stopping early
#
# The simplest of all: keep the weights of the epoch that did best on points that are not learned
# from.

# %%
model, stopped = trained(stopping=EarlyStopping(patience=40))
print(f"stopped after {len(stopped['loss'])} epochs, best {min(stopped['val_loss']):.3f}")
assert len(stopped["loss"]) < 250

# %%
plots.curves({"free": free, "L2": ridge, "L1": lasso, "stopped": stopped}, log=True)

# %% [markdown]
# ## Exercises
#
# **1.** Why are biases left out of the penalties?
#
# <details><summary>Answer</summary>
#
# A bias moves a neuron's curve to the side or up and does not make it steeper. Holding it near 0
# only keeps the curve near the origin. There are few of them, too:
#
# ```python
# assert len(sparse.parameters()) - len(weights) == 25
# ```
#
# </details>
#
# **2.** Weight decay, as in AdamW, is not the same as an L2 penalty with Adam. Why not?
#
# <details><summary>Answer</summary>
#
# Adam divides the whole gradient by its usual size, the penalty's part too: a weight with large
# gradients is hardly held back. AdamW takes the share off the weight itself.
#
# ```python
# from nn import AdamW
#
# model = MLP(1, [24, 1], "tanh", seed=0)
# history = fit(
#     model, (xs, ys), mse_loss, AdamW(model.parameters(), lr=0.05, weight_decay=0.2),
#     epochs=250, validation=(fine, truth),
# )
# assert history["val_loss"][-1] < free["val_loss"][-1]
# ```
#
# </details>
