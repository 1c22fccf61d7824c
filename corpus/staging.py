"""How a document enters the library: staged, previewed as text, approved by somebody.

A document from outside may be hostile or simply wrong, and what it says will be quoted. So it
waits in a folder of its own, its extracted text is shown, and only what was shown can be
approved. File names are labels: on disk everything is named by its hash.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import settings
from corpus.chunking import slug
from corpus.errors import AlreadyThere, ManifestInvalid, NotApproved, SourceNotFound, SourceRefused
from corpus.library import MANIFEST, read_manifest
from corpus.naming import free_id, id_of, safe_name, title_of
from corpus.passage import Document, Kind, Source
from corpus.readers import SUFFIXES, guess_kind, inspect, reading_beside, reading_of
from corpus.shelf import changing, now, row_of, write_whole
from corpus.wording import STAGING

MAX_BYTES = 20_000_000  # what the application lets anybody upload
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Staged:
    """A document that waits.

    Attributes:
        id: First 16 hexadecimal digits of its sha256.
        name: Its file name, made safe to show; never used as a path.
        origin: Where it comes from, in words or as an address.
        seen: sha256 of the text that was previewed; ``None`` until then.
    """

    id: str
    name: str
    suffix: str
    sha256: str
    kind: Kind
    who: str
    when: str
    title: str | None = None
    date: str | None = None
    origin: str | None = None
    supersedes: str | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What is shown before approval.

    Attributes:
        document: The document as it would be indexed: its text and passages.
        remarks: Warnings that need no act (French).
        reservations: What the approver must confirm (French).
        duplicate_of: Id of a source with the very same text.
        replaces: Id of a source that this looks like a new edition of.
    """

    staged: Staged
    document: Document
    remarks: tuple[str, ...]
    reservations: tuple[str, ...]
    duplicate_of: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Staging:
    """The waiting room of a library.

    Attributes:
        sources: The library's folder.
        room: Folder of the waiting documents.
    """

    sources: Path
    room: Path

    @classmethod
    def of(cls, sources: Path) -> Staging:
        """The waiting room of a library: with the application's data, or hidden in the folder.

        A folder given by hand keeps its own, so that two libraries never share one.
        """
        chosen = settings.load()
        configured = sources.resolve() == chosen.sources.resolve()
        return cls(sources, chosen.data / "staged" if configured else sources / ".staged")

    def stage(self, data: bytes, name: str, who: str, **details: Any) -> Staged:
        """Take a document in; nothing is indexed.

        Args:
            data: The file.
            name: Its name, of which only the suffix matters.
            who: The person who brings it.
            **details: ``kind``, ``title``, ``date``, ``origin``, ``supersedes``, where known.

        Raises:
            SourceRefused: Empty, too large, or of a form that is not read.
            AlreadyThere: The library has these very bytes.
        """
        suffix = Path(name).suffix.lower()
        shown = safe_name(name)
        if suffix not in SUFFIXES:
            raise SourceRefused(f"{shown}: only {', '.join(sorted(SUFFIXES))} files can be added")
        if not data or len(data) > MAX_BYTES:
            raise SourceRefused(f"{shown} is empty or over 20 MB: add a complete, lighter file")
        digest = hashlib.sha256(data).hexdigest()
        same = next((r for r in self._rows() if r["sha256"] == digest), None)
        if same is not None:
            raise AlreadyThere(
                f"{shown} is already in the library as {same['id']!r}: nothing to add"
            )
        given = {key: value for key, value in details.items() if value}
        kind = given.pop("kind", None) or guess_kind(Path(shown).with_suffix(suffix), data)
        staged = Staged(digest[:16], shown, suffix, digest, kind, who, now(), **given)
        place = self.room / staged.id
        place.mkdir(parents=True, exist_ok=True)
        write_whole(place / f"document{suffix}", data)
        self._record(staged)
        return staged

    def pending(self) -> tuple[Staged, ...]:
        """Documents that wait, oldest first."""
        found = [self.get(p.parent.name) for p in self.room.glob("*/record.json")]
        return tuple(sorted(found, key=lambda staged: (staged.when, staged.id)))

    def get(self, staged_id: str) -> Staged:
        """One waiting document.

        Raises:
            SourceNotFound: Nothing waits under this id.
            ManifestInvalid: Its record is damaged.
        """
        record = self.room / staged_id / "record.json"
        if not _ID.fullmatch(staged_id) or not record.is_file():
            raise SourceNotFound(f"nothing is staged as {staged_id!r}: see `corpus staged`")
        try:
            return Staged(**json.loads(record.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise ManifestInvalid(f"{record} is damaged: discard it and stage it again") from error

    def preview(self, staged_id: str) -> Preview:
        """Read a waiting document and note that this text was shown.

        Raises:
            SourceRefused: It cannot be read; the reason is in French.
        """
        staged = self.get(staged_id)
        preview = self._read(staged)
        self._record(replace(staged, seen=_digest(preview.document.text)))
        return replace(preview, staged=self.get(staged_id))

    def approve(self, staged_id: str, who: str, *, confirmed: bool = False) -> Source:
        """Put a previewed document into the library.

        Args:
            staged_id: Its id.
            who: The person who has looked at it and answers for it.
            confirmed: Whether they confirm every reservation of the preview.

        Raises:
            NotApproved: It was not previewed, its text is not the one shown, or reservations
                are not confirmed.
            AlreadyThere: Somebody has added it meanwhile.
        """
        staged = self.get(staged_id)
        preview = self._read(staged)
        if staged.seen is None:
            raise NotApproved(f"{staged.name} was not previewed: look at its text first")
        if staged.seen != _digest(preview.document.text):
            raise NotApproved(f"{staged.name} is no longer read as it was shown: preview it again")
        if preview.reservations and not confirmed:
            raise NotApproved(
                f"{staged.name}: {preview.reservations[0]} "
                f"({len(preview.reservations)} to confirm: preview it, then approve with --confirm)"
            )
        data = (self.room / staged_id / f"document{staged.suffix}").read_bytes()
        with changing(self.sources) as rows:
            source = self._enter(rows, staged, preview, who, data)
        self.discard(staged_id)
        return source

    def discard(self, staged_id: str) -> None:
        """Throw a waiting document away."""
        self.get(staged_id)
        shutil.rmtree(self.room / staged_id)

    def _enter(
        self, rows: list[dict[str, Any]], staged: Staged, preview: Preview, who: str, data: bytes
    ) -> Source:
        if any(r["sha256"] == staged.sha256 and not r.get("withdrawn") for r in rows):
            raise AlreadyThere(f"{staged.name} was added meanwhile: nothing to do")
        replaced = staged.supersedes
        if replaced:
            old = next((r for r in rows if r["id"] == replaced and not r.get("withdrawn")), None)
            if old is None:
                raise SourceNotFound(f"no source {replaced!r} to supersede: see `corpus list`")
            # It stays citable, for the days before; the default day is today.
            old.setdefault("in_force_to", staged.date or now()[:10])
        found = preview.document.source
        source_id = free_id(id_of(preview.document), rows)
        file = f"{source_id}-{staged.sha256[:8]}{staged.suffix}"
        source = replace(
            found, id=source_id, path=self.sources / file, provenance=staged.origin,
            supersedes=replaced,
        )  # fmt: skip
        write_whole(source.path, data)
        if staged.suffix == ".pdf":
            write_whole(reading_beside(source.path), reading_of(data, file))
        rows.append(row_of(
            source, file, text_sha256=_digest(preview.document.text),
            added={"by": staged.who, "at": staged.when, "name": staged.name},
            approved={"by": who, "at": now(), "confirmed": list(preview.reservations)},
        ))  # fmt: skip
        return source

    def _read(self, staged: Staged) -> Preview:
        path = self.room / staged.id / f"document{staged.suffix}"
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != staged.sha256:
            raise NotApproved(f"{staged.name} has changed since it was staged: stage it again")
        stem = Path(staged.name).stem
        named = path.with_name(f"{slug(stem) or 'document'}{staged.suffix}")
        source = Source(
            id=named.stem, title=staged.title or named.stem, kind=staged.kind, path=named,
            sha256=staged.sha256, date=staged.date, provenance=staged.origin,
        )  # fmt: skip
        seen = inspect(source, data)
        document = seen.document
        if staged.title is None:
            title = title_of(document, stem)
            document = replace(document, source=replace(document.source, title=title))
        doubts = seen.reservations
        if not document.passages:
            raise SourceRefused(f"{staged.name} : {STAGING['no_passage']}", code="no_passage")
        remarks = [warning for warning in document.warnings if warning not in doubts]
        same, older = _same_text(self._rows(), document), _older(self._rows(), document)
        if same:
            doubts = (*doubts, STAGING["duplicate_text"].format_map(same))
        elif older and staged.supersedes is None:
            remarks.append(STAGING["new_edition"].format_map(older))
        return Preview(
            staged, document, tuple(remarks), doubts,
            duplicate_of=same["id"] if same else None, replaces=older["id"] if older else None,
        )  # fmt: skip

    def _record(self, staged: Staged) -> None:
        body = json.dumps(asdict(staged), ensure_ascii=False, indent=2)
        write_whole(self.room / staged.id / "record.json", body.encode())

    def _rows(self) -> list[dict[str, Any]]:
        """Rows of the sources that are in the library now."""
        manifest = self.sources / MANIFEST
        rows = read_manifest(manifest) if manifest.is_file() else []
        return [row for row in rows if not row.get("withdrawn")]


def _same_text(rows: list[dict[str, Any]], document: Document) -> Mapping[str, Any] | None:
    digest = _digest(document.text)
    return next((row for row in rows if row.get("text_sha256") == digest), None)


def _older(rows: list[dict[str, Any]], document: Document) -> Mapping[str, Any] | None:
    """A source of the same kind and title; versions of an article follow one another by date."""
    source = document.source
    if source.kind == "article" and source.version:
        return None
    return next(
        (r for r in rows if r["kind"] == source.kind
         and slug(str(r["title"]), 200) == slug(source.title, 200)), None,
    )  # fmt: skip


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
