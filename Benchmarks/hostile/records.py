"""A process with unauthenticated TLS clients that send 1-byte records: python3 -m hostile.records JSON.

Encrypting takes longer than sending, so each client first encrypts 1.4 MB, and then all send at once, again and again.
"""

import json
import os
import select
import signal
import socket
import ssl
import sys
import time
from collections import Counter

from matrix.places import CA

from .swarm import Orders

_BYTES = 1_400_000
_RECORD_BYTES = 23


class Client:
    def __init__(self, port: int, source: str, context: ssl.SSLContext) -> None:
        self._input, output = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._input, output, server_hostname="localhost")
        self.connection = socket.socket()
        self.connection.settimeout(20)
        self.connection.bind((source, 0))
        self.connection.connect(("127.0.0.1", port))
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.connection.sendall(output.read())
                received = self.connection.recv(1 << 16)
                if not received:
                    raise ConnectionError("closed during the handshake") from None
                self._input.write(received)
        for _ in range(_BYTES // _RECORD_BYTES):
            self._tls.write(b"\n")
        # The answer shows that the server has read everything.
        self._tls.write(b"PING\n")
        self.output = memoryview(output.read())
        self.connection.setblocking(False)

    def send(self) -> None:
        self.output = self.output[self.connection.send(self.output) :]

    def is_answered(self) -> bool:
        received = self.connection.recv(1 << 16)
        if not received:
            raise ConnectionError("closed")
        self._input.write(received)
        try:
            return b"PONG" in self._tls.read(1 << 14)
        except ssl.SSLWantReadError:
            return False


def run(orders: Orders) -> Counter[str]:
    tally: Counter[str] = Counter()
    context = ssl.create_default_context(cafile=CA)
    end = time.monotonic() + orders.seconds
    is_first = True
    while time.monotonic() < end:
        clients = []
        for number in range(orders.role.count):
            source = orders.sources[number % len(orders.sources)]
            try:
                clients.append(Client(orders.port, source, context))
            except OSError:
                tally["disconnected"] += 1
            if _is_ended(0):
                return tally
        if is_first:
            print("ready", flush=True)
            is_first = False
        if _burst(clients, end, tally):
            return tally
    return tally


def _burst(clients: list[Client], end: float, tally: Counter[str]) -> bool:
    """Sends what the clients have prepared and awaits the answers; returns whether standard input ended."""
    pending = {client.connection.fileno(): client for client in clients}
    poll = select.epoll()
    poll.register(0, select.EPOLLIN)
    for descriptor in pending:
        poll.register(descriptor, select.EPOLLIN | select.EPOLLOUT)
    while pending and time.monotonic() < end:
        for descriptor, events in poll.poll(1):
            if descriptor == 0:
                return True
            client = pending[descriptor]
            try:
                if events & select.EPOLLOUT:
                    client.send()
                    if not client.output:
                        poll.modify(descriptor, select.EPOLLIN)
                is_done = bool(events & ~select.EPOLLOUT) and client.is_answered()
                tally["bursts read by the server"] += is_done
            except OSError as error:
                if isinstance(error, BlockingIOError):
                    continue
                tally["disconnected"] += 1
                is_done = True
            if is_done:
                poll.unregister(descriptor)
                client.connection.close()
                del pending[descriptor]
    return False


def _is_ended(seconds: float) -> bool:
    return bool(select.select([0], [], [], seconds)[0])


if __name__ == "__main__":
    given = Orders.decoded(sys.argv[1])
    signal.alarm(int(given.seconds) + 10)
    print(json.dumps(run(given)), flush=True)
    os._exit(0)
