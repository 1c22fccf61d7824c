"""The tables inside README and docs: written between markers by one command, never by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evaluation import tables
from evaluation.errors import ResultsError
from evaluation.gate import RESULTS, latest
from evaluation.record import Record, load

BEGIN = "<!-- evaluation:begin (written by `python -m evaluation report`) -->"
END = "<!-- evaluation:end -->"
ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "evaluation.md")


def block(record: Record, name: str) -> str:
    """What stands between the markers: what was run, the answers, the systems.

    Args:
        record: The run to show.
        name: Its file's name, so that a reader can find every figure.
    """
    about = record.about
    return "\n\n".join(
        (
            f"{about['questions']} questions of the {about['split']} split, generation "
            f"`{about['generation']}`, commit `{about['commit']}`, model `{about['model']}`; "
            f"intervals at 95 %, resampled by group of paraphrases (`evaluation/results/{name}`).",
            tables.markdown(tables.answers(record)),
            tables.markdown(tables.systems(record)),
        )
    )


def refreshed(text: str, content: str) -> str:
    """A page with the text between the markers replaced.

    Raises:
        ResultsError: The page lacks one of the markers, or has them in the wrong order.
    """
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        raise ResultsError(f"no place for the figures: put the lines\n{BEGIN}\n{END}\nin the page")
    return f"{text[: begin + len(BEGIN)]}\n\n{content}\n\n{text[end:]}"


def stale(pages: Iterable[Path] = PAGES, folder: Path = RESULTS) -> tuple[Path, ...]:
    """Pages with markers whose figures are not those of the latest committed test run."""
    marked = _marked(pages)
    content = _content(folder) if marked else ""
    return tuple(
        page
        for page in marked
        if (text := page.read_text(encoding="utf-8")) != refreshed(text, content)
    )


def write(pages: Iterable[Path] = PAGES, folder: Path = RESULTS) -> tuple[Path, ...]:
    """Bring every page with markers up to date; returns those that changed.

    Raises:
        ResultsError: There is no committed run, or no page has the markers.
    """
    content = _content(folder)
    marked = _marked(pages)
    if not marked:
        raise ResultsError(f"no page has the markers: put the lines\n{BEGIN}\n{END}\nin README.md")
    changed = []
    for page in marked:
        text = page.read_text(encoding="utf-8")
        new = refreshed(text, content)
        if new != text:
            page.write_text(new, encoding="utf-8")
            changed.append(page)
    return tuple(changed)


def _content(folder: Path) -> str:
    path = latest("test", folder)
    return block(load(path), path.name)


def _marked(pages: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(p for p in pages if p.is_file() and BEGIN in p.read_text(encoding="utf-8"))
