"""What the benchmark must show, and whether it did."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from . import builds, cells, text
from .cells import ALL_OURS, FANOUT_RECEIVERS, FLOOR, IDLE_CONNECTIONS, LABELS, OURS, PEERS, TRANSPORTS, Cell, Section
from .outcome import CONNECTION_COST, COST, DELIVERIES, INSTRUCTIONS, LINES_PER_WRITE, MEMORY, P99, Outcome
from .results import Results, Spread

CROWD = cells.CURVE_RECEIVERS[-1]


@dataclass(frozen=True)
class Part:
    """One of the figures that a target asks for; `reached` is None where there is none."""

    name: str
    measured: str
    reached: bool | None
    # Is no part of the target, and told beside it.
    informs: bool = False

    def __str__(self) -> str:
        words = f"{self.name}: {self.measured}" if self.name else self.measured
        return f"**{words}**" if self.reached is False else words


@dataclass(frozen=True)
class Target:
    figure: str
    bound: str
    parts: tuple[Part, ...]

    @property
    def verdict(self) -> str:
        verdicts = {part.reached for part in self.parts if not part.informs}
        if False in verdicts:
            return "NOT reached"
        if None in verdicts or not verdicts:
            return "partly measured" if True in verdicts else "not measured"
        return "reached"

    @property
    def measured(self) -> str:
        return "; ".join(map(str, self.parts)) or text.NONE


def targets(results: Results) -> Iterator[Target]:
    for transport, in_flight, floor, bound in (
        ("plain", 64, "the batched floor", 1.15),
        ("plain", 1, "the bare-send floor", 1.1),
        ("tls", 64, "the batched OpenSSL floor", 1.15),
        ("tls", 1, "the OpenSSL floor", 1.1),
    ):
        yield Target(
            f"{cells.named(transport)}, {in_flight} in flight: CPU per delivery against {floor}",
            f"≤ {bound}",
            tuple(_against_floor(results, transport, in_flight, bound)),
        )
    yield Target("plain, 1 in flight: user instructions per delivery", "≤ 250", (_instructions(results),))
    for names, factor in ((("inspircd", "nats"), 4), (("ngircd",), 10), (("nio",), 1.2)):
        yield Target(
            f"64 in flight: CPU per delivery of {' and '.join(LABELS[name] for name in names)} against ours",
            f"≥ {factor} in each cell",
            tuple(_peers(results, 64, names, factor)),
        )
    yield Target(
        "1 in flight: CPU per delivery of every peer against ours",
        "≥ 1 in each cell",
        tuple(_peers(results, 1, PEERS, 1)),
    )
    yield Target(f"{cells.paced().title}: p99 of every peer against ours", "> 1", tuple(_paced(results)))
    yield Target("full handshakes per second of CPU against bare OpenSSL's", "≥ 0.95", (_handshakes(results),))
    for transport, bound in (("plain", 1.5), ("tls", 16)):
        figure = f"memory per idle connection at {IDLE_CONNECTIONS:,}, {cells.named(transport)}"
        yield Target(figure, f"≤ {bound} KiB", (_idle(results, transport, bound),))
    crowd = f"{CROWD:,} connections, of which 100 chat"
    yield Target(f"{crowd}: lost, duplicated, misordered", "nothing", (_crowd_astray(results),))
    yield Target(f"{crowd}: CPU per delivery against 1,000 connections", "≤ 1.15", tuple(_crowd_cost(results)))
    yield Target("two event loops on two cores against one: deliveries per second", "≥ 1", tuple(_loops(results)))
    yield Target(
        f"{cells.FEW_AND_MANY_LOOPS[1].name} against one, one core, {cells.EVENT_LOOPS_RECEIVERS} receivers: "
        "CPU per delivery",
        "≤ 1.1 in each cell",
        tuple(_event_loops(results)),
    )
    if compared := list(builds.comparisons(results)):
        yield Target("the build before and this one: figures that are worse in every round", "none", _builds(compared))
    yield Target("lost, duplicated, misordered in all runs", "0", tuple(_astray(results)))


def _against_floor(results: Results, transport: str, in_flight: int, bound: float) -> Iterator[Part]:
    compared = [
        (f"{receivers:,} receivers", cells.fanout(transport, in_flight, receivers)) for receivers in FANOUT_RECEIVERS
    ]
    if in_flight == cells.IN_FLIGHT[-1]:
        compared.append((f"{FANOUT_RECEIVERS[0]:,} receivers, each line sent by itself", cells.singly(transport)))
    floor = FLOOR[transport, in_flight]
    for name, cell in compared:
        figure = results.ratio((cell, OURS), (cell, floor), COST)
        yield _part(results, name, cell, floor, figure, lambda ratio: ratio <= bound)
        # They can only be compared if both send as many lines in a write.
        if in_flight > 1:
            lines = [text.median(results.spread(cell, who, LINES_PER_WRITE)) for who in (OURS, floor)]
            yield Part("lines per write", " and ".join(lines), None, informs=True)


def _peers(results: Results, in_flight: int, names: Iterable[str], factor: float) -> Iterator[Part]:
    """The least of each peer's ratios decides, so only that is told here."""
    for name in names:
        ratios: list[tuple[Spread, str, Cell]] = []
        for transport, receivers in product(TRANSPORTS, FANOUT_RECEIVERS):
            cell, where = cells.fanout(transport, in_flight, receivers), f"{cells.named(transport)}, {receivers:,}"
            ratio = results.ratio((cell, name), (cell, OURS), COST)
            if ratio is not None:
                ratios.append((ratio, where, cell))
            elif results.outcomes(cell, name):
                yield _missing(results, f"{LABELS[name]}, {where}", cell, name)
        if ratios:
            least, where, cell = min(ratios, key=lambda ratio: ratio[0].median)
            yield _part(results, f"{LABELS[name]}, least ({where})", cell, name, least, lambda ratio: ratio >= factor)


