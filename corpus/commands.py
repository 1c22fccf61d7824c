"""The commands that change the library: add, staged, preview, approve, discard, remove."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from corpus.errors import AlreadyThere, NotApproved, SourceNotFound, SourceRefused
from corpus.legi import Selection, select
from corpus.library import load_library
from corpus.passage import KINDS, Source
from corpus.references import canonical
from corpus.shelf import withdraw
from corpus.staging import Preview, Staging

ARCHIVES = (".tar", ".tar.gz", ".tgz")
SHOWN = 600  # characters of the text printed by a preview; `--all` prints it whole


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare these commands."""
    for name, (_, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--sources", type=Path, metavar="DIR", help="folder of documents")
        if name == "add":
            _add_arguments(command)
        elif name == "remove":
            command.add_argument("source", metavar="SOURCE", help="id, as printed by `list`")
            command.add_argument("--reason", default="", help="why, kept in the manifest")
        elif name != "staged":
            command.add_argument("staged", metavar="ID", help="id, as printed by `staged`")
        if name in ("add", "approve"):
            command.add_argument("--confirm", action="store_true",
                                 help="confirm what the preview asks to be confirmed")  # fmt: skip
        if name == "preview":
            command.add_argument("--all", action="store_true", help="print the whole text")
        if name in ("add", "approve", "remove"):
            command.add_argument("--who", default=_user(), help="who answers for this")


def _add_arguments(command: argparse.ArgumentParser) -> None:
    forms = ".pdf, .txt, .md, LEGI .xml; or a folder or archive of LEGI"
    command.add_argument("file", type=Path, metavar="FILE", help=forms)
    command.add_argument("--kind", choices=KINDS, help="guessed from the content by default")
    command.add_argument("--title", help="title, where the document does not say it")
    command.add_argument("--date", metavar="YYYY-MM-DD", help="day of the edition")
    command.add_argument("--origin", help="where it comes from")
    command.add_argument("--supersedes", metavar="SOURCE", help="id of the edition it replaces")
    command.add_argument("--stage", action="store_true", help="stage only: approve it later")
    command.add_argument("--articles", metavar="REFS",
                         help="wanted articles of an archive, separated by commas "
                              "(default: those that the library cites)")  # fmt: skip


def run(args: argparse.Namespace, folder: Path) -> int:
    """Run one of these commands.

    Raises:
        CorpusError: With what to do next.
    """
    return COMMANDS[args.command][0](args, Staging.of(folder))


def _add(args: argparse.Namespace, staging: Staging) -> int:
    path: Path = args.file
    if path.is_dir() or path.name.lower().endswith(ARCHIVES):
        return _add_law(args, staging)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceNotFound(
            f"{path} cannot be read ({error.strerror}): give another path"
        ) from error
    staged = staging.stage(
        data, path.name, args.who, kind=args.kind, title=args.title, date=args.date,
        origin=args.origin, supersedes=args.supersedes,
    )  # fmt: skip
    try:
        preview = staging.preview(staged.id)
    except SourceRefused:
        staging.discard(staged.id)
        raise
    _show(preview)
    if args.stage:
        print(f"staged as {staged.id}: read it with `preview`, then `approve`")
        return 0
    try:
        source = staging.approve(staged.id, args.who, confirmed=args.confirm)
    except NotApproved:
        print(f"staged as {staged.id}, not added", file=sys.stderr)
        raise
    print(f"added {source.id} ({len(preview.document.passages)} passages)")
    return 0


def _add_law(args: argparse.Namespace, staging: Staging) -> int:
    """Every wanted article of LEGI data; those already there are left as they are."""
    found = select(args.file, _wanted(args.articles, staging.sources))
    added: list[Source] = []
    for article, data in found.articles:
        try:
            staged = staging.stage(data, f"{article.id}.xml", args.who, origin=args.origin)
        except AlreadyThere:
            continue
        staging.preview(staged.id)
        added.append(staging.approve(staged.id, args.who, confirmed=args.confirm))
    _report(found, len(added))
    return 0


def _wanted(articles: str | None, sources: Path) -> Collection[str]:
    if articles:
        refs = {text.strip(): canonical(text) for text in articles.split(",")}
        unknown = [text for text, ref in refs.items() if ref is None]
        if unknown:
            raise SourceNotFound(f"{unknown[0]!r} names no article: write it as « R. 4321-55 CSP »")
        return {ref for ref in refs.values() if ref}
    library = load_library(sources)
    quoted = {p.ref for p in library.passages if p.kind == "article"}
    return quoted | {ref for p in library.passages for ref in p.cites}


def _report(found: Selection, added: int) -> None:
    known = len(found.articles) - added
    print(f"added {added} versions; {known} already there; {found.skipped} files not wanted")
    for title, names in (
        ("without text, not added", found.empty),
        ("deleted by the publisher: remove them if they are listed", found.deleted),
    ):
        if names:
            print(f"{len(names)} {title}: {', '.join(names[:10])}")
    for reason in found.refused:
        print(f"refused: {reason}", file=sys.stderr)


def _staged(args: argparse.Namespace, staging: Staging) -> int:
    for staged in staging.pending():
        state = "previewed" if staged.seen else "staged"
        print(f"{staged.id}  {state}  {staged.kind}  {staged.name}  by {staged.who}, {staged.when}")
    return 0


def _preview(args: argparse.Namespace, staging: Staging) -> int:
    preview = staging.preview(args.staged)
    _show(preview)
    text = preview.document.text
    print("\n" + (text if args.all else text[:SHOWN] + ("…" if len(text) > SHOWN else "")))
    return 0


def _approve(args: argparse.Namespace, staging: Staging) -> int:
    source = staging.approve(args.staged, args.who, confirmed=args.confirm)
    print(f"added {source.id}")
    return 0


def _discard(args: argparse.Namespace, staging: Staging) -> int:
    staging.discard(args.staged)
    print(f"discarded {args.staged}")
    return 0


def _remove(args: argparse.Namespace, staging: Staging) -> int:
    title = withdraw(staging.sources, args.source, args.who, args.reason)
    print(f"removed {args.source} ({title}): rebuild the index with `python -m index build`")
    return 0


def _show(preview: Preview) -> None:
    document = preview.document
    refs = list(dict.fromkeys(passage.ref for passage in document.passages))
    pages = f", {len(document.pages)} pages" if document.pages else ""
    print(f"{document.source.title}  [{document.source.kind}]")
    print(f"  {len(document.passages)} passages{pages}; {', '.join(refs[:4])}")
    for remark in preview.remarks:
        print(f"  · {remark}")
    for doubt in preview.reservations:
        print(f"  ! {doubt}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"


COMMANDS: dict[str, tuple[Callable[[argparse.Namespace, Staging], int], str]] = {
    "add": (_add, "add a document: stage it, show what was read, approve it"),
    "staged": (_staged, "the documents that wait for approval"),
    "preview": (_preview, "what was read of a staged document"),
    "approve": (_approve, "put a previewed document into the library"),
    "discard": (_discard, "throw a staged document away"),
    "remove": (_remove, "withdraw a source; its file is deleted, a trace remains"),
}
