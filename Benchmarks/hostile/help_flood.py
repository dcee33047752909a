"""Clients that send HELP without pause beside pastes, with a slow receiver: row 7."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from matrix.cells import TRANSPORTS

from . import server as servers
from .attack import Attack
from .bystanders import Bystanders, connected, observe
from .finding import Finding
from .honest import Client
from .mode import Mode
from .swarm import Role
from .waits import Span

_CLIENTS = 40
_LINES = 1_000
_SECONDS = 5.0
_GIVE_UP_SECONDS = 60.0
_PAUSE_SECONDS = 2.0
_TEXT = b"".join(b"MSG line %d\n" % number for number in range(_LINES))


@dataclass
class _Pastes:
    """Pastes by several senders in turns."""

    senders: list[Client]
    # For each sender: how many lines of a paste it got, and the seconds until the last.
    outcomes: list[list[tuple[int, float]]] = field(init=False)
    _turn: int = 0
    _begin: float | None = None
    _next: float = 0

    def __post_init__(self) -> None:
        self.outcomes = [[] for _ in self.senders]

    def advance(self) -> bool:
        """Begins or ends a paste if it is time; returns whether each sender has pasted and none is pasting."""
        now = time.monotonic()
        sender, outcomes = self.senders[self._turn], self.outcomes[self._turn]
        if self._begin is None:
            if now >= self._next:
                self._begin = now
                sender.numbers.clear()
                sender.paste(_TEXT)
        elif len(sender.numbers) == _LINES or now > self._begin + _GIVE_UP_SECONDS:
            outcomes.append((len(sender.numbers), now - self._begin))
            self._turn = (self._turn + 1) % len(self.senders)
            self._begin, self._next = None, now + _PAUSE_SECONDS
        return self._begin is None and all(self.outcomes)


def run(mode: Mode, seconds: float, title: str) -> Iterator[Finding]:
    attack = Attack(
        [
            Role(_CLIENTS, "LOGIN helped-{n}\n", "HELP\n", units_per_second=None),
            Role(1, "LOGIN slow\n", reads_per_second=1_000, receive_buffer=1 << 14),
        ]
    )
    with servers.start([mode.limits]) as server, ExitStack() as stack:
        senders = [
            stack.enter_context(
                Client(
                    *(server, each, mode.honest(4 + number), f"paster-{each}"),
                    expected=f"MSG paster-{each} line ([0-9]+)",
                )
            )
            for number, each in enumerate(TRANSPORTS)
        ]
        pastes = _Pastes(senders)

        def during(_: Bystanders, span: Span) -> Iterator[Finding]:
            for sender, outcomes in zip(senders, pastes.outcomes, strict=True):
                worst = max(taken for _, taken in outcomes)
                fewest = min(count for count, _ in outcomes)
                text = f"{len(outcomes)} pastes of {_LINES:,} lines over {sender.transport}"
                yield Finding(
                    f"{title}: slowest of {text}, at its sender",
                    f"{_LINES} within {_SECONDS:.0f} s",
                    f"{fewest} lines after {worst:.2f} s",
                    fewest == _LINES and worst <= _SECONDS,
                )
            yield connected(f"{title}, the pasters", senders)

        at_most = seconds + len(senders) * _GIVE_UP_SECONDS
        yield from observe(title, server, mode, attack, seconds, during, pastes.advance, at_most)
