import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.files.point import Point, from_angles
from pontecorvo.problems.flavour.measurements.named import named
from pontecorvo.problems.flavour.score import as_plain, score_point, score_table, scorer

MASSES = np.array([1e-3, np.hypot(1e-3, 7.537e-5**0.5), np.hypot(1e-3, 2.511e-3**0.5)])


def best(sin2_theta23=0.470):
    return Point(
        from_angles(MASSES, (0.3088, 0.02248, sin2_theta23), (np.deg2rad(212), 0, 0)), "no"
    )


def test_the_best_fit_scores_nothing():
    score = score_point(best(), scorer())
    assert score.chi2 == pytest.approx(0, abs=1e-3)
    assert [row["observable"] for row in score.rows] == list(scorer().names)


@pytest.mark.parametrize("likelihood", ["gaussian", "two-piece", "table"])
def test_the_score_is_the_likelihood_of_the_named_measurement(likelihood):
    measurement = named("nufit-6.1", shape=likelihood)
    scoring, rng = scorer(likelihood=likelihood), np.random.default_rng(0)
    centre = np.array([q.central for q in measurement.quantities])
    points = centre * rng.normal(1, 0.02, (20, 5))
    chi2 = -2 * measurement.log_likelihood(points)
    mine = np.array([scoring(row) for row in points.tolist()])
    np.testing.assert_allclose(mine - mine[0], chi2 - chi2[0], rtol=1e-6, atol=1e-6)


def test_the_other_octant_costs_what_the_likelihood_says():
    assert score_point(best(0.55), scorer()).chi2 == pytest.approx((0.08 / 0.0155) ** 2, rel=1e-3)
    table = score_point(best(0.55), scorer(likelihood="table"))
    assert table.chi2 == pytest.approx(0.756, abs=0.02)


def test_absolute_masses_join_in():
    score = score_point(best(), scorer("nufit-6.1 + sum_m:profile-fc + m_beta + m_ee"))
    extra = {row["observable"]: row["chi2"] for row in score.rows[5:]}
    assert set(extra) == {"sum_m", "m_beta", "m_ee"}
    assert extra["sum_m"] > 4
    assert 0 <= extra["m_ee"] < 1e-3


def test_text_and_json_say_the_same():
    score = score_point(best(0.5), scorer())
    lines = score_table(score)
    assert len(lines) == 7
    assert lines[-1].startswith(f"chi2 {score.chi2:.4f} of 5")
    assert as_plain(score)["rows"][4]["pull"] == pytest.approx(0.03 / 0.0155)


def test_what_the_point_lacks_is_said():
    with pytest.raises(InputError, match="sin2_theta12 was measured, and is missing"):
        score_point(Point({"dm2_21": 7e-5, "dm2_3l": 2.5e-3}), scorer())
