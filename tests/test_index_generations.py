"""Generations: what is published is what is opened, and nothing else ever is."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import generations, publication
from index.errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnwritable
from index.generations import (
    Lock,
    current_id,
    list_generations,
    open_current,
    open_generation,
    publish,
    rollback,
    verify,
)

FILES = {"passages.jsonl": b'{"id": "a"}\n', "dense.faiss": bytes(range(256)) * 8}


def files(mark: str) -> dict[str, bytes]:
    return {name: data + mark.encode() for name, data in FILES.items()}


def mark(opened: generations.Generation) -> str:
    (found,) = {data.removeprefix(FILES[name]).decode() for name, data in opened.files.items()}
    return found


def test_what_is_published_is_what_is_opened(tmp_path: Path) -> None:
    wanted = publish(tmp_path, FILES, {"encoder": "é", "passages": 1})
    opened = open_current(tmp_path)
    assert (opened.id, dict(opened.files), dict(opened.info), opened.notice) == (
        wanted, FILES, {"encoder": "é", "passages": 1}, None,
    )  # fmt: skip
    assert re.fullmatch(r"00000001-[0-9a-f]{16}", wanted)
    assert verify(tmp_path) == ()
    assert open_generation(tmp_path, wanted) == opened


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True), st.binary(), min_size=1
    )
)
def test_any_bytes_come_back(tmp_path: Path, content: dict[str, bytes]) -> None:
    content.pop("manifest.json", None)
    if content:
        root = tmp_path / "index"
        shutil.rmtree(root, ignore_errors=True)
        publish(root, content, {})
        assert dict(open_current(root).files) == content


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", ".hidden", "manifest.json", "a\0", "é", "x" * 101]
)
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        publish(tmp_path, {name: b""}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_generation_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one file"):
        publish(tmp_path, {}, {})


def test_nothing_published_is_said_so(tmp_path: Path) -> None:
    for absent in (tmp_path, tmp_path / "no", Path(__file__)):
        with pytest.raises(IndexMissing, match=r"python -m index build"):
            open_current(absent)
        with pytest.raises(IndexMissing):
            verify(absent)


def test_an_id_is_never_a_path(tmp_path: Path) -> None:
    publish(tmp_path, FILES, {})
    for wanted in ("../gen", "", "00000001-zz", "00000009-" + "0" * 16):
        with pytest.raises(IndexMissing):
            open_generation(tmp_path, wanted)


def test_the_current_one_damaged_an_earlier_one_serves_and_says_so(tmp_path: Path) -> None:
    old = publish(tmp_path, files("1"), {})
    new = publish(tmp_path, files("2"), {})
    path = tmp_path / "gen" / new / "dense.faiss"
    path.write_bytes(path.read_bytes()[:-1])
    opened = open_current(tmp_path)
    assert (opened.id, mark(opened)) == (old, "1")
    assert opened.notice is not None and "dernière version intacte" in opened.notice
    assert any("dense.faiss has" in problem for problem in verify(tmp_path))


def test_none_whole_is_an_error_and_not_an_answer(tmp_path: Path) -> None:
    for number in "12":
        publish(tmp_path, files(number), {})
    for generation in list_generations(tmp_path):
        (tmp_path / "gen" / generation / "passages.jsonl").unlink()
    with pytest.raises(IndexDamaged, match=r"no generation .* rebuild"):
        open_current(tmp_path)


def test_a_failed_check_publishes_nothing(tmp_path: Path) -> None:
    publish(tmp_path, files("1"), {})
    seen: list[Mapping[str, bytes]] = []

    def refuse(read_back: Mapping[str, bytes]) -> None:
        seen.append(dict(read_back))
        raise RuntimeError("a known query finds nothing")

    with pytest.raises(RuntimeError, match="known query"):
        publish(tmp_path, files("2"), {}, check=refuse)
    assert seen == [files("2")]
    assert mark(open_current(tmp_path)) == "1"
    assert len(list_generations(tmp_path)) == 1
    assert verify(tmp_path) == ()


def test_a_full_disk_is_refused_before_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2 << 20))
    with pytest.raises(IndexUnwritable, match=r"free some space"):
        publish(tmp_path, {"a": bytes(1 << 20)}, {})
    monkeypatch.undo()
    with pytest.raises(IndexMissing):
        open_current(tmp_path)


def test_the_last_three_are_kept_and_older_ones_go_once_nobody_can_be_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [publish(tmp_path, files(str(n)), {}) for n in range(5)]
    assert list_generations(tmp_path) == tuple(reversed(ids)), "all are younger than the grace"
    monkeypatch.setattr(publication, "GRACE_SECONDS", -1)
    ids.append(publish(tmp_path, files("5"), {}))
    assert list_generations(tmp_path) == tuple(reversed(ids[-3:]))


def test_the_one_in_use_is_never_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "GRACE_SECONDS", -1)
    first = publish(tmp_path, files("0"), {})
    for n in range(1, 3):
        publish(tmp_path, files(str(n)), {})
    rollback(tmp_path, first)
    with Lock(tmp_path):
        publication._prune(tmp_path)
    assert current_id(tmp_path) == first and mark(open_current(tmp_path)) == "0"


def test_rolling_back_and_forth(tmp_path: Path) -> None:
    ids = [publish(tmp_path, files(str(n)), {}) for n in range(3)]
    assert rollback(tmp_path) == ids[1]
    assert mark(open_current(tmp_path)) == "1"
    assert rollback(tmp_path, ids[2]) == ids[2]
    assert mark(open_current(tmp_path)) == "2"
    assert open_current(tmp_path).notice is None
    assert verify(tmp_path) == ()


def test_what_was_rolled_back_never_takes_over(tmp_path: Path) -> None:
    ids = [publish(tmp_path, files(str(n)), {}) for n in range(3)]
    rollback(tmp_path, ids[1])
    (tmp_path / "CURRENT").write_bytes(b"")
    assert open_current(tmp_path).id == ids[1]
    (tmp_path / "gen" / ids[1] / "manifest.json").unlink()
    assert open_current(tmp_path).id == ids[0]


def test_rolling_back_to_a_damaged_one_changes_nothing(tmp_path: Path) -> None:
    ids = [publish(tmp_path, files(str(n)), {}) for n in range(2)]
    (tmp_path / "gen" / ids[0] / "dense.faiss").write_bytes(b"")
    with pytest.raises(IndexDamaged):
        rollback(tmp_path, ids[0])
    with pytest.raises(IndexMissing, match="no earlier whole generation"):
        rollback(tmp_path)
    assert open_current(tmp_path).id == ids[1]


def test_ids_follow_the_order_of_publication_when_the_clock_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Backwards(publication.datetime):
        year_now = 2030

        @classmethod
        def now(cls, tz: object = None) -> publication.datetime:  # type: ignore[override]
            cls.year_now -= 1
            return publication.datetime(cls.year_now, 1, 1)

    monkeypatch.setattr(publication, "datetime", Backwards)
    monkeypatch.setattr(publication.time, "time", lambda: 0.0)
    ids = [publish(tmp_path, files(str(n)), {}) for n in range(6)]
    assert ids == sorted(ids) and list_generations(tmp_path) == tuple(reversed(ids))
    assert mark(open_current(tmp_path)) == "5"
    (tmp_path / "CURRENT").unlink()
    assert mark(open_current(tmp_path)) == "5"


def test_a_number_is_never_given_twice_even_when_its_generation_is_lost(tmp_path: Path) -> None:
    publish(tmp_path, files("1"), {})
    lost = publish(tmp_path, files("2"), {})
    shutil.rmtree(tmp_path / "gen" / lost)
    assert publish(tmp_path, files("3"), {}).startswith("00000003-")


def test_a_second_builder_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    caught: list[BaseException] = []

    def intrude() -> None:
        try:
            publish(tmp_path, FILES, {})
        except IndexBusy as error:
            caught.append(error)

    with Lock(tmp_path):
        publish(tmp_path, FILES, {})  # the holder itself may
        other = threading.Thread(target=intrude)
        other.start()
        other.join()
    assert len(caught) == 1
    assert f"process {os.getpid()} of " in str(caught[0]) and "wait for it" in str(caught[0])
    publish(tmp_path, FILES, {})


def test_the_pointer_holds_the_hash_of_the_manifest(tmp_path: Path) -> None:
    wanted = publish(tmp_path, FILES, {})
    manifest = (tmp_path / "gen" / wanted / "manifest.json").read_bytes()
    assert sha256(manifest).hexdigest().encode() in (tmp_path / "CURRENT").read_bytes()


def test_a_foreign_file_beside_the_index_is_named_and_never_read(tmp_path: Path) -> None:
    wanted = publish(tmp_path, FILES, {})
    (tmp_path / "gen" / wanted / "index.pkl").write_bytes(b"\x80\x04.")
    assert "index.pkl" not in open_current(tmp_path).files
    assert verify(tmp_path) == (f"{wanted}/index.pkl is not in the manifest",)


def test_nan_cannot_enter_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        publish(tmp_path, FILES, {"seconds": float("nan")})
