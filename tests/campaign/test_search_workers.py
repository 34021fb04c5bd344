"""The workers of a search: one that is killed, all that are killed, Ctrl-C while they start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from exactsaddle.base import EngineLost
from exactsaddle.campaign.search import OBJECTIVES, Grid, search
from exactsaddle.campaign.search.workers import Stopped, run_tasks


@dataclass(frozen=True)
class DiesOnce:
    """Kills its worker the first time that number 3 is done."""

    number: int
    mark: Path

    def run(self, stopped: Stopped) -> int:
        if self.number == 3 and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.number


@dataclass(frozen=True)
class Dies:
    def run(self, stopped: Stopped) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0


@pytest.mark.slow
def test_what_a_killed_worker_was_doing_is_done_again(tmp_path: Path) -> None:
    tasks = (DiesOnce(k, tmp_path / "died") for k in range(8))
    assert list(run_tasks(tasks, 2, lambda: False)) == list(range(8))
    assert (tmp_path / "died").exists()


@pytest.mark.slow
def test_workers_that_always_die_are_not_begun_for_ever() -> None:
    with pytest.raises(EngineLost, match="3 times in a row"):
        list(run_tasks([Dies()], 2, lambda: False))


def test_a_search_keeps_the_best_so_far_when_its_workers_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(tasks, workers, over):  # type: ignore[no-untyped-def]
        yield next(iter(tasks)).run(over)
        raise EngineLost("gone")

    monkeypatch.setattr("exactsaddle.campaign.search.engine.run_tasks", lost)
    result = search(OBJECTIVES["saddles"], Grid(3, 4, 1), method="exhaustive", seconds=None)
    assert result.record is not None
    assert not result.exhausted


def test_ctrl_c_while_workers_start_keeps_the_best_so_far() -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", "from exactsaddle.cli import main; main()", "campaign", "search"),
            *("--size", "3x4", "--method", "exhaustive", "--time", "1h", "--workers", "2"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(children(process.pid)) < 3 and time.monotonic() < deadline:  # with the resource tracker
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    printed, said = process.communicate(timeout=120)
    assert said == ""
    assert process.returncode == 0
    assert "verified" in printed


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
