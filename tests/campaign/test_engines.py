"""The same results whatever computes them, and whatever is killed meanwhile."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest
from distributed import LocalCluster

from exactsaddle import campaign
from exactsaddle.base import EngineLost, InvalidInput
from exactsaddle.campaign import harvest as harvesting
from exactsaddle.campaign.engines.cluster import DaskCluster
from exactsaddle.campaign.engines.local import LocalProcesses
from exactsaddle.campaign.harvest import harvest
from exactsaddle.campaign.schema import columns, to_table
from exactsaddle.campaign.work import compute
from tests.support.campaign_workers import DEADLY, InProcess, Replacing, another_version, dies_of_one, small

COMMAND = [sys.executable, "-c", "from exactsaddle.cli import main; main()", "campaign"]


def bare_rows(spec):
    """What a bare loop over the instances gives, with no engine and no store."""
    outcomes = compute(spec.canonical, range(spec.instances)).outcomes
    return to_table([outcome.row for outcome in outcomes], columns(spec))


def files_of(directory: Path) -> dict[str, bytes]:
    """Everything stored but times, by place."""
    places = [*directory.glob("parts/*"), *directory.glob("instances/*")]
    return {str(place.relative_to(directory)): place.read_bytes() for place in places}


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0") as running:
        yield running


@pytest.fixture
def cluster_in_threads():
    """The same messages, none of them to processes that take a second to begin."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        protocol="tcp",
        processes=False,
        dashboard_address=":0",
    ) as running:
        yield running


def _assert_same_whatever_computes_it(spec, cluster, tmp_path) -> None:
    expected = bare_rows(spec)
    local = campaign.run(spec, tmp_path / "local", workers=2)
    assert local.complete
    assert local.table().equals(expected)
    dask = campaign.run(spec, tmp_path / "dask", scheduler=cluster.scheduler_address)
    assert dask.digest == local.digest
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")
    assert len(files_of(tmp_path / "dask")) > spec.parts


def test_two_processes_a_cluster_and_a_bare_loop_agree(cluster_in_threads, tmp_path) -> None:
    _assert_same_whatever_computes_it(small(), cluster_in_threads, tmp_path)


@pytest.mark.slow
def test_ten_thousand_instances_agree(cluster, tmp_path) -> None:
    spec = small(count=4998, chunk=250)
    assert spec.instances == 10_000
    _assert_same_whatever_computes_it(spec, cluster, tmp_path)


# --- harvest, with an engine that does as it is told ----------------------------------------


def _harvested(engine, spec, stopping=lambda: False):
    chunks = [tuple(spec.part(part)) for part in range(spec.parts)]
    found = {}
    for instances, outcomes in harvest(engine, compute, spec, chunks, stopping, lambda: None):
        assert not set(instances) & set(found)
        found.update(zip(instances, (outcome.row for outcome in outcomes), strict=True))
    return found


def test_an_instance_that_kills_its_workers_is_found_and_given_up_alone() -> None:
    spec = small(count=14, chunk=16)
    engine = InProcess(dies=lambda instances: 21 in instances)
    found = _harvested(engine, spec)
    assert sorted(found) == list(range(spec.instances))
    assert [i for i, row in found.items() if row["lost"]] == [21]
    assert found[21]["status"] == "unchecked"
    assert found[21]["reason"] == "solve: 3 workers died of it"
    assert len(found[21]["digest"]) == 64
    with_it = [instances for instances in engine.asked if 21 in instances]
    assert [len(instances) for instances in with_it] == [16, 16, 8, 8, 4, 4, 2, 2, 1, 1, 1]


def test_a_worker_that_dies_now_and_then_loses_and_doubles_nothing() -> None:
    spec = small(count=30, chunk=7)
    rng = random.Random(3)
    engine = InProcess(dies=lambda instances: rng.random() < 0.3)
    found = _harvested(engine, spec)
    assert sorted(found) == list(range(spec.instances))
    expected = bare_rows(spec).to_pylist()
    kept = [i for i in found if not found[i]["lost"]]
    assert len(kept) >= spec.instances - 3
    assert all({**expected[i], **found[i]} == expected[i] for i in kept)


