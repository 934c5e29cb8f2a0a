# %% [markdown]
# # 14. Find the bug
#
# You have written an engine of your own, or your neighbour has. It runs, and something is wrong with
# it. Everybody makes the same few mistakes; the zoo keeps one of each.

# %%
import inspect

from autograd.zoo import ENGINES, diagnose

print(len(ENGINES), "engines:", ", ".join(list(ENGINES)[:8]), "...")

# %% [markdown]
# ## A first patient


# %%
class Value:
    """An engine of forty lines, like those that people write in an afternoon."""

    def __init__(self, data, _children=(), _op=""):
        self.data = data
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad = out.grad
            other.grad = out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad = other.data * out.grad
            other.grad = self.data * out.grad

        out._backward = _backward
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for child in v._prev:
                    visit(child)
                order.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v._backward()


x = Value(3.0)
y = x * 2.0 + 1.0
y.backward()
print(x.grad)
assert x.grad == 2.0  # right!

# %% [markdown]
# It is right on the first example. Try another one before you read on: what is the gradient of
# `x + x`?

# %%
x = Value(3.0)
(x + x).backward()
print(x.grad, "and it should be 2")
assert x.grad == 1.0

# %% [markdown]
# ## The diagnosis
#
# `diagnose` runs a class through small graphs, compares with what must come out, and names what it
# recognises.

# %%
report = diagnose(Value)
print(report)
assert "overwritten gradients" in report.names

# %% [markdown]
# `=` where `+=` belongs: a number that is used twice keeps only one contribution. Cure it and ask
# again:


# %%
class Cured(Value):
    def __add__(self, other):
        other = other if isinstance(other, Value) else Cured(other)
        out = Cured(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Cured(other)
        out = Cured(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    __radd__ = __add__
    __rmul__ = __mul__


report = diagnose(Cured)
print(report)
assert "overwritten gradients" not in report.names

# %% [markdown]
# ## A look at the cages
#
# Each mistake of the zoo is a small class that differs from a healthy engine in one place.

# %%
print(inspect.getsource(ENGINES["upstream dropped"]))

# %% [markdown]
# ## Exercises
#
# **1.** Which mistake is it if `x * x` gets gradient `x` in place of `2 * x`, while `x + y` is right?
# There are two in the zoo. Find them.
#
# <details><summary>Answer</summary>
#
# Gradients that are overwritten, and operands that are kept in a set.
#
# ```python
# found = []
# for name, engine in ENGINES.items():
#     try:
#         x, a, b = engine(3.0), engine(1.0), engine(2.0)
#         (x * x).backward()
#         (a + b).backward()
#     except Exception:
#         continue
#     if x.grad == 3.0 and (a.grad, b.grad) == (1.0, 1.0):
#         found.append(name)
# print(found)
# assert {"overwritten gradients", "operands in a set"} <= set(found)
# ```
#
# </details>
#
# **2.** Why is "recursion" in the zoo, although all its gradients are right?
#
# <details><summary>Answer</summary>
#
# It is a limitation, not a mistake: Python allows about a thousand calls within calls, and a sum of
# a few thousand terms is deeper than that.
#
# ```python
# deep = ENGINES["recursion"](0.0)
# total = deep
# for _ in range(3000):
#     total = total + 1.0
# try:
#     total.backward()
#     raise AssertionError("it went through")
# except RecursionError:
#     pass
# ```
#
# </details>
#
# **3.** Break an engine in a new way, and see whether `diagnose` notices.
#
# <details><summary>Answer</summary>
#
# One whose products lose a third of what they hand back, say. It is noticed, as a mistake in
# multiplication:
#
# ```python
# class Forgetful(ENGINES["healthy"]):
#     def __mul__(self, other):
#         out = super().__mul__(other)
#         hand_back = out._backward
#
#         def lossy():
#             whole, out.grad = out.grad, out.grad * 2 / 3
#             hand_back()
#             out.grad = whole
#
#         out._backward = lossy
#         return out
#
#
# report = diagnose(Forgetful)
# print(report)
# assert not report
# ```
#
# </details>
