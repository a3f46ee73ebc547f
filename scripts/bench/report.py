"""What every bench gives, and the one table that is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from msgspec import Struct


class Row(Struct, frozen=True, kw_only=True):
    """One measurement. `ratio` is what is quoted: ours to the floor, by the median of rounds."""

    name: str
    unit: str  # of ours and floor: "1/s", "MB", "s" …
    ours: float
    floor: float | None = None  # None: the measurement has no floor, only a bound
    ratio: float | None = None
    least: float | None = None  # of the ratio, or of ours where there is none
    most: float | None = None
    cpu_ours: float | None = None  # µs of CPU an operation, the server's whole process group
    cpu_floor: float | None = None

    @property
    def met(self) -> bool:
        """Whether what was wanted is reached."""
        value = self.ours if self.ratio is None else self.ratio
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    @property
    def summary(self) -> str:
        """The name and the figure that counts, in a line."""
        value = f"{_figure(self.ours)} {self.unit}" if self.ratio is None else _ratio(self.ratio)
        return f"{self.name}: {value}{'' if self.met else ', MISSED'}"

    @property
    def wanted(self) -> str:
        """The bound in words."""
        bounds = [
            f"{sign} {bound:g}" for sign, bound in (("≥", self.least), ("≤", self.most)) if bound
        ]
        return ", ".join(bounds)


def median_ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """Return the median of the ratios of rounds that ran one after the other."""
    return median(a / b for a, b in zip(ours, floor, strict=True))


HEADER = ("bench", "unit", "ours", "floor", "ratio", "wanted", "", "CPU µs ours", "floor", "ratio")


def table(rows: Iterable[Row]) -> str:
    """Return the rows as one table of plain text."""
    lines = [HEADER, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = [
        "  ".join(
            cell.ljust(width) if at in (0, 1) else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join(line.rstrip() for line in shown)


def _cells(row: Row) -> tuple[str, ...]:
    cpu = row.cpu_ours / row.cpu_floor if row.cpu_ours and row.cpu_floor else None
    return (
        row.name,
        row.unit,
        _figure(row.ours),
        _figure(row.floor),
        _ratio(row.ratio),
        row.wanted,
        "ok" if row.met else "MISSED",
        _figure(row.cpu_ours),
        _figure(row.cpu_floor),
        _ratio(cpu),
    )


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
