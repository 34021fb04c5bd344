"""Where a campaign's report finds the instances it links to."""

from __future__ import annotations

from exactsaddle.campaign.results import KeptInstance
from exactsaddle.report.document import Link, Word, Words

INSTANCES = "instances"
"""The folder beside the report with the problems and certificates that it links to."""


def links(kept: KeptInstance) -> Words:
    """Links to the problem and, where there is one, to its certificate."""
    parts: list[Word] = [Link("problem", f"{INSTANCES}/{kept.problem.name}")]
    if kept.certificate is not None:
        parts += [", ", Link("certificate", f"{INSTANCES}/{kept.certificate.name}")]
    return tuple(parts)
