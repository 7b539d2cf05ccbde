import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from pontecorvo.base.errors import InputError

pytest.importorskip("dayabay_data_official", reason="needs the extra dayabay")

from pontecorvo.problems.sterile.experiments.dayabay.derivatives import (
    free_jacobian,
    group_covariances,
    jacobian,
)
from pontecorvo.problems.sterile.experiments.dayabay.fit import NAMES, fit
from pontecorvo.problems.sterile.experiments.dayabay.prediction import Point, load_model
from pontecorvo.problems.sterile.experiments.dayabay.statistic import chi2, chi2_and_slope


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.fixture(scope="module")
def best(model):
    return fit(model)


def test_pulls_of_the_release(model):
    assert len(model.nuisances) == 1057
    assert len(set(model.nuisances.names)) == 1057
    rng = np.random.default_rng(5)
    shifted = model.nuisances.values(rng.standard_normal(1057))
    assert not np.allclose(shifted.fission_fractions, model.nuisances.values().fission_fractions)


def test_huber_mueller_overshoots_by_the_reactor_anomaly(model):
    counts = model.counts(Point(model.mixing()))
    # the known deficit of about five per cent against Huber-Mueller
    assert 0.93 < model.data.sum() / counts.sum() < 0.96


@pytest.mark.parametrize(("detector", "tolerance"), [(False, 2e-5), (True, 1e-2)])
def test_jacobian_along_a_random_direction(model, detector, tolerance):
    # the response is only piecewise smooth in its own parameters (bins and broken lines), and its
    # slopes are taken over a tenth of a standard deviation
    rng = np.random.default_rng(6)
    pulls = 0.5 * rng.standard_normal(1057)
    direction = np.zeros(1057)
    for group, where in model.nuisances.groups.items():
        if (group in ("eres", "lsnl", "iav", "detector_relative")) == detector:
            direction[where] = rng.standard_normal(where.stop - where.start)
    state = model.state(Point(model.mixing(), shape=0.1 * rng.standard_normal(19), pulls=pulls))
    slope = jacobian(state) @ direction
    step = 1e-3

    def at(sign):
        moved = pulls + sign * step * direction
        return model.counts(Point(state.point.mixing, shape=state.point.shape, pulls=moved))

    direct = (at(1) - at(-1)) / (2 * step)
    assert slope == pytest.approx(direct, abs=tolerance * np.abs(direct).max())


def test_free_jacobian(model):
    state = model.state(Point(model.mixing()))
    slopes = free_jacobian(state)
    shape = np.zeros(19)
    shape[7] = 1e-4
    moved = model.counts(Point(model.mixing(), shape=shape)) - state.counts.ravel()
    assert slopes[:, 3 + 7] == pytest.approx(moved / 1e-4, abs=1e-4 * np.abs(slopes[:, 10]).max())
    moved = model.counts(Point(model.mixing(dm2_32=2.454e-3))) - model.counts(
        Point(model.mixing(dm2_32=2.452e-3))
    )
    assert slopes[:, 1] == pytest.approx(moved / 2e-6, abs=1e-4 * np.abs(slopes[:, 1]).max())


@pytest.mark.parametrize("kind", ["cnp", "pearson", "neyman", "poisson"])
def test_slope_of_the_chi2(kind):
    rng = np.random.default_rng(7)
    counts = rng.uniform(50, 500, 12)
    data = rng.poisson(counts) * 1.0
    root = rng.standard_normal((12, 3))
    covariance = None if kind == "poisson" else root @ root.T * 30
    slope = chi2_and_slope(kind, data, counts, covariance)[1]
    for i in range(12):
        step = np.zeros(12)
        step[i] = 1e-3
        up, down = (chi2(kind, data, counts + s * step, covariance) for s in (1, -1))
        assert slope[i] == pytest.approx((up - down) / 2e-3, abs=1e-6)


def test_published_result_within_a_third_of_its_error(best):
    mixing = best.point.mixing
    assert mixing.sin2_2theta13 == pytest.approx(0.0851, abs=0.0024 / 3)
    assert mixing.dm2_32 == pytest.approx(2.466e-3, abs=0.060e-3 / 3)
    assert best.errors["sin2_2theta13"] == pytest.approx(0.0024, rel=0.15)
    assert best.errors["dm2_32"] == pytest.approx(0.060e-3, rel=0.15)


