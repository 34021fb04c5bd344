"""A path step by step, as every table of it goes: each saddle, and who entered and left to reach it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from exactsaddle.path import Saddle, SaddlePath

MARK = "◂"
"""Beside the last saddle that all data within the resolution share."""


class Step(NamedTuple):
    """A saddle, and the coordinates that entered and left the support at the jump to it."""

    saddle: Saddle
    entered: tuple[int, ...]
    left: tuple[int, ...]


def steps(path: SaddlePath) -> Iterator[Step]:
    """Every saddle in order; whatever the first one has, entered there."""
    yield Step(path[0], path[0].support, ())
    for jump in path.events:
        yield Step(jump.saddle, jump.entered, jump.left)
