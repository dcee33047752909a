"""How long a client waited for answers."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    """A part of a trial, in seconds of the monotonic clock."""

    begin: float
    end: float


@dataclass
class Waits:
    """Times at which requests were sent and answered. One thread adds to it; others may read it at any time."""

    _answered: list[tuple[float, float]] = field(default_factory=list)
    _pending: dict[int, float] = field(default_factory=dict)
    _count: int = 0
    _oldest: int = 0

    def sent(self, now: float) -> int:
        """Notes a request; returns its number."""
        number = self._count
        self._pending[number] = now
        self._count += 1
        return number

    def answered(self, now: float, number: int | None = None) -> None:
        """Notes the answer to one request, or to the oldest."""
        if number is None:
            number, self._oldest = self._oldest, self._oldest + 1
        if (begin := self._pending.pop(number, None)) is not None:
            self._answered.append((begin, now - begin))

    def of(self, span: Span, now: float) -> "Summary":
        """Summarizes the requests that were sent in a span. A missing answer has taken until now."""
        waits = [wait for begin, wait in list(self._answered) if span.begin <= begin < span.end]
        missing = [now - begin for begin in list(self._pending.values()) if span.begin <= begin < span.end]
        return Summary(sorted(waits + missing), len(missing))


@dataclass(frozen=True)
class Summary:
    waits: list[float]
    missing: int

    @property
    def median(self) -> float:
        return self._at(0.5)

    @property
    def p99(self) -> float:
        return self._at(0.99)

    @property
    def worst(self) -> float:
        return self._at(1)

    def _at(self, share: float) -> float:
        return self.waits[math.ceil(share * len(self.waits)) - 1] if self.waits else math.inf