def test_goodness_of_fit(model, best):
    # 546 bins, 21 free parameters; the total is described without bias
    assert 525 - 3 * np.sqrt(1050) < best.chi2 < 525 + 3 * np.sqrt(1050)
    assert best.counts.sum() / model.data.sum() == pytest.approx(1, abs=1e-3)


def test_asimov_data_give_back_what_they_were_made_with(model, best):
    truth = Point(model.mixing(sin2_2theta13=0.09, dm2_32=2.6e-3), shape=best.point.shape)
    found = fit(
        model,
        data=model.counts(truth),
        start=best.point,
        systematic=best.systematic,
        updates=1,
    )
    assert found.chi2 < 1e-3
    assert found.point.mixing.sin2_2theta13 == pytest.approx(0.09, abs=1e-5)
    assert found.point.mixing.dm2_32 == pytest.approx(2.6e-3, abs=1e-7)


def test_a_live_variance_is_biased_upwards(model, best):
    # why the variance is frozen: with a loose common spectrum a live one inflates the prediction
    live = fit(model, frozen=False, updates=0, start=best.point)
    assert live.counts.sum() / model.data.sum() > 1.03
    assert live.chi2 < best.chi2 - 10


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"kind": "cpn"}, "did you mean 'cnp'"),
        ({"kind": "poisson"}, "needs systematics 'pulls'"),
        ({"systematics": "none"}, "allowed: covariance, pulls"),
        ({"fixed": ("theta",)}, "cannot be fixed"),
    ],
)
def test_unknown_choices(model, choices, message):
    with pytest.raises(InputError, match=message):
        fit(model, **choices)


def test_names():
    assert NAMES[:3] == ("sin2_2theta13", "dm2_32", "normalisation")


@pytest.mark.slow
def test_pulls_and_covariance_agree(model, best):
    pulls = fit(model, systematics="pulls", start=best.point)
    poisson = fit(model, systematics="pulls", kind="poisson", start=best.point)
    for other in (pulls, poisson):
        for name in ("sin2_2theta13", "dm2_32"):
            shift = getattr(other.point.mixing, name) - getattr(best.point.mixing, name)
            assert abs(shift) < 0.2 * best.errors[name]
            assert other.errors[name] == pytest.approx(best.errors[name], rel=0.05)
        assert other.chi2 == pytest.approx(best.chi2, abs=5)


@pytest.mark.crosscheck
def test_against_dayabay_model(tmp_path):
    """Counts, covariances and chi2 of the official model, in its own environment."""
    python = os.environ.get("PONTECORVO_DAYABAY_PYTHON")
    if not python:
        pytest.skip("set PONTECORVO_DAYABAY_PYTHON to a Python that has dayabay-model")
    model = load_model(background="as-dayabay-model")
    rng = np.random.default_rng(8)
    points = [
        Point(model.mixing()),
        Point(model.mixing(sin2_2theta13=0.08542, dm2_32=2.4708e-3)),
        Point(model.mixing(), shape=0.1 * rng.standard_normal(19)),
        Point(model.mixing(), pulls=rng.standard_normal(1057)),
    ]
    request = [
        {
            "sin2_2theta13": point.mixing.sin2_2theta13,
            "dm2_32": point.mixing.dm2_32,
            "shape": point.shape.tolist(),
            "pulls": {}
            if point.pulls is None
            else dict(zip(model.nuisances.names, point.pulls.tolist(), strict=True)),
        }
        for point in points
    ]
    (tmp_path / "request.json").write_text(json.dumps(request))
    peer = Path(__file__).parents[3] / "benchmarks" / "dayabay_peer.py"
    subprocess.run([python, peer, tmp_path / "request.json", tmp_path / "answer.npz"], check=True)
    answer = np.load(tmp_path / "answer.npz", allow_pickle=False)
    assert answer["data"].tolist() == model.data.tolist()
    matrices = group_covariances(model.state(points[0]))
    for group, matrix in matrices.items():
        theirs = answer[f"covariance_{group}"]
        assert np.abs(matrix - theirs).max() < 2e-3 * np.abs(theirs).max()
    total = sum(matrices.values())
    for i, point in enumerate(points):
        counts = model.counts(point)
        assert np.abs(counts / answer[f"counts_{i}"] - 1).max() < 0.005
        assert chi2("cnp", model.data, counts, total) == pytest.approx(
            float(answer[f"chi2_{i}"][0]), rel=1e-3
        )
