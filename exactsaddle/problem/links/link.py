"""What the flow, its corrections and its selection ask of a law."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from flint import arb, fmpq

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


class Link(ABC):
    """B_i for every coordinate i; balls at the working precision, floats for proposals that nobody trusts."""

    @property
    @abstractmethod
    def gain(self) -> fmpq:
        """−d ln B/dx at a B of order 1: how sensitive β is to the dual, in units of 1/ε."""

    @abstractmethod
    def unit(self, alpha: fmpq) -> arb:
        """ε at the scale α."""

    @abstractmethod
    def value(self, i: int, x: arb) -> arb:
        """B_i(x)."""

    @abstractmethod
    def steepness(self, i: int, x: arb) -> arb:
        """−B_i'(x)."""

    @abstractmethod
    def facing(self, i: int, x: arb, other: arb, product: arb) -> arb:
        """B_i(x) where other = B_i(x') is of the facing side, product = ``facing_product(i, x + x')``."""

    @abstractmethod
    def facing_product(self, i: int, width: arb) -> arb:
        """What ``facing`` needs of the width x + x' of the box, which is constant."""

    @abstractmethod
    def floats(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """B and −B' at x of shape (…, d); not finite where x is outside the domain."""

    @abstractmethod
    def log2(self, x: FloatArray) -> FloatArray:
        """log2 B at x of shape (…, d); inf outside the domain."""
