"""Makes ``data/french-words.txt``: common French words, which spelling must leave alone.

Run as ``python -m index.wordlist FOLDER``, with the folder of the encoder's training data. Words
are counted in the French side of the parallel sentences (Canadian federal law, Justice Canada;
Tatoeba, CC BY 2.0 FR). The list holds words only: no sentence of the data can be read from it.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from pathlib import Path

from index.analysis import DATA

WORDS_FILE = DATA / "french-words.txt"
MIN_COUNT = 3  # rarer ones are often typing errors themselves
MIN_LENGTH = 4
_WORD = re.compile(r"[a-zàâäçéèêëîïôöùûüÿœæ]{4,24}")


def count(folder: Path) -> Counter[str]:
    """How often each lower-case word stands in the data."""
    counts: Counter[str] = Counter()
    with gzip.open(folder / "parallel-fr-en.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)[1].lower().replace("œ", "oe").replace("æ", "ae")
            counts.update(_WORD.findall(text))
    return counts


def main() -> None:
    """Write the list, sorted."""
    counts = count(Path(sys.argv[1]))
    kept = sorted(word for word, n in counts.items() if n >= MIN_COUNT)
    WORDS_FILE.write_text("\n".join(kept) + "\n", encoding="utf-8")
    print(f"{len(kept)} words in {WORDS_FILE.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
