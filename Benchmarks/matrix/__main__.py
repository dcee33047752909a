"""Runs the matrix and writes what came of it: python3 -m matrix."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import cells, chart, instructions, machine, raw, report, rounds, servers, targets
from .cells import BASELINE, LABELS, OURS, PEERS, SERVERS, Section
from .places import BENCHMARKS, CHAT_BENCH
from .results import Results


def main() -> int:
    options = _options()
    if options.baseline:
        servers.use_baseline(options.baseline.resolve())
    available = [
        name for name in SERVERS if servers.available(name) and not (options.no_peers and name in PEERS)
    ]
    if OURS not in available or not CHAT_BENCH.exists():
        print("chat-server and chat-bench have to be built first: make bench", file=sys.stderr)
        return 1
    if options.baseline and BASELINE not in available:
        print(f"{options.baseline} is not a program", file=sys.stderr)
        return 1
    chosen = set(options.sections) if instructions.countable() else set(options.sections) - {Section.INSTRUCTIONS}
    matrix = [cell for cell in cells.matrix() if cell.section in chosen]
    # Before the runs: the tree may change while they take their time.
    inspected = machine.inspect([name for name in (BASELINE, *PEERS) if name in available])
    results = Results()
    start = time.monotonic()
    rounds.run(rounds.plan(matrix, options.rounds, available), options.seconds, results)
    extent = report.Extent(
        options.rounds,
        options.seconds,
        (time.monotonic() - start) / 60,
        tuple(LABELS[name] for name in PEERS if not servers.available(name)),
    )
    is_partial = options.quick or set(options.sections) != set(Section) or options.no_peers
    directory = Path(tempfile.mkdtemp(prefix="matrix-")) if is_partial else BENCHMARKS
    _write(directory, results, inspected, extent)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="matrix", description="chat-server, its peers and the floor, side by side")
    parser.add_argument("--rounds", type=int, default=5, help="how often everybody takes part in each cell")
    parser.add_argument("--seconds", type=float, default=2, help="how long each run measures")
    parser.add_argument(
        "--quick", action="store_true", help="one round of 0.3 s, written to a temporary directory: to try it out"
    )
    parser.add_argument(
        "--baseline", type=Path, metavar="PATH", help="an earlier build of chat-server, which is compared with this one"
    )
    parser.add_argument(
        "--sections",
        type=lambda names: [Section(name) for name in names.split(",")],
        default=list(Section),
        metavar="NAMES",
        help=f"some of {','.join(section.value for section in Section)}; written to a temporary directory",
    )
    parser.add_argument(
        "--no-peers", action="store_true", help="without other servers; written to a temporary directory"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 0.3
    return options


def _write(directory: Path, results: Results, inspected: machine.Machine, extent: report.Extent) -> None:
    verdicts = list(targets.targets(results))
    notes = report.notes(BENCHMARKS / "RESULTS.md")
    for name, content in (
        ("RESULTS.md", report.report(results, verdicts, inspected, extent, notes)),
        ("chart.svg", chart.chart(results)),
        ("results.json", raw.raw(results, verdicts, inspected, extent)),
    ):
        (directory / name).write_text(content, encoding="utf-8")
        print(directory / name, file=sys.stderr)


if __name__ == "__main__":
    # However it is ended, no server stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
