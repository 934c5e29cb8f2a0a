# %% [markdown]
# # 12. From a tape to a program
#
# Recording is what makes every step visible, and what makes it slow. A program that does the same
# thing again and again can be recorded once and *compiled*.

# %%
import time

from autograd import compile, mean, tanh
from nn import MLP, bce_with_logits, data


def f(x, y):
    return tanh(x * y) + x


fast = compile(f)
print(fast.value_and_grad(0.5, 2.0))
print(fast.source)

# %% [markdown]
# That is the function with its backward pass, as straight-line Python. Every line comes from a row
# of the tape or from a formula of a derivative. That of tanh, $1 - \tanh^2$, is written
# $1 / \cosh^2$: the same, and exact for large inputs, too.
#
# ## Before and after
#
# The program as it was recorded, and after each pass over it:

# %%
for name, program in fast.stages.items():
    print(f"{name}: {len(program.instructions)} instructions")

# %% [markdown]
# The results are those of the engine, to the last bit:

# %%
from autograd import value_and_grad

for x in (0.1, 0.5, 3.0):
    assert fast.value_and_grad(x, 2.0) == value_and_grad(f)(x, 2.0)

# %% [markdown]
# ## Branches
#
# A recording holds the branch that was taken. The compiled function checks the condition each time,
# and records again where it turns out otherwise: never a wrong number.


# %%
def g(x):
    if x > 1.0:
        return x * x
    return 3.0 * x


bent = compile(g)
print(bent(2.0), bent(3.0), "recorded", bent.recordings, "time(s)")
print(bent(0.5), "recorded", bent.recordings, "time(s)")
assert (bent(3.0), bent(0.5), bent.recordings) == (9.0, 1.5, 2)

# %% [markdown]
# ## A batch
#
# Write the loss of one sample, and say which arguments come as columns. With the extra `native`
# that is machine code which works on several samples at a time.

# %%
points, classes = data.moons(100, seed=1)
model = MLP(2, [16, 16, 1], "tanh", seed=0)


def sample_loss(x, y):
    return bce_with_logits(model(x), y)


batch = compile(sample_loss, batch=("x", "y"))
loss = batch(points, classes)
print(batch.backend)


def timed(call, times):
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def eager_step():
    mean([sample_loss(x, y) for x, y in zip(points, classes)]).backward()


def compiled_step():
    batch(points, classes).backward()


eager, compiled = timed(eager_step, 3), timed(compiled_step, 20)
print(
    f"eager {1000 * eager:.1f} ms, compiled {1000 * compiled:.2f} ms: {eager / compiled:.0f} times"
)
assert abs(loss.data - mean([sample_loss(x, y) for x, y in zip(points, classes)]).data) < 1e-12

# %% [markdown]
# Part of that time goes into handing 100 samples and 337 weights over. `fit` hands them over
# once and stays in machine code for whole epochs; see lesson 11.
#
# ## What cannot be compiled
#
# A program knows only what went over the tape. A number that is taken out, with `.data` or
# `random`, would be frozen in it. So it is refused:

# %%
try:
    compile(lambda x: x * x.data)(3.0)
except Exception as problem:
    print(f"{type(problem).__name__}: {problem}")

# %% [markdown]
# ## Exercises
#
# **1.** How often is a function recorded that is called with 100 different numbers?
#
# <details><summary>Answer</summary>
#
# Once, if it has no branches on data.
#
# ```python
# counted = compile(lambda x: tanh(x) * x)
# for k in range(100):
#     counted(0.1 * k)
# assert counted.recordings == 1
# ```
#
# </details>
#
# **2.** `abs(x)` could be written with an `if`. Compile both ways: which one needs one recording for
# numbers of either sign?
#
# <details><summary>Answer</summary>
#
# The operation: a choice *inside* one program. The `if` is a guard, and has a program for each
# branch.
#
# ```python
# from autograd import where
#
# def by_if(x):
#     return x if x > 0 else -x
#
# def by_choice(x):
#     return where(x > 0, x, -x)
#
# for h, recordings in ((by_if, 2), (by_choice, 1)):
#     compiled_h = compile(h)
#     assert [compiled_h(x) for x in (-2.0, 3.0)] == [2.0, 3.0]
#     assert compiled_h.recordings == recordings
# ```
#
# </details>
