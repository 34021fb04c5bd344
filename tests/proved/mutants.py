"""Documents near certificates: most are false, some true, some malformed; checkers must agree on each."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

from exactsaddle import Problem, saddle_path

CORPUS = Path(__file__).parents[1] / "certificates"
Document = dict[str, Any]


def digest(problem: Document) -> str:
    content = {key: problem[key] for key in ("X", "y", "lower", "upper", "dual")}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, (dict, list)) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [path for key, item in items for path in leaves(item, (*at, key))]
    return [at]


# --- Syntactic: another value or order somewhere -------------------------------------------------------


def another_leaf(changed: Document, rng: random.Random) -> None:
    *path, last = rng.choice(leaves(changed))
    place = changed
    for key in path:
        place = place[key]
    near = ["0", "1", "-1", "1/2", "-2", "inf", "2/2", True, None, 1, "7", [], {}, "1e1", "1/0"]
    old = place[last]
    if isinstance(old, str) and old.lstrip("-").isdigit():
        near += [str(int(old) + 1), str(-int(old)), old + "/3", str(2 * int(old))] * 4
    if rng.randrange(5) == 0 and isinstance(place, dict) and str(last).isdigit():
        place[str(rng.randrange(4))] = place.pop(last)
    else:
        place[last] = rng.choice(near)


def swapped_saddles(changed: Document, rng: random.Random) -> None:
    i, j = rng.choices(range(len(changed["saddles"])), k=2)
    changed["saddles"][i], changed["saddles"][j] = changed["saddles"][j], changed["saddles"][i]


def saddle_left_out(changed: Document, rng: random.Random) -> None:
    del changed["saddles"][rng.randrange(len(changed["saddles"]))]


def saddle_twice(changed: Document, rng: random.Random) -> None:
    saddles = changed["saddles"]
    saddles.insert(rng.randrange(len(saddles) + 1), copy.deepcopy(rng.choice(saddles)))


def swapped_fields(changed: Document, rng: random.Random) -> None:
    first, second = rng.choice(changed["saddles"]), rng.choice(changed["saddles"])
    key = rng.choice(sorted(first))
    first[key], second[key] = second[key], first[key]


# --- Semantic: a document that could well be meant -----------------------------------------------------


def jumps_merged(changed: Document, rng: random.Random) -> None:
    """Two jumps become one: the saddle between them is gone, and the later one begins at its time."""
    saddles = changed["saddles"]
    if len(saddles) > 1:
        k = rng.randrange(len(saddles) - 1)
        saddles[k + 1]["jump_time"] = saddles[k]["jump_time"]
        del saddles[k]


def loss(problem: Document, beta: dict[str, str]) -> str:
    b = {int(j): Fraction(value) for j, value in beta.items()}
    rows = zip(problem["X"], problem["y"], strict=True)
    squares = [(sum((Fraction(row[j]) * v for j, v in b.items()), -Fraction(y))) ** 2 for row, y in rows]
    return str(sum(squares) / (2 * len(squares)))


def another_vertex(changed: Document, rng: random.Random) -> None:
    """Some beta becomes a point near it, or the mean of two, and its loss is made right."""
    saddle = rng.choice(changed["saddles"])
    beta = {j: Fraction(value) for j, value in saddle["beta"].items()}
    if rng.random() < 0.5:
        other = rng.choice(changed["saddles"])["beta"]
        keys = sorted({*beta, *other}, key=int)
        beta = {j: (beta.get(j, Fraction(0)) + Fraction(other.get(j, "0"))) / 2 for j in keys}
    else:
        j = str(rng.randrange(len(changed["problem"]["X"][0])))
        beta[j] = beta.get(j, Fraction(0)) + rng.choice([Fraction(1, 7), Fraction(-1, 3), Fraction(1)])
    saddle["beta"] = {j: str(beta[j]) for j in sorted(beta, key=int) if beta[j]}
    saddle["loss"] = loss(changed["problem"], saddle["beta"])


def another_threshold(changed: Document, rng: random.Random) -> None:
    """A threshold is larger, smaller or infinite, and the digest of that problem is stated."""
    side = changed["problem"][rng.choice(["lower", "upper"])]
    j = rng.randrange(len(side))
    old = Fraction(1) if side[j] == "inf" else Fraction(side[j])
    side[j] = rng.choice([str(old * 2), str(old / 2), str(old + Fraction(1, 1000)), "inf", "1"])


def unique_or_not(changed: Document, rng: random.Random) -> None:
    """Uniqueness is claimed with a proof that could be one, or a second minimiser that is none is."""
    n, d = len(changed["problem"]["X"]), len(changed["problem"]["X"][0])
    for saddle in changed["saddles"]:
        if rng.random() < 0.5 or "uniqueness" not in saddle:
            size = len(saddle["beta"])
            proof = {"unique": True, "w": [str(rng.randint(-2, 2)) for _ in range(n)]}
            proof |= {"prime": rng.choice(["2", "7", "101"]), "rows": rng.sample(range(n), min(n, size))}
            second = {j: str(2 * Fraction(value)) for j, value in saddle["beta"].items()}
            second[str(rng.randrange(d))] = "1/2"
            other = {"unique": False, "second": {j: second[j] for j in sorted(second, key=int)}}
            saddle["uniqueness"] = rng.choice([proof, other])
    if "uniqueness" not in changed["claims"]:
        changed["claims"] = [*changed["claims"], "uniqueness"]


SYNTACTIC = (another_leaf, another_leaf, swapped_saddles, saddle_left_out, saddle_twice, swapped_fields)
SEMANTIC = (jumps_merged, another_vertex, another_threshold, unique_or_not)


def mutant(document: Document, rng: random.Random) -> Document:
    """A document near this one, with the digest made right after a semantic change and half of the others."""
    changed, change = copy.deepcopy(document), rng.choice(SYNTACTIC + SEMANTIC)
    with contextlib.suppress(
        KeyError, IndexError, ValueError, ZeroDivisionError
    ):  # one of a document without
        change(changed, rng)
    if change in SEMANTIC or rng.random() < 0.5:
        with contextlib.suppress(KeyError, TypeError):
            changed["digest"] = digest(changed["problem"])
    return changed


def originals() -> list[Document]:
    files = [path for path in sorted(CORPUS.glob("*/*.json")) if not path.name.endswith(".problem.json")]
    found = [json.loads(path.read_text()) for path in files if path.parent.name != "malformed"]
    problems = [([[4, 0, 2], [0, 4, 2]], [4, 3]), ([[0, -1], [1, 2]], [-1, -2])]
    problems += [([[2, 1, 0, 1], [1, 3, -1, 2], [0, 1, 2, -1]], [3, -1, 2]), ([[1, 1], [2, 2]], [1, 3])]
    for rows, y in problems:
        path = saddle_path(Problem(rows, y))
        found += [json.loads(path.certificate(uniqueness=u).to_text()) for u in (False, True)]
    return found


def texts(count: int, seed: int) -> list[str]:
    """That many mutants as JSON."""
    rng, documents = random.Random(seed), originals()
    return [json.dumps(mutant(rng.choice(documents), rng)) for _ in range(count)]
