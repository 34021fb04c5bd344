"""What a campaign compared its paths with, cell by cell: properties, the Lasso, the flow, a solver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exactsaddle.campaign.results import Results
from exactsaddle.report.contents.building import table
from exactsaddle.report.document import Table, Words, words

Rows = list[dict[str, Any]]


def comparison_tables(results: Results) -> Iterator[Table]:
    """One table for each comparison that was asked for, one row for each experiment and size."""
    for anchor, caption, names, headings, summarise in _asked(results):
        cells: dict[tuple[str, str], Rows] = {}
        for row in results.table(["experiment", "size", *names]).to_pylist():
            cells.setdefault((row["experiment"], row["size"]), []).append(row)
        body: list[tuple[str | Words, ...]] = [(*cell, *summarise(rows)) for cell, rows in cells.items()]
        yield table(anchor, words(caption), ("experiment", "size", *headings), body, left=(0, 1))


def _asked(results: Results) -> Iterator[tuple[Any, ...]]:
    work = results.spec.work
    if work.properties:
        names = ["properties_verified", "properties_rejected", "properties_not_applicable"]
        yield (
            "properties-table",
            f"Named properties: {len(work.properties)} examined on each path.",
            names,
            ("verified", "rejected", "not applicable"),
            lambda rows: tuple(f"{sum(row[name] or 0 for row in rows):,}" for name in names),
        )
    if work.lasso:
        yield (
            "lasso-table",
            "Paths whose average is a Lasso solution at every time, decided exactly.",
            ["lasso_agrees"],
            ("compared", "agrees", "disagrees"),
            lambda rows: _tally([row["lasso_agrees"] for row in rows], True, False),
        )
    for i, alpha in enumerate(work.flow):
        status, distance = f"flow_{i}_status", f"flow_{i}_distance"
        yield (
            f"flow-{i}-table",
            f"The flow at α = {alpha}: its largest distance from the limit at the centres of plateaus, "
            "a rigorous upper bound.",
            [status, distance],
            ("enclosed", "unchecked", "largest distance"),
            lambda rows, status=status, distance=distance: (
                f"{sum(row[status] == 'verified' for row in rows):,}",
                f"{sum(row[status] == 'unchecked' for row in rows):,}",
                _upper([row[distance] for row in rows]),
            ),
        )
    if work.conformance:
        yield (
            "conformance-table",
            f"The solver {work.conformance} against the exact path.",
            ["conformance"],
            ("judged", "right", "wrong or failed"),
            lambda rows: _judged([row["conformance"] for row in rows]),
        )


def _tally(values: list[Any], *kinds: Any) -> tuple[str, ...]:
    counts = [values.count(kind) for kind in kinds]
    return tuple(f"{count:,}" for count in (sum(counts), *counts))


def _judged(values: list[str | None]) -> tuple[str, ...]:
    judged = [value for value in values if value not in (None, "not applicable")]
    right = judged.count("right")
    return f"{len(judged):,}", f"{right:,}", f"{len(judged) - right:,}"


def _upper(values: list[float | None]) -> str:
    """The largest, rounded up to three digits: still an upper bound."""
    found = [value for value in values if value is not None]
    if not found:
        return "—"
    largest = max(found)
    text = f"{largest:.2e}"
    while float(text) < largest:
        mantissa, exponent = text.split("e")
        text = f"{float(mantissa) + 0.01:.2f}e{exponent}"
    return text
