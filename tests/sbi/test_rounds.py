from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from kernel_estimator import KernelEstimator
from pontecorvo.base.errors import InputError
from pontecorvo.sbi.rounds import Rounds, RoundSettings, run_rounds
from pontecorvo.sbi.truncation import CubeProblem

SIGMA = 0.1
OBSERVED = np.array([0.5])


def noisy_copy(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """x = u + 0.1 noise: at x = 0.5 the posterior is N(0.5, 0.1), 5 sigma from the ends."""
    return u + SIGMA * rng.standard_normal(u.shape)


def run(folder: Path | None = None, **changes: object) -> Rounds:
    options: dict = {"rounds": 3, "simulations": 4000, "threshold_draws": 2000, "epsilon": 1e-3}
    settings = RoundSettings(**{**options, **changes})
    return run_rounds(
        CubeProblem(1, noisy_copy),
        OBSERVED,
        lambda number, previous: KernelEstimator(),
        settings,
        folder,
        discrepancy=lambda x: np.sum(((x - OBSERVED) / SIGMA) ** 2, axis=1),
    )


@pytest.mark.parametrize(
    ("changes", "slack"),
    [
        ({"proposal": "truncated"}, 1),
        ({"proposal": "truncated", "keep_earlier": False}, 1),
        # a smallest acceptance of 1 forces resampling
        ({"smallest_acceptance": 1.0, "oversampling": 8, "rounds": 2}, 1),
        # weights up to prior / threshold: a tenth of the simulations is left in effect
        ({"proposal": "reweighted"}, 2),
        ({"proposal": "reweighted", "keep_earlier": False}, 3),
    ],
)
def test_accounted_rounds_keep_the_posterior(changes: dict, slack: float) -> None:
    result = run(**changes)
    draws = result.sample(10_000, seed=1)[:, 0]
    assert draws.mean() == pytest.approx(0.5, abs=0.012 * slack)
    assert draws.std() == pytest.approx(SIGMA, rel=0.07 * slack)
    assert all(record.accounted for record in result.records)


def test_naive_rounds_count_the_data_again_each_time() -> None:
    # without account, round r has prior N(x_o, sigma^2 / (r - 1)): the posterior's variance is 1/r
    for rounds in (2, 3):
        result = run(proposal="naive", rounds=rounds, simulations=20_000)
        width = result.sample(20_000, seed=1)[:, 0].std()
        assert width == pytest.approx(SIGMA / np.sqrt(rounds), rel=0.07)
        assert not result.records[-1].accounted


def test_selecting_by_the_data_is_not_what_does_it() -> None:
    # a cut on simulated data changes which data are learned, not q(theta | x): still 1 / sqrt 2
    settings = RoundSettings(rounds=2, simulations=20_000, proposal="naive")
    result = run_rounds(
        CubeProblem(1, noisy_copy),
        OBSERVED,
        lambda number, previous: KernelEstimator(),
        settings,
        discrepancy=lambda x: np.sum(((x - OBSERVED) / SIGMA) ** 2, axis=1),
        cut=1.0,
    )
    assert result.records[1].acceptance < 0.6
    width = result.sample(20_000, seed=1)[:, 0].std()
    assert width == pytest.approx(SIGMA / np.sqrt(2), rel=0.07)


def test_the_books_are_right() -> None:
    result = run(epsilon=0.01)
    first, second, third = result.records
    assert (first.method, first.log_prior_volume, first.acceptance) == ("prior", 0.0, 1.0)
    # a symmetric density region of N(0.5, 0.1) with mass 0.99 has length 2 * 2.58 * 0.1
    length = 2 * norm.ppf(0.995) * SIGMA
    for record in (second, third):
        assert record.method == "rejection"
        assert np.exp(record.log_prior_volume) == pytest.approx(length, rel=0.12)
        assert record.log_prior_volume_error < 0.05
        assert 0.985 < record.previous_draws_inside <= 0.995
        assert record.leakage < 0.03
        assert record.acceptance == record.accepted / record.candidates
    assert third.used_simulations > third.new_simulations
    assert third.log_prior_volume <= second.log_prior_volume + 3 * second.log_prior_volume_error


def test_volume_from_the_estimator_agrees_with_rejection() -> None:
    exact = run(rounds=2).records[1]
    resampled = run(rounds=2, smallest_acceptance=1.0, oversampling=4).records[1]
    assert resampled.method == "sir"
    error = np.hypot(exact.log_prior_volume_error, resampled.log_prior_volume_error)
    # the same region, since the first round is the same; 0.02 for the seeds' common threshold
    assert abs(exact.log_prior_volume - resampled.log_prior_volume) < 4 * error + 0.02


def test_regions_are_nested_and_bound_the_weights() -> None:
    result = run(proposal="reweighted")
    points = np.random.default_rng(1).random((2000, 1))
    inside = result.region.contains(points)
    one = type(result.region)(result.region.observed, result.region.cuts[:1])
    assert np.all(one.contains(points)[inside])
    last = result.region.cuts[-1]
    log_q = last.estimator.log_density(points[inside], OBSERVED)
    assert np.all(log_q >= last.log_threshold)


class Killed(Exception):
    pass


@pytest.mark.parametrize("proposal", ["truncated", "reweighted", "naive"])
@pytest.mark.parametrize("when", ["simulate", "fit"])
def test_a_killed_run_resumes_to_the_same_bytes(tmp_path: Path, proposal: str, when: str) -> None:
    settings = RoundSettings(
        rounds=3, simulations=1500, threshold_draws=1000, proposal=proposal, seed=5
    )
    calls = {"simulate": 0, "fit": 0}
    limits = {"simulate": 99, "fit": 99, when: 2}

    def simulator(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        calls["simulate"] += 1
        if calls["simulate"] > limits["simulate"]:
            raise Killed
        return noisy_copy(u, rng)

    class Fragile(KernelEstimator):
        def fit(self, *arguments: object) -> None:
            calls["fit"] += 1
            if calls["fit"] > limits["fit"]:
                raise Killed
            super().fit(*arguments)  # type: ignore[arg-type]

    def go(folder: Path) -> None:
        run_rounds(
            CubeProblem(1, simulator),
            OBSERVED,
            lambda number, previous: Fragile(),
            settings,
            folder,
            discrepancy=lambda x: np.sum(((x - OBSERVED) / SIGMA) ** 2, axis=1),
        )

    with pytest.raises(Killed):
        go(tmp_path / "killed")
    limits.update(simulate=99, fit=99)
    go(tmp_path / "killed")
    calls.update(simulate=0, fit=0)
    go(tmp_path / "whole")
    files = sorted(p.relative_to(tmp_path / "whole") for p in (tmp_path / "whole").rglob("*"))
    again = sorted(p.relative_to(tmp_path / "killed") for p in (tmp_path / "killed").rglob("*"))
    assert files == again
    assert len(files) >= 3 * 3 + 2
    for name in files:
        if (tmp_path / "whole" / name).is_file():
            left, right = ((tmp_path / side / name).read_bytes() for side in ("whole", "killed"))
            assert left == right, name


def test_data_unlike_every_simulation_are_refused_in_the_rounds_own_words() -> None:
    class Narrow(KernelEstimator):
        def sample(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
            raise InputError("condition x0 = 7 is outside the range 0 to 1")

    problem = CubeProblem(1, noisy_copy)
    settings = RoundSettings(rounds=1, simulations=100)
    with pytest.raises(InputError, match=r"no simulation .* is like the measured data \(condition"):
        run_rounds(problem, np.array([7.0]), lambda number, previous: Narrow(), settings)


def test_other_settings_in_the_same_folder_are_refused(tmp_path: Path) -> None:
    small = {"simulations": 500, "threshold_draws": 500, "rounds": 1}
    run(tmp_path, **small)
    with pytest.raises(InputError, match="other settings"):
        run(tmp_path, **{**small, "epsilon": 0.1})
    longer = run(tmp_path, **{**small, "rounds": 2})  # more rounds may follow
    assert len(longer.records) == 2


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"proposal": "trunkated"}, "did you mean 'truncated'"),
        ({"epsilon": 0.0}, "between 0 and 0.5"),
        ({"simulations": 0}, "at least 1"),
        ({"oversampling": 1}, "at least 2"),
    ],
)
def test_bad_settings_are_refused(changes: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        RoundSettings(**changes)


def moons(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two moons (Greenberg et al., arXiv:1905.07488) on the square [-1, 1]^2."""
    theta = 2 * u - 1
    angle = rng.uniform(-np.pi / 2, np.pi / 2, len(u))
    radius = 0.1 + 0.01 * rng.standard_normal(len(u))
    moon = np.column_stack([radius * np.cos(angle) + 0.25, radius * np.sin(angle)])
    first = -np.abs(theta.sum(axis=1)) / np.sqrt(2)
    second = (theta[:, 1] - theta[:, 0]) / np.sqrt(2)
    return moon + np.column_stack([first, second])


def moons_inside(proposal: str, seeds: range, rounds: int, level: float) -> float:
    """Share of data sets whose truth lies in the highest-density region of the last estimator."""
    hits = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 3])
        truth = rng.random((1, 2))
        observed = moons(truth, rng)[0]
        result = run_rounds(
            CubeProblem(2, moons),
            observed,
            lambda number, previous: KernelEstimator(0.3),
            RoundSettings(
                rounds=rounds,
                simulations=2000,
                threshold_draws=1000,
                proposal=proposal,
                seed=seed,
                block=1024,
            ),
            discrepancy=lambda x, o=observed: np.sum(((x - o) / 0.1) ** 2, axis=1),
            cut=4.0,
        )
        draws = result.sample(500, seed)
        log_q = result.estimator.log_density(draws, observed)
        own = result.estimator.log_density(truth, observed)[0]
        inside = result.records[-1].accounted is False or result.region.contains(truth)[0]
        hits.append(inside and np.mean(log_q > own) < level)
    return float(np.mean(hits))


def test_two_moons_stay_covered_for_a_few_seeds() -> None:
    assert moons_inside("truncated", range(5), 3, 0.99) >= 0.6


@pytest.mark.slow
@pytest.mark.parametrize("proposal", ["truncated", "reweighted"])
def test_two_moons_stay_covered_over_many_seeds(proposal: str) -> None:
    # the kernel stand-in is a little too wide: more than the level may be inside, not less
    share = moons_inside(proposal, range(100), 3, 0.9)
    assert share >= 0.9 - 2 * np.sqrt(0.9 * 0.1 / 100), share


def copies_inside(proposal: str, seeds: range, level: float = 0.9) -> float:
    """The same for four rounds of the noisy copy, with the truth anywhere in the middle."""
    hits = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 4])
        truth = 0.35 + 0.3 * rng.random((1, 1))
        observed = noisy_copy(truth, rng)[0]
        result = run_rounds(
            CubeProblem(1, noisy_copy),
            observed,
            lambda number, previous: KernelEstimator(),
            RoundSettings(simulations=4000, threshold_draws=1000, proposal=proposal, seed=seed),
            discrepancy=lambda x, o=observed: np.sum(((x - o) / SIGMA) ** 2, axis=1),
        )
        draws = result.sample(500, seed)
        log_q = result.estimator.log_density(draws, observed)
        own = result.estimator.log_density(truth, observed)[0]
        hits.append(np.mean(log_q > own) < level)
    return float(np.mean(hits))


@pytest.mark.slow
def test_naive_rounds_lose_the_truth_and_truncated_ones_keep_it() -> None:
    # four times counted data halve the width: 90 % regions would hold P(|z| < 1.645 / 2) = 59 %,
    # some more with the stand-in's kernel width (70 % measured over 40 data sets)
    seeds = range(200)
    assert copies_inside("truncated", seeds) >= 0.9 - 3 * np.sqrt(0.9 * 0.1 / 200)
    assert copies_inside("naive", seeds) < 0.8
