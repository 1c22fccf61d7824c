"""The page Évaluation, and the words of the staff's pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from staff_pages import place, shared, shell, texts

from ui import results, wording
from ui import wording_staff as staff
from ui.results import Row, mcnemar, paired_means

__all__ = ["place", "shared"]


pytestmark = pytest.mark.slow


def test_every_committed_run_is_read_and_every_part_drawn(place: Path) -> None:
    found, bad = results.runs()
    assert bad == () and found
    stored = json.loads((results.FOLDER / f"{found[0].name}.json").read_text("utf-8"))
    right = stored["summary"]["engine"]["overall"]["right"]["mean"]
    app = shell("figures.py")
    assert f"{100 * right:.1f}\u00a0%".replace(".", ",") in texts(app)
    for name in ("kinds", "systems", "questions", "two"):
        app.button_group[0].set_value(name).run()
        assert not app.exception
    assert set(stored["systems"]) == set(found[0].rows)


def test_each_metric_kind_and_system_has_a_french_name() -> None:
    from ui import wording_figures

    for run in results.runs()[0]:
        assert set(run.overall["engine"]) <= set(wording_figures.METRICS)
        assert set(run.kinds) <= set(wording_figures.KINDS) | set(staff.KINDS)
        assert set(run.rows) <= set(wording_figures.SYSTEMS)


def test_a_file_that_is_no_run_is_passed_over_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "bench.json").write_text('{"machine": 1}')
    (tmp_path / "cut.json").write_text('{"systems": {')
    assert results.runs(tmp_path) == ((), ("cut.json",))
    assert results.runs(tmp_path / "nowhere") == ((), ())


def _rows(values: str) -> list[Row]:
    return [Row(f"q{i}", {"right": float(v)}) for i, v in enumerate(values) if v != "-"]


def test_mcnemar_by_hand() -> None:
    # Gained 1, lost 5: p = 2 (C(6,0) + C(6,1)) / 2^6 = 14/64.
    found = mcnemar(_rows("0111111100"), _rows("1000001100"))
    assert (len(found.gained), len(found.lost)) == (1, 5)
    assert found.p == pytest.approx(14 / 64)
    assert mcnemar(_rows("01"), _rows("01")).p == 1.0


def test_means_are_compared_on_shared_questions_only() -> None:
    # q0 and q2 are in both: 1 and 0 before, 1 and 1 after.
    assert paired_means(_rows("1-0"), _rows("111"), "right") == (0.5, 1.0, 2)
    assert paired_means(_rows("1"), _rows("-1"), "right") is None


def test_every_wording_of_an_act_is_there() -> None:
    from qa.audit import ACTS
    from qa.review_export import ABSTAIN_KINDS, ANSWER_KINDS
    from qa.reviews import CITATION_VERDICTS, VERDICTS

    assert set(staff.ACTS) == set(ACTS)
    assert set(staff.VERDICTS) == set(VERDICTS)
    assert set(staff.CITATION_VERDICTS) == set(CITATION_VERDICTS)
    assert set(staff.KINDS) == {"", *ANSWER_KINDS, *ABSTAIN_KINDS}
    assert wording.PRODUCT
