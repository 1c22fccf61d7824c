"""Tables, page and markers: the same figures everywhere, nothing from outside, nothing stale."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from evaluation import page, plots, report, tables
from evaluation import record as records
from evaluation.bootstrap import Interval
from evaluation.errors import ResultsError
from evaluation.record import ENGINE, Record, Row

BEGIN, END = report.markers("evaluation")
HOSTILE = "<script>alert(1)</script> & </details>"


def _row(i: int, right: float, **more: float | None) -> Row:
    return Row(
        id=f"q{i}", question=f"{HOSTILE} {i} ?", kind="direct" if i % 2 else "typo", group=f"g{i}",
        answerable=True, refs=("CP, art. 226-13",), top=("a", "b"), cited=("a",), answered=True,
        values={"right": right, "recall@5": 1.0, "mrr": 0.5, "words": 30.0, **more},
        confidence=i / 100,
    )  # fmt: skip


RECORD = Record(
    {"questions": 40, "split": "test", "generation": "g1", "commit": "abc", "model": "extractive"},
    {
        ENGINE: tuple(_row(i, float(i % 4 != 0), citation_recall=1.0) for i in range(40)),
        "BM25 alone": tuple(_row(i, 0.0, mrr=0.25) for i in range(40)),
    },
    {ENGINE: {"search": (1.0, 2.0, 3.0), "total": (10.0, 20.0, 30.0)}},
)


def test_the_tables_hold_the_figures() -> None:
    answers = {row[0]: row[1:] for row in tables.answers(RECORD)[1:]}
    assert answers["Right outcomes"][0] == "75.0" and answers["Right outcomes"][2] == "40"
    assert answers["Words in an answer (count)"][0] == "30"
    systems = tables.systems(RECORD)
    assert systems[1][0] == ENGINE and systems[1][3].startswith("50.0 [")
    assert systems[1][-1] == "2.0" and systems[2][-1] == "—"
    assert tables.clocks(RECORD)[2] == ("total", "20.0", "29.0")
    kinds = tables.kinds(RECORD)
    assert [row[:2] for row in kinds[1:]] == [("direct", "20"), ("typo", "20")]


def test_text_and_markdown_show_the_same_cells() -> None:
    table = (("A", "B"), ("x|y", "1.0"), ("z", "10.0"))
    assert tables.text(table).splitlines() == ["A       B", "---  ----", "x|y   1.0", "z    10.0"]
    assert tables.markdown(table).splitlines() == [
        "| A | B |", "| --- | ---: |", "| x\\|y | 1.0 |", "| z | 10.0 |",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_page_needs_nothing_from_outside_and_escapes_everything() -> None:
    made = page.render(RECORD)
    assert "<script" not in made and "&lt;script&gt;" in made
    assert "default-src 'none'" in made
    outside = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?!#)([^"')\s>]+)""", made)
    assert [u for u in outside if u.startswith(("http", "//"))] == []
    assert made.count("<svg") == 4
    assert made.count("<details") == 10 + 1  # ten failures, one baseline


@pytest.mark.slow
def test_the_page_of_equal_runs_is_equal() -> None:
    assert page.render(RECORD) == page.render(RECORD)


@pytest.mark.slow
def test_the_page_of_a_run_that_answers_nothing() -> None:
    silent = tuple(
        Row(f"q{i}", "?", "direct", f"g{i}", True, {"right": 0.0}, answered=False) for i in range(3)
    )
    made = page.render(Record({"questions": 3}, {ENGINE: silent}))
    assert "Nothing was answered." in made and "Not kept with this run." in made


def test_a_plot_draws_its_values_to_scale() -> None:
    svg = plots.bars("T", {"whole": Interval(1.0, 1.0, 1.0, 5), "half": Interval(0.5, 0.5, 0.5, 5)})
    tree = ElementTree.fromstring(svg)
    paths = [p.get("d", "") for p in tree.iter("{http://www.w3.org/2000/svg}path")]
    widths = []
    for d in paths:
        xs = [float(x) for x in re.findall(r"[ML] (-?[\d.]+) ", d)]
        if d.count("L") == 3 and d.strip().endswith("z") and len(xs) == 4:
            widths.append(round(max(xs) - min(xs), 1))
    drawn = sorted(widths)[-4:]  # the page, the axes, then the two bars
    assert any(abs(2 * a - b) < 0.5 for a in drawn for b in drawn if a != b)


def _committed(folder: Path) -> Path:
    from evaluation.summary import as_json

    folder.mkdir()
    path = folder / "2026-11-24-test.json"
    path.write_text(records.dump(RECORD, as_json(RECORD)), encoding="utf-8")
    return path


def test_the_markers_are_filled_and_staleness_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    _committed(folder)
    readme = tmp_path / "README.md"
    readme.write_text(f"Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n", encoding="utf-8")
    assert report.stale((readme,), folder) == (readme,)
    assert report.write((readme,), folder) == (readme,)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("Before\n") and text.endswith("\n\nAfter\n") and "old" not in text
    assert "| Right outcomes | 75.0 |" in text and "2026-11-24-test.json" in text
    assert report.stale((readme,), folder) == () and report.write((readme,), folder) == ()
    readme.write_text(text.replace("75.0", "76.0"), encoding="utf-8")
    assert report.stale((readme,), folder) == (readme,)


def test_a_page_without_markers_is_told_where_to_put_them(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    _committed(folder)
    readme = tmp_path / "README.md"
    readme.write_text("Nothing\n", encoding="utf-8")
    with pytest.raises(ResultsError, match="put the lines"):
        report.write((readme,), folder)
    with pytest.raises(ResultsError, match="no place for the figures"):
        report.refreshed(f"{END}{BEGIN}", {"evaluation": "x"})


@pytest.mark.slow
def test_the_committed_pages_show_the_latest_committed_run() -> None:
    """Fails when someone commits a run, or edits a table, without `evaluation report`."""
    assert report.stale() == ()
