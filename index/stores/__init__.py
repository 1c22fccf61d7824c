"""A second home for the index: PostgreSQL with pgvector, where one machine is not enough.

`upload` publishes a verified generation in one transaction; `open_store` gives what
`index.open.open_index` gives, for many application servers on one database. PostgreSQL proposes
candidates (vectors by HNSW, words by its full-text index, references by look-up) and
`index.retriever.Retriever` itself scores them, so that both homes answer alike. The driver is the
optional dependency ``postgres``.
"""

from __future__ import annotations

from index.stores.building import build_shared
from index.stores.care import current_store, rollback_store, verify_store
from index.stores.opening import open_store
from index.stores.upload import upload

__all__ = [
    "build_shared",
    "current_store",
    "open_store",
    "rollback_store",
    "upload",
    "verify_store",
]
