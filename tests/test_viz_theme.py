"""The look of a drawing: readable for everybody."""

import pytest

from viz import theme


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG 2.1 defines it."""

    def luminance(colour: str) -> float:
        channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    bright, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("role", theme.ROLES)
def test_text_is_readable_on_every_fill(role: str) -> None:
    look = theme.ROLES[role]
    ink = look.get("fontcolor", theme.NODE["fontcolor"])

    assert contrast(ink, look["fillcolor"]) >= 4.5
    assert contrast(theme.WARNING_LINE, look["fillcolor"]) >= 4.5
    assert contrast(look["color"], theme.BACKGROUND) >= 3.0
    assert contrast(theme.QUIET_INK, theme.BACKGROUND) >= 4.5


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_roles_differ_in_more_than_colour() -> None:
    outlines = {
        tuple(look.get(part) for part in ("shape", "style", "penwidth"))
        for look in theme.ROLES.values()
    }

    assert len(outlines) == len(theme.ROLES)
