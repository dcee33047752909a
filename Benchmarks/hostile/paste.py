"""A paste through nc, beside real clients that read it slowly, and some that hardly do."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from matrix.places import CA

from .clients import HOST

LINES = 100_000
# What a receiver has to read in a second, by default.
MINIMUM_DRAIN = 16 << 10
TICK_SECONDS = 1 / 8
PATIENCE_SECONDS = 300


class Receiver:
    """A client in a process of its own, which is read from at a rate in bytes a second, or as fast as it goes."""

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
            raise RuntimeError(f"{name} is not let in")
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def say(self, text: bytes) -> None:
        """Says it all, and ends the client's input. Blocks as long as that takes, or until the client ends."""
        try:
            with self._process.stdin as stdin:
                stdin.write(text)
        except BrokenPipeError:
            self.is_whole = False

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        # Whatever is left in the pipe is read at once.
        self._rate = None
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()

    def _read(self) -> None:
        share = int((self._rate or 1 << 20) * TICK_SECONDS)
        due, rest = time.monotonic(), b""
        while chunk := os.read(self._output, share):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._check(line)
            if self._rate is not None:
                due = max(due, time.monotonic() - TICK_SECONDS) + len(chunk) / self._rate
                time.sleep(max(due - time.monotonic(), 0))

    def _check(self, line: bytes) -> None:
        if line.startswith(b"MSG "):
            self.count += 1
            self.is_whole = self.is_whole and line == b"MSG paster line %d" % self.count


@dataclass(frozen=True)
class Outcome:
    whole: int
    receivers: int
    seconds: float


def run(plain_port: int, tls_port: int) -> Outcome:
    """How many of those who read enough have the whole paste, its sender among them, and after how long the last."""
    with _receivers(plain_port, tls_port) as receivers:
        begin = time.monotonic()
        paster = receivers[0]
        text = b"".join(b"MSG line %d\n" % number for number in range(1, LINES + 1))
        threading.Thread(target=paster.say, args=(text,)).start()
        while any(receiver.count < LINES for receiver in receivers):
            if time.monotonic() > begin + PATIENCE_SECONDS:
                break
            time.sleep(TICK_SECONDS)
        seconds = time.monotonic() - begin
        whole = sum(receiver.is_whole and receiver.count == LINES for receiver in receivers)
        return Outcome(whole, len(receivers), seconds)


@contextmanager
def _receivers(plain_port: int, tls_port: int) -> Iterator[list[Receiver]]:
    """Those who read enough, the first of whom is to paste. Others are there who do not."""
    netcat = ["nc", "-N", HOST, str(plain_port)]
    socat = ["socat", "-", f"TCP:{HOST}:{plain_port}"]
    s_client = ["openssl", "s_client", "-quiet", "-connect", f"{HOST}:{tls_port}", "-CAfile", str(CA)]
    commands = {"nc": netcat, "socat": socat, "s_client": s_client}
    with ExitStack() as stack:

        def receiver(name: str, command: list[str], rate: int | None) -> Receiver:
            receiver = Receiver(name, command, rate)
            stack.callback(receiver.end)
            return receiver

        receivers = [receiver(name, netcat, None) for name in ("paster", "fast")]
        receivers += [receiver(f"slow-{name}", command, MINIMUM_DRAIN) for name, command in commands.items()]
        receiver("dripping", netcat, 1 << 10)
        receiver("stopped", netcat, None).stop()
        yield receivers
