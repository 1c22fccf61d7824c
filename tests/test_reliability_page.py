"""The page on reliability says what the tests found, all of it, and names tests that exist."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from reliability_table import FAULTS, PAGE, RESULTS, joined, page, read

HERE = Path(__file__).parent


def test_the_page_is_drawn_from_the_results_kept() -> None:
    text = PAGE.read_text(encoding="utf-8")
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert page(text, kept) == text, "run: python tests/reliability_table.py"


def test_no_result_kept_is_a_failure() -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert [
        row for rows in kept.values() for row in rows if row["failed"] or not row["count"]
    ] == []


def test_the_tests_named_exist() -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    for row in (row for rows in kept.values() for row in rows):
        file, _, name = row["test"].partition("::")
        tree = ast.parse((HERE / f"{file}.py").read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert not name or name in functions, f"{row['test']} is gone: write the table anew"


def test_every_row_is_on_the_page() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for number, fault in FAULTS.items():
        assert any(line.startswith(f"| {number} | {fault} |") for line in lines)


def test_results_are_added_up_and_failures_are_seen(tmp_path: Path) -> None:
    case = '<testcase classname="tests.test_x" name="{name}">{inside}</testcase>'
    prop = '<properties><property name="reliability" value="4|kills|30|times"/></properties>'
    inside = (("t[1]", prop), ("t[2]", prop), ("t[3]", f"{prop}<failure/>"))
    cases = "".join(case.format(name=name, inside=text) for name, text in inside)
    path = tmp_path / "results.xml"
    path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", encoding="utf-8")
    assert read([path]) == {
        "4": [{
            "test": "test_x::t", "what": "kills", "unit": "times",
            "count": 60, "failed": 1, "skipped": 0,
        }]
    }  # fmt: skip


def test_a_campaign_repeated_alone_replaces_its_own_rows() -> None:
    def row(test: str, count: int) -> dict[str, object]:
        return {"test": test, "what": "x", "count": count, "failed": 0}

    kept = {"1": [row("a", 5), row("b", 7)], "2": [row("c", 1)]}
    new = {"1": [row("b", 9), row("skipped", 0)]}
    assert joined(kept, new) == {"1": [row("a", 5), row("b", 9)], "2": [row("c", 1)]}
