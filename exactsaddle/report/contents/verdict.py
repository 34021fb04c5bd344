"""The verdict in words: what it is about, what was verified and by what, and what is not claimed."""

from __future__ import annotations

from exactsaddle.base import counted
from exactsaddle.certificates import DIGITS, EXACT_CHECKER, NUMBERS
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents.building import paragraph, table
from exactsaddle.report.contents.certificate import claim_meanings, not_claimed, verdict_meaning
from exactsaddle.report.document import Banner, Code, Link, Points, Section, Strong, Words, words
from exactsaddle.report.findings import Certified, Findings


def banner(findings: Findings) -> Banner:
    """The verdict and what it is about, in the words of CERTIFICATE.md."""
    certified = findings.certified
    verdict = certified.verdict
    if findings.verdict is not verdict:
        told = words(
            Strong(f"REJECTED: {findings.verdict.evidence}. "),
            "The checker accepts the certificate, but a property that every exact path has is false of this "
            "one: see ",
            Link("properties", "#properties"),
            ". This is a defect of the program or of its mathematics; please report it.",
        )
    else:
        told = words(
            f"By the independent checker {certified.checker}: "
            f"{verdict_meaning(verdict.status, stopped=certified.stopped)}. ",
            f"It says: {verdict.evidence}.",
            *_ends_before(findings),
        )
    return Banner(findings.verdict.status, told)


def _ends_before(findings: Findings) -> list[str]:
    if findings.beyond:
        left = counted(findings.beyond, "saddle")
        return [f" The report ends before {left} that fit the rounding of the data."]
    if findings.path.stop is not None:
        return [f" The path is not complete: it ends at its stop, {findings.path.stopped_by}."]
    return [] if findings.path.complete else [f" The path is a prefix: {findings.path.stopped_by}."]


def verified_section(certified: Certified) -> Section:
    """What the certificate claims, and who checked it."""
    exact = certified.checker == EXACT_CHECKER
    how = (
        "recomputed it over the rationals: nothing is rounded, nothing is compared by floats."
        if exact
        else "computed every number itself in interval arithmetic: supports, signs and hits are proved"
        + (
            f", and the {DIGITS} digits of times, losses, norms and coefficients that the certificate states."
            if NUMBERS in certified.claims
            else "; the decimals in this report come from the solver's own rigorous bounds."
        )
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


def limits_section(findings: Findings) -> Section:
    """What the report does not claim."""
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
                " is one vertex of the set of minimisers, not the limit of the flow; what the flow selects "
                "is enclosed by the solver, not by the checker.",
            )
        )
    points.append(words("Numbers labelled numerical evidence prove nothing."))
    return Section("limits", "Limits of what is claimed", (paragraph("Not claimed:"), Points(tuple(points))))
