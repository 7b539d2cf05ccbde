"""Solvers, samplers and densities on fields known in closed form: no training here."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import kstest, norm

from analytic_field import MixtureField
from pontecorvo.base.errors import InputError
from pontecorvo.flows.density import check_flow, draw_with_density, log_density, transport
from pontecorvo.flows.guidance import ClassifierFree, GradientGuided
from pontecorvo.flows.noise_schedules import PERIOD, base_log_density, draw_base, make_path
from pontecorvo.flows.ode_samplers import check_sampler, integrate, run_sampler

PATHS = ["flow-matching", "vp", "ve"]
SETTINGS = {"flow-matching": {}, "vp": {}, "ve": {"sigma_max": 20.0}}
WEIGHTS, MEANS, SCALES = (
    np.array([0.6, 0.4]),
    np.array([[-0.8, 0.5], [0.9, -0.6]]),
    np.array([[0.4, 0.5], [0.5, 0.4]]),
)


def mixture(name, periodic=None, **changes):
    path = make_path(name, **SETTINGS[name])
    return MixtureField(path, WEIGHTS, MEANS * changes.get("spread", 1.0), SCALES, periodic)


def base(field, n, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return draw_base((n, 2), field.path, field.periodic, rng)


def cdf(values, index, periodic):
    total = 0.0
    turns = range(-4, 5) if periodic else [0]
    for weight, mean, scale in zip(WEIGHTS, MEANS[:, index], SCALES[:, index], strict=True):
        for turn in turns:
            shifted = norm(mean + turn * PERIOD, scale)
            start = shifted.cdf(-PERIOD / 2) if periodic else 0.0
            total = total + weight * (shifted.cdf(values) - start)
    return total


@pytest.mark.parametrize("periodic", [None, [False, True]])
@pytest.mark.parametrize("name", PATHS)
def test_the_closed_form_obeys_the_continuity_equation(name, periodic):
    """d log p / ds = -div v - v . grad log p, at every level."""
    field = mixture(name, periodic)
    x = base(field, 50).double().clamp(-2, 2)
    for share in (0.1, 0.5, 0.9):
        s = field.path.start + share * (min(field.path.end, 3.0) - field.path.start)
        step = 1e-4 * s
        rate = (field.log_density(x, s + step) - field.log_density(x, s - step)) / 2 / step
        point = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(field.log_density(point, s).sum(), point)
        v, diagonal = field.velocity_and_diagonal(x, torch.tensor(s, dtype=torch.float64))
        expected = -diagonal.sum(1) - (v * slope).sum(1)
        torch.testing.assert_close(rate, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("periodic", [None, [False, True]])
@pytest.mark.parametrize("sampler", ["rk4", "heun", "ddim", "ddim-half", "ancestral"])
@pytest.mark.parametrize("name", PATHS)
def test_every_sampler_on_every_path(name, sampler, periodic):
    field = mixture(name, periodic)
    steps = {"rk4": 24, "heun": 40, "ddim": 120, "ddim-half": 120, "ancestral": 200}[sampler]
    kind, eta = sampler.split("-")[0], {"ddim-half": 0.5, "ancestral": 1.0}.get(sampler, 0.0)
    draws = run_sampler(field, base(field, 1500), kind, steps, eta, seed=5).double().numpy()
    for index in range(2):
        turns = periodic is not None and periodic[index]
        result = kstest(draws[:, index], lambda v, i=index, t=turns: cdf(v, i, t))
        assert result.statistic < 1.63 / math.sqrt(1500) + 0.01, (index, result)


def test_the_ddim_converges_to_the_flow():
    """At first order: halving the steps' size halves the distance to the ODE's solution."""
    field = mixture("vp")
    noise = base(field, 200)
    exact = integrate(field, noise, "rk4", 100)
    gaps = []
    for steps in (100, 200):
        draws = run_sampler(field, noise, "ddim", steps, 0.0, 0)
        gaps.append(float((draws - exact).abs().mean()))
    assert gaps[1] < 0.65 * gaps[0]


@pytest.mark.parametrize("sampler", ["ddim", "ancestral"])
def test_estimates_of_the_data_are_kept_within_their_limits(sampler):
    field = mixture("vp")
    noise = base(field, 300)
    eta = 1.0 if sampler == "ancestral" else 0.0
    free = run_sampler(field, noise, sampler, 30, eta, 1)
    same = run_sampler(field, noise, sampler, 30, eta, 1, lambda data: data)
    torch.testing.assert_close(same, free, rtol=1e-3, atol=1e-3)  # limits that never bind
    bound = run_sampler(field, noise, sampler, 30, eta, 1, lambda data: data.clamp(-0.9, 0.9))
    assert float(bound.abs().max()) <= 0.9 < float(free.abs().max())
    inside = (free.abs() < 0.5).all(dim=1)
    assert float((bound - free)[inside].abs().median()) < 0.1  # what needs no limit hardly moves


def test_guidance_in_an_interval_is_none_outside_it():
    field = mixture("vp")
    other = mixture("vp", spread=0.5)
    guided = ClassifierFree(field, other, 4.0, (0.3, 0.6))
    x = base(field, 20)
    for share, acts in ((0.1, False), (0.45, True), (0.9, False)):
        s = field.path.at(torch.tensor(share, dtype=torch.float64))[0]
        whole = ClassifierFree(field, other, 4.0).velocity(x, s)
        assert torch.equal(guided.velocity(x, s), whole if acts else field.velocity(x, s))
        value, _ = guided.velocity_and_diagonal(x, s)
        torch.testing.assert_close(value, guided.velocity(x, s))


@pytest.mark.parametrize("method", ["heun", "rk4"])
def test_order_of_the_solvers(method):
    field = mixture("flow-matching")
    noise = base(field, 100).double()
    exact = integrate(field, noise, "rk4", 200)
    steps, order = (20, 2) if method == "heun" else (10, 4)
    coarse, fine = (integrate(field, noise, method, steps * k) for k in (1, 2))
    ratio = float((coarse - exact).abs().mean() / (fine - exact).abs().mean())
    assert 0.7 * 2**order < ratio < 2.0 * 2**order


@pytest.mark.parametrize("periodic", [None, [False, True]])
@pytest.mark.parametrize("name", PATHS)
def test_log_density_against_the_closed_form(name, periodic):
    field = mixture(name, periodic)
    # the base is the exact noisy end for flow matching only, elsewhere nearly so
    limit = 1e-4 if name == "flow-matching" else 2e-2
    nodes = 48 if name != "ve" and periodic is None else 96  # kinks at the antipode
    noise = base(field, 48).double()
    draws, log_q = draw_with_density(field, noise, nodes)
    exact = field.log_density(draws)
    centre = exact > exact.max() - 8
    assert float((log_q - exact)[centre].abs().max()) < limit
    end = field.log_density(noise, field.path.end) - base_log_density(
        noise, field.path, field.periodic
    )
    # with the density that the exact noisy data have at the end, the integral is right to 1e-4
    assert float((log_q + end - exact)[centre].abs().max()) < 1e-4
    again = log_density(field, draws, nodes)
    # two integrals, each right to 1e-4
    assert float((again - log_q)[centre].abs().max()) < 2e-4
    report = check_flow(field, noise, draws, log_q, nodes)
    assert report.round_trip_worst < 1e-3
    assert report.log_density_median < 1e-4


@pytest.mark.parametrize("name", ["flow-matching", pytest.param("vp", marks=pytest.mark.slow)])
def test_guided_density_against_quadrature_in_one_dimension(name):
    path = make_path(name)
    wide = MixtureField(path, [1.0], [[0.0]], [[1.0]])
    narrow = MixtureField(path, [0.5, 0.5], [[-0.7], [0.6]], [[0.3], [0.4]])
    for scale in (0.5, 1.0, 3.0):
        field = ClassifierFree(narrow, wide, scale)
        x = torch.linspace(-4, 4, 1601, dtype=torch.float64)[:, None]
        log_q = log_density(field, x, nodes=48)
        assert abs(float(torch.trapezoid(log_q.exp(), x[:, 0])) - 1) < 1e-3
        # a monotone map in one dimension: the density is the base's times the map's slope
        h = 1e-3
        ends = [integrate(field, x + d, "rk4", 60, forward=True) for d in (h, -h)]
        slope = torch.log((ends[0] - ends[1])[:, 0] / (2 * h))
        middle = integrate(field, x, "rk4", 60, forward=True)
        expected = base_log_density(middle, path, field.periodic) + slope
        inside = expected > -12
        assert float((log_q - expected)[inside].abs().max()) < 2e-3
    target = 3 * narrow.log_density(x) - 2 * wide.log_density(x)
    assert float((log_q - target - (log_q - target).mean()).abs().max()) > 0.1  # not p^3 / p^2


@pytest.mark.parametrize("periodic", [None, [False, True]])
def test_guided_density_against_quadrature_in_two_dimensions(periodic):
    path = make_path("flow-matching")
    narrow = MixtureField(path, WEIGHTS, MEANS * 0.5, SCALES, periodic)
    wide = MixtureField(path, [1.0], [[0.0, 0.0]], [[1.0, 0.8]], periodic)
    field = ClassifierFree(narrow, wide, 2.0)
    axis = torch.linspace(-3, 3, 61, dtype=torch.float64)
    other = axis
    if periodic is not None:
        other = (torch.arange(60, dtype=torch.float64) / 60 - 0.5) * PERIOD
    grid = torch.cartesian_prod(axis, other)
    q = log_density(field, grid, nodes=24).exp().reshape(len(axis), len(other))
    if periodic is None:
        total = torch.trapezoid(torch.trapezoid(q, other), axis)
    else:
        total = torch.trapezoid(q.sum(1) * PERIOD / 60, axis)
    assert abs(float(total) - 1) < 3e-3


def test_gradient_guidance_is_the_known_linear_flow_and_weights_mend_it():
    """Prior N(0, 1), likelihood N(x | 1.5, 1), so the posterior is N(0.75, 1/2).

    With x_0 replaced by its mean a x, the guided flow on the angle s is
    dx/ds = -sin s (1.5 - cos s x), whose solution is a normal known by quadrature.
    """
    path = make_path("vp")
    prior = MixtureField(path, [1.0], [[0.0]], [[1.0]])
    guided = GradientGuided(prior, lambda y: -0.5 * (y[:, 0] - 1.5) ** 2, 1.0, largest=1e6)
    noise = torch.linspace(-3, 3, 61, dtype=torch.float64)[:, None]
    draws, log_q = draw_with_density(guided, noise, nodes=24)
    low, high = path.start, path.end
    squares = (math.sin(high) ** 2 - math.sin(low) ** 2) / 2
    s = np.linspace(low, high, 20001)
    shift = 1.5 * np.trapezoid(np.sin(s) * np.exp(-(np.sin(s) ** 2 - math.sin(low) ** 2) / 2), s)
    torch.testing.assert_close(draws, noise * math.exp(-squares) + shift, rtol=1e-3, atol=1e-3)
    exact = torch.distributions.Normal(shift, math.exp(-squares)).log_prob(draws[:, 0])
    torch.testing.assert_close(log_q, exact, rtol=0, atol=3e-3)
    many = draw_base((1000, 1), path, prior.periodic, torch.Generator().manual_seed(0))
    draws, log_q = draw_with_density(guided, many, nodes=16)
    x = draws[:, 0].double()
    weights = torch.softmax(-0.5 * x**2 - 0.5 * (x - 1.5) ** 2 - log_q, 0)
    assert abs(float(x.mean()) - 0.75) > 0.2
    assert abs(float((weights * x).sum()) - 0.75) < 0.08


def test_transport_there_and_back_and_bad_arguments():
    field = mixture("flow-matching")
    noise = base(field, 20).double()
    draws, gained = transport(field, noise, 24)
    returned, lost = transport(field, draws, 24, forward=True)
    assert float((returned - noise).abs().max()) < 1e-4
    assert float((gained - lost).abs().max()) < 1e-4
    with pytest.raises(InputError, match="did you mean 'heun'"):
        check_sampler("huen", None, None)
    with pytest.raises(InputError, match="steps"):
        check_sampler("rk4", 0, None)
    with pytest.raises(InputError, match="eta"):
        check_sampler("ddim", 10, 2.0)
