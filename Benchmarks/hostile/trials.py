"""What others notice of those who do what nobody should."""

import json
import ssl
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

from matrix import servers
from matrix.cells import APART, OURS
from matrix.places import CA, CHAT_BENCH
from matrix.servers import Server

from . import clients, paste

RECEIVERS, RATE, SECONDS = 50, 200, 3
STALLED = 1_000
SILENT, DRIPPING = 2_500, 500
DESCRIPTORS, CONNECTIONS = 256, 400
MEBIBYTE = 1 << 20
# The default of limits.total-send-queue, and what the program takes besides, its members' records and the allocator's
# share among them.
MEMORY_MIB = 256 + 96


@dataclass(frozen=True)
class Finding:
    what: str
    target: str
    figure: str
    is_reached: bool


def run(rounds: int) -> Iterator[Finding]:
    for kind in clients.FLOODS:
        for transport in ("plain", "tls"):
            with _server() as server:
                yield _ratio(
                    f"p99 of others over {transport} while one floods with {kind}, to undisturbed",
                    3,
                    [_pair(server, transport, lambda: clients.flood(_port(server), kind)) for _ in range(rounds)],
                )
    pairs, peak = [], 0
    for _ in range(rounds):
        with _server() as server:
            pairs.append(_pair(server, "plain", lambda: clients.stalled(STALLED, _port(server))))
            peak = max(peak, _peak_memory(server))
    yield _ratio(f"p99 of others beside {STALLED:,} stalled readers, to undisturbed", 2, pairs)
    memory = peak / MEBIBYTE
    yield Finding("most memory meanwhile", f"≤ {MEMORY_MIB} MiB", f"{memory:.0f} MiB", memory <= MEMORY_MIB)
    yield _paste()
    yield from _strangers()
    yield from _descriptors()


def _server(prefix: tuple[str, ...] = ()) -> Server:
    return servers.start(OURS, APART.server_core, prefix=prefix)


def _port(server: Server, transport: str = "plain") -> int:
    return int(server.urls[transport].rpartition(":")[2])


def _ratio(what: str, limit: float, pairs: list[tuple[float, float]]) -> Finding:
    ratio = statistics.median(disturbed / alone for alone, disturbed in pairs)
    spread = ", ".join(f"{alone:.2f} → {disturbed:.2f} ms" for alone, disturbed in pairs)
    return Finding(what, f"≤ {limit}", f"{ratio:.2f} ({spread})", ratio <= limit)


def _pair(
    server: Server, transport: str, disturbance: Callable[[], AbstractContextManager[None]]
) -> tuple[float, float]:
    """The p99 of a paced load in milliseconds, alone and disturbed."""
    alone = _paced(server, transport, nullcontext())
    return alone, _paced(server, transport, disturbance())


def _paced(server: Server, transport: str, disturbance: AbstractContextManager[None]) -> float:
    with disturbance:
        output = subprocess.run(
            [
                *(*APART.load_prefix, CHAT_BENCH, "paced", server.urls[transport], "--json", "--no-floor"),
                *("--receivers", str(RECEIVERS), "--rate", str(RATE), "--seconds", str(SECONDS), "--ca", CA),
            ],
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    return json.loads(output)["latencyMicroseconds"]["p99"] / 1000


def _peak_memory(server: Server) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def _paste() -> Finding:
    with _server() as server:
        outcome = paste.run(_port(server), _port(server, "tls"))
    return Finding(
        f"{paste.LINES:,} lines pasted beside three who read 16 KiB/s, one who drips and one who is stopped, whole at",
        f"{outcome.receivers}",
        f"{outcome.whole} of {outcome.receivers} after {outcome.seconds:.0f} s",
        outcome.whole == outcome.receivers,
    )


def _strangers() -> Iterator[Finding]:
    with _server() as server, ExitStack() as stack:
        for transport in ("plain", "tls"):
            stack.enter_context(clients.many(SILENT, _port(server, transport)))
        stack.enter_context(clients.dripping(DRIPPING, _port(server, "tls")))
        for transport in ("plain", "tls"):
            seconds = max(_login(server, transport, number) for number in range(20))
            yield Finding(
                f"slowest LOGIN of 20 over {transport} beside {2 * SILENT:,} silent connections and {DRIPPING} that drip",
                "≤ 1 s",
                f"{seconds * 1000:.1f} ms",
                seconds <= 1,
            )


def _login(server: Server, transport: str, number: int) -> float:
    """From the connection to the OK, in seconds."""
    begin = time.monotonic()
    with clients.connect(_port(server, transport)) as connection:
        client = connection
        if transport == "tls":
            client = ssl.create_default_context(cafile=CA).wrap_socket(connection, server_hostname="localhost")
        client.sendall(b"LOGIN visitor-%s-%d\n" % (transport.encode(), number))
        received = client.recv(64)
        elapsed = time.monotonic() - begin
        client.close()
    if received != b"OK\n":
        raise RuntimeError(f"a LOGIN was answered by {received!r}")
    return elapsed


def _descriptors() -> Iterator[Finding]:
    limit = ("prlimit", f"--nofile={DESCRIPTORS}")
    with _server(limit) as server, clients.many(CONNECTIONS, _port(server)) as connections:
        first, last = connections[0], connections[-1]
        first.sendall(b"LOGIN first\nMSG still here\n")
        replies = b""
        while not replies.endswith(b"still here\n"):
            replies += first.recv(64)
        last.sendall(b"LOGIN last\n")
        before = _processor_seconds(server)
        # While it waits, there is nothing to do.
        time.sleep(3)
        share = (_processor_seconds(server) - before) / 3
        for connection in connections[1 : CONNECTIONS // 2]:
            connection.close()
        begin = time.monotonic()
        answer = last.recv(64)
        elapsed = time.monotonic() - begin
        log = (Path(server.directory.name) / "output").read_text().count("cannot accept")
    yield Finding(
        f"{CONNECTIONS} connections with {DESCRIPTORS} descriptors: the last gets in when others leave",
        "OK",
        f"{answer.decode().strip()} after {elapsed * 1000:.0f} ms",
        answer == b"OK\n",
    )
    yield Finding("log lines about it", "1", str(log), log == 1)
    yield Finding("processor time while none is left", "≤ 1 %", f"{share:.1%}", share <= 0.01)


def _processor_seconds(server: Server) -> float:
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
