"""The outcomes of all runs, and their medians."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from .cells import Cell, Participant
from .outcome import Outcome
from .steal import SHARE_AT_MOST


@dataclass(frozen=True)
class Spread:
    """A median with what it lies between."""

    median: float
    least: float
    most: float


def spread(figures: list[float]) -> Spread | None:
    return Spread(median(figures), min(figures), max(figures)) if figures else None


class Results:
    def __init__(self) -> None:
        self._outcomes: dict[tuple[Cell, str], dict[int, Outcome]] = {}

    def add(self, cell: Cell, participant: Participant, round_index: int, outcome: Outcome) -> None:
        self._outcomes.setdefault((cell, participant.name), {})[round_index] = outcome

    def __iter__(self) -> Iterator[tuple[Cell, str, list[Outcome]]]:
        for (cell, name), rounds in self._outcomes.items():
            yield cell, name, list(rounds.values())

    def outcomes(self, cell: Cell, name: str) -> list[Outcome]:
        return list(self._rounds(cell, name).values())

    def spread(self, cell: Cell, name: str, path: str) -> Spread | None:
        figures = (outcome.figure(path) for outcome in self.outcomes(cell, name))
        return spread([figure for figure in figures if figure is not None])

    def failures(self, cell: Cell, name: str) -> str:
        """The runs that failed, as what they were; nothing where none did."""
        outcomes = self.outcomes(cell, name)
        failures = Counter(outcome.failure for outcome in outcomes if outcome.failure)
        if len(outcomes) == 1:
            return "".join(failures)
        return "; ".join(f"{count} of {len(outcomes)} runs {failure}" for failure, count in failures.items())

    def is_hopeless(self, cell: Cell, name: str) -> bool:
        """Whether it has failed in each of two runs or more."""
        outcomes = self.outcomes(cell, name)
        return len(outcomes) >= 2 and all(outcome.failure for outcome in outcomes)

    def ratio(self, over: tuple[Cell, str], under: tuple[Cell, str], path: str) -> Spread | None:
        """The median of the ratios within each round: drift from round to round cancels out."""
        ratios = []
        for round_index, outcome in self._rounds(*over).items():
            other = self._rounds(*under).get(round_index)
            above, below = outcome.figure(path), other.figure(path) if other else None
            if above is not None and below:
                ratios.append(above / below)
        return spread(ratios)

    def repeated(self) -> int:
        """How many runs were made again because the hypervisor took time away."""
        return sum(outcome.repeated > 0 for _, _, outcomes in self for outcome in outcomes)

    def disturbed(self) -> int:
        """How many runs that measured time remained with more of it stolen than they should."""
        return sum(outcome.stolen > SHARE_AT_MOST for cell, _, outcomes in self if cell.timed for outcome in outcomes)

    def _rounds(self, cell: Cell, name: str) -> dict[int, Outcome]:
        return self._outcomes.get((cell, name), {})
