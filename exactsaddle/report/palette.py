"""The colours of reports: CSS variables of the page, with their values on light paper and on a dark screen.

A picture is drawn in the light values, which are distinct; in its SVG each becomes ``var(--name, value)``.
The series start from Okabe & Ito's hues and were moved apart by simulated annealing, within a contrast of 3
to their ground, until any two differ under every common colour blindness (tests/report/test_palette.py).
"""

from __future__ import annotations

INK = "#1d1c1a"
MUTED = "#635f57"
LINE = "#d9d5cb"
PAPER = "#fffefb"
PANEL = "#f6f3ec"
ACCENT = "#0b5cad"
GOOD = "#17683a"
BAD = "#a8200d"
WARN = "#7a5200"
SERIES = ("#2f5592", "#ba3e08", "#018d7d", "#b561ce", "#888d40", "#6f50c6", "#57523f", "#027c3c")

HUES = (*SERIES[:6], SERIES[7], INK)
"""Colours of lines beside others that are MUTED, for which the grey of the series could be taken."""

LIGHT: dict[str, str] = {
    "ink": INK,
    "muted": MUTED,
    "line": LINE,
    "paper": PAPER,
    "panel": PANEL,
    "accent": ACCENT,
    "good": GOOD,
    "bad": BAD,
    "warn": WARN,
    **{f"series-{index}": colour for index, colour in enumerate(SERIES)},
}
"""Variable name, without its dashes, to value."""

DARK: dict[str, str] = {
    "ink": "#e8e6e1",
    "muted": "#a9a59b",
    "line": "#3d3b36",
    "paper": "#161513",
    "panel": "#201e1b",
    "accent": "#7cb8f2",
    "good": "#63c08a",
    "bad": "#ff8a7a",
    "warn": "#e8b04a",
    "series-0": "#598efc",
    "series-1": "#f4500b",
    "series-2": "#78ecd1",
    "series-3": "#c57b9c",
    "series-4": "#d3bf00",
    "series-5": "#a9abfc",
    "series-6": "#48cbc0",
    "series-7": "#e5ec54",
}
"""The same names on a dark screen."""


def as_css(scheme: str, colours: dict[str, str]) -> str:
    """The colours as variables of the page's root."""
    variables = "".join(f"  --{name}: {value};\n" for name, value in colours.items())
    return f":root {{\n  color-scheme: {scheme};\n{variables}}}\n"
