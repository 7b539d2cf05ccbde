"""Pages without painted figures, for tests that look at something else.

A figure costs seconds in three formats. A sketch still lays it out with all its text, so that a
figure that cannot be drawn fails; `tests/report`, a certificate and the contours paint theirs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
import pytest

from pontecorvo.report.style import RC

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def _sketch(figure, folder, name):
    with matplotlib.rc_context(RC):
        figure.draw_without_rendering()
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("png", "pdf"):
        (folder / f"{name}.{kind}").write_bytes(b"a sketch")
    return SVG


@contextmanager
def sketched() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for place in ("page", "style"):  # `contour` imports it when it is called
            patch.setattr(f"pontecorvo.report.{place}.write_figure", _sketch)
        yield
