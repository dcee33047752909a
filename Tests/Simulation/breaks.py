#!/usr/bin/env python3
"""Breaks the rules of flow control in a copy of the tree, one at a time, and shows that the simulation finds each break.

Exit status: 1 if a break is not found, or cannot be applied.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Break(NamedTuple):
    rule: int
    name: str
    file: str
    """The text to replace; it occurs once in the file."""
    text: str
    replacement: str
    """A part of the names of the scenarios that find the break."""
    scenario: str


FLOW = "Sources/FlowControl/"
STATE = "Sources/ChatState/"
CONNECTIONS = "Sources/ChatServer/Connections/"

BREAKS = [
    # Rule 1: the scheduler is fair by cost.
    Break(1, "connections that used little do not come first", FLOW + "ReadScheduler.swift",
          "if flow.schedule.credit > 0 { sparse.append(flow) } else { heavy.append(flow) }",
          "heavy.append(flow)", "800 clients"),
    Break(1, "unauthenticated connections may take all the time", FLOW + "Cost.swift",
          "unauthenticatedBudget = 800_000", "unauthenticatedBudget = 800_000_000", "expensive names"),
    Break(1, "handshakes have no budget", CONNECTIONS + "Arrivals.swift",
          "share = Duration.milliseconds(2)", "share = Duration.seconds(2)", "2,000 TLS clients"),
    # Rule 2: a connection's own replies limit only itself.
    Break(2, "own replies have no limit", FLOW + "PendingLimits.swift",
          "replies = 64 << 10", "replies = 64 << 20", "HELP without reading"),
    Break(2, "lists are produced whole", FLOW + "PendingLimits.swift",
          "listPiece = 16 << 10", "listPiece = 16 << 20", "WHO without reading"),
    # Rule 3: a DM never blocks anybody.
    Break(3, "one sender may fill the account", FLOW + "DirectMessageAccount.swift",
          "ofSender + size <= limit - pending", "pending + size <= limit", "to a slow reader, one pair"),
    Break(3, "the account has no limit", FLOW + "DirectMessageAccount.swift",
          "ofSender + size <= limit - pending", "ofSender + size <= 1 << 40", "21 pairs"),
    Break(3, "what has left the account still counts", FLOW + "DirectMessageAccount.swift",
          "pending = max(pending - size, 0)", "pending = max(pending - size / 2, 0)", "three senders"),
    # Rule 4: typed lines never wait for receivers; bulk lines do, as little as possible.
    Break(4, "typed lines wait at the gate", STATE + "LocalOrder.swift",
          "max(speaker.refill, state.addresses.refillInstant(of: speaker.group))",
          "now + .seconds(3_600)", "bulk text of 8"),
    Break(4, "the buckets of typed text refill too slowly", STATE + "SpeechRates.swift",
          "burst: 8 << 10, perSecond: interactiveRate", "burst: 8 << 10, perSecond: interactiveRate / 2",
          "bulk text of 8"),
    Break(4, "a sweep visits new members as well", CONNECTIONS + "RoomView.swift",
          "        next += 1\n    }\n\n    /// - Precondition", "    }\n\n    /// - Precondition", "LOGINs in each"),
    Break(4, "the gate ignores healthy receivers", FLOW + "BulkGate.swift",
          "slowestHealthy == .max ? 0 : end - slowestHealthy", "0", "bulk text of 8"),
    Break(4, "a stalled receiver stays healthy", FLOW + "ReceiverHealth.swift",
          "capacity = Nanoseconds.seconds(60)", "capacity = Nanoseconds.seconds(6_000)", "five stalled receivers"),
    Break(4, "an unhealthy receiver never recovers", FLOW + "ReceiverHealth.swift",
          "emptyAt >= now + Self.recovery", "emptyAt >= now + 2 * Self.capacity", "waited for again"),
    # Rule 5: slow consumers end alone.
    Break(5, "time counts as progress, so that stalled receivers never end", FLOW + "ReceiverHealth.swift",
          "public mutating func observe(at now: Nanoseconds) {",
          "public mutating func observe(at now: Nanoseconds) {\n        lastProgress = now", "receivers that stall are"),
    Break(5, "vanished peers are never removed", CONNECTIONS + "Vigil.swift",
          "return now >= since + Self.timeout", "return now < since", "machines that vanish"),
    Break(5, "busy peers are taken for vanished ones", CONNECTIONS + "Vigil.swift",
          "guard since > 0, acknowledged == acknowledgement.bytes else", "guard since > 0 else",
          "machines that vanish"),
    Break(5, "the rest of a record counts only once the kernel has it", CONNECTIONS + "Connection+Deadlines.swift",
          "transport.unacknowledgedCount + transport.unfinishedSize", "transport.unacknowledgedCount", "shortest"),
    # Rule 6: memory.
    Break(6, "pending output is not counted", STATE + "Outlets.swift",
          "pendingBytes += report.pendingBytes - loops[loop].pendingBytes", "", "no memory"),
    Break(6, "replies are not stopped when memory is exhausted", FLOW + "PendingLimits.swift",
          "case .exhausted: 1", "case .exhausted: max(limit / 8, 1)", "no memory"),
    Break(6, "the limits of output do not fall when memory is scarce", FLOW + "PendingLimits.swift",
          "case .scarce: max(limit / 8, 1)", "case .scarce: limit", "scarce memory"),
    Break(6, "the log is not trimmed when memory is scarce", STATE + "RoomOutlet.swift",
          "guard memory >= .trims else { return needs.all }", "guard memory >= .exhausted else { return needs.all }",
          "scarce memory"),
]


def copy_tree(folder):
    """Copies changed files, so that the build in the folder is incremental."""
    for name in ["Package.swift", "Package.resolved"]:
        if (ROOT / name).exists():
            copy_if_changed(ROOT / name, folder / name)
    for name in ["Sources", "Tests", "Benchmarks"]:
        wanted = {path.relative_to(ROOT) for path in (ROOT / name).rglob("*")
                  if path.is_file() and ".build" not in path.parts}
        for path in wanted:
            copy_if_changed(ROOT / path, folder / path)
        for path in (folder / name).rglob("*"):
            if path.is_file() and path.relative_to(folder) not in wanted:
                path.unlink()


def copy_if_changed(source, target):
    if target.exists() and target.read_bytes() == source.read_bytes():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def build_simulation(folder):
    build = subprocess.run(["swift", "build", "-c", "release", "--product", "simulate"], cwd=folder,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if build.returncode != 0:
        print(build.stdout)
        raise SystemExit("the build failed")


def simulate(folder, seed, scenario):
    """Returns which promises were broken."""
    try:
        run = subprocess.run([folder / ".build/release/simulate", "--first", seed, "--only", scenario], cwd=folder,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        return ["it did not end"]
    lines = [line.split("broken: ", 1)[1] for line in run.stdout.splitlines() if "broken: " in line]
    if run.returncode != 0 and not lines:
        lines = [f"exit status {run.returncode}: {run.stdout[-200:]}"]
    return lines


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rule", type=int, help="only breaks of this rule")
    arguments.add_argument("--only", default="", help="only breaks with this in their names")
    arguments.add_argument("--seed", default="1")
    arguments.add_argument("--folder", type=Path, default=ROOT / ".build/breaks",
                           help="the folder of the copy, which is kept for the next run")
    options = arguments.parse_args()
    folder = options.folder
    copy_tree(folder)
    items = [item for item in BREAKS if options.rule in (None, item.rule) and options.only in item.name]
    build_simulation(folder)
    for scenario in sorted({item.scenario for item in items}):
        if broken := simulate(folder, options.seed, scenario):
            raise SystemExit(f"without any break, {scenario}: {broken[0]}")
    failures = 0
    print(f"{'rule':4}  {'break':70}  found", flush=True)
    for item in items:
        path = folder / item.file
        original = path.read_text()
        if original.count(item.text) != 1:
            print(f"{item.rule:4}  {item.name:70}  cannot be applied: {item.file} has its text "
                  f"{original.count(item.text)} times", flush=True)
            failures += 1
            continue
        path.write_text(original.replace(item.text, item.replacement))
        try:
            build_simulation(folder)
            found = simulate(folder, options.seed, item.scenario)
        finally:
            path.write_text(original)
        failures += not found
        print(f"{item.rule:4}  {item.name:70}  {found[0] if found else 'NOT FOUND'}", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
