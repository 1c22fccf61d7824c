"""One self-contained page for a run: no script, no external file, everything escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from evaluation import plots, tables
from evaluation.bootstrap import Interval
from evaluation.catalogue import BY_NAME, METRICS, shown
from evaluation.compare import compare
from evaluation.record import ENGINE, Record, Row
from evaluation.summary import by_kind, overall, risk_points

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1f2933;max-width:62rem;
margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0;font-size:.88rem}
th,td{padding:.25rem .6rem;border-bottom:1px solid #d9dee3;text-align:right}
th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #9aa5b1}
svg{max-width:100%;height:auto}details{margin:.3rem 0}summary{cursor:pointer}
.wide{overflow-x:auto}code{font-size:.88em}p.note{color:#52606d;font-size:.9rem}
"""
_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(title: str, parts: Sequence[str]) -> str:
    """An HTML document around parts that are already escaped."""
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def table(cells: tables.Table) -> str:
    """An HTML table of a :data:`evaluation.tables.Table`."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in cells[0])
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells[1:]
    )
    inner = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="wide"><table>{inner}</table></div>'


def render(record: Record) -> str:
    """The page of a run: what was run, figures, plots, baselines, and the failures."""
    rows = record.rows()
    found = overall(rows)
    kinds = by_kind(rows)
    parts = [
        _about(record.about),
        "<h2>Answers</h2>",
        table(tables.answers(record)),
        plots.bars(
            "Answers, citations and abstention",
            {
                m.title: found[m.name]
                for m in METRICS
                if m.name in found and m.stage != "retrieval" and m.unit == "share"
            },
        ),
        table(beside) if len(beside := tables.answerers(record)) > 1 else "",
        "<h2>By kind of question</h2>",
        table(tables.kinds(record)),
        plots.bars("Right outcomes by kind", _pick(kinds, "right")),
        "<h2>Retrieval, beside the baselines</h2>",
        table(tables.systems(record)),
        *(_systems_plot(record, name) for name in ("recall@5", "ndcg@10")),
        *_against_baselines(record),
        "<h2>Risk and coverage</h2>",
        _risk(rows),
        "<h2>Clock times</h2>",
        table(tables.clocks(record)) if record.timings else "<p>Not kept with this run.</p>",
        "<h2>Questions that failed</h2>",
        *_failures(rows),
    ]
    return page("Evaluation", [part for part in parts if part])


def _about(about: Mapping[str, Any]) -> str:
    lines = [("What", "Value"), *((str(k), str(v)) for k, v in sorted(about.items()))]
    return "<h2>What was run</h2>" + table(tuple(lines))


def _pick(kinds: Mapping[str, Mapping[str, Interval]], name: str) -> dict[str, Interval]:
    return {kind: found[name] for kind, found in kinds.items() if name in found}


def _systems_plot(record: Record, name: str) -> str:
    values = {
        system: found[name]
        for system, rows in record.systems.items()
        if name in (found := overall(rows))
    }
    return plots.bars(BY_NAME[name].title, values, mark=ENGINE) if values else ""


def _against_baselines(record: Record) -> list[str]:
    parts = []
    for name, rows in record.systems.items():
        if name != ENGINE:
            changes = tables.changes(compare(rows, record.rows()))
            parts.append(
                f"<details><summary>From <b>{escape(name)}</b> to <b>{ENGINE}</b></summary>"
                f"{table(changes)}</details>"
            )
    return parts


def _risk(rows: Sequence[Row]) -> str:
    points = risk_points(rows)
    if not points:
        return "<p>Nothing was answered.</p>"
    return plots.curve("Wrong answers among the most confident ones", points, points[-1][1])


def _failures(rows: Sequence[Row]) -> list[str]:
    failed = [row for row in rows if row.values.get("right") == 0.0]
    note = f'<p class="note">{len(failed)} of {len(rows)} questions.</p>'
    return [note, *(_failure(row) for row in failed)]


def _failure(row: Row) -> str:
    outcome = "answered" if row.answered else f"abstained ({row.reason})"
    values = ", ".join(
        f"{BY_NAME[name].title} {shown(BY_NAME[name], value)}"
        for name, value in row.values.items()
        if value is not None and name in BY_NAME
    )
    return (
        f"<details><summary><code>{escape(row.id)}</code> · {escape(row.kind)} · "
        f"{escape(row.question)}</summary><p>{escape(outcome)}. {escape(values)}.</p>"
        f"<p>Retrieved: <code>{escape(', '.join(row.top[:5]))}</code><br>"
        f"Cited: <code>{escape(', '.join(row.cited))}</code></p></details>"
    )
