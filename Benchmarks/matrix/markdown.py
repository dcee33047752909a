"""Text in Markdown."""

from collections.abc import Iterable, Iterator
from textwrap import fill

_WIDTH = 120


def prose(text: str) -> Iterator[str]:
    """Paragraphs, with blank lines between, each wrapped anew: what was filled in has a length of its own."""
    paragraphs = (fill(" ".join(paragraph.split()), _WIDTH) for paragraph in text.strip().split("\n\n"))
    yield "\n\n".join(paragraphs)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table in Markdown, without the column of failures where there were none."""
    rows = list(rows)
    if head[-1] == "failures" and not any(row[-1] for row in rows):
        head, rows = head[:-1], [row[:-1] for row in rows]
    yield _row(head)
    yield "|---" * len(head) + "|"
    yield from map(_row, rows)


def _row(columns: tuple[str, ...]) -> str:
    return "| " + " | ".join(column.replace("|", "\\|") for column in columns) + " |"
