"""Whatever a file holds, reading it ends soon: a problem, or one bounded message that names the file."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from exactsaddle import read_problem, saddle_path
from exactsaddle.base import ExactSaddleError, UnreadableFile
from tests.support.command import run, run_apart
from tests.support.hostile import HOSTILE, damaged


def refusal(place: Path) -> str | None:
    """The message of a refusal, by the reader or by the solver; None when there is a path."""
    try:
        saddle_path(read_problem(place), max_saddles=3, max_bits=20_000)
    except ExactSaddleError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_one_bounded_message(kind: str, tmp_path: Path) -> None:
    ending, content = HOSTILE[kind]
    place = tmp_path / f"data.{ending}"
    place.write_bytes(content)
    with pytest.raises(UnreadableFile) as refused:
        read_problem(place)
    assert str(refused.value).startswith(str(place))
    assert len(str(refused.value)) < 1000


def test_hostile_files_end_in_exit_code_2_and_one_line(tmp_path: Path) -> None:
    for number, kind in enumerate(("3 GB of digits", "encryption", "half a character", "records")):
        ending, content = HOSTILE[kind]
        place = tmp_path / f"{number}.{ending}"
        place.write_bytes(content)
        done = run_apart("path", place) if kind == "half a character" else run("path", place)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    place = tmp_path / "pipe.csv"
    os.mkfifo(place)
    with pytest.raises(UnreadableFile, match=r"pipe\.csv: is not a regular file"):
        read_problem(place)
    for command in (["path"], ["check"], ["campaign", "status"]):
        done = run(*command, place)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "a\0b.csv", "no/such/folder.csv", "\x1b[31m.csv"])
def test_names_that_cannot_be_are_refused_in_one_line(name: str, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from exactsaddle.cli import app
    from exactsaddle.cli.data import Given

    with pytest.raises(ExactSaddleError):
        Given(name).load()
    with pytest.raises(ExactSaddleError):
        read_problem(name)
    for command in (["check", name], ["campaign", "status", name], ["path", "planted", "-o", name + "/c"]):
        result = CliRunner().invoke(app, command)
        assert isinstance(result.exception, (ExactSaddleError, SystemExit)), command
        assert result.exit_code != 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may search every folder")
def test_a_folder_that_may_not_be_searched_is_named(tmp_path: Path) -> None:
    from exactsaddle.cli.data import Given

    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with pytest.raises(ExactSaddleError, match="Permission denied"):
        Given(str(closed / "data.csv")).load()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_damaged_files_end_in_a_path_or_a_refusal(seed: int, tmp_path: Path) -> None:
    for ending, content in damaged(seed, 400):
        place = tmp_path / f"data.{ending}"
        place.write_bytes(content)
        message = refusal(place)
        assert message is None or len(message) < 1200, content
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3 * 2**20  # KiB
