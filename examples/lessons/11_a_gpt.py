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
from nn import Adam, Module, cross_entropy, data, evaluate, fit
from viz import plots

# How many names to learn from in each way, and the longest name. The whole lesson takes about
# 15 seconds; tests of this file make it shorter.
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
#
# What is new is *attention*. Each place of a name asks a question, its *query*. Every place so far
# offers a *key*, which says what it has, and a *value*, which is what it has. `dot` of query and
# key says how well they fit, and `softmax` makes shares of that: numbers above 0 that add up to 1.
# The result is the mean of the values by these shares. A sum of more products is larger, so it is
# divided by the root of their number. Several *heads* do this side by side, each on its part of the
# numbers.
#
# Attention and the network behind it do not replace what goes in, they add to it: a *residual
# connection*, along which gradients reach the first layers undiminished. And as a mean knows no
# order, every place adds a vector of its own, `place`.


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


def cut(some):
    pairs = [sample(name) for name in some]
    return [x for x, _ in pairs], [y for _, y in pairs]


# Every tenth name is held back, to judge by.
generator = random.Random(0)
order = generator.sample(names, len(names))
unseen, known = order[: len(names) // 10], order[len(names) // 10 :]
samples = cut(generator.choice(known) for _ in range(STEPS))

# %% [markdown]
# ## One by one
#
# A few steps on the engine, to see what they cost. A network that knows nothing has a loss of
# $\log 27 = 3.30$. The weights start at a deviation of 0.08, near one over the root of four times
# the width. (`betas` say how long Adam remembers directions and sizes; these forget faster than
# usual.)

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
# notebook is faster). Three more passes:

# %%
history = fit(model, samples, epochs=3, **how, backend="compiled" if llvmlite else "eager")
print([round(x, 3) for x in history["loss"]])
if STEPS >= 3000:
    assert history["loss"][-1] < 2.3

# %%
plots.curves(history, best=False)

# %% [markdown]
# That is the loss on names that it has seen again and again. On the names held back, beside what
# counting pairs of letters gives (lesson 10):

# %%
counts = [[1] * 27 for _ in range(27)]
for name in known:
    for a, b in zip(f".{name}", f"{name}."):
        counts[number[a]][number[b]] += 1


def by_counting(name):
    pairs = [(number[a], number[b]) for a, b in zip(f".{name}", f"{name}.")]
    return -sum(math.log(counts[a][b] / sum(counts[a])) for a, b in pairs) / len(pairs)


held_back = evaluate(model, cut(unseen), loss)["loss"]
counted = sum(map(by_counting, unseen)) / len(unseen)
print(f"on names not seen {held_back:.3f}, counting pairs {counted:.3f}")
if STEPS >= 3000:
    assert held_back < counted

# %% [markdown]
# A little better than counting: with so few names, a network of this size learns many of them by
# heart (lesson 8). It takes far more names to do better.
#
# ## Made-up names


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
made = [made_up(generator) for _ in range(12)]
print(", ".join(made))
print("of these it has seen:", ", ".join(name for name in made if name in known) or "none")

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
# twin = GPT(random.Random(42))
# fit(
#     twin,
#     (samples[0][:few], samples[1][:few]),
#     loss,
#     Adam(twin.parameters(), lr=0.01, betas=(0.85, 0.99)),
#     epochs=1,
#     batch_size=1,
#     backend="compiled" if llvmlite else "eager",
# )
# pairs = zip(eager.parameters(), twin.parameters())
# far = max(abs(one.data - other.data) for one, other in pairs)
# print(f"after {few} steps, {len(twin.parameters())} weights are off by {far:.1g} at most")
# assert far < 1e-6
# ```
#
# </details>
#
# **3.** How many rows has the tape of one step, and how many would it have without `dot`?
#
# <details><summary>Answer</summary>
#
# ```python
# tape = loss(eager(samples[0][0]), samples[1][0]).tape
# rows = len(tape)
# products = sum((len(row.operands) - 1) // 2 for row in tape if row.operation == "dot")
# print(rows, "rows; with a row for each product and sum about", rows + 2 * products)
# ```
#
# </details>
