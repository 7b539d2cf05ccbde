import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files.point import Point, complete
from pontecorvo.problems.flavour.files.ulysses import (
    NAMES,
    card_of,
    read_card,
    read_ulysses_point,
    rotation,
    write_card,
    write_ulysses_point,
)
from shared_data import SHARED, needs_shared

CARD = {
    **{"m": -0.7, "M1": 6.7, "M2": 7.5, "M3": 8.1},
    **{"x1": -99.5, "y1": 176.06, "x2": 94.13, "y2": 0.5, "x3": -9.59, "y3": 176.5},
    **{"delta": 280.0, "a21": 133.4, "a31": 367.99, "t23": 49.7, "t12": 33.82, "t13": 8.65},
}


def card(tmp_path, **changes):
    path = tmp_path / "card.dat"
    values = {**CARD, **changes}
    path.write_text("".join(f"{name} {value}\n" for name, value in values.items()))
    return path


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_the_yukawas_give_the_cards_own_angles(tmp_path, ordering):
    """Y is the conjugate of ULYSSES' h: then delta and the Majorana phases are the card's."""
    point = read_ulysses_point(card(tmp_path, y1=30.0, y3=20.0, x2=40), ordering)
    alone = complete(Point({}, None, point.yukawa, point.heavy, point.vev)).observables
    assert alone["sin2_theta23"] == pytest.approx(np.sin(np.deg2rad(49.7)) ** 2, rel=1e-7)
    assert alone["delta_cp"] == pytest.approx(np.deg2rad(280), rel=1e-6)
    assert alone["alpha21"] == pytest.approx(np.deg2rad(133.4), rel=1e-6)
    assert alone["alpha31"] == pytest.approx(np.deg2rad(367.99 - 360), rel=1e-5)
    lightest = "m1" if ordering == "no" else "m3"
    assert alone[lightest] == pytest.approx(10**-0.7, rel=1e-7)
    assert point.ordering == ordering


@needs_shared
def test_the_shared_case_of_the_yukawa_convention(tmp_path):
    """Numbers of `shared/cases/yukawa-convention`, card 1N3FIO: the same h, not conjugated."""
    path = SHARED.parent / "cases" / "yukawa-convention" / "point.json"
    content = json.loads(path.read_text())
    h = np.array(content["h_re"]) + 1j * np.array(content["h_im"])
    heavy = np.array(content["M"])
    straight = complete(Point({}, None, h, heavy, content["v"])).observables
    turned = complete(Point({}, None, h.conj(), heavy, content["v"])).observables
    assert np.rad2deg(straight["delta_cp"]) == pytest.approx(360 - 201, abs=1e-3)
    assert np.rad2deg(turned["delta_cp"]) == pytest.approx(201, abs=1e-3)
    assert np.rad2deg(turned["alpha21"]) == pytest.approx(239, abs=1e-3)
    assert turned["sin2_theta12"] == pytest.approx(0.309788, abs=1e-6)
    assert turned["m_ee"] == pytest.approx(29.616e-3, abs=1e-6)


@needs_shared
def test_every_shared_card_is_read_with_its_values():
    paths = sorted((SHARED / "cards" / "ulysses").glob("*.dat"))
    assert len(paths) == 9
    for path in paths:
        values = read_card(path)
        written = dict(line.split() for line in path.read_text().splitlines() if line.strip())
        assert {name: complex(text) for name, text in written.items()} == values
        matrix = rotation(values)
        scale = np.abs(matrix).max() ** 2
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12 * scale)
        point = read_ulysses_point(path, "io" if "IO" in path.name else "no")
        assert point.observables["sin2_theta12"] == pytest.approx(np.sin(np.deg2rad(33.82)) ** 2)
        assert np.isfinite(point.yukawa).all()


def test_complex_numbers_as_the_resonant_card_has_them(tmp_path):
    values = read_card(card(tmp_path, y1="-90j", x1=0))
    assert values["y1"] == -90j
    np.testing.assert_allclose(
        rotation(values), rotation({**values, "x1": 90.0, "y1": 0.0}), atol=1e-12
    )


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_a_written_card_gives_the_same_yukawas(tmp_path, ordering):
    point = read_ulysses_point(card(tmp_path, y1=40.0, y2=3.0, y3=-25.0), ordering)
    path = tmp_path / "out.dat"
    write_ulysses_point(path, point)
    back = read_ulysses_point(path, ordering)
    # up to the phases of the charged leptons, and the signs of heavy neutrinos
    np.testing.assert_allclose(np.abs(back.yukawa), np.abs(point.yukawa), rtol=1e-6)
    for name in ("delta_cp", "alpha21", "alpha31", "m_ee", "sin2_theta12"):
        assert back.observables[name] == pytest.approx(point.observables[name], rel=1e-6)


def test_numbers_come_back_to_the_last_bit(tmp_path):
    path = tmp_path / "c.dat"
    values = {name: 1 / 3 + i for i, name in enumerate(NAMES)} | {"y2": 0.1 - 0.2j}
    write_card(path, values)
    assert read_card(path) == values


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"M4": 3}, "M4"),
        ({"m": "1 2"}, "2 values"),
        ({"m": "x"}, "not a number"),
        ({"m": "nan"}, "not a finite"),
        ({"t12": "3j"}, "must be real"),
        ({"M1": 1e6}, "too large"),
        ({"y1": 1e6}, "not finite"),
    ],
)
def test_malformed_cards_get_one_sentence(tmp_path, changes, words):
    with pytest.raises(InputError, match=words) as error:
        read_ulysses_point(card(tmp_path, **changes))
    assert "\n" not in str(error.value)


def test_a_card_that_is_not_whole_says_what_is_missing(tmp_path):
    path = tmp_path / "c.dat"
    path.write_text("m -1\n")
    with pytest.raises(InputError, match="M1 is missing"):
        read_card(path)
    path.write_text("m -1\nm -2\n")
    with pytest.raises(InputError, match="stands twice"):
        read_card(path)


def test_points_without_a_card_are_refused():
    with pytest.raises(InputError, match="no Yukawas"):
        card_of(Point({}))
