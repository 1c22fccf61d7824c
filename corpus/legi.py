"""Choosing articles out of the LEGI open data: a file, a folder, or an archive as published.

The archive of all codes weighs over a gigabyte: it is streamed, never unpacked, and only the
wanted articles of the known codes are kept.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import SourceNotFound, SourceRefused
from corpus.law import CODES, MAX_FILE, Article, parse_article, spell
from corpus.references import article_label

_FILE = re.compile(r"LEGIARTI\d{12}\.xml$")
_CODE = re.compile(r"LEGITEXT\d{12}")
_NUM = re.compile(rb"<NUM>([^<]{1,40})</NUM>")
_LISTED = re.compile(r"LEGIARTI\d{12}")
DELETIONS = "liste_suppression_legi.dat"


@dataclass(frozen=True, slots=True)
class Selection:
    """What was found in LEGI data.

    Attributes:
        articles: Versions kept, each with the bytes of its file.
        empty: Identifiers of wanted versions without text: counted, never indexed.
        refused: Why a wanted file could not be read, one line each, in French.
        deleted: Identifiers that the publisher asks to delete.
        skipped: Files that were not wanted.
    """

    articles: tuple[tuple[Article, bytes], ...]
    empty: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    skipped: int = 0


def select(path: Path, wanted: Collection[str] | None = None) -> Selection:
    """Read the wanted articles.

    Args:
        path: One XML file, a folder of them, or a ``.tar.gz`` archive.
        wanted: Canonical references (``CSP, art. R. 4321-55``); all of the known codes if None.

    Raises:
        SourceNotFound: There is nothing at ``path``.
        SourceRefused: The archive itself is damaged.
    """
    if not path.exists():
        raise SourceNotFound(f"no file or folder at {path}: give another path")
    articles: list[tuple[Article, bytes]] = []
    empty: list[str] = []
    refused: list[str] = []
    deleted: list[str] = []
    skipped = 0
    for name, data in _files(path):
        if name.endswith(DELETIONS):
            deleted += _LISTED.findall(data.decode("ascii", "replace"))
        elif not _is_wanted(name, data, wanted):
            skipped += 1
        else:
            try:
                articles.append((parse_article(data, Path(name).name), data))
            except SourceRefused as error:
                if error.code == "empty_body":
                    empty.append(Path(name).stem)
                else:
                    refused.append(str(error))
    return Selection(tuple(articles), tuple(empty), tuple(refused), tuple(deleted), skipped)


def _is_wanted(name: str, data: bytes, wanted: Collection[str] | None) -> bool:
    """By code and number, before anything is parsed; a lone file is always wanted."""
    code = _CODE.search(name)
    if code is not None and code.group() not in CODES:
        return False
    if wanted is None:
        return True
    number = _NUM.search(data)
    if code is None or number is None:  # let the parser say what is wrong
        return any(ref.endswith(f"art. {_number(number)}") for ref in wanted) or number is None
    return article_label(CODES[code.group()][0], _number(number)) in wanted


def _number(match: re.Match[bytes] | None) -> str:
    return spell(match.group(1).decode("utf-8", "replace").strip()) if match else ""


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and (_FILE.search(file.name) or file.name == DELETIONS):
                yield file.relative_to(path).as_posix(), _limited(file)
    elif path.suffix.lower() == ".xml":
        yield path.name, _limited(path)
    else:
        yield from _members(path)


def _limited(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MAX_FILE + 1)


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Regular files of an archive, one at a time; names are looked at, never used as paths."""
    try:
        with tarfile.open(path, mode="r|*") as archive:
            for member in archive:
                if not member.isreg() or not (
                    _FILE.search(member.name) or member.name.endswith(DELETIONS)
                ):
                    continue
                stream = archive.extractfile(member)
                if stream is not None:
                    yield member.name, stream.read(MAX_FILE + 1)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise SourceRefused(
            f"{path.name} is damaged or is no archive ({error}): download it again"
        ) from error
