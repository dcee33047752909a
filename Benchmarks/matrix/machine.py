"""What the figures were measured on and with."""

import json
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import cells, servers
from .cells import LABELS
from .places import BENCHMARKS, ROOT

# Debian keeps daemons where only root's PATH looks.
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
_UNKNOWN = "unknown"
# What this program writes itself is no change to what it measures.
_WRITTEN = ("RESULTS.md", "chart.svg", "results.json")


@dataclass(frozen=True)
class Machine:
    date: str
    commit: str
    processor: str
    cores: int
    memory: str
    kernel: str
    system: str
    openssl: str
    swift: str
    peers: dict[str, str]


def inspect(peers: list[str]) -> Machine:
    return Machine(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=_commit(),
        processor=_field("/proc/cpuinfo", "model name") + (", virtual" if _is_virtual() else ""),
        cores=os.cpu_count() or 1,
        memory=f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 1024**2:.1f} GiB",
        kernel=f"{platform.system()} {platform.release()}",
        system=platform.freedesktop_os_release().get("PRETTY_NAME", _UNKNOWN),
        openssl=_version(["openssl", "version"], r"OpenSSL (\S+)"),
        swift=_version(["swift", "--version"], r"Swift version (\S+)"),
        peers={LABELS[name]: _peer(name) for name in peers},
    )


def _commit(directory: Path = ROOT) -> str:
    root = _output(["git", "-C", str(directory), "rev-parse", "--show-toplevel"]).strip() or str(directory)
    commit = _output(["git", "-C", root, "rev-parse", "--short=12", "HEAD"]).strip() or _UNKNOWN
    changed = _output(
        ["git", "-C", root, "status", "--porcelain", "--", ".", *(f":!Benchmarks/{name}" for name in _WRITTEN)]
    )
    return f"{commit} with uncommitted changes" if changed.strip() else commit


def _peer(name: str) -> str:
    match name:
        case "inspircd":
            return _version(["inspircd", "--version"], r"InspIRCd-(\S+)")
        case "ngircd":
            return _version(["ngircd", "--version"], r"ngIRCd (\d[\d.]*)")
        case "nats":
            return _version(["nats-server", "--version"], r"v(\d\S*)")
        case "nio":
            return f"SwiftNIO {_resolved('swift-nio')}"
        case cells.BASELINE:
            return f"commit {_commit(Path(servers.PROGRAMS[name].executable() or ROOT).parent)}"
        case _:
            return f"Python {platform.python_version()}"


def _resolved(package: str) -> str:
    """The version of a package that the SwiftNIO server was built with."""
    for file in BENCHMARKS.glob("peers/*/Package.resolved"):
        for pin in json.loads(file.read_text())["pins"]:
            if pin["identity"] == package:
                return str(pin["state"].get("version", _UNKNOWN))
    return _UNKNOWN


def _field(file: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.*)$", Path(file).read_text(), re.MULTILINE)
    return found[1] if found else _UNKNOWN


def _is_virtual() -> bool:
    return " hypervisor" in _field("/proc/cpuinfo", "flags")


def _version(command: list[str], pattern: str) -> str:
    found = re.search(pattern, _output(command))
    return found[1] if found else _UNKNOWN


def _output(command: list[str]) -> str:
    program = shutil.which(command[0], path=_PATH)
    if program is None:
        return ""
    return subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False).stdout
