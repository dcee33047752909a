"""Clients that do what nobody should: they flood, stall, say nothing or drip."""

import itertools
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from matrix.cells import APART

HOST = "127.0.0.1"
# The record header of a ClientHello, and what could be the rest of one.
CLIENT_HELLO = bytes((22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3)) + bytes(507)
DRIP_SECONDS = 0.5
# What one who floods says: what everybody gets, what nobody gets, and what takes Unicode's tables to look at.
FLOODS = {
    "messages": b"MSG " + b"x" * 60 + b"\n",
    "blank lines": b"\n",
    "names of nobody": b"DM " + "\u00e9\u0323".encode() * 16 + b" x\n",
}


def connect(port: int, receive_buffer: int | None = None) -> socket.socket:
    client = socket.socket()
    if receive_buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(10)
    client.connect((HOST, port))
    return client


@contextmanager
def many(count: int, port: int, receive_buffer: int | None = None) -> Iterator[list[socket.socket]]:
    """So many connections, closed at the end."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect(port, receive_buffer)) for _ in range(count)]


@contextmanager
def stalled(count: int, port: int) -> Iterator[None]:
    """So many users who read nothing, and for each of whom something waits in the server already."""
    with many(count, port, receive_buffer=4096) as clients:
        for number, client in enumerate(clients):
            client.sendall(b"LOGIN stalled-%d\n" % number)
        with connect(port) as filler:
            filler.sendall(b"LOGIN filler\n")
            # More than the kernel's buffers take for each of them, and for all together less than makes anybody go.
            line = b"MSG " + b"x" * 1000 + b"\n"
            for _ in range(200):
                filler.sendall(line)
                _await(filler, b"x\n")
        yield


def _await(client: socket.socket, end: bytes) -> None:
    received = b""
    while not received.endswith(end):
        received = (received + client.recv(1 << 16))[-len(end) :]


@contextmanager
def dripping(count: int, port: int) -> Iterator[None]:
    """So many connections whose ClientHello comes byte by byte."""
    ended = threading.Event()
    with many(count, port) as clients:

        def drip() -> None:
            for place in itertools.count():
                for client in clients:
                    try:
                        client.send(CLIENT_HELLO[place : place + 1])
                    except OSError:
                        pass
                if ended.wait(DRIP_SECONDS):
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@contextmanager
def flood(port: int, kind: str) -> Iterator[None]:
    """One user who says as much as the server takes, and reads it. A process of its own, behind all others."""
    command = [*APART.load_prefix, "nice", "-n", "19", sys.executable, "-m", "hostile.clients", str(port), kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            # It is under way.
            time.sleep(1)
            yield
        finally:
            process.communicate()


def _flood(port: int, line: bytes) -> None:
    with connect(port) as client:
        client.sendall(b"LOGIN flooder\n")
        client.setblocking(False)
        # Of whole lines, wherever the kernel cuts it.
        block = waiting = line * max(1, 32768 // len(line))
        while True:
            readable, writable, _ = select.select([client, sys.stdin], [client], [])
            if sys.stdin in readable:
                return
            if client in readable and not client.recv(1 << 16):
                return
            if writable:
                waiting = waiting[client.send(waiting) :] or block


if __name__ == "__main__":
    _flood(int(sys.argv[1]), FLOODS[sys.argv[2]])
