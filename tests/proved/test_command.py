"""The proved checker in commands: which program runs, what is said where there is none, and who agreed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exactsaddle.base import InvalidInput, ProofFailed, Status, Verdict
from exactsaddle.certificates import INTERVAL_CHECKER, ProvedChecker, proved_command
from exactsaddle.certificates.proved import FOLDER
from exactsaddle.cli import app

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


# --- a second opinion on what check_path.py decided ---------------------------------------------------------

VERDICT = Verdict("path", Status.VERIFIED, "3 saddles; and more that only the caller knows")


def saying(code: int = 0, **report: str) -> ProvedChecker:
    """A program that takes a certificate and says this of it."""
    said = json.dumps({"verdict": "verified", "message": "3 saddles", "beyond": "", **report})
    program = f"import sys; sys.stdin.read(); print({said!r}); sys.exit({code})"
    return ProvedChecker("native", (sys.executable, "-c", program))


def test_it_agrees_or_does_not_decide() -> None:
    assert saying().confirms("{}", VERDICT)
    assert not saying(3, verdict="unchecked", beyond="about 7").confirms("{}", VERDICT)
    prefix = Verdict("path", Status.UNCHECKED, "3 saddles")
    assert saying(3, verdict="unchecked").confirms("{}", prefix)


@pytest.mark.parametrize(
    "other",
    [saying(1, verdict="rejected"), saying(3, verdict="unchecked"), saying(message="4 saddles"), saying(2)],
    ids=["rejected", "unchecked", "another", "malformed"],
)
def test_what_does_not_agree_is_a_defect(other: ProvedChecker) -> None:
    with pytest.raises(ProofFailed, match="proved checker"):
        other.confirms("{}", VERDICT)


@pytest.mark.parametrize(
    ("here", "said"),
    [
        (None, ["check_path.py"]),
        (saying(message=""), ["check_path.py", "the proved checker (native)"]),
        (saying(3, verdict="unchecked", beyond="about 7"), ["check_path.py"]),
    ],
    ids=["absent", "agrees", "beyond"],
)
def test_a_path_says_which_checkers_agreed(
    here: ProvedChecker | None, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProvedChecker, "here", classmethod(lambda cls: here))
    data = tmp_path / "data.csv"
    data.write_text("a,b,y\n1,0,2\n0,1,1\n")
    shown = CliRunner().invoke(app, ["path", str(data)])
    assert f"checked by {' and by '.join(said)}\n" in shown.stdout
    found = json.loads(CliRunner().invoke(app, ["path", str(data), "--json"]).stdout)
    assert found["checked_by"] == said


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
