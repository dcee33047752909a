"""Measures what hostile clients do to others: python3 -m hostile. Status 1 where a target is missed."""

import argparse
import resource
import signal
import sys

from . import trials


def main() -> int:
    parser = argparse.ArgumentParser(prog="hostile", description="what others notice of floods, stalls and strangers")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of runs for each ratio, of which the median counts")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    findings = []
    for finding in trials.run(options.rounds):
        findings.append(finding)
        mark = "reached" if finding.is_reached else "MISSED"
        print(f"{finding.what}: {finding.figure} (target {finding.target}: {mark})", flush=True)
    return 0 if all(finding.is_reached for finding in findings) else 1


if __name__ == "__main__":
    # However it is ended, no server stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
