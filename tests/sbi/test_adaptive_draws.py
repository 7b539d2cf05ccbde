"""Draw until an effective size is reached: the size, its error, the bound, the evidence."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.draws import Draws
from pontecorvo.sbi.adaptive_draws import draw_until, ess_with_error, join_draws


def normal_block(spread):
    """Weighted draws of a normal target N(0, 1), proposed from N(0, spread); evidence 1."""

    def block(n, seed):
        x = spread * np.random.default_rng(seed).normal(size=(n, 1))
        log_q = -0.5 * (x[:, 0] / spread) ** 2 - np.log(spread)
        log_weight = -0.5 * x[:, 0] ** 2 - log_q
        weight = np.exp(log_weight)
        return Draws(
            theta=x,
            log_weight=log_weight - log_weight.max(),
            log_prior=np.zeros(n),
            log_likelihood=-0.5 * x[:, 0] ** 2,
            log_evidence=float(np.log(weight.mean())),
            log_evidence_error=float(weight.std() / weight.mean() / np.sqrt(n)),
            raw_acceptance=1.0,
            ess=float(weight.sum() ** 2 / (weight**2).sum()),
            converged=True,
            method="toy",
            log_q=log_q,
            notes={"proposals": n},
        )

    return block


def test_it_reaches_the_size_and_says_so():
    draws = draw_until(normal_block(2.0), 5000, seed=3, first=200)
    note = draws.notes["adaptive"]
    assert draws.ess >= 5000
    assert note["reached"] == draws.ess
    assert 0 < note["reached_error"] < 0.1 * draws.ess
    assert len(draws.theta) == note["draws"] < 12_000  # the true efficiency is 0.66
    assert draws.converged
    assert abs(draws.log_evidence) < 4 * draws.log_evidence_error
    gap = draws.log_likelihood - draws.log_q - draws.log_weight
    assert np.ptp(gap) < 1e-9  # joined weights are those of one run


def test_the_bound_is_kept_and_said():
    draws = draw_until(normal_block(2.0), 5000, first=100, bound=1000)
    assert len(draws.theta) == 1000
    assert not draws.converged
    assert draws.notes["adaptive"]["reached"] < 5000


def test_its_error_is_the_scatter_of_repeats():
    sizes, errors = [], []
    for seed in range(300):
        ess, error = ess_with_error(normal_block(1.5)(500, seed).log_weight)
        sizes.append(ess)
        errors.append(error)
    assert np.std(sizes) == pytest.approx(np.mean(errors), rel=0.2)
    assert ess_with_error(np.zeros(50)) == (pytest.approx(50), pytest.approx(0, abs=1e-5))


def test_chains_stay_distinct_and_parts_without_evidence_join():
    parts = [normal_block(2.0)(50, s) for s in range(2)]
    for part in parts:
        part.chain = np.repeat([0, 1], 25)
        part.log_evidence = float("nan")
    joined = join_draws(parts)
    assert set(joined.chain) == {0, 1, 2, 3}
    assert np.isnan(joined.log_evidence)
    assert join_draws(parts[:1]) is parts[0]


@pytest.mark.parametrize(("ess", "first", "bound"), [(0, 10, 100), (10, 1, 100), (10, 50, 20)])
def test_senseless_requests_are_refused(ess, first, bound):
    with pytest.raises(InputError):
        draw_until(normal_block(2.0), ess, first=first, bound=bound)
