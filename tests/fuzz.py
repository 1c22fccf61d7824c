"""Coverage-guided fuzzing of one target, by atheris (libFuzzer).

    python tests/fuzz.py references -max_total_time=60

Needs ``pip install atheris``. A folder named among the options receives the inputs that reached new
branches. Starts from real documents and from past findings; a broken promise
is written as ``crash-…`` in the working folder: move it to ``tests/data/findings/TARGET`` once the
parser is mended, and it is replayed by every test run from then on.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
DICTIONARY = (
    "art. L. 1110-4", "R. 4321-55", "226-14, 4°", "du code pénal", "CSP", "n° 2020/34-021",
    "CDPI MK, 29/03/2022", "I bis", "Article 1er", "considérant", "DECIDE", "M. X", "« [… ] »",
    "<ARTICLE><META>", "<ETAT>VIGUEUR</ETAT>", "<DATE_DEBUT>2999-01-01</DATE_DEBUT>", "<p/>",
    '{"id": 1, "question": "x"}', '"evidence": []', "15 000 euros", "06 12 34 56 78",
)  # fmt: skip


def seeds(name: str, folder: Path) -> None:
    """Valid inputs and pieces of real documents: the fuzzer begins where the parsers do."""
    import legi_maker

    from index.manifest import Pointer

    real = (ROOT / "corpus" / "sources").rglob("*")
    given = [path.read_bytes()[:4096] for path in real if path.is_file()]
    if name == "law":
        given = [legi_maker.article().encode(), legi_maker.article("L1110-4", "ABROGE").encode()]
    elif name == "gold":
        files = sorted((ROOT / "evaluation" / "gold").glob("*.jsonl"))
        given = [b"".join(path.read_bytes().splitlines(True)[:2]) for path in files]
    elif name == "pointer":
        given = [Pointer("00000001-0123456789abcdef", "0" * 64).as_bytes()]
    for number, data in enumerate(given):
        (folder / f"seed{number}").write_bytes(data)


def main() -> None:
    """Fuzz the target named first; the rest of the command line is libFuzzer's own."""
    import atheris

    with atheris.instrument_imports(include=["corpus", "index", "qa", "evaluation"]):
        from fuzz_targets import FINDINGS, TARGETS

    name = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        seeds(name, folder)
        words = folder.parent / f"{folder.name}.dict"
        escaped = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in DICTIONARY)
        words.write_text("".join(f'"{word}"\n' for word in escaped), encoding="ascii")
        places = [str(folder), *([str(FINDINGS / name)] if (FINDINGS / name).is_dir() else [])]
        options = ["-max_len=4096", "-timeout=10", f"-dict={words}", *sys.argv[2:]]
        atheris.Setup([sys.argv[0], *options, *places], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
