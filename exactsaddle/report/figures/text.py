"""Numbers and names as a picture writes them."""

from __future__ import annotations

import math
import unicodedata
from fractions import Fraction

from flint import arb

from exactsaddle.numbers import scale_text, to_rational

NAME_WIDTH = 16
"""Characters of a name that a picture shows."""
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def display_name(name: str, width: int = NAME_WIDTH) -> str:
    """A feature's name fit for a picture: one line, no control or format characters, at most ``width`` long.

    Control, surrogate and private characters have no picture, and format characters may reorder what
    stands beside them.
    """
    visible = "".join(
        " " if character.isspace() else character
        for character in name
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    short = " ".join(visible.split()) or "?"
    return short if len(short) <= width else short[: width - 1].rstrip() + "…"


def alpha_text(alpha: Fraction) -> str:
    """α to three digits, with an exponent: 1e-16."""
    return scale_text(alpha, 3)


def plain(value: float) -> str:
    """Three digits, in whole numbers without an exponent: 36.8, 3330."""
    text = f"{value:.3g}"
    return f"{float(text):.0f}" if "e+" in text and value < 1e9 else text


def number_text(value: float, digits: int = 6) -> str:
    """A number as a picture writes it, to some digits: 0.25, −3.3·10⁻⁹, 10¹²."""
    sign, text = "−" if value < 0 else "", f"{abs(value):.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return sign + text
    power = f"10{superscript(int(exponent))}"
    return sign + (power if mantissa == "1" else f"{mantissa}·{power}")


def power_text(value: float) -> str:
    """A power of ten as 10⁻³, with its sign; 0.1, 1 and 10 as they are; other numbers to two digits."""
    if value == 0:
        return "0"
    sign, size = "−" if value < 0 else "", abs(value)
    exponent = round(math.log10(size))
    if abs(size / 10.0**exponent - 1) > 1e-6 or abs(exponent) <= 1:
        return number_text(value, 2)
    return f"{sign}10{superscript(exponent)}"


def superscript(exponent: int) -> str:
    """An integer in raised digits."""
    return str(exponent).translate(_SUPERSCRIPTS)


def log10_of(value: Fraction | arb) -> float:
    """log10 of a positive number, beyond the range of binary64 too."""
    ball = value if isinstance(value, arb) else arb(to_rational(value))
    return float(ball.log() / arb(10).log())


def sentences(*parts: str) -> str:
    """The parts that say something, as one paragraph."""
    return " ".join(part for part in parts if part)
