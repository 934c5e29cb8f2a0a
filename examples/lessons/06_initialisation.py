# %% [markdown]
# # 6. Where weights start
#
# A deep network multiplies many numbers. If each is a little too small, signals die on the way;
# a little too large, and they blow up. This lesson looks at both, in numbers.

# %%
import random

from nn import MLP, cross_entropy, data, diagnostics, init
from viz import plots

# %% [markdown]
# ## Twenty layers, just initialised
#
# `depth_sweep` sends normal numbers through 20 layers of 16 neurons and random gradients back,
# and reports how large they are in each layer.

# %%
choices = {
    "0.01 * normal": init.normal(0.0, 0.01),
    "1.0 * normal": init.normal(0.0, 1.0),
    "Xavier": init.xavier_normal(5 / 3),
    "He, for tanh": init.he_normal(),
}
for name, start in choices.items():
    sweep = diagnostics.depth_sweep(start, "tanh", samples=8)
    print(
        f"{name:14} last outputs {sweep.outputs[-1]:8.1e}  saturated {sweep.saturated:4.0%}  "
        f"gradient first/last {sweep.ratio:8.1e}"
    )
tiny = diagnostics.depth_sweep(choices["0.01 * normal"], "tanh", samples=8)
good = diagnostics.depth_sweep(choices["Xavier"], "tanh", samples=8)
assert tiny.ratio < 1e-20
assert 0.01 < good.ratio < 100.0

# %% [markdown]
# With weights of 0.01 the first layer gets a gradient of practically nothing: it will not learn.
# With weights of 1 nearly every tanh is at its end, where its slope is 0. In between is a narrow
# path, and Xavier (Glorot and Bengio 2010) says where: the variance of the weights is one over
# the number of inputs.
#
# ## Why one over the number of inputs
#
# A neuron adds up `n` products. If inputs and weights are independent with mean 0, the variance
# of the sum is `n` times the product of theirs. To keep it as it was, the weights need variance
# `1 / n`.

# %%
generator = random.Random(0)
for n in (4, 64, 1024):
    sums = []
    for _ in range(300):
        weights = [generator.gauss(0.0, n**-0.5) for _ in range(n)]
        sums.append(sum(w * generator.gauss(0.0, 1.0) for w in weights))
    variance = sum(s * s for s in sums) / len(sums)
    print(f"{n:5} inputs: variance of the sum {variance:.2f}")
    assert 0.7 < variance < 1.4

# %% [markdown]
# relu throws half of the signal away, so it needs twice the variance: He et al. 2015.
#
# ## The first loss tells
#
# A network that knows nothing should say so. With 3 classes its first cross-entropy should be
# $\log 3 = 1.099$; far more means that it is sure of itself for no reason.

# %%
points, classes = data.iris()
points, classes = points[::3], classes[::3]
for name in ("micrograd", "xavier"):
    model = MLP(4, [16, 3], "tanh", init=name, seed=0)
    report = diagnostics.look_inside(model, (points, classes), cross_entropy)
    print(f"{name}: first loss {report.loss:.2f}, expected {diagnostics.expected_loss(3):.2f}")
print(report)

# %%
plots.histograms(diagnostics.layer_outputs(model, points))

# %% [markdown]
# The inputs of Iris are centimetres, up to 8, so the first layer is saturated whatever the
# weights are. Standardised inputs have mean 0 and deviation 1:

# %%
from nn import standardise

(scaled,) = standardise(points)
model = MLP(4, [16, 3], "tanh", init="xavier", seed=0)
before = diagnostics.look_inside(model, (points, classes), cross_entropy).layers[0]
after = diagnostics.look_inside(model, (scaled, classes), cross_entropy).layers[0]
print(f"saturated: {before.saturated:.0%} before, {after.saturated:.0%} after")
assert after.saturated < before.saturated

# %% [markdown]
# ## Exercises
#
# **1.** What if all weights start at the same number?
#
# <details><summary>Answer</summary>
#
# Then all neurons of a layer compute the same, get the same gradient, and stay the same for
# ever: sixteen neurons that are one.
#
# ```python
# same = MLP(2, [4, 1], "tanh", init=init.constant(0.5), seed=0)
# same([0.3, -0.8]).backward()
# gradients = [[w.grad for w in neuron.w] for neuron in same.layers[0].neurons]
# assert all(row == gradients[0] for row in gradients)
# ```
#
# </details>
#
# **2.** Find a deviation for normal weights that keeps 20 layers of relu alive, by trying. What
# does He predict for 16 inputs?
#
# <details><summary>Answer</summary>
#
# $\sqrt{2 / 16} = 0.354$.
#
# ```python
# ratios = {
#     std: diagnostics.depth_sweep(init.normal(0.0, std), "relu", samples=8).ratio
#     for std in (0.1, 0.354, 1.0)
# }
# print(ratios)
# assert ratios[0.1] < 1e-6 < 1e-3 < ratios[0.354] < 1e3 < 1e6 < ratios[1.0]
# ```
#
# </details>
