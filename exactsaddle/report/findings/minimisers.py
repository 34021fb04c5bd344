"""The minimisers at each saddle within a budget, and whether the end has the least ℓ₁ norm."""

from __future__ import annotations

from collections.abc import Iterator

from exactsaddle.base import counted
from exactsaddle.minimisers import Extremes, Selection
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.report.findings.budgets import Absent, Budgets, attempt, no_numbers
from exactsaddle.report.findings.records import MinimisersHere


def describe(path: SaddlePath, budgets: Budgets) -> Iterator[MinimisersHere]:
    """Saddle by saddle: unique, several, or not decided."""
    only, described = Absent("β_k is the only minimiser"), 0
    long = no_numbers(path, budgets, roots=True)
    for saddle in path:
        # by balls, with nobody still: E is the support, whose columns are independent
        if path.decisions is not None and not saddle.still:
            yield MinimisersHere(saddle, True, 0, True, only, only)
        elif long is not None:
            yield MinimisersHere(saddle, None, long, True, long, long)
        elif saddle.unique:
            yield MinimisersHere(saddle, True, 0, True, only, only)
        else:
            described += 1
            yield _several(saddle, budgets, described <= budgets.described)


def _several(saddle: Saddle, budgets: Budgets, wanted: bool) -> MinimisersHere:
    here = saddle.minimisers
    extremes: Extremes | Absent
    selection: Selection | Absent
    if not wanted:
        extremes = selection = Absent(
            f"only the first {budgets.described} such saddles are described (--budget described=N for more)"
        )
    else:
        extremes = attempt(lambda: here.extremes(budgets.rays), "rays")
        wide = len(here.free)
        selection = (
            attempt(lambda: saddle.selected)
            if wide <= budgets.selected_width
            else Absent(
                f"{wide} coordinates take part, more than {budgets.selected_width} "
                f"(--budget selected-width={wide})"
            )
        )
    return MinimisersHere(saddle, False, here.dimension, here.bounded, extremes, selection)


def minimum_l1_of(path: SaddlePath, beyond: int = 0) -> Saddle | Absent:
    """The end of the path, where it minimises the ℓ₁ norm over argmin L; beyond: saddles left out there."""
    if not path.problem.is_standard:
        return Absent("thresholds are not all 1, or the initial dual is not 0")
    if beyond:
        saddles = counted(beyond, "saddle")
        return Absent(f"{saddles} that fit the rounding of the data come before the end (--all shows them)")
    if not path.complete:
        return Absent(f"the path is a prefix, stopped by {path.stopped_by}: its end is not known")
    return path[-1]
