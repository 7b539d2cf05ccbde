"""PROSPECT against the published chi2, and against the long way."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.experiments.prospect import CORE_RADIUS, core_moments
from pontecorvo.problems.sterile.experiments.prospect_release import read_prospect
from pontecorvo.problems.sterile.settings import SterileSettings
from shared_data import SHARED

DATA = SHARED or Path("absent")
FOLDER = DATA / "prospect-2020"
needs_release = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not there")


@pytest.fixture(scope="module")
def prospect():
    return load_experiment("prospect", Setting(data=DATA))


@needs_release
def test_published_chi2(prospect):
    null, best = prospect.chi2(np.array([0, 0.11]), np.array([1, 1.78]))
    assert null == pytest.approx(123.3, abs=0.5)
    assert best == pytest.approx(119.3, abs=0.5)


@needs_release
def test_best_fit(prospect):
    # on nodes of 0.05 in log10 dm2 the published point is the minimum
    s22, dm2 = np.meshgrid(np.arange(0, 1, 0.01), 10 ** np.arange(-1, 1.31, 0.05), indexing="ij")
    chi2 = prospect.chi2(s22.ravel(), dm2.ravel())
    at = chi2.argmin()
    assert s22.ravel()[at] == pytest.approx(0.11, abs=0.011)
    assert dm2.ravel()[at] == pytest.approx(1.78, abs=0.01)
    # between the nodes it is a little lower
    fine = prospect.chi2(np.full(301, 0.11), np.linspace(1.5, 2.0, 301))
    assert 1.68 < np.linspace(1.5, 2.0, 301)[fine.argmin()] < 1.80
    assert chi2.min() - fine.min() < 0.5


@needs_release
def test_prediction_against_the_long_way(prospect):
    release = read_prospect(FOLDER)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    energy = 1.8 + 0.1 * np.arange(82)[:, None] + 0.05 * (nodes + 1)
    electron = energy - 1.29322
    huber = (4.367, -4.577, 2.100, -5.294e-1, 6.186e-2, -2.777e-3)
    flux = np.exp(np.polynomial.polynomial.polyval(energy, huber))
    rate = flux * electron * np.sqrt(np.clip(electron**2 - 0.511**2, 0, None)) * weights
    angle = (np.arange(40) + 0.5) * np.pi / 40
    place, chord = CORE_RADIUS * np.cos(angle), np.sin(angle) ** 2
    for s22, dm2 in ((0.3, 0.5), (0.8, 3.3), (1.0, 11.0), (0.5, 60.0)):
        total, plain = np.zeros((10, 16)), np.zeros((10, 16))
        for s in range(len(release.segments)):
            length = release.baselines[s] + place
            share = chord / length**2
            lost = np.zeros_like(energy)
            for distance, part in zip(length, share / share.sum(), strict=True):
                lost += part * np.sin(1.267 * dm2 * distance / energy) ** 2
            scale = release.efficiencies[s] / release.baselines[s] ** 2
            response = release.responses[s]
            total[release.bins[s]] += scale * response @ (rate * (1 - s22 * lost)).sum(1)
            plain[release.bins[s]] += scale * response @ rate.sum(1)
        expected = release.unoscillated * total / plain
        expected = (expected / expected.sum(0)).ravel()
        ours = prospect.shares(np.array([s22]), np.array([dm2]))[0]
        np.testing.assert_allclose(ours, expected, rtol=1e-3)


def test_core_moments():
    k = np.array([[0.1, 3.0, 20.0]])
    even, odd, second, spread = core_moments(k)
    x = np.linspace(-CORE_RADIUS, CORE_RADIUS, 200_001)
    w = np.sqrt(CORE_RADIUS**2 - x**2)
    w /= w.sum()
    for i, value in enumerate(k[0]):
        assert even[0, i] == pytest.approx((w * np.cos(value * x)).sum(), abs=1e-6)
        assert odd[0, i] == pytest.approx((w * x * np.sin(value * x)).sum(), abs=1e-6)
        assert second[0, i] == pytest.approx((w * x**2 * np.cos(value * x)).sum(), abs=1e-6)
    assert spread == pytest.approx(CORE_RADIUS**2 / 4, rel=1e-6)


@needs_release
def test_many_data_sets_agree_with_one(prospect):
    rng = np.random.default_rng(4)
    s22, dm2 = rng.random(30), 10 ** rng.uniform(-2, 2, 30)
    toys = prospect.toys(0.1, 2.0, 5, rng)
    own = prospect.own_features(s22, dm2)
    many = own.features(toys) @ own.coefficients
    for row, toy in zip(many, toys, strict=True):
        np.testing.assert_allclose(row, prospect.chi2(s22, dm2, toy), rtol=1e-9)


@needs_release
def test_toys_have_144_degrees_of_freedom(prospect):
    # 160 bins less the 16 sums that each baseline is compared with
    toys = prospect.toys(0.0, 1.0, 2000, np.random.default_rng(6))
    chi2 = prospect.chi2(np.zeros(2000), np.ones(2000), toys)
    assert chi2.mean() == pytest.approx(144, abs=4 * np.sqrt(2 * 144 / 2000))
    assert chi2.std() == pytest.approx(np.sqrt(2 * 144), rel=0.08)


def test_needs_a_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("PONTECORVO_DATA", raising=False)
    for setting in (Setting(), Setting(data=tmp_path)):
        with pytest.raises(InputError, match="--data DIR or PONTECORVO_DATA"):
            load_experiment("prospect", setting)
    with pytest.raises(InputError, match="no such folder"):
        load_experiment("prospect", Setting(data=tmp_path / "absent"))
    with pytest.raises(InputError, match="no such folder"):
        read_prospect(tmp_path / "absent")
    (tmp_path / "prospect-2020").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        load_experiment("prospect", Setting(data=tmp_path))


@needs_release
def test_folder_from_the_environment_is_the_commands_to_ask_for(monkeypatch):
    monkeypatch.setenv("PONTECORVO_DATA", str(DATA))
    assert load_experiment("prospect", SterileSettings().build_setting()).size == 160
    with pytest.raises(InputError, match="--data DIR or PONTECORVO_DATA"):
        load_experiment("prospect", Setting())
    with pytest.raises(InputError, match="--data DIR or PONTECORVO_DATA"):
        load_experiment("prospect", SterileSettings(data="none").build_setting())


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("1.2_Osc_CovarianceMatrix.txt", lambda t: t.replace("1772.8", "-1772.8", 1), "positive"),
        ("1.2_Osc_CovarianceMatrix.txt", lambda t: t.split("\n", 1)[1], "159 x 160"),
        ("1.3_Osc_DetResponse100.txt", lambda t: t.split("\n", 1)[1], "15 x 82"),
        ("1.4_Osc_Prompt100.txt", lambda t: t.split("\n", 1)[1], "must hold 16 energies"),
        ("1.5_Osc_RelativeEfficiencies.txt", lambda t: t.replace(",", ",1,"), "must have 3"),
        ("1.6_Osc_NullOscPred3.txt", lambda t: t.replace("1.0,", "1.0,-"), "positive"),
        ("1.1_Osc_SegmentMap.txt", lambda t: "\n".join(t.split("\n")[:50]), "segment map|the map"),
        ("1.1_Osc_SegmentMap.txt", None, "cannot be read"),
    ],
)
@needs_release
def test_a_broken_release_is_one_sentence(tmp_path, name, change, message):
    copy = tmp_path / "prospect-2020"
    shutil.copytree(FOLDER, copy, copy_function=shutil.copyfile)
    copy.chmod(0o755)
    text = (FOLDER / name).read_text()
    (copy / name).unlink()
    if change is not None:
        (copy / name).write_text(change(text))
    with pytest.raises(InputError, match=message) as caught:
        read_prospect(copy)
    assert "\n" not in str(caught.value)
