"""Gaussians rounded to k decimals, exactly in law, from random words by proof.

U = 0.w₀w₁… in base 2⁶⁴ is uniform, and Z = Φ⁻¹(U) is rounded to the integer j (units of 10^−k) for
which Φ((j−½)/10^k) ≤ U < Φ((j+½)/10^k). A float proposes j; ⌊2^b Φ⌋ at the two ends, proved in ball
arithmetic, accepts it, moves it, or asks for a further word when U is too close to an end to tell.
No float decides anything, so the same words give the same numbers on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

from flint import arb, fmpq

from exactsaddle.base import workprec
from exactsaddle.campaign.philox import WORD

MAX_DECIMALS = 12
_NORMAL = NormalDist()


def rounded_normal(word: Callable[[int], int], decimals: int) -> int:
    """10^decimals times a standard Gaussian rounded to so many decimals; word(m) is its m-th random word."""
    uniform, bits, depth = word(0), WORD, 0
    while (found := _locate(uniform, decimals, bits)) is None:
        depth += 1
        uniform, bits = (uniform << WORD) + word(depth), bits + WORD
    return found


def _locate(uniform: int, decimals: int, bits: int) -> int | None:
    """The j of every U in [uniform, uniform + 1)·2^−bits; None when an end of its interval is in there."""
    j, step = _proposal(uniform >> (bits - WORD), decimals), 1
    low: int | None = None
    high: int | None = None
    while low is None or high is None or high - low > 1:
        threshold = _threshold(j, decimals, bits)
        if threshold == uniform:
            return None
        if threshold < uniform:
            low = j
        else:
            high = j
        if low is not None and high is not None:
            j = (low + high) // 2
        else:
            j += step if threshold < uniform else -step
            step *= 2
    return high


def _proposal(uniform: int, decimals: int) -> int:
    if uniform >> (WORD - 1):
        return -_proposal((1 << WORD) - 1 - uniform, decimals)
    return round(_NORMAL.inv_cdf((uniform + 0.5) / 2.0**WORD) * 10.0**decimals)


@lru_cache(maxsize=1 << 17)
def _threshold(j: int, decimals: int, bits: int) -> int:
    """⌊2^bits Φ((j+½)/10^decimals)⌋, at the first precision that proves it; Φ is never dyadic there."""
    precision = bits + 32
    while True:
        with workprec(precision):
            x = arb(fmpq(2 * j + 1, 2 * 10**decimals))
            scaled = (-x / arb(2).sqrt()).erfc() / 2 * arb(2) ** bits
            floor = scaled.floor().unique_fmpz()
        if floor is not None:
            return int(floor)
        precision *= 2
