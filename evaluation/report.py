"""The tables inside README and docs: written between markers by one command, never by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from evaluation import bench_page, tables
from evaluation.errors import ResultsError
from evaluation.gate import RESULTS, latest
from evaluation.record import Record, load

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "evaluation.md")


def markers(name: str) -> tuple[str, str]:
    """The two lines between which the figures of a name stand: ``evaluation`` or ``bench``."""
    return (
        f"<!-- {name}:begin (written by `python -m evaluation report`) -->",
        f"<!-- {name}:end -->",
    )


def block(record: Record, name: str) -> str:
    """What stands between the markers of a run: what was run, the answers, the systems.

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


def refreshed(text: str, contents: Mapping[str, str]) -> str:
    """A page with the text between each pair of markers that it has replaced.

    Args:
        text: Of the page.
        contents: Name of the markers to what stands between them.

    Raises:
        ResultsError: The page has one marker of a pair without the other.
    """
    for name, content in contents.items():
        begin, end = markers(name)
        start, stop = text.find(begin), text.find(end)
        if start < 0 and stop < 0:
            continue
        if start < 0 or stop < start:
            raise ResultsError(f"no place for the figures: put the lines\n{begin}\n{end}")
        text = f"{text[: start + len(begin)]}\n\n{content}\n\n{text[stop:]}"
    return text


def stale(pages: Iterable[Path] = PAGES, folder: Path = RESULTS) -> tuple[Path, ...]:
    """Pages whose figures are not those of the latest committed runs."""
    return tuple(page for page, old, new in _pages(pages, folder) if old != new)


def write(pages: Iterable[Path] = PAGES, folder: Path = RESULTS) -> tuple[Path, ...]:
    """Bring every page with markers up to date; returns those that changed.

    Raises:
        ResultsError: No page has markers, or there is no committed run for the markers of one.
    """
    found = _pages(pages, folder)
    if not found:
        begin, end = markers("evaluation")
        raise ResultsError(f"no page has markers: put the lines\n{begin}\n{end}\nin README.md")
    changed = [(page, new) for page, old, new in found if old != new]
    for page, new in changed:
        page.write_text(new, encoding="utf-8")
    return tuple(page for page, _ in changed)


def _pages(pages: Iterable[Path], folder: Path) -> list[tuple[Path, str, str]]:
    """Each page with markers: its path, its text, and what that should be."""
    texts = {page: page.read_text(encoding="utf-8") for page in pages if page.is_file()}
    contents = {
        name: make(folder)
        for name, make in _CONTENTS.items()
        if any(markers(name)[0] in text for text in texts.values())
    }
    return [
        (page, text, refreshed(text, contents))
        for page, text in texts.items()
        if any(markers(name)[0] in text for name in contents)
    ]


def _run(folder: Path) -> str:
    path = latest("test", folder)
    return block(load(path), path.name)


def _bench(folder: Path) -> str:
    path = latest("bench", folder)
    try:
        return bench_page.markdown(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError) as error:
        raise ResultsError(f"{path.name} is no bench ({error}): run `bench --save`") from error


_CONTENTS: Mapping[str, Callable[[Path], str]] = {"evaluation": _run, "bench": _bench}
