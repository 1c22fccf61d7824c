"""``python -m index doctor``: is this installation whole, and what to do where it is not."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from index import checkup
from index.checkup import Finding, Installation, examined
from index.errors import IndexStale
from index.generations import list_generations, verify
from index.open import REMOTE, Index, open_index, require_same
from index.publication import GRACE_SECONDS

_MARKS = {"ok": "ok     ", "warning": "WARNING", "fault": "FAULT  "}
_REBUILD = "run `python -m index build`"


def index(installation: Installation) -> Iterator[Finding]:
    """The index is whole, of this encoder and of these sources, and finds something."""
    place = installation.place
    if place.startswith(REMOTE):
        from index.stores import verify_store

        problems = verify_store(place)
    else:
        problems = verify(Path(place).expanduser())
    for problem in problems:
        yield Finding("index", "fault", problem, f"{_REBUILD}, or `python -m index rollback`")
    opened = open_index(place, installation.encoder)
    yield from _fits(opened, installation)
    began = time.perf_counter()
    found = opened.retriever.search("secret professionnel du kinésithérapeute", 1)
    took = 1000 * (time.perf_counter() - began)
    if not found:
        yield Finding("search", "fault", "nothing is found for a plain question", _REBUILD)
    else:
        yield Finding("search", "ok", f"{found[0].passage.ref} in {took:.0f} ms")


def _fits(opened: Index, installation: Installation) -> Iterator[Finding]:
    try:
        require_same(opened.info, installation.encoder)
    except IndexStale as error:
        yield Finding("index", "fault", "of another encoder or version", str(error))
        return
    if opened.notice:
        yield Finding("index", "fault", "an earlier generation had to be used", _REBUILD)
    if opened.info.get("corpus") != installation.library.sha256:
        yield Finding("index", "warning", "the sources have changed since it was built", _REBUILD)
    else:
        counts = opened.info["counts"]
        detail = f"generation {opened.generation}, {counts['passages']} passages, as the sources"
        yield Finding("index", "ok", detail)


def leftovers(installation: Installation) -> Iterator[Finding]:
    """What a killed builder left, which the next build sweeps."""
    root = Path(installation.place).expanduser()
    left = [
        path
        for path in (root / "gen").glob(".tmp-*")
        if time.time() - path.stat().st_mtime > GRACE_SECONDS
    ]
    if left:
        yield Finding("leftovers", "warning", f"{len(left)} unfinished builds", _REBUILD)
    kept = len(list_generations(root))
    if kept:
        yield Finding("generations", "ok", f"{kept} kept, the last ones to go back to")


CHECKS: tuple[checkup.Check, ...] = (
    checkup.python,
    checkup.packages,
    checkup.configuration,
    checkup.secrets,
    checkup.privacy,
    checkup.sources,
    checkup.encoder,
    index,
    leftovers,
    checkup.disk,
)


def diagnose(installation: Installation) -> tuple[Finding, ...]:
    """Every finding of every check, in order; none of them stops the others."""
    return tuple(finding for check in CHECKS for finding in examined(check, installation))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--index", metavar="DIR", help="folder, or postgresql:// address")
    parser.add_argument("--json", action="store_true", help="machine-readable findings")


def run(args: argparse.Namespace) -> int:
    """Print the findings; exit status 0 when none is a fault, else 1."""
    findings = diagnose(Installation(os.environ, place=args.index))
    whole = not any(finding.state == "fault" for finding in findings)
    if args.json:
        report = {"whole": whole, "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return 0 if whole else 1
    for finding in findings:
        print(f"{_MARKS[finding.state]} {finding.check}: {finding.detail}")
        if finding.remedy:
            print(f"        → {finding.remedy}")
    print("\nThis installation is whole." if whole else "\nThis installation is not whole.")
    return 0 if whole else 1
