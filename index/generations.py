"""Generations: an index is published whole, opened whole, and never opened damaged.

    ROOT/CURRENT                names the generation in use and the sha256 of its manifest
    ROOT/gen/ID/manifest.json   sha256 and size of every other file, written last
    ROOT/gen/ID/…               the files
    ROOT/gen/ID.withdrawn       (after a rollback) never to be fallen back to

A publication stages a folder aside, forces it to the disk, reads it back, renames it, and replaces
one pointer file. A reader follows the pointer, reads each file once, hashes it, and hands on the
very bytes that it hashed. An ID is a sequence number and the first 64 bits of its manifest's
sha256 (``00000012-9f86d081884c7d65``): ids sort by order of publication whatever the clock says,
and a generation can be checked without the pointer, which is how an earlier one takes over.
The hashes guard against faults, not against somebody who may write there: such a person can
write a whole new generation.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from index.durable import Lock
from index.errors import IndexDamaged, IndexMissing
from index.manifest import (
    FOLDER,
    MANIFEST,
    POINTER,
    Generation,
    Pointer,
    current_id,
    list_generations,
    open_generation,
    read_generation,
    read_pointer,
    withdrawn,
)
from index.publication import publish, rollback

__all__ = [
    "Generation",
    "Lock",
    "current_id",
    "list_generations",
    "open_current",
    "open_generation",
    "publish",
    "rollback",
    "verify",
]

_OPEN_ATTEMPTS = 5

_log = logging.getLogger(__name__)


def open_current(root: Path) -> Generation:
    """Open the generation in use, or the newest whole earlier one with a ``notice``.

    Raises:
        IndexMissing: If nothing was ever published there.
        IndexDamaged: If no generation is whole.
    """
    root = Path(root)
    pointer, fault = _pointed(root)
    older_than = None
    for _ in range(_OPEN_ATTEMPTS):
        if pointer is None:
            break
        tried = pointer
        try:
            return _read_pointed(root, pointer)
        except IndexDamaged as error:
            fault, older_than = str(error), pointer.generation
        except IndexMissing as error:  # the pointer itself is astray: any whole one may serve
            fault, older_than = str(error), None
        # A slow reader may have been overtaken, and its generation removed: follow the pointer.
        pointer, _unused = _pointed(root)
        if pointer == tried:
            break
    return _fall_back(root, older_than, fault)


def _read_pointed(root: Path, pointer: Pointer) -> Generation:
    found = read_generation(root, pointer.generation)
    if found.manifest_sha256 != pointer.manifest_sha256:
        raise IndexMissing(f"{POINTER} names a manifest that is nowhere")
    return found


def _pointed(root: Path) -> tuple[Pointer | None, str]:
    try:
        return read_pointer(root), ""
    except IndexMissing:
        if not list_generations(root):
            raise
        return None, f"{POINTER} is missing"
    except IndexDamaged as error:
        return None, str(error)


def _fall_back(root: Path, older_than: str | None, fault: str) -> Generation:
    faults = [fault]
    for candidate in list_generations(root):
        if older_than is not None and candidate >= older_than:
            continue  # newer than the one in use: not yet published, or rolled back
        if withdrawn(root, candidate).exists():
            continue
        try:
            found = read_generation(root, candidate)
        except (IndexDamaged, IndexMissing) as error:
            faults.append(str(error))
            continue
        _log.error("index %s: %s; generation %s is used instead", root, fault, candidate)
        return replace(found, notice=_notice(found))
    raise IndexDamaged(
        f"no generation of the index {root} is whole ({'; '.join(faults)}): "
        "rebuild it with `python -m index build`"
    )


def _notice(used: Generation) -> str:
    return (
        "L’index en service est endommagé : les réponses viennent de la dernière version intacte, "
        f"publiée le {used.created[8:10]}/{used.created[5:7]}/{used.created[:4]}. "
        "Prévenez la personne qui administre l’application."
    )


def verify(root: Path) -> tuple[str, ...]:
    """Check the pointer and every file of every generation.

    Returns:
        One line a problem; empty when the index is whole. What a killed builder left behind is
        none: the next build sweeps it.

    Raises:
        IndexMissing: If nothing was ever published there.
    """
    root = Path(root)
    pointer, fault = _pointed(root)
    problems = [fault] if fault else []
    for generation in list_generations(root):
        try:
            whole = read_generation(root, generation)
        except (IndexDamaged, IndexMissing) as error:
            problems.append(str(error))
            continue
        found = {entry.name for entry in (root / FOLDER / generation).iterdir()}
        extra = sorted(found - {MANIFEST, *whole.files})
        problems += [f"{generation}/{name} is not in the manifest" for name in extra]
    if pointer is not None:
        try:
            _read_pointed(root, pointer)
        except (IndexDamaged, IndexMissing) as error:
            problems += [f"in use: {error}"]
    return tuple(dict.fromkeys(problems))
