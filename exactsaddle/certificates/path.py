"""Certificates: a path as one canonical JSON document that anyone can check (see CERTIFICATE.md)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flint import fmpq

from exactsaddle.base import (
    CertificateRejected,
    InvalidInput,
    MalformedCertificate,
    Status,
    Verdict,
)
from exactsaddle.certificates.document import Document, canonical_text
from exactsaddle.minimisers import stated_uniqueness
from exactsaddle.numbers import Vector, parse_rational, shorten, to_text
from exactsaddle.path import Saddle, SaddlePath, first_hit, signs_of
from exactsaddle.problem import Problem, parse_json, read_text

FORMAT = "exactsaddle certificate"
VERSION = 1
CLAIMS = ("problem", "start", "cone", "stationary", "dual sign", "first hit", "loss", "end")
UNIQUENESS = "uniqueness"
EXACT_CHECKER = "check_path.py"
INTERVAL_CHECKER = "check_path_interval.py"
_KEYS = {"format", "version", "complete", "claims", "digest", "problem", "saddles"}


@dataclass(frozen=True)
class SaddleRecord:
    """What a certificate states of one saddle: numbers in canonical text, β sparse by column.

    uniqueness is what ``UniqueMinimiser`` or ``SeveralMinimisers`` writes, None where it is not claimed.
    """

    jump_time: str
    beta: dict[int, str]
    loss: str
    uniqueness: dict[str, Any] | None = None

    @classmethod
    def of(cls, saddle: Saddle, *, uniqueness: bool = False) -> SaddleRecord:
        """The record of a saddle."""
        beta = {i: to_text(saddle.beta_vector[i]) for i in saddle.support}
        proof = saddle.uniqueness.to_json() if uniqueness else None
        return cls(to_text(saddle.time), beta, to_text(saddle.loss_value), proof)

    def to_json(self) -> dict[str, Any]:
        """The record as JSON types, columns as string keys."""
        beta = {str(i): value for i, value in self.beta.items()}
        proof = {} if self.uniqueness is None else {UNIQUENESS: self.uniqueness}
        return {"jump_time": self.jump_time, "beta": beta, "loss": self.loss, **proof}


@dataclass(frozen=True)
class Certificate(Document):
    """A stated path, exactly as ``to_text`` writes it; nothing in it is trusted until checked.

    ``problem`` is None in a detached certificate, which names its problem by digest only.
    """

    digest: str
    complete: bool
    saddles: tuple[SaddleRecord, ...]
    problem: Problem | None

    @classmethod
    def of(cls, path: SaddlePath, *, uniqueness: bool = False) -> Certificate:
        """The certificate of a path, its problem inline; with uniqueness, that of each minimiser too."""
        records = tuple(SaddleRecord.of(saddle, uniqueness=uniqueness) for saddle in path)
        return cls(path.problem.digest, path.complete, records, path.problem)

    def detached(self) -> Certificate:
        """The same certificate without its problem: check it with the problem's own file."""
        return replace(self, problem=None)

    def to_text(self) -> str:
        """The document: canonical, so that the same path always gives the same bytes."""
        head = {
            "format": FORMAT,
            "version": VERSION,
            "complete": self.complete,
            "claims": _claims(self.complete, self.saddles[0].uniqueness is not None),
            "digest": self.digest,
        }
        return canonical_text(head, self.problem, "saddles", (record.to_json() for record in self.saddles))

    @classmethod
    def load(cls, path: str | Path) -> Certificate:
        """The certificate in a file; raises MalformedCertificate when it is not one."""
        try:
            return cls.from_text(read_text(path))
        except MalformedCertificate as error:
            raise MalformedCertificate(f"{path}: {error}") from None

    @classmethod
    def from_text(cls, text: str) -> Certificate:
        """The certificate in a document; raises MalformedCertificate when it is not one.

        Reading decides the grammar only; ``check`` decides the claims.
        """
        try:
            return _parse(parse_json(text))
        except MalformedCertificate:
            raise
        except InvalidInput as error:
            raise MalformedCertificate(str(error)) from None

    def path(self, problem: Problem | None = None) -> SaddlePath:
        """The path this certificate states, replayed by the engine; problem for a detached one.

        Raises CertificateRejected when a claim is false. This is the engine's own replay, for working
        with a stored path; the independent verdict is ``check``.
        """
        chosen = problem or self.problem
        if chosen is None:
            raise InvalidInput("a detached certificate needs its problem")
        if chosen.digest != self.digest:
            raise CertificateRejected(0, "problem", f"digest {chosen.digest[:12]}…, not {self.digest[:12]}…")
        saddles = list(_replay(chosen, self.saddles))
        if self.complete and saddles[-1].next_hit is not None:
            raise CertificateRejected(len(saddles) - 1, "end", "a coordinate can still hit")
        return SaddlePath(chosen, saddles, None if self.complete else "certificate of a prefix")

    def check(self, problem: Problem | None = None) -> Verdict:
        """The verdict of the independent checker, run in a process of its own."""
        return run_checker(self.to_text(), problem)


