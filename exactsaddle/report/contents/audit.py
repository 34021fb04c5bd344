"""The audit of a training run as a Document."""

from __future__ import annotations

from collections.abc import Iterator

from exactsaddle.audit import Audit
from exactsaddle.base import counted
from exactsaddle.numbers import shorten
from exactsaddle.report.contents.building import facts, named, paragraph, table
from exactsaddle.report.contents.origin import Origin, made_by, made_section
from exactsaddle.report.contents.problem import problem_section
from exactsaddle.report.contents.saddles import path_section
from exactsaddle.report.document import (
    Banner,
    Block,
    Document,
    Listing,
    Paragraph,
    Picture,
    Points,
    Section,
    Strong,
    Word,
    words,
)


def audit_document(found: Audit, pictures: tuple[Picture, ...], origin: Origin) -> Document:
    """What a run did, beside what theory says it should have done."""
    grounds = found.words.partition(": ")[2] or found.words
    return Document(
        title=f"Audit of a training run on {shorten(origin.name, 60)}",
        subtitle=f"{counted(len(found.run), 'row')} of the log; {counted(len(found.path), 'saddle')}",
        banner=Banner(found.status, words(f"{grounds[0].upper()}{grounds[1:]}."), found.verdict),
        sections=(
            Section("run", "What explains the run", tuple(_explanation(found))),
            *([Section("pictures", "Pictures", pictures)] if pictures else []),
            Section("visited", "Where it rested, and when coordinates arrived", tuple(_visited(found))),
            Section("apart", "How far apart", tuple(_distances(found))),
            Section("cite", "The sentence for a paper", (Listing(_sentence(found)),)),
            path_section(found.path),
            problem_section(found.problem, origin),
            made_section(found.problem, origin),
        ),
        made_by=made_by(found.problem, origin),
    )


def _explanation(found: Audit) -> Iterator[Block]:
    account = found.account
    stated = "not stated" if found.stated_alpha is None else f"{found.stated_alpha:.6g}"
    rows: list[tuple[str, Word]] = [("α as stated", stated)]
    if account is not None:
        rows += [
            ("α that explains it, in the paper's convention", f"{account.alpha:.6g}{_spread(found)}"),
            ("clock", f"{account.factor:.6g} times the paper's"),
            ("conventions", str(account)),
        ]
    if found.rule is not None:
        rows.append(("rule that explains every row", found.rule.rule))
    rows.append(("tolerance", f"{found.tolerance:.2g} of the largest |β|"))
    yield facts(
        "account", words("What was found from the log alone (", Strong("numerical evidence"), ")."), rows
    )
    if found.reasons:
        yield Points(tuple(words(reason) for reason in found.reasons))
    yield Paragraph(
        words(
            "The path is ", Strong("proved exactly"), ", the flow a ", Strong("rigorous enclosure"),
            "; the log is taken as given, and descent repeated from the same start in binary64 is numerical "
            "evidence.",
        )
    )  # fmt: skip


def _spread(found: Audit) -> str:
    return "" if found.alpha_spread is None else f", inferred to {found.alpha_spread:.2g} of itself"


def _visited(found: Audit) -> Iterator[Block]:
    visited = found.itinerary
    if visited is None:
        yield paragraph("Nothing explains the log, so its clock is not known.")
        return
    alone = "" if found.beta is not None else " The log has losses alone: each is beside L(β_k)/L(0)."
    yield table(
        "plateaus",
        words(f"Plateaus found from the log alone, in accelerated time, and the saddle each is at.{alone}"),
        ("from t", "to t", "saddle", "distance"),
        (
            (
                _shown(p.start),
                _shown(p.end),
                "none" if p.saddle is None else str(p.saddle),
                _shown(p.distance, 2),
            )
            for p in visited.plateaus
        ),
    )
    for what, saddles in (("not visited", visited.missed), ("out of order", visited.swapped)):
        if saddles:
            yield paragraph(Strong(f"Saddles {what}: "), ", ".join(map(str, saddles)), ".")
    if not found.arrivals:
        return
    names = found.problem.names
    yield table(
        "arrivals",
        words(
            "When each coordinate has half of its new value: in the run and in repeated descent. Between "
            "them the jump time of the limit of the flow, that with its first correction at this α, and the "
            "jump time of the limit of the descent at this step, each for α → 0."
        ),
        ("coordinate", "saddle", "run", "flow's limit", "at this α", "descent's limit", "repeated"),
        (
            (
                named(names[a.coordinate]),
                str(a.saddle),
                *map(_shown, (a.run, a.limit, a.at_alpha, a.descent, a.repeated)),
            )
            for a in found.arrivals
        ),
        left=(0,),
    )


def _distances(found: Audit) -> Iterator[Block]:
    if not found.distances:
        yield paragraph("No distances: the log has losses alone.")
        return
    yield table(
        "differences",
        words(
            "The largest difference over coordinates, at rows spread over the run. By the step: what it "
            "does to the flow to first order (modified equation). Beyond it: what then is left of the run."
        ),
        (
            "t",
            "run to limit",
            "flow to limit",
            "run to flow",
            "by the step",
            "beyond it",
            "run to descent",
        ),
        (
            (
                f"{d.time:.5g}",
                *(
                    _shown(v, 2)
                    for v in (
                        d.run_limit,
                        d.flow_limit,
                        d.run_flow,
                        d.predicted,
                        d.beyond,
                        d.run_descent,
                    )
                ),
            )
            for d in found.distances
        ),
    )


def _shown(value: float | None, digits: int = 5) -> str:
    return "—" if value is None else f"{value:.{digits}g}"


def _sentence(found: Audit) -> str:
    against = f"the exact saddle-to-saddle path of the data (digest {found.problem.digest[:16]})"
    return f"Audited with exactsaddle against {against}: the run {found.words}."
