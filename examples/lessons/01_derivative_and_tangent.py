# %% [markdown]
# # 1. What a derivative says
#
# Everything in this course rests on one number: how much does a result change if I nudge an
# input a little? This lesson finds that number three ways, for a function that you can draw.

# %%
from autograd import Value, grad
from viz import plots


def f(x):
    return 3 * x**2 - 4 * x + 5


f(3.0)

# %% [markdown]
# ## Nudge it
#
# Move the input by a small step `h` and look at how far the result moves, per unit of `h`.

# %%
for h in (1.0, 0.1, 0.01, 0.001):
    print(f"h = {h:<6} slope {(f(3.0 + h) - f(3.0)) / h:.5f}")

# %% [markdown]
# The numbers settle down at 14. That limit is the derivative. By the rules of calculus it is
# $6x - 4$, which at 3 is 14 as well.
#
# ## Let the engine find it
#
# `grad(f)` is the function that computes the derivative of `f`. It takes no small steps: it
# applies the rules of calculus to each operation of `f`, one after the other.

# %%
slope = grad(f)(3.0)
print(slope)
assert slope == 14.0

# %% [markdown]
# The derivative is the slope of the tangent: the straight line that touches the curve.

# %%
plots.tangent(f, 3.0, limits=(-1.0, 5.0))

# %% [markdown]
# At the bottom of the valley the tangent is flat. Going down means going against the slope,
# so let us take a few steps of size `0.1 * slope`:

# %%
x = 3.0
for step in range(20):
    x = x - 0.1 * grad(f)(x)
print(f"x = {x:.4f}, f(x) = {f(x):.4f}, slope {grad(f)(x):.4f}")
assert abs(x - 2 / 3) < 1e-3

# %% [markdown]
# That is gradient descent, and all of training a network is this loop with more inputs.
#
# ## Several inputs
#
# With a `Value` you keep the inputs, and ask each of them afterwards.

# %%
a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
d = a * b + c
d.backward()
print("d =", d.data, "  slopes:", a.grad, b.grad, c.grad)
assert (a.grad, b.grad, c.grad) == (-3.0, 2.0, 1.0)

# %% [markdown]
# If `a` grows by a little `h`, `d` changes by `-3 * h`: by as much as `b` is, for `b` is what `a`
# is multiplied by.
#
# ## Exercises
#
# **1.** Where is the slope of `f` exactly 0? Check it with `grad`.
#
# <details><summary>Answer</summary>
#
# $6x - 4 = 0$ at $x = 2/3$.
#
# ```python
# assert abs(grad(f)(2 / 3)) < 1e-12
# ```
#
# </details>
#
# **2.** A very small `h` should give a better slope. Try `h = 1e-15`. What happens, and why?
#
# <details><summary>Answer</summary>
#
# `3.0 + 1e-15` is rounded to a neighbouring float, so the step taken is not the step you divide
# by, and the difference of two nearly equal numbers has hardly a digit left. That is why the
# engine applies rules and takes no steps.
#
# ```python
# h = 1e-15
# assert abs((f(3.0 + h) - f(3.0)) / h - 14.0) > 0.1
# assert grad(f)(3.0) == 14.0
# ```
#
# </details>
#
# **3.** What is the slope of the slope of `f` at 3?
#
# <details><summary>Answer</summary>
#
# ```python
# assert grad(grad(f))(3.0) == 6.0
# ```
#
# </details>