def run_checker(
    text: str,
    problem: Problem | None = None,
    checker: str = EXACT_CHECKER,
    claim: str = "path",
    options: tuple[str, ...] = (),
) -> Verdict:
    """What a program of proofs_checks, with these options, decides about a certificate, in its own process.

    Raises MalformedCertificate when it decides nothing.
    """
    with TemporaryDirectory(prefix="exactsaddle-") as folder:
        certificate = Path(folder) / "certificate.json"
        certificate.write_text(text, encoding="utf-8")
        arguments = [str(certificate), *options]
        if problem is not None:
            problem.save(Path(folder) / "problem.json")
            arguments += ["--problem", str(Path(folder) / "problem.json")]
        command = checker_command(*arguments, checker=checker)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3):
        said = done.stderr.strip().replace(f"{certificate}: ", "")  # a file the caller never named
        raise MalformedCertificate(said or f"the checker ended with {done.returncode}")
    status, _, evidence = done.stdout.strip().partition(": ")
    return Verdict(claim, Status(status), evidence)


def checker_command(*arguments: str, checker: str = EXACT_CHECKER) -> list[str]:
    """The command line that runs an independent checker in an isolated interpreter."""
    return [sys.executable, "-I", str(_place_of(checker)), *arguments]


def checker_source(checker: str) -> str:
    """The text of an independent checker: one file of Python."""
    return _place_of(checker).read_text(encoding="utf-8")


def _place_of(checker: str) -> Path:
    spec = find_spec("proofs_checks")
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInput("proofs_checks, which ships with exactsaddle, is not installed")
    return Path(spec.submodule_search_locations[0]) / checker


def _replay(problem: Problem, records: Iterable[SaddleRecord]) -> Iterable[Saddle]:
    time, dual = fmpq(0), problem.dual_vector
    for k, record in enumerate(records):
        if to_text(time) != record.jump_time:
            raise CertificateRejected(k, "first hit", f"the jump is at {shorten(to_text(time))}")
        beta = Vector.sparse({i: parse_rational(b) for i, b in record.beta.items()}, problem.d)
        gradient = problem.normal_equations.gradient(beta)
        for i, (sign, b, g) in enumerate(zip(signs_of(problem, dual), beta, gradient, strict=True)):
            if b != 0 and sign * b <= 0:
                raise CertificateRejected(k, "cone", f"β_{i} = {shorten(to_text(b))} with sign {sign}")
            if (b != 0 and g != 0) or sign * g < 0:
                claim = "stationary" if b != 0 else "dual sign"
                raise CertificateRejected(k, claim, f"g_{i} = {shorten(to_text(g))}")
        hit = first_hit(problem, dual, gradient)
        saddle = Saddle(problem, k, time, beta, gradient, dual, hit)
        if to_text(saddle.loss_value) != record.loss:
            raise CertificateRejected(k, "loss", f"the loss is {shorten(to_text(saddle.loss_value))}")
        if record.uniqueness is not None:
            witness = stated_uniqueness(record.uniqueness, problem).refutation(saddle.minimisers)
            if witness is not None:
                raise CertificateRejected(k, UNIQUENESS, witness)
        yield saddle
        if hit is not None:
            time += hit.delta
            dual = dual - gradient * hit.delta


