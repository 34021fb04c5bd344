"""``exactsaddle path --compare``: somebody's own times and coefficients against the path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exactsaddle.base import InvalidInput, Status, UnreadableFile
from exactsaddle.cli.terminal import say_verdict
from exactsaddle.numbers import shorten
from exactsaddle.path import SaddlePath

if TYPE_CHECKING:
    from exactsaddle.testing.comparison import Comparison

Answer = Annotated[
    Path | None,
    typer.Option(
        "--compare",
        metavar="ANSWER.npz",
        help="Hold an answer for these data, arrays times (p+1,) and betas (p+1, d), against the path.",
    ),
]


def compare_answer(place: Path, path: SaddlePath) -> Comparison:
    """What is wrong with the arrays times and betas of an archive; raises InvalidInput, UnreadableFile."""
    import numpy as np

    if not path.problem.is_standard:
        raise InvalidInput("--compare judges paths with thresholds 1 and initial dual 0")
    from exactsaddle.testing.comparison import compare

    try:
        with np.load(place, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise UnreadableFile(f"{place}: a single array; --compare takes an .npz archive")
            absent = [name for name in ("times", "betas") if name not in archive.files]
            if absent:
                found = shorten(", ".join(archive.files), 200)
                raise UnreadableFile(f"{place}: no array {absent[0]!r}; there are: {found}")
            times, betas = archive["times"], archive["betas"]
    except UnreadableFile:
        raise
    except (OSError, ValueError, EOFError) as error:
        raise UnreadableFile(f"{place}: {getattr(error, 'strerror', None) or error}") from error
    if times.dtype.kind not in "iuf" or betas.dtype.kind not in "iuf":
        raise UnreadableFile(f"{place}: times and betas must be numbers, not {times.dtype} and {betas.dtype}")
    return compare(path, times, betas)


def say_comparison(found: Comparison, path: SaddlePath, place: Path) -> None:
    """Print what came of it; agreement in floats is evidence."""
    if found.wrong is not None:
        where = "" if found.saddle is None else f" at saddle {found.saddle}"
        say_verdict(Status.REJECTED, f"{place}{where}: {found.wrong}")
        return
    extra = f", {found.extra_steps} further rows at one jump time" if found.extra_steps else ""
    told = (
        f"agrees on {found.judged} of {len(path)} plateaus, {found.unresolved} too short for binary64{extra}"
    )
    say_verdict(Status.UNCHECKED, f"{place}: numerical evidence: it {told}")
