"""One result of a trial, compared with its target."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    what: str
    target: str
    figure: str
    is_reached: bool

    def __str__(self) -> str:
        mark = "reached" if self.is_reached else "MISSED"
        return f"{self.what}: {self.figure} (target {self.target}: {mark})"