def _claims(complete: bool, uniqueness: bool) -> list[str]:
    return [*(CLAIMS if complete else CLAIMS[:-1]), *([UNIQUENESS] if uniqueness else [])]


def _parse(document: Any) -> Certificate:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise MalformedCertificate(f'not a certificate: "format" is not {FORMAT!r}')
    if document.get("version") != VERSION:
        raise MalformedCertificate(f"version {document.get('version')!r}; this package reads {VERSION}")
    unknown = sorted(set(document) - _KEYS)
    missing = sorted(_KEYS - {"problem"} - set(document))
    if unknown or missing:
        raise MalformedCertificate(f"unknown keys {unknown}, missing keys {missing}")
    complete = document["complete"]
    if not isinstance(complete, bool):
        raise MalformedCertificate(f'"complete" must be true or false, not {complete!r}')
    uniqueness = document["claims"] == _claims(complete, True)
    if not uniqueness and document["claims"] != _claims(complete, False):
        raise MalformedCertificate(f'"claims" must be those of version {VERSION}, in order')
    if not isinstance(document["saddles"], list) or not document["saddles"]:
        raise MalformedCertificate('"saddles" must be a list of at least one saddle')
    problem = document.get("problem")
    if problem is not None and not isinstance(problem, dict):
        raise MalformedCertificate('"problem" must be an object')
    return Certificate(
        digest=str(document["digest"]),
        complete=complete,
        saddles=tuple(
            _record(entry, f"saddles[{k}]", uniqueness) for k, entry in enumerate(document["saddles"])
        ),
        problem=None if problem is None else Problem.from_json(problem),
    )


def _record(entry: Any, where: str, uniqueness: bool) -> SaddleRecord:
    keys = ["jump_time", "beta", "loss", *([UNIQUENESS] if uniqueness else [])]
    if not isinstance(entry, dict) or set(entry) != set(keys):
        raise MalformedCertificate(f"{where} must have exactly the keys {', '.join(keys)}")
    beta = {int(i): value for i, value in _sparse(entry["beta"], f"{where}.beta").items()}
    jump_time = _canonical(entry["jump_time"], f"{where}.jump_time")
    loss = _canonical(entry["loss"], f"{where}.loss")
    proof = _proof(entry[UNIQUENESS], f"{where}.{UNIQUENESS}") if uniqueness else None
    return SaddleRecord(jump_time, beta, loss, proof)


def _proof(entry: Any, where: str) -> dict[str, Any]:
    keys = set(entry) if isinstance(entry, dict) else set()
    if keys == {"unique", "second"} and entry["unique"] is False:
        _sparse(entry["second"], f"{where}.second")
    elif keys == {"unique", "w", "prime", "rows"} and entry["unique"] is True:
        for name, kind in (("w", str), ("rows", int)):
            if not isinstance(entry[name], list) or not all(type(value) is kind for value in entry[name]):
                raise MalformedCertificate(f"{where}.{name} must be a list of {kind.__name__}")
        for i, value in enumerate(entry["w"]):
            _canonical(value, f"{where}.w[{i}]")
        prime = parse_rational(_canonical(entry["prime"], f"{where}.prime"))
        if prime.q != 1 or prime <= 1:
            raise MalformedCertificate(f"{where}.prime must be an integer above 1")
    else:
        raise MalformedCertificate(
            f"{where} must be true with w, prime and rows, or false with second, as field unique says"
        )
    return dict(entry)


def _sparse(entry: Any, where: str) -> dict[str, str]:
    if not isinstance(entry, dict) or not all(i.isdecimal() for i in entry):
        raise MalformedCertificate(f"{where} must map columns to numbers")
    return {i: _canonical(value, f'{where}["{i}"]') for i, value in entry.items()}


def _canonical(text: Any, where: str) -> str:
    if not isinstance(text, str) or to_text(parse_rational(text)) != text:
        raise MalformedCertificate(f"{where}: {shorten(repr(text))} is not a number in lowest terms")
    return text
