"""Runs a command under valgrind's callgrind: callgrind.py DIRECTORY COMMAND [ARGUMENT]...

The process stays the same one, so whoever started it can wait for it and signal it.
"""

import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

_PROGRAM_HEADERS_OFFSET = 32
_PROGRAM_HEADER_SIZE_AND_COUNT = 54
_LOAD = 1
_WRITABLE = 2


def writable_copy(source: Path, directory: Path) -> Path:
    """A copy of a 64-bit ELF file whose segments are all writable.

    valgrind 3.19 (Debian 12) does not run Swift's programs as they are: it gives up on their debug information, which
    it does not look for in writable code, and it writes into the signal mask that libdispatch has among its constants.
    """
    content = bytearray(source.read_bytes())
    (offset,) = struct.unpack_from("<Q", content, _PROGRAM_HEADERS_OFFSET)
    size, count = struct.unpack_from("<HH", content, _PROGRAM_HEADER_SIZE_AND_COUNT)
    for header in range(offset, offset + size * count, size):
        kind, flags = struct.unpack_from("<II", content, header)
        if kind == _LOAD:
            struct.pack_into("<I", content, header + 4, flags | _WRITABLE)
    copy = directory / source.name
    copy.write_bytes(content)
    copy.chmod(0o755)
    return copy


def libdispatch(executable: Path) -> Path | None:
    """Where the program's libdispatch is; None where it has none, or has it within itself."""
    linked = subprocess.run(["ldd", executable], capture_output=True, text=True, check=False).stdout
    found = re.search(r"libdispatch\.so\S* => (\S+)", linked)
    return Path(found[1]) if found else None


def main(directory: Path, program: str, *arguments: str) -> None:
    executable = Path(shutil.which(program) or program)
    library = libdispatch(executable)
    if library is not None:
        writable_copy(library, directory)
        os.environ["LD_LIBRARY_PATH"] = f"{directory}:{library.parent}"
    executable = writable_copy(executable, directory)
    valgrind = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={directory}/callgrind.out.%p"]
    os.execvp(valgrind[0], [*valgrind, str(executable), *arguments])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
