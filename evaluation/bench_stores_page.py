"""The page of the shared index, with the figures that `evaluation.bench_stores` measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
RESULTS = DOCS / "stores.json"
PAGE = DOCS / "shared-index.md"
BEGIN = "<!-- figures: written from docs/stores.json -->"
END = "<!-- end of figures -->"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The figures in Markdown."""
    quality = "recall@10, or share of the best score"
    head = f"| home | search | vectors allowed | {quality} | p50 ms | p95 ms |\n{'|---' * 6}|"
    lines = [
        f"| {r['home']} | {r['search']} | {r['allowed']} | {r['recall']:.3f} | {r['p50']:.1f} "
        f"| {r['p95']:.1f} |"
        for r in rows
    ]
    return "\n".join([head, *lines])


def page(text: str, report: Mapping[str, Any]) -> str:
    """The text of the page with the figures of a report in it."""
    before, rest = text.split(BEGIN)
    taken = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in report["seconds"].items())
    facts = (
        f"{report['passages']:,} passages, {report['vectors']:,} vectors, {report['questions']} "
        f"questions; {report['machine']}. Building the folder's index and publishing: {taken}."
    )
    figures = f"{BEGIN}\n{facts}\n\n{table(report['rows'])}\n{END}"
    return before + figures + rest.split(END)[1]


def draw() -> None:
    """Write the page from the results kept."""
    report = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), report), encoding="utf-8")
