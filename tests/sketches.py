"""Pages without painted figures, for tests that look at something else.

A figure costs seconds in three formats. A sketch still lays it out with all its text, so that a
figure that cannot be drawn fails; `tests/report`, a certificate and the contours paint theirs.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
import pytest
from PIL import Image

from pontecorvo.report.style import RC

_buffer = io.BytesIO()
Image.new("RGB", (1, 1)).save(_buffer, "PNG")
_PIXEL = _buffer.getvalue()


def _sketch(figure):
    with matplotlib.rc_context(RC):
        figure.draw_without_rendering()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    return {"png": _PIXEL, "pdf": b"a sketch", "svg": svg}


@contextmanager
def sketched() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "pontecorvo.report.figure_workers.start", lambda figures: [None] * len(figures)
        )
        for place in ("figure_workers", "style"):  # of pages, and of single figures
            patch.setattr(f"pontecorvo.report.{place}.rendered", _sketch)
        yield
