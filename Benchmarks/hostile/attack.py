"""Starts and ends processes with attackers."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from matrix.cells import APART
from matrix.servers import Server

from .mode import Mode
from .server import port
from .swarm import Orders, Role

END_SECONDS = 10.0


@dataclass(frozen=True)
class Attack:
    """Roles, each of which gets processes of its own."""

    roles: Sequence[Role]
    module: str = "hostile.swarm"
    transport: str = "plain"
    # The attackers' figures, summed up at the end.
    tally: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def on(self, server: Server, mode: Mode, seconds: float) -> Iterator[None]:
        """Attacks meanwhile, and for at most so many seconds."""
        processes: list[subprocess.Popen[str]] = []
        try:
            for role in self.roles:
                orders = Orders(port(server, self.transport), list(mode.attackers), seconds, role)
                # Honest clients and the measurement come first on the core that they share.
                command = [*APART.load_prefix, "nice", "-n", "19", sys.executable, "-m", self.module, orders.encoded()]
                processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
                if processes[-1].stdout.readline() != "ready\n":
                    raise RuntimeError(f"attackers did not start: {role}")
            yield
        finally:
            for process in processes:
                process.stdin.close()
            for process in processes:
                try:
                    process.wait(END_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                last = process.stdout.read().strip().rpartition("\n")[2]
                process.stdout.close()
                if last.startswith("{"):
                    self.tally.update(json.loads(last))

    def summary(self) -> str:
        return ", ".join(f"{name} {count:,}" for name, count in sorted(self.tally.items()))
