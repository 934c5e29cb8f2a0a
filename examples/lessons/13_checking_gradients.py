# %% [markdown]
# # 13. Trust, but check
#
# A wrong gradient does not crash. The network just learns a little worse, and nobody knows why. So
# gradients are checked, against something that does not know the rules.

# %%
import math

from hypothesis import strategies as st

from autograd import check_gradients, exp, grad, log, operation, tanh
from autograd.strategies import check_property, numbers, programs

# %% [markdown]
# ## Finite differences
#
# The oldest check: nudge, and compare. How small should the nudge be?


# %%
def f(x):
    return exp(x) * tanh(x)


truth = grad(f)(1.0)
for k in range(1, 16, 2):
    h = 10.0**-k
    error = abs((f(1.0 + h) - f(1.0 - h)) / (2 * h) - truth)
    print(
        f"h = 1e-{k:<2}  error {error:.1e}  {'#' * max(0, int(16 + math.log10(error + 1e-16)))}"
    )

# %% [markdown]
# Too large a step misses the curve, too small a step drowns in rounding; the best is about the cube
# root of the rounding error, and ten digits are all one gets. `check_gradients` does better: it looks
# for the most exact way there is, says how far off that may be, and judges by it.

# %%
report = check_gradients(f, 1.0)
print(report)
assert report

# %% [markdown]
# ## Who is to blame?
#
# This operation has a factor of 1.001 in its derivative. No picture shows that. The report does, and
# names it.

# %%
almost = operation(
    "x * sigmoid(x)", name="almost", dx="1.001 * sigmoid(x) * (1 + x * sigmoid(-x))"
)


def network(x, w):
    return tanh(almost(x * w) + w)


report = check_gradients(network, 0.5, 2.0)
print(report)
assert not report
assert "almost" in str(report.suspects[0])

# %% [markdown]
# ## At a kink
#
# relu has no derivative at 0: 0 from the left, 1 from the right. Anything between is a fair answer,
# and the report says that it is one.

# %%
from autograd import relu

report = check_gradients(relu, 0.0)
print(report.rows[0].verdict, "-", report.rows[0].note)
assert report.rows[0].verdict == "kink"

# %% [markdown]
# ## Everywhere at once
#
# One point proves little. Hypothesis tries many, odd ones first, and shrinks a failure to the
# simplest that fails. `check_property` makes a test of a function in one line.


# %%
@check_property(numbers("log"), st.floats(0.5, 2.0), modes="reverse")
def entropy(p, scale):
    return -p * log(p) * scale


entropy()
print("held at every point that was tried")


# %%
@check_property(st.floats(-3.0, 3.0), modes="reverse")
def suspicious(x):
    return almost(x) + x * x


try:
    suspicious()
except AssertionError as problem:
    print(str(problem).split("\n")[0])
else:
    raise AssertionError("it was not noticed")

# %% [markdown]
# Whole programs can be drawn, too: what an engine should be tested with.

# %%
from hypothesis import HealthCheck, given, settings


@settings(
    max_examples=20, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(programs(inputs=2, steps=5))
def engine_is_right(program):
    assert check_gradients(program, *program.point, modes="reverse")


engine_is_right()

# %% [markdown]
# ## Exercises
#
# **1.** Check a gradient that you wrote yourself: for $x^2 y$, at (3, 2).
#
# <details><summary>Answer</summary>
#
# ```python
# def mine(x, y):
#     return 2 * x * y, x**2
#
#
# assert check_gradients(lambda x, y: x**2 * y, 3.0, 2.0, gradient=mine)
# ```
#
# </details>
#
# **2.** What does the report say of a function that takes a number out with `.data`?
#
# <details><summary>Answer</summary>
#
# The function really changes by more than the engine sees: a number went around the tape.
#
# ```python
# report = check_gradients(lambda x: x * x.data, 3.0, modes="reverse")
# print(report)
# assert not report
# ```
#
# </details>
#
# **3.** Repair `almost`, and show that it is right.
#
# <details><summary>Answer</summary>
#
# ```python
# repaired = operation(
#     "x * sigmoid(x)", name="repaired", dx="sigmoid(x) * (1 + x * sigmoid(-x))"
# )
# check_property(st.floats(-30.0, 30.0))(lambda x: repaired(x))()
# ```
#
# </details>
