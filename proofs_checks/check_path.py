"""Check the certificate of a saddle path: standard library only, one file, no code of the solver.

    python -I check_path.py cert.json                          a certificate that holds its problem
    python -I check_path.py cert.json --problem problem.json   a detached one

A certificate states the saddles beta_k, at times t_k, through which the gradient flow of a diagonal linear network
passes as its initialisation shrinks to 0. This file decides whether they are that path; CERTIFICATE.md says the same
in words. Part 1 is the verdict, part 2 the replay, part 3 one function per claim, part 4 the grammar. All of it is
exact: a vector over Q is a list of integers over one denominator, and only signs of integers are ever decided.

Exit codes: 0 verified; 1 rejected (a claim is false: saddle, claim and witness are named); 2 malformed (nothing was
decided); 3 unchecked (a prefix of a path; every claim about it holds).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import gcd, lcm
from operator import mul
from typing import Any, NamedTuple, TypeVar

CLAIMS = ["problem", "start", "cone", "stationary", "dual sign", "first hit", "loss", "end"]
MAX_BYTES = 64 * 2**20
MAX_DIGITS = 200_000
INFINITE = (1, 0)  # a threshold 1/0: with p/q < p'/q' meaning pq' < p'q, no s reaches it
Ratio = tuple[int, int]
T = TypeVar("T")


# --- 1. The verdict ---------------------------------------------------------------------------------------


class Malformed(ValueError):
    """The document is not a certificate of version 1; the message names the field. Nothing was decided."""


@dataclass(frozen=True)
class Failure:
    """A claim that is false, at which saddle, and the numbers that show it."""

    saddle: int
    claim: str
    witness: str


@dataclass(frozen=True)
class Report:
    """What was decided: "verified", "rejected" (see failure) or "unchecked" (a prefix; every claim holds)."""

    verdict: str
    saddles: int
    digest: str
    failure: Failure | None

    def __str__(self) -> str:
        if self.failure:
            return f"rejected: saddle {self.failure.saddle}: {self.failure.claim}: {self.failure.witness}"
        whole = self.verdict == "verified"
        scope = "the whole path" if whole else "a prefix: what follows is not known"
        claims = ", ".join(CLAIMS if whole else CLAIMS[:-1])
        return f"{self.verdict}: {self.saddles} saddles ({scope}) of problem {self.digest}; hold exactly: {claims}"


def check(
    text: str | bytes, problem: str | bytes | None = None, names: tuple[str, str] = ("", "problem: ")
) -> Report:
    """Decide every claim of the certificate in text; problem is the JSON a detached one is about.

    A problem given for a certificate that holds one must be the same. names begin the messages about the two.
    Raises Malformed. Lifts Python's limit on digits while it runs: ``number`` counts them before it converts.
    """
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        given = (
            None if problem is None else load(problem, names[1], lambda found: read_problem(found, "", True))
        )
        certificate: Certificate = load(text, names[0], lambda found: read_certificate(found, given))
        failure = next(refute(certificate, given or certificate.problem), None)
    finally:
        sys.set_int_max_str_digits(limit)
    verdict = "rejected" if failure else "verified" if certificate.complete else "unchecked"
    return Report(verdict, len(certificate.saddles), certificate.digest, failure)


# --- 2. The replay: Algorithm 1, with the argmin replaced by its optimality conditions ------------------------


class Problem(NamedTuple):
    """X = columns/scale (d columns of n integers), y = target/scale, -lower <= s <= upper, s_0 = dual."""

    columns: list[list[int]]
    target: list[int]
    scale: int
    lower: list[Ratio]
    upper: list[Ratio]
    dual: list[Ratio]
    digest: str


class Saddle(NamedTuple):
    """As stated: t_k, the nonzero entries beta_i = beta[i]/scale, L(beta_k)."""

    jump_time: Ratio
    beta: dict[int, int]
    scale: int
    loss: Ratio


class Certificate(NamedTuple):
    """As stated; problem is the one inside, or of a detached certificate the one given."""

    complete: bool
    digest: str
    problem: Problem
    saddles: list[Saddle]


class Vector:
    """A vector over Q, values/scale; values alone tell its signs."""

    def __init__(self, name: str, values: list[int], scale: int) -> None:
        common = gcd(scale, *values)
        self.name, self.scale, self.values = name, scale // common, [v // common for v in values]

    def show(self, i: int) -> str:
        """Entry i, for a witness."""
        return f"{self.name}_{i} = {show((self.values[i], self.scale))}"


class State(NamedTuple):
    """Saddle k as stated, and what follows from the problem: s_k, where it is in the box, g_k and L(beta_k)."""

    problem: Problem
    saddle: Saddle
    s: Vector
    sides: list[int]  # of s_i: 0 inside, 1 on the upper threshold, 2 beyond it, -1 and -2 so for the lower
    g: Vector
    loss: Ratio

    def beta(self, i: int) -> str:
        """Entry i of beta, for a witness."""
        return f"beta_{i} = {show((self.saddle.beta[i], self.saddle.scale))}"

    def position(self, i: int) -> str:
        """Where s_i is, for a witness."""
        where = {0: "inside its thresholds", 1: "on its upper threshold", -1: "on its lower threshold"}
        return f"{self.s.show(i)} is {where[self.sides[i]]}"


def refute(certificate: Certificate, checked: Problem) -> Iterator[Failure]:
    """Every claim in turn; nothing when the document is a run of Algorithm 1 on the problem checked."""
    saddles = certificate.saddles
    for problem in (certificate.problem, checked):
        if problem.digest != certificate.digest:
            witness = f"stated digest {certificate.digest}, that of the problem is {problem.digest}"
            yield Failure(0, "problem", witness)
    scale = lcm(*(q for _, q in checked.dual))
    s = Vector("s", [p * (scale // q) for p, q in checked.dual], scale)
    state = recompute(checked, saddles[0], s)
    yield from (Failure(0, "start", witness) for witness in start(state))
    for k in range(len(saddles)):
        for claim, test in EVERY_SADDLE.items():
            yield from (Failure(k, claim, witness) for witness in test(state))
        if k + 1 < len(saddles):
            later = recompute(checked, saddles[k + 1], moved(state, saddles[k + 1].jump_time))
            yield from (Failure(k, "first hit", witness) for witness in first_hit(state, later))
            state = later
        elif certificate.complete:
            yield from (Failure(k, "end", witness) for witness in end(state))


def recompute(problem: Problem, saddle: Saddle, s: Vector) -> State:
    """g = Xᵀ(Xβ − y)/n and L = ‖Xβ − y‖²/(2n) at the saddle, and the side of each s_i, all from their definitions."""
    n, unit = len(problem.target), saddle.scale * problem.scale
    misfit = [-saddle.scale * y for y in problem.target]  # (Xβ − y) · unit
    for i, b in saddle.beta.items():
        misfit = [m + b * x for m, x in zip(misfit, problem.columns[i], strict=True)]
    g = Vector("g", [sum(map(mul, column, misfit)) for column in problem.columns], n * unit * problem.scale)
    box = zip(s.values, problem.lower, problem.upper, strict=True)
    sides = [compare(v, s.scale, upper) or -compare(-v, s.scale, lower) for v, lower, upper in box]
    return State(problem, saddle, s, sides, g, (sum(m * m for m in misfit), 2 * n * unit**2))


def compare(numerator: int, denominator: int, threshold: Ratio) -> int:
    """0 below the threshold, 1 on it, 2 above it."""
    excess = numerator * threshold[1] - threshold[0] * denominator
    return 0 if excess < 0 else 1 if excess == 0 else 2


def moved(state: State, until: Ratio) -> Vector:
    """s_{k+1} = s_k − (t_{k+1} − t_k) g_k."""
    (p, q), (a, b), s, g = until, state.saddle.jump_time, state.s, state.g
    duration, unit = p * b - a * q, q * b * g.scale
    common = gcd(duration, unit)
    duration, unit = duration // common, unit // common
    scale = lcm(s.scale, unit)
    keep, move = scale // s.scale, duration * (scale // unit)
    return Vector("s", [keep * v - move * w for v, w in zip(s.values, g.values, strict=True)], scale)


# --- 3. The claims: each function yields the witnesses that its claim is false --------------------------


def start(state: State) -> Iterator[str]:
    """t_0 = 0 and -lower <= s_0 <= upper."""
    if state.saddle.jump_time[0] != 0:
        yield f"t_0 = {show(state.saddle.jump_time)}, not 0"
    yield from outside(state)


def outside(state: State) -> Iterator[str]:
    """-lower <= s <= upper."""
    for i, side in enumerate(state.sides):
        if abs(side) == 2:
            yield f"{state.s.show(i)} is beyond its {'upper' if side > 0 else 'lower'} threshold"


def cone(state: State) -> Iterator[str]:
    """Wherever beta_i != 0, s_i is on the threshold of its sign."""
    for i, b in state.saddle.beta.items():
        if b * state.sides[i] <= 0:
            yield f"{state.beta(i)} but {state.position(i)}"


def stationary(state: State) -> Iterator[str]:
    """g_i = 0 wherever beta_i != 0."""
    for i in state.saddle.beta:
        if state.g.values[i] != 0:
            yield f"{state.beta(i)} but {state.g.show(i)}"


def dual_sign(state: State) -> Iterator[str]:
    """On a threshold, s_i - t g_i does not leave the box: g_i >= 0 on the upper, <= 0 on the lower."""
    for i, side in enumerate(state.sides):
        if side * state.g.values[i] < 0:
            yield f"{state.position(i)} but {state.g.show(i)}"


def loss(state: State) -> Iterator[str]:
    """The stated loss is L(beta_k)."""
    (p, q), (a, b) = state.saddle.loss, state.loss
    if p * b != a * q:
        yield f"stated {show((p, q))}, recomputed {show((a, b))}"


def first_hit(state: State, later: State) -> Iterator[str]:
    """t_{k+1} > t_k, s_{k+1} is in the box, and some i with g_i != 0 lands on the threshold it heads for."""
    (p, q), (a, b) = state.saddle.jump_time, later.saddle.jump_time
    if a * q <= p * b:
        yield f"the next jump time {show((a, b))} is not after {show((p, q))}"
    yield from (f"at the next jump time {show((a, b))}, {witness}" for witness in outside(later))
    if not any(side * g < 0 for side, g in zip(later.sides, state.g.values, strict=True)):
        yield f"at the next jump time {show((a, b))} no moving coordinate is on its threshold"


def end(state: State) -> Iterator[str]:
    """Each i has g_i = 0 or heads for an infinite threshold."""
    for i, g in enumerate(state.g.values):
        ahead = state.problem.upper[i] if g < 0 else state.problem.lower[i]
        if g != 0 and ahead != INFINITE:
            yield f"{state.g.show(i)} still moves s_{i} towards a finite threshold"


EVERY_SADDLE = {"cone": cone, "stationary": stationary, "dual sign": dual_sign, "loss": loss}


# --- 4. The grammar ---------------------------------------------------------------------------------------


class Bare(str):
    """A JSON number as written: a certificate has none but its version, a problem file may."""


NUMBER = re.compile(
    r"[+-]?(?:[0-9]+/0*[1-9][0-9]*|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,8}))?)"
)


def read_certificate(document: Any, given: Problem | None) -> Certificate:
    """The certificate about the problem inside, else about the one given."""
    required = {"format", "version", "complete", "claims", "digest", "saddles"}
    found = fields(document, "", required, {"problem"})
    need(found["format"] == "exactsaddle certificate", "format", 'must be "exactsaddle certificate"')
    version, digest, complete = found["version"], found["digest"], found["complete"]
    need(type(version) is Bare and version == "1", "version", f"must be 1, not {name(version)}")
    need(type(complete) is bool, "complete", f"must be true or false, not {name(complete)}")
    claims = CLAIMS if complete else CLAIMS[:-1]
    need(found["claims"] == claims, "claims", f"must be {json.dumps(claims)}")
    hexadecimal = type(digest) is str and re.fullmatch("[0-9a-f]{64}", digest)
    need(hexadecimal, "digest", "must be 64 lower-case hexadecimal digits")
    problem = read_problem(found["problem"], "problem") if "problem" in found else given
    if problem is None:
        raise Malformed("problem: absent (a detached certificate): give it, with --problem FILE")
    d = len(problem.columns)
    saddles = each(lambda value, at: read_saddle(value, at, d), found["saddles"], "saddles")
    return Certificate(complete, digest, problem, saddles)


def read_saddle(document: Any, path: str, d: int) -> Saddle:
    """A saddle; its beta lists nonzero entries by column 0, ..., d - 1, ascending."""
    found = fields(document, path, {"jump_time", "beta", "loss"})
    need(type(found["beta"]) is tuple, f"{path}.beta", f"must be an object, not {name(found['beta'])}")
    entries, last = {}, -1
    for key, value in found["beta"]:
        at = f"{path}.beta[{name(key)}]"
        need(re.fullmatch("0|[1-9][0-9]{0,8}", key) and int(key) < d, at, f"not a column: 0 to {d - 1}")
        need(int(key) > last, at, "columns must ascend, each once")
        last = int(key)
        entries[last] = number(value, at)
        need(entries[last], at, "zero entries must be left out")
    scale = lcm(*(q for _, q in entries.values()))
    beta = {i: p * (scale // q) for i, (p, q) in entries.items()}
    return Saddle(
        number(found["jump_time"], f"{path}.jump_time"), beta, scale, number(found["loss"], f"{path}.loss")
    )


def read_problem(document: Any, path: str, written: bool = False) -> Problem:
    """A problem in canonical form, or as a person writes it: any number, one for all columns, defaults."""
    required, optional = {"X", "y"}, {"lower", "upper", "dual"}
    found = fields(document, path, required if written else required | optional, optional | {"names"})
    dot = f"{path}." if path else ""

    def entry(value: Any, at: str) -> Ratio:
        return number(value, at, written)

    def threshold(value: Any, at: str) -> Ratio:
        c = INFINITE if value == "inf" else entry(value, at)
        need(c[0] > 0, at, "a threshold must be positive")
        return c

    y = each(entry, found["y"], f"{dot}y")
    X = each(lambda row, at: each(entry, row, at), found["X"], f"{dot}X", len(y))
    d = len(X[0])
    for i, row in enumerate(X):
        need(len(row) == d, f"{dot}X[{i}]", f"has {len(row)} entries, X[0] has {d}")
    if written:
        for key, default in (("lower", "1"), ("upper", "1"), ("dual", "0")):
            value = found.get(key, default)
            found[key] = value if type(value) is list else [value] * d
    lower, upper = (each(threshold, found[key], dot + key, d) for key in ("lower", "upper"))
    dual = each(entry, found["dual"], f"{dot}dual", d)
    for i in range(d):
        need((lower[i], upper[i]) != (INFINITE, INFINITE), f"{dot}upper[{i}]", "and lower are both infinite")
    if "names" in found:
        each(label, found["names"], f"{dot}names", d)
    scale = lcm(*(q for row in [*X, y] for _, q in row))
    *rows, target = [[p * (scale // q) for p, q in row] for row in [*X, y]]
    columns = [list(column) for column in zip(*rows, strict=True)]
    vectors = {"y": y, "lower": lower, "upper": upper, "dual": dual}
    canonical = {"X": [list(map(text, row)) for row in X]} | {
        k: list(map(text, v)) for k, v in vectors.items()
    }
    compact = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(compact.encode("ascii")).hexdigest()
    return Problem(columns, target, scale, lower, upper, dual, digest)


def number(value: Any, path: str, written: bool = False) -> Ratio:
    """A rational, in the one form that str(Fraction) prints or, if written, in any that a person writes."""
    allowed = type(value) is str or (written and type(value) is Bare)
    need(allowed, path, f'a number must be a string such as "3/10", not {name(value)}')
    match = NUMBER.fullmatch(value) if len(value) <= 2 * MAX_DIGITS + 2 else None
    small = match and abs(int(match[1] or 0)) <= MAX_DIGITS
    need(small, path, f"{name(value)} is not a number, or one of more than {MAX_DIGITS} digits")
    ratio = Fraction(value).as_integer_ratio()
    canonical = text(ratio)
    digits = max(map(len, canonical.lstrip("-").split("/")))
    need(digits <= MAX_DIGITS, path, f"a number of {digits} digits, more than {MAX_DIGITS}")
    need(
        written or canonical == value,
        path,
        f"{name(value)} is not in lowest terms, which are {cut(canonical)}",
    )
    return ratio


def text(ratio: Ratio) -> str:
    """The canonical string of a ratio."""
    return "inf" if ratio == INFINITE else str(ratio[0]) if ratio[1] == 1 else f"{ratio[0]}/{ratio[1]}"


def label(value: Any, path: str) -> str:
    """A feature name: any text."""
    need(
        type(value) is str and not re.search("[\ud800-\udfff]", value),
        path,
        f"must be text, not {name(value)}",
    )
    return str(value)


def fields(value: Any, path: str, required: set[str], optional: set[str] = frozenset()) -> dict[str, Any]:
    """The fields of an object: every required one, no unknown one, none twice."""
    need(type(value) is tuple, path, f"must be an object, not {name(value)}")
    found: dict[str, Any] = {}
    for key, item in value:
        need(key in required | optional, path, f"unknown field {name(key)}")
        need(key not in found, path, f"field {name(key)} twice")
        found[key] = item
    need(required <= found.keys(), path, f"field {name(min(required - found.keys(), default=''))} is missing")
    return found


def each(read: Callable[[Any, str], T], value: Any, path: str, length: int | None = None) -> list[T]:
    """What read makes of each item of a non-empty array, of the given length if any."""
    need(type(value) is list and value, path, f"must be a non-empty array, not {name(value)}")
    need(length in (None, len(value)), path, f"has {len(value)} entries, not {length}")
    return [read(item, f"{path}[{i}]") for i, item in enumerate(value)]


def need(condition: object, path: str, message: str) -> None:
    """Refuse the document unless condition holds."""
    if not condition:
        raise Malformed(f"{path}: {message}" if path else message)


def name(value: Any) -> str:
    """A JSON value, in ASCII, for a message."""
    if isinstance(value, (list, tuple)):
        return "an array" if type(value) is list else "an object"
    return cut(str(value) if type(value) is Bare else json.dumps(value))


def show(ratio: Ratio) -> str:
    """A ratio in lowest terms, for a message."""
    common = gcd(*ratio)
    p, q = (cut(str(part // common)) for part in ratio)
    return p if q == "1" else f"{p}/{q}"


def cut(text: str) -> str:
    """Long text by its ends and length."""
    return text if len(text) <= 64 else f"{text[:12]}...{text[-6:]} ({len(text)} characters)"


def load(text: str | bytes, source: str, read: Callable[[Any], T]) -> T:
    """What read makes of the JSON in text: objects are tuples of pairs, so that a key given twice shows."""
    try:
        need(len(text) <= MAX_BYTES, "", f"longer than {MAX_BYTES} bytes")
        decoded = text if isinstance(text, str) else text.decode()
        return read(
            json.loads(
                decoded, object_pairs_hook=tuple, parse_int=Bare, parse_float=Bare, parse_constant=Bare
            )
        )
    except Malformed as error:
        raise Malformed(f"{source}{error}") from None
    except RecursionError:
        raise Malformed(f"{source}nested too deeply") from None
    except ValueError as error:  # of json, or of the UTF-8 codec
        raise Malformed(f"{source}not JSON in UTF-8: {error}") from None


# --- 5. The command line ----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Check the certificate that the command line names; the exit code says the verdict."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("certificate", help="certificate in JSON; - for standard input")
    parser.add_argument(
        "--problem", metavar="FILE", help="problem in JSON, which a detached certificate needs"
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    options = parser.parse_args(arguments)
    names = (f"{options.certificate}: ", f"{options.problem}: ")
    try:
        problem = None if options.problem is None else content(options.problem)
        report = check(content(options.certificate), problem, names)
    except Malformed as error:
        print("malformed:", str(error).encode("ascii", "backslashreplace").decode(), file=sys.stderr)
        return 2
    print(json.dumps(asdict(report)) if options.json else report)
    return {"verified": 0, "rejected": 1, "unchecked": 3}[report.verdict]


def content(file: str) -> bytes:
    """The bytes of a file: at most one more than are taken."""
    try:
        with open(sys.stdin.fileno() if file == "-" else file, "rb", closefd=file != "-") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise Malformed(f"{file}: cannot be read: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
