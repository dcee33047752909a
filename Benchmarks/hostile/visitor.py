"""A new client that connects about once a second, logs in and leaves."""

import threading
import time
from typing import Self

from matrix.servers import Server

from .honest import connect
from .waits import Waits


class Visitor(threading.Thread):
    """As a context manager it stops at the end. A LOGIN that fails counts as one without an answer."""

    def __init__(self, server: Server, transport: str, source: str) -> None:
        super().__init__(name=f"visitor-{transport}", daemon=True)
        self.transport = transport
        self.logins = Waits()
        self.failures: list[str] = []
        self._server, self._source = server, source
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self.join()

    def run(self) -> None:
        while not self._ending.is_set():
            begin = time.monotonic()
            number = self.logins.sent(begin)
            try:
                answer = self._login(number)
                if answer == b"OK\n":
                    self.logins.answered(time.monotonic(), number)
                else:
                    self.failures.append(answer.decode(errors="replace").strip() or "connection closed")
            except OSError as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            self._ending.wait(max(begin + 1 - time.monotonic(), 0))

    def _login(self, number: int) -> bytes:
        with connect(self._server, self.transport, self._source) as client:
            client.sendall(f"LOGIN {self.name}-{number}\n".encode())
            answer = b""
            while not answer.endswith(b"\n") and (chunk := client.recv(64)):
                answer += chunk
            return answer[: answer.find(b"\n") + 1] or answer
