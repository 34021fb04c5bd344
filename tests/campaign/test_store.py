"""The directory of a campaign: what is damaged is found and redone, what is another's is left alone."""

from __future__ import annotations

import errno
import json
import os
import shutil

import pyarrow.parquet as pq
import pytest

from exactsaddle import campaign
from exactsaddle.base import InvalidInput, UnreadableFile
from exactsaddle.campaign.results import load
from exactsaddle.campaign.specfile import parse_spec
from exactsaddle.campaign.store import Store
from exactsaddle.certificates import Certificate
from tests.support.campaign_workers import SMALL, InProcess, small


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return campaign.run(small(), tmp_path_factory.mktemp("campaign") / "c", engine=InProcess()).directory


@pytest.fixture
def finished(tmp_path, template):
    return load(shutil.copytree(template, tmp_path / "c"))


def _parts_computed(directory) -> list[int]:
    """Which parts a resume computes."""
    engine = InProcess()
    results = campaign.resume(directory, engine=engine)
    assert results.complete
    return sorted({instances[0] // results.spec.chunk for instances in engine.asked})


def test_a_finished_campaign_computes_nothing_again(finished) -> None:
    assert _parts_computed(finished.directory) == []
    engine = InProcess()
    campaign.run(finished.spec, finished.directory, engine=engine)
    assert engine.asked == []


def _truncate(place) -> None:
    place.write_bytes(place.read_bytes()[:-40])


def _flip(place) -> None:
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)


@pytest.mark.parametrize("folder", ["parts", "timings", "journal"])
@pytest.mark.parametrize("damage", [_truncate, _flip, os.unlink, lambda place: place.write_bytes(b"")])
def test_a_damaged_part_is_found_and_redone(finished, folder, damage) -> None:
    before = finished.table()
    (place,) = finished.directory.glob(f"{folder}/part-000003.*")
    damage(place)
    now = load(finished.directory)
    assert not now.complete
    assert 3 not in now.scan.finished
    assert now.done == finished.done - 4
    assert now.scan.damaged == ((3,) if place.exists() or folder != "journal" else ())
    assert now.table().num_rows == now.done
    assert _parts_computed(finished.directory) == [3]
    again = load(finished.directory)
    assert again.digest == finished.digest
    assert again.table().equals(before)


def test_an_entry_of_another_part_is_no_entry(finished) -> None:
    journal = finished.directory / "journal"
    (journal / "part-000002.json").write_bytes((journal / "part-000001.json").read_bytes())
    assert load(finished.directory).scan.damaged == (2,)


def test_rows_of_one_part_cannot_stand_in_for_those_of_another(finished) -> None:
    parts = finished.directory / "parts"
    (parts / "part-000002.parquet").write_bytes((parts / "part-000001.parquet").read_bytes())
    assert load(finished.directory).scan.damaged == (2,)


def test_extremal_instances_are_kept_whole_and_kept_again(finished) -> None:
    kept = finished.kept
    most = max(kept, key=lambda found: found.row["saddles"])
    assert "saddles" in most.reasons
    assert most.row["saddles"] == max(finished.table(["saddles"])["saddles"].to_pylist())
    assert most.load_problem().digest == most.row["digest"]
    assert most.load_problem() == finished.problem(most.row["instance"])
    assert most.load_certificate().check().status.value == "verified"
    assert most.certificate is not None
    content = most.certificate.read_bytes()
    most.certificate.unlink()
    assert _parts_computed(finished.directory) == [most.row["instance"] // 4]
    assert most.certificate.read_bytes() == content
    assert isinstance(Certificate.load(most.certificate), Certificate)


@pytest.mark.parametrize("damage", [_truncate, os.unlink, lambda place: place.write_bytes(b"")])
@pytest.mark.parametrize("kind", ["problem", "certificate"])
def test_a_damaged_extremal_instance_is_kept_again(finished, kind, damage) -> None:
    place = getattr(finished.kept[0], kind)
    content = place.read_bytes()
    damage(place)
    assert _parts_computed(finished.directory) == [finished.kept[0].row["instance"] // 4]
    assert place.read_bytes() == content


@pytest.mark.parametrize("damage", [_truncate, os.unlink])
def test_a_part_whose_kept_failure_is_damaged_is_redone(tmp_path, damage) -> None:
    spec = parse_spec(SMALL.format(count=3, chunk=4) + "[budget]\nsaddles = 2\n")
    found = campaign.run(spec, tmp_path / "c", engine=InProcess())
    failed = next(kept for kept in found.kept if "unchecked" in kept.reasons)
    content = failed.problem.read_bytes()
    damage(failed.problem)
    part = failed.row["instance"] // 4
    assert load(tmp_path / "c").scan.damaged == (part,)
    assert _parts_computed(tmp_path / "c") == [part]
    assert failed.problem.read_bytes() == content


def test_a_campaign_without_checks_keeps_nothing_and_is_whole(tmp_path) -> None:
    spec = parse_spec(SMALL.format(count=3, chunk=4) + '[do]\ncheck = "none"\n[keep]\neach = 0\n')
    found = campaign.run(spec, tmp_path / "c", engine=InProcess())
    assert found.complete
    assert not found.scan.damaged


def test_extremal_means_highest_and_among_equals_first(finished) -> None:
    rows = finished.table().to_pylist()
    for name in finished.spec.keep.extremal:
        column = name.replace("-", "_")
        ranked = sorted(
            (row for row in rows if (row[column] or 0) > 0), key=lambda row: (-row[column], row["instance"])
        )
        expected = [row["instance"] for row in ranked[:3]]
        assert [k.row["instance"] for k in finished.kept if name in k.reasons] == sorted(
            expected, key=[k.row["instance"] for k in finished.kept].index
        )


def test_parts_say_whose_they_are(finished) -> None:
    metadata = pq.read_schema(finished.directory / "parts" / "part-000000.parquet").metadata
    assert metadata[b"exactsaddle.campaign"].decode() == finished.spec.digest
    assert metadata[b"exactsaddle.schema"] == b"1"


def test_another_campaign_is_left_alone(finished) -> None:
    with pytest.raises(InvalidInput, match=r"holds another campaign, 'small' \(.*choose another directory"):
        campaign.run(small(count=11), finished.directory, engine=InProcess())


def test_a_foreign_directory_is_left_alone(tmp_path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(InvalidInput, match=r"is not empty and holds no campaign \('thesis.tex' is there\)"):
        campaign.run(small(), tmp_path, engine=InProcess())
    assert [place.name for place in tmp_path.iterdir()] == ["thesis.tex"]
    file = tmp_path / "thesis.tex"
    with pytest.raises(InvalidInput, match=r"cannot make .*thesis.tex"):
        campaign.run(small(), file, engine=InProcess())


def _change_manifest(directory, **fields) -> None:
    place = directory / "manifest.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), **fields}))


def test_another_version_may_read_but_not_go_on(finished) -> None:
    _change_manifest(finished.directory, versions={"exactsaddle": "0.0.9", "hypothesis": "6.0.0"})
    assert load(finished.directory).complete
    message = r"was begun by exactsaddle 0\.0\.9, hypothesis 6\.0\.0, and this is exactsaddle .*same versions"
    for call in (
        lambda: campaign.resume(finished.directory, engine=InProcess()),
        lambda: campaign.run(finished.spec, finished.directory, engine=InProcess()),
    ):
        with pytest.raises(InvalidInput, match=message):
            call()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"schema": 2}, "manifest.json: schema 2; this version of exactsaddle knows 1"),
        ({"format": "x"}, "is not the manifest of an exactsaddle campaign"),
        ({"digest": "0" * 64}, "the digest is not that of its spec: it was changed by hand"),
        ({"spec": {"format": 1, "sed": 1}}, "spec: sed is not a key here"),
        ({"spec": None}, "manifest.json: spec"),
    ],
)
def test_a_manifest_that_is_not_one_is_refused(finished, fields, message) -> None:
    _change_manifest(finished.directory, **fields)
    with pytest.raises(UnreadableFile, match=message):
        load(finished.directory)


