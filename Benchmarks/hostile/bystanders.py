"""The effect of an attack on honest users: logged-in users and new clients, over each transport."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from matrix.cells import TRANSPORTS
from matrix.servers import Server

from . import server as servers
from .attack import Attack
from .finding import Finding
from .honest import Client
from .mode import Mode
from .visitor import Visitor
from .waits import Span, Waits

CONTROL_SECONDS = 10.0
# An answer that takes longer is late, so it takes this long to know.
LATE_SECONDS = 1.0
QUICK_SECONDS = 0.1
CONTROL_RATIO = 5
PINGS_PER_SECOND = 10
# With the overhead of a line, this is below limits.interactive-rate.
LINES_PER_SECOND = 0.8
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Bystanders:
    server: Server
    mode: Mode
    victims: list[Client]
    visitors: list[Visitor]

    def watch(self, seconds: float, until: Callable[[], bool] = lambda: True) -> Span:
        """Waits for a time, and then until the condition holds. The condition is called again and again."""
        begin = time.monotonic()
        while not until() or time.monotonic() < begin + seconds:
            time.sleep(_POLL_SECONDS)
        span = Span(begin, time.monotonic())
        time.sleep(LATE_SECONDS + 0.1)
        return span


@contextmanager
def present(server: Server, mode: Mode) -> Iterator[Bystanders]:
    with ExitStack() as stack:
        victims = [
            Client(
                *(server, transport, mode.honest(number), f"victim-{transport}"),
                pings_per_second=PINGS_PER_SECOND,
                lines_per_second=LINES_PER_SECOND,
            )
            for number, transport in enumerate(TRANSPORTS)
        ]
        visitors = [
            Visitor(server, transport, mode.honest(len(victims) + number))
            for number, transport in enumerate(TRANSPORTS)
        ]
        for victim in victims:
            stack.enter_context(victim)
        for visitor in visitors:
            stack.enter_context(visitor)
        yield Bystanders(server, mode, victims, visitors)


def observe(
    title: str,
    server: Server,
    mode: Mode,
    attack: Attack,
    seconds: float,
    during: Callable[[Bystanders, Span], Iterator[Finding]] | None = None,
    until: Callable[[], bool] = lambda: True,
    seconds_at_most: float = 0,
) -> Iterator[Finding]:
    """Compares the bystanders' waits during an attack with their waits without it.

    `until` is asked during the attack, and prolongs it. `during` is called with the span of it, before the attack ends.
    """
    with present(server, mode) as bystanders:
        # The first connections and lines of a server are slower than the others.
        time.sleep(1)
        control = bystanders.watch(min(CONTROL_SECONDS, max(3, seconds)))
        with attack.on(server, mode, max(seconds, seconds_at_most) + 30):
            time.sleep(1)
            span = bystanders.watch(seconds, until)
            if during is not None:
                yield from during(bystanders, span)
            yield from _findings(title, bystanders, control, span)
    print(f"  ({title}: the attackers: {attack.summary()})", file=sys.stderr, flush=True)
    for line in servers.warnings(server)[:5]:
        print(f"  (log: {line})", file=sys.stderr, flush=True)


def _findings(title: str, bystanders: Bystanders, control: Span, span: Span) -> Iterator[Finding]:
    now = time.monotonic()
    for client in bystanders.victims:
        yield _latency(f"{title}: PING over {client.transport}", client.pings, control, span, now)
        yield _latency(f"{title}: echo of a typed line over {client.transport}", client.echoes, control, span, now)
    for visitor in bystanders.visitors:
        logins = visitor.logins.of(span, now)
        failures = f", failures: {visitor.failures[:3]}" if visitor.failures else ""
        yield Finding(
            f"{title}: slowest of {len(logins.waits)} LOGINs of new clients over {visitor.transport}",
            f"≤ {LATE_SECONDS:.0f} s",
            f"{logins.worst * 1000:.1f} ms{failures}",
            logins.worst <= LATE_SECONDS and not visitor.failures,
        )
    yield connected(title, bystanders.victims)


def connected(title: str, clients: list[Client]) -> Finding:
    gone = [f"{client.name} {dict(client.errors)}" for client in clients if client.is_disconnected]
    figure = f"{len(gone)} {' '.join(gone)}".strip()
    return Finding(f"{title}: honest connections that the server ended", "0", figure, not gone)


def _latency(what: str, waits: Waits, control: Span, span: Span, now: float) -> Finding:
    before, during = waits.of(control, now), waits.of(span, now)
    limit = max(QUICK_SECONDS, CONTROL_RATIO * before.p99)
    missing = f", {during.missing} without an answer" if during.missing else ""
    return Finding(
        what,
        f"p99 ≤ {limit * 1000:.0f} ms, none above {LATE_SECONDS:.0f} s",
        f"p99 {during.p99 * 1000:.1f} ms, worst {during.worst * 1000:.1f} ms of {len(during.waits)}{missing}"
        f" (without the attack p99 {before.p99 * 1000:.1f} ms)",
        during.p99 <= limit and during.worst <= LATE_SECONDS,
    )
