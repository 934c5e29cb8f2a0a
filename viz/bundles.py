"""What a notebook is offered of a picture or a page, by kind. Knows no picture."""

from collections.abc import Iterable


def offered(
    bundle: dict[str, str], include: Iterable[str] | None, exclude: Iterable[str] | None
) -> dict[str, str]:
    """Return what a notebook asks for: all kinds or those in `include`, without `exclude`.

    >>> offered({"text/html": "<p>", "text/plain": "p"}, None, ["text/html"])
    {'text/plain': 'p'}
    """
    wanted = set(bundle) if include is None else set(include)
    return {kind: bundle[kind] for kind in bundle if kind in wanted - set(exclude or ())}
