"""Attacks with direct messages: rows 1 to 4."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

from matrix.cells import TRANSPORTS

from . import server as servers
from .attack import Attack
from .bystanders import Bystanders, connected, observe
from .finding import Finding
from .honest import Client
from .mode import Mode
from .swarm import Role
from .waits import Span

_LINE_BYTES = 1_000
# Just below the minimum read rate of an earlier server.
_SLOW_READS_PER_SECOND = 15_500
_BYTES_PER_SECOND = 56 << 10
_POLITE_BYTES_PER_SECOND = 50 << 10
_BUSY_READS_PER_SECOND = 100_000
_SLOWEST_PONG_SECONDS = 5.0


def pairs(count: int, mode: Mode, seconds: float, title: str) -> Iterator[Finding]:
    """So many slow receivers, each with a sender of its own."""
    attack = Attack(
        [
            Role(count, "LOGIN sink-{n}\n", reads_per_second=_SLOW_READS_PER_SECOND, receive_buffer=1 << 14),
            _sender(count, "source", "sink-{n}", _BYTES_PER_SECOND),
        ]
    )
    with servers.start([mode.limits]) as server:
        yield from observe(title, server, mode, attack, seconds)


def to_one_receiver(mode: Mode, seconds: float, title: str) -> Iterator[Finding]:
    """Three senders to a receiver that reads less than they send, and a fourth that sends a line a second."""
    attack = Attack([_sender(3, f"polite-{each}", f"receiver-{each}", _POLITE_BYTES_PER_SECOND) for each in TRANSPORTS])
    with servers.start([mode.limits]) as server, ExitStack() as stack:
        receivers, fourths = [], []
        for number, transport in enumerate(TRANSPORTS):
            receiver = Client(
                *(server, transport, mode.honest(4 + number), f"receiver-{transport}"),
                read_rate=_BUSY_READS_PER_SECOND,
                pings_per_second=1,
                expected=f"DM fourth-{transport} number ([0-9]+)",
            )
            receivers.append(stack.enter_context(receiver))
            fourth = Client(
                *(server, transport, mode.honest(6 + number), f"fourth-{transport}"),
                lines_per_second=1,
                line=f"DM receiver-{transport} number",
            )
            fourths.append(stack.enter_context(fourth))

        def during(bystanders: Bystanders, span: Span) -> Iterator[Finding]:
            # The last messages may take the time of the slowest PONG.
            bystanders.watch(_SLOWEST_PONG_SECONDS)
            for receiver, fourth in zip(receivers, fourths, strict=True):
                yield from _delivery(title, receiver, fourth, span)
            yield connected(f"{title}, receivers and fourth senders", receivers + fourths)

        yield from observe(title, server, mode, attack, seconds, during)


def _delivery(title: str, receiver: Client, fourth: Client, span: Span) -> Iterator[Finding]:
    now = time.monotonic()
    first = len(fourth.echoes.of(Span(0, span.begin), now).waits)
    sent = len(fourth.echoes.of(span, now).waits)
    arrived = sum(first <= number < first + sent for number in receiver.numbers)
    rejected = fourth.errors["not-delivered"]
    yield Finding(
        f"{title}: DMs of a fourth sender over {fourth.transport}",
        "all arrive or are rejected, most arrive",
        f"{arrived} of {sent} arrived, {rejected} rejected",
        arrived + rejected >= sent and arrived > sent / 2 and receiver.numbers == sorted(receiver.numbers),
    )
    pings = receiver.pings.of(span, now)
    yield Finding(
        f"{title}: PING of the receiver of {_BUSY_READS_PER_SECOND // 1000} kB/s over {receiver.transport}",
        f"all answered within {_SLOWEST_PONG_SECONDS:.0f} s",
        f"p99 {pings.p99:.2f} s, worst {pings.worst:.2f} s of {len(pings.waits)}, {pings.missing} without an answer",
        not pings.missing and pings.worst <= _SLOWEST_PONG_SECONDS,
    )


def _sender(count: int, name: str, receiver: str, bytes_per_second: float) -> Role:
    line = f"DM {receiver} {'x' * _LINE_BYTES}\n"
    return Role(count, f"LOGIN {name}-{{n}}\n", line, units_per_second=bytes_per_second / len(line))
