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
# `depth_sweep` sends normal numbers through 20 layers of 16 neurons, each with a tanh, and random
# gradients back. Of what it reports we print three numbers:
#
# * `outputs`: the deviation of what the last layer gives out;
# * `saturated`: the share of all outputs beyond $\pm 0.97$. There the slope of tanh,
#   $1 - \tanh^2$, is below 0.06, and little of a gradient comes through;
# * `first/last`: the deviation of the gradients of the outputs in the first layer, divided by
#   that in the last. Gradients go from last to first: far below 1 they have vanished on the way,
#   far above 1 they have exploded.
#
# `normal(0, s)` draws weights with mean 0 and deviation `s`. Xavier and its gain are explained
# below.

# %%
choices = {
    "normal(0, 0.01)": init.normal(0.0, 0.01),
    "normal(0, 1)": init.normal(0.0, 1.0),
    "normal(0, 10)": init.normal(0.0, 10.0),
    "Xavier, gain 1": init.xavier_normal(1.0),
    "Xavier, gain 5/3": init.xavier_normal(5 / 3),
}
sweeps = {}
for name, start in choices.items():
    sweep = sweeps[name] = diagnostics.depth_sweep(start, "tanh", samples=8)
    print(
        f"{name:16}  outputs {sweep.outputs[-1]:7.1e}  saturated {sweep.saturated:3.0%}  "
        f"first/last {sweep.ratio:7.1e}"
    )
assert sweeps["normal(0, 0.01)"].ratio < 1e-20
assert sweeps["normal(0, 1)"].ratio > 1e3
assert sweeps["normal(0, 10)"].ratio < 1e-10
assert sweeps["Xavier, gain 1"].outputs[-1] < 0.3
assert sweeps["Xavier, gain 5/3"].outputs[-1] > 0.6
assert 0.1 < sweeps["Xavier, gain 5/3"].ratio < 10.0

# %% [markdown]
# With weights of 0.01 the signal dies on its way, and so does the gradient: the first layer will
# not learn. With weights of 1 more than half of the outputs are saturated.
#
# Two things act on a gradient at each layer. The slope of tanh makes it smaller; then 16 of them
# are added up, each multiplied by a weight, which makes it larger if weights are large. With
# weights of 1 the sums win, and gradients explode. With weights of 10 nearly every output is
# saturated, the slopes win, and gradients vanish.
#
# In between is a narrow path. Xavier Glorot and Yoshua Bengio (2010) say where: a layer of $n$
# inputs and $m$ outputs takes weights of variance $2 / (n + m)$. Ours has as many outputs as
# inputs, so that is $1 / n$.
#
# A tanh makes numbers a little smaller, and after 20 of them the outputs are small, too. The gain
# makes up for that: all weights are multiplied by it. $5/3$ for tanh is a rule of thumb.
#
# ## Why one over the number of inputs
#
# A neuron adds up $n$ products of a weight and an input. If all are independent, with mean 0, the
# variance of the sum is $n$ times the variance of a weight times that of an input. To keep the
# variance of the inputs, weights need variance $1 / n$, which is a deviation of
# $1 / \sqrt{n}$. Here inputs have variance 1, and each line takes 1000 sums:

# %%
generator = random.Random(0)
for n in (4, 64, 1024):
    sums = []
    for _ in range(1000):
        weights = [generator.gauss(0.0, n**-0.5) for _ in range(n)]
        sums.append(sum(w * generator.gauss(0.0, 1.0) for w in weights))
    variance = sum(s * s for s in sums) / len(sums)
    print(f"{n:5} inputs: variance of the sum {variance:.2f}")
    assert 0.8 < variance < 1.25

# %% [markdown]
# relu sets half of the signal to 0, so its weights need twice the variance, $2 / n$: He et al.
# 2015.

# %%
relu = {"1 / n": init.lecun_normal(), "2 / n": init.he_normal()}
for name, start in relu.items():
    sweep = diagnostics.depth_sweep(start, "relu", samples=8)
    print(f"relu, variance {name}: outputs of the last layer {sweep.outputs[-1]:.1e}")
    assert (sweep.outputs[-1] > 0.1) == (name == "2 / n")

# %% [markdown]
# ## The first loss tells
#
# A network that knows nothing should say so. With 3 classes it then gives each a probability of
# 1/3, and its first cross-entropy is $\ln 3 = 1.10$. Far more means that it is sure of itself for
# no reason.
#
# `look_inside` reports the loss and, for each layer, the mean and the deviation of its outputs,
# the share that is saturated (only tanh and sigmoid can be), the share of dead neurons, which give
# 0 for every sample, and the deviations of the gradients of the outputs, of the weights, and of
# the gradients of the weights. `micrograd` draws weights evenly between -1 and 1.

# %%
points, classes = data.iris()
points, classes = points[::3], classes[::3]
print(f"a network that knows nothing: loss {diagnostics.expected_loss(3):.2f}")
for name in ("micrograd", "xavier"):
    model = MLP(4, [16, 3], "tanh", init=name, seed=0)
    report = diagnostics.look_inside(model, (points, classes), cross_entropy)
    print(f"\n{name}: {report}")

# %% [markdown]
# With Xavier the first loss is nearer to that, but not near: something is left. This is how the
# outputs of that network are spread:

# %%
plots.histograms(diagnostics.layer_outputs(model, points))

# %% [markdown]
# Many outputs of the first layer are near -1 and 1. Xavier keeps the size of the inputs, and
# those of Iris are large: centimetres, none below 0. Smaller weights would help, but they would
# have to be chosen anew for every unit of length. Standardised inputs have mean 0 and deviation
# 1 in any unit:

# %%
from nn import standardise

(scaled,) = standardise(points)
print(f"from {min(map(min, points))} to {max(map(max, points))} cm before")
model = MLP(4, [16, 3], "tanh", init="xavier", seed=0)
before = diagnostics.look_inside(model, (points, classes), cross_entropy)
after = diagnostics.look_inside(model, (scaled, classes), cross_entropy)
for name, report in {"before": before, "after": after}.items():
    print(
        f"{name}: first layer {report.layers[0].saturated:.0%} saturated, loss {report.loss:.2f}"
    )
assert after.layers[0].saturated < before.layers[0].saturated
assert abs(after.loss - diagnostics.expected_loss(3)) < 0.1

# %% [markdown]
# ## Exercises
#
# **1.** What if all weights start at the same number?
#
# <details><summary>Answer</summary>
#
# Then all neurons of a layer compute the same, get the same gradient, and stay the same for
# ever. Here are four neurons that are one:
#
# ```python
# same = MLP(2, [4, 1], "tanh", init=init.constant(0.5), seed=0)
# same([0.3, -0.8]).backward()
# gradients = [[w.grad for w in neuron.w] for neuron in same.layers[0].neurons]
# print(gradients)
# assert all(row == gradients[0] for row in gradients)
# ```
#
# </details>
#
# **2.** Find a deviation for normal weights with which gradients neither vanish nor explode in 20
# layers of relu, by trying. What does He predict for 16 inputs?
#
# <details><summary>Answer</summary>
#
# He predicts a variance of $2 / 16$, which is a deviation of $\sqrt{2 / 16} = 0.354$. Gradients of
# the first layer over those of the last:
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