def _paced(results: Results) -> Iterator[Part]:
    cell = cells.paced()
    for name in PEERS:
        if results.outcomes(cell, name):
            figure = results.ratio((cell, name), (cell, OURS), P99)
            yield _part(results, LABELS[name], cell, name, figure, lambda ratio: ratio > 1)


def _handshakes(results: Results) -> Part:
    cell, floor = cells.connect("full"), cells.CONNECT_KINDS["full"]
    figure = results.ratio((cell, floor), (cell, OURS), CONNECTION_COST)
    return _part(results, "", cell, floor, figure, lambda ratio: ratio >= 0.95)


def _instructions(results: Results) -> Part:
    cell = cells.instructions()
    figure = results.spread(cell, OURS, INSTRUCTIONS)
    return _part(results, "", cell, OURS, figure, lambda count: count <= 250, text.number)


def _idle(results: Results, transport: str, bound: float) -> Part:
    cell = cells.idle(transport)
    figure = results.spread(cell, OURS, MEMORY)
    return _part(results, "", cell, OURS, figure, lambda size: size <= bound * text.KIBIBYTE, text.kibibytes)


def _crowd_astray(results: Results) -> Part:
    cell = cells.curve(CROWD)
    runs, failures = len(results.outcomes(cell, OURS)), results.failures(cell, OURS)
    return Part("", failures or f"nothing in {text.runs(runs)}", not failures if runs else None)


def _crowd_cost(results: Results) -> Iterator[Part]:
    cell, thousand, floor = cells.curve(CROWD), cells.curve(1000), "batched"
    figure = results.ratio((cell, OURS), (thousand, OURS), COST)
    yield _part(results, "", cell, OURS, figure, lambda ratio: ratio <= 1.15)
    for name, ratio in (
        ("the floor's own", results.ratio((cell, floor), (thousand, floor), COST)),
        ("against the floor", results.ratio((cell, OURS), (cell, floor), COST)),
    ):
        yield Part(name, text.with_spread(ratio, form=text.ratio), None, informs=True)


def _loops(results: Results) -> Iterator[Part]:
    cell, one, two = cells.loops(), cells.ONE_LOOP.name, cells.TWO_LOOPS.name
    figure = results.ratio((cell, two), (cell, one), DELIVERIES)
    yield _part(results, "", cell, one, figure, lambda ratio: ratio >= 1, ours=two)
    cost = results.ratio((cell, two), (cell, one), COST)
    yield Part("CPU per delivery", text.with_spread(cost, form=text.ratio), None, informs=True)


def _event_loops(results: Results) -> Iterator[Part]:
    few, many = (who.name for who in cells.FEW_AND_MANY_LOOPS)
    for transport, in_flight in product(TRANSPORTS, cells.IN_FLIGHT):
        cell = cells.event_loops(transport, in_flight)
        figure = results.ratio((cell, many), (cell, few), COST)
        name = f"{cells.named(transport)}, {in_flight} in flight"
        yield _part(results, name, cell, few, figure, lambda ratio: ratio <= 1.1, ours=many)


def _builds(compared: list[builds.Comparison]) -> tuple[Part, ...]:
    worse = [
        Part(f"{one.cell.section.value}, {one.cell.title}", text.with_spread(one.ratio, form=text.ratio), False)
        for one in compared
        if one.is_worse
    ]
    count = sum(one.ratio is not None for one in compared)
    return tuple(worse) or (Part("", f"none of {count}", True if count else None),)


def _astray(results: Results) -> Iterator[Part]:
    # What failed under valgrind is shown where the instructions are.
    runs = [run for run in results if run[0].section is not Section.INSTRUCTIONS]
    ours = [outcome for _, name, outcomes in runs if name in ALL_OURS for outcome in outcomes]
    others = [outcome for _, name, outcomes in runs if name not in ALL_OURS for outcome in outcomes]
    yield Part(LABELS[OURS], _tally(ours), not any(outcome.failure for outcome in ours))
    yield Part("floor and peers", _tally(others), None, informs=True)


def _tally(outcomes: list[Outcome]) -> str:
    counts = [outcome.astray for outcome in outcomes if outcome.astray is not None]
    failures = sum(outcome.failure is not None and not outcome.astray for outcome in outcomes)
    return f"{sum(counts):,} in {text.runs(len(counts))}" + (f", and {failures} failed" if failures else "")


def _part(
    results: Results,
    name: str,
    cell: Cell,
    other: str,
    figure: Spread | None,
    reached: Callable[[float], bool],
    form: text.Form = text.ratio,
    ours: str = OURS,
) -> Part:
    """A figure of ours, perhaps against another's. Without ours the target is missed, without the other's unknown."""
    if figure is not None:
        words = text.with_spread(figure, form=form)
        if failures := results.failures(cell, ours):
            return Part(name, f"{words}; {failures}", False)
        return Part(name, words, reached(figure.median))
    return _missing(results, name, cell, other, ours)


def _missing(results: Results, name: str, cell: Cell, other: str, ours: str = OURS) -> Part:
    if failures := results.failures(cell, ours):
        return Part(name, failures, False)
    return Part(name, results.failures(cell, other) or "not measured", None)
