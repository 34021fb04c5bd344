"""A journal is believed only as far as the rows say the same; what is no journal is refused in one line."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
from typer.testing import CliRunner

from exactsaddle import campaign
from exactsaddle.base import UnreadableFile
from exactsaddle.campaign.results import load
from exactsaddle.campaign.specfile import parse_spec
from exactsaddle.campaign.summary import _no_formula
from exactsaddle.cli import app
from tests.support.campaign_workers import SMALL, InProcess


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A campaign whose budget leaves some instances unchecked, and some verified."""
    spec = parse_spec(SMALL.format(count=10, chunk=4) + "[budget]\nsaddles = 3\n")
    return campaign.run(spec, tmp_path_factory.mktemp("journal") / "c", engine=InProcess()).directory


@pytest.fixture
def place(tmp_path, template):
    return shutil.copytree(template, tmp_path / "c")


def edit(place, change, folder="journal", name="part-000000.json"):
    file = place / folder / name
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def redone(place) -> list[int]:
    engine = InProcess()
    results = campaign.resume(place, engine=engine)
    return sorted({instances[0] // results.spec.chunk for instances in engine.asked})


def say_all_verified(entry) -> None:
    entry.update(verified=entry["rows"], unchecked=0)


EDITS = [
    lambda entry: entry.update(verified=0, unchecked=entry["rows"]),
    lambda entry: entry.update(content="0" * 64),
    lambda entry: entry.update(lost=1),
    lambda entry: entry.update(cpu_seconds=0.0),
    lambda entry: entry.update(verified=str(entry["verified"])),
    lambda entry: entry.update(verified=float(entry["verified"])),
    lambda entry: entry.update(verified=[]),
    lambda entry: entry.update(kept="0" * 64),
    lambda entry: entry.update(more=1),
    lambda entry: entry.pop("content"),
]


@pytest.mark.parametrize("change", EDITS)
def test_an_edited_entry_is_found_and_its_part_redone(place, change) -> None:
    before = load(place)
    counts, digest = before.counts, before.digest
    assert counts["unchecked"] > 0
    edit(place, change)
    assert load(place).scan.damaged == (0,)
    assert redone(place) == [0]
    assert (load(place).counts, load(place).digest) == (counts, digest)


def test_status_does_not_say_verified_over_unchecked_rows(place) -> None:
    for part in range(load(place).spec.parts):
        edit(place, say_all_verified, name=f"part-{part:06d}.json")
    result = CliRunner().invoke(app, ["campaign", "status", str(place), "--json"])
    assert result.exit_code == 3
    assert json.loads(result.stdout)["parts_damaged"]


def test_deep_json_is_no_entry(place) -> None:
    (place / "journal" / "part-000000.json").write_text("[" * 100_000)
    assert load(place).scan.damaged == (0,)


GARBAGE = b"PAR1" + b"\x07" * 999 + b"PAR1"


def test_garbage_with_the_right_checksum_is_no_table(place) -> None:
    for folder, field in (("parts", "sha256"), ("timings", "timings_sha256")):
        (place / folder / "part-000000.parquet").write_bytes(GARBAGE)
        edit(place, lambda entry, field=field: entry.update({field: hashlib.sha256(GARBAGE).hexdigest()}))
        assert load(place).scan.damaged == (0,)
        assert redone(place) == [0]


def test_a_kept_certificate_is_the_one_that_was_kept(place) -> None:
    kept = next(entry for entry in load(place).kept if entry.certificate is not None)
    document = json.loads(kept.certificate.read_text())
    kept.certificate.write_text(json.dumps(document | {"complete": not document["complete"]}))
    assert load(place).scan.damaged
    assert redone(place)
    assert load(place).scan.damaged == ()


MANIFESTS = [
    ({"instances": 5}, "instances is 5"),
    ({"instances": "24"}, "instances is '24'"),
    ({"parts": None}, "parts is None"),
    ({"versions": None}, "versions is None"),
    ({"versions": {"exactsaddle": 1}}, "versions is"),
    ({"spec": []}, "spec: "),
    ({"spec": {"experiment": 5}}, "spec: "),
]


@pytest.mark.parametrize(("fields", "message"), MANIFESTS)
def test_every_field_of_the_manifest_is_compared(place, fields, message) -> None:
    edit(place, lambda manifest: manifest.update(fields), folder=".", name="manifest.json")
    with pytest.raises(UnreadableFile, match="manifest") as refused:
        load(place)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_deep_manifest_is_refused(place) -> None:
    (place / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(UnreadableFile, match="cannot be read as JSON"):
        load(place)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx"])
def test_no_cell_of_the_csv_is_a_formula(text) -> None:
    assert _no_formula(text) == f"'{text}"
    assert _no_formula("plain=") == "plain="
