"""Ways to write the same network: conventions that a log leaves possible, what it says of β, and of α."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from exactsaddle.audit.log import Floats, Run
from exactsaddle.audit.setting import Setting

_LOSSES = ("1/(2n)", "1/n", "1/2", "1")
"""What stands before ‖y − Xβ‖²; the first is the paper's."""
SNAP = 0.02
"""A clock or a scale is a known one when it is within this part of it."""


@dataclass(frozen=True)
class Convention:
    """One way to write the same network: its words, its clock factor, and α in terms of the stated one."""

    words: str
    factor: float
    alpha: float

    @property
    def network(self) -> str:
        """The words without the start."""
        return self.words.split(" from ")[0]


def conventions(setting: Setting, run: Run) -> list[Convention]:
    """Those that the logged weights, conserved quantities and losses leave possible."""
    parametrisations = _parametrisations(setting, run)
    losses = _losses(setting, run)
    return [
        Convention(f"loss ‖y − Xβ‖²·{loss}, {words}", scale * rate, alpha)
        for loss, scale in losses
        for words, rate, alpha in parametrisations
    ]


def _parametrisations(setting: Setting, run: Run) -> list[tuple[str, float, float]]:
    """Words, clock factor, canonical α over the stated one."""
    if setting.depth > 2:
        return [(f"β = u^{setting.depth} − v^{setting.depth} from u = v = α", 1.0, 1.0)]
    product = [
        ("β = u ⊙ v from u = √2·α, v = 0", 1.0, 1.0),
        ("β = u ⊙ v from u = α, v = 0", 1.0, math.sqrt(0.5)),
    ]
    halves = [("β = (w₊² − w₋²)/2 from w± = α", 1.0, 1.0)]
    squares = [("β = u² − v² from u = v = α", 2.0, math.sqrt(2.0))]
    if run.weights is None:
        return [*product, *squares]
    if run.pair == ("w_plus", "w_minus"):
        if run.beta is None:
            return [*halves, *squares]
        first, second = (np.abs(run.weights[i]) for i in (0, 1))
        whole = np.abs(run.beta - (first**2 - second**2)).max()
        return squares if whole < np.abs(run.beta - (first**2 - second**2) / 2).max() else halves
    u, v = run.weights
    drift = np.abs(np.diff(u**2 - v**2, axis=0)).max(), np.abs(np.diff(u * v, axis=0)).max()
    return product if drift[0] <= drift[1] else squares


def _losses(setting: Setting, run: Run) -> list[tuple[str, float]]:
    scales = dict(zip(_LOSSES, (1.0, 2.0, float(setting.n), 2.0 * setting.n), strict=True))
    if run.losses is None or not setting.start_loss:
        return list(scales.items())
    ratio = float(run.losses[0]) / setting.start_loss
    known = [(words, scale) for words, scale in scales.items() if abs(ratio / scale - 1) < SNAP]
    return known or list(scales.items())


def observed(setting: Setting, run: Run) -> Floats | None:
    """β (T, d) as the run says it; None when only losses were logged."""
    if run.beta is not None:
        return run.beta
    if run.weights is None:
        return None
    first, second = run.weights
    words = _parametrisations(setting, run)[0][0]
    if setting.depth > 2:
        return np.asarray(first**setting.depth - second**setting.depth)
    if words.startswith("β = u ⊙ v"):
        return np.asarray(first * second)
    return np.asarray((first**2 - second**2) / (2.0 if words.startswith("β = (w") else 1.0))


def conserved_alpha(setting: Setting, run: Run) -> tuple[float, float] | None:
    """α in the paper's convention by what w± conserve, from the first logged weights, and its spread over
    coordinates: w₊w₋ = α² at two layers, w₊^(2−L) + w₋^(2−L) = 2α^(2−L) at L. None without weights."""
    if run.weights is None:
        return None
    first, second = (weights[0] for weights in run.weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        if setting.depth > 2:
            power = 2 - setting.depth
            each = ((np.abs(first) ** power + np.abs(second) ** power) / 2) ** (1 / power)
        else:
            words = _parametrisations(setting, run)[0][0]
            product, doubled = words.startswith("β = u ⊙ v"), words.startswith("β = u²")
            square = np.abs(first**2 - second**2) / 2 if product else np.abs(first * second)
            each = np.sqrt(square * (2 if doubled else 1))
    each = each / setting.scales
    each = each[np.isfinite(each) & (each > 0)]
    if not len(each):
        return None
    alpha = float(np.median(each))
    return (alpha, float(np.abs(each / alpha - 1).max())) if alpha < 1 else None
