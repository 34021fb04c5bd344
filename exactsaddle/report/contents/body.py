"""Findings and pictures as a Document: what a report says, once for all formats."""

from __future__ import annotations

from collections.abc import Iterator

from exactsaddle.certificates import EXACT_CHECKER
from exactsaddle.numbers import shorten
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.problem import Problem
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import (
    Origin,
    absent,
    coordinates,
    details,
    facts,
    named,
    paragraph,
    table,
)
from exactsaddle.report.contents.certificate import claim_meanings, not_claimed, verdict_meaning
from exactsaddle.report.contents.evidence import evidence_section
from exactsaddle.report.contents.flow import flow_section, lasso_section
from exactsaddle.report.contents.minimisers import minimum_section, uniqueness_section
from exactsaddle.report.contents.timeline import timeline
from exactsaddle.report.document import (
    Attachment,
    Banner,
    Block,
    Code,
    Document,
    Link,
    Listing,
    Picture,
    Points,
    Section,
    Strong,
    Word,
    Words,
    words,
)
from exactsaddle.report.findings import Absent, Certified, Findings
from exactsaddle.report.text import counted

MAX_COEFFICIENTS = 2_000
"""The most coefficients β_k,i that the page lists one by one."""
CERTIFICATE = "certificate.json"


def report_document(findings: Findings, pictures: tuple[Picture, ...] | Absent, origin: Origin) -> Document:
    """The report of a path whose certificate was not rejected."""
    path = findings.path
    n, d = path.problem.shape
    last = numbers.jump_time(path, path[-1], 6)
    return Document(
        title=f"The saddle-to-saddle path of {shorten(origin.name, 60)}",
        subtitle=(
            f"{counted(n, 'observation')} of {counted(d, 'coordinate')}; {counted(len(path), 'saddle')}, "
            f"last jump at accelerated time t {last.relation} {last.decimal}"
        ),
        banner=Banner(findings.verdict.status, _banner(findings)),
        sections=(
            _verified_section(findings.certified),
            _problem_section(path.problem, origin),
            _path_section(path),
            *([_pictures_section(pictures)] if pictures else []),
            uniqueness_section(findings),
            minimum_section(findings),
            flow_section(findings),
            lasso_section(findings),
            evidence_section(findings),
            _limits_section(findings),
            check_section(findings.certified),
            made_section(path.problem, origin),
        ),
        made_by=made_by(path.problem, origin),
        timeline=timeline(path),
    )


def _banner(findings: Findings) -> Words:
    """The verdict and what it is about, in the words of CERTIFICATE.md."""
    certified = findings.certified
    verdict = certified.verdict
    if findings.verdict is not verdict:
        return words(
            Strong(f"REJECTED: {findings.verdict.evidence}. "),
            "The checker accepts the certificate, but a property that every exact path has is false of this "
            "one: see ",
            Link("properties", "#properties"),
            ". This is a defect of the program or of its mathematics; please report it.",
        )
    return words(
        f"By the independent checker {certified.checker}: {verdict_meaning(verdict.status)}. ",
        f"It says: {verdict.evidence}.",
        *([] if findings.path.complete else [f" The path is a prefix: {findings.path.stopped_by}."]),
    )


# --- sections ---------------------------------------------------------------------------------


def _verified_section(certified: Certified) -> Section:
    exact = certified.checker == EXACT_CHECKER
    how = (
        "recomputed it over the rationals: nothing is rounded, nothing is compared by floats."
        if exact
        else "computed every number itself in interval arithmetic: supports, signs and hits are proved; "
        "the decimals in this report come from the solver's own rigorous bounds."
    )
    return Section(
        "verified",
        "What was verified, and by what",
        (
            paragraph(
                "The path below is stated by a certificate, which is attached. ",
                Code(f"proofs_checks/{certified.checker}"),
                ", one file of the Python standard library that shares no code with the solver, read it and ",
                how,
            ),
            table(
                "claims-of-certificate",
                words(
                    "The claims of the certificate, ",
                    Strong(certified.verdict.status.value),
                    " by the checker, in the words of CERTIFICATE.md. ",
                    *formula.typeset(
                        "Here g_k is the gradient at β_k, and σ_i is the sign of the threshold that s_k,i is "
                        "on, 0 if on none."
                    ),
                ),
                ("claim", "asserted, for every saddle k" if exact else "how it is proved"),
                (
                    (Code(name), formula.typeset(meaning))
                    for name, meaning in claim_meanings(certified.checker, certified.claims)
                ),
                left=(0, 1),
            ),
            paragraph(
                "Elsewhere in this report a statement is ",
                Strong("proved exactly"),
                " (over the rationals), a ",
                Strong("rigorous enclosure"),
                " (a ball that contains the true value) or ",
                Strong("numerical evidence"),
                " (digits that nothing proves), and says which.",
            ),
        ),
    )


