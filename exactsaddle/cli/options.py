"""Options that several commands have, each declared once, and the forms their values take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import shorten
from exactsaddle.path import MAX_SADDLES, Arithmetic, Stop

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else.")]
CertificatePlace = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="CERT.json", help="Write the certificate here.")
]
Engine = Annotated[
    Arithmetic,
    typer.Option(
        "--arithmetic",
        help="Rationals throughout, or every decision proved by balls; auto: the faster one.",
    ),
]
Formats = Annotated[str, typer.Option("--format", metavar="F,G,...", help="Any of html, pdf, json, csv, md.")]
MaxSaddles = Annotated[int, typer.Option(min=1, help="Stop with a verified prefix after this many.")]
ShowAll = Annotated[
    bool, typer.Option("--all", help="Go on where saddles fit no more than the rounding of the data.")
]


def _stop(text: str) -> Stop:
    """The rule of --stop; what is wrong with it in its own words."""
    try:
        return Stop.read(text)
    except InvalidInput as error:
        raise typer.BadParameter(str(error)) from None


StopRule = Annotated[
    Stop | None,
    typer.Option(
        "--stop",
        metavar="RULE",
        parser=_stop,
        help="End where a rule first holds, verified up to there: rounding, 't<=10', 'loss<=1e-6', "
        "'saddles<=6'.",
    ),
]
MaxBits = Annotated[int, typer.Option(min=1, help="Stop with a verified prefix when a dual has more bits.")]


def parse_size(text: str, option: str) -> tuple[int, int]:
    """Rows and columns, as in 4x6; raises InvalidInput naming the option."""
    match = re.fullmatch(r"([0-9]{1,3})[x×,]([0-9]{1,3})", text.strip())
    if match is None:
        raise InvalidInput(f"{option} {shorten(text)!r} is not rows and columns, as in 4x6")
    return int(match[1]), int(match[2])


def parse_duration(text: str, option: str) -> float:
    """Seconds of 90, 90s, 10m, 2h or 1h30m; raises InvalidInput naming the option."""
    match = re.fullmatch(r"(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7}(?:\.\d{1,6})?)s?)?", text.strip())
    if match is None or not any(match.groups()):
        raise InvalidInput(f"{option} {shorten(text)!r} is not a duration, as in 90, 90s, 10m or 1h30m")
    hours, minutes, seconds = (float(group or 0) for group in match.groups())
    return 3600 * hours + 60 * minutes + seconds


def plateau_numbers(text: str) -> list[int]:
    """Numbers and ranges, like 0-4,12."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*", part)
        if match is None:
            raise InvalidInput(f"--plateaus {text!r}: {part!r} is neither a number nor a range such as 0-4")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise InvalidInput(f"--plateaus {text!r}: {part!r} ends before it begins")
        if last - first >= MAX_SADDLES:
            raise InvalidInput(f"--plateaus {text!r}: {part!r} has more plateaus than a path may have")
        found.extend(range(first, last + 1))
    return found
