# %% [markdown]
# # 2. The tape
#
# How does a number know how it was computed? It does not: a *tape* does. Every operation on
# `Value`s appends one row to it.

# %%
from autograd import Tape, Value
from viz import draw

a, b = Value(2.0, label="a"), Value(-3.0, label="b")
with Tape() as tape:
    c = a * b
    c.label = "c"
    d = c + a
    d.label = "d"
print(tape)

# %% [markdown]
# Read it from top to bottom: two *leaves*, numbers that nobody computed, then a product and a
# sum. Each row has the *local derivatives*: how its value changes with each of its operands,
# and with nothing else moving. For a product that is the other factor; for a sum it is 1.
#
# The gradient column is empty: nobody has asked yet. `backward()` fills it, from the last row
# up.

# %%
d.backward()
print(tape)
assert [row.gradient for row in tape] == [-2.0, 2.0, 1.0, 1.0]

# %% [markdown]
# The picture of the same rows, with the local derivatives on the arrows:

# %%
draw(d)

# %% [markdown]
# ## The rule of the sweep
#
# Each row hands **its gradient times the local derivative** to its operand. Whoever gets from
# several rows adds up. `a` is used twice: by the product, which hands it `1 * -3`, and by the
# sum, which hands it `1 * 1`. Together that is -2.
#
# The whole rule, in plain Python:

# %%
rows = list(tape)
gradients = [0.0] * len(rows)
gradients[-1] = 1.0  # d changes by 1 if d changes by 1
for row in reversed(rows):
    for operand in row.operands:
        gradients[operand.row] += gradients[row.number] * operand.partial
print(gradients)
assert gradients == [row.gradient for row in tape]

# %% [markdown]
# Why from the last row up? A gradient must be complete before it is handed on. All uses of a
# number stand *below* it, so going up meets every use first.
#
# ## What is not on the tape
#
# A branch leaves no trace but the rows that ran:


# %%
def bent(x):
    return x * x if x > 0 else -x


for start in (3.0, -3.0):
    x = Value(start, label="x")
    y = bent(x)
    y.backward()
    print([row.operation for row in y.tape], x.grad)

# %% [markdown]
# ## Exercises
#
# **1.** Draw the tape of `(a + b) * (a - b)` by hand, with local derivatives, and find the
# gradient of `a` at (2, -3). Then check.
#
# <details><summary>Answer</summary>
#
# It is $a^2 - b^2$, so the gradient of `a` is $2a = 4$.
#
# ```python
# a, b = Value(2.0, label="a"), Value(-3.0, label="b")
# y = (a + b) * (a - b)
# y.backward()
# print(y.tape)
# assert (a.grad, b.grad) == (4.0, 6.0)
# ```
#
# </details>
#
# **2.** In the loop above, replace `+=` by `=`. Which gradient is wrong, and why?
#
# <details><summary>Answer</summary>
#
# That of `a`: it is used twice, and the last one to hand it something wins. It is the most
# common bug in engines that people write.
#
# ```python
# wrong = [0.0, 0.0, 0.0, 1.0]
# for row in reversed(rows):
#     for operand in row.operands:
#         wrong[operand.row] = wrong[row.number] * operand.partial
# assert wrong != gradients
# assert wrong[1:] == gradients[1:]
# ```
#
# </details>
#
# **3.** Call `d.backward()` a second time and look at `a.grad`. Why would anybody want that?
#
# <details><summary>Answer</summary>
#
# Leaves add up over sweeps, until somebody clears them: so the gradients of several samples can
# be collected one after the other. Forgetting to clear them is the second most common bug.
#
# ```python
# a, b = Value(2.0), Value(-3.0)
# d = a * b + a
# d.backward()
# d.backward()
# assert a.grad == -4.0
# ```
#
# </details>
