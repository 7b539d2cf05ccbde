"""Answers as bytes: a JSON header, then rows of 32-bit floats, which the page reads in place.

Four bytes give the header's length (little-endian); the header is padded with spaces so that the
numbers start at a multiple of four. ``rows`` in the header names the rows; each has ``size``
numbers. What is exported comes from the server's 64-bit numbers, never from these.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.files import plain


def pack(header: Mapping[str, Any], rows: Mapping[str, np.ndarray]) -> bytes:
    """Header and rows (each (N,)) as bytes."""
    sizes = {len(values) for values in rows.values()}
    if len(sizes) > 1:
        raise ValueError(f"rows of different lengths: {sorted(sizes)}")
    about = {**header, "rows": list(rows), "size": sizes.pop() if sizes else 0}
    text = to_json(about)
    text += b" " * (-len(text) % 4)
    with np.errstate(over="ignore"):
        numbers = [np.ascontiguousarray(values, dtype="<f4").tobytes() for values in rows.values()]
    return b"".join([struct.pack("<I", len(text)), text, *numbers])


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Inverse of `pack`, for tests and for programs that talk to the server."""
    (length,) = struct.unpack_from("<I", content)
    header = json.loads(content[4 : 4 + length])
    numbers = np.frombuffer(content, "<f4", offset=4 + length).reshape(
        len(header["rows"]), header["size"]
    )
    return header, dict(zip(header["rows"], numbers, strict=True))


def to_json(content: Any) -> bytes:
    """Plain JSON; what is not finite becomes null, which every reader takes."""
    return json.dumps(plain(content), allow_nan=False, separators=(",", ":")).encode()
