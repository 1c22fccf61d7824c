"""Writes the table of docs/reliability.md from the results of a test run.

    python -m pytest -m "" -o junit_family=xunit1 --junitxml=build/results.xml
    python tests/reliability_table.py build/results.xml

With ``--keep`` before the names, rows of tests that were not run again stay as they are: a campaign
may be repeated alone.

A test that proves a row says so itself, with a count (``record_property("reliability", …)``); for
the rows of other rooms, the tests of the files named here are counted. A failed test makes its row
say so. The figures are kept in docs/reliability.json; the page is drawn from them alone.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from defusedxml.ElementTree import parse

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "reliability.json"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- table: written by tests/reliability_table.py -->", "<!-- end of table -->"

FAULTS: Mapping[int, str] = {
    1: "A bit, a page or the end of an index file is lost",
    2: "An index file made to harm",
    3: "Pickle, and LangChain's own loading",
    4: "A builder or a server killed",
    5: "Power lost while publishing",
    6: "Disk full, failing or read-only",
    7: "Two builders at once",
    8: "Readers while an index is replaced",
    9: "Files of two generations mixed",
    10: "Instructions in a question",
    11: "Instructions or hidden text in a document",
    12: "Citations made up or misattributed",
    13: "The right passage is absent, the question false or off topic",
    14: "Images and links that carry data out",
    15: "Text that Markdown would change",
    16: "Scripts in a text",
    17: "Framing, sniffing, referrers",
    18: "Wrong host, origin or role",
    19: "Uploads too large or oddly named",
    20: "Odd and huge questions",
    21: "Texts that choke a pattern or a parser",
    22: "PDF files made to harm",
    23: "PDF files that lose their text in silence",
    24: "Models that run code",
    25: "Telemetry and other calls outside",
    26: "Traces of what was asked",
    27: "An external model without consent",
    28: "Identifiers left after masking",
    29: "Names in decisions",
    30: "The audit trail altered",
    31: "Known faults of dependencies",
    32: "Many readers for a long time",
    33: "Readers who share an engine",
}

ELSEWHERE: Mapping[int, tuple[str, ...]] = {
    3: (
        "test_imports::test_no_layer_imports_a_deserialiser",
        "test_index_generations::test_a_foreign_file_beside_the_index",
    ),
    10: ("test_qa_injection::",),
    11: (
        "test_corpus_staging::test_a_document_waits",
        "test_corpus_staging::test_hidden_text",
        "test_corpus_staging::test_withdrawal",
    ),
    12: ("test_qa_verify::",),
    13: ("test_qa_pipeline::test_a_refusal_says", "test_qa_pipeline::test_a_text_that_is_cited"),
    14: ("test_browser_surfaces::",),
    15: ("test_ui_escape::",),
    16: ("test_browser_surfaces::test_escaped_text",),
    17: ("test_ui_headers::test_every_response", "test_ui_headers::test_scripts_run"),
    18: (
        "test_ui_headers::test_a_socket_from_an_unknown",
        "test_ui_headers::test_an_unknown_host",
        "test_ui_staff_access::test_a_page_refuses",
        "test_ui_staff_access::test_a_right_taken_away",
        "test_ui_staff_access::test_no_claim",
        "test_ui_staff_access::test_the_server_refuses",
    ),
    19: (
        "test_corpus_staging::test_a_name_is_a_label",
        "test_corpus_staging::test_sizes",
        "test_ui_staff_documents::test_a_file_is_judged_again",
        "test_ui_staff_documents::test_ten_hostile_names",
    ),
    22: ("test_corpus_pdf_hostile::test_a_child",),
    24: (
        "test_index_encoder::test_a_damaged_file",
        "test_index_encoder::test_the_embedded_folder",
        "test_index_encoder::test_what_cannot_be_loaded",
    ),
    27: ("test_qa_generative::",),
    28: ("test_qa_privacy::",),
    29: ("test_corpus_decisions::test_a_name_left",),
    30: ("test_ui_audit::",),
    32: ("test_ui_load::test_twenty_people",),
}
"""Where other rooms prove a row: beginnings of ``file::test``."""

BY_OTHER_MEANS: Mapping[int, str] = {
    31: "`test_deploy::test_no_known_fault_in_what_is_installed` runs pip-audit, whose database "
    "did not answer where this table was made: see supply chain below",
}


def read(paths: list[Path]) -> dict[str, Any]:
    """The results of one or several runs, by row; a later run replaces the same test's results."""
    cases: dict[str, tuple[str, list[str]]] = {}
    for path in paths:
        for case in parse(path).getroot().iter("testcase"):
            file = case.get("classname", "").split(".")[1]
            place = f"{file}::{case.get('name', '')}"
            outcomes = {child.tag for child in case} & {"failure", "error", "skipped"}
            values = [
                str(p.get("value")) for p in case.iter("property") if p.get("name") == "reliability"
            ]
            cases[place] = (next(iter(outcomes), "passed"), values)
    rows: dict[int, dict[tuple[str, str, str], dict[str, Any]]] = defaultdict(dict)
    for place, (outcome, values) in cases.items():
        test = place.split("[")[0]
        for value in values:
            number, what, count, unit = value.split("|")
            key = (test, what, unit)
            row = rows[int(number)].setdefault(key, _row(test, what, unit))
            _add(row, int(count), outcome)
    for number, beginnings in ELSEWHERE.items():
        for place, (outcome, _) in cases.items():
            if place.startswith(beginnings):
                file, _, _ = place.partition("::")
                test = file if f"{file}::" in beginnings else place.split("[")[0]
                row = rows[number].setdefault((test, "", ""), _row(test, "its cases", "cases"))
                _add(row, 1, outcome)
    return {str(number): list(rows[number].values()) for number in sorted(rows)}


