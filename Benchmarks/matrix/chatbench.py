"""Calls the load generator, chat-bench."""

import json
import os
import signal
import subprocess
from contextlib import suppress
from subprocess import DEVNULL, PIPE
from typing import Any

from .cells import OURS, Cell, Participant, Section
from .outcome import Outcome, failed
from .places import CA, CERTIFICATE, CHAT_BENCH, PRIVATE_KEY
from .servers import Server

SECONDS_AT_MOST = 120
# Each of 10,000 is told of each who comes after: a server that writes to each at once takes long for that.
IDLE_SECONDS_AT_MOST = 300
_MATERIAL = ("--certificate", str(CERTIFICATE), "--private-key", str(PRIVATE_KEY))
ASTRAY = ("lost", "duplicated", "misordered")


def against_server(cell: Cell, participant: Participant, server: Server, extent: tuple[str, ...]) -> Outcome:
    """One run of the cell's workload against a server; `extent` says how long, if the workload has a length."""
    # The floor takes part in the matrix itself, but where it has no variant of its own.
    floor = _MATERIAL if cell.section is Section.IDLE and participant.server == OURS else ("--no-floor",)
    seconds_at_most = IDLE_SECONDS_AT_MOST if cell.section is Section.IDLE else SECONDS_AT_MOST
    return _run(
        participant,
        (
            cell.workload,
            server.urls[cell.transport],
            *cell.arguments,
            *extent,
            *floor,
            *("--protocol", server.protocol),
            *("--pid", str(server.pid)),
            *("--ca", str(CA)),
            "--json",
        ),
        seconds_at_most,
    )


def against_floor(cell: Cell, participant: Participant, extent: tuple[str, ...]) -> Outcome:
    """One run against a variant of the floor, which the load generator serves from the server's core itself."""
    return _run(
        participant,
        (
            "floor",
            *("--variant", participant.name),
            *cell.floor_arguments,
            *extent,
            *("--server-core", participant.placement.server_core),
            *_MATERIAL,
            *("--ca", str(CA)),
            "--json",
        ),
    )


def _run(participant: Participant, arguments: tuple[str, ...], seconds_at_most: float = SECONDS_AT_MOST) -> Outcome:
    command = (*participant.placement.load_prefix, str(CHAT_BENCH), *arguments)
    # In a group of its own, so that what it has started for the floor ends with it.
    with subprocess.Popen(
        command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, encoding="utf-8", errors="replace", process_group=0
    ) as process:
        try:
            output, complaint = process.communicate(timeout=seconds_at_most)
        except subprocess.TimeoutExpired:
            return failed(f"not done after {seconds_at_most} s")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return _outcome(process.returncode, output, complaint)


def _outcome(status: int, output: str, complaint: str) -> Outcome:
    figures = _figures(output)
    if figures is None:
        return failed(_last_line(complaint) or f"status {status}")
    counts = {name: figures.get(name) for name in (*ASTRAY, "unexpected", "failed")}
    wrong = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
    astray = sum(figures[name] for name in ASTRAY) if all(name in figures for name in ASTRAY) else None
    if wrong:
        return Outcome(None, failure=wrong, astray=astray)
    if status != 0:
        return failed(_last_line(complaint) or f"status {status}")
    return Outcome(figures, astray=astray)


def _figures(output: str) -> dict[str, Any] | None:
    try:
        figures = json.loads(output)
    except ValueError:
        return None
    if not isinstance(figures, dict):
        return None
    variants = figures.get("variants")
    return variants[0] if isinstance(variants, list) and len(variants) == 1 else figures


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].removeprefix("Error: ") if lines else ""
