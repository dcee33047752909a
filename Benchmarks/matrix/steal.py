"""The time that the hypervisor took away."""

import os
import time
from pathlib import Path

SHARE_AT_MOST = 0.01
REPEATS_AT_MOST = 3
# On a machine that is short of time all day, repeats end here, and the report says how many runs are above.
REPEATS_AT_MOST_IN_ALL = 100
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class StealMeter:
    """Measures from when it is made."""

    def __init__(self) -> None:
        self._ticks = _stolen_ticks()
        self._start = time.monotonic()

    def share(self) -> float:
        """The share of all cores' time that was stolen so far."""
        elapsed = (time.monotonic() - self._start) * (os.cpu_count() or 1)
        return (_stolen_ticks() - self._ticks) / _TICKS_PER_SECOND / elapsed


def _stolen_ticks() -> int:
    # "cpu user nice system idle iowait irq softirq steal …": proc_stat(5)
    return int(Path("/proc/stat").read_text().split(maxsplit=9)[8])
