"""Figures as text."""

from collections.abc import Callable

from .results import Spread

Form = Callable[[float], str]

NONE = "–"
KIBIBYTE = 1024
MEBIBYTE = 1024**2


def number(figure: float) -> str:
    """Three significant digits, or all of a larger number's."""
    if abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:#.3g}".rstrip(".") if figure else "0"


def ratio(figure: float) -> str:
    """Digits enough to tell 1.15 from more than 1.15."""
    return f"{figure:.3f}" if figure < 10 else f"{figure:.1f}"


def kibibytes(size: float) -> str:
    return f"{size / KIBIBYTE:.2f} KiB"


def percent(figure: float) -> str:
    return f"{figure * 100:.0f} %"


def runs(count: int) -> str:
    return f"{count:,} run" if count == 1 else f"{count:,} runs"


def median(spread: Spread | None, scale: float = 1, form: Form = number) -> str:
    return form(spread.median * scale) if spread else NONE


def with_spread(spread: Spread | None, scale: float = 1, form: Form = number) -> str:
    if spread is None:
        return NONE
    if spread.least == spread.most:
        return form(spread.median * scale)
    return f"{form(spread.median * scale)} ({form(spread.least * scale)}–{form(spread.most * scale)})"
