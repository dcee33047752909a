"""A process with many attackers: python3 -m hostile.swarm JSON.

It ends with its standard input, or when its time is up.
"""

import json
import os
import re
import select
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

_TICK_SECONDS = 0.02
_RECONNECT_SECONDS = 1.0
_BLOCK = 1 << 15
_ERROR = re.compile(rb"^ERR ([a-z-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Role:
    """The behaviour of several attackers. In texts, {n} stands for an attacker's number."""

    count: int
    # Sent once.
    greeting: str = ""
    # Sent again and again, in units of so many bytes; None: whole.
    text: str = ""
    unit: int | None = None
    # None: without pause.
    units_per_second: float | None = 0
    # Bytes; None: everything at once.
    reads_per_second: float | None = None
    receive_buffer: int | None = None
    reconnects: bool = False


@dataclass(frozen=True)
class Orders:
    """The task of a process."""

    port: int
    sources: list[str]
    seconds: float
    role: Role

    def encoded(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def decoded(text: str) -> "Orders":
        fields = json.loads(text)
        return Orders(**{**fields, "role": Role(**fields["role"])})


class Attacker:
    def __init__(self, orders: Orders, number: int, tally: Counter[str]) -> None:
        self.role = orders.role
        self._orders, self._tally = orders, tally
        self._source = orders.sources[number % len(orders.sources)]
        self._greeting = self.role.greeting.replace("{n}", str(number)).encode()
        text = self.role.text.replace("{n}", str(number)).encode("utf-8" if self.role.unit is None else "latin-1")
        self._unit = self.role.unit or len(text)
        # Cut at any unit, the rest of the text and one more follow each other.
        self._text = text * (max(1, _BLOCK // len(text)) if self.role.units_per_second is None and text else 1)
        self.connection: socket.socket | None = None
        self.reconnect_at = 0.0

    @property
    def is_ticking(self) -> bool:
        role = self.role
        return role.reads_per_second is not None or bool(role.units_per_second) or role.reconnects

    def connect(self, now: float) -> int:
        """Connects without waiting for it; returns the descriptor."""
        self.connection = socket.socket()
        self.connection.setblocking(False)
        if self.role.receive_buffer is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.role.receive_buffer)
        self.connection.bind((self._source, 0))
        self.connection.connect_ex(("127.0.0.1", self._orders.port))
        self._output, self._place = self._greeting, 0
        self._wrote_at = self._read_at = now
        self._tally["connections"] += 1
        return self.connection.fileno()

    @property
    def interest(self) -> int:
        """Events to wait for; 0 if there are none, so that a peer's end does not wake the process again and again."""
        reads = select.EPOLLIN if self.role.reads_per_second is None else 0
        return reads | (select.EPOLLOUT if self._output or self.role.units_per_second is None else 0)

    def tick(self, now: float) -> None:
        rate = self.role.units_per_second
        if rate:
            # After a pause of the server, or of this process, an attacker makes up for half a second.
            self._wrote_at = max(self._wrote_at, now - 0.5)
            units = int((now - self._wrote_at) * rate)
            if units and len(self._output) < _BLOCK:
                self._wrote_at += units / rate
                for _ in range(units):
                    self._output += self._text[self._place : self._place + self._unit]
                    self._place = (self._place + self._unit) % len(self._text)
                self._tally["units sent"] += units
                self.write()
        rate = self.role.reads_per_second
        if rate:
            self._read_at = max(self._read_at, now - 0.5)
            size = int((now - self._read_at) * rate)
            if size and (chunk := self._receive(size)):
                self._read_at += len(chunk) / rate

    def write(self) -> None:
        if not self._output and self.role.units_per_second is None:
            self._output = self._text
            self._tally["units sent"] += len(self._text) // self._unit
        if self._output:
            with suppress(BlockingIOError):
                self._output = self._output[self.connection.send(self._output) :]

    def read(self) -> None:
        self._receive(1 << 16)

    def _receive(self, size: int) -> bytes:
        try:
            chunk = self.connection.recv(size)
        except BlockingIOError:
            return b""
        if not chunk:
            raise EOFError
        self._tally["bytes received"] += len(chunk)
        if b"ERR" in chunk:
            self._tally.update(error.decode() for error in _ERROR.findall(chunk))
        return chunk


def run(orders: Orders) -> Counter[str]:
    """Attacks until standard input ends or the time is up; returns what happened."""
    tally: Counter[str] = Counter()
    attackers = [Attacker(orders, number, tally) for number in range(orders.role.count)]
    ticking = [attacker for attacker in attackers if attacker.is_ticking]
    poll = select.epoll()
    poll.register(0, select.EPOLLIN)
    interests: dict[int, int] = {}
    connected: dict[int, Attacker] = {}

    def watch(descriptor: int, attacker: Attacker) -> None:
        if (interest := attacker.interest) == interests.get(descriptor, 0):
            return
        if descriptor in interests:
            poll.unregister(descriptor)
            del interests[descriptor]
        if interest:
            poll.register(descriptor, interest)
            interests[descriptor] = interest

    def start(attacker: Attacker, now: float) -> None:
        descriptor = attacker.connect(now)
        connected[descriptor] = attacker
        watch(descriptor, attacker)

    def act(attacker: Attacker, action: Callable[[], None], now: float) -> None:
        descriptor = attacker.connection.fileno()
        try:
            action()
            watch(descriptor, attacker)
        except (OSError, EOFError):
            tally["disconnected"] += 1
            if interests.pop(descriptor, None) is not None:
                poll.unregister(descriptor)
            del connected[descriptor]
            attacker.connection.close()
            attacker.connection = None
            attacker.reconnect_at = now + _RECONNECT_SECONDS

    end = time.monotonic() + orders.seconds
    for attacker in attackers:
        start(attacker, time.monotonic())
    print("ready", flush=True)
    next_tick = 0.0
    while (now := time.monotonic()) < end:
        for descriptor, events in poll.poll(max(next_tick - now, 0) if ticking else 1):
            if descriptor == 0:
                return tally
            attacker = connected.get(descriptor)
            if attacker and events & ~select.EPOLLOUT:
                act(attacker, attacker.read, now)
            if attacker and attacker.connection and events & select.EPOLLOUT:
                act(attacker, attacker.write, now)
        if now >= next_tick:
            next_tick = now + _TICK_SECONDS
            for attacker in ticking:
                if attacker.connection:
                    act(attacker, lambda attacker=attacker: attacker.tick(now), now)
                elif attacker.role.reconnects and now >= attacker.reconnect_at:
                    start(attacker, now)
    return tally


if __name__ == "__main__":
    given = Orders.decoded(sys.argv[1])
    # Whatever happens, the process ends.
    signal.alarm(int(given.seconds) + 10)
    print(json.dumps(run(given)), flush=True)
    # Thousands of connections end faster with the process.
    os._exit(0)
