import math

import numpy as np
import pytest
import torch

from pontecorvo.base.errors import InputError
from pontecorvo.flows.noise_schedules import PERIOD, base_log_density, draw_base, make_path, wrap

PATHS = ["flow-matching", "vp", "ve"]
MIXED = torch.tensor([False, True])


@pytest.mark.parametrize("name", PATHS)
def test_coefficients_derivatives_and_conversions(name):
    path = make_path(name)
    s = torch.linspace(path.start, path.end, 9, dtype=torch.float64)[1:-1].requires_grad_()
    for kind in (path.line, path.circle):
        level = kind(s)
        for value, slope in ((level.a, level.da), (level.b, level.db)):
            if value.requires_grad:
                (exact,) = torch.autograd.grad(value.sum(), s, retain_graph=True)
                torch.testing.assert_close(slope.expand_as(exact), exact)
    level = path.line(s)
    torch.testing.assert_close(level.a * level.db - level.b * level.da, torch.ones_like(s))
    data, noise = torch.randn(2, 7, 2, dtype=torch.float64)
    level = path.level(s.detach(), MIXED, torch.float64)
    x, v = level.a * data + level.b * noise, level.da * data + level.db * noise
    back = level.data_and_noise(x, v)
    torch.testing.assert_close(back[0], data)
    torch.testing.assert_close(back[1], noise)
    torch.testing.assert_close(level.score(x, v), -noise / level.b)


@pytest.mark.parametrize("name", PATHS)
def test_solver_time_is_inverted(name):
    path = make_path(name)
    q = torch.linspace(0, 1, 11, dtype=torch.float64).requires_grad_()
    s, rate = path.at(q)
    (exact,) = torch.autograd.grad(s.sum(), q)
    torch.testing.assert_close(torch.as_tensor(rate, dtype=torch.float64).expand_as(exact), exact)
    torch.testing.assert_close(path.progress(s), q)
    ladder = path.ladder(10)
    assert bool((ladder[1:] < ladder[:-1]).all())
    assert math.isclose(float(ladder[0]), path.end)
    assert math.isclose(float(ladder[-1]), path.start)


def test_vp_is_the_ddpm_at_its_own_times():
    beta = np.linspace(1e-4, 0.02, 1000)
    kept = np.cumprod(1 - beta)
    path = make_path("vp", discrete=True)
    t = torch.arange(1, 1001, dtype=torch.float64) / 1000
    level = path.line(path.angle(t))
    np.testing.assert_allclose(level.a.numpy() ** 2, kept, rtol=1e-7)
    u = torch.rand(5000, dtype=torch.float64)
    trained = path.training_time(u)
    assert bool(torch.isin(trained, path.angle(t)).all())
    assert len(path.ladder(999)) == 1000
    torch.testing.assert_close(path.ladder(999), path.angle(t).flip(0), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", PATHS)
def test_base_density_integrates_to_one_and_circles_are_full(name):
    path = make_path(name)
    grid = torch.linspace(-8, 8, 4001, dtype=torch.float64) * path.base_scale()
    line = torch.exp(base_log_density(grid[:, None], path, torch.tensor([False])))
    assert math.isclose(float(torch.trapezoid(line, grid)), 1, abs_tol=1e-9)
    points = draw_base((4000, 2), path, MIXED, torch.Generator().manual_seed(1))
    assert float(points[:, 1].abs().max()) <= PERIOD / 2
    end = path.circle(torch.tensor(path.end, dtype=torch.float64))
    if path.gaussian_circle:  # first Fourier mode of the wrapped normal at the noisy end
        assert math.exp(-0.5 * (2 * math.pi * float(end.b) / PERIOD) ** 2) < 1e-3
    else:
        assert float(end.b) == 1


def test_wrap_and_bad_names():
    x = torch.tensor([[3 * PERIOD + 0.25, 3 * PERIOD + 0.25]], dtype=torch.float64)
    torch.testing.assert_close(wrap(x, MIXED)[0, 1], torch.tensor(0.25, dtype=torch.float64))
    assert wrap(x, MIXED)[0, 0] == x[0, 0]
    with pytest.raises(InputError, match="did you mean 'vp'"):
        make_path("vpp")
    with pytest.raises(InputError, match="unknown setting 'T'"):
        make_path("vp", T=10)
    with pytest.raises(InputError, match="beta_first"):
        make_path("vp", beta_first=0.5)
    with pytest.raises(InputError, match="sigma_min"):
        make_path("ve", sigma_min=0.0)
