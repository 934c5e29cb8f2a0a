# %% [markdown]
# # 8. Overfitting, and what holds weights back
#
# A network with more weights than samples can learn its samples by heart. That is not what it
# was for. This lesson makes one overfit, and then holds its weights back in three ways.

# %%
import random

from nn import MLP, Adam, EarlyStopping, evaluate, fit, mse_loss, penalties
from viz import plots

generator = random.Random(1)


def noisy(xs):
    """Points near the line y = 0.5 x, off by a normal number of deviation 0.3."""
    return xs, [0.5 * x[0] + generator.gauss(0.0, 0.3) for x in xs]


points = noisy([[-2.0 + 4.0 * k / 11] for k in range(12)])
fine = [[-2.0 + 4.0 * k / 60] for k in range(61)]
truth = fine, [0.5 * x[0] for x in fine]


def trained(penalty=None, after_step=None, validation=truth, **options):
    model = MLP(1, [24, 1], "tanh", seed=0)
    weights = penalties.without_biases(model)
    history = fit(
        model,
        points,
        mse_loss,
        Adam(model.parameters(), lr=0.05),
        epochs=250,
        validation=validation,
        penalty=None if penalty is None else lambda: penalty(weights),
        # All twelve points are one batch, so an epoch is one step.
        callbacks=[] if after_step is None else [lambda run: after_step(weights)],
        **options,
    )
    return model, history


# %% [markdown]
# ## By heart
#
# Twelve noisy points near a straight line, and a network of 73 weights. The error on the points
# goes down and down; the error against the line goes up again. With real data nobody has the line.
# Here we made it, and the validation is 61 points of it.

# %%
model, free = trained()
print(f"{len(model.parameters())} weights")
print(f"on its points {free['loss'][-1]:.3f}, against the line {free['val_loss'][-1]:.3f}")
print(f"it was nearest to the line with {min(free['val_loss']):.3f}")
assert free["val_loss"][-1] > 1.5 * min(free["val_loss"])
plots.curves(free, log=True)

# %% [markdown]
# ## L2: every weight pays for its square
#
# L2 adds $\lambda w^2$ to the loss for every weight $w$; $\lambda$ (lambda) says how much it pays,
# here 0.01. The slope of that is $2 \lambda w$: the larger a weight, the more it is pulled
# towards 0.

# %%
model, ridge = trained(lambda weights: 0.01 * penalties.l2_penalty(weights))
print(f"L2: against the line {ridge['val_loss'][-1]:.3f}")
assert ridge["val_loss"][-1] < 0.8 * free["val_loss"][-1]

# %% [markdown]
# ## L1: every weight pays for its size
#
# L1 adds $\lambda |w|$. The slope of that is $\pm \lambda$, however small the weight is: what the
# data does not hold up goes to 0. Steps of a fixed length only hop around 0, so we let each step
# be followed by `proximal_l1_(weights, 0.002)`: it moves every weight by 0.002 towards 0, and one
# that is nearer than that to exactly 0. With plain gradient descent, 0.002 would be the learning
# rate times $\lambda$, so $\lambda = 0.04$; Adam has steps of its own, so here it is only a number
# that works.

# %%
sparse, lasso = trained(after_step=lambda weights: penalties.proximal_l1_(weights, 0.002))
weights = penalties.without_biases(sparse)
zeros = sum(w.data == 0.0 for w in weights)
print(
    f"L1: {zeros} of {len(weights)} weights are 0, against the line {lasso['val_loss'][-1]:.3f}"
)
assert zeros > len(weights) // 2
assert lasso["val_loss"][-1] < 0.8 * free["val_loss"][-1]
assert abs(lasso["val_loss"][-1] - ridge["val_loss"][-1]) < 0.005

# %% [markdown]
# L1 and L2 come about equally near to the line, and both nearer than the free network. What L1 has
# over L2 is its zeros: most of the weights could be taken out. In the picture those have no
# colour.

