"""The build before and this one, in each cell in which both took part."""

from collections.abc import Iterator
from dataclasses import dataclass

from . import text
from .cells import BASELINE, OURS, Cell, Section
from .outcome import CONNECTION_COST, COST, INSTRUCTIONS, MEMORY, P99
from .results import Results, Spread
from .text import with_spread

# What is compared in each section: a name, where the figure is, and how it is written.
_FIGURES: dict[Section, tuple[tuple[str, str, text.Form], ...]] = {
    Section.PACED: (("p99, µs", P99, text.number), ("CPU µs per delivery", COST, text.number)),
    Section.CONNECT: (("CPU µs per connection", CONNECTION_COST, text.number),),
    Section.IDLE: (("memory per connection", MEMORY, text.kibibytes),),
    Section.INSTRUCTIONS: (("user instructions per delivery", INSTRUCTIONS, text.number),),
}
_COST = (("CPU µs per delivery", COST, text.number),)
# Of a figure that was measured once: user instructions repeat to 1 %, memory to less than 3 %.
_ONCE = {INSTRUCTIONS: 1.01, MEMORY: 1.03}


@dataclass(frozen=True)
class Comparison:
    """One figure of both builds."""

    cell: Cell
    figure: str
    before: str
    now: str
    # Above 1 if this build needs more; without it, one of the two has no figure.
    ratio: Spread | None
    failures: str
    # None: it takes more rounds to tell.
    ratio_at_most: float | None

    @property
    def is_worse(self) -> bool:
        """Whether this build needs more in every round."""
        return self.ratio is not None and self.ratio_at_most is not None and self.ratio.least > self.ratio_at_most


def comparisons(results: Results) -> Iterator[Comparison]:
    cells = [cell for cell, name, _ in results if name == BASELINE]
    for cell in cells:
        for figure, path, form in _FIGURES.get(cell.section, _COST):
            yield Comparison(
                cell,
                figure,
                *(with_spread(results.spread(cell, name, path), form=form) for name in (BASELINE, OURS)),
                ratio=results.ratio((cell, OURS), (cell, BASELINE), path),
                failures="; ".join(
                    f"{who}: {failures}"
                    for who, name in (("before", BASELINE), ("now", OURS))
                    if (failures := results.failures(cell, name))
                ),
                ratio_at_most=_ONCE.get(path, 1 if len(results.outcomes(cell, BASELINE)) > 1 else None),
            )
