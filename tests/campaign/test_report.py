from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from exactsaddle import campaign, saddle_path
from exactsaddle.base import Status, UnreadableFile
from exactsaddle.campaign.pictures import saddle_pictures, series_of, turn_pictures
from exactsaddle.campaign.report import CampaignReport
from exactsaddle.campaign.results import Results
from exactsaddle.campaign.summary import TURNS, Distribution, Share, summarise, to_csv
from exactsaddle.cli import app
from exactsaddle.path.counts import deactivations, sign_flips
from exactsaddle.report.document import Attachment, Document, Link, Listing, Table
from exactsaddle.report.renderers.html import render_html
from exactsaddle.testing.properties import PROPERTIES
from tests.support.campaign_workers import InProcess

SPEC = """
format = 1
name = "small"
seed = 7
chunk = 10
[keep]
extremal = ["saddles", "deactivations"]
each = 2
[[experiment]]
name = "gaussian"
ensemble = "gaussian"
decimals = 1
sizes = ["1x2", "2x2", "4x2", "3x3"]
count = 10
[[experiment]]
name = "drops"
family = "strict-drop"
sizes = ["4x5"]
count = 5
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("campaign") / "small"
    return campaign.run(campaign.parse_spec(SPEC), folder, engine=InProcess())


# --- numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # Brown, Cai & DasGupta 2001 give the formula; values by solving |p − p̂| = z √(p(1 − p)/n) for p.
        (0, 10, 0.0, 0.277533),
        (5, 10, 0.236593, 0.763407),
        (10, 10, 0.722467, 1.0),
        (1, 4000, 0.0000441, 0.0014150),
    ],
)
def test_wilson_intervals(count: int, of: int, low: float, high: float) -> None:
    assert Share(count, of).interval == pytest.approx((low, high), abs=1e-6)
    found = Share(count, of).interval
    z = 1.959963984540054
    for end in found:
        if 0 < end < 1:
            assert abs(end - count / of) == pytest.approx(z * (end * (1 - end) / of) ** 0.5)


def test_quantiles_are_values_that_occur() -> None:
    found = Distribution.of(np.array([5, 1, 2, 2, 9]))
    assert found == Distribution(1, 1, 2, 9, 9, 19 / 5)


def test_cells_are_those_of_the_instances(results: Results) -> None:
    # The same numbers from the problems themselves, drawn anew and solved again.
    cells = summarise(results)
    assert [cell.size for cell in cells] == ["1x2", "2x2", "4x2", "3x3", "4x5"]
    first = 0
    for cell in cells:
        paths = [saddle_path(results.problem(i)) for i in range(first, first + cell.wanted)]
        first += cell.wanted
        assert cell.done == cell.verdicts[Status.VERIFIED] == cell.wanted
        assert cell.saddles is not None
        assert cell.saddles.mean == sum(map(len, paths)) / len(paths)
        assert cell.saddles.most == max(map(len, paths))
        for name, count in (("deactivations", deactivations), ("sign-flips", sign_flips)):
            numbers = [count(path) for path in paths]
            turns = cell.turns[name]
            assert (turns.total, turns.most, turns.paths.of) == (sum(numbers), max(numbers), len(paths))
            assert turns.paths.count == sum(number > 0 for number in numbers)
    assert cells[-1].turns["support-drops"].paths.count == 5
    assert sum(cell.cpu_seconds for cell in cells) == pytest.approx(results.cpu_seconds)


def test_the_table_for_programs(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(summarise(results)))))
    assert len(rows) == 5
    assert rows[4]["support_drops_paths"] == "5"
    assert rows[0]["saddles_most"] == "2"
    assert all(float(row["deactivations_low"]) <= float(row["deactivations_high"]) for row in rows)


# --- pictures and document --------------------------------------------------------------------


def test_curves_are_ensembles_of_one_d(results: Results) -> None:
    cells = summarise(results)
    assert [(one.label, [cell.size for cell in one.cells]) for one in series_of(cells)] == [
        ("d = 2", ["1x2", "2x2", "4x2"]),
        ("d = 3", ["3x3"]),
    ]
    found = (*turn_pictures(cells), *saddle_pictures(cells))
    assert [picture.anchor for picture in found] == [
        "share-non-monotone",
        "deactivations-per-coordinate",
        "saddles-per-coordinate",
    ]
    assert all("<svg" in picture.svg for picture in found)
    saddles = cells[3].saddles
    assert saddles is not None
    assert f"d = 3: at most {saddles.mean / 3:.3f}, at n/d = 1" in found[2].alt
    assert turn_pictures(cells[-1:]) == saddle_pictures(cells[-1:]) == ()


def tables(document: Document) -> dict[str, Table]:
    return {b.anchor: b for section in document.sections for b in section.blocks if isinstance(b, Table)}


def test_what_the_report_says(results: Results) -> None:
    document = CampaignReport.of(results).document()
    assert document.banner.status is Status.VERIFIED
    assert document.sections[0].anchor == "failures"
    found = tables(document)
    assert "failure-table" not in found
    assert {f"{name}-table" for name in TURNS} < set(found)
    assert len(found["saddle-table"].rows) == len(found["cost-table"].rows) == 5
    assert results.digest in str(document.made_by)
    total = sum(cell.turns["deactivations"].paths.count for cell in summarise(results))
    text = str(next(section for section in document.sections if section.anchor == "turns").blocks[1])
    assert f"{total} of 45 paths" in text
    assert "most often on 4 × 5 (drops), on 100.00%" in text
    assert "least often on 1 × 2 (gaussian), on 0.00%" in text


def test_records_link_to_files_that_are_written(results: Results, tmp_path: Path) -> None:
    report = CampaignReport.of(results)
    written = report.write(tmp_path, ("html", "csv", "json", "md"))
    assert [place.suffix for place in written] == [".html", ".csv", ".json", ".md"]
    links = [
        word.target
        for row in tables(report.document())["record-table"].rows
        for word in row[-1]
        if isinstance(word, Link)
    ]
    assert len(links) == 2 * len(results.kept) >= 4
    for link in links:
        assert (tmp_path / link).is_file()
    certificate = next(tmp_path / link for link in links if link.endswith(".cert.json"))
    assert CliRunner().invoke(app, ["check", str(certificate)]).exit_code == 0
    assert json.loads((tmp_path / "report.json").read_text())["results_digest"] == results.digest


def test_the_spec_in_the_report_is_that_of_the_command_in_it(results: Results) -> None:
    asked = next(s for s in CampaignReport.of(results).document().sections if s.anchor == "asked")
    saved = next(block for block in asked.blocks if isinstance(block, Attachment))
    command = next(block for block in asked.blocks if isinstance(block, Listing))
    assert f"campaign run {saved.filename} " in command.text
    assert campaign.parse_spec(saved.content.decode()).digest == results.spec.digest


def test_failures_come_first(results: Results, tmp_path: Path) -> None:
    # A budget of two saddles leaves prefixes: unchecked, kept whole, and named before anything else.
    spec = campaign.parse_spec(SPEC.replace("[keep]", "[budget]\nsaddles = 2\n[keep]"))
    partial = campaign.run(spec, tmp_path / "partial", engine=InProcess())
    report = CampaignReport.of(partial)
    document = report.document()
    assert document.banner.status is Status.UNCHECKED
    rows = tables(document)["failure-table"].rows
    assert len(rows) == partial.counts["unchecked"] > 0
    assert all(row[3] == ("unchecked",) and "a prefix" in str(row[4]) for row in rows), rows[0]
    for cell in report.cells:
        verified = cell.verdicts[Status.VERIFIED]
        assert (cell.saddles is None) == (verified == 0)
        assert all(turns.paths.of == verified for turns in cell.turns.values())
    page = render_html(document)
    assert page.index("failure-table") < page.index("cost-table")
    report.write(tmp_path / "out", ("md",))
    assert len(list((tmp_path / "out" / "instances").glob("*.cert.json"))) >= len(rows)


@pytest.mark.parametrize("change", ['[do]\ncheck = "none"', "[budget]\nsaddles = 2"])
def test_what_has_no_file_is_not_called_verified(change: str, tmp_path: Path) -> None:
    # Nothing was checked, or the files of the failures are gone.
    spec = campaign.parse_spec(SPEC.replace("[keep]", f"{change}\n[keep]"))
    found = campaign.run(spec, tmp_path, engine=InProcess())
    failed = found.counts["unchecked"]
    assert failed > 0
    for file in (tmp_path / "instances").iterdir():
        file.unlink()
    left = campaign.load(tmp_path)
    report = CampaignReport.of(left).document()
    assert ("was checked" in str(report.banner)) == (left.done > 0 and "none" not in change)
    text = str(next(section for section in report.sections if section.anchor == "failures"))
    told = "Not verified and not listed" if "none" in change else "damaged on disk"
    assert told in text
    assert f"{failed:,} " in text
    assert "is verified" not in text


def test_what_the_paths_were_compared_with(tmp_path: Path) -> None:
    asked = (
        f'[do]\nlasso = true\nproperties = ["{next(iter(PROPERTIES))}"]\nflow = ["1/1000"]\n'
        'conformance = "tests.support.solvers:correct"'
    )
    few = SPEC.replace('"1x2", "2x2", "4x2", "3x3"', '"2x2"').replace("= 10\n[[", "= 4\n[[")
    few = few.replace("count = 5", "count = 1").replace('"4x5"', '"3x3"')
    found = campaign.run(
        campaign.parse_spec(few.replace("[keep]", f"{asked}\n[keep]")), tmp_path, engine=InProcess()
    )
    shown = tables(CampaignReport.of(found).document())
    rows = found.table().to_pylist()

    def total(anchor: str, column: int) -> int:
        return sum(int(str(row[column][0])) for row in shown[anchor].rows)

    assert total("properties-table", 2) == sum(row["properties_verified"] for row in rows) > 0
    assert total("lasso-table", 2) == sum(row["lasso_agrees"] is not None for row in rows)
    assert total("lasso-table", 4) == sum(row["lasso_agrees"] is False for row in rows)
    assert total("conformance-table", 3) == sum(row["conformance"] == "right" for row in rows) > 0
    assert total("flow-0-table", 2) == sum(row["flow_0_status"] == "verified" for row in rows) > 0
    for name, size, *_, largest in shown["flow-0-table"].rows:
        cell = [
            r["flow_0_distance"] or 0 for r in rows if (r["experiment"],) == name and (r["size"],) == size
        ]
        assert max(cell) <= float(str(largest[0])) <= 1.01 * max(cell)


def test_a_campaign_without_statistics_has_a_report(tmp_path: Path) -> None:
    kept = 'extremal = ["saddles", "deactivations"]\neach = 2'
    bare = SPEC.replace(kept, "extremal = []\neach = 0").replace(
        "seed = 7", 'seed = 7\nstatistics = ["bits"]'
    )
    spec = campaign.parse_spec(bare)
    small = campaign.run(spec, tmp_path / "bits", engine=InProcess())
    report = CampaignReport.of(small)
    assert [section.anchor for section in report.document().sections] == ["failures", "asked", "cost"]
    assert turn_pictures(report.cells) == saddle_pictures(report.cells) == ()
    assert report.write(tmp_path / "out", ("html", "csv"))


def test_the_command(results: Results, tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(app, ["campaign", "report", str(results.directory), "-o", str(tmp_path), "--json"])
    told = json.loads(done.output)
    assert done.exit_code == 0
    assert set(told["files"]) == {"html", "pdf", "csv"}
    assert Path(told["files"]["pdf"]).read_bytes().startswith(b"%PDF")
    assert told["evidence"].startswith("45 verified of 45 instances")
    missing = runner.invoke(app, ["campaign", "report", str(tmp_path / "none")])
    assert isinstance(missing.exception, UnreadableFile)
