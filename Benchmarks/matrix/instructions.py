"""Counts the instructions that a server executes in user space for each line that it delivers."""

import shutil
import sys
import tempfile
from pathlib import Path

from . import chatbench, servers
from .cells import Cell, Participant
from .outcome import Outcome, failed

# What the start and the logins cost is in both runs, and in their difference no more.
LINES = (200, 1200)
_CALLGRIND = Path(__file__).parent / "callgrind.py"


def countable() -> bool:
    return shutil.which("valgrind") is not None


def count(cell: Cell, participant: Participant) -> Outcome:
    totals, deliveries = [], []
    for lines in LINES:
        with tempfile.TemporaryDirectory() as directory:
            prefix = [sys.executable, str(_CALLGRIND), directory]
            try:
                with servers.start(participant.name, participant.placement.server_core, prefix=prefix) as server:
                    outcome = chatbench.against_server(cell, participant, server, ("--lines", str(lines)))
            except (servers.StartError, OSError) as error:
                return failed(str(error))
            delivered = outcome.figure("deliveries")
            if outcome.failure or delivered is None:
                return outcome
            total = _total(Path(directory))
        if total == 0:
            return failed("valgrind has counted nothing")
        totals.append(total)
        deliveries.append(delivered)
    each = (totals[1] - totals[0]) / (deliveries[1] - deliveries[0])
    return Outcome({"server": {"userInstructionsPerDelivery": each}}, astray=0)


def _total(directory: Path) -> int:
    """The instructions of all processes that ran."""
    lines = (line for file in directory.glob("callgrind.out.*") for line in file.read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("totals:"))
