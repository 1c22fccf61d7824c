"""The arrows of the architecture: corpus → index → qa → {app + ui, evaluation}."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "settings": set(),
    "corpus": {"settings"},
    "index": {"settings", "corpus"},
    "qa": {"settings", "corpus", "index"},
    "ui": {"settings", "corpus", "index", "qa"},
    "app": {"settings", "corpus", "index", "qa", "ui"},
    "evaluation": {"settings", "corpus", "index", "qa"},
}
BANNED = {"pickle", "joblib", "dill", "langchain_community", "langchain_classic",
          "langchain_huggingface"}  # fmt: skip


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def _files(layer: str) -> list[Path]:
    return sorted((ROOT / layer).rglob("*.py")) or [p for p in [ROOT / f"{layer}.py"] if p.exists()]


@pytest.mark.parametrize("layer", ALLOWED)
def test_a_layer_imports_only_the_layers_before_it(layer: str) -> None:
    for path in _files(layer):
        ours = _imports(path) & set(ALLOWED)
        assert ours <= ALLOWED[layer] | {layer}, path


@pytest.mark.parametrize("layer", ALLOWED)
def test_no_layer_imports_a_deserialiser_or_a_sunset_package(layer: str) -> None:
    for path in _files(layer):
        assert not _imports(path) & BANNED, path


def test_the_walk_sees_a_step_backwards(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    from qa.answer import Answer\n", encoding="utf-8")
    assert _imports(bad) & set(ALLOWED) == {"qa"}
