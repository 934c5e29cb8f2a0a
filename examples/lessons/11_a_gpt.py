# %% [markdown]
# # 11. A GPT of scalar weights
#
# The same task as before, with the architecture of the large models: embeddings, attention, a
# network in between, residual connections. About 4,000 weights, every one of them a `Value`.
#
# It learns first as an engine of numbers does, one by one, and then as machine code.

# %%
import math
import os
import random
import time

from autograd import Value, dot, softmax, take
from nn import Adam, Module, cross_entropy, data, fit
from viz import plots

# How many names to learn from in each way, and the longest name. The whole lesson takes about a
# minute; tests of this file make it shorter.
STEPS = int(os.environ.get("LESSON_STEPS", "3000"))
LONGEST = int(os.environ.get("LESSON_LETTERS", "7"))

letters = ".abcdefghijklmnopqrstuvwxyz"
number = {letter: k for k, letter in enumerate(letters)}
names = [name for name in data.names() if len(name) <= LONGEST]
PLACES = LONGEST + 1  # a name and the dot that ends it
WIDTH, HEADS = 16, 4
print(len(names), "names of at most", LONGEST, "letters")

# %% [markdown]
# ## The model
#
# A matrix is a list of rows of `Value`s, a vector a list of numbers. `dot` is a weighted sum as one
# row of the tape.


# %%
def linear(matrix, x):
    return [dot(row, x) for row in matrix]


def normalised(x):
    """x with a mean square of 1: RMSNorm, without weights."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def added(x, y):
    return [a + b for a, b in zip(x, y)]


class GPT(Module):
    def __init__(self, generator):
        def matrix(rows, columns):
            return [
                [Value(generator.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)
            ]

        self.token = matrix(27, WIDTH)
        self.place = matrix(PLACES, WIDTH)
        self.query, self.key = matrix(WIDTH, WIDTH), matrix(WIDTH, WIDTH)
        self.value, self.out = matrix(WIDTH, WIDTH), matrix(WIDTH, WIDTH)
        self.up, self.down = matrix(4 * WIDTH, WIDTH), matrix(WIDTH, 4 * WIDTH)
        self.scores = matrix(27, WIDTH)

    def step(self, token, place, keys, values):
        """Return the scores of the next letter; keys and values grow by this place's."""
        # take(xs, k) is xs[k] for a k that a compiled function is given.
        meaning = [take(column, token) for column in zip(*self.token)]
        x = normalised(added(meaning, self.place[place]))
        inside = normalised(x)
        keys.append(linear(self.key, inside))
        values.append(linear(self.value, inside))
        x = added(x, linear(self.out, self.attention(linear(self.query, inside), keys, values)))
        hidden = [h.relu() for h in linear(self.up, normalised(x))]
        x = added(x, linear(self.down, hidden))
        return linear(self.scores, x)

    def attention(self, query, keys, values):
        """Return each head's mean of the values so far, by how well a key answers the query."""
        size, attended = WIDTH // HEADS, []
        for start in range(0, WIDTH, size):
            head = slice(start, start + size)
            answers = [dot(query[head], key[head]) / size**0.5 for key in keys]
            shares = softmax(answers)
            attended += [dot(shares, column) for column in zip(*(v[head] for v in values))]
        return attended

    def __call__(self, tokens):
        keys, values = [], []
        return [self.step(token, k, keys, values) for k, token in enumerate(tokens)]


model = GPT(random.Random(42))
print(len(model.parameters()), "weights")
assert 3500 < len(model.parameters()) < 4500

# %% [markdown]
# ## The samples
#
# A name becomes `.emma.` as numbers; every letter is a question and the next one its answer. So
# that all samples have one length, short names are filled up, and the last number of a target says
# how many answers count.


# %%
def sample(name):
    tokens = [0, *(number[letter] for letter in name), 0]
    count = len(tokens) - 1
    tokens += [0] * (PLACES + 1 - len(tokens))
    return tokens[:-1], [*tokens[1:], count]


# The share of the answer at each place in the mean over a name, by the count of its answers.
shares = [[1.0 / c if place < c else 0.0 for c in range(PLACES + 1)] for place in range(PLACES)]


def loss(scores, target):
    *answers, count = target
    losses = [cross_entropy(s, a) for s, a in zip(scores, answers)]
    return dot([take(share, count) for share in shares], losses)


