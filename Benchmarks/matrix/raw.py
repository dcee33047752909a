"""Writes results.json: the medians for other programs to read."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from . import outcome
from .machine import Machine
from .report import Extent
from .results import Results
from .targets import Target

_FIGURES = (
    outcome.COST,
    outcome.CONNECTION_COST,
    outcome.INSTRUCTIONS,
    outcome.MEMORY,
    outcome.RESIDENT,
    outcome.KERNEL_MEMORY,
    outcome.FLOOR_MEMORY,
    outcome.FLOOR_RESIDENT,
    outcome.FLOOR_KERNEL_MEMORY,
    outcome.DELIVERIES,
    outcome.LINES_PER_WRITE,
    outcome.CONNECTIONS,
    outcome.P50,
    outcome.P99,
    outcome.P999,
    outcome.SERVER_SHARE,
    outcome.LOAD_SHARE,
)


def raw(results: Results, targets: Iterable[Target], machine: Machine, extent: Extent) -> str:
    """One line for each cell and participant, so that a change of one shows as one in a diff."""
    runs = (
        {
            "section": cell.section.value,
            "cell": cell.title,
            "participant": name,
            "runs": len(outcomes),
            "failures": [one.failure for one in outcomes if one.failure],
            "figures": {
                path: [spread.median, spread.least, spread.most]
                for path in _FIGURES
                if (spread := results.spread(cell, name, path))
            },
        }
        for cell, name, outcomes in results
    )
    verdicts = (
        {"figure": target.figure, "target": target.bound, "measured": target.measured, "verdict": target.verdict}
        for target in targets
    )
    head = {"machine": asdict(machine), "extent": asdict(extent)}
    lists = {"targets": verdicts, "runs": runs}
    return (
        "{\n"
        + ",\n".join(
            (
                *(f"{_json(key)}: {_json(value)}" for key, value in head.items()),
                *(f"{_json(key)}: [\n" + ",\n".join(map(_json, value)) + "\n]" for key, value in lists.items()),
            )
        )
        + "\n}\n"
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