def _row(test: str, what: str, unit: str) -> dict[str, Any]:
    return {"test": test, "what": what, "unit": unit, "count": 0, "failed": 0, "skipped": 0}


def _add(row: dict[str, Any], count: int, outcome: str) -> None:
    row["count"] += count if outcome == "passed" else 0
    row["failed"] += outcome in ("failure", "error")
    row["skipped"] += outcome == "skipped"


def table(results: Mapping[str, Any]) -> str:
    """The Markdown table; every row of the list is in it, covered or not."""
    lines = ["| # | fault or attack | count | what was done | proved by |", "|---|---|---|---|---|"]
    for number, fault in FAULTS.items():
        found = results.get(str(number), [])
        if not found:
            said = BY_OTHER_MEANS.get(number, "**not covered by a test**")
            lines.append(f"| {number} | {fault} | – | {said} | – |")
        for row in found:
            unit = row["unit"].removesuffix("s") if row["count"] == 1 else row["unit"]
            count = f"{row['count']:,} {unit}".replace(",", "\u202f")
            count += f", **{row['failed']} failed**" if row["failed"] else ", 0 failed"
            count += f", {row['skipped']} skipped" if row["skipped"] else ""
            lines.append(f"| {number} | {fault} | {count} | {row['what']} | `{row['test']}` |")
    return "\n".join(lines)


def page(text: str, results: Mapping[str, Any]) -> str:
    """The page with its table replaced."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table(results)}\n{END}{after}"


def joined(kept: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of both; a test that was run again has its new rows only."""
    again = {row["test"] for rows in new.values() for row in rows if row["count"] or row["failed"]}
    rows = {
        str(number): [row for row in kept.get(str(number), []) if row["test"] not in again]
        + [row for row in new.get(str(number), []) if row["test"] in again]
        for number in FAULTS
    }
    return {
        number: sorted(found, key=lambda row: (row["test"], row["what"]))
        for number, found in rows.items()
        if found
    }


def main() -> int:
    """Read the results named, or draw the page again from those kept."""
    names = [name for name in sys.argv[1:] if name != "--keep"]
    if names:
        results = read([Path(name) for name in names])
        if "--keep" in sys.argv:
            results = joined(json.loads(RESULTS.read_text(encoding="utf-8")), results)
        text = json.dumps(results, ensure_ascii=False, indent=1) + "\n"
        RESULTS.write_text(text, encoding="utf-8")
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
