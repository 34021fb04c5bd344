"""Characters that one cannot see, as signs that one can."""

from __future__ import annotations

_BIDI = (0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
CONTROL_SIGNS = {chr(0x2400 + code): code for code in range(0x20)} | {"\u2421": 0x7F}
"""The sign that stands for a control character, and the control's code point."""

_VISIBLE = (
    {code: sign for sign, code in CONTROL_SIGNS.items()}
    | {code: f"\u27e8U+{code:04X}\u27e9" for code in (*range(0x80, 0xA0), *_BIDI, 0xFFFE, 0xFFFF)}
    | dict.fromkeys(range(55296, 57344), "�")
)
_LISTING = {code: shown for code, shown in _VISIBLE.items() if code not in (0x09, 0x0A)}


def visible(text: str, *, lines: bool = False) -> str:
    """The text with controls, reversals of direction and lone surrogates as signs one can see.

    No document may hold them as they are: NUL ends a text, U+202E turns the rest of a line around.
    With ``lines``, line feeds and tabs stay.
    """
    return text.translate(_LISTING if lines else _VISIBLE)
