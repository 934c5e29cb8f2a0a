"""What can be wrong with a Value class, in words for the person who wrote it.

Each mistake has one name, by which specimens and findings call it. A *limitation* gives right
gradients where it is not reached, and many good engines have one; a mistake gives wrong ones.
Knows no specimen and no experiment.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One way of going wrong.

    Attributes:
        name: what specimens and findings call it.
        means: what happens, and to which number.
        look: where to look in the class, and what should stand there.
        limitation: whether gradients are right as long as it is not reached.
    """

    name: str
    means: str
    look: str
    limitation: bool = False


OVERWRITTEN = Mistake(
    "overwritten gradients",
    "A gradient is written with `=` where a contribution must be added with `+=`. Of a number "
    "that is used twice, only one use counts.",
    "every line of a backward function that changes a .grad; it needs `+=`.",
)
UPSTREAM_DROPPED = Mistake(
    "upstream dropped",
    "The local derivative is passed on without the gradient of the result. That is right at "
    "the last operation alone, where this gradient is 1.",
    "the backward function; each contribution is local derivative * out.grad.",
)
OPERANDS_IN_A_SET = Mistake(
    "operands in a set",
    "Operands are kept in a set or as keys of a dict, so x * x has one operand in place of "
    "two, and one of its two contributions is lost.",
    "where an operation keeps its operands; a tuple keeps both.",
)
OPERANDS_FORGOTTEN = Mistake(
    "operands forgotten",
    "The result does not know what it was computed from, so the backward pass ends there. "
    "Leaves right below it get their gradient, numbers further down get none.",
    "the line that makes the result; it needs all operands, as in Value(data, (self, other)).",
)
CONSTANTS_LEAK = Mistake(
    "constants leak",
    "The gradient of a plain number is added to the gradient of the Value beside it.",
    "the branch for numbers; a number becomes a Value of its own, and its gradient is "
    "simply not read.",
)
CONSTANTS_REFUSED = Mistake(
    "constants refused",
    "An operation that works between two Values fails with a plain int or float.",
    "the first line of the operation, which should turn a number into a Value; and for a "
    "number on the left, __radd__ and its like, which sum() needs too.",
)
CONSTANTS_CUT_OFF = Mistake(
    "constants cut off",
    "With a plain number the result is right, but no gradient comes back from it.",
    "the branch for numbers; its result needs its operands and its backward function as well.",
)
REFLECTED = Mistake(
    "reflected operators",
    "With a number on the left the operands are swapped: 2 - v is computed as v - 2, or 2 / v "
    "as v / 2.",
    "__rsub__ and __rtruediv__; Python calls v.__rsub__(2) for 2 - v, so the order must be "
    "turned back.",
)
NOT_SEEDED = Mistake(
    "root not seeded",
    "The gradient of the Value on which backward() is called stays 0, and 0 is all that "
    "anything gets.",
    "the start of backward(); it needs self.grad = 1.",
)
SEED_ADDED = Mistake(
    "seed added",
    "backward() adds 1 to the gradient of the Value it is called on, on top of what an "
    "earlier pass left there.",
    "the start of backward(); it needs self.grad = 1, not +=.",
)
LEAVES_RESET = Mistake(
    "leaves reset",
    "A second backward pass erases what the first one gave to the leaves. Gradients of leaves "
    "add up until the person sets them to 0; a loss summed over several passes needs that.",
    "the start of backward(); only computed Values may be set back to 0, never leaves.",
)
STALE_INTERMEDIATES = Mistake(
    "stale intermediates",
    "Computed Values still hold the gradient of the first pass when the second begins, and "
    "pass it on again. Gradients are right as long as each graph is swept once.",
    "the start of backward(); set the gradients of computed Values back to 0 there.",
    limitation=True,
)
DEPTH_FIRST = Mistake(
    "depth-first walk",
    "The walk goes down to the operands of a Value before all uses of that Value have given "
    "their contribution; what arrives later is not passed on.",
    "the order in backward(); a Value's turn comes after all Values computed from it: walk a "
    "topological order from its end.",
)
BREADTH_FIRST = Mistake(
    "breadth-first walk",
    "The walk goes level by level. A Value that is used near the result and also deep below "
    "it has its turn too early; what arrives later is not passed on.",
    "the order in backward(); a Value's turn comes after all Values computed from it: walk a "
    "topological order from its end.",
)
WRONG_ORDER = Mistake(
    "wrong order",
    "A Value has its turn before all uses of it have given their contribution; what arrives "
    "later is not passed on.",
    "the order in backward(); a Value's turn comes after all Values computed from it: walk a "
    "topological order from its end.",
)
EVERY_PATH = Mistake(
    "a visit for every path",
    "A Value that is reached in two ways has its turn twice, and the second time passes on "
    "again what it passed on before. (With many such Values it also takes forever.)",
    "the walk in backward(); each Value has one turn: remember those that have been visited.",
)
NOT_REVERSED = Mistake(
    "walk not reversed",
    "Gradients do not get past the last operation: operands have their turn before the "
    "results that give them their gradient, or have no turn at all.",
    "the order in backward(); start at the result: `for v in reversed(order)`.",
)
EQUAL_CONFUSED = Mistake(
    "equal numbers confused",
    "Two different Values that happen to hold the same number are taken for one.",
    "__eq__ and __hash__; sets and dicts of Values need identity, so do not compare data.",
)
IN_PLACE = Mistake(
    "in-place operators",
    "An operation changes the number of an operand, as `s += v` may change the Value that s "
    "stands for. Whatever else was computed from it, or goes by another name, changes too.",
    "__iadd__ and its like; without them Python computes s + v and calls the result s.",
)
LATE_DATA = Mistake(
    "late data",
    "Backward functions read .data when they run, not when the operation ran. Once a weight "
    "has changed, gradients of what was computed before are wrong.",
    "the backward function; keep the numbers of the forward pass in variables of their own.",
    limitation=True,
)
RECURSION = Mistake(
    "recursion",
    "Python allows about 1,000 calls within calls, so a long expression ends in a "
    "RecursionError.",
    "the walk in backward(); a loop with a list of what is still to do has no such limit.",
    limitation=True,
)


