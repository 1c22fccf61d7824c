"""The settings: typed, from the environment or one file, and never silently wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import Settings, SettingsError, load


def test_defaults_need_nothing() -> None:
    assert load({}) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('model = "ollama:a"\nmodel_timeout = 5\nstaff = ["a@b.fr"]\n', encoding="utf-8")
    read = load({"SECRETPRO_SETTINGS": str(file), "SECRETPRO_MODEL": "ollama:b"})
    assert (read.model, read.model_timeout, read.staff) == ("ollama:b", 5.0, ("a@b.fr",))


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"SECRETPRO_MODLE": "x"}, "unknown setting 'modle'"),
        ({"SECRETPRO_MODEL_TIMEOUT": "soon"}, "give a float"),
        ({"SECRETPRO_SETTINGS": "/nowhere.toml"}, "no settings file"),
    ],
)
def test_a_wrong_setting_is_one_clear_message(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(environ)
