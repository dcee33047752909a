"""A paste through nc, alone and beside real clients that read it slowly."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from matrix.places import CA
from matrix.servers import Server

from . import server as servers
from .finding import Finding
from .honest import HOST

_LINES = 100_000
# limits.minimum-read-rate, by default.
_READ_RATE = 16 << 10
_TICK_SECONDS = 1 / 8
_GIVE_UP_SECONDS = 300
# How much longer the sender may take beside slow receivers.
_RATIO, _MORE_SECONDS = 1.5, 2


class _Receiver:
    """A client in a process of its own. It is read at a rate in bytes a second, or as fast as possible."""

    def __init__(self, name: str, command: list[str], rate: int | None) -> None:
        self.count = 0
        self.is_whole = True
        self._rate = rate
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.write(self._input, f"LOGIN {name}\n".encode())
        if os.read(self._output, 3) != b"OK\n":
            raise RuntimeError(f"{name} cannot log in")
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def send(self, text: bytes) -> None:
        """Sends a text and ends the client's input. Blocks until the client has taken the text or ends."""
        try:
            with self._process.stdin as stdin:
                stdin.write(text)
        except BrokenPipeError:
            self.is_whole = False

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        # The rest of the pipe is read at once.
        self._rate = None
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()

    def _read(self) -> None:
        share = int((self._rate or 1 << 20) * _TICK_SECONDS)
        due, rest = time.monotonic(), b""
        while chunk := os.read(self._output, share):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._check(line)
            if self._rate is not None:
                due = max(due, time.monotonic() - _TICK_SECONDS) + len(chunk) / self._rate
                time.sleep(max(due - time.monotonic(), 0))

    def _check(self, line: bytes) -> None:
        if line.startswith(b"MSG "):
            self.count += 1
            self.is_whole = self.is_whole and line == b"MSG paster line %d" % self.count


@dataclass(frozen=True)
class _Outcome:
    whole: int
    receivers: int
    # Until the sender has its last line, and until everybody has it.
    sender_seconds: float
    seconds: float


def trial() -> Iterator[Finding]:
    with servers.start() as server:
        alone = _run(server, is_beside_slow=False)
    with servers.start() as server:
        beside = _run(server, is_beside_slow=True)
    title = f"{_LINES:,} lines pasted through nc"
    yield Finding(
        f"{title} beside three clients at 16 KiB/s, one at 1 KiB/s and one stopped: whole at",
        f"{beside.receivers}",
        f"{beside.whole} of {beside.receivers} after {beside.seconds:.0f} s",
        beside.whole == beside.receivers,
    )
    limit = _RATIO * alone.sender_seconds + _MORE_SECONDS
    yield Finding(
        f"{title}: its sender has its last line, beside slow receivers",
        f"≤ {limit:.2f} s",
        f"after {beside.sender_seconds:.2f} s (without slow receivers {alone.sender_seconds:.2f} s)",
        beside.sender_seconds <= limit,
    )


def _run(server: Server, *, is_beside_slow: bool) -> _Outcome:
    with _receivers(server, is_beside_slow) as receivers:
        begin = time.monotonic()
        sender_seconds = float("inf")
        paster = receivers[0]
        text = b"".join(b"MSG line %d\n" % number for number in range(1, _LINES + 1))
        threading.Thread(target=paster.send, args=(text,)).start()
        while any(receiver.count < _LINES for receiver in receivers):
            if time.monotonic() > begin + _GIVE_UP_SECONDS:
                break
            time.sleep(0.02)
            if paster.count == _LINES:
                sender_seconds = min(sender_seconds, time.monotonic() - begin)
        seconds = time.monotonic() - begin
        whole = sum(receiver.is_whole and receiver.count == _LINES for receiver in receivers)
        return _Outcome(whole, len(receivers), min(sender_seconds, seconds), seconds)


@contextmanager
def _receivers(server: Server, is_beside_slow: bool) -> Iterator[list[_Receiver]]:
    """Receivers that must get everything, the paster first. Slow ones are beside two that read less than they must."""
    plain, tls = servers.port(server), servers.port(server, "tls")
    netcat = ["nc", "-N", HOST, str(plain)]
    socat = ["socat", "-", f"TCP:{HOST}:{plain}"]
    s_client = ["openssl", "s_client", "-quiet", "-connect", f"{HOST}:{tls}", "-CAfile", str(CA)]
    commands = {"nc": netcat, "socat": socat, "s_client": s_client}
    with ExitStack() as stack:

        def receiver(name: str, command: list[str], rate: int | None) -> _Receiver:
            receiver = _Receiver(name, command, rate)
            stack.callback(receiver.end)
            return receiver

        receivers = [receiver(name, netcat, None) for name in ("paster", "fast")]
        if is_beside_slow:
            receivers += [receiver(f"slow-{name}", command, _READ_RATE) for name, command in commands.items()]
            receiver("dripping", netcat, 1 << 10)
            receiver("stopped", netcat, None).stop()
        yield receivers
