"""Read one hostile PDF and say what is in it: the child process of :mod:`corpus.pdf`.

Run as ``python -I child.py`` with the file as standard input; prints one JSON object. It limits
itself before it looks at the file: memory, processor time, files, no core dump, no network where
the system allows it. Nothing here may be imported by the parent.
"""

from __future__ import annotations

import ctypes
import io
import json
import logging
import resource
import sys
import zlib
from pathlib import Path
from typing import Any

MEMORY = 1 << 30  # bytes; measured worst case of pypdf 7.1 on crafted files: 338 MB
SECONDS = 20  # processor time; the parent allows 25 s of wall time
MAX_FILE = 64 << 20
MAX_PAGES = 2_000
MAX_OBJECTS = 200_000
MAX_STREAM = 20_000_000
MAX_TOTAL = 200_000_000
NEW_USER_AND_NET = 0x10000000 | 0x40000000


def limit() -> bool:
    """Give up rights; true when the network is out of reach too."""
    for kind, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(kind, (value, value))
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        return bool(libc.unshare(0x40000000) == 0 or libc.unshare(NEW_USER_AND_NET) == 0)
    except (OSError, AttributeError):
        return False


class Complaints(logging.Handler):
    """Collects what pypdf mended: each complaint is a reason to flag the document."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first twenty, shortened."""
        if len(self.found) < 20:
            self.found.append(record.getMessage()[:160])


def read(data: bytes) -> dict[str, Any]:
    """Pages, labels and damage of a PDF, as plain values.

    Raises:
        Exception: Anything pypdf raises on what it cannot read; :func:`main` reports it.
    """
    from pypdf import PdfReader, overwrite_configuration

    from corpus.pdf.canvas import Budget
    from corpus.pdf.extract import extract

    overwrite_configuration(
        maximum_declared_stream_length=MAX_STREAM,
        array_based_stream_maximum_output_length=MAX_STREAM,
        zlib_maximum_output_length=MAX_STREAM,
        lzw_maximum_output_length=MAX_STREAM,
        run_length_maximum_output_length=MAX_STREAM,
        zlib_maximum_recovery_input_length=1_000_000,
        stream_decoding_work_maximum_length=100_000_000,
        stream_parsing_work_maximum_count=1_000_000,
        jbig2dec_binary=None,
    )
    complaints = Complaints()
    logging.getLogger("pypdf").addHandler(complaints)
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        return {"refused": "encrypted"}
    declared = _declared(reader)
    if len(reader.pages) > MAX_PAGES:
        return {"refused": "too_long"}
    budget, off = Budget(), _layers_off(reader)
    canvases = [_page(reader, number, budget, off) for number in range(len(reader.pages))]
    damage = _damage(reader)
    return extract(canvases, declared, _labels(reader), damage, complaints.found)


def _declared(reader: Any) -> int:
    """``/Count`` of the page tree: how many pages the file says it has, -1 when it does not."""
    count = reader.trailer["/Root"].get_object()["/Pages"].get_object().get("/Count", -1)
    return int(count) if isinstance(count, int) else -1


def _labels(reader: Any) -> list[str]:
    """Printed labels, only where the file itself declares them."""
    if "/PageLabels" not in reader.trailer["/Root"].get_object():
        return []
    try:
        return [str(label)[:20] for label in reader.page_labels]
    except MemoryError:
        raise
    except Exception:  # damaged labels are worth nothing, and cost nothing: the index remains
        return []


def _layers_off(reader: Any) -> frozenset[int]:
    """Object numbers of the layers that are hidden when the document opens."""
    try:
        groups = reader.trailer["/Root"].get_object()["/OCProperties"].get_object()["/D"]
        return frozenset(ref.idnum for ref in groups.get_object().get("/OFF", []))
    except (KeyError, AttributeError, TypeError):
        return frozenset()


def _page(reader: Any, number: int, budget: Any, off: frozenset[int]) -> tuple[Any, str]:
    """What one page shows, and what went wrong there (empty when nothing did)."""
    from corpus.pdf.canvas import Canvas, Incomplete
    from corpus.pdf.content import Stream
    from corpus.pdf.state import State

    fault, canvas = "", Canvas((0.0, 0.0, 0.0, 0.0), budget)
    try:
        page = reader.pages[number]
        canvas.view, ctm = _view(page)
        content, resources = page.get("/Contents"), page.get("/Resources")
        if content is not None:
            resources = resources.get_object() if resources is not None else None
            state = State(ctm=ctm, clip=canvas.view)
            Stream(canvas, reader, resources, state, off).run(content.get_object())
        canvas.cover()
    except MemoryError:
        raise
    except Incomplete as error:
        fault = f"incomplete {error}"
    except Exception as error:  # outside PdfReadError too: 57 of 2,000 mutations, measured
        fault = type(error).__name__
    return canvas, "; ".join([*([fault] if fault else []), *canvas.faults[:3]])


