import numpy as np
import pytest
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import kstest

from dask_here import cluster_here
from oscillation_toy import counting, flat_gaussian, spectrum, toy_plane
from pontecorvo.base.errors import InputError
from pontecorvo.base.parallel import one_blas_thread
from pontecorvo.base.seeds import stream
from pontecorvo.base.workers import use_workers
from pontecorvo.frequentist.belts import feldman_cousins
from pontecorvo.frequentist.chi2_features import Joint
from pontecorvo.frequentist.toys import null_statistics, statistic

LEVELS = (0.68, 0.90, 0.95)


def at(belt, x, y):
    return belt.plane.nearest((x, y))


def test_belt_of_a_plain_gaussian_is_chi2_of_two():
    problem = flat_gaussian((81, 81))
    belt = feldman_cousins(problem, trials=10_000, max_trials=10_000, seed=3, stride=(40, 40))
    middle = at(belt, 0, 0)
    # spacing 0.15: the best grid point is at most 0.011 above the true minimum
    for column, level in enumerate(LEVELS):
        true = chi2_distribution.ppf(level, 2)
        error = (belt.critical_high - belt.critical_low)[middle, column] / 2
        assert abs(belt.critical[middle, column] - true) < 4 * error + 0.01
        assert error < 0.2


def test_belt_at_a_boundary_is_the_half_chi2():
    problem = flat_gaussian((121, 2), bounded=True)
    belt = feldman_cousins(problem, trials=20_000, max_trials=20_000, seed=3, stride=(60, 1))
    edge, middle = at(belt, 0, -6), at(belt, 3, -6)
    half = chi2_distribution.ppf(2 * 0.90 - 1, 1)  # 1/2 + 1/2 F(c) = 0.9
    assert belt.critical[edge, 1] == pytest.approx(half, abs=0.08)
    assert belt.critical[middle, 1] == pytest.approx(chi2_distribution.ppf(0.90, 1), abs=0.12)


def test_p_values_are_uniform():
    problem = spectrum(toy_plane((12, 16)))
    truth = problem.plane.nearest((-1.0, 0.0))
    reference = null_statistics(problem, truth, 20_000, seed=1)
    other = statistic(problem, problem.draw(truth, 2000, np.random.default_rng(9)), truth)
    p = 1 - np.searchsorted(np.sort(reference), other) / len(reference)
    positive = other > 1e-9  # where the truth itself fits best p is one: a step, not a density
    share = positive.mean()
    assert kstest(p[positive] / share, "uniform").pvalue > 1e-3


def test_same_bytes_however_split(tmp_path, monkeypatch):
    problem = Joint("both", [spectrum(toy_plane((9, 7))), counting(toy_plane((9, 7)))])
    settings = {"trials": 1000, "max_trials": 4000, "seed": 11}
    whole = feldman_cousins(problem, threads=1, **settings)
    two = feldman_cousins(problem, threads=2, checkpoint=tmp_path, **settings)
    made = sorted(tmp_path.glob("*.npz"))
    assert len(made) >= 2
    with cluster_here(2) as (pool, _), use_workers(pool):
        shared = feldman_cousins(problem, checkpoint=tmp_path / "workers", **settings)
    for name, value in whole.arrays().items():
        np.testing.assert_array_equal(value, shared.arrays()[name])
    for path in tmp_path.glob("belt*"):
        assert path.read_bytes() == (tmp_path / "workers" / path.name).read_bytes()

    for kept in made[1:]:  # as if killed after the first piece
        kept.unlink()
    resumed = feldman_cousins(problem, threads=2, checkpoint=tmp_path, **settings)
    for name, value in whole.arrays().items():
        assert value.tobytes() == two.arrays()[name].tobytes(), name
        assert value.tobytes() == resumed.arrays()[name].tobytes(), name

    import pontecorvo.frequentist.belts as module

    monkeypatch.setattr(module, "_trials_at", lambda *a: pytest.fail("drew again"))
    again = feldman_cousins(problem, checkpoint=tmp_path, **settings)
    assert again.p_value.tobytes() == whole.p_value.tobytes()


def test_more_trials_go_where_a_boundary_is():
    problem = spectrum(toy_plane((15, 15)))
    belt = feldman_cousins(problem, trials=1000, max_trials=8000, seed=2)
    assert belt.trials.min() == 1000
    assert belt.trials.max() == 8000
    hard = belt.trials == 8000
    near = np.min(np.abs(belt.p_value[:, None] - (1 - np.array(LEVELS))), axis=1)
    assert np.median(near[hard]) < np.median(near[~hard])
    # every point left at the first round is on a sure side of every boundary
    for level in LEVELS:
        assert not np.any(belt.undecided(level) & (belt.trials == 1000))
        agree = belt.inside(level) == (belt.p_value >= 1 - level)
        assert np.all(agree | belt.undecided(level))


def test_coverage_of_the_belt():
    problem = spectrum(toy_plane((12, 12)))
    belt = feldman_cousins(problem, trials=4000, max_trials=4000, seed=5, stride=(4, 4))
    for index, point in enumerate(belt.plane.points):
        truth = problem.plane.nearest(point)
        with one_blas_thread():
            data = problem.draw(truth, 1000, stream(99, "coverage", truth))
            values = statistic(problem, data, truth)
        for column, level in enumerate(LEVELS):
            covered = np.mean(values <= belt.critical[index, column])
            # discrete where the truth is often the best point itself: coverage may exceed
            error = np.sqrt(level * (1 - level) * (1 / 1000 + 1 / 4000))
            assert covered > level - 4 * error
            if belt.critical[index, column] > 1e-6:
                assert covered < level + 4 * error


def test_bad_settings_are_refused():
    problem = spectrum(toy_plane((5, 5)))
    with pytest.raises(InputError, match="multiples of 1000"):
        feldman_cousins(problem, trials=500)
    with pytest.raises(InputError, match="between 0 and 1"):
        feldman_cousins(problem, levels=(95,))
    belt = feldman_cousins(problem, trials=1000, max_trials=1000)
    with pytest.raises(InputError, match=r"level 0.5"):
        belt.inside(0.5)
