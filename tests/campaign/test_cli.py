"""The commands: what they print, their exit codes, Ctrl-C, and what is missing."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from exactsaddle import campaign
from exactsaddle.base import InvalidInput, UnreadableFile
from exactsaddle.cli import app
from tests.support.campaign_workers import SMALL, InProcess, small
from tests.support.places import ROOT

COMMAND = [sys.executable, "-c", "from exactsaddle.cli import main; main()", "campaign"]


def call(*arguments: object):
    return CliRunner().invoke(app, ["campaign", *map(str, arguments)])


@pytest.fixture
def spec_file(tmp_path):
    place = tmp_path / "small.toml"
    place.write_text(SMALL.format(count=10, chunk=4))
    return place


@pytest.fixture
def here(monkeypatch):
    """Campaigns computed in this process, which is faster than processes that begin."""
    monkeypatch.setattr("exactsaddle.campaign.driver._engine", lambda workers, scheduler: InProcess())


def test_new_writes_a_spec_that_runs(tmp_path) -> None:
    place = tmp_path / "my study.toml"
    done = call("new", place)
    assert done.exit_code == 0
    assert "1,200 instances" in done.output
    assert campaign.read_spec(place).name == "my-study"
    with pytest.raises(InvalidInput, match=r"my study\.toml exists: --force replaces it"):
        raise call("new", place).exception
    assert json.loads(call("new", place, "--force", "--json").output)["instances"] == 1200


def test_run_status_and_resume_say_the_same(tmp_path, spec_file, here) -> None:
    done = call("run", spec_file, "-o", tmp_path / "c", "--json")
    assert done.exit_code == 0
    document = json.loads(done.output)
    assert document["verdict"] == "verified"
    assert (document["instances"], document["done"], document["complete"]) == (24, 24, True)
    assert document["spec_digest"] == small().digest
    for again in (call("status", tmp_path / "c", "--json"), call("resume", tmp_path / "c", "--json")):
        assert json.loads(again.output) == document
    shown = call("status", tmp_path / "c").output
    assert "gaussian" in shown
    assert "2x3" in shown
    assert "verified: 24 of 24 instances, 24 verified;" in shown


def test_a_damaged_part_is_told_and_redone(tmp_path, spec_file, here) -> None:
    call("run", spec_file, "-o", tmp_path / "c")
    part = tmp_path / "c" / "parts" / "part-000002.parquet"
    part.write_bytes(part.read_bytes()[:100])
    told = call("status", tmp_path / "c")
    assert told.exit_code == 3
    assert "part 2 is damaged, or a file kept of it: resume computes it again" in told.output
    assert "unchecked: 20 of 24 instances" in told.output
    assert "go on with: exactsaddle campaign resume" in told.output
    assert call("resume", tmp_path / "c").exit_code == 0


def test_a_rejected_instance_is_exit_code_one(tmp_path, spec_file, here, monkeypatch) -> None:
    class Report:
        verdict, message = "rejected", "seeded"

    monkeypatch.setattr("exactsaddle.campaign.work.check_path.check", lambda text: Report)
    done = call("run", spec_file, "-o", tmp_path / "c")
    assert done.exit_code == 1
    assert "rejected: 24 of 24 instances, 24 rejected" in done.output


def test_bad_input_is_named(tmp_path, spec_file) -> None:
    spec_file.write_text(spec_file.read_text().replace("seed", "sead"))
    with pytest.raises(UnreadableFile, match=r"small\.toml, line 4: sead is not a key here"):
        raise call("run", spec_file, "-o", tmp_path / "c").exception
    with pytest.raises(UnreadableFile, match="holds no campaign"):
        raise call("status", tmp_path).exception
    spec_file.write_text(SMALL.format(count=10, chunk=4))
    with pytest.raises(InvalidInput, match="workers are those of the scheduler: name one of the two"):
        raise call(
            "run", spec_file, "-o", tmp_path / "c", "--workers", 2, "--scheduler", "tcp://x:1"
        ).exception
    assert call("run", spec_file).exit_code == 2


def test_a_spec_whose_target_cannot_be_loaded_leaves_no_directory(tmp_path, spec_file) -> None:
    spec_file.write_text(spec_file.read_text() + '[do]\nconformance = "no_such_module:solve"\n')
    with pytest.raises(InvalidInput, match="no_such_module"):
        raise call("run", spec_file, "-o", tmp_path / "c").exception
    assert not (tmp_path / "c").exists()


def _interrupted(tmp_path, times: int):
    """A campaign of minutes, with Ctrl-C so many times once something is stored."""
    place = tmp_path / "long.toml"
    place.write_text(SMALL.format(count=20_000, chunk=100))
    driver = subprocess.Popen(
        [*COMMAND, "run", str(place), "-o", str(tmp_path / "c"), "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    while not list(tmp_path.glob("c/journal/*.json")):
        assert driver.poll() is None, driver.communicate()
        time.sleep(0.02)
    for _ in range(times):
        driver.send_signal(signal.SIGINT)
        time.sleep(0.02)
    return driver, *driver.communicate(timeout=60)


def test_ctrl_c_stores_what_is_being_computed(tmp_path) -> None:
    driver, output, errors = _interrupted(tmp_path, 1)
    assert driver.returncode == 3
    assert "stopping when what is being computed is stored; Ctrl-C again: at once" in errors
    assert "go on with: exactsaddle campaign resume" in output
    results = campaign.load(tmp_path / "c")
    assert results.done >= 100
    assert len(results.scan.finished) == results.done // 100
    assert not results.scan.damaged


@pytest.mark.slow
def test_a_second_ctrl_c_stops_at_once_and_harms_nothing(tmp_path) -> None:
    driver, _, _ = _interrupted(tmp_path, 2)
    assert driver.returncode not in (0, 1, 3)
    assert not campaign.load(tmp_path / "c").scan.damaged


WITHOUT = """
import json, sys
from tests.support.command import run

said = []
for modules, arguments in json.loads(sys.argv[1]):
    sys.modules.update(dict.fromkeys(modules))
    done = run("campaign", *arguments)
    said.append((done.returncode, done.stdout, done.stderr))
    for module in modules:
        del sys.modules[module]
print(json.dumps(said))
"""


def test_a_missing_extra_is_named_where_it_is_needed(tmp_path, spec_file) -> None:
    start = ["run", str(spec_file), "-o", str(tmp_path / "c")]
    calls = [
        (["pyarrow", "distributed"], ["--help"]),
        (["hypothesis"], start),
        (["pyarrow"], start),
        (["distributed"], [*start, "--scheduler", "tcp://127.0.0.1:1"]),
        (["pyarrow", "distributed"], [*start, "--scheduler", "tcp://127.0.0.1:1"]),
        (["pyarrow", "distributed"], ["resume", str(tmp_path), "--scheduler", "tcp://127.0.0.1:1"]),
    ]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(calls)], capture_output=True, text=True, cwd=ROOT
    )
    helped, *refused = json.loads(done.stdout)
    assert (helped[0], helped[2]) == (0, "")
    assert "resume" in helped[1]
    for (code, _, said), extra in zip(refused, ("hypothesis", "campaign", *["cluster"] * 3), strict=True):
        assert code == 2
        assert re.search(rf"pip install .*\[{extra}\]", said)
