"""The tables of RESULTS.md, one section for each part of the matrix."""

from collections.abc import Iterator
from itertools import product

from . import builds, cells, text
from .cells import CONNECT_KINDS, FANOUT_RECEIVERS, FLOOR, IN_FLIGHT, LABELS, OURS, TRANSPORTS, Cell
from .markdown import prose, table
from .outcome import (
    CONNECTION_COST,
    CONNECTIONS,
    COST,
    DELIVERIES,
    FLOOR_KERNEL_MEMORY,
    FLOOR_MEMORY,
    FLOOR_RESIDENT,
    INSTRUCTIONS,
    KERNEL_MEMORY,
    LINES_PER_WRITE,
    LOAD_SHARE,
    MEMORY,
    P50,
    P99,
    P999,
    RESIDENT,
    SERVER_SHARE,
)
from .results import Results
from .text import KIBIBYTE, MEBIBYTE, median, with_spread

_LATENCIES = ("p50 µs", "p99 µs", "p99.9 µs")
_SHARES = ("server CPU", "load CPU")


def sections(results: Results) -> Iterator[Iterator[str]]:
    """The lines of each section."""
    if compared := list(builds.comparisons(results)):
        yield _builds(compared)
    for section in (_fanouts, _paced, _connects, _loops, _event_loops, _curve, _idle, _instructions):
        yield section(results)


def _builds(compared: list[builds.Comparison]) -> Iterator[str]:
    yield "## The build before and this one"
    yield ""
    yield from prose("""
        Both builds take part in the same rounds, one after the other. A ratio above 1 means that this build needs more.
        A figure is *worse* if it is worse in every round. With few rounds that happens by chance as well: with five
        rounds, to one of 32 figures.
        """)
    yield ""
    yield from table(
        ("", "figure", "before", "now", "now × before", "", "failures"),
        (
            (
                f"{one.cell.section.value}: {one.cell.title}",
                one.figure,
                one.before,
                one.now,
                with_spread(one.ratio, form=text.ratio),
                "**worse**" if one.is_worse else "",
                one.failures,
            )
            for one in compared
        ),
    )


def _fanouts(results: Results) -> Iterator[str]:
    yield "## Fan-out"
    yield ""
    yield "One sender, everybody receives; so many lines in flight at once. Latency is from the send to the receipt."
    for transport, in_flight, receivers in product(TRANSPORTS, IN_FLIGHT, FANOUT_RECEIVERS):
        yield ""
        yield from _fanout(results, cells.fanout(transport, in_flight, receivers), FLOOR[transport, in_flight])
    for transport in TRANSPORTS:
        yield ""
        yield from _fanout(results, cells.singly(transport), FLOOR[transport, IN_FLIGHT[-1]])


def _fanout(results: Results, cell: Cell, floor: str) -> Iterator[str]:
    yield f"### {_capitalised(cell.title)}"
    yield ""
    yield from table(
        (
            "",
            "CPU µs per delivery",
            f"× {LABELS[floor]}",
            "× chat-server",
            "lines per write",
            "deliveries/s",
            *_LATENCIES,
            *_SHARES,
            "failures",
        ),
        (
            (
                _label(name),
                with_spread(results.spread(cell, name, COST)),
                with_spread(results.ratio((cell, name), (cell, floor), COST), form=text.ratio),
                with_spread(results.ratio((cell, name), (cell, OURS), COST), form=text.ratio),
                median(results.spread(cell, name, LINES_PER_WRITE)),
                median(results.spread(cell, name, DELIVERIES)),
                *_latencies(results, cell, name),
                *_shares(results, cell, name),
                results.failures(cell, name),
            )
            for name in _present(results, cell)
        ),
    )


def _paced(results: Results) -> Iterator[str]:
    cell = cells.paced()
    yield f"## Paced: {cell.title}"
    yield ""
    yield "Latency is from when a line was due."
    yield ""
    yield from table(
        ("", *_LATENCIES, "p99 × chat-server", "CPU µs per delivery", "load CPU", "failures"),
        (
            (
                _label(name),
                *(with_spread(results.spread(cell, name, path)) for path in (P50, P99, P999)),
                with_spread(results.ratio((cell, name), (cell, OURS), P99), form=text.ratio),
                with_spread(results.spread(cell, name, COST)),
                median(results.spread(cell, name, LOAD_SHARE), form=text.percent),
                results.failures(cell, name),
            )
            for name in _present(results, cell)
        ),
    )


def _connects(results: Results) -> Iterator[str]:
    yield "## Connections"
    yield ""
    yield from prose("""
        Connect, LOGIN, the reply, close; one client at a time, since several would be told of each other, which is
        fan-out. The load's handshakes cost about as much as the server's, so what is compared is the rate per second of
        the server's CPU.
        """)
    for kind, floor in CONNECT_KINDS.items():
        cell = cells.connect(kind)
        yield ""
        yield f"### {_capitalised(cell.title)}"
        yield ""
        yield from table(
            ("", "per second of CPU", "CPU µs each", "rate × floor", "per second", *_SHARES, "failures"),
            (
                (
                    _label(name),
                    _rate(results, cell, name),
                    with_spread(results.spread(cell, name, CONNECTION_COST)),
                    with_spread(results.ratio((cell, floor), (cell, name), CONNECTION_COST), form=text.ratio),
                    median(results.spread(cell, name, CONNECTIONS)),
                    *_shares(results, cell, name),
                    results.failures(cell, name),
                )
                for name in _present(results, cell)
            ),
        )


def _rate(results: Results, cell: Cell, name: str) -> str:
    cost = results.spread(cell, name, CONNECTION_COST)
    return text.number(1e6 / cost.median) if cost else text.NONE


