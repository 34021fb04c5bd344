"""Symbolic derivations as steps a reader can follow: each an identity small enough to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import rejected, unchecked, verified


@dataclass(frozen=True)
class Step:
    """One line of a derivation: in words, and as left = right for all values of the symbols."""

    says: str
    left: Any
    right: Any

    def __str__(self) -> str:
        return f"{self.says}:\n    {sp.sstr(self.left)}\n  = {sp.sstr(self.right)}"


def prove(steps: Iterable[Step]) -> Verdict:
    """Verified when SymPy reduces every left − right to zero; rejected when it proves one nonzero.

    A difference of matrix expressions that does not reduce is left unchecked.
    """
    count = 0
    for step in steps:
        difference = _difference(step)
        if difference != 0:
            shown = f"{step.says}: left − right = {sp.sstr(difference)}"
            if not isinstance(difference, sp.MatrixExpr) and difference.equals(0) is False:
                return rejected(shown)
            return unchecked(f"not reduced to zero: {shown}")
        count += 1
    return verified(f"{count} identities, for all values of their symbols")


def in_words(steps: Callable[[], Iterable[Step]]) -> Callable[[], Sequence[str]]:
    """The derivation as text, made only when it is asked for."""
    return lambda: [str(step) for step in steps()]


def _difference(step: Step) -> Any:
    if isinstance(step.left, sp.MatrixExpr):
        difference = (step.left - step.right).doit().expand().doit()
        return sp.Integer(0) if isinstance(difference, sp.ZeroMatrix) else difference
    if isinstance(step.left, sp.MatrixBase):
        entries = sp.simplify(sp.Matrix(step.left - step.right))
        return next((entry for entry in entries if entry != 0), sp.Integer(0))
    return sp.simplify(step.left - step.right)