def _view(page: Any) -> tuple[Any, Any]:
    """Visible box moved to the origin, and the matrix that turns the page upright."""
    box = [float(value) for value in page.cropbox]
    x0, x1 = sorted((box[0], box[2]))
    y0, y1 = sorted((box[1], box[3]))
    width, height = x1 - x0, y1 - y0
    ctm = {
        0: (1.0, 0.0, 0.0, 1.0, -x0, -y0),
        90: (0.0, -1.0, 1.0, 0.0, -y0, x1),
        180: (-1.0, 0.0, 0.0, -1.0, x1, y1),
        270: (0.0, 1.0, -1.0, 0.0, y1, -x0),
    }[int(page.rotation) % 360]
    if int(page.rotation) % 180:
        width, height = height, width
    return (0.0, 0.0, width, height), ctm


def _damage(reader: Any) -> list[str]:
    """What is wrong with the objects of the file, those that no page needs included.

    A damaged page tree can lose a page without any error; the page then stands in the file and
    nothing leads to it. A stream's checksum tells of damage that a viewer would draw over.
    """
    from pypdf.generic import IndirectObject, StreamObject

    kids = [getattr(page.indirect_reference, "idnum", -1) for page in reader.pages]
    found = ["page twice"] if len(kids) != len(set(kids)) else []
    referenced: set[int] = set()
    drawings: dict[int, Any] = {}
    spent = 0
    for generation, number in _objects(reader):
        try:
            value = reader.get_object(IndirectObject(number, generation, reader))
            _references(value, referenced, 0)
            if isinstance(value, dict) and value.get("/Type") == "/Page" and number not in kids:
                found.append("page lost")
            if isinstance(value, StreamObject) and spent < MAX_TOTAL:
                spent += _check_stream(value)
                if "/Type" not in value and "/Subtype" not in value:
                    drawings[number] = value
        except MemoryError:
            raise
        except Exception as error:  # any damage at all: that is what is looked for
            found.append(f"object {type(error).__name__}")
    lost = [n for n, stream in drawings.items() if n not in referenced and _draws_text(stream)]
    return sorted({*found, *(["content lost"] if lost else [])})[:20]


def _objects(reader: Any) -> list[tuple[int, int]]:
    """(generation, number) of every object that the file lists as in use."""
    named = {(g, n) for g, ids in reader.xref.items() for n in ids if n and g != 65535}
    named |= {(0, n) for n in reader.xref_objStm}
    return sorted(named)[:MAX_OBJECTS]


def _references(value: Any, into: set[int], depth: int) -> None:
    from pypdf.generic import DictionaryObject, IndirectObject

    if isinstance(value, IndirectObject):
        into.add(value.idnum)
    elif depth < 20 and isinstance(value, DictionaryObject):
        for key in value:
            _references(value.raw_get(key), into, depth + 1)
    elif depth < 20 and isinstance(value, list):
        for item in list.__iter__(value):
            _references(item, into, depth + 1)


def _check_stream(stream: Any) -> int:
    """Bytes inflated; raises ``zlib.error`` when a deflated stream fails its checksum."""
    filters = stream.get("/Filter")
    first = filters[0] if isinstance(filters, list) and filters else filters
    if str(first) != "/FlateDecode":
        return 0
    inflater = zlib.decompressobj()
    size = len(inflater.decompress(stream._data, MAX_STREAM))
    if not inflater.eof and not inflater.unconsumed_tail:
        raise zlib.error("truncated")
    return size


def _draws_text(stream: Any) -> bool:
    try:
        data = stream.get_data()[:100_000]
    except Exception:  # already reported by the check of the stream
        return True
    return b"BT" in data and (b"Tj" in data or b"TJ" in data)


def main() -> None:
    """Answer on standard output, whatever happens."""
    offline = limit()
    data = sys.stdin.buffer.read(MAX_FILE + 1)
    # Isolated mode leaves the project out of the path; only this package is needed from it.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    try:
        answer = {"refused": "too_large"} if len(data) > MAX_FILE else read(data)
    except MemoryError:
        answer = {"refused": "too_costly"}
    except RecursionError:
        answer = {"refused": "damaged", "detail": "RecursionError"}
    except Exception as error:  # pypdf raises NotImplementedError, AttributeError… on damage
        limits = type(error).__name__ == "LimitReachedError"
        answer = {"refused": "too_costly" if limits else "damaged", "detail": type(error).__name__}
    sys.stdout.write(json.dumps({**answer, "offline": offline}))


if __name__ == "__main__":
    main()
