"""How each server of the comparison is started and stopped."""

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .cells import BASELINE, OURS
from .places import BENCHMARKS, CERTIFICATE, PRIVATE_KEY, ROOT

PEERS = BENCHMARKS / "peers"
CHAT_SERVER = ROOT / ".build/release/chat-server"
NIO_SERVER = PEERS / "nio-server/.build/release/nio-server"
# Long enough for one that starts under valgrind.
STARTUP_SECONDS = 60.0
STOP_SECONDS = 10.0


class StartError(RuntimeError):
    """A server that does not come up, and what it said."""


@dataclass(frozen=True)
class Launch:
    """What a server is started with: two free ports, and a directory that is its own."""

    port: int
    tls_port: int
    event_loops: int
    directory: Path

    def configuration(self, template: str) -> str:
        """Writes a configuration from its template; its path."""
        text = (PEERS / template).read_text()
        values = {
            "PORT": self.port,
            "TLS_PORT": self.tls_port,
            "CERTIFICATE": CERTIFICATE,
            "KEY": PRIVATE_KEY,
            "DIRECTORY": self.directory,
        }
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        path = self.directory / "configuration"
        path.write_text(text)
        return str(path)


@dataclass(frozen=True)
class Program:
    """One server of the comparison. Their commands do not fork: the process that is started is the one that serves."""

    protocol: str
    executable: Callable[[], str | None]
    arguments: Callable[[Launch], list[str]]
    environment: Callable[[Launch], dict[str, str]] = lambda launch: {}
    tls_port: Callable[[Launch], int | None] = lambda launch: launch.tls_port


def _file(path: Path) -> str | None:
    return str(path) if os.access(path, os.X_OK) else None


def _installed(name: str) -> str | None:
    # Debian has servers where only root's PATH leads.
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin")


def _chat_server(executable: Path) -> Program:
    return Program(
        protocol="chat",
        executable=lambda: _file(executable),
        arguments=lambda launch: [
            *("--listen", f"plain://127.0.0.1:{launch.port}"),
            *("--listen", f"tls://127.0.0.1:{launch.tls_port}"),
            *("--tls-certificate", str(CERTIFICATE), "--tls-private-key", str(PRIVATE_KEY)),
            *("--event-loops", str(launch.event_loops), "--log-level", "error"),
        ],
        environment=lambda launch: {
            **dict.fromkeys(("CHAT_LIMITS_CONNECTIONS", "CHAT_LIMITS_HANDSHAKES", "CHAT_LIMITS_USERS"), "19000"),
            "CHAT_LIMITS_LOGIN_TIMEOUT": "10m",
        },
    )


PROGRAMS = {
    OURS: _chat_server(CHAT_SERVER),
    "nio": Program(
        protocol="chat",
        executable=lambda: _file(NIO_SERVER),
        arguments=lambda launch: [
            *("--event-loops", str(launch.event_loops)),
            *(str(launch.port), str(launch.tls_port), str(CERTIFICATE), str(PRIVATE_KEY)),
        ],
    ),
    "inspircd": Program(
        protocol="irc",
        executable=lambda: _installed("inspircd"),
        # It refuses to serve as root unless it is told to, and does not mind being told so by anybody else.
        arguments=lambda launch: [
            *("--config", launch.configuration("inspircd.conf")),
            *("--nofork", "--nolog", "--nopid", "--runasroot"),
        ],
    ),
    "ngircd": Program(
        protocol="irc",
        executable=lambda: _installed("ngircd"),
        arguments=lambda launch: ["--nodaemon", "--config", launch.configuration("ngircd.conf")],
    ),
    "nats": Program(
        protocol="nats",
        executable=lambda: _installed("nats-server"),
        arguments=lambda launch: ["--config", launch.configuration("nats.conf")],
        environment=lambda launch: {"GOMAXPROCS": str(launch.event_loops)},
        tls_port=lambda launch: launch.port,
    ),
    "origin": Program(
        protocol="chat",
        executable=lambda: sys.executable,
        arguments=lambda launch: [str(PEERS / "origin.py"), str(launch.port)],
        tls_port=lambda launch: None,
    ),
}


@dataclass
class Server:
    """A server that accepts connections. As a context manager it is stopped at the end."""

    name: str
    pid: int
    urls: dict[str, str]
    protocol: str
    process: subprocess.Popen[bytes]
    directory: tempfile.TemporaryDirectory[str]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.directory.cleanup()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def use_baseline(executable: Path) -> None:
    """Makes an earlier build of the server available."""
    PROGRAMS[BASELINE] = _chat_server(executable)


def available(name: str) -> bool:
    """Whether its program is installed, or built."""
    return name in PROGRAMS and PROGRAMS[name].executable() is not None


def start(name: str, core: str, event_loops: int = 1, prefix: Sequence[str] = ()) -> Server:
    """Starts a server on the cores that taskset knows as `core`, and waits until it accepts connections.

    `prefix` is a command that runs the one that follows it, in the same process.
    """
    program = PROGRAMS[name]
    executable = program.executable()
    if executable is None:
        raise StartError(f"{name} is not installed, or not built")
    if not CERTIFICATE.exists():
        subprocess.run([ROOT / "certs/make-dev-certs.sh"], check=True, stdout=subprocess.DEVNULL)
    directory = tempfile.TemporaryDirectory(prefix=f"{name}-")
    launch = Launch(*_free_ports(), event_loops, Path(directory.name))
    with open(launch.directory / "output", "wb") as output:
        process = subprocess.Popen(
            # taskset becomes the server: the process keeps its number.
            ["taskset", "-c", core, *prefix, executable, *program.arguments(launch)],
            # Neither is a .env read, nor is a core file left behind.
            cwd=launch.directory,
            # Not what the caller has set for servers of its own.
            env={name: value for name, value in os.environ.items() if not name.startswith(("CHAT_", "GO", "PORT"))}
            | program.environment(launch),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_raise_descriptor_limit,
        )
    urls = {"plain": f"plain://127.0.0.1:{launch.port}"}
    tls_port = program.tls_port(launch)
    if tls_port is not None:
        urls["tls"] = f"tls://127.0.0.1:{tls_port}"
    server = Server(name, process.pid, urls, program.protocol, process, directory)
    try:
        _wait_for(server)
    except BaseException:
        server.stop()
        raise
    return server


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    for url in server.urls.values():
        port = int(url.rpartition(":")[2])
        while not _accepts(port):
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise StartError(f"{server.name} does not come up:\n{_last_lines(server)}")
            time.sleep(0.05)


def _accepts(port: int) -> bool:
    try:
        # From another address than the port's, or a port that is still free might be given to this end: TCP would
        # connect it to itself.
        socket.create_connection(("127.0.0.1", port), timeout=1, source_address=("127.0.0.2", 0)).close()
    except OSError:
        return False
    return True


def _last_lines(server: Server) -> str:
    output = Path(server.directory.name) / "output"
    return "\n".join(output.read_text(errors="replace").splitlines()[-20:])
