"""The report of a rejected certificate: the witness, what it states, and the exact path of its problem."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from exactsaddle.base import counted
from exactsaddle.certificates import StoredCertificate
from exactsaddle.numbers import parse_rational, shorten
from exactsaddle.path import SaddlePath
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import absent, coordinates, facts, paragraph, table
from exactsaddle.report.contents.certificate import claim_meanings, verdict_meaning
from exactsaddle.report.contents.origin import Origin, check_section, made_by, made_section
from exactsaddle.report.document import Banner, Block, Code, Document, Section, Strong, Word, words
from exactsaddle.report.findings import Absent, Certified

_FAILURE = re.compile(r"saddle (?P<saddle>\d+): (?P<claim>[^:]+): (?P<witness>.*)", re.DOTALL)


def rejected_document(stored: StoredCertificate, exact: SaddlePath | Absent, origin: Origin) -> Document:
    """What can be said of a certificate without trusting it.

    exact is the path of the problem that the certificate states, solved anew, or why there is none.
    """
    certified = Certified.stored(stored)
    failure = _FAILURE.fullmatch(stored.verdict.evidence)
    return Document(
        title=f"REJECTED: the certificate {shorten(origin.name, 60)}",
        subtitle="A claim of this certificate is false. Nothing below is taken from it on trust.",
        banner=Banner(
            stored.verdict.status,
            words(
                f"By the independent checker {stored.checker}: {verdict_meaning(stored.verdict.status)}. ",
                Strong(f"REJECTED: {stored.verdict.evidence}."),
            ),
        ),
        sections=(
            Section("witness", "The false claim", _witness(failure, certified)),
            Section(
                "stated", "What the certificate states, beside the exact path", _comparison(stored, exact)
            ),
            check_section(certified),
            made_section(stored.problem, origin),
        ),
        made_by=made_by(stored.problem, origin),
    )


def _witness(failure: re.Match[str] | None, certified: Certified) -> tuple[Block, ...]:
    if failure is None:
        return (paragraph(Strong(certified.verdict.evidence)),)
    asserted = dict(claim_meanings(certified.checker, certified.claims)).get(failure["claim"], "")
    rows: list[tuple[str, Word]] = [
        ("at saddle", failure["saddle"]),
        ("claim", Code(failure["claim"])),
        ("what it asserts", asserted),
        ("witness", failure["witness"]),
    ]
    return (
        paragraph(
            "The checker stops at the first claim that it finds false, and names the numbers that refute it. "
            "It says nothing about the rest."
        ),
        facts("failure", words("The claim that is false."), [row for row in rows if row[1]]),
    )


def _comparison(stored: StoredCertificate, exact: SaddlePath | Absent) -> tuple[Block, ...]:
    n, d = stored.problem.shape
    intro = paragraph(
        f"It states {counted(len(stored.saddles), 'saddle')} of a problem of {counted(n, 'observation')} and "
        f"{counted(d, 'coordinate')}, digest ",
        Code(stored.problem.digest),
        ". These are its statements, ",
        Strong("not facts"),
        *(
            ["."]
            if isinstance(exact, Absent)
            else [
                "; beside them, the saddles of the same problem solved anew in exact arithmetic. Rows that "
                "differ are marked ≠."
            ]
        ),
    )
    if isinstance(exact, Absent):
        return intro, absent("the exact path of the problem", exact), _stated_alone(stored)
    return intro, _side_by_side(stored, exact)


def _side_by_side(stored: StoredCertificate, exact: SaddlePath) -> Block:
    return table(
        "comparison",
        words("Stated, and exact."),
        (
            "k",
            "",
            "time stated",
            "time exact",
            "support stated",
            "support exact",
            "loss stated",
            "loss exact",
        ),
        _rows(stored, exact),
        left=(1, 4, 5),
    )


def _rows(stored: StoredCertificate, exact: SaddlePath) -> Iterator[tuple[Word, ...]]:
    names = stored.problem.names
    for k in range(max(len(stored.saddles), len(exact))):
        said = _said(stored.saddles[k], names) if k < len(stored.saddles) else ("—", "—", "—")
        true: tuple[Word, Word, Word] = ("—", "—", "—")
        if k < len(exact):
            saddle = exact[k]
            support = coordinates(saddle.support, names)
            true = (numbers.jump_time(exact, saddle), support, numbers.loss(exact, saddle))
        differs = any(a != b for a, b in zip(said, true, strict=True) if a != "")
        yield str(k), "≠" if differs else "", said[0], true[0], said[1], true[1], said[2], true[2]


def _said(saddle: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Word, Word, Word]:
    """Time, support and loss as stated; the empty word where a certificate of events states none."""
    columns = saddle["beta"] if "loss" in saddle else saddle["support"]
    time, loss = (
        numbers.number(parse_rational(saddle[key])) if key in saddle else "" for key in ("jump_time", "loss")
    )
    return time, coordinates((int(i) for i in columns if int(i) < len(names)), names), loss


def _stated_alone(stored: StoredCertificate) -> Block:
    names = stored.problem.names
    return table(
        "stated-saddles",
        words("Stated, not verified."),
        ("k", "time", "support", "loss"),
        ((str(k), *_said(saddle, names)) for k, saddle in enumerate(stored.saddles)),
        left=(2,),
    )
