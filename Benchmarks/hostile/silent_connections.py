"""New clients beside thousands of connections that send nothing, and some whose ClientHello comes byte by byte."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

from matrix.cells import TRANSPORTS

from . import server as servers
from .attack import Attack
from .finding import Finding
from .mode import EXEMPT
from .swarm import Role
from .visitor import Visitor
from .waits import Span

_SILENT, _DRIPPING = 2_500, 500
_LOGINS = 20
_LIMITS = ("connections: 19000", "handshakes: 19000", "login-timeout: 10m")
# The record header of a ClientHello, and what could be the rest of one.
_CLIENT_HELLO = bytes((22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3)) + bytes(507)


def run() -> Iterator[Finding]:
    silent = Role(_SILENT, reconnects=True)
    dripping = Role(_DRIPPING, text=_CLIENT_HELLO.decode("latin-1"), unit=1, units_per_second=2, reconnects=True)
    with servers.start(_LIMITS) as server, ExitStack() as stack:
        stack.enter_context(Attack([silent]).on(server, EXEMPT, 120))
        stack.enter_context(Attack([silent, dripping], transport="tls").on(server, EXEMPT, 120))
        time.sleep(1)
        for transport in TRANSPORTS:
            with Visitor(server, transport, EXEMPT.honest(0)) as visitor:
                begin = time.monotonic()
                time.sleep(_LOGINS)
                span = Span(begin, time.monotonic())
                time.sleep(1.1)
                logins = visitor.logins.of(span, time.monotonic())
            yield Finding(
                f"slowest LOGIN of {len(logins.waits)} over {transport} beside {2 * _SILENT:,} silent connections"
                f" and {_DRIPPING} that drip",
                "≤ 1 s",
                f"{logins.worst * 1000:.1f} ms {' '.join(visitor.failures[:3])}".strip(),
                logins.worst <= 1 and not visitor.failures,
            )
