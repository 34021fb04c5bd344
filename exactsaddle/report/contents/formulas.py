"""The formulas that a report prints, each in Unicode and in Typst's mathematics; none comes from data."""

from __future__ import annotations

import re
from collections.abc import Callable

from exactsaddle.problem import Network
from exactsaddle.report.document import Math, Word, Words, words

_INDEXED = re.compile(
    r"((?<![A-Za-z])[A-Za-z]|[α-ωΔ][\u0303\u0304]?)"  # the letter; Xβ̃_t is a product
    r"_(?:\{([A-Za-z0-9+−]+)\}|([A-Za-z]{1,2}|\d)(?![A-Za-z0-9_]))"
    r"(?:,([a-z])(?![A-Za-z]))?"  # s_k,i: coordinate i of s_k
)

_RAISED = re.compile(r"([A-Za-zα])\^(\d+)")
_SYMBOLS = {"α": "alpha"}

LOSS = Math("L(β) = ‖y − Xβ‖²/(2n)", "L(beta) = norm(y - X beta)^2 / (2 n)")
NETWORK = Math("β = u ⊙ v", "beta = u dot.o v")
START = Math("u(0) = √2·α·1, v(0) = 0", "u(0) = sqrt(2) alpha bold(1), v(0) = 0")
ALPHA_TO_ZERO = Math("α → 0", "alpha arrow.r 0")
REAL_TIME = Math("t·ln(1/α)", "t dot ln(1\\/alpha)")
DUAL_FLOW = Math("s(t) = s_k − (t − t_k)·∇L(β_k)", "s(t) = s_k - (t - t_k) nabla L(beta_k)")
PLATEAU = Math("[t_k, t_{k+1})", "\\[t_k, t_(k+1)\\)")
BETA_KI = Math("β_{k,i}", "beta_(k, i)")
BETA_K = Math("β_k", "beta_k")
T_K = Math("t_k", "t_k")
SHIFT = Math("|c′ − c|", "abs(c' - c)")
LOSS_K = Math("L(β_k)", "L(beta_k)")
L1_NORM = Math("‖β_k‖₁", "norm(beta_k)_1")
SUPPORT = Math("|supp β_k|", 'abs(op("supp") beta_k)')
MINIMUM_L1 = Math("β_p", "beta_p")
L1 = Math("‖b‖₁", "norm(b)_1")
DUAL_PROOF = Math(
    "|s_i| ≤ 1, s_i β_i = |β_i|, s ∈ row space of X",
    'abs(s_i) <= 1, space s_i beta_i = abs(beta_i), space s in op("row") X',
)
DISTANCE = Math("sup‖β̃ − β_k‖_∞", "sup norm(tilde(beta) - beta_k)_oo")
RATE = Math("ln‖β̃ − β_k‖/ln α", "(ln norm(tilde(beta) - beta_k)) / (ln alpha)")
ELL = Math("ℓ = ln(1/α)", "ell = ln(1\\/alpha)")
ARRIVAL = Math("t_k(α) = t_k + c/ℓ", "t_k (alpha) = t_k + c\\/ell")


def raised(statement: str) -> Words:
    """A statement of this package with its letters to a power, u^3 or α^4, as mathematics.

    >>> raised("β = u^3 − v^3")
    ('β = ', Math(plain='u^3', typst='u^(3)'), ' − ', Math(plain='v^3', typst='v^(3)'))
    """
    return _with_formulas(_RAISED, statement, _power)


def _power(match: re.Match[str]) -> Math:
    letter, power = match.groups()
    plain = f"{letter}^{power}" if len(power) == 1 else f"{letter}^{{{power}}}"
    return Math(plain, f"{_SYMBOLS.get(letter, letter)}^({power})")


def arrival(network: Network) -> Words:
    """How the arrival of a coordinate depends on α."""
    if network == Network():
        return words(ARRIVAL, " with ", ELL)
    return typeset("t_k(α) = " + network.expansion.replace("t", "t_k", 1))


def potential(network: Network) -> Words:
    """What the selected minimiser does among all."""
    return words("minimises ", ENTROPY) if network == Network() else typeset(network.selection)


def shows(network: Network) -> Words:
    """When a plateau shows."""
    return words(SHOWS) if network == Network() else typeset(network.shows)


LAMBDA = Math("λ = 1/t", "lambda = 1\\/t")
LASSO = Math("L(b) + λ‖b‖₁", "L(b) + lambda norm(b)_1")
SHOWS = Math(
    "t_{k+1} − t_k > (|c_{k+1} − c_k| + 1/λ_min)/ln(1/α)",
    "t_(k+1) - t_k > (abs(c_(k+1) - c_k) + 1\\/lambda_min) \\/ ln(1\\/alpha)",
)
ENTROPY = Math("Σ |b_i|(ln|b_i| − 1)", "sum_i abs(b_i) (ln abs(b_i) - 1)")
SAME_FIT = Math("Xb = Xβ_p", "X b = X beta_p")
NORM_CHAIN = Math(
    "‖b‖₁ ≥ ⟨s, b⟩ = ⟨s, β_p⟩ = ‖β_p‖₁",
    "norm(b)_1 >= chevron.l s, b chevron.r = chevron.l s, beta_p chevron.r = norm(beta_p)_1",
)


_ACCENTS = {"\u0303": "tilde", "\u0304": "macron"}
_WHOLE = {
    "‖r‖_∞": Math("‖r‖_∞", "norm(r)_oo"),
    "Σ_{k < rank X} C(d, k)": Math("Σ_{k < rank X} C(d, k)", 'sum_(k < op("rank") X) C(d, k)'),
    "2^d": Math("2^d", "2^d"),
    "λ_min": Math("λ_min", "lambda_min"),
    "Σ_{k ≤ rank X} C(d, k)": Math("Σ_{k ≤ rank X} C(d, k)", 'sum_(k <= op("rank") X) C(d, k)'),
}
"""What a statement says in more than a letter and an index."""


def typeset(statement: str) -> Words:
    """A statement of this package with its letters with an index, t_{k+1} or s_k,i, as mathematics.

    Statements are ours, as formulas are: no text of the user's comes here.

    >>> typeset("t_{k+1} > 0")
    (Math(plain='t_{k+1}', typst='t_(k + 1)'), ' > 0')
    """
    for text, formula in _WHOLE.items():
        if text in statement:
            before, _, after = statement.partition(text)
            return (*typeset(before), formula, *typeset(after))
    return _with_formulas(_INDEXED, statement, _index)


def _index(match: re.Match[str]) -> Math:
    letter, braced, short, coordinate = match.groups()
    index = ",".join(part for part in (braced or short, coordinate) if part)
    # Typst reads two letters side by side as a name
    return Math(
        f"{letter}_{{{index}}}" if len(index) > 1 else f"{letter}_{index}",
        f"{_accented(letter)}_({_apart(index)})",
    )


def _with_formulas(
    pattern: re.Pattern[str], statement: str, formula: Callable[[re.Match[str]], Math]
) -> Words:
    """A statement with what the pattern finds in it as mathematics."""
    parts: list[Word] = []
    done = 0
    for match in pattern.finditer(statement):
        parts += [statement[done : match.start()]] if match.start() > done else []
        parts.append(formula(match))
        done = match.end()
    return (*parts, *([statement[done:]] if done < len(statement) else []))


def _accented(letter: str) -> str:
    """A letter with a tilde or a bar, in Typst's words."""
    return f"{_ACCENTS[letter[1]]}({letter[0]})" if letter[1:] else letter


def _apart(index: str) -> str:
    return " ".join(index.replace("−", "-"))
