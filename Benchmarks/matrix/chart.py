"""Draws chart.svg: what a delivered line costs, on a logarithmic scale."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from . import cells, text
from .cells import FLOOR, LABELS, OURS, PEERS, TRANSPORTS, Cell
from .outcome import COST
from .results import Results

_IN_FLIGHT = 64
_RECEIVERS = 1000

_WIDTH = 800
_LABELS_WIDTH = 215
_VALUES_WIDTH = 150
_SCALE_WIDTH = _WIDTH - _LABELS_WIDTH - _VALUES_WIDTH
_HEAD_HEIGHT = 64
_GROUP_HEAD_HEIGHT = 30
_GROUP_GAP = 14
_ROW_HEIGHT = 24
_BAR_HEIGHT = 15
_FOOT_HEIGHT = 40

# In between, so that they can be told from a white page as well as from a dark one.
_TEXT = "#7a828c"
_GRID = "#8b949e"
_OURS = "#e8590c"
_FLOOR_COLOUR = "#8b949e"
_PEER = "#3b82c4"
_FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Bar:
    label: str
    colour: str
    bold: bool
    cost: float | None
    # Beside the bar, or instead of one.
    words: str


@dataclass(frozen=True)
class Scale:
    """Decades, from one power of ten to another."""

    first: int
    last: int

    def x(self, cost: float) -> float:
        return _LABELS_WIDTH + _SCALE_WIDTH * (math.log10(cost) - self.first) / (self.last - self.first)

    @property
    def decades(self) -> range:
        return range(self.first, self.last + 1)


def chart(results: Results) -> str:
    groups = {transport: list(_bars(results, transport)) for transport in TRANSPORTS}
    costs = [bar.cost for bars in groups.values() for bar in bars if bar.cost]
    scale = _scale(costs or [1.0])
    rows = sum(map(len, groups.values()))
    scale_height = len(groups) * _GROUP_HEAD_HEIGHT + (len(groups) - 1) * _GROUP_GAP + rows * _ROW_HEIGHT
    height = _HEAD_HEIGHT + scale_height + _FOOT_HEIGHT
    title = "CPU time of the server for each delivered line"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}"'
            f' height="{height}" role="img" aria-label="{title}" font-family="{_FONT}" font-size="13" fill="{_TEXT}">',
            _words(10, 26, title, "start", size=17, bold=True),
            _words(10, 47, f"{_IN_FLIGHT} lines in flight, {_RECEIVERS:,} receivers; medians; less is better", "start"),
            *_grid(scale, _HEAD_HEIGHT, _HEAD_HEIGHT + scale_height),
            *_groups(groups, scale),
            "</svg>\n",
        )
    )


def _bars(results: Results, transport: str) -> Iterator[Bar]:
    cell = cells.fanout(transport, _IN_FLIGHT, _RECEIVERS)
    floors = (FLOOR[transport, _IN_FLIGHT], FLOOR[transport, 1])
    for name, colour in (
        (floors[0], _FLOOR_COLOUR),
        (OURS, _OURS),
        *((peer, _PEER) for peer in PEERS),
        (floors[1], _FLOOR_COLOUR),
    ):
        if results.outcomes(cell, name):
            yield _bar(results, cell, name, colour)


def _bar(results: Results, cell: Cell, name: str, colour: str) -> Bar:
    cost = results.spread(cell, name, COST)
    if cost is None:
        return Bar(LABELS[name], colour, name == OURS, None, results.failures(cell, name))
    words = f"{text.number(cost.median)} µs"
    ratio = results.ratio((cell, name), (cell, OURS), COST)
    if ratio and name != OURS:
        words += f" · {ratio.median:.2g} × ours" if ratio.median < 100 else f" · {ratio.median:.0f} × ours"
    return Bar(LABELS[name], colour, name == OURS, cost.median, words)


def _scale(costs: list[float]) -> Scale:
    # The least is no less than a tenth of a decade from the start, or its bar would not be seen.
    first = math.floor(math.log10(min(costs)) - 0.1)
    return Scale(first, max(math.ceil(math.log10(max(costs))), first + 1))


def _grid(scale: Scale, top: float, bottom: float) -> Iterator[str]:
    for decade in scale.decades:
        x = f"{scale.x(10**decade):.1f}"
        yield f'<path d="M{x} {top}V{bottom}" stroke="{_GRID}" stroke-opacity="0.3"/>'
        yield _words(float(x), bottom + 20, f"{10.0**decade:g} µs", "middle", size=12)


def _groups(groups: dict[str, list[Bar]], scale: Scale) -> Iterator[str]:
    y = _HEAD_HEIGHT
    for transport, bars in groups.items():
        yield _words(10, y + 20, {"plain": "Plain", "tls": "TLS"}[transport], "start", size=14, bold=True)
        y += _GROUP_HEAD_HEIGHT
        for bar in bars:
            yield from _row(bar, scale, y)
            y += _ROW_HEIGHT
        y += _GROUP_GAP


def _row(bar: Bar, scale: Scale, y: float) -> Iterator[str]:
    middle = y + _ROW_HEIGHT / 2
    baseline = middle + 4.5
    yield _words(_LABELS_WIDTH - 8, baseline, bar.label, "end", bold=bar.bold)
    end = scale.x(bar.cost) if bar.cost else _LABELS_WIDTH
    if bar.cost:
        yield (
            f'<rect x="{_LABELS_WIDTH}" y="{middle - _BAR_HEIGHT / 2}" width="{end - _LABELS_WIDTH:.1f}"'
            f' height="{_BAR_HEIGHT}" rx="2" fill="{bar.colour}"/>'
        )
    yield _words(end + 7, baseline, bar.words, "start", bold=bar.bold)


def _words(x: float, y: float, words: str, anchor: str, size: int | None = None, bold: bool = False) -> str:
    attributes = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    if size:
        attributes += f' font-size="{size}"'
    if bold:
        attributes += ' font-weight="600"'
    return f"<text {attributes}>{escape(words)}</text>"
