"""The problem in words and facts: data, thresholds, start, digest."""

from __future__ import annotations

from flint import fmpq

from exactsaddle.numbers import Number, number_text, shorten
from exactsaddle.problem import Network, Problem
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import facts, named, paragraph, table
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.document import Block, Code, Section, Word, Words, words


def problem_section(problem: Problem, origin: Origin) -> Section:
    """What is solved, on which data."""
    standard = "all thresholds 1, initial dual 0"
    source = {"exact": "exact, as written"}.get(
        problem.source, f"{problem.source} floats, taken at their exact dyadic value"
    )
    return Section(
        "problem",
        "The problem",
        (
            paragraph(
                "Gradient flow on the loss ",
                formula.LOSS,
                *_network(problem.network),
                "), it jumps between the saddles listed below (Pesme & Flammarion, NeurIPS 2023).",
            ),
            facts(
                "problem-facts",
                words("The data"),
                (
                    ("name", shorten(origin.name, 200)),
                    *_described(problem, origin),
                    ("shape", f"n = {problem.n:,} observations, d = {problem.d:,} coordinates"),
                    ("numbers", source),
                    *([] if problem.resolution.is_exact else [("resolution", str(problem.resolution))]),
                    *(("read", shorten(sentence, 300)) for sentence in problem.source.reading),
                    *_units(problem.network),
                    ("thresholds and start", standard if problem.is_standard else "given; see below"),
                    ("digest (SHA-256)", Code(problem.digest)),
                ),
            ),
            *([] if problem.is_standard else [_box_table(problem)]),
        ),
    )


def _described(problem: Problem, origin: Origin) -> list[tuple[str, str]]:
    """What is said of the data beyond their shape and kind, which have rows of their own."""
    own = {f"{problem.n} × {problem.d}", f"{problem.source} floats at their exact dyadic value"}
    said = ", ".join(part for part in origin.description.split(", ") if part not in own)
    return [("description", shorten(said, 400))] if said else []


def _network(network: Network) -> Words:
    """The network, where it starts, and its clock."""
    if network == Network():
        return words(
            " of a two-layer diagonal linear network ",
            formula.NETWORK,
            " from ",
            formula.START,
            ". As ",
            formula.ALPHA_TO_ZERO,
            ", in accelerated time t (real time is ",
            formula.REAL_TIME,
        )
    divided = "" if network.units is None else ", trained on the columns divided by the numbers below"
    return words(
        *formula.raised(
            f" of the diagonal linear network {network.bare}{divided}, from weights of order α. As "
        ),
        formula.ALPHA_TO_ZERO,
        *formula.raised(f", in accelerated time t (real time is {network.clock}"),
    )


def _units(network: Network) -> list[tuple[str, str]]:
    """By what columns are divided, where they are."""
    texts = network.to_json().get("units", ())
    return [("columns divided by", shorten(", ".join(texts), 400))] if texts else []


def _box_table(problem: Problem) -> Block:
    return table(
        "thresholds",
        words("Thresholds and initial dual; the dual of a coordinate stays between −lower and upper."),
        ("i", "coordinate", "lower", "upper", "initial dual"),
        (
            (
                str(i),
                named(name),
                *map(_number, (problem.bound(i, -1), problem.bound(i, 1), problem.initial_dual[i])),
            )
            for i, name in enumerate(problem.names)
        ),
        left=(1,),
    )


def _number(value: Number | None) -> Word:
    """A threshold or a dual: a rational, a square root, or ∞."""
    if value is None:
        return "∞"
    return numbers.number(value) if isinstance(value, fmpq) else number_text(value)
