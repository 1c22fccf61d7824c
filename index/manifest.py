"""The two small files that make a generation checkable: its manifest, and the pointer to it.

Both are canonical JSON: a byte that differs, even a blank, is a fault and not a variant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from index.errors import IndexDamaged, IndexMissing

FOLDER = "gen"
MANIFEST = "manifest.json"
POINTER = "CURRENT"
FORMAT = 1
_ID = re.compile(r"[0-9]{8}-[0-9a-f]{16}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Generation:
    """One whole generation, its bytes already checked.

    Attributes:
        id: Sequence number and start of the manifest's sha256.
        files: Name to the bytes that were hashed; nothing need be read again.
        info: What the builder recorded: corpus and encoder hashes, settings, counts.
        manifest_sha256: Hash of the manifest: it stands for every byte of the generation.
        created: When it was published, ISO 8601 in UTC, by the builder's clock.
        notice: In French, for the reader, when another generation had to be used.
    """

    id: str
    files: Mapping[str, bytes]
    info: Mapping[str, Any]
    created: str
    manifest_sha256: str
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Pointer:
    """The generation in use, and the sha256 of its manifest."""

    generation: str
    manifest_sha256: str

    def as_bytes(self) -> bytes:
        """The pointer file's content."""
        return canonical({"generation": self.generation, "manifest_sha256": self.manifest_sha256})


def canonical(value: Mapping[str, Any]) -> bytes:
    """One value, one sequence of bytes.

    Raises:
        ValueError: For a value that JSON cannot hold (a NaN, an infinite number).
        TypeError: For a value of a type that JSON has not.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return (text + "\n").encode("utf-8")


def generation_id(sequence: int, manifest: bytes) -> str:
    """The id of the generation that ``manifest`` describes."""
    return f"{sequence:08d}-{sha256(manifest).hexdigest()[:16]}"


def sequence_of(generation: str) -> int:
    """Rank in the order of publication."""
    return int(generation[:8])


def is_id(name: str) -> bool:
    """Whether ``name`` has the form of a generation's id; nothing else is ever joined to a path."""
    return _ID.fullmatch(name) is not None


def check_names(files: Mapping[str, bytes]) -> None:
    """Refuse names that would leave the folder or hide the manifest.

    Raises:
        ValueError: For such a name, or for no file at all.
    """
    if not files:
        raise ValueError("a generation needs at least one file: give the files to publish")
    for name in files:
        if name == MANIFEST or not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} cannot name a file of a generation: "
                "use letters, digits, '.', '_' and '-', starting with a letter or a digit"
            )


def write_manifest(sequence: int, created: str, files: Mapping[str, bytes], info: Any) -> bytes:
    """The manifest's bytes for these files."""
    listed = {
        name: {"sha256": sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
    }
    return canonical(
        {
            "format": FORMAT,
            "sequence": sequence,
            "created": created,
            "files": listed,
            "info": info,
        }
    )


def read_pointer(root: Path) -> Pointer:
    """The pointer file, whole.

    Raises:
        IndexMissing: If there is none.
        IndexDamaged: If it is not exactly what a publication writes.
    """
    try:
        data = (root / POINTER).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(_missing(root)) from error
    except OSError as error:
        raise IndexDamaged(f"{POINTER} cannot be read ({error.strerror})") from error
    try:
        pointer = Pointer(**json.loads(data))
        if is_id(pointer.generation) and pointer.as_bytes() == data:
            return pointer
    except (ValueError, TypeError, RecursionError):
        pass  # the one answer below serves: this is not what a publication wrote
    raise IndexDamaged(f"{POINTER} is damaged")


def read_generation(root: Path, wanted: str) -> Generation:
    """Read and check one generation; each file is read once and those bytes are returned.

    Args:
        root: Folder of the index.
        wanted: Id of the generation.

    Raises:
        IndexMissing: If there is no such generation.
        IndexDamaged: At the first file that does not match; the message names it.
    """
    folder = root / FOLDER / wanted
    if not is_id(wanted) or not folder.is_dir():
        raise IndexMissing(f"no generation {wanted!r} in {root}: choose one of those listed there")
    data = _read(folder, MANIFEST)
    digest = sha256(data).hexdigest()
    if generation_id(sequence_of(wanted), data) != wanted:
        raise IndexDamaged(f"{wanted}/{MANIFEST} does not match its sha256")
    # From here the manifest is what a publication wrote: its form needs no second check.
    manifest = json.loads(data)
    if manifest["format"] != FORMAT or manifest["sequence"] != sequence_of(wanted):
        raise IndexDamaged(f"{wanted} is of another format or was renamed")
    files = {name: _read(folder, name, known) for name, known in manifest["files"].items()}
    return Generation(
        wanted,
        MappingProxyType(files),
        MappingProxyType(manifest["info"]),
        manifest["created"],
        digest,
    )


def open_generation(root: Path, generation: str) -> Generation:
    """Open one generation by its id.

    Raises:
        IndexMissing: If there is no such generation.
        IndexDamaged: If it does not match its manifest.
    """
    try:
        return read_generation(Path(root), generation)
    except IndexDamaged as error:
        raise IndexDamaged(f"{error}: choose another generation, or rebuild") from error


def list_generations(root: Path) -> tuple[str, ...]:
    """Ids of the generations on the disk, newest first, whole or not."""
    try:
        names = [entry.name for entry in (Path(root) / FOLDER).iterdir()]
    except OSError:  # none yet, or not readable: reading the pointer says which
        return ()
    return tuple(sorted(filter(is_id, names), reverse=True))


def current_id(root: Path) -> str | None:
    """The id that the pointer names, ``None`` if it names none. Cheap: for noticing a change."""
    try:
        return read_pointer(Path(root)).generation
    except (IndexMissing, IndexDamaged):
        return None


def withdrawn(root: Path, generation: str) -> Path:
    """The mark that a rollback leaves on a newer generation: never to be fallen back to."""
    return root / FOLDER / f"{generation}.withdrawn"


def _read(folder: Path, name: str, known: Mapping[str, Any] | None = None) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{folder.name}/{name} cannot be read ({error.strerror})") from error
    if known is not None and known["size"] != len(data):
        raise IndexDamaged(f"{folder.name}/{name} has {len(data)} bytes, not {known['size']}")
    if known is not None and known["sha256"] != sha256(data).hexdigest():
        raise IndexDamaged(f"{folder.name}/{name} does not match its sha256")
    return data


def _missing(root: Path) -> str:
    return f"no index in {root}: build it with `python -m index build`"
