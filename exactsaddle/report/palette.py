"""The colours of reports: the CSS variables of the page, with their values on light paper and on a dark screen.

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
    "series-0": "#6cb2f0",
    "series-1": "#f08a4b",
    "series-2": "#3fc79a",
    "series-3": "#e59ac6",
    "series-4": "#f2c14e",
    "series-5": "#b3a6ff",
    "series-6": "#c9c5bc",
    "series-7": "#c7d64f",
}
"""The same names on a dark screen."""


def as_css(scheme: str, colours: dict[str, str]) -> str:
    """The colours as variables of the page's root."""
    variables = "".join(f"  --{name}: {value};\n" for name, value in colours.items())
    return f":root {{\n  color-scheme: {scheme};\n{variables}}}\n"
