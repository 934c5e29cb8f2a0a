"""The gradient of calls that all look alike, ready to run without a further look at them.

A short function is computed faster than its arguments are taken apart. So after the first call
with plain floats, or with one list of them, the way to the result is kept, for calls of exactly
that form. Whatever is different goes the long way, which also has all the errors.
"""

from collections.abc import Sequence
from typing import Any

from autograd.compiling.specialising import Compilation, Family, Specialisation, answer

_FLOATS = frozenset({float})


class Ready:
    """Value and gradient for calls of one form.

    Attributes:
        last: the specialisation and the compilation that run.
    """

    __slots__ = ("_count", "_family", "_kernel", "_listed", "_several", "last")

    def __init__(
        self,
        family: Family,
        last: tuple[Specialisation, Compilation],
        args: Sequence[Any],
        argnums: Any,
    ) -> None:
        self._family = family
        self.last = last
        self._kernel = last[1].kernel
        self._listed = type(args[0]) is list
        self._count = len(args[0] if self._listed else args)
        self._several = not isinstance(argnums, int)

    def run(self, args: Sequence[Any]) -> tuple[Any, Any] | None:
        """Return value and gradient, None if this call must go the long way."""
        if self._listed:
            if len(args) != 1 or type(args[0]) is not list:
                return None
            args = args[0]
        if len(args) != self._count or not _FLOATS.issuperset(map(type, args)):
            return None
        family, member = self._family, self.last[0]
        # Another branch was the last one: it is tried first.
        if family.members[0] is not member:
            return None
        results = answer(self._kernel, args)
        if type(results) is not list:
            return None
        family.tick()
        family.use(member)
        if self._listed:
            return results[0], results[1:]
        return results[0], tuple(results[1:]) if self._several else results[1]


def is_plain(argnums: Any) -> bool:
    """Return whether argnums are one whole number, or a tuple of them."""
    kind = type(argnums)
    return kind is int or (kind is tuple and all(type(k) is int for k in argnums))


def suits(args: Sequence[Any], argnums: Any, member: Specialisation) -> bool:
    """Return whether calls like this one can be kept ready."""
    if member.recording.captured or not is_plain(argnums):
        return False
    if len(args) == 1 and type(args[0]) is list:
        return type(argnums) is int and _FLOATS.issuperset(map(type, args[0]))
    return _FLOATS.issuperset(map(type, args))
