"""Measures the effect of hostile clients on others: python3 -m hostile. Exits with status 1 if a target is missed."""

import argparse
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator

from matrix.cells import APART

from . import crowd, descriptors, paste, reconnect, rows, silent_connections, stalled_receivers
from .finding import Finding
from .mode import MODES

_OTHERS: dict[str, Callable[[float], Iterator[Finding]]] = {
    "paste": lambda _: paste.trial(),
    "stalled": stalled_receivers.thousand,
    "silent": lambda _: silent_connections.run(),
    "descriptors": lambda _: descriptors.run(),
    "crowd": crowd.run,
    "reconnect": lambda _: reconnect.run(),
}


def _list(choices: dict) -> Callable[[str], list]:
    names = {str(choice): choice for choice in choices}

    def parse(text: str) -> list:
        chosen = [name for name in text.split(",") if name]
        if unknown := [name for name in chosen if name not in names]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is none of {', '.join(names)}")
        return [names[name] for name in chosen]

    return parse


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hostile", description="what honest users notice of hostile clients")
    parser.add_argument("--seconds", type=float, default=60, help="length of each attack (default: 60)")
    for name, choices, what in (
        ("--rows", rows.ROWS, "rows of the table of attacks"),
        ("--modes", MODES, "whether loopback is exempt from limits by address"),
        ("--others", _OTHERS, "other trials"),
    ):
        listed = ",".join(map(str, choices))
        parser.add_argument(name, type=_list(choices), help=f"{what}, of {listed} (default: all)")
    options = parser.parse_args()
    # If rows or other trials are chosen, nothing else runs.
    chooses = options.rows is not None or options.others is not None
    options.rows = options.rows if chooses else list(rows.ROWS)
    options.others = options.others if chooses else list(_OTHERS)
    options.modes = options.modes or list(MODES)
    return options


def _findings(options: argparse.Namespace) -> Iterator[Finding]:
    for row in options.rows or ():
        for mode in options.modes:
            yield from rows.run(row, MODES[mode], options.seconds)
    for name in options.others or ():
        yield from _OTHERS[name](options.seconds)


def main() -> int:
    options = _options()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # The measurement must not run on the server's core.
    os.sched_setaffinity(0, {int(APART.load_prefix[-1])})
    missed = 0
    for finding in _findings(options):
        missed += not finding.is_reached
        print(finding, flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    # Ended by a signal, it still ends the server and the attackers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
