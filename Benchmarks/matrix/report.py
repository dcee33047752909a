"""Writes RESULTS.md."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import measurements, text
from .machine import Machine
from .markdown import prose, table
from .results import Results
from .steal import REPEATS_AT_MOST, SHARE_AT_MOST
from .targets import Target

_NOTES = re.compile(r"<!-- notes -->\n(.*?)<!-- /notes -->", re.DOTALL)


@dataclass(frozen=True)
class Extent:
    """How much was measured."""

    rounds: int
    seconds: float
    minutes: float
    absent: tuple[str, ...]


def notes(previous: Path) -> str:
    """What was written by hand into the previous report."""
    found = _NOTES.search(previous.read_text(encoding="utf-8")) if previous.exists() else None
    return found[1] if found else ""


def report(results: Results, targets: Iterable[Target], machine: Machine, extent: Extent, notes: str) -> str:
    parts = (
        _introduction(machine),
        _targets(targets),
        ("## What stands in the way", "", "<!-- notes -->", *notes.splitlines(), "<!-- /notes -->"),
        _method(results, machine, extent),
        *measurements.sections(results),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _introduction(machine: Machine) -> Iterator[str]:
    yield "# Results of `make bench`"
    yield ""
    yield from prose(f"""
        {machine.date}, commit {machine.commit}. This file is written by `make bench`, but for what stands between the
        markers of its notes.
        """)
    yield ""
    yield "![CPU time per delivered line, chat-server, its peers and the kernel's floor](chart.svg)"


def _targets(targets: Iterable[Target]) -> Iterator[str]:
    yield "## What it must show"
    yield ""
    yield "Ratios are medians of the ratios within each round, with the least and the most in parentheses."
    yield ""
    yield from table(
        ("figure", "target", "measured", ""),
        ((target.figure, target.bound, target.measured, _emphasised(target.verdict)) for target in targets),
    )


def _emphasised(verdict: str) -> str:
    return verdict if verdict == "reached" else f"**{verdict}**"


def _method(results: Results, machine: Machine, extent: Extent) -> Iterator[str]:
    runs = sum(len(outcomes) for _, _, outcomes in results)
    yield "## How it was measured"
    yield ""
    yield from prose(f"""
        Server and load generator run on one machine over loopback, the server on one core, the load generator,
        `chat-bench`, on the other. Everybody takes part in each cell of the matrix once in each round (rounds:
        {extent.rounds}; of the longest and largest, fewer), for {extent.seconds:g} s a run, against a server that is
        started for that run. The figures are medians, with the least and the most in parentheses. The CPU time of one
        and the same program drifts on a shared machine, so ratios are taken within each round, and what is shown is
        their median.

        The floor is what the kernel, or the kernel and OpenSSL, take for the same bytes to the same sockets: with one
        `send(2)` (or TLS record) for each line and receiver, or for each receiver and turn. It is served by
        `chat-bench`, which keeps OpenSSL's buffers for speed where a server gives them back for memory; but for the memory
        of idle connections, where it gives them back too. Server and floor can be compared
        only if both send as many lines in a write, which the tables show: the load reads from TCP_INFO how many segments
        it received, and over loopback each write is one. "CPU" is the share of a core that a process used: where that
        of the load is near 100 %, the load is the bottleneck, and deliveries per second say nothing about the server;
        CPU time per delivery does. A run in which a line was lost, duplicated or misordered has failed, and no figure of
        it counts. A peer that failed in both of the first two rounds in a cell is not tried there again.

        Where the hypervisor took more than {text.percent(SHARE_AT_MOST)} of the cores' time, the run was made again, up
        to {REPEATS_AT_MOST} times, and the one that lost least of it was kept: of {text.runs(runs)},
        {results.repeated()} had to be made again, and {results.disturbed()} remained above. All took
        {extent.minutes:.0f} minutes.
        """)
    yield ""
    yield from table(
        ("machine", ""),
        (
            ("processor", f"{machine.processor}, {machine.cores} cores"),
            ("memory", machine.memory),
            ("system", f"{machine.system}, {machine.kernel}"),
            ("OpenSSL", machine.openssl),
            ("Swift", machine.swift),
            *machine.peers.items(),
        ),
    )
    if extent.absent:
        yield ""
        yield f"Not installed, and so not measured: {', '.join(extent.absent)}."
