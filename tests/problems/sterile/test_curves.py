"""Published curves: what ships is in the plane, and a user's file is checked on reading."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.curves import (
    FOLDER,
    MARKS,
    TITLES,
    read_curve,
    shipped_curves,
    user_curves,
)
from shared_data import SHARED, needs_shared


def test_every_named_curve_ships_and_lies_in_the_plane():
    curves = shipped_curves()
    assert [curve.title for curve in curves] == list(TITLES.values())
    for curve in curves:
        assert not curve.own
        for piece in curve.pieces:
            assert piece.shape[1] == 2
            assert len(piece) > 1
            assert np.all((piece > 0) & (piece <= [1.0, 100.0]))
    assert MARKS[0].dm2[0] == 7.3


@needs_shared
def test_a_curve_is_that_of_its_file():
    """Thinned: every point is one of the file's."""
    table = np.loadtxt(SHARED / "contours" / "STEREO.dat")
    stereo = next(curve for curve in shipped_curves() if curve.title.startswith("STEREO"))
    points = np.concatenate(stereo.pieces)
    assert len(points) > 60
    gaps = np.abs(np.log(points[:, None] / table[None])).max(axis=2).min(axis=1)
    assert gaps.max() < 1e-3


def test_a_users_curves_are_read_and_refused(tmp_path):
    assert user_curves(None) == []
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "mine.csv").write_text("s22,dm2_ev2,piece\n0.1,1,1\n0.2,2,1\n0.3,3,2\n0.4,4,2\n")
    (curve,) = user_curves(tmp_path)
    assert curve.own
    assert curve.title == "mine"
    assert [len(piece) for piece in curve.pieces] == [2, 2]
    bad = folder / "bad.csv"
    bad.write_text("s22,dm2_ev2\n1.3,1\n")
    with pytest.raises(InputError, match="at most 1"):
        read_curve(bad)
    bad.write_text("ue4,dm2_ev2\n0.3,1\n")
    with pytest.raises(InputError, match="s22"):
        user_curves(tmp_path)


def limit_at(title: str, dm2: float) -> float:
    """Smallest s22 at which a curve crosses a splitting."""
    curve = next(one for one in shipped_curves() if one.title.startswith(title))
    found = []
    for piece in curve.pieces:
        x, y = np.log(piece).T
        y = y - np.log(dm2)
        for i in np.flatnonzero((y[:-1] * y[1:] <= 0) & (y[1:] != y[:-1])):
            found.append(np.exp(x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i])))
    return min(found)


@pytest.mark.parametrize(
    ("title", "s22", "dm2"),
    [
        # each collaboration says of a best fit that it excludes it
        ("STEREO", 0.14, 2.4),  # reactor anomaly, arXiv:2210.07664
        ("PROSPECT", 0.165, 2.39),  # reactor anomaly, arXiv:2006.11210
        ("DANSS", 0.14, 2.3),  # reactor anomaly, arXiv:1804.04046
        ("RENO + NEOS", 0.14, 2.3),  # reactor anomaly, arXiv:2011.00896
        ("MicroBooNE", 0.34, 1.25),  # gallium's best fit lies in what is excluded
        ("KATRIN", 0.36, 7.3),  # Neutrino-4
    ],
)
def test_axes_are_sin2_2theta_and_dm2(title, s22, dm2):
    """What is published as excluded is so; of sin^2 theta it would not be, or end at a half."""
    limit = limit_at(title, dm2)
    assert limit < s22
    curve = next(one for one in shipped_curves() if one.title.startswith(title))
    highest = max(piece[:, 0].max() for piece in curve.pieces)
    assert 4 * limit * (1 - limit) > s22 or highest > 0.5


def test_what_is_allowed_is_allowed():
    assert limit_at("RENO + NEOS", 2.41) > 0.08  # its own best fit
    x = [0.34, 1.25]  # gallium's best fit, arXiv:2201.07364, between two sides of the contour
    assert limit_at("gallium", x[1]) < x[0]
