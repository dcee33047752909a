"""What one run came to."""

from dataclasses import dataclass
from typing import Any

# Where figures are in what the load generator prints.
COST = "server.cpuMicrosecondsPerDelivery"
CONNECTION_COST = "server.cpuMicrosecondsPerConnection"
INSTRUCTIONS = "server.userInstructionsPerDelivery"
MEMORY = "server.residentBytesPerConnection"
RESIDENT = "server.residentBytes"
KERNEL_MEMORY = "kernelBytesPerConnection"
FLOOR_MEMORY = f"floor.{MEMORY}"
FLOOR_RESIDENT = f"floor.{RESIDENT}"
FLOOR_KERNEL_MEMORY = f"floor.{KERNEL_MEMORY}"
DELIVERIES = "deliveriesPerSecond"
LINES_PER_WRITE = "linesPerWrite"
CONNECTIONS = "connectionsPerSecond"
P50 = "latencyMicroseconds.p50"
P99 = "latencyMicroseconds.p99"
P999 = "latencyMicroseconds.p999"
SERVER_SHARE = "server.cpuShare"
LOAD_SHARE = "load.cpuShare"


@dataclass(frozen=True)
class Outcome:
    """The figures of a run, or why none of them count: a run that lost a line has failed, however fast it was."""

    figures: dict[str, Any] | None
    failure: str | None = None
    # Lines, of all that should have come once and in order; None where nobody counted.
    astray: int | None = None
    # The hypervisor's share of the run's time, and how often the run was made again because of it.
    stolen: float = 0.0
    repeated: int = 0

    def figure(self, path: str) -> float | None:
        """The figure at a path such as `server.cpuShare`."""
        value: Any = self.figures
        for key in path.split("."):
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return float(value) if isinstance(value, (int, float)) else None


_WHY_LENGTH = 120


def failed(why: str) -> Outcome:
    """In one line, for a table."""
    return Outcome(None, failure=f"failed: {' '.join(why.split())[:_WHY_LENGTH]}")
