"""Labels, chi-squares, cuts and counts of the founding paper's recipe."""

from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import LABELS, founding_paper_box, nufit
from pontecorvo.problems.founding_paper.labels import (
    FAR,
    Labels,
    Selection,
    from_box,
    judged,
    share,
    to_box,
)
from pontecorvo.problems.seesaw.model import Seesaw


def test_the_box_is_an_affine_map_that_sorts_nothing() -> None:
    prior = Seesaw().prior
    u = np.random.default_rng(1).uniform(-0.5, 1.5, (200, 23))
    assert np.allclose(to_box(prior, from_box(prior, u)), u, atol=1e-12)
    theta = from_box(prior, u)
    assert np.any(theta[:, 18] > theta[:, 19])
    far = to_box(prior, from_box(prior, np.full((1, 23), 50.0)))
    assert np.allclose(far, 1 + FAR)


@pytest.mark.parametrize("ordering", ["no", "io"])
@pytest.mark.parametrize("centre", ["midpoints", "best-fit"])
def test_wanted_labels_lie_in_their_ranges(ordering: str, centre: str) -> None:
    labels = Labels(Seesaw(ordering), centre=centre)
    assert labels.accepted(labels.wanted[None]).all()
    assert np.abs(labels.pulls(labels.wanted[None])).max() == 0
    moduli = labels.wanted[2:].reshape(3, 3)
    unitary = np.allclose((moduli**2).sum(axis=0), 1, atol=1e-9)
    assert unitary == (centre == "best-fit")  # mid-points of ranges are no mixing matrix
    assert labels.wanted[1] * (1 if ordering == "no" else -1) > 2e-3


def test_labels_are_told_by_their_logarithms_or_as_they_are() -> None:
    model = Seesaw()
    theta = model.prior.sample(50, np.random.default_rng(2))
    values = Labels(model).values(theta)
    assert values.shape == (50, len(LABELS))
    told = Labels(model).condition(values)
    assert np.allclose(10 ** told[:, :2], np.abs(values[:, :2]))
    assert np.array_equal(told[:, 2:], values[:, 2:])
    assert np.array_equal(Labels(model, masses="linear").condition(values), values)


def test_chi_squares_add_up_and_reach_one_sigma() -> None:
    labels = Labels(Seesaw())
    sigma = founding_paper_box("no").sigma
    values = np.stack([labels.wanted + sigma, labels.wanted, np.full(11, np.nan)])
    mass, mixing = labels.chi2(values)
    assert mass[:2] == pytest.approx([2, 0])
    assert mixing[:2] == pytest.approx([9, 0])
    assert np.isinf([mass[2], mixing[2]]).all()


def test_cuts_keep_one_kind_or_both_and_loosen_only_when_too_few_pass() -> None:
    mass = np.array([1.0, 1.0, 500.0, 500.0, np.inf])
    mixing = np.array([1.0, 5e3, 1.0, 5e3, 1.0])
    everywhere = np.ones(5, bool)
    loose = Selection("chi2", total=1e4, mass=10, mixing=10, least=2, in_prior=False)
    kept, books = loose.choose(mass, mixing, everywhere)
    assert kept.tolist() == [True, True, True, False, False]
    assert (books["both"], books["masses_alone"], books["mixings_alone"]) == (1, 1, 1)
    assert books["cuts_multiplied_by"] == 1
    kept, books = replace(loose, least=100).choose(mass, mixing, everywhere)
    assert kept.tolist() == [True, True, True, True, False]
    assert books["cuts_multiplied_by"] == 64  # 10 * 64 > 500


def test_quantile_cuts_follow_what_was_generated_and_stay_in_the_prior() -> None:
    rng = np.random.default_rng(4)
    mass, mixing = rng.exponential(1e4, 4000), rng.exponential(1e3, 4000)
    inside = rng.random(4000) < 0.5
    kept, books = Selection(quantile=0.35, least=10).choose(mass, mixing, inside)
    assert not kept[~inside].any()
    assert kept[inside].mean() == pytest.approx(1 - 0.65**2, abs=0.03)  # of either, independent
    assert books["cut_masses"] == pytest.approx(np.quantile(mass[inside], 0.35))
    assert books["able"] == inside.sum()
    none, _ = Selection().choose(mass, mixing, np.zeros(4000, bool))
    assert not none.any()


def test_a_fraction_has_an_error_or_a_limit() -> None:
    none = share(np.zeros(1000, bool))
    assert none["value"] == 0
    assert none["upper_95"] == pytest.approx(1 - 0.05 ** (1 / 1000))
    half = share(np.arange(100) < 50)
    assert half["error"] == pytest.approx(0.05)


def test_draws_of_the_prior_are_judged_as_such() -> None:
    target = Target(Seesaw(), nufit("no"))
    theta = target.model.prior.sample(5000, np.random.default_rng(3))
    books = judged(target, Labels(target.model), theta)
    assert books["in_prior"]["value"] == 1
    assert books["moved_nearer"] == 0
    assert books["eleven_labels"]["accepted"] == 0
    # the ordered masses are narrower than their range, all others as wide as it
    assert books["diversity"] == pytest.approx(1, abs=0.1)
