"""Random ensembles: laws of exact rational problems, drawn from addressed words by integer arithmetic.

Entry (i, j) of X uses the words at position i·d + j, entry i of y those at n·d + i.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from flint import fmpq

from exactsaddle.campaign.gaussian import MAX_DECIMALS, rounded_normal
from exactsaddle.campaign.parameters import Parameter, choice, integer, rational
from exactsaddle.campaign.philox import Words
from exactsaddle.problem import Problem

GUARD = 4
"""Decimals carried beyond those kept, where a law has an irrational factor (a square root)."""

_DECIMALS = Parameter("decimals", integer(0, MAX_DECIMALS - GUARD), 2, "decimals that are kept")

Draw = Callable[[Words, int, int, Mapping[str, Any]], Problem]


@dataclass(frozen=True)
class Ensemble:
    """A law of problems of every size n × d: its name, what it is, its parameters, how it is drawn."""

    name: str
    story: str
    parameters: tuple[Parameter, ...]
    draw: Draw


ENSEMBLES: dict[str, Ensemble] = {}


def _declare(name: str, story: str, *parameters: Parameter) -> Callable[[Draw], Draw]:
    def register(draw: Draw) -> Draw:
        ENSEMBLES[name] = Ensemble(name, story, parameters, draw)
        return draw

    return register


@_declare("gaussian", "X and y independent standard Gaussians, rounded", _DECIMALS)
def _gaussian(words: Words, n: int, d: int, given: Mapping[str, Any]) -> Problem:
    k = given["decimals"]
    return _problem(_normals(words, 0, n * d, k), d, _normals(words, n * d, n, k), 10**k)


_TARGET = Parameter("target", choice("same", "gaussian"), "same", "law of y: that of X, or Gaussian")


@_declare("rademacher", "X of independent signs ±1; y of signs too, or Gaussian", _TARGET, _DECIMALS)
def _rademacher(words: Words, n: int, d: int, given: Mapping[str, Any]) -> Problem:
    return _with_target(words, [_sign(words, m) for m in range(n * d + n)], n, d, given)


@_declare(
    "grid",
    "X of independent integers, uniform from −bound to bound; y too, or Gaussian",
    Parameter("bound", integer(1, 10**9), 5, "the largest entry"),
    _TARGET,
    _DECIMALS,
)
def _grid(words: Words, n: int, d: int, given: Mapping[str, Any]) -> Problem:
    bound = given["bound"]
    entries = [words.below(2 * bound + 1, m) - bound for m in range(n * d + n)]
    return _with_target(words, entries, n, d, given)


@_declare(
    "correlated",
    "rows of X Gaussian with correlated columns, y independent; rounded",
    Parameter("structure", choice("ar1", "equal"), "ar1", "correlation rho^|i−j|, or rho between any two"),
    Parameter("rho", rational(Fraction(-1), Fraction(1), strict=True), Fraction(1, 2), "the correlation"),
    _DECIMALS,
)
def _correlated(words: Words, n: int, d: int, given: Mapping[str, Any]) -> Problem:
    k, rho = given["decimals"], given["rho"]
    one = 10 ** (k + GUARD)
    own = [_normals(words, i * d, d, k + GUARD) for i in range(n)]
    X: list[int] = []
    if given["structure"] == "ar1":
        fresh = _root(1 - rho * rho, one)
        for row in own:
            value = row[0]
            X.append(_round(value, 10**GUARD))
            for z in row[1:]:
                value = _round(rho.numerator * value, rho.denominator) + _round(fresh * z, one)
                X.append(_round(value, 10**GUARD))
    else:
        common = _normals(words, n * d + n, n, k + GUARD)
        shared, fresh = _root(rho, one), _root(1 - rho, one)
        X = [
            _round(shared * w + fresh * z, one * 10**GUARD)
            for w, row in zip(common, own, strict=True)
            for z in row
        ]
    return _problem(X, d, _normals(words, n * d, n, k), 10**k)


@_declare(
    "planted",
    "y = Xb + noise, b of so many entries ±1, snr = |b|²/variance of the noise; rounded",
    Parameter("sparsity", integer(1, 10**6), 1, "nonzero entries of b, at most d"),
    Parameter(
        "snr", rational(Fraction(0), None, strict=True, infinite=True), Fraction(10), "signal to noise"
    ),
    Parameter("design", choice("gaussian", "rademacher"), "gaussian", "law of the entries of X"),
    _DECIMALS,
)
def _planted(words: Words, n: int, d: int, given: Mapping[str, Any]) -> Problem:
    k, sparsity = given["decimals"], given["sparsity"]
    one = 10 ** (k + GUARD)
    if given["design"] == "gaussian":
        X = _normals(words, 0, n * d, k)
    else:
        X = [10**k * _sign(words, m) for m in range(n * d)]
    first = n * d + n
    columns = list(range(d))
    for m in range(sparsity):  # the first steps of a Fisher–Yates shuffle
        other = m + words.below(d - m, first + m)
        columns[m], columns[other] = columns[other], columns[m]
    planted = {columns[m]: _sign(words, first + sparsity + m) for m in range(sparsity)}
    noise = [0] * n
    if given["snr"] is not None:
        sigma = _root(sparsity / given["snr"], one)
        noise = [_round(sigma * z, one * 10**GUARD) for z in _normals(words, n * d, n, k + GUARD)]
    y = [sum(sign * X[i * d + j] for j, sign in planted.items()) + noise[i] for i in range(n)]
    return _problem(X, d, y, 10**k)


def _problem(X: list[int], d: int, y: list[int], scale: int) -> Problem:
    rows = [[fmpq(value, scale) for value in X[start : start + d]] for start in range(0, len(X), d)]
    return Problem(rows, [fmpq(value, scale) for value in y])


def _with_target(words: Words, entries: list[int], n: int, d: int, given: Mapping[str, Any]) -> Problem:
    if given["target"] == "same":
        return _problem(entries[: n * d], d, entries[n * d :], 1)
    scale = 10 ** given["decimals"]
    X = [scale * value for value in entries[: n * d]]
    return _problem(X, d, _normals(words, n * d, n, given["decimals"]), scale)


def _normals(words: Words, first: int, count: int, decimals: int) -> list[int]:
    return [
        rounded_normal(lambda depth, m=m: words.word(m, depth), decimals)  # type: ignore[misc]
        for m in range(first, first + count)
    ]


def _sign(words: Words, position: int) -> int:
    return 1 if words.word(position) >> 63 else -1


def _root(value: Fraction, scale: int) -> int:
    """⌊scale·√value⌋."""
    return isqrt(value.numerator * scale * scale // value.denominator)


def _round(numerator: int, denominator: int) -> int:
    """The nearest integer, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)
