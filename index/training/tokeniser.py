"""The French WordPiece vocabulary, and its one text normalisation.

NFKC, typographic apostrophe to ``'``, ``œ`` to ``oe``, lower case, accents folded: a question typed
without accents gets the very same tokens. The normalisation is written into ``tokenizer.json``, so
whoever loads the model applies it too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from index.training.data import Pair, Parallel

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIAL = [PAD, UNK, CLS, SEP, MASK]
MIN_FREQUENCY = 3
ALPHABET = 150  # characters; rarer ones become the unknown token


def french_texts(pairs: Sequence[Pair], parallel: Sequence[Parallel]) -> Iterable[str]:
    """The French side of both files, each passage once."""
    seen: set[str] = set()
    for pair in pairs:
        yield pair.query
        if pair.passage not in seen:
            seen.add(pair.passage)
            yield pair.passage
    for row in parallel:
        yield row.french


def train_tokeniser(texts: Iterable[str], size: int) -> Tokenizer:
    """Trains a WordPiece vocabulary of at most `size` entries."""
    tokeniser = Tokenizer(models.WordPiece(unk_token=UNK))
    tokeniser.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace("’", "'"),
            normalizers.Lowercase(),
            normalizers.Replace("œ", "oe"),
            normalizers.Replace("æ", "ae"),
            normalizers.NFD(),
            normalizers.StripAccents(),
        ]
    )
    tokeniser.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    texts = list(texts)
    letters = _alphabet(tokeniser, texts)
    # The library numbers the pieces "##a", "##b"… as its hash tables happen to list the words, and
    # breaks ties by these numbers: two runs would give two vocabularies. Numbered in advance, as
    # special tokens, they are the same each time; they lose that rank again below.
    pieces = [f"##{letter}" for letter in letters]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=MIN_FREQUENCY,
        special_tokens=[*SPECIAL, *pieces],
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        show_progress=False,
    )
    tokeniser.train_from_iterator(texts, trainer)
    told = json.loads(tokeniser.to_str())
    told["added_tokens"] = [t for t in told["added_tokens"] if t["content"] in SPECIAL]
    return Tokenizer.from_str(json.dumps(told, ensure_ascii=False))


def _alphabet(tokeniser: Tokenizer, texts: Iterable[str]) -> list[str]:
    """The most frequent characters after normalisation, in the order of their code points."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(tokeniser.normalizer.normalize_str(text))
    frequent = sorted(counts, key=lambda letter: (-counts[letter], letter))
    return sorted(letter for letter in frequent[:ALPHABET] if not letter.isspace())


def with_bert_frame(tokeniser: Tokenizer, max_tokens: int) -> Tokenizer:
    """The same vocabulary with ``[CLS] … [SEP]``, padding and truncation, for a transformer."""
    framed = Tokenizer.from_str(tokeniser.to_str())
    framed.post_processor = processors.TemplateProcessing(
        single=f"{CLS} $A {SEP}",
        special_tokens=[(t, framed.token_to_id(t)) for t in (CLS, SEP)],
    )
    framed.enable_truncation(max_tokens)
    framed.enable_padding(pad_id=framed.token_to_id(PAD), pad_token=PAD)
    return framed


def encode(tokeniser: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Token ids without special tokens; the unknown token stands for what has no piece."""
    batch = tokeniser.encode_batch_fast(list(texts), add_special_tokens=False)
    return [encoding.ids[:max_tokens] for encoding in batch]


def load_tokeniser(path: Path) -> Tokenizer:
    """Reads a ``tokenizer.json``."""
    return Tokenizer.from_file(str(path))
