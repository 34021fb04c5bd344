"""Where a report comes from and how it is checked and made again: origin, certificate, command, digest."""

from __future__ import annotations

from dataclasses import dataclass

from exactsaddle.certificates import EXACT_CHECKER
from exactsaddle.problem import Problem
from exactsaddle.report.contents.building import paragraph
from exactsaddle.report.document import Attachment, Code, Listing, Section, Words, words
from exactsaddle.report.findings import Certified

CERTIFICATE = "certificate.json"


@dataclass(frozen=True)
class Origin:
    """Where the data of a report come from, and how it is made again: a short name, a line on the data,
    and the command."""

    name: str
    description: str
    command: str
    version: str


def check_section(certified: Certified) -> Section:
    """How a reader checks the report without trusting the program that wrote it."""
    exact = certified.checker == EXACT_CHECKER
    proved = exact and not certified.stopped
    unread = "a certificate that states a stop" if certified.stopped else "a certificate of events"
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
                certified.verdict.status if proved else None,
            ),
            Listing(
                f"python -I {certified.checker} {CERTIFICATE}",
                f"With {certified.checker} from the folder proofs_checks"
                + ("" if exact else ", and check_path.py beside it"),
            ),
            Listing(f"exactsaddle check {CERTIFICATE}", "Or with the package installed"),
            *([] if proved else [paragraph(f"No checker whose soundness is a theorem reads {unread}.")]),
            paragraph(
                "Exit code 0 means verified, 1 rejected, 2 malformed, 3 unchecked. The digest of the problem "
                "in the certificate must be the one printed above."
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
