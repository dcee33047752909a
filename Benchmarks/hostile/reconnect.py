"""All clients connect over TLS and log in at once, as after a restart of the server."""

import json
import subprocess
from collections.abc import Iterator

from matrix.cells import APART
from matrix.places import CA, CHAT_BENCH

from . import server as servers
from .finding import Finding

_CLIENTS = 10_000
_SECONDS = 60
_LIMITS = ("connections: 19000", "users: 19000")


def run() -> Iterator[Finding]:
    with servers.start(_LIMITS) as server:
        command = (
            *(*APART.load_prefix, CHAT_BENCH, "reconnect", server.urls["tls"]),
            *("--clients", str(_CLIENTS), "--at-most", str(_SECONDS)),
            *("--pid", str(server.pid), "--ca", CA, "--json"),
        )
        output = subprocess.run(command, stdout=subprocess.PIPE, timeout=_SECONDS + 60, check=False).stdout
    figures = json.loads(output)
    failures = "".join(f", {reason}: {count:,}" for reason, count in figures["failures"].items())
    yield Finding(
        f"{_CLIENTS:,} TLS clients connect and log in at once",
        f"all within {_SECONDS} s",
        f"{figures['loggedIn']:,} after {figures['seconds']:.1f} s in {figures['attempts']:,} attempts"
        f" (p50 {figures['secondsP50'] or 0:.1f} s, p99 {figures['secondsP99'] or 0:.1f} s;"
        f" server {figures['server']['cpuShare']:.0%}, load {figures['load']['cpuShare']:.0%} of a core{failures})",
        figures["loggedIn"] == _CLIENTS,
    )
