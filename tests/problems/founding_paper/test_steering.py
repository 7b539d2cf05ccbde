"""Residuals of the labels with derivatives, and draws that are steered by them."""

import numpy as np
import pytest

from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.problems.flavour.nufit import LABELS
from pontecorvo.problems.founding_paper.labels import from_box, judged, to_box
from pontecorvo.problems.founding_paper.settings import FoundingSettings
from pontecorvo.problems.founding_paper.steering import (
    draw_steered,
    label_residuals,
    observable_residuals,
)


@pytest.mark.parametrize("ordering", ["no", "io"])
@pytest.mark.parametrize("yukawa", ["uniform", "log-uniform"])
@pytest.mark.parametrize("to", ["labels", "observables"])
def test_derivatives_are_those_of_the_residuals(ordering, yukawa, to):
    settings = FoundingSettings(ordering=ordering, prior={"yukawa": yukawa})
    target = settings.target()
    prior = target.model.prior
    labels = settings.labels(target.model)
    rng = np.random.default_rng(5)
    u = to_box(prior, prior.sample(200, rng))
    u = np.clip(u, 0.02, 0.98)
    u = u[np.abs(u - 0.5).min(axis=1) > 1e-3]  # the sign of a log-uniform Yukawa changes there
    residuals = label_residuals(labels, prior)
    if to == "observables":
        residuals = observable_residuals(labels, prior, len(u), 1)
    pulls, slopes = residuals(u)
    assert pulls.shape == (len(u), 11 if to == "labels" else 5)
    direction = rng.normal(size=u.shape)
    step = 1e-7
    change = (residuals(u + step * direction)[0] - residuals(u - step * direction)[0]) / (2 * step)
    expected = np.einsum("nij,nj->ni", slopes, direction)
    error = np.abs(change - expected) / (np.abs(expected) + 1)
    assert np.median(error) < 1e-4
    assert np.quantile(error, 0.95) < 0.05  # near-degenerate masses


def test_residuals_agree_with_the_pulls_where_they_are_small():
    settings = FoundingSettings()
    target = settings.target()
    labels = settings.labels(target.model)
    values = labels.wanted * (1 + 1e-4)
    logs = np.log(values[:2] / labels.wanted[:2]) * labels.wanted[:2] / labels.sigma[:2]
    assert logs == pytest.approx(labels.pulls(values[None])[0, :2], rel=1e-3)


def test_steering_solves_what_an_untrained_network_cannot():
    settings = FoundingSettings(network={"widths": [24, 16, 12, 8, 12, 16, 24]})
    target, recipe = settings.target(), settings.recipe()
    labels, prior = settings.labels(target.model), target.model.prior
    flow = ConditionalFlow(23, LABELS, None, recipe.flow(), 0)
    theta = prior.sample(2000, np.random.default_rng(1))
    told = labels.condition(labels.values(theta))
    flow.conditions.fit(told)
    plain = from_box(
        prior,
        flow.sample(
            labels.condition(labels.wanted[None])[0], 200, 1, sampler="ddim", steps=50, clip="box"
        ).u,
    )
    assert judged(target, labels, plain)["eleven_labels"]["accepted"] == 0
    spread = {}
    for to in ("labels", "observables"):
        steered = draw_steered(flow, labels, prior, 200, 1, to=to)
        assert np.array_equal(steered, draw_steered(flow, labels, prior, 200, 1, to=to))
        accepted = labels.accepted(labels.values(steered))
        assert accepted.sum() > 5
        spread[to] = labels.pulls(labels.values(steered[accepted])).std(axis=0).mean()
    assert spread["observables"] > spread["labels"]  # L* leaves the moduli no room
