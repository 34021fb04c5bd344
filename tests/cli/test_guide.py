"""The guide: every page runs as it stands, and every public name is on the page of names."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from exactsaddle.cli.guide import FACES, api_page, pages
from tests.support.command import run
from tests.support.places import ROOT

PAGES = sorted((ROOT / "exactsaddle" / "guide").glob("*.md"))


SLOW = {"03-the-papers-figures"}  # seconds of flow


@pytest.mark.parametrize(
    "page",
    [pytest.param(p, id=p.stem, marks=pytest.mark.slow if p.stem in SLOW else ()) for p in PAGES],
)
def test_a_page_runs_as_it_stands(page: Path) -> None:
    done = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert done.attempted > 0
    assert done.failed == 0


def test_every_public_name_is_on_the_page_of_names() -> None:
    page = api_page()
    faces = {
        ".".join(place.parent.relative_to(ROOT).parts)
        for place in (ROOT / "exactsaddle").rglob("__init__.py")
        if "__all__" in place.read_text(encoding="utf-8")
    }
    inner = {face for face in faces if face.startswith(("exactsaddle.report", "exactsaddle.cli"))}
    unlisted = {face for face in faces - inner - set(FACES) if face.count(".") == 1}
    assert not unlisted
    for face in FACES:
        section = page.partition(f"## {face}\n")[2].partition("\n## ")[0]
        for name in import_module(face).__all__:
            assert f"- `{name}" in section, (face, name)


def test_the_command_prints_pages_by_number_and_by_name() -> None:
    listed = run("guide")
    assert listed.returncode == 0
    assert len(listed.stdout.splitlines()) == len(PAGES) + 1 == len(pages()) + 1
    assert run("guide", "5").stdout == run("guide", "the-lasso").stdout
    assert run("guide", "5").stdout.startswith("# The Lasso beside it")
    assert "saddle_path(problem" in run("guide", "api").stdout
    wrong = run("guide", "nothing")
    assert wrong.returncode == 2
    assert "first-path" in wrong.stderr


def test_the_readme_leads_to_every_page() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"exactsaddle/guide/{page.name}" in text for page in PAGES)
