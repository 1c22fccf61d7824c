"""The bench's figures as tables and plots, and the sentence that says where a peer is ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import log
from statistics import median
from typing import Any

from evaluation import page, plots, tables

VECTOR_OURS = ("faiss flat", "faiss flat 16-bit", "faiss HNSW", "faiss PQ + rescoring")
RECALL_SLACK = 0.001
"""A recall at most this much lower counts as equal."""

Result = dict[str, Any]


def text(found: dict[str, Any]) -> str:
    """For a terminal."""
    return "\n\n".join(
        (_machine(found), tables.text(costs(found)), tables.text(ratios(found)), *lines(found))
    )


def markdown(found: dict[str, Any]) -> str:
    """For a page of the documentation."""
    said = "\n".join(f"- {line}" for line in lines(found))
    parts = (_machine(found), tables.markdown(costs(found)), tables.markdown(ratios(found)), said)
    return "\n\n".join(parts)


def render(found: dict[str, Any]) -> str:
    """A self-contained HTML page."""
    both = [r for r in found["results"] if r["cores"] == 2]
    axes: dict[str, tuple[str, Callable[[Result], float]]] = {
        "Search, p50": ("p50 (ms)", lambda r: median(r["p50_ms"])),
        "Index build": ("build (s)", lambda r: r["build_s"]),
        "Memory of the index": ("MiB", lambda r: r["memory_mib"] or 0.0),
    }
    drawn = [
        plots.lines(
            title,
            {
                name: [(r["n"], value(r)) for r in both if r["system"] == name]
                for name in dict.fromkeys(r["system"] for r in both)
            },
            ("passages", label),
        )
        for title, (label, value) in axes.items()
    ]
    said = "".join(f"<p>{escape(line)}</p>" for line in (_machine(found), *lines(found)))
    tabled = [page.table(costs(found)), page.table(ratios(found))]
    return page.page("Cost against size", [said, *drawn, *tabled])


def costs(found: dict[str, Any]) -> tables.Table:
    """One line a system, a size and a number of cores."""
    heading = (
        "System", "Passages", "Cores", "Build (s)", "Memory (MiB)", "p50 (ms)", "p95 (ms)",
        "CPU p50 (ms)", "Queries/s", "Recall@10", "Set as",
    )  # fmt: skip
    rows = [
        (
            f"{r['system']} {r['version']}".strip(), f"{r['n']:,}", str(r["cores"]),
            f"{r['build_s']:.2f}", _number(r["memory_mib"]), f"{median(r['p50_ms']):.3f}",
            f"{median(r['p95_ms']):.3f}", f"{median(r['cpu_ms']):.3f}", f"{r['qps']:,.0f}",
            "—" if r["recall"] is None else f"{r['recall']:.4f}", r["note"],
        )
        for r in found["results"]
    ]  # fmt: skip
    return (heading, *rows)


def ratios(found: dict[str, Any]) -> tables.Table:
    """Each peer's p50 over that of our fastest index of equal recall, with its spread."""
    rows = []
    for peer in _peers(found):
        ours = _equal(found, peer)
        if ours is None:
            rows.append((peer["system"], f"{peer['n']:,}", "none of equal recall", "—", "—"))
            continue
        spread = sorted(
            theirs / mine for theirs in peer["p50_ms"] for mine in ours["p50_ms"] if mine
        )
        rows.append(
            (
                peer["system"],
                f"{peer['n']:,}",
                ours["system"],
                f"{median(spread):.1f}",
                f"{spread[0]:.1f} – {spread[-1]:.1f}",
            )
        )
    heading = ("Peer", "Passages", "Ours", "p50, peer / ours", "Spread over rounds")
    return (heading, *rows)


def lines(found: dict[str, Any]) -> list[str]:
    """Plain sentences: start-up, encoding, growth, where a peer is ahead, what did not finish."""
    clock = found["start_up"]["ms"]
    encoding = found["encoding"]
    said = [
        f"Start-up ({found['start_up']['what']}): {median(clock):.0f} ms, "
        f"from {clock[0]:.0f} to {clock[-1]:.0f} over {len(clock)} starts.",
        f"Encoding: {encoding['passages'] / max(encoding['seconds'], 1e-9):,.0f} passages/s.",
    ]
    peers = list(_peers(found))
    ahead = [
        f"{peer['system']} at {peer['n']:,} passages"
        for peer in peers
        if (ours := _equal(found, peer)) is None or median(ours["p50_ms"]) >= median(peer["p50_ms"])
    ]
    said.append(
        f"Not ahead on p50 at equal recall of: {'; '.join(ahead)}."
        if ahead
        else "Ahead of every peer measured on p50 at equal recall."
        if peers
        else "No peer was measured beside it."
    )
    said += [growth for name in VECTOR_OURS if (growth := _growth(found, name))]
    said += [
        f"Failed: {r['system']} at {r['n']:,} passages, {r['cores']} core(s): {r['error']}"
        for r in found["failed"]
    ]
    return said


def _growth(found: dict[str, Any], name: str) -> str:
    built = [r for r in found["results"] if r["system"] == name and r["cores"] == 2]
    big = [r for r in built if r["n"] >= 10_000]
    if len(big) < 2:
        return ""
    low, high = big[0], big[-1]
    times = high["build_s"] / max(low["build_s"], 1e-9)
    linear = high["n"] / low["n"]
    bound = linear * log(high["n"]) / log(low["n"])
    return (
        f"{name}: building {high['n']:,} passages takes {times:.1f} times as long as {low['n']:,} "
        f"(n·log n would be {bound:.1f})."
    )


def _peers(found: dict[str, Any]) -> Sequence[Result]:
    names = (*VECTOR_OURS, "whole retriever", "bm25s")
    return [r for r in found["results"] if r["cores"] == 2 and r["system"] not in names]


def _equal(found: dict[str, Any], peer: Result) -> Result | None:
    """Our fastest vector index at the peer's size whose recall is not below the peer's."""
    able = [
        r
        for r in found["results"]
        if r["system"] in VECTOR_OURS
        and (r["n"], r["cores"]) == (peer["n"], peer["cores"])
        and r["recall"] >= peer["recall"] - RECALL_SLACK
    ]
    return min(able, key=lambda r: median(r["p50_ms"]), default=None)


def _machine(found: dict[str, Any]) -> str:
    m = found["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in m["versions"].items())
    return (
        f"{m['processor']}, {m['cores']} cores, {m['system']}, Python {m['python']}; {versions}; "
        f"load of the machine at the end {m['load']:.1f}."
    )


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"