def _problem_section(problem: Problem, origin: Origin) -> Section:
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
                " of a two-layer diagonal linear network ",
                formula.NETWORK,
                " from ",
                formula.START,
                ". As ",
                formula.ALPHA_TO_ZERO,
                ", in accelerated time t (real time is ",
                formula.REAL_TIME,
                "), it jumps between the saddles listed below (Pesme & Flammarion, NeurIPS 2023).",
            ),
            facts(
                "problem-facts",
                words("The data"),
                (
                    ("name", shorten(origin.name, 200)),
                    ("description", shorten(origin.description, 400)),
                    ("shape", f"n = {problem.n:,} observations, d = {problem.d:,} coordinates"),
                    ("numbers", source),
                    ("thresholds and start", standard if problem.is_standard else "given; see below"),
                    ("digest (SHA-256)", Code(problem.digest)),
                ),
            ),
            *([] if problem.is_standard else [_box_table(problem)]),
        ),
    )


def _box_table(problem: Problem) -> Block:
    return table(
        "thresholds",
        words("Thresholds and initial dual; the dual of a coordinate stays between −lower and upper."),
        ("i", "coordinate", "lower", "upper", "initial dual"),
        (
            (
                str(i),
                named(name),
                *("∞" if c == "inf" else numbers.number(c) for c in (lower, upper)),
                numbers.number(dual),
            )
            for i, (name, lower, upper, dual) in enumerate(
                zip(problem.names, problem.lower, problem.upper, problem.dual, strict=True)
            )
        ),
        left=(1,),
    )


def _path_section(path: SaddlePath) -> Section:
    leaves = sum(bool(jump.left) for jump in path.events)
    together = sum(len(jump.hits) > 1 for jump in path.events)
    remarks: list[Word] = [
        f"{counted(len(path), 'saddle')}, {counted(len(path.events), 'jump')}. On ",
        formula.PLATEAU,
        " the limit rests at ",
        formula.BETA_K,
        " while the dual moves on a straight line, ",
        formula.DUAL_FLOW,
        ", until a coordinate reaches its threshold. ",
        f"A coordinate leaves the support at {counted(leaves, 'jump')}. "
        if leaves
        else "No coordinate ever leaves the support. ",
        f"Several coordinates hit together at {counted(together, 'jump')}: exact ties."
        if together
        else "No two coordinates hit together.",
    ]
    names = path.problem.names
    blocks: list[Block] = [
        paragraph(*remarks),
        table(
            "saddles",
            words(
                "The saddles. ",
                "Decimals are correctly rounded; an exact value of more than "
                f"{numbers.MAX_EXACT_DIGITS:,} digits is in the certificate only."
                if path.decisions is None
                else "Decimals are correctly rounded from rigorous bounds; exact values are too long to "
                "be made.",
            ),
            (
                "k",
                ("jump time ", formula.T_K),
                "enters",
                "leaves",
                formula.SUPPORT,
                formula.LOSS_K,
                formula.L1_NORM,
            ),
            (
                (
                    str(saddle.index),
                    numbers.jump_time(path, saddle),
                    coordinates(entered, names) + _silent(path, saddle, entered),
                    coordinates(left, names),
                    str(len(saddle.support)),
                    numbers.loss(path, saddle, 7),
                    numbers.l1_norm(path, saddle, 7),
                )
                for saddle, entered, left in _steps(path)
            ),
            left=(2, 3),
        ),
    ]
    count = sum(len(saddle.support) for saddle in path)
    if count <= MAX_COEFFICIENTS:
        blocks.append(_coefficients(path))
    else:
        blocks.append(
            paragraph(
                f"The {count:,} nonzero coefficients are too many for a page; the certificate and the JSON "
                "form of this report have them."
            )
        )
    return Section("path", "The path", tuple(blocks))


