"""``exactsaddle path``: solve, certify, have it checked, and print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exactsaddle.base import InvalidInput, ProofFailed, Status, Verdict, check_writable
from exactsaddle.certificates import (
    DIGITS,
    EXACT_CHECKER,
    Certificate,
    Checked,
    Form,
    Outline,
    ProvedChecker,
    certificate_of,
    checked,
)
from exactsaddle.cli.comparing import Answer, compare_answer, say_comparison
from exactsaddle.cli.data import Given
from exactsaddle.cli.descent import (
    Decay,
    Momentum,
    Sharpness,
    Step,
    optimiser,
    print_optimiser_path,
    refuse_with_rule,
)
from exactsaddle.cli.options import AsJson, CertificatePlace, Engine, MaxBits, MaxSaddles, ShowAll, StopRule
from exactsaddle.cli.tables import coefficient_table, saddle_table
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import (
    interruptible,
    out,
    print_json,
    progress_bar,
    say,
    say_below_rounding,
    say_end,
)
from exactsaddle.path import (
    MAX_BITS,
    MAX_SADDLES,
    Arithmetic,
    CertainEvents,
    Saddle,
    SaddlePath,
    Stop,
    saddle_path,
)
from exactsaddle.problem import Problem, RealProblem
from exactsaddle.report.path_as_json import path_to_json
from exactsaddle.report.steps import MARK


@takes_data()
def path_command(
    data: Given,
    show_all: ShowAll = False,
    output: CertificatePlace = None,
    detached: Annotated[
        bool,
        typer.Option("--detached", help="Leave the problem out of the certificate; keep only its digest."),
    ] = False,
    problem_place: Annotated[
        Path | None,
        typer.Option(
            "--problem-out",
            metavar="PROBLEM.json",
            help="Write the problem here, as `check --problem` reads it.",
        ),
    ] = None,
    uniqueness: Annotated[
        bool,
        typer.Option(
            "--uniqueness", help="Also decide, and certify, whether each saddle is the only minimiser."
        ),
    ] = False,
    form: Annotated[
        Form,
        typer.Option(
            "--certificate",
            help="What the certificate states: exact numbers, or events alone, checked in interval "
            "arithmetic; auto: events when the path was found by balls, and exact numbers where events are "
            "left unchecked and numbers are affordable.",
        ),
    ] = "auto",
    arithmetic: Engine = "auto",
    coefficients: Annotated[
        bool, typer.Option("--coefficients", help="Also print every saddle's coefficients.")
    ] = False,
    answer: Answer = None,
    step: Step = None,
    decay: Decay = [],
    momentum: Momentum = None,
    sharpness: Sharpness = None,
    stop: StopRule = None,
    certain: Annotated[
        bool,
        typer.Option(
            "--certain",
            help="Mark the last saddle that all data within the resolution share, proved; name what is open.",
        ),
    ] = False,
    max_saddles: MaxSaddles = MAX_SADDLES,
    max_bits: MaxBits = MAX_BITS,
    with_problem: Annotated[
        bool, typer.Option("--with-problem", help="With --json: X, y and all, not their digest alone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The exact path: every saddle and jump time over Q, verified by the independent checker.

    Examples:

      exactsaddle path diabetes

      exactsaddle path data.csv --target price --center -o cert.json

      exactsaddle path diabetes --center --standardize --uniqueness

      exactsaddle path data.csv --compare answer.npz --coefficients

      exactsaddle path data.csv --lower inf --upper bmi=1/2   (non-negative network)

      exactsaddle path planted --step 1/1000 --momentum 1/10   (descent instead of the flow)

      exactsaddle path planted --decay 1/2 -o cert.json   (ends at the Lasso)

      exactsaddle path planted --sharpness 1/1000   (sharpness-aware minimisation)

      exactsaddle path data.csv --certain --resolution 1e-3   (what 1e-3 in any number cannot change)

      exactsaddle path data.csv --stop rounding -o cert.json   (verified up to there, in part of the time)
    """
    for place in (output, problem_place):
        if place is not None:
            check_writable(place)
    problem = data.load(irrational=True)
    if problem_place is not None:
        problem.save(problem_place)
    rule = optimiser(problem, step, decay, momentum, sharpness)
    if rule is not None:
        deciding = uniqueness or arithmetic != "auto" or stop is not None or certain
        refuse_with_rule(problem, rule, form, deciding=deciding, beside=coefficients or answer is not None)
        heading = f"{data.data}: {data.describe(problem)}; {rule!r}"
        ended = print_optimiser_path(
            problem,
            rule,
            heading,
            form=form,
            output=output,
            detached=detached,
            max_saddles=max_saddles,
            as_json=as_json,
        )
        raise typer.Exit(ended.exit_code)
    _refuse_impossible(problem, form, uniqueness=uniqueness, output=output)
    if certain:
        CertainEvents.refuse(problem, problem.resolution)
    path = solve(problem, arithmetic, max_saddles=max_saddles, max_bits=max_bits, stop=stop)
    shared = _shared(path) if certain else None
    certificate = certify(path, form, uniqueness=uniqueness)
    if output is not None and certificate is not None:
        (certificate.detached() if detached else certificate).save(output)
    checkers: tuple[str, ...] = ()
    if certificate is None:
        verdict = verdict_without_certificate(path)
    else:
        with progress_bar("checking the certificate"):
            decided = checked(path, certificate, form)
        if output is not None and decided.certificate is not certificate:
            (decided.certificate.detached() if detached else decided.certificate).save(output)
        certificate, verdict = decided.certificate, decided.verdict
        checkers = checkers_of(decided)
    compared = compare_answer(answer, path) if answer is not None else None
    if as_json:
        document = path_to_json(path, certificate, verdict.status, whole=with_problem)
        events = {"certain": shared.to_json()} if shared else {}
        unique = {"unique": [saddle.unique for saddle in path]} if uniqueness else {}
        beside = {} if compared is None else {"comparison": vars(compared)}
        print_json({**document, **events, "checked_by": list(checkers), **unique, **beside})
    else:
        data.print_heading(problem)
        shown = path if show_all else path.above_rounding
        out.print(saddle_table(shown, shared))
        say_below_rounding(path, shown)
        if shared is not None:
            say(f"{MARK} {shared}")
        if coefficients:
            out.print(coefficient_table(shown))
        if uniqueness:
            say(_uniqueness_text(path, certificate))
        if checkers:
            say(f"checked by {' and by '.join(checkers)}")
        say_end(verdict, output, path.stopped_by, at_stop=path.stop is not None)
        if stop is not None and path.complete:
            say(f"the path is complete: {stop.reason} cut nothing off")
        if compared is not None and answer is not None:
            say_comparison(compared, path, answer)
    rejected = compared is not None and compared.wrong is not None
    raise typer.Exit(Status.REJECTED.exit_code if rejected else verdict.status.exit_code)


