"""Every sampler on a toy whose posterior and evidence are known in closed form."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.draws import Draws, systematic_resample, weights_from_logs
from pontecorvo.samplers.emcee_adapter import sample_emcee
from pontecorvo.samplers.exact import sample_exact
from pontecorvo.samplers.mcmc import Walk, evaluate, memory, wrap
from pontecorvo.samplers.nautilus_adapter import sample_nautilus
from pontecorvo.samplers.smc import SMCSettings, sample_smc
from toys import exact_answer, linear_target

SMALL = SMCSettings(runs=4, particles=1000, max_sweeps=400)


def run(name, draws=4000, seed=3, folder=None):
    target = linear_target()
    if name == "exact":
        return sample_exact(target, draws, seed, folder, proposals=1 << 16)
    if name == "smc":
        return sample_smc(target, draws, seed, folder, SMALL)
    if name == "nautilus":
        return sample_nautilus(target, 500, seed, folder, live=100, networks=1)
    if name == "nautilus, ellipsoids":
        return sample_nautilus(target, 500, seed, folder, live=200, networks=0, batch=200)
    return sample_emcee(target, draws, seed, folder, walkers=64, steps=2000)


@pytest.mark.parametrize("name", ["exact", "smc", "nautilus", "nautilus, ellipsoids", "emcee"])
def test_mean_covariance_and_evidence(name):
    draws = run(name)
    mean, covariance, log_evidence = exact_answer()
    assert draws.converged
    size = min(draws.ess, 1000)
    np.testing.assert_allclose(draws.theta[:, :2].mean(0), mean, atol=5 / np.sqrt(size))
    np.testing.assert_allclose(np.cov(draws.theta[:, :2].T), covariance, atol=8 / np.sqrt(size))
    angle = draws.theta[:, 2]
    assert abs(np.mean(np.exp(1j * angle))) < 5 / np.sqrt(size)
    if name != "emcee":
        error = max(draws.log_evidence_error, 0.005)
        assert abs(draws.log_evidence - log_evidence) < 5 * error
        assert draws.log_evidence_error < 0.1
    again = linear_target()
    np.testing.assert_allclose(draws.log_likelihood, again.log_likelihood(draws.theta))
    np.testing.assert_allclose(draws.log_prior, again.log_prior(draws.theta))


@pytest.mark.parametrize("name", ["exact", "smc", "emcee"])
def test_interrupted_and_resumed_ends_in_the_same_bytes(name, tmp_path, monkeypatch):
    import pontecorvo.base.shards as shards_module
    import pontecorvo.samplers.emcee_adapter as emcee_module
    import pontecorvo.samplers.smc as smc_module

    module = {"exact": shards_module, "smc": smc_module, "emcee": emcee_module}[name]
    whole = run(name, draws=2000)
    original, count = module.save_arrays, [0]

    def dies(*args, **kwargs):
        count[0] += 1
        if count[0] == 3:
            raise KeyboardInterrupt
        return original(*args, **kwargs)

    monkeypatch.setattr(module, "save_arrays", dies)
    with pytest.raises(KeyboardInterrupt):
        run(name, draws=2000, folder=tmp_path)
    monkeypatch.setattr(module, "save_arrays", original)
    resumed = run(name, draws=2000, folder=tmp_path)
    np.testing.assert_array_equal(resumed.theta, whole.theta)
    assert resumed.log_evidence == whole.log_evidence or np.isnan(whole.log_evidence)


def test_threads_do_not_change_the_draws(monkeypatch):
    monkeypatch.setenv("PONTECORVO_THREADS", "1")
    one = run("exact", draws=500)
    monkeypatch.setenv("PONTECORVO_THREADS", "3")
    np.testing.assert_array_equal(run("exact", draws=500).theta, one.theta)


def test_smc_says_when_it_has_not_converged():
    target = linear_target()
    lazy = SMCSettings(runs=4, particles=300, max_sweeps=10, max_memory=1e-6)
    assert not sample_smc(target, 400, settings=lazy).converged


def test_nothing_to_find_is_said_in_one_sentence():
    from pontecorvo.core.measurement import GaussianMeasurement, Measured
    from pontecorvo.core.target import Target

    far = GaussianMeasurement([Measured("x", 1e4, 0.1, 0.1, 1e4 - 0.3, 1e4 + 0.3)], "box")
    target = Target(linear_target().model, far)
    for sampler in (sample_exact, sample_smc, sample_emcee):
        with pytest.raises(InputError):
            sampler(target, 100)


@pytest.mark.parametrize("symmetry_period", [0, 3])
def test_walk_keeps_a_tempered_target(symmetry_period):
    """Started in the tempered target itself, moments must stay where they are.

    The target is strongly correlated and touches the corners of the cube, where a careless
    treatment of the ends shows.
    """
    target, beta, n = linear_target(), 0.3, 8000
    rng = np.random.default_rng(2)
    variance = 2 + 0.1**2 / beta  # prior * likelihood^beta has sigma^2 / beta
    mean = np.full(2, 1.2 / variance)
    covariance = np.eye(2) - np.ones((2, 2)) / variance
    start = rng.multivariate_normal(mean, covariance, n)
    theta = np.column_stack([start, rng.uniform(0, 2 * np.pi, n)])
    chart = target.raw_chart
    u = chart.from_parameters(theta)
    state = evaluate(target, chart, u.copy())
    walk = Walk(target, chart, u[:500].copy(), symmetry_period=symmetry_period)
    state, rate = walk.run(state, 150, rng, beta)
    after, _ = chart.to_parameters(state.u)
    assert 0.05 < rate < 0.95
    assert memory(u, state.u, chart.periodic) < 0.1
    np.testing.assert_allclose(after[:, :2].mean(0), mean, atol=5 * np.sqrt(0.5 / n))
    error = 0.5 * np.sqrt(2 / n)  # of a variance of one half
    np.testing.assert_allclose(np.cov(after[:, :2].T), covariance, atol=5 * error)


def test_wrap_turns_periodic_coordinates_only():
    u = np.array([[-0.2, 0.2], [1.3, 1.3], [0.4, 0.4], [0.5, -0.1]])
    wrapped, inside = wrap(u, np.array([True, False]))
    np.testing.assert_allclose(wrapped[:, 0], [0.8, 0.3, 0.4, 0.5])
    np.testing.assert_array_equal(inside, [True, False, True, False])


def test_memory_sees_copies_and_forgets_the_rest():
    rng = np.random.default_rng(0)
    a, b = rng.random((5000, 2)), rng.random((5000, 2))
    assert memory(a, a, np.array([True, False])) == pytest.approx(1)
    assert memory(a, b, np.array([True, False])) < 0.06


def test_systematic_resampling_is_fair():
    weight = weights_from_logs(np.log([0.1, 0.2, 0.7]))
    counts = np.bincount(systematic_resample(weight, 1000, np.random.default_rng(0)))
    np.testing.assert_allclose(counts, [100, 200, 700], atol=1)


def test_draws_survive_a_checkpoint():
    draws = run("exact", draws=300)
    draws.log_q = np.zeros(300)
    again = Draws.from_arrays(draws.to_arrays())
    np.testing.assert_array_equal(again.theta, draws.theta)
    assert again.notes == draws.notes
    assert again.method == "exact"
    assert again.converged == draws.converged
