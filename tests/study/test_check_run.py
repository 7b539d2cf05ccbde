"""A finished run against exact draws of its posterior."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.files import sha256
from pontecorvo.study.check_run import C2ST_LIMIT, RAW_LIMIT, against_exact, basic_checks, check_run
from pontecorvo.study.posterior_file import parameters_of, read_groups


@pytest.mark.parametrize(("shift", "passed"), [(0.0, True), (0.5, False)])
def test_draws_of_another_distribution_are_told_apart(shift, passed):
    rng = np.random.default_rng(0)
    mine, exact = rng.normal(size=(3000, 2)), rng.normal(shift, 1, size=(3000, 2))
    verdict = against_exact("parameters", mine, exact, None, None, 1)
    assert verdict.passed is passed
    assert verdict.band[1] == RAW_LIMIT
    assert verdict.name == "C2ST against exact draws, parameters"


def test_weights_count():
    """Draws of N(0, 1) with the weights of N(1, 1) are draws of N(1, 1)."""
    rng = np.random.default_rng(1)
    mine, exact = rng.normal(size=(6000, 1)), rng.normal(1, 1, size=(3000, 1))
    verdict = against_exact("x", mine, exact, mine[:, 0] - 0.5, None, 1)
    assert verdict.band[1] == C2ST_LIMIT
    assert verdict.statistic < 0.54
    assert not against_exact("x", mine, exact, None, None, 1).passed


def test_basic_checks_ask_weights_and_likelihoods(seesaw_no, finished_runs):
    from pontecorvo.study.catalog import load_problem

    folder = finished_runs["no"]
    groups, target = read_groups(folder / "posterior.nc"), load_problem("seesaw-no").target
    theta, log_weight, verdicts, about = basic_checks(target, groups, folder / "posterior.nc")
    assert theta.shape == (len(log_weight), 23)
    np.testing.assert_array_equal(theta, parameters_of(target.model, groups))
    assert about == {"draws": len(theta), "posterior_sha256": sha256(folder / "posterior.nc")}
    assert [v.name for v in verdicts] == ["importance weights", "closure"]
    assert verdicts[1].passed
    groups["sample_stats"]["log_likelihood"][0, 3] += 1e-3
    again = basic_checks(target, groups, folder / "posterior.nc")[2]
    assert not again[1].passed
    assert again[1].statistic == pytest.approx(1e-3, rel=1e-6)


def test_files_of_another_model_are_refused(finished_runs):
    from pontecorvo.study.catalog import load_problem

    groups = read_groups(finished_runs["no"] / "posterior.nc")
    other = load_problem("modular-a4-no").target
    with pytest.raises(InputError, match="not those of the model"):
        basic_checks(other, groups, finished_runs["no"] / "posterior.nc")
    broken = {name: group.copy(deep=True) for name, group in groups.items()}
    broken["posterior"]["Y_re"][0, 0, 0, 0] = np.nan
    with pytest.raises(InputError, match="no finite numbers"):
        basic_checks(load_problem("seesaw-no").target, broken, finished_runs["no"])


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(InputError, match="holds no finished run"):
        check_run(tmp_path, 0)
