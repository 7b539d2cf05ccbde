"""The fit against JUNO's published one, and against what it must find by construction."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.oscillation.external import External, daya_bay
from pontecorvo.problems.oscillation.fit import (
    PUBLISHED,
    PUBLISHED_CORRELATION,
    Surface,
    axes_about,
    best_fit,
    surface,
)


def test_best_fit_is_junos(best, juno):
    """Issue 16: within 0.2 published errors; chi2 55.9 +- 3 for 66 bins."""
    for value, (published, error) in zip(best.theta, PUBLISHED.values(), strict=False):
        assert abs(value - published) < 0.2 * error
    assert abs(best.chi2 - 55.9) < 3
    assert juno.size == 66


def test_errors_and_correlation_are_junos(best):
    """Within 15 % of the released surface's."""
    for own, (_, error) in zip(best.errors, PUBLISHED.values(), strict=False):
        assert abs(own / error - 1) < 0.15
    assert abs(best.correlation / PUBLISHED_CORRELATION - 1) < 0.15


def test_daya_bays_cores_and_the_spectrum_decide(juno, best):
    """What the reference says: without the cores at 215 km the angle comes 1.4 sigma low."""
    error = PUBLISHED["sin2_theta12"][1]
    without = best_fit(juno.with_setting(daya_bay=False), daya_bay())
    assert -1.6 < (without.theta[0] - best.theta[0]) / error < -1.2
    assert without.chi2 > best.chi2 + 4


def test_it_finds_the_truth_in_the_expectation(juno):
    known = daya_bay()
    truth = np.array([0.325, 7.2e-5, known.sin2_13[0], known.dm2_3l[0]])
    # pulls at zero and no fluctuation: nothing can be better
    found = best_fit(juno, known, juno.predict(truth[None])[0])
    np.testing.assert_allclose(found.theta[:2], truth[:2], rtol=2e-3)
    assert found.chi2 < 1e-3
    assert abs(found.pulls).max() < 0.05


def test_plane_has_the_fit_and_its_errors(juno, best):
    plane = surface(juno, daya_bay(), *axes_about(best, 2.5, 9), rounds=1)
    for index, name in enumerate(PUBLISHED):
        value, low, high = plane.interval(name)
        assert low < value < high
        assert abs(value - best.theta[index]) < 0.05 * best.errors[index]
        assert plane.error(name) == pytest.approx(best.errors[index], rel=0.05)
    assert plane.correlation() == pytest.approx(best.correlation, abs=0.03)
    assert plane.chi2.min() > best.chi2 + best.external - 1e-6


def test_a_quadratic_plane_gives_back_its_numbers():
    sigma, rho = np.array([0.0087, 0.12e-5]), -0.224
    inverse = np.linalg.inv(np.array([[1, rho], [rho, 1]]))
    x, y = 0.31 + sigma[0] * np.linspace(-4, 4, 31), 7.5e-5 + sigma[1] * np.linspace(-4, 4, 31)
    pulls = np.stack(np.meshgrid((x - 0.31) / sigma[0], (y - 7.5e-5) / sigma[1], indexing="ij"))
    plane = Surface(x, y, 55.0 + np.einsum("aij,ab,bij->ij", pulls, inverse, pulls))
    assert plane.error("sin2_theta12") == pytest.approx(sigma[0], rel=1e-3)
    assert plane.error("dm2_21") == pytest.approx(sigma[1], rel=1e-3)
    assert plane.correlation() == pytest.approx(rho, abs=1e-3)
    assert plane.delta.min() == pytest.approx(0, abs=1e-9)
    with pytest.raises(InputError, match="widen it"):
        plane.interval("dm2_21", level=100)


def test_external_knowledge_is_a_chi2():
    known = External((0.022, 0.001), (2.5e-3, 5e-5), "a test")
    theta = np.array([[0.3, 7.5e-5, 0.023, 2.4e-3]])
    assert known.penalty(theta)[0] == pytest.approx(1 + 4)
    assert daya_bay("IO").dm2_3l[0] < 0 < daya_bay("NO").dm2_3l[0]
    # sin^2 2theta = 4 s (1 - s): the error goes with the derivative
    s13, error = daya_bay().sin2_13
    assert 4 * s13 * (1 - s13) == pytest.approx(0.0851)
    assert 4 * (1 - 2 * s13) * error == pytest.approx(0.0024)


@pytest.mark.slow
def test_coverage_of_the_errors():
    """Pulls of the fit on data sets with known truth: mean 0, spread 1, within 3.5 errors."""
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
    from juno_fit import toy_study

    count = 60
    # a linear 9Li/8He pull may draw negative counts, which are cut: another distribution
    found = toy_study(count, lithium="fixed")
    for mean, spread in zip(found["mean"], found["spread"], strict=True):
        assert abs(mean) < 3.5 / np.sqrt(count)
        assert abs(spread - 1) < 3.5 / np.sqrt(2 * count)
    # 66 bins, two free parameters
    mean, spread = found["chi2"]
    assert abs(mean - 64) < 3.5 * spread / np.sqrt(count)
