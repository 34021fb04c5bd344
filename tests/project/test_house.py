"""The house: rooms, no circle of imports, faces instead of insides, no file that is more than one thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.places import ROOT

PACKAGE = ROOT / "exactsaddle"
ROOMS = (
    "audit",
    "base",
    "campaign",
    "certificates",
    "cli",
    "convergence",
    "flow",
    "lasso",
    "minimisers",
    "numbers",
    "path",
    "problem",
    "report",
    "testing",
)
DOORS = "exactsaddle.doors"
LONGEST = 300
LONGER_FOR_A_REASON = {
    "exactsaddle/numbers/expressions.py": "what may be read is what can be enclosed: one budget for both",
    "proofs_checks/check_descent.py": "runs with check_path.py beside it and nothing else",
    "proofs_checks/check_lasso_interval.py": "one file to read and to trust, beside those it stands on",
    "proofs_checks/check_path.py": "runs alone under python -I: one file to read and to trust",
    "proofs_checks/check_path_interval.py": "runs with check_path.py beside it and nothing else",
}


def module_of(place: Path) -> str:
    parts = place.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(place): place for place in PACKAGE.rglob("*.py")}


@cache
def imported(place: Path) -> tuple[tuple[str, str], ...]:
    """(module, name) of every import of the package, inside functions and under TYPE_CHECKING too."""
    return tuple(imports(place))


def imports(place: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(place.read_text())):
        if (
            isinstance(node, ast.ImportFrom)
            and node.level == 0
            and str(node.module).startswith("exactsaddle")
        ):
            yield from ((str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("exactsaddle"))


def graph() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for module, place in MODULES.items():
        targets = ((f"{source}.{name}", source) for source, name in imported(place))
        found[module] = {inner if inner in MODULES else source for inner, source in targets}
    return found


def test_every_room_is_there_and_nothing_else_but_the_face_and_the_doors() -> None:
    assert {place.parent.name for place in PACKAGE.glob("*/__init__.py")} == set(ROOMS)
    assert {place.name for place in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py", "doors.py"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_in_a_few_lines_what_lives_there(room: str) -> None:
    text = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text()))
    assert text is not None
    assert 1 <= len(text.splitlines()) <= 12


def test_no_module_imports_itself_through_others() -> None:
    edges = {module: targets for module, targets in graph().items() if module != DOORS}
    try:
        tuple(TopologicalSorter(edges).static_order())
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def faces() -> dict[str, set[str]]:
    return {
        room: set(re.findall(r'^    "(\w+)",$', (PACKAGE / room / "__init__.py").read_text(), re.MULTILINE))
        for room in ROOMS
    }


def test_what_a_face_offers_is_taken_from_the_face() -> None:
    offered = faces()
    assert len(offered["path"]) > 10
    past_the_face = [
        f"{module}: {source}.{name}"
        for module, place in MODULES.items()
        for source, name in imported(place)
        if source.count(".") > 1
        and source.split(".")[1] != [*module.split("."), ""][1]
        and name in offered[source.split(".")[1]]
        and ".".join(source.split(".")[:3]) not in SUBROOMS
    ]
    assert past_the_face == []


SUBROOMS = {module for module, place in MODULES.items() if place.name == "__init__.py"}


def test_no_file_is_longer_than_it_should_be() -> None:
    places = [*PACKAGE.rglob("*.py"), *(ROOT / "proofs_checks").rglob("*.py")]
    lengths = {place.relative_to(ROOT).as_posix(): len(place.read_text().splitlines()) for place in places}
    assert {name for name, lines in lengths.items() if lines > LONGEST} == set(LONGER_FOR_A_REASON)
