"""What the product is made of: known faults, bill of materials, licences.

    python deploy/supply_chain.py audit      known vulnerabilities of what is installed (pip-audit)
    python deploy/supply_chain.py sbom OUT   bill of materials, CycloneDX 1.6 (cyclonedx-py)
    python deploy/supply_chain.py licences   writes docs/licences.md
    python deploy/supply_chain.py lock       writes deploy/constraints-hashed.txt (asks the index)

Exit status: 0, or 1 when something is wrong. An audit whose database cannot be reached says so and
ends with 0 unless ``--strict`` is given: silence would look like a clean bill.
"""

from __future__ import annotations

import argparse
import importlib.metadata as metadata
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
CONSTRAINTS = ROOT / "constraints.txt"
LOCKED = ROOT / "deploy" / "constraints-hashed.txt"
_LOCK_HEAD = """\
# The versions of constraints.txt, each with the sha256 of its file (CPython 3.11, Linux x86-64):
# whoever changes a file on the index, or on the way, is found out before anything of it runs.
#     pip install --require-hashes --no-deps -r deploy/constraints-hashed.txt
#     pip install --no-deps .
# torch is not listed, as there: it comes alone and first. Written by deploy/supply_chain.py lock.
"""
_HEAD = """# Licences of what the product depends on

Every distribution that `pip install .` and its optional parts (`postgres`, `ollama`, `mistral`,
`anthropic`) bring, and what it says of its own licence; written by `python deploy/supply_chain.py
licences`. The tools of development are not in it. Models and corpus have their own notices beside
them.

| distribution | licence |
| --- | --- |
"""


def audit(strict: bool) -> int:
    """Ask pip-audit, and tell faults from what could not be looked up."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"audit: not done, its database does not answer: {ran.stderr.strip()[-200:]}")
        return 1 if strict else 0
    skipped = [row["name"] for row in found if "skip_reason" in row]
    faults = [(row, fault) for row in found for fault in row.get("vulns", ())]
    for row, fault in faults:
        mended = ", ".join(fault["fix_versions"]) or "no version yet"
        print(f"audit: {row['name']} {row['version']}: {fault['id']}, mended in {mended}")
    print(f"audit: {len(found) - len(skipped)} looked up, {len(faults)} known faults")
    if skipped:
        print(f"audit: {len(skipped)} NOT looked up: this machine's database does not hold them")
    return 1 if faults or (strict and skipped) else 0


def sbom(out: Path) -> int:
    """Write the bill of materials of the environment."""
    command = [
        sys.executable, "-m", "cyclonedx_py", "environment", sys.executable,
        "--pyproject", str(ROOT / "pyproject.toml"), "--spec-version", "1.6",
        "--output-reproducible", "--output-format", "JSON", "--output-file", str(out),
    ]  # fmt: skip
    return subprocess.run(command, check=False).returncode


def closure() -> dict[str, metadata.Distribution]:
    """Every distribution that the project and its optional parts need, by its canonical name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = {"": project["dependencies"], **project["optional-dependencies"]}
    waiting = [Requirement(line) for name in parts.keys() - {"dev"} for line in parts[name]]
    found: dict[str, metadata.Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        found[name] = metadata.distribution(name)
        waiting += _needs(found[name], requirement.extras)
    return dict(sorted(found.items()))


def _needs(distribution: metadata.Distribution, extras: set[str]) -> Iterator[Requirement]:
    for line in distribution.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in (*extras, "")):
            yield requirement


def licence(distribution: metadata.Distribution) -> str:
    """What a distribution says of its licence: expression, classifiers, or first line."""
    about = distribution.metadata
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    named = [
        line.rsplit(" :: ", 1)[-1]
        for line in about.get_all("Classifier", ())
        if line.startswith("License ::")
    ]
    text = (about.get("License") or "").strip().splitlines()
    return " / ".join(named) or (text[0][:60] if text else "not said")


def page() -> str:
    """The page of licences."""
    rows = (
        f"| {distribution.metadata['Name']} | {licence(distribution).replace('|', '/')} |\n"
        for distribution in closure().values()
    )
    return _HEAD + "".join(rows)


def lock() -> int:
    """Ask pip which files it would install for `CONSTRAINTS`, and write their hashes."""
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps",
        "--ignore-installed", "--report", "-", "--requirement", str(CONSTRAINTS),
    ]  # fmt: skip
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        return ran.returncode
    LOCKED.write_text(_LOCK_HEAD + locked(json.loads(ran.stdout)), encoding="utf-8")
    return 0


def locked(report: Mapping[str, Any]) -> str:
    """The lines of a lock file, from pip's own report of an installation."""
    lines = []
    for row in report["install"]:
        name, version = row["metadata"]["name"], row["metadata"]["version"]
        sha256 = row["download_info"]["archive_info"]["hashes"]["sha256"]
        lines.append(f"{name}=={version} --hash=sha256:{sha256}\n")
    return "".join(sorted(lines, key=str.lower))


def main(argv: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("audit").add_argument("--strict", action="store_true")
    commands.add_parser("sbom").add_argument("out", type=Path)
    commands.add_parser("licences")
    commands.add_parser("lock")
    args = parser.parse_args(argv)
    if args.command == "audit":
        return audit(args.strict)
    if args.command == "sbom":
        return sbom(args.out)
    if args.command == "lock":
        return lock()
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
