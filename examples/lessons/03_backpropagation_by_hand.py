# %% [markdown]
# # 3. Backpropagation by hand, against the engine
#
# You know a neuron works if you can do its backward pass with a pencil. Here is one neuron with
# two inputs; we find all its gradients by hand and then ask the engine.

# %%
import math

from autograd import Value, check_gradients, tanh
from viz import explore

# This b makes the output 0.7071 and the slope of tanh there 0.5.
x1, x2, w1, w2, b = 2.0, 0.0, -3.0, 1.0, 6.8813735870195432

# %% [markdown]
# ## Forward
#
# One step a line, every result with a name.

# %%
x1w1 = x1 * w1
x2w2 = x2 * w2
total = x1w1 + x2w2
n = total + b
o = math.tanh(n)
print(f"{x1w1 = }, {x2w2 = }, {total = }, n = {n:.4f}, o = {o:.4f}")

# %% [markdown]
# ## Backward
#
# Now from the end. `d_n` is short for "how `o` changes with `n`". Every line is the gradient of
# the result times one local derivative.

# %%
d_o = 1.0
d_n = d_o * (1.0 - o**2)  # the slope of tanh, by its own value
d_total = d_n * 1.0  # a sum hands on what it gets
d_b = d_n * 1.0
d_x1w1 = d_total * 1.0
d_x2w2 = d_total * 1.0
d_x1, d_w1 = d_x1w1 * w1, d_x1w1 * x1  # a product hands on the other factor
d_x2, d_w2 = d_x2w2 * w2, d_x2w2 * x2
by_hand = [d_x1, d_x2, d_w1, d_w2, d_b]
print([round(d, 6) for d in by_hand])

# %% [markdown]
# ## The engine

# %%
values = [
    Value(number, label=name)
    for name, number in (("x1", x1), ("x2", x2), ("w1", w1), ("w2", w2), ("b", b))
]
vx1, vx2, vw1, vw2, vb = values
out = (vx1 * vw1 + vx2 * vw2 + vb).tanh()
out.label = "o"
out.backward()
by_engine = [value.grad for value in values]
print([round(d, 6) for d in by_engine])
assert all(abs(ours - theirs) < 1e-12 for ours, theirs in zip(by_hand, by_engine))

# %% [markdown]
# `x2` is 0, so `w2` gets 0: a weight on a silent input learns nothing from this sample.
#
# The page below steps through the same pass, one operand at a time. Turn on "Predict" and say
# each number before it is shown.

# %%
explore(out, title="a neuron, step by step")

# %% [markdown]
# ## A judge who knows no rules
#
# Two people may share a mistake. `check_gradients` compares with references that use no formula
# of a derivative at all.


# %%
def neuron(x1, x2, w1, w2, b):
    return tanh(x1 * w1 + x2 * w2 + b)


report = check_gradients(neuron, x1, x2, w1, w2, b)
print(report)
assert report

# %% [markdown]
# `reference` is what the derivative ought to be, found without any formula for it, and `by` says
# how; `+-` is how far off the reference itself may be. `ulps` counts the floats between ours and
# the reference. Lesson 13 has more.

# %% [markdown]
# ## Exercises
#
# **1.** Check the gradients that *you* found, not those of the engine.
#
# <details><summary>Answer</summary>
#
# ```python
# report = check_gradients(neuron, x1, x2, w1, w2, b, gradient=lambda *_: tuple(by_hand))
# assert report
# ```
#
# </details>
#
# **2.** Make a mistake on purpose, such as `1 + o**2`, and check again. What does the report say?
#
# <details><summary>Answer</summary>
#
# Every input that the wrong factor reaches is wrong, by the same factor.
#
# ```python
# factor = (1.0 + o**2) / (1.0 - o**2)
# wrong = tuple(d * factor for d in by_hand)
# report = check_gradients(neuron, x1, x2, w1, w2, b, gradient=lambda *_: wrong)
# print(report)
# assert not report
# assert [row.verdict for row in report.rows] == ["wrong", "wrong", "wrong", "ok", "wrong"]
# ```
#
# </details>
#
# **3.** Write tanh as $(e^{2n} - 1) / (e^{2n} + 1)$ with operations of `Value`. Do the gradients
# change?
#
# <details><summary>Answer</summary>
#
# No: the chain rule does not care into how many steps you cut a function.
#
# ```python
# e = (2.0 * (vx1 * vw1 + vx2 * vw2 + vb)).exp()
# again = (e - 1.0) / (e + 1.0)
# for value in values:
#     value.grad = 0.0
# again.backward()
# assert all(abs(value.grad - d) < 1e-9 for value, d in zip(values, by_hand))
# ```
#
# </details>
