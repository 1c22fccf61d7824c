"""Building the shared index: built and verified in a folder, then published to the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from index.build import BuildReport, Progress, bring_up_to_date
from index.encoder import Encoder
from index.errors import IndexDamaged, IndexMissing
from index.generations import open_current
from index.stores import database
from index.stores.opening import checked, published
from index.stores.upload import upload

WORK = "shared-index"


def build_shared(
    sources: Path | None,
    address: str,
    work: Path,
    encoder: Callable[[], Encoder],
    progress: Progress | None = None,
    *,
    force: bool = False,
) -> BuildReport:
    """Build the index of some sources and publish it to a database, unless it has it already.

    Args:
        sources: Folder of the documents; the product's own by default.
        address: ``postgresql://…``.
        work: Folder of the builder; what was read, analysed and embedded once is kept there.
        encoder: Called once the documents are read.
        progress: As of `index.build.build`.
        force: Publish anew even when nothing changed.

    Raises:
        IndexBusy: If another builder is at work, there or here.
        IndexUnreachable: If the database does not answer.
        IndexUnwritable: If the disk or the database refuses.
    """
    report = bring_up_to_date(sources, work / WORK, encoder, progress, force=force)
    generation = open_current(work / WORK)
    current = None if force else _current(address)
    if current is not None and current[1] == dict(generation.info):
        return replace(report, generation=current[0], built=False)
    if progress is not None:
        progress("publishing", 0, 1)
    return replace(report, generation=upload(generation, address), built=True)


def _current(address: str) -> tuple[str, dict[str, object]] | None:
    """The generation in use and its facts, if there is a whole one."""
    try:
        with database.told(address), database.connect(address) as connection:
            current, known = published(connection, address)
    except IndexMissing:
        return None
    for generation, manifest, small in known:
        if generation == current:
            try:
                info = checked(generation, manifest, small)
            except IndexDamaged:
                return None
            return current, {name: fact for name, fact in info.items() if name != "created"}
    return None