generator = random.Random(0)
chosen = [sample(generator.choice(names)) for _ in range(STEPS)]
samples = [x for x, _ in chosen], [y for _, y in chosen]

# %% [markdown]
# ## One by one
#
# A few steps on the engine, to see what they cost. A network that knows nothing has a loss of
# $\log 27 = 3.30$.

# %%
eager = GPT(random.Random(42))
few = min(STEPS, 60)
start = time.perf_counter()
slow = fit(
    eager,
    (samples[0][:few], samples[1][:few]),
    loss,
    Adam(eager.parameters(), lr=0.01, betas=(0.85, 0.99)),
    epochs=1,
    batch_size=1,
    backend="eager",
)
each = (time.perf_counter() - start) / few
print(f"{1000 * each:.1f} ms a step; mean loss {slow['loss'][-1]:.3f}")

# %% [markdown]
# ## As machine code
#
# `backend="compiled"` records the loss of one sample once, appends the backward pass, and compiles
# both, Adam included. The steps are the same; only the Python in between is gone.

# %%
try:
    import llvmlite
except ImportError:
    llvmlite = None
model = GPT(random.Random(42))
optimiser = Adam(model.parameters(), lr=0.01, betas=(0.85, 0.99))
how = {"loss": loss, "optimiser": optimiser, "batch_size": 1}
start = time.perf_counter()
fit(model, (samples[0][:few], samples[1][:few]), epochs=1, **how,
    backend="compiled" if llvmlite else "eager")  # fmt: skip
print(f"the first {few} steps, compiling included: {time.perf_counter() - start:.1f} s")
start = time.perf_counter()
history = fit(model, samples, epochs=1, **how, backend="compiled" if llvmlite else "eager")
each_compiled = (time.perf_counter() - start) / STEPS
print(f"{1000 * each_compiled:.2f} ms a step, {each / each_compiled:.0f} times as fast")
print(f"mean loss of this pass {history['loss'][-1]:.3f}")

# %% [markdown]
# Compiling is done anew for each `fit` (the machine code is kept on disk, so a second run of this
# notebook is faster). Two more passes:

# %%
history = fit(model, samples, epochs=3, **how, backend="compiled" if llvmlite else "eager")
print([round(x, 3) for x in history["loss"]])
if STEPS >= 3000:
    assert history["loss"][-1] < 2.3  # counting pairs of letters gives 2.5

# %%
plots.curves(history, best=False)

# %% [markdown]
# ## Names that nobody has


# %%
def made_up(generator, temperature=0.7):
    keys, values, token, name = [], [], 0, ""
    for place in range(PLACES):
        scores = [s.data / temperature for s in model.step(token, place, keys, values)]
        weights = [math.exp(s - max(scores)) for s in scores]
        [token] = generator.choices(range(27), weights)
        if token == 0:
            break
        name += letters[token]
    return name


generator = random.Random(7)
print(", ".join(made_up(generator) for _ in range(12)))

# %% [markdown]
# ## Exercises
#
# **1.** Attention looks back only. Where in the program is that?
#
# <details><summary>Answer</summary>
#
# Nowhere as a mask: keys and values of later places are not there yet when a place is asked.
# Changing a later letter leaves all earlier scores alone:
#
# ```python
# one = model([0, 5, 13, 13][:PLACES])
# other = model([0, 5, 13, 1][:PLACES])
# assert [s.data for s in one[2]] == [s.data for s in other[2]]
# assert [s.data for s in one[3]] != [s.data for s in other[3]]
# ```
#
# </details>
#
# **2.** Do the engine and the machine code agree?
#
# <details><summary>Answer</summary>
#
# After the same steps from the same weights, up to rounding:
#
# ```python
# from autograd import compile
#
# sample_x, sample_y = samples[0][0], samples[1][0]
# value = loss(eager(sample_x), sample_y).data
# compiled = compile(lambda x, y: loss(eager(x), y), batch=("x", "y"))
# assert abs(compiled([sample_x], [sample_y]).data - value) < 1e-9
# ```
#
# </details>
#
# **3.** How many rows has the tape of one step, and how many would it have without `dot`?
#
# <details><summary>Answer</summary>
#
# ```python
# tape = loss(eager(sample_x), sample_y).tape
# rows = len(tape)
# products = sum((len(row.operands) - 1) // 2 for row in tape if row.operation == "dot")
# print(rows, "rows; with a row for each product and sum about", rows + 2 * products)
# ```
#
# </details>