def solve(
    problem: Problem,
    arithmetic: Arithmetic = "auto",
    *,
    max_saddles: int = MAX_SADDLES,
    max_bits: int = MAX_BITS,
    stop: Stop | None = None,
) -> SaddlePath:
    """The path, with progress on standard error; Ctrl-C keeps the exact prefix found so far."""
    with progress_bar("solving") as update, interruptible() as interrupted:

        def report(saddle: Saddle) -> bool:
            update(detail=lambda: f"saddle {saddle.index}, t = {saddle.jump_time_text(6)}")
            return not interrupted()

        return saddle_path(
            problem,
            arithmetic=arithmetic,
            max_saddles=max_saddles,
            max_bits=max_bits,
            stop=stop,
            progress=report,
        )


def _refuse_impossible(problem: Problem, form: Form, *, uniqueness: bool, output: Path | None) -> None:
    if form == "events" and uniqueness:
        raise InvalidInput("--uniqueness needs --certificate exact: events say nothing about it")
    if not problem.is_rational and form == "exact":
        raise InvalidInput("--certificate exact needs rational numbers; norms and expressions are not")
    if isinstance(problem, RealProblem) and uniqueness:
        raise InvalidInput("--uniqueness needs rational X and y; expressions are not: leave it out")
    if isinstance(problem, RealProblem) and (output is not None or form == "events"):
        raise InvalidInput("there is no certificate for entries that are expressions: leave --output out")


def certify(path: SaddlePath, form: Form, *, uniqueness: bool) -> Certificate | Outline | None:
    """The certificate in the form asked for; None for entries that are expressions, which have none."""
    if isinstance(path.problem, RealProblem):
        return None
    stated = uniqueness and path.problem.is_rational
    with progress_bar("deciding uniqueness" if stated else "writing the certificate"):
        return certificate_of(path, form, uniqueness=stated, digits=DIGITS)


def checkers_of(decided: Checked) -> tuple[str, ...]:
    """The checkers that agree on this verdict: the one for the certificate, and the proved one.

    The proved checker reads exact certificates without a stop, and is asked where this machine has it and
    the work is small.
    """
    proved = ProvedChecker.here()
    stopped = isinstance(decided.certificate, Certificate) and decided.certificate.stop is not None
    if decided.checker != EXACT_CHECKER or stopped or proved is None:
        return (decided.checker,)
    with progress_bar("checking again, by the proved checker"):
        agrees = proved.confirms(decided.certificate.to_text(), decided.verdict)
    return (decided.checker, f"the proved checker ({proved.kind})") if agrees else (decided.checker,)


def verdict_without_certificate(path: SaddlePath) -> Verdict:
    """What was decided by what, for entries that are expressions: always unchecked.

    Each decision is a proof by this package (a rigorous enclosure, or an identity in a field). But *verified*
    is kept for what a program that shares no code with the solver has recomputed, and none reads expressions.
    """
    decisions = path.decisions
    if decisions is None:
        raise ProofFailed("a path of real numbers says how it was decided")
    count = decisions.supports_exact + decisions.hits_exact
    equalities = f"decisions that took algebra to prove an equality: {count}"
    evidence = (
        f"{len(path)} saddles{'' if path.complete else ' of a prefix'}; every sign proved by enclosures of "
        f"at most {decisions.bits} bits, {equalities}; no independent program checks real entries"
    )
    return Verdict("path", Status.UNCHECKED, evidence)


def _shared(path: SaddlePath) -> CertainEvents:
    with progress_bar("proving which events are certain"):
        return path.certain()


def _uniqueness_text(path: SaddlePath, certificate: Certificate | Outline | None) -> str:
    several = [str(saddle.index) for saddle in path if not saddle.unique]
    stated = "" if isinstance(certificate, Certificate) else " (decided exactly; no certificate states it)"
    if not several:
        return f"every saddle is the only minimiser{stated}"
    return f"not the only minimiser at k = {', '.join(several)}{stated}: see exactsaddle minimisers"