def _steps(path: SaddlePath) -> Iterator[tuple[Saddle, tuple[int, ...], tuple[int, ...]]]:
    yield path[0], path[0].support, ()
    for jump in path.events:
        yield jump.saddle, jump.entered, jump.left


def _silent(path: SaddlePath, saddle: Saddle, entered: tuple[int, ...]) -> str:
    """Who hit a threshold without entering: a tie whose least squares leaves it at zero."""
    hits = path[saddle.index - 1].hits if saddle.index else {}
    idle = [i for i in hits if i not in entered]
    return f" ({coordinates(idle, path.problem.names)} hit, and stays at 0)" if idle else ""


def _coefficients(path: SaddlePath) -> Block:
    names = path.problem.names
    return details(
        "Every nonzero coefficient of every saddle",
        table(
            "coefficients",
            words("The nonzero coefficients of ", formula.BETA_K, "."),
            ("k", "i", "coordinate", "β_k,i"),
            (
                (str(saddle.index), str(i), named(names[i]), numbers.beta(path, saddle, i))
                for saddle in path
                for i in saddle.support
            ),
            left=(2,),
        ),
    )


def _pictures_section(pictures: tuple[Picture, ...] | Absent) -> Section:
    blocks = (absent("pictures", pictures),) if isinstance(pictures, Absent) else pictures
    return Section("pictures", "Pictures", blocks)


def _limits_section(findings: Findings) -> Section:
    points: list[Words] = [words(text) for text in not_claimed()]
    if not findings.path.problem.is_standard:
        points.append(
            words("Thresholds or the initial dual are not the paper's: its theorems do not cover them.")
        )
    if any(here.unique is False for here in findings.minimisers):
        points.append(
            words(
                "Where the minimiser is not unique, ",
                formula.BETA_K,
                " is one vertex of the set of minimisers, not the limit of the flow; what the flow "
                "selects is "
                "enclosed by the solver, not by the checker.",
            )
        )
    points.append(words("Numbers labelled numerical evidence prove nothing."))
    return Section("limits", "Limits of what is claimed", (paragraph("Not claimed:"), Points(tuple(points))))


def check_section(certified: Certified) -> Section:
    """How a reader checks the report without trusting the program that wrote it."""
    return Section(
        "check",
        "Check it yourself",
        (
            paragraph("Save the certificate, take one file of the source code, and run it:"),
            Attachment(
                CERTIFICATE,
                "application/json",
                certified.text.encode(),
                words(f"The certificate, {len(certified.text.encode()):,} bytes"),
            ),
            Listing(
                f"python -I {certified.checker} {CERTIFICATE}",
                f"With {certified.checker} from the folder proofs_checks"
                + ("" if certified.checker == EXACT_CHECKER else ", and check_path.py beside it"),
            ),
            Listing(f"exactsaddle check {CERTIFICATE}", "Or with the package installed"),
            paragraph(
                "Exit code 0 means verified, 1 rejected, 2 malformed, 3 unchecked. The digest of the "
                "problem in "
                "the certificate must be the one printed above."
            ),
        ),
    )


def made_section(problem: Problem, origin: Origin) -> Section:
    """How the report was made."""
    return Section(
        "made",
        "How this report was made",
        (
            Listing(origin.command, f"exactsaddle {origin.version}"),
            paragraph(
                "The input has the digest ",
                Code(problem.digest),
                ". The same input and the same versions give the same report, byte for byte.",
            ),
        ),
    )


def made_by(problem: Problem, origin: Origin) -> Words:
    """The line at the end: command, version, digest."""
    return words(Code(origin.command), f", exactsaddle {origin.version}, problem ", Code(problem.digest[:16]))
