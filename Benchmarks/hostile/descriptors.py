"""A server that has no descriptors left (ulimit -n)."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from matrix.servers import Server

from . import server as servers
from .finding import Finding
from .honest import connect

_DESCRIPTORS, _CONNECTIONS = 256, 400
_IDLE_SECONDS = 3


def run() -> Iterator[Finding]:
    with servers.start(prefix=("prlimit", f"--nofile={_DESCRIPTORS}")) as server, ExitStack() as stack:
        connections = [stack.enter_context(connect(server, "plain", "127.0.0.1")) for _ in range(_CONNECTIONS)]
        first, last = connections[0], connections[-1]
        first.sendall(b"LOGIN first\nMSG still here\n")
        replies = b""
        while not replies.endswith(b"still here\n") and (chunk := first.recv(64)):
            replies += chunk
        last.sendall(b"LOGIN last\n")
        before = _processor_seconds(server)
        # While the last connection waits, the server should be idle.
        time.sleep(_IDLE_SECONDS)
        share = (_processor_seconds(server) - before) / _IDLE_SECONDS
        for connection in connections[1 : _CONNECTIONS // 2]:
            connection.close()
        begin = time.monotonic()
        answer = last.recv(64)
        elapsed = time.monotonic() - begin
        lines = servers.log(server).count("cannot accept")
    yield Finding(
        f"{_CONNECTIONS} connections with {_DESCRIPTORS} descriptors: the last is accepted when others leave",
        "OK",
        f"{answer.decode().strip()} after {elapsed * 1000:.0f} ms",
        answer == b"OK\n",
    )
    yield Finding("log lines about missing descriptors", "1", str(lines), lines == 1)
    yield Finding("processor time while no descriptor is left", "≤ 1 %", f"{share:.1%}", share <= 0.01)


def _processor_seconds(server: Server) -> float:
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
