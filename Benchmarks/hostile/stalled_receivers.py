"""Receivers that read nothing: five with little memory (row 8), and a thousand."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from matrix.cells import TRANSPORTS
from matrix.servers import Server

from . import server as servers
from .attack import Attack
from .bystanders import Bystanders, connected, observe
from .finding import Finding
from .honest import Client
from .mode import EXEMPT, Mode
from .swarm import Role
from .waits import Span

_READS_PER_SECOND = 60_000
_LINE_BYTES = 200
_LINES = 10_000
# Stalled receivers are healthy for a minute; then the text moves as fast as the honest readers read it.
_PASTE_SECONDS = 60 + 2 * _LINES * _LINE_BYTES / _READS_PER_SECOND
_MANY = 1_000
_FILL_LINES = 200
# limits.room-log, and the memory of the program and its connections.
_MEMORY_MIB = 16 + 48


def five(mode: Mode, seconds: float, title: str) -> Iterator[Finding]:
    """A paste of 2 MB beside five of them, with a room log of 1 MiB."""
    attack = Attack([_stalled(5)])
    with servers.start([mode.limits, "room-log: 1MiB", "memory: 4MiB"]) as server, ExitStack() as stack:
        paster, *readers = clients = [
            stack.enter_context(
                Client(
                    *(server, transport, mode.honest(4 + number), name),
                    read_rate=rate,
                    expected="MSG paster ([0-9]+) x+",
                )
            )
            for number, (name, transport, rate) in enumerate(
                [("paster", "plain", None), *((f"reader-{each}", each, _READS_PER_SECOND) for each in TRANSPORTS)]
            )
        ]
        begin = 0.0

        def is_done() -> bool:
            nonlocal begin
            if not begin:
                begin = time.monotonic()
                padding = "x" * (_LINE_BYTES - 10)
                paster.paste("".join(f"MSG {number} {padding}\n" for number in range(_LINES)).encode())
            return time.monotonic() > begin + _PASTE_SECONDS or all(
                client.is_disconnected or len(client.numbers) == _LINES for client in clients
            )

        def during(_: Bystanders, span: Span) -> Iterator[Finding]:
            taken = span.end - begin
            for reader in readers:
                is_whole = reader.numbers == list(range(_LINES))
                yield Finding(
                    f"{title}: paste of 2 MB at a reader of {_READS_PER_SECOND // 1000} kB/s over {reader.transport}",
                    f"whole within {_PASTE_SECONDS:.0f} s",
                    f"{len(reader.numbers)} of {_LINES} lines after {taken:.0f} s"
                    + ("" if is_whole else ", not whole"),
                    is_whole,
                )
            yield connected(f"{title}, the paster and readers", clients)

        yield from observe(title, server, mode, attack, seconds, during, is_done, seconds + _PASTE_SECONDS)


def thousand(seconds: float) -> Iterator[Finding]:
    """Bystanders beside many of them, for each of whom output is pending."""
    title = f"{_MANY:,} stalled readers"

    def during(bystanders: Bystanders, _: Span) -> Iterator[Finding]:
        memory = _peak_memory(bystanders.server) / (1 << 20)
        is_reached = memory <= _MEMORY_MIB
        yield Finding(f"{title}: most memory of the server", f"≤ {_MEMORY_MIB} MiB", f"{memory:.0f} MiB", is_reached)

    with servers.start() as server:
        filler = Client(server, "plain", EXEMPT.honest(4), "filler", expected="MSG filler ([0-9]+) x+")
        with filler:
            is_filled = False

            def fill() -> bool:
                nonlocal is_filled
                if not is_filled:
                    is_filled = True
                    filler.paste(b"".join(b"MSG %d %s\n" % (number, b"x" * 1_000) for number in range(_FILL_LINES)))
                return len(filler.numbers) == _FILL_LINES or filler.is_disconnected

            yield from observe(title, server, EXEMPT, Attack([_stalled(_MANY)]), seconds, during, fill)
            yield connected(f"{title}, the filler", [filler])


def _stalled(count: int) -> Role:
    return Role(count, "LOGIN stalled-{n}\n", reads_per_second=0, receive_buffer=1 << 12)


def _peak_memory(server: Server) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10
