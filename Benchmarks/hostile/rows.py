"""The attacks of the table in the design, by row."""

from collections.abc import Callable, Iterator

from . import direct_messages, help_flood, stalled_receivers, unauthenticated
from .finding import Finding
from .mode import Mode

Trial = Callable[[Mode, float, str], Iterator[Finding]]


def _pairs(count: int) -> Trial:
    return lambda mode, seconds, title: direct_messages.pairs(count, mode, seconds, title)


ROWS: dict[int, tuple[str, Trial]] = {
    1: ("a slow receiver of DMs and its sender", _pairs(1)),
    2: ("21 slow receivers of DMs and their senders", _pairs(21)),
    3: ("96 slow receivers of DMs and their senders", _pairs(96)),
    4: ("three polite senders of DMs to one receiver", direct_messages.to_one_receiver),
    5: ("40 unauthenticated TLS clients with 1-byte records", unauthenticated.tiny_records),
    6: ("99 unauthenticated clients with names that fold to long ones", unauthenticated.long_names),
    7: ("40 clients that send HELP without pause", help_flood.run),
    8: ("five stalled receivers, a room log of 1 MiB", stalled_receivers.five),
}


def run(row: int, mode: Mode, seconds: float) -> Iterator[Finding]:
    text, trial = ROWS[row]
    return trial(mode, seconds, f"row {row} ({text}; {mode.name})")
