import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files.point import Point, complete, from_angles
from pontecorvo.problems.flavour.files.slha_point import (
    read_slha_point,
    slha_blocks,
    write_slha_point,
)

LIGHT = """BLOCK SMINPUTS
 8  5.02E-11
12  1.00E-12
14  8.75E-12
BLOCK UPMNSIN
 1 0.590
 2 0.755
 3 0.1505
 4 3.70
 5 0.40
 6 1.10
"""


def test_mixing_and_masses_are_read_in_slhas_conventions(tmp_path):
    path = tmp_path / "light.slha"
    path.write_text(LIGHT)
    point = read_slha_point(path)
    found = point.observables
    assert point.ordering == "no"
    assert found["sin2_theta12"] == pytest.approx(np.sin(0.59) ** 2)
    assert found["sin2_theta23"] == pytest.approx(np.sin(0.755) ** 2)
    assert found["sin2_theta13"] == pytest.approx(np.sin(0.1505) ** 2)
    assert found["delta_cp"] == pytest.approx(3.7)
    assert found["m3"] == pytest.approx(0.0502)
    # diag(e^{i a1/2}, e^{i a2/2}, 1) is diag(1, e^{i a21/2}, e^{i a31/2}) but for a phase
    v = np.exp(0.5j * np.array([0.4, 1.1, 0.0]))
    ours = np.exp(0.5j * np.array([0.0, found["alpha21"], found["alpha31"]]))
    ratio = (v / ours) ** 2
    np.testing.assert_allclose(ratio, ratio[0], atol=1e-9)


@given(
    st.tuples(st.floats(0.05, 1.5), st.floats(0.05, 1.5), st.floats(0.01, 1.5)),
    st.tuples(*[st.floats(0, 6.28)] * 3),
    st.floats(1e-4, 0.1),
)
def test_a_light_point_survives_the_round_trip(tmp_path_factory, angles, phases, lightest):
    path = tmp_path_factory.mktemp("slha") / "p.slha"
    masses = np.array([lightest, np.hypot(lightest, 8.7e-3), np.hypot(lightest, 0.05)])
    sin2 = tuple(np.sin(angles) ** 2)
    point = Point(from_angles(masses, (sin2[0], sin2[2], sin2[1]), phases))
    write_slha_point(path, point)
    back = read_slha_point(path)
    for name in ("sin2_theta12", "sin2_theta13", "sin2_theta23", "sum_m", "m_ee"):
        assert back.observables[name] == pytest.approx(point.observables[name], rel=1e-9)
    for name in ("delta_cp", "alpha21", "alpha31"):
        gap = back.observables[name] - point.observables[name]
        assert abs((gap + np.pi) % (2 * np.pi) - np.pi) < 1e-6


def test_a_seesaw_is_written_to_the_last_bit(tmp_path):
    rng = np.random.default_rng(2)
    yukawa = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    heavy = np.array([1.1e13, 3.3e14, 7.7e15])
    point = Point({}, None, yukawa, heavy, 174.1)
    path = tmp_path / "seesaw.slha"
    write_slha_point(path, point)
    back = read_slha_point(path)
    np.testing.assert_array_equal(back.yukawa, yukawa)
    np.testing.assert_array_equal(back.heavy, heavy)
    assert back.vev == 174.1
    first = slha_blocks(back)
    assert first["MNURIN"][2] == 3.3e14
    write_slha_point(tmp_path / "again.slha", back)
    again = slha_blocks(read_slha_point(tmp_path / "again.slha"))
    assert {n: b.entries for n, b in first.items()} == {n: b.entries for n, b in again.items()}


def test_phases_of_heavy_masses_go_into_the_yukawas(tmp_path):
    rng = np.random.default_rng(7)
    yukawa = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    heavy = np.array([1e13, 2e14, 9e15]) * np.exp([0.3j, 5.1j, 0])
    path = tmp_path / "p.slha"
    write_slha_point(path, Point({}, None, yukawa, heavy, 174.1))
    back = read_slha_point(path)
    before = (yukawa / heavy) @ yukawa.T
    np.testing.assert_allclose((back.yukawa / back.heavy) @ back.yukawa.T, before, rtol=1e-9)


def test_rhn_with_complex_omega_is_a_seesaw_of_the_same_light_neutrinos(tmp_path):
    path = tmp_path / "rhn.slha"
    path.write_text(
        LIGHT + "BLOCK RHN\n 1 1E12\n 2 3E13\n 3 2E14\n"
        " 4 0.3\n 5 -0.7\n 6 1.2\n 7 0.4\n 8 0.1\n 9 0.9\n 10 174.1\n"
    )
    point = read_slha_point(path)
    alone = complete(Point({}, None, point.yukawa, point.heavy, point.vev)).observables
    for name in (
        "sin2_theta12",
        "sin2_theta13",
        "sin2_theta23",
        "delta_cp",
        "m1",
        "m2",
        "m3",
        "m_ee",
    ):
        assert alone[name] == pytest.approx(point.observables[name], rel=1e-6)


def test_the_fermi_constant_gives_the_vacuum_expectation_value(tmp_path):
    path = tmp_path / "gf.slha"
    path.write_text(LIGHT.replace("BLOCK SMINPUTS\n", "BLOCK SMINPUTS\n 2 1.1663787E-05\n"))
    assert read_slha_point(path).vev == pytest.approx(174.10, abs=0.01)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("BLOCK MASS\n 25 125\n", "gives no point"),
        ("BLOCK UPMNSIN\n 1 0.5\n", "entry 2 is missing"),
        ("BLOCK SMINPUTS\n 8 1e-11\n", "entry 12 is missing"),
        (LIGHT.replace(" 3 0.1505\n", ""), "entry 3 is missing"),
        (LIGHT.replace("8.75E-12", "0.1E-12"), "m2 above m1"),
        (LIGHT + "BLOCK RHN\n 1 1e12\n 2 1e13\n", "entry 3 is missing"),
        (LIGHT + "BLOCK RHN\n 1 1e12\n 2 -1e13\n 3 1e14\n", "must be positive"),
        ("BLOCK RHN\n 1 1\n 2 2\n 3 3\n", "needs UPMNSIN"),
        (LIGHT + "BLOCK RHN\n 1 1\n 2 2\n 3 3\n 10 0\n", "must be positive"),
        ("BLOCK MNURIN\n 1 1\nBLOCK YNURLHUIN\n 1 1 1\n", "entry 1 2 is missing"),
    ],
)
def test_malformed_points_get_one_sentence(tmp_path, text, words):
    path = tmp_path / "bad.slha"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as error:
        read_slha_point(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