def test_never_more_in_flight_than_the_engine_is_wide() -> None:
    spec = small(chunk=4)

    class Patient(InProcess):
        flying = 0
        most = 0

        def submit(self, function, canonical, instances):
            Patient.flying += 1
            Patient.most = max(Patient.most, Patient.flying)
            future = super().submit(function, canonical, instances)

            def result(timeout=None):
                Patient.flying -= 1
                return Future.result(future, timeout)

            future.result = result  # when the answer is taken, the place is free
            return future

    assert len(_harvested(Patient(width=2), spec)) == spec.instances
    assert Patient.most == 2


def test_stopping_gathers_what_is_in_flight_and_begins_nothing() -> None:
    spec = small(chunk=4)
    engine = InProcess(width=2)
    found = _harvested(engine, spec, stopping=lambda: len(engine.asked) >= 5)
    assert len(engine.asked) == 5
    assert len(found) == 20


# --- real processes ---------------------------------------------------------------------------


@pytest.mark.slow
def test_a_killed_process_costs_its_own_instance_only(tmp_path) -> None:
    spec = small(count=4, chunk=2)
    engine = Replacing(2, dies_of_one)
    try:
        results = campaign.run(spec, tmp_path / "c", engine=engine)
    finally:
        engine.close(now=True)
    assert results.complete
    assert results.counts == {"verified": 11, "rejected": 0, "unchecked": 1, "lost": 1}
    rows = results.table().to_pylist()
    assert [row["instance"] for row in rows if row["lost"]] == [DEADLY]
    (kept,) = [kept for kept in results.kept if "unchecked" in kept.reasons]
    assert kept.load_problem() == results.problem(DEADLY)
    assert kept.certificate is None

    again = campaign.resume(tmp_path / "c", engine=InProcess())
    assert again.counts["lost"] == 1
    again = campaign.resume(tmp_path / "c", workers=1, retry_lost=True)
    assert again.table().equals(bare_rows(spec))


def test_workers_of_another_version_are_refused(tmp_path) -> None:
    with pytest.raises(InvalidInput, match=r"a worker has .*0\.0\.1.*resume"):
        campaign.run(small(), tmp_path / "c", engine=_InProcessOther())


class _InProcessOther(InProcess):
    def submit(self, function, canonical, instances):
        return super().submit(another_version, canonical, instances)


def _workers_of(driver: psutil.Process) -> list[psutil.Process]:
    found = []
    for child in driver.children(recursive=True):
        try:
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def _survives_kills(spec, directory: Path, spec_file: Path, kills: list[str]) -> None:
    """Random kill -9 of workers and of the driver, then resume: the same set, no duplicate, no gap."""
    rng = random.Random(len(kills))
    journal = directory / "journal"
    done = 0
    driver = None
    killed = 0
    for victim in kills:
        if driver is None:
            call = ["resume", str(directory)] if done else ["run", str(spec_file), "-o", str(directory)]
            log = (directory.parent / "log").open("w")
            driver = subprocess.Popen([*COMMAND, *call, "--workers", "2"], stdout=log, stderr=log)
        deadline = time.monotonic() + 120
        orphans: list[psutil.Process] = []
        while driver.poll() is None and (len(list(journal.glob("part-*.json"))) <= done or len(orphans) < 2):
            assert time.monotonic() < deadline, "no progress"
            time.sleep(0.01)
            orphans = _workers_of(psutil.Process(driver.pid))
        time.sleep(rng.random() * 0.2)
        if driver.poll() is not None:
            break
        killed += 1
        if victim == "worker":
            rng.choice(orphans).kill()
        else:
            driver.send_signal(signal.SIGKILL)
            driver.wait()
            driver = None
            _, alive = psutil.wait_procs(orphans, timeout=30)
            assert not alive, "workers outlive their driver"
        done = len(list(journal.glob("part-*.json")))
    if driver is not None:
        driver.wait()
    assert killed == len(kills), "the campaign was over too soon"
    results = campaign.resume(directory, engine=InProcess())
    assert results.complete
    assert results.counts["lost"] == 0
    assert results.table()["instance"].to_pylist() == list(range(spec.instances))
    assert results.table().equals(bare_rows(spec))