def test_no_manifest_is_no_campaign(tmp_path) -> None:
    with pytest.raises(UnreadableFile, match=r"holds no campaign \(manifest.json is missing\)"):
        load(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(UnreadableFile, match=r"manifest.json: cannot be read as JSON"):
        load(tmp_path)


def test_two_drivers_cannot_write_one_directory(tmp_path) -> None:
    store = Store.create(tmp_path / "c", small())
    with store.lock():
        with pytest.raises(InvalidInput, match=f"is in use by process {os.getpid()}: wait, or stop it"):
            campaign.run(small(), tmp_path / "c", engine=InProcess())
        assert load(tmp_path / "c").done == 0
    assert campaign.run(small(), tmp_path / "c", engine=InProcess()).complete


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A campaign of 12 instances that nothing disturbed."""
    return campaign.run(small(count=4), tmp_path_factory.mktemp("clean") / "c", engine=InProcess())


@pytest.mark.parametrize("writes", [0, 1, 2, 3, 9])
def test_a_full_disk_loses_nothing(tmp_path, monkeypatch, clean, writes) -> None:
    spec = clean.spec
    left = [writes]

    def fsync(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    engine = InProcess()
    with monkeypatch.context() as patch:
        patch.setattr("exactsaddle.base.files.os.fsync", fsync)
        with pytest.raises(InvalidInput, match=r"cannot write .*: No space left on device") as caught:
            campaign.run(spec, tmp_path / "c", engine=engine)
    if writes == 0:
        assert not (tmp_path / "c" / "manifest.json").exists()
    else:
        stored = load(tmp_path / "c").done
        assert f"{stored} of 12 instances are stored; go on with: exactsaddle campaign resume" in str(
            caught.value
        )
    assert not list((tmp_path / "c").rglob(".part*"))
    results = campaign.run(spec, tmp_path / "c", engine=InProcess())
    assert results.complete
    assert results.digest == clean.digest


def test_what_a_kill_left_half_written_is_swept(tmp_path) -> None:
    store = Store.create(tmp_path / "c", small())
    for folder in ("parts", "instances"):
        (store.directory / folder).mkdir()
        (store.directory / folder / ".part-000000.parquet.x1y2").write_bytes(b"half")
    campaign.run(small(), tmp_path / "c", engine=InProcess())
    assert not list(store.directory.glob("*/.*"))


def test_an_engine_of_the_callers_is_not_closed(tmp_path) -> None:
    engine = InProcess()
    campaign.run(small(), tmp_path / "c", engine=engine)
    assert engine.closed is None


def test_stopped_campaigns_go_on(tmp_path) -> None:
    engine = InProcess(width=2)
    spec = small()
    partial = campaign.run(spec, tmp_path / "c", engine=engine, stopping=lambda: len(engine.asked) >= 3)
    assert (partial.done, partial.complete, partial.status.value) == (12, False, "unchecked")
    assert partial.kept == ()
    states = []
    whole = campaign.run(spec, tmp_path / "c", engine=InProcess(), progress=states.append)
    assert whole.status.value == "verified"
    assert states[0].done == 12
    assert states[0].rate is None
    assert states[-1].done == states[-1].verified == 24
    assert states[-1].here == 12
    assert states[-1].eta == 0


def test_tables_by_column_and_times(finished) -> None:
    table = finished.table(["instance", "n"])
    assert table.column_names == ["instance", "n"]
    timings = finished.timings()
    assert timings["instance"].to_pylist() == list(range(24))
    assert sum(timings["cpu_seconds"].to_pylist()) == pytest.approx(finished.cpu_seconds)
    assert min(timings["cpu_seconds"].to_pylist()) > 0
    assert finished.by_cell()["gaussian", "2x3"] == {"verified": 10}
    assert "24 of 24" in repr(finished)


def test_an_empty_campaign_has_an_empty_table(tmp_path) -> None:
    results = campaign.run(small(), tmp_path / "c", engine=InProcess(), stopping=lambda: True)
    assert results.table().num_rows == 0
    assert "saddles" in results.table().column_names
    assert results.timings().num_rows == 0
    assert results.by_cell() == {}
