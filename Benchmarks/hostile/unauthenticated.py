"""Attacks of clients that never log in: rows 5 and 6."""

from collections.abc import Iterator

from . import server as servers
from .attack import Attack
from .bystanders import observe
from .finding import Finding
from .mode import Mode
from .swarm import Role

_RECORD_CLIENTS = 40
_NAME_CLIENTS = 99
_LOGINS_PER_SECOND = 25
# Case folding expands it to 18 characters.
_LIGATURE = "\ufdfa"


def tiny_records(mode: Mode, seconds: float, title: str) -> Iterator[Finding]:
    # Two processes: one encrypts while the other sends.
    attack = Attack([Role(_RECORD_CLIENTS // 2)] * 2, module="hostile.records", transport="tls")
    with servers.start([mode.limits]) as server:
        yield from observe(title, server, mode, attack, seconds)


def long_names(mode: Mode, seconds: float, title: str) -> Iterator[Finding]:
    line = f"LOGIN {_LIGATURE * 32}\n"
    attack = Attack([Role(_NAME_CLIENTS, text=line, units_per_second=_LOGINS_PER_SECOND, reconnects=True)])
    with servers.start([mode.limits]) as server:
        yield from observe(title, server, mode, attack, seconds)
