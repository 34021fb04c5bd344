"""Certificates: a path as one canonical JSON document that anyone can check (see CERTIFICATE.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flint import fmpq

from exactsaddle.base import (
    CertificateRejected,
    InvalidInput,
    MalformedCertificate,
    Verdict,
)
from exactsaddle.certificates.checkers import run_checker
from exactsaddle.certificates.document import Document, canonical_text, facts
from exactsaddle.minimisers import stated_uniqueness
from exactsaddle.numbers import Vector, parse_rational, shorten, to_text
from exactsaddle.path import Saddle, SaddlePath, Stop, first_hit, signs_of
from exactsaddle.problem import Problem, parse_json, read_text

FORMAT = "exactsaddle certificate"
VERSION = 1
STOPPED_VERSION = 3
"""Of a certificate that states the rule by which its path stops."""
CLAIMS = ("problem", "start", "cone", "stationary", "dual sign", "first hit", "loss", "end")
UNIQUENESS = "uniqueness"
STOP = "stop"
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


@dataclass(frozen=True, repr=False)
class Certificate(Document):
    """A stated path, exactly as ``to_text`` writes it; nothing in it is trusted until checked.

    ``problem`` is None in a detached certificate, which names its problem by digest only; ``stop`` is the
    rule that ends the path, None where none is stated.
    """

    digest: str
    complete: bool
    saddles: tuple[SaddleRecord, ...]
    problem: Problem | None
    stop: Stop | None = None

    @classmethod
    def of(cls, path: SaddlePath, *, uniqueness: bool = False) -> Certificate:
        """The certificate of a path, its problem inline; with uniqueness, that of each minimiser too."""
        records = tuple(SaddleRecord.of(saddle, uniqueness=uniqueness) for saddle in path)
        return cls(path.problem.digest, path.complete, records, path.problem, path.stop)

    def detached(self) -> Certificate:
        """The same certificate without its problem: check it with the problem's own file."""
        return replace(self, problem=None)

    @property
    def facts(self) -> tuple[str, ...]:
        """How many saddles, whether that is all, and of which problem."""
        return facts(
            len(self.saddles), "saddles", self.complete, self.digest, inline=self.problem is not None
        )

    def to_text(self) -> str:
        """The document: canonical, so that the same path always gives the same bytes."""
        head = {
            "format": FORMAT,
            "version": STOPPED_VERSION if self.stop else VERSION,
            "complete": self.complete,
            "claims": _claims(self.complete, self.saddles[0].uniqueness is not None, self.stop),
            **({STOP: self.stop.to_json()} if self.stop else {}),
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
        if self.stop is None:
            return SaddlePath(chosen, saddles, None if self.complete else "certificate of a prefix")
        for saddle in saddles:
            if self.stop.holds_at(saddle) != (saddle is saddles[-1]):
                raise CertificateRejected(saddle.index, STOP, f"not the first where {self.stop} holds")
        return SaddlePath(self.stop.about(chosen), saddles, self.stop.reason, stop=self.stop)

    def check(self, problem: Problem | None = None) -> Verdict:
        """The verdict of the independent checker, run in a process of its own."""
        return run_checker(self.to_text(), problem)


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


def _claims(complete: bool, uniqueness: bool, stop: Stop | None) -> list[str]:
    optional = [*([UNIQUENESS] if uniqueness else []), *([STOP] if stop else [])]
    return [*(CLAIMS if complete else CLAIMS[:-1]), *optional]


def _parse(document: Any) -> Certificate:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise MalformedCertificate(f'not a certificate: "format" is not {FORMAT!r}')
    version = document.get("version")
    if version not in (VERSION, STOPPED_VERSION):
        raise MalformedCertificate(f"version {version!r}; this package reads {VERSION} and {STOPPED_VERSION}")
    keys = _KEYS | {STOP} if version == STOPPED_VERSION else _KEYS
    unknown = sorted(set(document) - keys)
    missing = sorted(keys - {"problem"} - set(document))
    if unknown or missing:
        raise MalformedCertificate(f"unknown keys {unknown}, missing keys {missing}")
    complete = document["complete"]
    if not isinstance(complete, bool):
        raise MalformedCertificate(f'"complete" must be true or false, not {complete!r}')
    stop = Stop.from_json(document[STOP]) if STOP in document else None
    if complete and stop:
        raise MalformedCertificate('"complete" must be false: a path up to a stop is not complete')
    uniqueness = document["claims"] == _claims(complete, True, stop)
    if not uniqueness and document["claims"] != _claims(complete, False, stop):
        raise MalformedCertificate(f'"claims" must be those of version {version}, in order')
    if not isinstance(document["saddles"], list) or not document["saddles"]:
        raise MalformedCertificate('"saddles" must be a list of at least one saddle')
    problem = document.get("problem")
    if problem is not None and not isinstance(problem, dict):
        raise MalformedCertificate('"problem" must be an object')
    about = None if problem is None else Problem.from_json(problem)
    return Certificate(
        digest=str(document["digest"]),
        complete=complete,
        saddles=tuple(
            _record(entry, f"saddles[{k}]", uniqueness) for k, entry in enumerate(document["saddles"])
        ),
        problem=about if about is None or stop is None else stop.about(about),
        stop=stop,
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
