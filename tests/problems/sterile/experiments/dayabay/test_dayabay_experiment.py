import numpy as np
import pytest

from pontecorvo.base.errors import InputError

pytest.importorskip("dayabay_data_official", reason="needs the extra dayabay")

from pontecorvo.problems.sterile.experiment_registry import Setting
from pontecorvo.problems.sterile.experiments.dayabay.experiment import DayaBay, from_setting
from pontecorvo.problems.sterile.experiments.dayabay.fit import fit
from pontecorvo.problems.sterile.experiments.dayabay.precomputed import Choice, tables
from pontecorvo.problems.sterile.experiments.dayabay.prediction import Point, load_model
from pontecorvo.problems.sterile.experiments.dayabay.survival import EXTENT
from pontecorvo.problems.sterile.templates import dm2_axis

ZERO, ONE = np.zeros(1), np.ones(1)


@pytest.fixture(scope="module")
def content():
    return tables(load_model(EXTENT), Choice(), axis=dm2_axis(-2, 2, 0.1))


@pytest.fixture(scope="module")
def experiment(content):
    return DayaBay(load_model(EXTENT).release, content)


def _direct(content, s22, dm2):
    """Inverse beta decays by the full model."""
    model = load_model(EXTENT)
    best = content["best"]
    mixing = model.mixing(sin2_2theta13=best[0], dm2_32=best[1], sin2_2theta14=s22, dm2_41=dm2)
    return model.state(Point(mixing, shape=best[2:])).ibd.ravel()


@pytest.mark.parametrize(("s22", "dm2"), [(0.01, 0.01), (0.1, 0.1), (0.5, 1.0), (0.05, 10.0)])
def test_templates_are_the_model(experiment, content, s22, dm2):
    found = experiment.disappeared(np.array([s22]), np.array([dm2]))[0]
    assert found == pytest.approx(_direct(content, s22, dm2), rel=2e-5)


def test_prediction_is_normalised_to_the_reference(experiment, content):
    """`predict` changes the common normalisation, which is free, and nothing else."""
    dm2 = 10.0**-0.3  # a node of the axis
    point = np.array([0.3]), np.array([dm2])
    signal = experiment.predict(*point)[0] - content["background"]
    ratio = signal / _direct(content, 0.3, dm2)
    assert np.ptp(ratio) < 1e-4
    assert ratio[0] == pytest.approx(1 / 0.85, abs=0.01)
    reference = content["reference"] - content["background"]
    assert signal.sum() == pytest.approx(reference.sum(), rel=2e-3)


def test_null_is_the_three_flavour_fit(experiment, content):
    value = experiment.chi2(ZERO, ONE)[0]
    assert value == pytest.approx(content["chi2"][0], abs=0.3)
    assert experiment.predict(ZERO, ONE)[0] == pytest.approx(content["reference"])
    # without an amplitude the mass does not matter
    flat = experiment.chi2(np.zeros(5), np.logspace(-2, 2, 5))
    assert np.ptp(flat) < 1e-6


def test_blocks_cover_the_bins(experiment):
    covered = np.concatenate(
        [np.arange(experiment.size)[block.bins] for block in experiment.blocks]
    )
    assert covered.tolist() == list(range(546))
    assert all(len(block.edges) == 27 for block in experiment.blocks)


def test_common_normalisation_is_free(experiment):
    # beyond a few eV^2 every detector sees the same average: nothing to compare
    values = experiment.chi2(np.array([0.0, 0.1, 0.3]), np.full(3, 30.0))
    assert np.ptp(values) < 1.0


def test_the_sensitive_region_is_excluded(experiment):
    null = experiment.chi2(ZERO, ONE)[0]
    assert experiment.chi2(np.array([0.1]), np.array([0.02]))[0] - null > 50


def test_toys_have_the_chi2_of_their_degrees_of_freedom(experiment):
    s22, dm2 = 0.02, 0.1
    toys = experiment.toys(s22, dm2, 400, np.random.default_rng(9))
    values = experiment.chi2(np.full(400, s22), np.full(400, dm2), toys)
    # 546 bins less 21 free parameters; the 1057 pulls are drawn and cost none
    assert values.mean() == pytest.approx(525, abs=4 * np.sqrt(1050 / 400))
    assert values.std() == pytest.approx(np.sqrt(1050), rel=0.15)


def test_fitted_expectation_is_nearer_the_data(experiment):
    mean = experiment.predict(ZERO, ONE)[0]
    fitted, pulls = experiment.fitted(0.0, 1.0)
    assert pulls.shape == (0,)

    def distance(m):
        return np.sum((experiment.data - m) ** 2 / experiment.data)

    assert distance(fitted) < distance(mean)
    # statistics alone plus the penalty of the pulls is the chi2
    assert distance(fitted) < experiment.chi2(ZERO, ONE)[0]


def test_fixed_theta13_constrains_more(content):
    release = load_model(EXTENT).release
    free, fixed = (DayaBay(release, content, theta13=mode) for mode in ("free", "fixed"))
    points = np.array([0.02]), np.array([0.0125])
    gain = [e.chi2(*points)[0] - e.chi2(ZERO, ONE)[0] for e in (free, fixed)]
    assert gain[1] > gain[0]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("dayabay.statistics", "cnp"), "did you mean 'dayabay.statistic'"),
        (("dayabay.statistic", "poisson"), "allowed: cnp, pearson, neyman"),
        (("dayabay.theta13", "Free"), "did you mean 'free'"),
    ],
)
def test_unknown_options(option, message):
    with pytest.raises(InputError, match=message):
        from_setting(Setting(options=(option,)))


def test_outside_the_plane(experiment):
    with pytest.raises(InputError, match="outside the tabulated range"):
        experiment.chi2(np.array([0.1]), np.array([200.0]))


@pytest.mark.slow
def test_linear_chi2_against_full_refits():
    """One covariance and slopes at the null, against 21 parameters refitted at the point."""
    experiment, model = from_setting(Setting()), load_model(EXTENT)
    null = fit(model)
    three = null.point.mixing
    for s22, dm2 in [(0.005, 0.02), (0.006, 0.05), (0.01, 0.2), (0.05, 2.0)]:
        linear = experiment.chi2(np.array([s22]), np.array([dm2])) - experiment.chi2(ZERO, ONE)
        mixing = model.mixing(
            sin2_2theta13=three.sin2_2theta13,
            dm2_32=three.dm2_32,
            sin2_2theta14=s22,
            dm2_41=dm2,
        )
        refit = fit(model, start=Point(mixing, shape=null.point.shape)).chi2 - null.chi2
        assert linear[0] == pytest.approx(refit, abs=0.3 + 0.1 * abs(refit))


@pytest.mark.slow
def test_interpolation_between_nodes():
    experiment = from_setting(Setting())
    content = experiment._content
    for dm2 in (0.0317, 0.1531, 0.4117, 1.333, 7.77):
        found = experiment.disappeared(np.array([0.1]), np.array([dm2]))[0]
        # statistics: three parts in a thousand of a bin
        assert found == pytest.approx(_direct(content, 0.1, dm2), rel=3e-4)