def _loops(results: Results) -> Iterator[str]:
    cell = cells.loops()
    one = cells.ONE_LOOP.name
    yield "## Two event loops on two cores"
    yield ""
    yield f"{_capitalised(cell.title)}; the server has both cores, the load generator what it leaves (`nice -n 19`)."
    yield ""
    yield from table(
        ("", "deliveries/s", "× one loop", "CPU µs per delivery", *_LATENCIES, *_SHARES, "failures"),
        (
            (
                _label(name),
                with_spread(results.spread(cell, name, DELIVERIES)),
                with_spread(results.ratio((cell, name), (cell, one), DELIVERIES), form=text.ratio),
                with_spread(results.spread(cell, name, COST)),
                *_latencies(results, cell, name),
                *_shares(results, cell, name),
                results.failures(cell, name),
            )
            for name in _present(results, cell)
        ),
    )


def _event_loops(results: Results) -> Iterator[str]:
    few, many = (who.name for who in cells.FEW_AND_MANY_LOOPS)
    yield f"## {_capitalised(many)} on one core"
    yield ""
    yield "The receivers fit one event loop: the others should cost nothing."
    yield ""
    yield from table(
        ("", "CPU µs per delivery, one loop", f"CPU µs per delivery, {many}", "ratio", "failures"),
        (
            (
                cell.title,
                *(with_spread(results.spread(cell, name, COST)) for name in (few, many)),
                with_spread(results.ratio((cell, many), (cell, few), COST), form=text.ratio),
                "; ".join(filter(None, (results.failures(cell, name) for name in (few, many)))),
            )
            for transport, in_flight in product(TRANSPORTS, IN_FLIGHT)
            for cell in (cells.event_loops(transport, in_flight),)
        ),
    )


def _curve(results: Results) -> Iterator[str]:
    yield "## From 50 connections to 18,100"
    yield ""
    yield from prose("""
        chat-server, plain; 100 of those who receive also chat (50 of 50), each with one line in flight. The floor is
        the batched one.
        """)
    yield ""
    thousand, floor = cells.curve(1000), "batched"
    yield from table(
        (
            "connections",
            "CPU µs per delivery",
            "× at 1,000",
            "× floor",
            "floor, × at 1,000",
            "memory per connection, KiB",
            "deliveries/s",
            *_LATENCIES,
            *_SHARES,
            "failures",
        ),
        (
            (
                f"{receivers:,}",
                with_spread(results.spread(cell, OURS, COST)),
                with_spread(results.ratio((cell, OURS), (thousand, OURS), COST), form=text.ratio),
                with_spread(results.ratio((cell, OURS), (cell, floor), COST), form=text.ratio),
                with_spread(results.ratio((cell, floor), (thousand, floor), COST), form=text.ratio),
                with_spread(results.spread(cell, OURS, MEMORY), 1 / KIBIBYTE),
                median(results.spread(cell, OURS, DELIVERIES)),
                *_latencies(results, cell, OURS),
                *_shares(results, cell, OURS),
                results.failures(cell, OURS),
            )
            for receivers in cells.CURVE_RECEIVERS
            for cell in (cells.curve(receivers),)
        ),
    )


def _idle(results: Results) -> Iterator[str]:
    yield f"## Memory of {cells.IDLE_CONNECTIONS:,} idle connections"
    yield ""
    yield from prose("""
        Logged in, silent. What the kernel's sockets take is not the process's. The floor holds the same sockets, with the
        same OpenSSL on them, and nothing else.
        """)
    yield ""
    yield from table(
        ("", "", "process, KiB per connection", "process, MiB", "kernel, KiB per connection", "failures"),
        (
            (
                label,
                cells.named(transport),
                median(results.spread(cell, name, memory), 1 / KIBIBYTE),
                median(results.spread(cell, name, resident), 1 / MEBIBYTE),
                median(results.spread(cell, name, kernel_memory), 1 / KIBIBYTE),
                failures,
            )
            for transport in TRANSPORTS
            for cell in (cells.idle(transport),)
            for label, name, memory, resident, kernel_memory, failures in (
                *(
                    (_label(name), name, MEMORY, RESIDENT, KERNEL_MEMORY, results.failures(cell, name))
                    for name in _present(results, cell)
                ),
                ("floor", OURS, FLOOR_MEMORY, FLOOR_RESIDENT, FLOOR_KERNEL_MEMORY, ""),
            )
        ),
    )


def _instructions(results: Results) -> Iterator[str]:
    cell = cells.instructions()
    yield "## Instructions"
    yield ""
    present = list(_present(results, cell))
    if not present:
        yield "Instructions per delivery were not counted: valgrind is not installed."
        return
    yield from prose(f"""
        What a server executes in user space for each delivery ({cell.title}), as counted by valgrind; unlike time, it
        does not drift.
        """)
    yield ""
    yield from table(
        ("", "user instructions per delivery", "failures"),
        (
            (_label(name), median(results.spread(cell, name, INSTRUCTIONS)), results.failures(cell, name))
            for name in present
        ),
    )


def _present(results: Results, cell: Cell) -> Iterator[str]:
    return (who.name for who in cell.participants if results.outcomes(cell, who.name))


def _latencies(results: Results, cell: Cell, name: str) -> tuple[str, ...]:
    return tuple(median(results.spread(cell, name, path)) for path in (P50, P99, P999))


def _shares(results: Results, cell: Cell, name: str) -> tuple[str, ...]:
    return tuple(median(results.spread(cell, name, path), form=text.percent) for path in (SERVER_SHARE, LOAD_SHARE))


def _label(name: str) -> str:
    return f"**{LABELS[name]}**" if name == OURS else LABELS[name]


def _capitalised(title: str) -> str:
    return title[0].upper() + title[1:]
