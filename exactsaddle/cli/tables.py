"""Tables of a path for a terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from exactsaddle.base import visible
from exactsaddle.cli.terminal import Room, exact_and_decimal, fitted, make_table
from exactsaddle.path import CertainEvents, Saddle, SaddlePath
from exactsaddle.report.steps import MARK, steps


def saddle_table(path: SaddlePath, certain: CertainEvents | None = None) -> Table:
    """The saddles as a table: k, jump time, who entered and left, support size, loss, ‖β‖₁.

    The last that all data within the resolution share is marked, if that is known.
    """
    return fitted(lambda room: _saddles(path, None if certain is None else certain.last, room))


def _saddles(path: SaddlePath, last: int | None, room: Room) -> Table:
    names = [visible(name) for name in path.problem.names]
    table = make_table("k", "jump time t", "enters", "leaves", "support", "loss", "‖β‖₁", left=(2, 3))
    for saddle, entered, left in steps(path):
        table.add_row(
            f"{saddle.index} {MARK}" if saddle.index == last else str(saddle.index),
            _time_text(saddle, room, balls=path.decisions is not None),
            room.names(names[i] for i in entered),
            room.names(names[i] for i in left),
            str(len(saddle.support)),
            saddle.loss_text(7),
            saddle.l1_norm_text(7),
        )
    return table


def _time_text(saddle: Saddle, room: Room, *, balls: bool) -> str:
    """t_k; a path found by balls has its exact numbers at t_0 = 0 alone."""
    if saddle.index == 0:
        return "0"
    return f"≈ {saddle.jump_time_text(8)}" if balls else exact_and_decimal(saddle.time, width=room.exact)


def coefficient_table(path: SaddlePath) -> Table:
    """What is not zero at each saddle, a coefficient a line."""
    names = [visible(name) for name in path.problem.names]
    table = make_table("k", "coordinate", "β", left=(1,))
    for saddle in path:
        for i in saddle.support:
            exact = not path.decisions
            value = (
                exact_and_decimal(saddle.beta_vector[i], width=40) if exact else f"≈ {saddle.beta_text(i, 8)}"
            )
            table.add_row(str(saddle.index), Text(names[i]), value)
    return table