@pytest.fixture
def spec_file(tmp_path):
    def write(spec) -> Path:
        from tests.support.campaign_workers import SMALL

        place = tmp_path / "spec.toml"
        place.write_text(SMALL.format(count=spec.experiments[0].count, chunk=spec.chunk))
        return place

    return write


def test_kill_nine_of_the_driver(tmp_path, spec_file) -> None:
    spec = small(count=20, chunk=5)
    _survives_kills(spec, tmp_path / "c", spec_file(spec), kills=["driver"])


@pytest.mark.slow
def test_twenty_kill_nines(tmp_path, spec_file) -> None:
    spec = small(count=3998, chunk=25)
    _survives_kills(
        spec, tmp_path / "c", spec_file(spec), kills=random.Random(2).choices(["worker", "driver"], k=20)
    )


@pytest.mark.slow
def test_a_killed_worker_of_a_cluster_loses_nothing(cluster, tmp_path) -> None:
    spec = small(count=100, chunk=10)
    victim = next(iter(cluster.workers.values())).pid
    killed = []

    def progress(state) -> None:
        if state.done and not killed:
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    results = campaign.run(spec, tmp_path / "c", scheduler=cluster.scheduler_address, progress=progress)
    assert killed
    assert results.table().equals(bare_rows(spec))


def test_a_scheduler_that_is_away_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9: "):
        DaskCluster("tcp://127.0.0.1:9", connect_seconds=0.5)
    with pytest.raises(InvalidInput, match="no Dask scheduler answers at nonsense"):
        DaskCluster("nonsense://x:1", connect_seconds=0.5)


@pytest.mark.parametrize("address", ["foo", "tcp://foo", "foo://x:1"])
def test_no_client_is_made_for_what_is_no_address(address, monkeypatch) -> None:
    # One that fails while it is made raises again when it is collected, and takes 20 s over it.
    monkeypatch.setattr("exactsaddle.campaign.engines.cluster.Client", lambda *a, **k: pytest.fail("made"))
    with pytest.raises(InvalidInput, match=f"no Dask scheduler answers at {address}: (missing port|unknown)"):
        DaskCluster(address)


def test_a_scheduler_without_workers_is_named(tmp_path) -> None:
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=":0") as empty,
        pytest.raises(InvalidInput, match="has no worker: start one with `dask worker tcp"),
    ):
        DaskCluster(empty.scheduler_address, connect_seconds=0.5)


@pytest.mark.slow
def test_a_scheduler_that_dies_leaves_a_campaign_to_resume(tmp_path) -> None:
    spec = small(count=100, chunk=10)
    directory = tmp_path / "c"
    file = tmp_path / "scheduler.json"
    options = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", *options], **quiet
    )
    worker = None
    try:
        while not file.exists() or not file.read_text():
            time.sleep(0.05)
        connect = ["--scheduler-file", str(file), "--no-dashboard", "--nthreads", "1", "--no-nanny"]
        worker = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", *connect], **quiet)
        address = __import__("json").loads(file.read_text())["address"]

        def progress(state) -> None:
            if state.done:
                scheduler.kill()

        with pytest.raises(EngineLost, match="instances are stored; go on with: exactsaddle campaign resume"):
            campaign.run(spec, directory, engine=DaskCluster(address, connect_seconds=60), progress=progress)
    finally:
        scheduler.kill()
        scheduler.wait()
        if worker is not None:
            worker.kill()
            worker.wait()
    partial = campaign.load(directory)
    assert 0 < partial.done < spec.instances
    assert campaign.resume(directory, workers=1).table().equals(bare_rows(spec))


def test_the_number_of_processes_is_checked() -> None:
    with pytest.raises(InvalidInput, match="workers must be from 1 to 1024, not 0"):
        LocalProcesses(0)


def test_the_limits_are_what_they_are_said_to_be() -> None:
    assert (harvesting.TRIES, harvesting.LAST_TRIES) == (2, 3)
