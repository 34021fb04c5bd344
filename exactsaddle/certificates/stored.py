"""A certificate in a file: the independent checker decides it first, only then is it read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exactsaddle.base import InvalidInput, MalformedCertificate, Status, UnreadableFile, Verdict, read_regular
from exactsaddle.certificates.checkers import EXACT_CHECKER, INTERVAL_CHECKER, run_checker
from exactsaddle.certificates.descent import CHECKER as DESCENT_CHECKER
from exactsaddle.certificates.descent import FORMAT as DESCENT_FORMAT
from exactsaddle.certificates.lasso import CHECKER as LASSO_CHECKER
from exactsaddle.certificates.lasso import FORMAT as LASSO_FORMAT
from exactsaddle.certificates.lasso_events import CHECKER as LASSO_EVENTS_CHECKER
from exactsaddle.certificates.path import STOP, Certificate
from exactsaddle.path import SaddlePath, Stop, saddle_path
from exactsaddle.problem import Problem, parse_json, read_text

_BEGINNING = 4096
"""Characters of a document that must name its format and version: ``to_text`` writes them first."""


@dataclass(frozen=True)
class StoredCertificate:
    """A well-formed certificate as it was found, and the verdict of the checker it is for.

    saddles are what it states, as JSON types: nothing that is believed unless the verdict is verified.
    """

    text: str
    checker: str
    verdict: Verdict
    problem: Problem
    complete: bool
    saddles: tuple[Mapping[str, Any], ...]
    stop: Stop | None = None

    @classmethod
    def load(cls, place: str | Path) -> StoredCertificate:
        """The certificate in a file, checked.

        Raises MalformedCertificate, and InvalidInput for one without its problem or of a Lasso path.
        """
        checker = checker_of(Path(place))
        lasso = checker in (LASSO_CHECKER, LASSO_EVENTS_CHECKER)
        if lasso or checker == DESCENT_CHECKER or states_penalty(Path(place)):
            of = "a Lasso path" if lasso else "the path of an optimiser"
            raise InvalidInput(f"{place}: a certificate of {of}; this needs one of a saddle path")
        text = read_text(place)
        try:
            document = parse_json(text)
        except InvalidInput as error:
            raise MalformedCertificate(f"{place}: {error}") from None
        if not isinstance(document, dict) or not isinstance(document.get("problem", {}), dict):
            raise MalformedCertificate(f"{place}: not a certificate")
        if "problem" not in document:
            raise InvalidInput(
                f"{place}: a detached certificate; this needs one that holds its problem, or the problem "
                "itself"
            )
        try:
            verdict = run_checker(text, checker=checker)
        except MalformedCertificate as error:
            raise MalformedCertificate(f"{place}: {error}") from None
        problem = Problem.from_json(document["problem"])
        stop = Stop.from_json(document[STOP]) if STOP in document else None
        if stop is not None:
            problem = stop.about(problem)
        return cls(text, checker, verdict, problem, document["complete"], tuple(document["saddles"]), stop)

    def path(self) -> SaddlePath:
        """The path it states. Raises InvalidInput when the checker rejected it.

        Numbers are replayed as stated; events alone are solved for again, and must come out the same.
        """
        if self.verdict.status is Status.REJECTED:
            raise InvalidInput(f"a rejected certificate states no path: {self.verdict.evidence}")
        if self.checker == EXACT_CHECKER:
            return Certificate.from_text(self.text).path()
        found = saddle_path(self.problem, max_saddles=len(self.saddles), stop=self.stop)
        stated = [tuple(saddle["support"]) for saddle in self.saddles]
        if found.complete != self.complete or [saddle.support for saddle in found] != stated:
            raise InvalidInput(
                "the certificate states other minimisers than the canonical ones; take its problem instead"
            )
        return found


def is_certificate(place: str | Path) -> bool:
    """Whether a file says it is a certificate: a .json file whose beginning has a format."""
    path = Path(place)
    return path.suffix.lower() == ".json" and '"format"' in _beginning(path)


def checker_of(certificate: Path) -> str:
    """The program that a certificate is for, by its format and version; that program decides everything."""
    beginning = _beginning(certificate)
    if f'"{LASSO_FORMAT}"' in beginning:
        return LASSO_EVENTS_CHECKER if re.search(r'"version":\s*2\b', beginning) else LASSO_CHECKER
    if f'"{DESCENT_FORMAT}"' in beginning:
        return DESCENT_CHECKER
    return INTERVAL_CHECKER if re.search(r'"version":\s*[246]\b', beginning) else EXACT_CHECKER


def states_stop(certificate: Path) -> bool:
    """Whether a certificate says it is of a version whose path ends at a stop."""
    return re.search(r'"version":\s*[34]\b', _beginning(certificate)) is not None


def states_penalty(certificate: Path) -> bool:
    """Whether a certificate says it is of a version whose path is that of weight decay."""
    return re.search(r'"version":\s*[56]\b', _beginning(certificate)) is not None


def _beginning(path: Path) -> str:
    if str(path) == "-":  # standard input is read once, by the checker
        return ""
    try:
        return read_regular(path, _BEGINNING).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path}: {getattr(error, 'strerror', error)}") from error
