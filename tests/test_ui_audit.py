"""The audit trail: whoever edits, deletes, reorders or cuts it off is noticed."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.audit import Trail, main, verify
from qa.errors import AuditDamaged


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    made = Trail(tmp_path / "audit.jsonl")
    made.record("a@cdo.fr", "stage", "0123456789abcdef")
    made.record("b@cdo.fr", "approve", "cdn-mk-2020", "00000001-aaaaaaaaaaaaaaaa")
    made.record("b@cdo.fr", "build", None, "00000002-bbbbbbbbbbbbbbbb")
    made.record("b@cdo.fr", "rollback", None, "00000001-aaaaaaaaaaaaaaaa")
    return made


def _lines(trail: Trail) -> list[bytes]:
    return trail.path.read_bytes().splitlines(keepends=True)


def test_a_trail_as_written_is_whole(trail: Trail) -> None:
    assert verify(trail) == ()
    assert [e.act for e in trail.entries()] == ["stage", "approve", "build", "rollback"]
    assert [e.who for e in trail.entries()][:2] == ["a@cdo.fr", "b@cdo.fr"]
    assert trail.path.stat().st_mode & 0o077 == 0


def _edit(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b"a@cdo.fr", b"z@cdo.fr"), *lines[1:]]


def _edit_last(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], lines[-1].replace(b"b@cdo.fr", b"z@cdo.fr")]


def _delete(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


def _reorder(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1], lines[3]]


def _truncate(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def _insert(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[1], *lines[2:]]


def _empty(lines: list[bytes]) -> list[bytes]:
    return []


@pytest.mark.parametrize(
    "change", [_edit, _edit_last, _delete, _reorder, _truncate, _insert, _empty]
)
def test_each_tampering_is_noticed(
    trail: Trail, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    trail.path.write_bytes(b"".join(change(_lines(trail))))
    assert verify(trail)
    assert main(["verify", "--file", str(trail.path)]) == 1


def test_a_trail_cut_off_takes_no_further_act(trail: Trail) -> None:
    trail.path.write_bytes(b"".join(_lines(trail)[:-1]))
    with pytest.raises(AuditDamaged):
        trail.require()
    with pytest.raises(AuditDamaged):
        trail.record("a@cdo.fr", "build")


def test_a_forged_chain_does_not_hold_the_head_noted_elsewhere(trail: Trail) -> None:
    noted = trail.head().sha256
    trail.path.unlink()
    trail.head_path.unlink()
    trail.record("a@cdo.fr", "build")
    assert verify(trail) == ()
    assert len(verify(trail, noted)) == 1
    trail.record("a@cdo.fr", "build")
    assert verify(trail, trail.head().sha256) == ()


@settings(max_examples=20, deadline=None)
@given(cut=st.integers(1, 60))
def test_a_piece_of_a_line_left_by_a_power_cut_is_recovered_and_said(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    trail = Trail(tmp_path_factory.mktemp("audit") / "audit.jsonl")
    trail.record("a@cdo.fr", "stage", "d1")
    head = trail.head_path.read_bytes()
    trail.record("a@cdo.fr", "stage", "d2")
    trail.head_path.write_bytes(head)
    lines = _lines(trail)
    trail.path.write_bytes(lines[0] + lines[1][:cut])
    trail.record("a@cdo.fr", "build")
    assert [e.act for e in trail.entries()] == ["stage", "recovered", "build"]
    assert verify(trail) == ()


def test_a_line_written_just_before_a_power_cut_is_counted(trail: Trail) -> None:
    head = trail.head_path.read_bytes()
    trail.record("a@cdo.fr", "withdraw", "d3")
    trail.head_path.write_bytes(head)
    trail.record("a@cdo.fr", "build")
    assert [e.act for e in trail.entries()][-2:] == ["withdraw", "build"]
    assert verify(trail) == ()


@pytest.mark.parametrize(
    "text",
    ["Que dire à Mme Dupont ?", "deux mots", "a\nb", "", "x" * 201, "« secret »"],
)
def test_no_free_text_can_be_recorded(trail: Trail, text: str) -> None:
    with pytest.raises(ValueError, match="by id"):
        trail.record("a@cdo.fr", "judge", text)
    assert len(list(trail.entries())) == 4


def _write(path: str, who: str) -> None:
    for _ in range(15):
        Trail(Path(path)).record(who, "judge", "1")


def test_two_processes_write_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(str(path), f"p{i}")) for i in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert verify(Trail(path)) == ()
    assert len(list(Trail(path).entries())) == 30


def test_the_command_prints_the_head_to_keep(
    trail: Trail, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--file", str(trail.path)]) == 0
    assert trail.head().sha256 in capsys.readouterr().out
    assert json.loads(trail.head_path.read_text())["n"] == 4
