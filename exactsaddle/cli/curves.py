"""``exactsaddle converge --curves``: orbits, and distances of curves in arc length."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from exactsaddle.cli.terminal import exact_and_decimal, make_table, out, say
from exactsaddle.convergence import CurveComparison
from exactsaddle.numbers import scale_text, to_number


def print_curves(comparison: CurveComparison) -> None:
    """A table of the orbits, and how far the curves of the flow are from theirs."""
    headings = ("k", "t", "length", "ends within", "loss decreases", "")
    table = make_table(*headings, wrap=True, title="Orbits (numerical evidence)")
    for jump in comparison.transitions:
        place = (str(jump.jump), exact_and_decimal(to_number(jump.time)))
        for orbit in jump.orbits:
            decreases = "yes" if orbit.loss_decreases else "no"
            table.add_row(*place, f"{orbit.length:.6g}", f"{orbit.end_distance:.1e}", decreases, "")
        if not jump.orbits:
            table.add_row(*place, "", "", "", Text("; ".join(map(str, jump.failed))))
    out.print(table)
    for alpha, distance in comparison.distances:
        scale = scale_text(alpha)
        say(f"alpha = {scale}: sup distance of (t, β) to the limit curve in arc length {distance:.4g}")
    for alpha, reason in comparison.missing:
        say(f"alpha = {scale_text(alpha)}: curve not compared: {reason}")


def curves_to_json(comparison: CurveComparison) -> dict[str, Any]:
    """The same, for --json."""
    return {
        "evidence": "numerical",
        "orbits": [
            {
                "jump": jump.jump,
                "t": str(jump.time),
                "lengths": [orbit.length for orbit in jump.orbits],
                "end_distances": [orbit.end_distance for orbit in jump.orbits],
                "loss_decreases": all(orbit.loss_decreases for orbit in jump.orbits),
                "refused": list(map(str, jump.failed)),
            }
            for jump in comparison.transitions
        ],
        "distances": [{"alpha": str(a), "sup": distance} for a, distance in comparison.distances],
        "missing": [{"alpha": str(a), "reason": reason} for a, reason in comparison.missing],
    }
