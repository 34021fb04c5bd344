"""What a budget leaves out names its reason and its option; what takes long says so, and how far it is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from exactsaddle import Problem, Status, load_dataset, saddle_path
from exactsaddle.convergence import Resolution, orbit_work
from exactsaddle.report.contents.flow import flow_section
from exactsaddle.report.contents.lasso import lasso_section
from exactsaddle.report.drawing import Drawing
from exactsaddle.report.findings import Absent, Budgets, Examined, find, forecast

TWINS = Problem([[2, 0, 2, 1], [0, 1, 0, 1], [1, 1, 1, 0]], [3, 1, 2])
LEAVES = Problem([[1, 2], [0, -1]], [2, 1])
BUDGETED = {
    "flow-work=0": "convergence",
    "exact-work=0": "claims",
    "lasso-work=0": "lasso",
    "ledger-work=0": "claims",
    "eigenvalue-work=0": "resolution",
}


@pytest.mark.parametrize("budget", BUDGETED)
def test_a_part_beyond_its_budget_names_the_option(budget: str) -> None:
    path = saddle_path(TWINS, arithmetic="ball")
    found = find(path, alphas=["1e-3"], budgets=Budgets.read([budget]), judge=lambda path: ())
    part = getattr(found, BUDGETED[budget])
    assert isinstance(part, Absent)
    assert f"--budget {budget.split('=')[0]}=" in part.reason


def test_curves_beyond_their_budget_are_missing_with_the_option() -> None:
    path = saddle_path(LEAVES)
    work = len(path) * path.problem.n * path.problem.d
    whole = find(path, alphas=["1e-3", "1e-6"], curves=True, judge=lambda path: ()).drawing
    assert isinstance(whole, Drawing)
    assert [len(whole.curves), len(whole.missing)] == [2, 0]
    few = Budgets.read([f"curve-work={400 * work}"])  # the first takes 300, and both together 616
    some = find(path, alphas=["1e-3", "1e-6"], budgets=few, curves=True, judge=lambda path: ()).drawing
    assert isinstance(some, Drawing)
    assert [curve.alpha for curve in some.curves] == [Fraction(1, 1000)]
    assert some.curves[0].times.tolist() == whole.curves[0].times.tolist()
    ((alpha, reason),) = some.missing
    assert alpha == Fraction(1, 10**6)
    assert f"--budget curve-work={4000 * work}" in reason
    none = find(
        path, alphas=["1e-3"], budgets=Budgets.read(["curve-work=0"]), curves=True, judge=lambda path: ()
    ).drawing
    assert isinstance(none, Drawing)
    assert not none.curves


def test_what_is_left_out_of_a_part_names_the_option() -> None:
    path = saddle_path(TWINS)
    small = Budgets.read(["rays=0", "selected-width=0", "multiplications=0", "knots=1"])
    found = find(path, flow=False, budgets=small)
    assert isinstance(found.examined, Examined)
    beyond = [reason for _, reason in found.examined.left_out if "applies to" not in reason]
    assert beyond
    assert all("--budget multiplications=" in reason for reason in beyond)
    several = [here for here in found.minimisers if here.unique is False]
    assert several
    for here in several:
        assert isinstance(here.extremes, Absent)
        assert "--budget rays=" in here.extremes.reason
        assert isinstance(here.selection, Absent)
        assert "--budget selected-width=" in here.selection.reason
    none = find(path, flow=False, budgets=Budgets.read(["described=0"]))
    assert any("--budget described=" in str(here.extremes) for here in none.minimisers)


def test_a_lasso_path_that_a_tie_ends_names_no_budget() -> None:
    tied = Problem([[1, 2, 0], [2, 4, 1], [0, 0, 9]], [1, 1, 9]).standardized()
    ended = str(lasso_section(find(saddle_path(tied), flow=False)).blocks)
    assert "a prefix stopped by a tie where thresholds are square roots (x0, x1), the saddle path" in ended
    short = str(lasso_section(find(saddle_path(TWINS), flow=False, budgets=Budgets.read(["knots=1"]))).blocks)
    assert "a prefix stopped by max_knots = 1 (--budget knots=N)" in short


def test_jumps_without_an_orbit_integral_name_the_option() -> None:
    path = saddle_path(LEAVES)
    few = Budgets.read(["orbit-work=0", "flow-work=0"])
    found = find(path, alphas=["1e-2", "1e-3"], budgets=few)
    work = orbit_work(path, len(path) - 2)
    assert work > 0
    assert found.orbits_left_out is not None
    assert f"--budget orbit-work={work}" in found.orbits_left_out.reason
    assert found.orbits_left_out.reason in str(flow_section(found).blocks)  # though nothing was enclosed
    enough = find(path, alphas=["1e-2", "1e-3"], budgets=replace(few, orbit_work=work))
    assert enough.orbits_left_out is None
    assert isinstance(enough.resolution, Resolution)
    assert enough.resolution.verdict.status is Status.VERIFIED
    assert "without a closed form" not in str(flow_section(enough).blocks)


def test_how_many_plateaus_show_at_the_smallest_scale_that_is_looked_at() -> None:
    def said(*alphas: str) -> str:
        path = saddle_path(load_dataset("planted"))
        found = find(path, alphas=alphas, budgets=Budgets.read(["small", "flow-work=0"]))
        return str(flow_section(found).blocks)

    assert "At α = 1e-16 4 of the 5 that end are proved to show." in said("1e-2", "1e-16")
    assert "proved to show" not in said("1e-32")


def test_subsets_beyond_their_budget_name_the_option() -> None:
    problem = Problem([[1, 2, 4, 8, 3], [3, 1, 7, 2, 5]], [1, 2])
    found = find(saddle_path(problem), flow=False, budgets=Budgets.read(["subsets=1"]))
    assert isinstance(found.position, Absent)
    assert "--budget subsets=N" in found.position.reason


def test_corrections_and_properties_say_how_far_they_are() -> None:
    seen: list[tuple[str, float | None]] = []
    find(
        saddle_path(LEAVES),
        alphas=["1e-2", "1e-3"],
        budgets=Budgets.read(["flow-work=0"]),
        progress=lambda stage, share: seen.append((stage, share)),
    )
    for beginning in ("corrections of the jump times, jump", "properties: "):
        shares = [share for stage, share in seen if stage.startswith(beginning) and share is not None]
        assert len(shares) > 1
        assert shares == sorted(shares)
        assert 0 <= shares[0] < shares[-1] <= 1


def test_properties_of_many_times_the_standard_cost_are_foretold(monkeypatch: pytest.MonkeyPatch) -> None:
    path, everything = saddle_path(TWINS, arithmetic="ball"), Budgets.read(["all"])
    assert forecast(path, everything) is None
    monkeypatch.setattr("exactsaddle.report.findings.judgement.FORETOLD", 0)
    told = forecast(path, everything)
    assert told is not None
    assert "times what a standard report allows" in told
    assert "--budget multiplications=6000000" in told
    assert forecast(path, Budgets()) is None
    assert forecast(path, Budgets.read(["all", "exact-work=0"])) is None
