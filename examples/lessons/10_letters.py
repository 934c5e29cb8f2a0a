# %% [markdown]
# # 10. A network that makes up names
#
# Letters in, a guess at the next letter out. First by counting pairs, then by a network that
# learns a place for every letter.

# %%
import math
import random

from nn import MLP, Adam, Embedding, Module, cross_entropy, data, fit, predict
from viz import plots

names = data.names()
letters = ".abcdefghijklmnopqrstuvwxyz"  # the dot begins and ends a name
number = {letter: k for k, letter in enumerate(letters)}
print(len(names), "names, such as", ", ".join(names[:5]))

# %% [markdown]
# Every tenth name, drawn by chance, is held back: nothing learns from it, and all are judged by it.

# %%
order = random.Random(0).sample(names, len(names))
unseen, known = order[: len(names) // 10], order[len(names) // 10 :]

# %% [markdown]
# ## Counting
#
# How often does each letter follow each other one?

# %%
counts = [[1] * 27 for _ in range(27)]  # 1 for what never happened
for name in known:
    for a, b in zip(f".{name}", f"{name}."):
        counts[number[a]][number[b]] += 1


def surprise(probability):
    """The mean of -log p of the next letter over the names held back."""
    total, n = 0.0, 0
    for name in unseen:
        for a, b in zip(f".{name}", f"{name}."):
            total -= math.log(probability(number[a], number[b]))
            n += 1
    return total / n


by_counting = surprise(lambda a, b: counts[a][b] / sum(counts[a]))
print(f"a die: {math.log(27):.3f}, counting pairs: {by_counting:.3f}")
assert by_counting < 2.6

# %% [markdown]
# ## Learning
#
# Three letters in. Each letter gets a point in one space of four dimensions that all share, an
# *embedding*, which is learned like any other weight; a network of one hidden layer guesses the
# fourth.

# %%
CONTEXT = 3


class Speller(Module):
    def __init__(self, generator):
        self.places = Embedding(27, 4, seed=generator)
        self.network = MLP(CONTEXT * 4, [24, 27], "tanh", seed=generator)

    def __call__(self, context):
        found = [x for letter in context for x in self.places(letter)]
        return self.network(found)


def cut(some):
    """Every letter of some names, and the three before it."""
    samples, targets = [], []
    for name in some:
        context = [0] * CONTEXT
        for letter in f"{name}.":
            samples.append(context)
            targets.append(number[letter])
            context = [*context[1:], number[letter]]
    return samples, targets


training, test = cut(known), cut(unseen)

speller = Speller(random.Random(0))
print(len(speller.parameters()), "weights,", len(training[0]), "samples")
history = fit(
    speller,
    training,
    cross_entropy,
    Adam(speller.parameters(), lr=0.01),
    epochs=10,
    batch_size=32,
    validation=test,
)
print(f"after {len(history['loss'])} epochs: {history['val_loss'][-1]:.3f} on names not seen")
assert history["val_loss"][-1] < by_counting

# %%
plots.curves(history)

# %% [markdown]
# ## Making up names
#
# Draw a letter by its probability, put it at the end, and go on until the dot comes.


# %%
def made_up(generator):
    context, name = [0] * CONTEXT, ""
    while len(name) < 12:
        [scores] = predict(speller, [context])
        weights = [math.exp(score - max(scores)) for score in scores]
        [letter] = generator.choices(range(27), weights)
        if letter == 0:
            break
        name += letters[letter]
        context = [*context[1:], letter]
    return name


generator = random.Random(3)
print(", ".join(made_up(generator) for _ in range(10)))

# %% [markdown]
# ## Exercises
#
# **1.** Before any training, what should the loss be? Is it?
#
# <details><summary>Answer</summary>
#
# It should be $\log 27 = 3.296$, that of a network that gives every letter the same chance. It is
# more: the weights begin between -1 and 1, too large for 24 inputs (lesson 6), so it is sure of
# itself for no reason. With Xavier's it is as it should be.
#
# ```python
# from nn import evaluate
#
# blank = Speller(random.Random(1))
# some = test[0][:200], test[1][:200]
# assert evaluate(blank, some, cross_entropy)["loss"] > 4.0
# blank.network = MLP(CONTEXT * 4, [24, 27], "tanh", init="xavier", seed=1)
# assert abs(evaluate(blank, some, cross_entropy)["loss"] - math.log(27)) < 0.5
# ```
#
# </details>
#
# **2.** Which letters ended up near each other? Look at vowels.
#
# <details><summary>Answer</summary>
#
# In this run vowels are nearer to each other than to consonants; from other weights it is less
# clear. Nobody told the network what a vowel is: they come before and after the same letters.
#
# ```python
# def place(letter):
#     return [x.data for x in speller.places(number[letter])]
#
#
# def distance(a, b):
#     return math.dist(place(a), place(b))
#
#
# def mean_distance(some, others):
#     found = [distance(a, b) for a in some for b in others if a != b]
#     return sum(found) / len(found)
#
#
# vowels, consonants = "aeiou", "bcdfghjklmnpqrstvwxz"
# print(f"vowels {mean_distance(vowels, vowels):.2f}")
# print(f"vowels and consonants {mean_distance(vowels, consonants):.2f}")
# print(f"consonants {mean_distance(consonants, consonants):.2f}")
# assert mean_distance(vowels, vowels) < mean_distance(vowels, consonants)
# ```
#
# </details>
#
# **3.** Sharpen the guesses: divide the scores by a *temperature* of 0.5 before drawing. What
# changes?
#
# <details><summary>Answer</summary>
#
# Likely letters become more likely: names get more ordinary, and more alike.
#
# ```python
# [scores] = predict(speller, [[0, 0, 0]])
# def top(temperature):
#     weights = [math.exp((s - max(scores)) / temperature) for s in scores]
#     return max(weights) / sum(weights)
# assert top(0.5) > top(1.0) > top(2.0)
# ```
#
# </details>
