"""The chat server with default limits, unless a trial changes them."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from matrix import servers
from matrix.cells import APART, OURS
from matrix.places import CERTIFICATE, PRIVATE_KEY, ROOT

_LISTENING = re.compile(r"listener=(plain|tls)://127\.0\.0\.1:(\d+)")


def start(limits: Sequence[str] = (), prefix: Sequence[str] = ()) -> servers.Server:
    """Starts the server on its core and waits until it listens.

    `limits` are lines below `limits:` in its configuration; `prefix` is a command that becomes the server.
    """
    if not CERTIFICATE.exists():
        subprocess.run([ROOT / "certs/make-dev-certs.sh"], check=True, stdout=subprocess.DEVNULL)
    directory = tempfile.TemporaryDirectory(prefix="hostile-")
    configuration = Path(directory.name) / "chat.yaml"
    text = "".join(f"  {line}\n" for line in limits if line)
    configuration.write_text(f"limits:\n{text}" if text else "")
    command = [
        *("taskset", "-c", APART.server_core, *prefix, servers.CHAT_SERVER),
        *("--config", configuration, "--event-loops", "1"),
        *("--listen", "plain://127.0.0.1:0", "--listen", "tls://127.0.0.1:0"),
        *("--tls-certificate", CERTIFICATE, "--tls-private-key", PRIVATE_KEY),
    ]
    with open(Path(directory.name) / "output", "wb") as output:
        process = subprocess.Popen(
            command,
            # The server reads a .env file in its directory, and there is none here.
            cwd=directory.name,
            env={name: value for name, value in os.environ.items() if not name.startswith(("CHAT_", "PORT"))},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = servers.Server(OURS, process.pid, {}, "chat", process, directory)
    try:
        _wait_until_it_listens(server)
    except BaseException:
        server.stop()
        raise
    return server


def port(server: servers.Server, transport: str = "plain") -> int:
    return int(server.urls[transport].rpartition(":")[2])


def log(server: servers.Server) -> str:
    return (Path(server.directory.name) / "output").read_text(errors="replace")


def warnings(server: servers.Server) -> list[str]:
    """Returns the log lines that are at least warnings."""
    return [line for line in log(server).splitlines() if re.search(r" (warning|error|critical) ", line)]


def _wait_until_it_listens(server: servers.Server) -> None:
    deadline = time.monotonic() + servers.STARTUP_SECONDS
    while len(server.urls) < 2:
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise servers.StartError(f"the server did not start:\n{log(server)}")
        time.sleep(0.05)
        ports = _LISTENING.findall(log(server))
        server.urls = {transport: f"{transport}://127.0.0.1:{number}" for transport, number in ports}