# %%
plots.network(sparse, most=24)

# %% [markdown]
# ## Stopping early
#
# The simplest of all: keep the weights of the epoch that did best on points that are not learned
# from. To take the line for that would be to look at the answer, so these are twelve other noisy
# points. `patience=40` stops when 40 epochs have brought nothing better.

# %%
others = noisy([[generator.uniform(-2.0, 2.0)] for _ in range(12)])
model, stopped = trained(validation=others, stopping=EarlyStopping(patience=40))
distance = evaluate(model, truth, mse_loss)["loss"]
best = min(stopped["val_loss"])
print(f"stopped after {len(stopped['loss'])} epochs, best on the other points {best:.3f}")
print(f"against the line {distance:.3f}")
assert len(stopped["loss"]) < 250
assert distance < 0.8 * free["val_loss"][-1]

# %% [markdown]
# The error on the other points is larger because they are noisy, too. The strengths of L1 and L2
# above were chosen by hand; with real data such points choose them as well.
#
# All that were trained to the end, against the line:

# %%
plots.curves({"free": free, "L2": ridge, "L1": lasso}, "val_loss", log=True)

# %% [markdown]
# ## Exercises
#
# **1.** Why are biases left out of the penalties?
#
# <details><summary>Answer</summary>
#
# A bias moves a neuron's curve to the side or up and does not make it steeper. Holding it near 0
# only keeps the curve near the origin. And a neuron has one bias however many inputs it has: with
# one input biases are a third of all weights, with 64 inputs hardly any.
#
# ```python
# for inputs in (1, 64):
#     model = MLP(inputs, [24, 1], "tanh", seed=0)
#     count = len(model.parameters())
#     biases = count - len(penalties.without_biases(model))
#     print(f"{inputs} inputs: {biases} biases of {count} weights")
#     assert biases == 25
# ```
#
# </details>
#
# **2.** Weight decay, as in AdamW, is not the same as an L2 penalty with Adam. Why not? Give both
# two weights of 1 whose gradients only change their sign from step to step, those of the first
# with size 10, those of the second with 0.01.
#
# <details><summary>Answer</summary>
#
# Adam divides the whole gradient by its usual size, the penalty's part too. Where the gradients
# are large, hardly anything of the penalty is left; where they are small, it is nearly all there
# is. AdamW takes a share off the weight itself, the same share off both. (`weight_decay` of
# Adam adds that times the weight to the gradient, which is an L2 penalty.)
#
# That makes AdamW easier to set, not better everywhere. The end of the code trains on our twelve
# points: AdamW with a decay of 0.5 does about as well there as Adam with L2.
#
# ```python
# from autograd import Value
# from nn import AdamW
#
# left = {}
# for kind in (Adam, AdamW):
#     pair = [Value(1.0), Value(1.0)]
#     optimiser = kind(pair, lr=0.001, weight_decay=0.5)
#     for step in range(1000):
#         pair[0].grad, pair[1].grad = 10.0 * (-1) ** step, 0.01 * (-1) ** step
#         optimiser.step()
#     left[kind] = [w.data for w in pair]
#     print(f"{kind.__name__}: {left[kind][0]:.2f} and {left[kind][1]:.2f} are left")
# assert left[Adam][0] > 0.9 and left[Adam][1] < 0.3
# assert abs(left[AdamW][0] - left[AdamW][1]) < 0.01
#
# model = MLP(1, [24, 1], "tanh", seed=0)
# decayed = fit(
#     model,
#     points,
#     mse_loss,
#     AdamW(penalties.decay_groups(model, 0.5), lr=0.05),
#     epochs=250,
#     validation=truth,
# )
# print(f"AdamW {decayed['val_loss'][-1]:.3f}, Adam with L2 {ridge['val_loss'][-1]:.3f}")
# assert abs(decayed["val_loss"][-1] - ridge["val_loss"][-1]) < 0.005
# ```
#
# </details>
