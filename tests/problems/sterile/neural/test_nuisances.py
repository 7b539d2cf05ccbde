import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.base.weights import log_evidence
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiments
from pontecorvo.problems.sterile.model import points_of
from pontecorvo.problems.sterile.neural.nuisances import NuisanceStudy
from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps
from pontecorvo.problems.sterile.neural.simulated import HIGH, LOW

GAUSSIAN = Setting(options=(("energy_scale", "gaussian"),))


def test_ten_parameters_and_more(pull_study):
    assert pull_study.dim == 11
    assert "gallium_cross_section" in pull_study.names
    rows = pull_study.read(pull_study.joint.data).read.rows
    assert rows.shape == (1, len(pull_study.conditions))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31))
@example(2639)
def test_the_chart_goes_there_and_back(pull_study, seed):
    """To rounding of the cube: where the density is 1e-6 of a unit, a point is known to 1e-10.

    Pulls follow the point of the plane, some forty times as fast; so they are asked for less.
    """
    rng = np.random.default_rng(seed)
    points = pull_study.draw_prior(3, rng)
    known = pull_study.read(pull_study.simulate(points, rng))
    unit, log_density = pull_study.to_unit(known, points[:, None])
    assert ((unit >= 0) & (unit <= 1)).all()
    again, same = pull_study.from_unit(known, unit)
    assert again[:, 0, :2] == pytest.approx(points[:, :2], abs=1e-7)
    assert again[:, 0] == pytest.approx(points, abs=1e-6)
    assert pull_study.to_unit(known, again)[0] == pytest.approx(unit, abs=1e-12)
    assert same == pytest.approx(log_density, abs=1e-6)


def test_the_density_is_the_volume_of_the_chart(pull_study):
    """By differences in all eleven coordinates."""
    points = pull_study.draw_prior(1, np.random.default_rng(4))
    points[0, :2] = -0.713, 0.234
    known = pull_study.read(pull_study.simulate(points, np.random.default_rng(5)))
    steps = 1e-6 * np.eye(pull_study.dim)
    both = [pull_study.to_unit(known, (points + sign * steps)[None])[0][0] for sign in (1, -1)]
    _, log_density = pull_study.to_unit(known, points[None])
    slope = np.linalg.slogdet((both[0] - both[1]) / 2e-6)[1]
    assert log_density[0, 0] == pytest.approx(slope, abs=1e-3)


def test_the_density_integrates_to_one(pull_study):
    """Over draws of a heavier density: the chart's own, with wider pulls and a flat plane."""
    rng = np.random.default_rng(6)
    points = np.full((1, pull_study.dim), 0.0)
    points[0, :2] = -3.0, 0.0
    known = pull_study.read(pull_study.simulate(points, rng))
    n, wide = 40_000, 1.15
    draws = np.empty((n, pull_study.dim))
    draws[:, :2] = LOW + (HIGH - LOW) * rng.random((n, 2))
    fit = pull_study.fit(known, draws[None, :, :2])
    z = wide * rng.standard_normal((n, pull_study.dim - 2))
    draws[:, 2:] = fit.colour(z)
    log_q = (-0.5 * (z / wide) ** 2 - np.log(wide) - 0.5 * np.log(2 * np.pi)).sum(axis=1)
    log_q -= fit.log_volume + np.log(HIGH - LOW).sum()
    _, log_density = pull_study.to_unit(known, draws[None])
    total, error = log_evidence(log_density[0] - log_q)
    assert error < 0.03
    assert abs(total) < 4 * error


def test_integrated_over_the_pulls_it_is_the_marginal_likelihood(small_plane):
    """Where all is linear and Gaussian: L(d | theta, pulls) N(pulls) = marginal x Gaussian."""
    maps = RatioMaps(load_experiments("gallium,rates-sbl", GAUSSIAN), small_plane)
    study = NuisanceStudy(maps)
    data = study.joint.toys(0.2, 1.0, 1, np.random.default_rng(7))
    points = study.draw_prior(20, np.random.default_rng(8))
    fit = study.fit(study.read(data), points[None, :, :2])
    z = fit.whiten(points[:, 2:])
    gaussian = (-0.5 * z**2 - 0.5 * np.log(2 * np.pi)).sum(axis=1) - fit.log_volume
    plane = -0.5 * study.joint.marginal(*points_of(points[:, :2]), data[0])
    plane -= np.log(HIGH - LOW).sum()
    found = study.log_likelihood(points, data[0]) + study.log_prior(points)
    assert found == pytest.approx(plane + gaussian, abs=1e-7)


def test_a_bank_is_kept_and_of_one_seed(pull_study, tmp_path):
    made = pull_study.bank(256, 5, tmp_path / "bank.npz", show=False)
    kept = pull_study.bank(256, 5, tmp_path / "bank.npz", show=False)
    other = pull_study.bank(256, 6, tmp_path / "bank.npz", show=False)
    assert np.array_equal(made.unit, kept.unit)
    assert np.array_equal(made.rows, kept.rows)
    assert not np.array_equal(made.unit, other.unit)


def test_a_box_is_no_pull(small_plane):
    with pytest.raises(InputError, match="energy_scale=gaussian"):
        NuisanceStudy(RatioMaps(load_experiments("danss,best"), small_plane))