def wrong_derivative(operation: str, hint: str = "") -> Mistake:
    """Return the mistake of one operation whose local derivative is off."""
    return Mistake(
        f"wrong derivative of {operation}",
        f"The result of {operation} is right, its derivative is not.",
        f"the backward function of {operation}" + (f"; {hint}." if hint else "."),
    )


# What follows describes a symptom: the experiments know that something is wrong, not what.


def wrong_value(operation: str) -> Mistake:
    """Return the symptom of one operation whose result is wrong."""
    return Mistake(
        f"wrong value of {operation}",
        f"The result of {operation} is wrong, before any gradient is computed.",
        f"the first lines of {operation}.",
    )


NO_GRADIENT = Mistake(
    "no gradient arrives",
    "The result is right, but no gradient comes back from it.",
    "whether the result knows its operands, and whether its backward function is attached "
    "to it.",
)
UPSTREAM_WRONG = Mistake(
    "upstream mishandled",
    "The gradient is right at the last operation, but wrong below another one.",
    "the backward function; each contribution is local derivative * out.grad.",
)
RAISES = Mistake(
    "an exception",
    "The experiment ends in an exception.",
    "the line that raises; everything that builds on it could not be tried.",
)
UNUSABLE = Mistake(
    "not a Value class",
    "Value(3.0) must make an object with .data, .grad and .backward(); nothing else could be "
    "tried.",
    "__init__ and backward().",
)
WRONG_SEED = Mistake(
    "wrong seed",
    "backward() starts from something else than 1; nothing else could be tried.",
    "the start of backward(); it needs self.grad = 1.",
)
SHARED_VALUE = Mistake(
    "shared value",
    "A number that is used twice does not get the sum of both contributions.",
    "how contributions of several uses come together.",
)
SECOND_PASS = Mistake(
    "second pass",
    "A second backward pass does not add what it should to the leaves.",
    "what backward() leaves behind on the Values: gradients, marks, lists.",
)
DISTURBED = Mistake(
    "expressions disturb each other",
    "What one expression gets depends on others, or on what ran before it.",
    "what all Values share: attributes of the class, lists, dicts, default arguments.",
)
UNUSED = Mistake(
    "unused values",
    "A Value that the result does not depend on takes part in the backward pass.",
    "which Values backward() visits.",
)
DATA_CHANGED = Mistake(
    "data changed",
    "The backward pass changes .data, which is for the forward pass alone.",
    "backward functions that write to .data.",
)
LONG_EXPRESSIONS = Mistake(
    "long expressions",
    "The gradients of a long sum are wrong, though those of short ones are right.",
    "what depends on the number of Values.",
)
