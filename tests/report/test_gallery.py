"""The gallery: its exhibits are what they say, and building it again gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from exactsaddle import Problem, Status, saddle_path
from exactsaddle.audit import Audit, read_run
from exactsaddle.base import InvalidInput
from exactsaddle.cli import app
from exactsaddle.report.drawing import drawing_end
from exactsaddle.report.figures.audit import audit_drawing
from exactsaddle.report.gallery.build import MANIFEST, select, versions
from exactsaddle.report.gallery.exhibits import EXHIBITS, Exhibit
from exactsaddle.report.gallery.float_recursion import float_saddles
from exactsaddle.testing.strategies import events
from tests.support.places import CORPUS, REPORTS

EVERY = pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.slug)


def named(slug: str) -> Exhibit:
    return select([slug])[0]


def files(folder: Path) -> dict[str, str]:
    """Name to SHA-256: pytest would take minutes to say how two pages differ."""
    return {str(place.relative_to(folder)): digest(place) for place in folder.rglob("*.*")}


def digest(place: Path) -> str:
    return hashlib.sha256(place.read_bytes()).hexdigest()


def build(folder: Path, *arguments: str) -> None:
    done = CliRunner().invoke(app, ["gallery", "-o", str(folder), *arguments], catch_exceptions=False)
    assert done.exit_code == 0


@pytest.mark.parametrize("exhibit", [e for e in EXHIBITS if e.corpus], ids=lambda exhibit: exhibit.slug)
def test_an_exhibit_is_the_problem_of_the_corpus_that_proves_its_story(exhibit: Exhibit) -> None:
    document = json.loads((CORPUS / f"{exhibit.corpus}.json").read_text(encoding="utf-8"))
    assert Problem.from_json(document["problem"]) == exhibit.problem()


def test_what_the_stories_say() -> None:
    paths = {exhibit.slug: saddle_path(exhibit.problem()) for exhibit in EXHIBITS}
    names = paths["diabetes"].problem.names
    s1 = names.index("s1")
    assert [k for k, s in enumerate(paths["diabetes"]) if s1 in s.support][:4] == [1, 2, 5, 6]
    assert paths["planted"][-1].beta[2] == 3
    assert events.deactivation(paths["deactivation"]) == 6
    assert events.strict_drop(paths["support-drop"]) is not None
    assert paths["sign-flip"][1].beta[1] > 0 > paths["sign-flip"][-1].beta[1]
    assert [len(saddle.hits) for saddle in paths["exact-tie"]] == [1, 2, 1, 0]
    assert not all(saddle.unique for saddle in paths["selection"])
    assert all(not jump.left for jump in paths["orthogonal"].events)
    near = paths["near-tie"]
    assert [f"{float(t):.1e}" for t in near.jump_times[2:]] == ["4.0e+00", "7.6e+08"]
    assert f"{float(-near[1].gradient[1]):.1e}" == "2.6e-09"
    assert f"{float(1 / abs(near[0].gradient[1]) / near.jump_times[1] - 1):.1e}" == "1.1e-08"
    assert paths["sign-flip"][1].beta[1] == Fraction(3, 5)
    assert paths["exact-tie"].jump_times[2] == Fraction(21, 5)
    assert paths["exact-tie"].events[1].left == (2,)
    assert len(paths["longest"]) == 16


@pytest.mark.slow  # no report of an exhibit is built that is not
def test_every_exhibit_is_verified() -> None:
    paths = [saddle_path(exhibit.problem()) for exhibit in EXHIBITS]
    assert all(path.certificate().check().status is Status.VERIFIED for path in paths)


AUDITED = [exhibit for exhibit in EXHIBITS if exhibit.training is not None]


@pytest.mark.parametrize("exhibit", AUDITED, ids=lambda exhibit: exhibit.slug)
def test_the_run_beside_its_report_is_the_one_that_its_loop_logs(exhibit: Exhibit) -> None:
    assert exhibit.training is not None
    problem, stored = exhibit.problem(), REPORTS / exhibit.slug / "run.csv"
    assert stored.read_text(encoding="utf-8") == exhibit.training.csv(problem)
    read, log = read_run(stored), exhibit.training.log(problem)
    assert read.counts_steps
    assert (read.clock.tolist(), read.beta is not None and read.beta.tolist()) == (log["step"], log["beta"])


def test_what_the_audited_runs_say() -> None:
    found = {e.slug: audit_of(e.slug) for e in AUDITED if e.slug != "audit-figure-1"}
    assert {audit.verdict for audit in found.values()} == {"agrees"}
    for slug, factor in (("audit-agrees", 1), ("audit-clock", 2), ("audit-coarse", 1), ("audit-step", 1)):
        account = found[slug].account
        assert account is not None
        assert account.factor == factor
    for slug in ("audit-agrees", "audit-clock"):
        assert found[slug].itinerary is not None
        assert visited(found[slug]) == [0, 1, 2, 3]
    assert found["audit-agrees"].reasons == ()
    assert "runs 2 times as fast" in " ".join(found["audit-clock"].reasons)
    assert visited(found["audit-coarse"]) == [None, 2]
    assert found["audit-coarse"].hidden == (0, 1, 3)
    step = found["audit-step"]
    assert visited(step) == [0, 1, None]
    assert step.beta is not None
    assert step.times is not None
    assert (step.beta[-1].round(1) == [1, 0, 0]).all()
    page = (REPORTS / "audit-step" / "coordinates.svg").read_text(encoding="utf-8")
    assert "x0" in page  # the flow never takes it
    drawing, _ = audit_drawing(step)
    assert drawing is not None
    assert drawing.end > step.times[step.beta[:, 0] > 0.5][0] > drawing_end(step.path)
    assert all(row.run_flow > 0.9 for row in step.distances[-3:] if row.run_flow is not None)


@pytest.mark.slow
def test_the_audit_of_the_paper_s_figure_agrees() -> None:
    assert audit_of("audit-figure-1").verdict == "agrees"


def audit_of(slug: str) -> Audit:
    exhibit = named(slug)
    assert exhibit.training is not None
    return exhibit.training.audit(exhibit.problem())


def visited(found: Audit) -> list[int | None]:
    assert found.itinerary is not None
    return [plateau.saddle for plateau in found.itinerary.plateaus]


def test_floats_are_wrong_about_the_near_tie() -> None:
    problem = named("near-tie").problem()
    X = np.array([[float(value) for value in row] for row in problem.X])
    y = np.array([float(value) for value in problem.y])
    assert [[int(value) for value in row] for row in X] == [list(map(int, row)) for row in problem.X]
    path, found = saddle_path(problem), float_saddles(X, y)
    assert [float(value) for value in path[-1].beta] == [-94906265.0, 94906266.0]
    assert max(map(abs, found[-1].beta)) < 1
    assert abs(found[2].time - float(path.jump_times[2])) > 1


def test_floats_are_right_where_nothing_is_close() -> None:
    problem = named("longest").problem()
    X = [[float(value) for value in row] for row in problem.X]
    found = float_saddles(X, [float(value) for value in problem.y])
    path = saddle_path(problem)
    assert [step.support for step in found] == [saddle.support for saddle in path]
    assert np.allclose([step.time for step in found], [float(t) for t in path.jump_times])


def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    build(tmp_path, "--only", "deactivation")
    built = files(tmp_path)
    assert set(built) == {
        f"deactivation/{name}" for name in ("report.html", "report.pdf", "problem.json", "coordinates.svg")
    }
    before = REPORTS
    if json.loads((REPORTS / MANIFEST).read_text(encoding="utf-8"))["versions"] != versions():
        before = tmp_path / "with these versions"
        build(before, "--only", "deactivation")
    assert built == {name: digest(before / name) for name in built}


@pytest.mark.slow
@pytest.mark.parametrize(
    "processor",
    [
        {"OPENBLAS_CORETYPE": "Haswell"},
        {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"},
    ],
    ids=["haswell", "prescott"],
)
def test_the_whole_gallery_is_the_one_in_the_repository(tmp_path: Path, processor: dict[str, str]) -> None:
    command = [sys.executable, "-c", "from exactsaddle.cli import app; app()", "gallery", "-o", str(tmp_path)]
    subprocess.run(command, env={**os.environ, **processor}, check=True, capture_output=True)
    built = files(tmp_path)
    assert json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))["exhibits"].keys() == {
        exhibit.slug for exhibit in EXHIBITS
    }
    stored = json.loads((REPORTS / MANIFEST).read_text(encoding="utf-8"))
    if stored["versions"] != versions():
        pytest.skip(f"the gallery in the repository was made with {stored['versions']}")
    assert built == {name: digest(REPORTS / name) for name in built}


@EVERY
def test_the_repository_holds_the_reports_of_every_exhibit(exhibit: Exhibit) -> None:
    stored = json.loads((REPORTS / MANIFEST).read_text(encoding="utf-8"))
    assert stored["exhibits"][exhibit.slug] == exhibit.problem().digest
    page = (REPORTS / exhibit.slug / "report.html").read_text(encoding="utf-8")
    assert exhibit.problem().digest in page
    assert ("What explains the run" in page) == (exhibit.training is not None)
    assert f"{exhibit.slug}/report.html" in (REPORTS / "README.md").read_text(encoding="utf-8")
    assert ("What floats make of it" in page) == exhibit.floats
    assert ("What a step makes of it" in page) == bool(exhibit.step)
    assert ("C measured" in page) == ("real time is t/(3·α)" in page) == (exhibit.problem().network.depth > 2)


def test_the_gallery_is_small() -> None:
    assert sum(place.stat().st_size for place in REPORTS.rglob("*.*")) < 14_000_000


def test_an_unknown_exhibit_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"'nothing'.*deactivation"):
        select(["nothing"])


def test_the_weakest_verdict() -> None:
    verified, unchecked, rejected = Status.VERIFIED, Status.UNCHECKED, Status.REJECTED
    assert Status.weakest([verified, verified]) is verified
    assert Status.weakest([verified, unchecked]) is unchecked
    assert Status.weakest([unchecked, rejected, verified]) is rejected
