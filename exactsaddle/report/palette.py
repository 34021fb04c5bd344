"""The colours of reports: names of the CSS variables of report.css, with their values on light paper.

A picture is drawn in the light values, which are distinct; in its SVG each becomes ``var(--name, value)``.
The series keep Okabe & Ito's hues, told apart under every common colour blindness, darkened until thin lines
stand out from white.
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
SERIES = ("#0067a8", "#c74a00", "#00805c", "#b0508c", "#a87400", "#6a4fc0", "#57544d", "#6f7d00")

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
