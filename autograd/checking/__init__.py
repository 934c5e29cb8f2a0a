"""Gradient checks that use no derivative formula: of our gradients and of other people's.

`entry` has the functions; each other file has one part of a check. In reading order: slopes,
sides, probing, references, surroundings, verdicts, judging, suspects, calls, properties,
report, blame, entry.
"""

from autograd.checking.entry import assert_gradients, check_gradients
from autograd.checking.report import GradientReport

__all__ = ["GradientReport", "assert_gradients", "check_gradients"]
