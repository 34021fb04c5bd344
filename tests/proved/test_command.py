"""``exactsaddle check --proved``: which program runs, and what is said where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exactsaddle.base import InvalidInput
from exactsaddle.certificates import INTERVAL_CHECKER
from exactsaddle.cli import app
from exactsaddle.cli.proved import FOLDER, proved_command

CORPUS = Path(__file__).parents[1] / "certificates"


def test_the_native_program_comes_first(tmp_path: Path) -> None:
    (tmp_path / "check_proved").touch()
    assert proved_command("c.json", folder=tmp_path) == [str(tmp_path / "check_proved"), "c.json"]


def test_else_the_script_under_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    assert proved_command("c.json", folder=tmp_path) == [
        "/bin/node",
        str(tmp_path / "check_proved.js"),
        "c.json",
    ]


def test_else_it_says_how_to_get_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InvalidInput, match=r"make -C .* install node"):
        proved_command("c.json", folder=tmp_path)


def test_events_have_no_proved_checker() -> None:
    with pytest.raises(InvalidInput, match=INTERVAL_CHECKER):
        proved_command("c.json", checker=INTERVAL_CHECKER)


@pytest.mark.skipif(
    not (FOLDER / "check_proved").exists() and shutil.which("node") is None,
    reason="neither the native program nor node",
)
@pytest.mark.parametrize(
    ("name", "code"), [("accepted/tie", 0), ("rejected/cone-inside", 1), ("accepted/prefix", 3)]
)
def test_the_verdict_is_that_of_the_reference_checker(name: str, code: int) -> None:
    file = str(CORPUS / f"{name}.json")
    reference = CliRunner().invoke(app, ["check", file])
    proved = CliRunner().invoke(app, ["check", file, "--proved"])
    assert proved.exit_code == reference.exit_code == code
    assert proved.stdout == reference.stdout
