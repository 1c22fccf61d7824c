"""The doctor finds each thing that is not whole, and says what to do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import settings
from index import checkup
from index.__main__ import main
from index.checkup import Finding, Installation
from index.doctor import diagnose


@pytest.fixture(scope="module")
def built(real_root: Path) -> Path:
    return real_root


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "index"))


def faults(findings: tuple[Finding, ...]) -> dict[str, str]:
    return {f.check: f.detail for f in findings if f.state == "fault"}


def test_a_whole_installation_is_said_whole(place: Path, capsys: Any) -> None:
    assert main(["doctor", "--index", str(place), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["whole"] is True
    checks = {finding["check"] for finding in report["findings"] if finding["state"] == "ok"}
    assert checks >= {"python", "packages", "settings", "sources", "encoder", "index", "search"}
    assert main(["doctor", "--index", str(place)]) == 0
    assert "This installation is whole." in capsys.readouterr().out


def damage(path: str) -> Callable[[Path], None]:
    def act(place: Path) -> None:
        (target,) = place.glob(path)
        target.write_bytes(target.read_bytes()[:-1])

    return act


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (damage("gen/*/dense.faiss"), "IndexDamaged"),
        (damage("CURRENT"), "CURRENT is damaged"),
        (lambda place: shutil.rmtree(place), "IndexMissing"),
    ],
    ids=["vectors", "pointer", "nothing there"],
)
def test_an_index_that_is_not_whole(place: Path, act: Callable[[Path], None], said: str) -> None:
    act(place)
    findings = diagnose(Installation(os.environ, place=str(place)))
    found = [finding for finding in findings if finding.state == "fault"]
    assert any(said in finding.detail or "dense.faiss" in finding.detail for finding in found)
    assert all("python -m index build" in finding.remedy for finding in found)


@pytest.mark.parametrize(
    ("environ", "check"),
    [
        ({"SECRETPRO_INDX": "x"}, "configuration"),
        ({"SECRETPRO_HOSTS": "example.org"}, "access"),
        ({"LANGSMITH_TRACING": "true"}, "privacy"),
        ({"SECRETPRO_ENCODER": "/no/such/folder"}, "encoder"),
        ({"SECRETPRO_SOURCES": "/no/such/folder"}, "sources"),
        ({"SECRETPRO_DATA": "/dev/null/none"}, "disk (data)"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_each_fault_is_named_with_its_remedy(
    place: Path, environ: dict[str, str], check: str
) -> None:
    findings = diagnose(Installation(environ, place=str(place)))
    assert check in faults(findings)
    assert all(finding.remedy for finding in findings if finding.state != "ok")


def test_secrets_that_others_can_read_are_a_warning(place: Path, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("")
    path.chmod(0o644)
    environ = {"SECRETPRO_SETTINGS": str(path)}
    findings = diagnose(Installation(environ, place=str(place)))
    assert [f.remedy for f in findings if f.check == "secrets"] == [f"chmod 600 {path}"]


def test_a_full_disk_is_a_fault(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(place)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5 << 20))
    found = checkup.examined(checkup.disk, Installation({}, place=str(place)))
    assert {finding.state for finding in found} == {"fault"}


def test_a_missing_or_old_package_is_a_fault(tmp_path: Path) -> None:
    lines = '[project]\ndependencies = ["no-such-package>=1", "numpy<1"]\n'
    (tmp_path / "pyproject.toml").write_text(lines)
    (found,) = checkup.examined(checkup.packages, Installation({}, tmp_path))
    assert found.state == "fault"
    assert "no-such-package is missing" in found.detail and "numpy is " in found.detail


def test_sources_changed_since_the_build_are_a_warning(place: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    shutil.copytree(settings.load().sources, sources)
    (sources / "manifest.json").unlink()
    (sources / "note.txt").write_text("Un texte de plus, ajouté depuis.\n", encoding="utf-8")
    environ = {"SECRETPRO_SOURCES": str(sources)}
    findings = diagnose(Installation(environ, place=str(place)))
    assert any("sources have changed" in f.detail for f in findings if f.check == "index")
