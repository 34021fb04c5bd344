"""Text as LaTeX that shows it and does nothing else, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from exactsaddle.report.text import visible

NAME_WIDTH = 16
"""The most characters of a name: a longer one is shown by its two ends."""

_SIGNS = {
    "\\": r"\textbackslash{}",
    **{sign: rf"\{sign}" for sign in "{}$&#_%"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "`": r"\`{}",
    **{sign: f"{{{sign}}}" for sign in "[]*-',;:!?"},  # no option, no ligature, no shorthand of babel
}
"""How signs stand that mean something to TeX, or that its fonts would join to another."""
_SET = re.compile(r"[ -~\u00a1\u00a3\u00ab\u00bb\u00bf\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff"
                  r"ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž]")  # fmt: skip
"""The characters that pdflatex sets in T1 from UTF-8, with no package more."""


def escape(text: str) -> str:
    """The text as LaTeX that shows it and does nothing else; U+… in place of what the fonts lack.

    >>> escape("100 % of $x_1$, ∞")
    '100 \\\\% of \\\\$x\\\\_1\\\\${,} U+221E'
    """
    return "".join(
        _SIGNS.get(sign, sign) if _SET.fullmatch(sign) else f"U+{ord(sign):04X}" for sign in visible(text)
    )


def name_of(names: Sequence[str], i: int) -> str:
    """A name; the coordinate's index in its place where it has characters that the fonts lack, or none."""
    name = visible(names[i])
    if not name.strip() or not all(map(_SET.fullmatch, name)):
        return rf"\emph{{coordinate~{i}}}"
    if len(name) <= NAME_WIDTH:
        return escape(name)
    return rf"{escape(name[: NAME_WIDTH - 6])}\ldots{{}}{escape(name[-5:])}"


def replaced(names: Sequence[str], shown: Iterable[int]) -> str:
    """The sentence that explains the indices among these names; empty where there are none."""
    if not any(name_of(names, i).startswith(r"\emph") for i in shown):
        return ""
    return " In italics, counted from 0: coordinates whose names these fonts lack."
