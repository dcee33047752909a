"""How long PONG and a LOGIN take beside a large room in which lines are said."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from matrix.cells import APART
from matrix.places import CHAT_BENCH
from matrix.servers import Server

from . import server as servers
from .bystanders import LATE_SECONDS, QUICK_SECONDS
from .finding import Finding
from .honest import Client
from .mode import EXEMPT
from .visitor import Visitor
from .waits import Span

_MEMBERS = (1_000, 10_000)
_LINES_PER_SECOND = 10
_PINGS_PER_SECOND = 10
_SECONDS_AT_MOST = 12.0
_ARRIVAL_SECONDS_AT_MOST = 120.0
# With the number of the line.
_LINE_OF_LOAD = r"MSG b[0-9]+-0 \|[0-9]+\|0\|([0-9]+)\|x*"
_LIMITS = ("connections: 19000", "users: 19000")


def run(seconds: float) -> Iterator[Finding]:
    for members in _MEMBERS:
        yield from _trial(members, min(seconds, _SECONDS_AT_MOST))


def _trial(members: int, seconds: float) -> Iterator[Finding]:
    with servers.start(_LIMITS) as server, Client(
        *(server, "plain", EXEMPT.honest(0), "pinger"), pings_per_second=_PINGS_PER_SECOND, expected=_LINE_OF_LOAD
    ) as pinger:
        begin = time.monotonic()
        with _load(server, members, seconds + 3) as load:
            arrival = _wait_for_lines(pinger)
            first = time.monotonic()
            with Visitor(server, "plain", EXEMPT.honest(1)) as visitor:
                time.sleep(seconds)
                span = Span(first, time.monotonic())
                time.sleep(LATE_SECONDS + 0.1)
                logins = visitor.logins.of(span, time.monotonic())
            figures = json.loads(load.communicate(timeout=_ARRIVAL_SECONDS_AT_MOST)[0])
        now = time.monotonic()
        waits = {
            "members arrive": pinger.pings.of(Span(begin, first), now),
            "lines are said": pinger.pings.of(span, now),
        }
    for what, pings in waits.items():
        yield Finding(
            f"{members:,} members: PING while {what}",
            f"p99 ≤ {QUICK_SECONDS * 1000:.0f} ms, none above {LATE_SECONDS:.0f} s",
            f"p50 {pings.median * 1000:.1f} ms, p99 {pings.p99 * 1000:.1f} ms, longest {pings.worst * 1000:.1f} ms of"
            f" {len(pings.waits)}" + (f", {pings.missing} without an answer" if pings.missing else ""),
            pings.p99 <= QUICK_SECONDS and pings.worst <= LATE_SECONDS,
        )
    yield Finding(
        f"{members:,} members: LOGIN of a new client while lines are said",
        f"≤ {LATE_SECONDS:.0f} s",
        f"p50 {logins.median * 1000:.1f} ms, longest {logins.worst * 1000:.1f} ms of {len(logins.waits)}"
        f" {' '.join(visitor.failures[:3])}".rstrip(),
        logins.worst <= LATE_SECONDS and not visitor.failures,
    )
    astray = {name: figures[name] for name in ("lost", "duplicated", "misordered")}
    yield Finding(
        f"{members:,} members, all in after {arrival:.1f} s: lines of the load astray",
        "0",
        f"{sum(astray.values())} of {figures['deliveries']:,}",
        not any(astray.values()),
    )


@contextmanager
def _load(server: Server, members: int, seconds: float) -> Iterator["subprocess.Popen[str]"]:
    """Members, one of whom says lines."""
    command = (
        *(*APART.load_prefix, "nice", "-n", "19", CHAT_BENCH, "paced", server.urls["plain"]),
        *("--receivers", str(members), "--rate", str(_LINES_PER_SECOND), "--seconds", f"{seconds:g}"),
        *("--no-floor", "--json"),
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _wait_for_lines(pinger: Client) -> float:
    """Waits until the load says its lines, which is after the last member has come; returns how long that took."""
    begin = time.monotonic()
    while not pinger.numbers:
        if pinger.is_disconnected or time.monotonic() > begin + _ARRIVAL_SECONDS_AT_MOST:
            raise RuntimeError("the members did not come")
        time.sleep(0.02)
    return time.monotonic() - begin
