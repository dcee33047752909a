"""Runs the cells in interleaved rounds: what drifts on the machine meets everybody alike."""

import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from . import chatbench, instructions, servers
from .cells import PEERS, Cell, Participant, Section
from .outcome import CONNECTION_COST, COST, INSTRUCTIONS, MEMORY, Outcome, failed
from .results import Results
from .steal import REPEATS_AT_MOST, REPEATS_AT_MOST_IN_ALL, SHARE_AT_MOST, StealMeter


@dataclass(frozen=True)
class Step:
    round_index: int
    cell: Cell
    participant: Participant


def plan(cells: Sequence[Cell], rounds: int, available: Collection[str]) -> list[Step]:
    """Each participant once in each cell of each round. The order within a cell moves on by one from round to round, so
    that nobody always follows the same neighbour."""
    steps = []
    for round_index in range(rounds):
        for cell in cells:
            if round_index < min(rounds, cell.rounds_at_most or rounds):
                present = [who for who in cell.participants if who.server is None or who.server in available]
                first = round_index % len(present)
                steps += [Step(round_index, cell, who) for who in (*present[first:], *present[:first])]
    return steps


def run(steps: Sequence[Step], seconds: float, results: Results) -> None:
    estimate = Estimate(seconds)
    print(f"{len(steps)} runs, about {estimate.minutes(steps)}", file=sys.stderr)
    repeats_left = REPEATS_AT_MOST_IN_ALL
    for index, step in enumerate(steps):
        # A peer that does not bear a cell takes its time nowhere but here.
        if step.participant.server in PEERS and results.is_hopeless(step.cell, step.participant.name):
            continue
        start = time.monotonic()
        outcome = _undisturbed(lambda: _measure(step, seconds), step.cell.timed, min(REPEATS_AT_MOST, repeats_left))
        repeats_left -= outcome.repeated
        estimate.took(step, time.monotonic() - start)
        results.add(step.cell, step.participant, step.round_index, outcome)
        print(
            f"[{index + 1}/{len(steps)}] round {step.round_index + 1}, {step.cell.section.value}, {step.cell.title}:"
            f" {step.participant.name}: {_summary(outcome)}; {estimate.minutes(steps[index + 1 :])} to go",
            file=sys.stderr,
        )


class Estimate:
    """How long runs will take: as long as the same run took before, or a guess."""

    START_SECONDS = 0.3
    HANDSHAKE_SECONDS = {"plain": 0.0, "tls": 0.002}
    # Each of those who are there is told of each who comes.
    INTRODUCTION_SECONDS = {"chat-server": 9e-8, "baseline": 9e-8, "nio": 9e-7, "inspircd": 3e-6, "ngircd": 9e-6, "origin": 3e-6}
    INSTRUCTIONS_SECONDS = 6.0

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._known: dict[tuple[Cell, Participant], float] = {}

    def took(self, step: Step, seconds: float) -> None:
        self._known[step.cell, step.participant] = seconds

    def minutes(self, steps: Sequence[Step]) -> str:
        seconds = sum(
            self._known.get((step.cell, step.participant)) or self._guess(step.cell, step.participant) for step in steps
        )
        return f"{seconds / 60:.1f} min"

    def _guess(self, cell: Cell, participant: Participant) -> float:
        if cell.section is Section.INSTRUCTIONS:
            return self.INSTRUCTIONS_SECONDS
        introduction = self.INTRODUCTION_SECONDS.get(participant.server or "", 0)
        arrival = cell.connections * self.HANDSHAKE_SECONDS[cell.transport] + cell.connections**2 * introduction
        return self.START_SECONDS + arrival + (0 if cell.section is Section.IDLE else self._seconds)


def _undisturbed(measure: Callable[[], Outcome], timed: bool, repeats_at_most: int) -> Outcome:
    """The run in which the hypervisor took the least time. A run that failed is the last one: no lack of time excuses a
    lost line."""
    best: Outcome | None = None
    repeated = 0
    while True:
        meter = StealMeter()
        outcome = replace(measure(), stolen=meter.share())
        if best is None or outcome.failure or outcome.stolen < best.stolen:
            best = outcome
        if not timed or outcome.failure or best.stolen <= SHARE_AT_MOST or repeated >= repeats_at_most:
            return replace(best, repeated=repeated)
        repeated += 1


def _measure(step: Step, seconds: float) -> Outcome:
    """Each run has a server of its own, whose memory no earlier run has grown."""
    cell, participant = step.cell, step.participant
    extent = () if cell.section is Section.IDLE else ("--seconds", f"{seconds:g}")
    if participant.server is None:
        return chatbench.against_floor(cell, participant, extent)
    if cell.section is Section.INSTRUCTIONS:
        return instructions.count(cell, participant)
    try:
        with servers.start(participant.server, participant.placement.server_core, participant.event_loops) as server:
            return chatbench.against_server(cell, participant, server, extent)
    except (servers.StartError, OSError) as error:
        return failed(str(error))


def _summary(outcome: Outcome) -> str:
    if outcome.failure:
        return outcome.failure
    for path, unit in (
        (COST, "µs per delivery"),
        (CONNECTION_COST, "µs per connection"),
        (INSTRUCTIONS, "instructions per delivery"),
        (MEMORY, "bytes per connection"),
    ):
        figure = outcome.figure(path)
        if figure is not None:
            return f"{figure:.3g} {unit}" + (f", run again {outcome.repeated} times" if outcome.repeated else "")
    return "no figures"
