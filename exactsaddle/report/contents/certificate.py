"""What claims and verdicts mean, in the words of CERTIFICATE.md: read from that page, not repeated here."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from exactsaddle.base import ProofFailed, Status
from exactsaddle.certificates import EXACT_CHECKER


def claim_meanings(checker: str, claims: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each claim of a certificate and what is asserted (version 1), or how it is proved (version 2)."""
    heading = "What the claims mean" if checker == EXACT_CHECKER else "Version 2: the events alone"
    header = "asserted" if checker == EXACT_CHECKER else "proved how"
    found: dict[str, str] = {}
    for names, meaning, *_ in _table(heading, header):
        for name in names.split(", "):
            found[name] = meaning
    missing = set(claims) - set(found)
    if missing:
        raise ProofFailed(f"CERTIFICATE.md does not say what {', '.join(sorted(missing))} means")
    return tuple((claim, found[claim]) for claim in claims)


def verdict_meaning(status: Status, *, stopped: bool = False) -> str:
    """What the checker's verdict says; stopped: of a certificate that states a stop."""
    name = f"{status.value}, with a stop" if stopped and status is Status.VERIFIED else status.value
    return next(row[2] for row in _table("Verdicts", "meaning") if row[0] == name)


def not_claimed() -> tuple[str, ...]:
    """What no certificate claims."""
    section = _section("What is not claimed")
    items = re.split(r"^- ", section, flags=re.MULTILINE)[1:]
    return tuple(" ".join(_plain(item).split()) for item in items)


@cache
def _page() -> str:
    return files("exactsaddle.certificates").joinpath("CERTIFICATE.md").read_text(encoding="utf-8")


def _section(heading: str) -> str:
    _, found, rest = _page().partition(f"\n## {heading}\n")
    if not found:
        raise ProofFailed(f"CERTIFICATE.md has no section {heading!r}")
    return rest.split("\n## ")[0]


def _table(heading: str, header: str) -> list[list[str]]:
    """The rows of the first table of a section with this word in its last heading."""
    rows: list[list[str]] = []
    for line in _section(heading).splitlines():
        cells = [_plain(cell).strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and (rows or header in cells[-1]):
            rows.append(cells)
        elif rows:
            break
    return rows[2:]


def _plain(text: str) -> str:
    return re.sub(r"(?<!\\)[`*]", "", text)
