"""The sizes and themes in which each page is looked at."""

from __future__ import annotations

import pytest

SIZES = {"téléphone": (360, 800), "bureau": (1440, 900)}
# Each size and each theme by CI; the two other pairs with the long campaigns.
LOOKS = [
    pytest.param((size, theme), id=f"{size}-{theme}", marks=[] if usual else [pytest.mark.long])
    for size, theme, usual in (
        ("téléphone", "dark", True),
        ("bureau", "light", True),
        ("téléphone", "light", False),
        ("bureau", "dark", False),
    )
]
