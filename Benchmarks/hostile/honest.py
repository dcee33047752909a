"""An honest client: it is logged in, reads (everything at once, or at a rate), types lines and sends PING."""

import re
import select
import socket
import ssl
import threading
import time
from collections import Counter
from typing import Self

from matrix.places import CA
from matrix.servers import Server

from .server import port
from .waits import Waits

HOST = "127.0.0.1"
CONNECT_SECONDS = 10
_TICK_SECONDS = 0.02


def connect(server: Server, transport: str, source: str, receive_buffer: int | None = None) -> socket.socket:
    """Returns a blocking connection from an address, after the handshake."""
    connection = socket.socket()
    try:
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(CONNECT_SECONDS)
        connection.bind((source, 0))
        connection.connect((HOST, port(server, transport)))
        if transport == "tls":
            return ssl.create_default_context(cafile=CA).wrap_socket(connection, server_hostname="localhost")
    except BaseException:
        connection.close()
        raise
    return connection


class Client(threading.Thread):
    """A client with a thread of its own. As a context manager it disconnects at the end.

    It sends `line` with a number, and PING, each so many times a second. `numbers` are the numbers of the lines that
    match `expected`, a pattern with one group.
    """

    def __init__(
        self,
        server: Server,
        transport: str,
        source: str,
        name: str,
        *,
        read_rate: float | None = None,
        pings_per_second: float = 0,
        lines_per_second: float = 0,
        line: str = "MSG typed",
        expected: str = "()never",
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.transport = transport
        self.pings, self.echoes = Waits(), Waits()
        self.numbers: list[int] = []
        self.errors: Counter[str] = Counter()
        self.lines_sent = 0
        self.is_disconnected = False
        self._read_rate = read_rate
        self._ping_seconds = 1 / pings_per_second if pings_per_second else None
        self._line_seconds = 1 / lines_per_second if lines_per_second else None
        self._line = line
        own = f"MSG {re.escape(name)} typed ([0-9]+)"
        self._pattern = re.compile(rf"^(?:(PONG)|ERR ([a-z-]+)[^\n]*|{own}|{expected})$".encode(), re.MULTILINE)
        self._output = bytearray()
        self._ending = threading.Event()
        # The kernel's buffer would otherwise hold many seconds of what a slow reader reads.
        self._socket = connect(server, transport, source, None if read_rate is None else 1 << 16)
        self._socket.sendall(f"LOGIN {name}\n".encode())
        self._input = b""
        while not self._input.startswith(b"OK\n"):
            chunk = self._socket.recv(1 << 16)
            self._input += chunk
            if not chunk or (self._input and not b"OK\n".startswith(self._input[:3])):
                raise RuntimeError(f"{name}'s LOGIN was answered by {self._input!r}")
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self.join()
        self._socket.close()

    def paste(self, text: bytes) -> None:
        """Sends a text as fast as the server reads it."""
        self._output += text

    def run(self) -> None:
        begin = time.monotonic()
        next_ping = begin if self._ping_seconds else float("inf")
        next_line = begin if self._line_seconds else float("inf")
        last_read = begin
        try:
            while not self._ending.is_set():
                now = time.monotonic()
                if now >= next_ping:
                    self._output += b"PING\n"
                    self.pings.sent(now)
                    next_ping = max(next_ping + self._ping_seconds, now)
                if now >= next_line:
                    number = self.echoes.sent(now)
                    self._output += f"{self._line} {number}\n".encode()
                    self.lines_sent += 1
                    next_line = max(next_line + self._line_seconds, now)
                self._send()
                if self._read_rate is None:
                    patience = max(min(next_ping, next_line, now + 0.1) - time.monotonic(), 0)
                    select.select([self._socket], [self._socket] if self._output else [], [], patience)
                    self._receive(1 << 20)
                else:
                    self._ending.wait(_TICK_SECONDS)
                    # After a pause it does not catch up.
                    now = time.monotonic()
                    self._receive(int(min(now - last_read, 0.1) * self._read_rate))
                    last_read = now
        except (OSError, EOFError):
            self.is_disconnected = True

    def _send(self) -> None:
        try:
            while self._output:
                sent = self._socket.send(bytes(self._output[: 1 << 14]))
                del self._output[:sent]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass

    def _receive(self, limit: int) -> None:
        try:
            while limit > 0:
                chunk = self._socket.recv(min(limit, 1 << 16))
                if not chunk:
                    raise EOFError
                limit -= len(chunk)
                self._parse(chunk)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass

    def _parse(self, chunk: bytes) -> None:
        now = time.monotonic()
        end = chunk.rfind(b"\n") + 1
        if not end:
            self._input += chunk
            return
        lines, self._input = self._input + chunk[:end], chunk[end:]
        for match in self._pattern.finditer(lines):
            pong, error, own, number = match.groups()
            if pong:
                self.pings.answered(now)
            elif error:
                self.errors[error.decode()] += 1
            elif own is not None:
                self.echoes.answered(now, int(own))
            elif number:
                self.numbers.append(int(number))
