"""Damage: a byte that rots, wherever it is, is never answered from."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from faults import damaged

from index.errors import IndexDamaged
from index.generations import list_generations, open_current, publish, verify

Record = Callable[[str, object], None]
KINDS = ("flip",) * 200 + ("truncate",) * 50 + ("zero",) * 50


def content(mark: bytes) -> dict[str, bytes]:
    chance = random.Random(mark)
    return {
        "passages.jsonl": mark * 3000,
        "dense.faiss": chance.randbytes(20000),
        "tiny.json": b"{}" + mark,
    }


def every_file(root: Path, generation: str) -> list[Path]:
    folder = root / "gen" / generation
    return [root / "CURRENT", *sorted(folder.iterdir())]


def test_300_damages_over_every_file(tmp_path: Path, record_property: Record) -> None:
    """Each damage is seen: a whole generation is served with a notice, and `verify` says why."""
    ids = [publish(tmp_path, content(mark), {}) for mark in (b"1", b"2")]
    contents = dict(zip(ids, (content(b"1"), content(b"2")), strict=True))
    targets = every_file(tmp_path, ids[1])
    chance = random.Random(300)
    served = []
    for trial, kind in enumerate(KINDS):
        target = targets[trial % len(targets)]
        sound = target.read_bytes()
        target.write_bytes(damaged(sound, kind, chance))
        opened = open_current(tmp_path)
        assert opened.notice is not None, f"{kind} in {target.name} went unseen"
        assert dict(opened.files) == contents[opened.id]
        assert verify(tmp_path), f"{kind} in {target.name} went unseen by verify"
        served.append((target.name == "CURRENT", opened.id))
        target.write_bytes(sound)
    assert set(served) == {(True, ids[1]), (False, ids[0])}
    assert open_current(tmp_path).notice is None and verify(tmp_path) == ()
    report = (
        f"1|flips, truncations and zeroed pages, over {len(targets)} files|{len(KINDS)}|damages"
    )
    record_property("reliability", report)


def test_300_damages_with_no_other_generation(tmp_path: Path) -> None:
    (only,) = [publish(tmp_path, content(b"1"), {})]
    chance = random.Random(1)
    for trial, kind in enumerate(KINDS):
        target = every_file(tmp_path, only)[1:][trial % 4]
        sound = target.read_bytes()
        target.write_bytes(damaged(sound, kind, chance))
        with pytest.raises(IndexDamaged, match=r"rebuild it"):
            open_current(tmp_path)
        target.write_bytes(sound)


@pytest.mark.parametrize("hostile", [
    b"", b"null", b"[]", b"{}", b'{"generation": 1}', b"\xff\xfe", b"[" * 100_000,
    b'{"generation": "../../etc", "manifest_sha256": ""}',
    b'{"generation": "00000001-0000000000000000", "manifest_sha256": "0", "x": 1}',
    b'{"generation": ["00000001-0000000000000000"], "manifest_sha256": null}',
    b"9" * 10_000,
])  # fmt: skip
def test_a_hostile_pointer_is_only_a_damaged_one(tmp_path: Path, hostile: bytes) -> None:
    wanted = publish(tmp_path, content(b"1"), {})
    (tmp_path / "CURRENT").write_bytes(hostile)
    opened = open_current(tmp_path)
    assert opened.id == wanted and opened.notice is not None
    assert verify(tmp_path) == ("CURRENT is damaged",)


def _mixes(root: Path, first: str, second: str) -> dict[str, Callable[[], None]]:
    gen = root / "gen"

    def copy(name: str) -> Callable[[], None]:
        return lambda: shutil.copy(gen / first / name, gen / second / name) and None

    def point(generation: str, manifest_of: str) -> Callable[[], None]:
        digest = sha256((gen / manifest_of / "manifest.json").read_bytes()).hexdigest()
        pointer = {"generation": generation, "manifest_sha256": digest}
        text = json.dumps(pointer, indent=1, sort_keys=True) + "\n"
        return lambda: (root / "CURRENT").write_text(text) and None

    def swap() -> None:
        (gen / first).rename(gen / "aside")
        (gen / second).rename(gen / first)
        (gen / "aside").rename(gen / second)

    def all_but_manifest() -> None:
        for name in content(b"1"):
            copy(name)()

    def replace_folder() -> None:
        shutil.rmtree(gen / second)
        shutil.copytree(gen / first, gen / second)

    def renamed_manifest_names() -> None:
        path = gen / second / "manifest.json"
        path.write_text(path.read_text().replace("dense.faiss", "tiny.json", 1))

    return {
        "passages of the other": copy("passages.jsonl"),
        "vectors of the other": copy("dense.faiss"),
        "a tiny file of the other": copy("tiny.json"),
        "manifest of the other": copy("manifest.json"),
        "all files of the other": all_but_manifest,
        "the whole folder of the other": replace_folder,
        "folders swapped": swap,
        "pointer with the other's manifest": point(second, first),
        "pointer to the other with this manifest": point(first, second),
        "names crossed in the manifest": renamed_manifest_names,
    }


@pytest.mark.parametrize("number", range(10))
def test_ten_mixes_of_two_generations(tmp_path: Path, number: int, record_property: Record) -> None:
    """What is served is one whole generation, with a notice; never files of two."""
    publish(tmp_path, content(b"0"), {})
    ids = [publish(tmp_path, content(mark), {}) for mark in (b"1", b"2")]
    name, mix = list(_mixes(tmp_path, *ids).items())[number]
    mix()
    opened = open_current(tmp_path)
    assert opened.notice is not None, name
    allowed = (b"0", b"1", b"2") if "pointer" in name else (b"0", b"1")
    assert dict(opened.files) in [content(mark) for mark in allowed], name
    assert verify(tmp_path), name
    assert len(list_generations(tmp_path)) == 3
    record_property("reliability", "9|mixes of two generations|1|mixes")
