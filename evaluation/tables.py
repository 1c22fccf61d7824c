"""Figures as tables: aligned text for a terminal, Markdown for a page. The same cells in both."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.bootstrap import Interval
from evaluation.catalogue import BY_NAME, METRICS, Metric, shown
from evaluation.compare import Comparison
from evaluation.record import ENGINE, Record
from evaluation.summary import area, by_kind, latency, overall

Table = tuple[tuple[str, ...], ...]
"""Rows of cells, the heading first."""

RETRIEVAL = ("recall@5", "recall@10", "mrr", "ndcg@10", "success@1")
KIND_COLUMNS = (
    "recall@5", "mrr", "right", "fact_recall", "forbidden", "evidence_cited", "citation_recall",
    "citation_precision", "words",
)  # fmt: skip


def systems(record: Record) -> Table:
    """One line a system: its ranking metrics, each with its 95 % interval, in %."""
    heading = ("System", *(BY_NAME[name].title for name in RETRIEVAL), "Search p50 (ms)")
    lines = []
    for name, rows in record.systems.items():
        found = overall(rows)
        clock = latency(record.timings.get(name, {})).get("search", {})
        lines.append(
            (
                name,
                *(_cell(BY_NAME[m], found.get(m)) for m in RETRIEVAL),
                _ms(clock.get("p50")),
            )
        )
    return (heading, *lines)


def answers(record: Record) -> Table:
    """One line a metric of the engine's answers: figure, interval, questions counted."""
    rows = record.rows()
    found = overall(rows)
    lines = [
        (m.title, shown(m, i.mean), f"{shown(m, i.low)} – {shown(m, i.high)}", str(i.n))
        for m in METRICS
        if m.stage != "retrieval" and (i := found.get(m.name)) is not None
    ]
    risk = area(rows)
    if risk is not None:
        bounds = f"{100 * risk.low:.1f} – {100 * risk.high:.1f}"
        lines.append(("Area under risk–coverage", f"{100 * risk.mean:.1f}", bounds, str(risk.n)))
    return (("Metric", "Figure (%)", "95 % interval", "Questions"), *lines)


BESIDE = (
    "right", "right_answer", "fact_recall", "forbidden", "evidence_cited", "citation_recall",
    "citation_precision", "verbatim_rate", "uncited", "abstention_recall",
)  # fmt: skip


def answerers(record: Record) -> Table:
    """One line a system that answers: its means, in %; no line when there is only the engine."""
    lines = []
    for name, rows in record.systems.items():
        found = overall(rows)
        if "right" in found:
            cells = (shown(BY_NAME[m], found[m].mean) if m in found else "—" for m in BESIDE)
            lines.append((name, *cells))
    heading = ("System", *(BY_NAME[m].title for m in BESIDE))
    return (heading, *lines) if len(lines) > 1 else (heading,)


def kinds(record: Record) -> Table:
    """One line a kind of question: the engine's means, in %."""
    lines = []
    rows = record.rows()
    for kind, found in by_kind(rows).items():
        count = sum(row.kind == kind for row in rows)
        cells = (shown(BY_NAME[m], found[m].mean) if m in found else "—" for m in KIND_COLUMNS)
        lines.append((kind, str(count), *cells))
    return (("Kind", "n", *(BY_NAME[m].title for m in KIND_COLUMNS)), *lines)


def clocks(record: Record) -> Table:
    """One line a stage of the engine: milliseconds, p50 and p95."""
    found = latency(record.timings.get(ENGINE, {}))
    lines = [(stage, _ms(q["p50"]), _ms(q["p95"])) for stage, q in found.items()]
    return (("Stage", "p50 (ms)", "p95 (ms)"), *lines)


def changes(comparison: Comparison) -> Table:
    """One line a metric: before, after, difference with its interval, tests, verdict."""
    lines = []
    for change in comparison.changes:
        metric, test = change.metric, change.test
        scale = 1 if metric.unit == "words" else 100
        d = test.difference
        lines.append(
            (
                metric.title,
                shown(metric, change.before),
                shown(metric, change.after),
                f"{scale * d.mean:+.1f} [{scale * d.low:+.1f}, {scale * d.high:+.1f}]",
                f"{test.better}/{test.worse}",
                _p(test.p),
                _p(test.p_mcnemar),
                _p(change.p),
                change.verdict if change.p is not None else "",
            )
        )
    heading = ("Metric", "Before", "After", "Difference", "Up/down", "p", "McNemar", "Holm", "")
    return (heading, *lines)


def text(table: Table) -> str:
    """Columns aligned with spaces, the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    lines = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    return "\n".join((lines[0], "  ".join("-" * w for w in widths), *lines[1:]))


def markdown(table: Table) -> str:
    """A GitHub table; the first column to the left, the others to the right."""
    rule = ("---", *("---:" for _ in table[0][1:]))
    rows: Sequence[tuple[str, ...]] = (table[0], rule, *table[1:])
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in rows)


def _cell(metric: Metric, interval: Interval | None) -> str:
    if interval is None:
        return "—"
    return f"{shown(metric, interval.mean)} [{shown(metric, interval.low)}, " + (
        f"{shown(metric, interval.high)}]"
    )


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"


def _p(value: float | None) -> str:
    if value is None:
        return "—"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
