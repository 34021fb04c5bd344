"""What is written as NAME=VALUE on the command line, and names that may not be there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from exactsaddle.base import InvalidInput
from exactsaddle.cli.terminal import note
from exactsaddle.flow.arguments import check_alpha
from exactsaddle.numbers import parse_rational, shorten
from exactsaddle.problem import DATASETS, Network, Problem


def named_array(text: str) -> tuple[str, str]:
    """The two sides of FIELD=NAME; raises InvalidInput."""
    field_name, found, name = text.partition("=")
    if not found:
        raise InvalidInput(f"--arrays {shorten(text)} is not FIELD=NAME, as in X=data,y=target")
    return field_name, name


def refuse_absent(data: str) -> None:
    """Raise InvalidInput where DATA is neither a file nor a packaged name."""
    try:
        os.stat(data)
    except (FileNotFoundError, NotADirectoryError):
        known = ", ".join(DATASETS)
        raise InvalidInput(f"{shorten(data, 200)}: no such file, nor a packaged data set ({known})") from None
    except (OSError, ValueError) as error:  # a name too long, a folder that may not be searched, a NUL
        raise InvalidInput(f"{shorten(data, 200)}: {getattr(error, 'strerror', error)}") from None


@contextmanager
def given_by(option: str, value: str = "") -> Iterator[None]:
    """What is refused within names the option, and what it was given."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"{option} {shorten(value)}".rstrip() + f": {error}") from None


def parse_alphas(text: str) -> list[str]:
    """The α of a list, each a number in (0, 1); raises InvalidInput naming the option."""
    found = [alpha.strip() for alpha in text.split(",") if alpha.strip()]
    with given_by("--alphas", text):
        for alpha in found:
            check_alpha(alpha)
    return found


def any_text(text: str) -> None:
    """Leaves the judgement of a value to whom it is given."""


def positive(text: str) -> None:
    """Raise InvalidInput for what is no number above 0."""
    if parse_rational(text) <= 0:
        raise InvalidInput("must be positive")


def threshold_text(text: str) -> None:
    """Raise InvalidInput for a number that is not above 0; what is no rational is judged later."""
    try:
        value = parse_rational(text)
    except InvalidInput:
        return
    if value <= 0:
        raise InvalidInput("a threshold must be positive")


def not_negative(text: str) -> None:
    """Raise InvalidInput for what is no number from 0 on."""
    if parse_rational(text) < 0:
        raise InvalidInput("must be at least 0")


def assign(
    values: list[Any],
    assignments: list[str],
    names: tuple[str, ...],
    option: str,
    accept: Callable[[str], None] = any_text,
) -> list[Any]:
    """The values, one for each name, with what a repeatable NAME=VALUE option changes, if accept takes it."""
    for assignment in assignments:
        name, found, value = assignment.rpartition("=")
        with given_by(option, assignment):
            accept(value)
        if not found:
            values = [value] * len(values)
        elif name in names:
            values[names.index(name)] = value
        else:
            raise InvalidInput(
                f"{option} {shorten(assignment)}: no column {shorten(name)!r}; "
                f"columns: {', '.join(names[:20])}"
            )
    return values


def network_of(problem: Problem, depth: int | None, scales: list[str], place: str) -> Network:
    """The network of a problem with what --depth and --scales change; noted where DATA holds another."""
    old = problem.network
    used: Any = old.scales
    if scales:
        used = assign([old.scale(i) for i in range(problem.d)], scales, problem.names, "--scales", positive)
    same = depth in (None, old.depth)
    parametrisation = old.parametrisation if same else None
    found = Network(old.depth if depth is None else depth, used, parametrisation, old.units)
    if Network() != old.bare != found.bare:
        note(f"{shorten(place, 200)} holds the network {old}; taken instead: {found}")
    return found
