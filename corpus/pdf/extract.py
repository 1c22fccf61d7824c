"""From what the pages show to the text that is handed on, with its flags.

Used inside the child process only: its cost depends on a hostile file.
"""

from __future__ import annotations

from typing import Any

from corpus.pdf.canvas import Canvas
from corpus.pdf.columns import Run
from corpus.pdf.layout import PageRuns, cleaned, lay_out
from corpus.pdf.quality import THIN, Flag, document_flags, flag, hidden_flags, page_flags


def extract(
    canvases: list[tuple[Canvas, str]],
    declared: int,
    labels: list[str],
    damage: list[str],
    complaints: list[str],
) -> dict[str, Any]:
    """The answer about a document, as plain values.

    Args:
        canvases: What each page shows, and what was damaged there.
        declared: Pages that the file says it has.
        labels: Printed labels that the file declares, if any.
        damage: Damaged objects of the file.
        complaints: What pypdf mended while reading.
    """
    texts = ["\n".join(run.text for run in c.runs if not run.hidden) for c, _ in canvases]
    hidden = [(n, r.hidden, r.text) for n, (c, _) in enumerate(canvases, 1) for r in c.runs]
    hidden = [entry for entry in hidden if entry[1]]
    if sum(len("".join(text.split())) for text in texts) < THIN:
        return {"refused": _why_empty(canvases, hidden)}
    flags: list[Flag] = []
    for number, ((_, fault), text) in enumerate(zip(canvases, texts, strict=True), start=1):
        flags += page_flags(number, text, fault)
    numbers = _numbers(labels, len(texts))
    layout = lay_out([_shown(canvas) for canvas, _ in canvases], numbers)
    flags += hidden_flags(hidden)
    flags += document_flags(declared, texts, damage, complaints)
    if labels and not numbers:
        flags.append(flag("numbering"))
    return {
        "raw": layout.raw,
        "pages": [
            [i + 1, layout.printed.get(i), count] for i, count in enumerate(layout.characters)
        ],
        "declared": declared,
        "flags": [[f.code, f.text, f.page] for f in flags],
    }


def _shown(canvas: Canvas) -> PageRuns:
    """Visible runs; text set sideways goes below the page's own: apart, and not lost."""
    upright: list[Run] = []
    turned: list[Run] = []
    for run in canvas.runs:
        if run.hidden:
            continue
        if run.turned:
            y = -20.0 * (len(turned) + 1)
            turned.append(Run(run.text, 0.0, y, 400.0, run.size, run.bold))
        else:
            upright.append(Run(run.text, run.x0, run.y, run.x1, run.size, run.bold))
    return PageRuns(cleaned(upright + turned), canvas.view[3])


def _numbers(labels: list[str], pages: int) -> list[int]:
    """Declared labels as numbers, only when all are: a mixed numbering would mislead."""
    usable = len(labels) == pages and all(label.isdecimal() for label in labels)
    return [int(label) for label in labels] if usable else []


def _why_empty(canvases: list[tuple[Canvas, str]], hidden: list[tuple[int, str, str]]) -> str:
    under = sum(len(text) for _, reason, text in hidden if reason in ("unpainted", "covered"))
    if under >= THIN and any(canvas.images for canvas, _ in canvases):
        return "ocr"
    faults = [fault for _, fault in canvases if fault]
    if faults:
        costly = any("Limit" in fault or "incomplete" in fault for fault in faults)
        return "too_costly" if costly else "damaged"
    return "scan" if any(canvas.images for canvas, _ in canvases) else "empty"
