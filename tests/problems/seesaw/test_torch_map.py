"""Derivatives of the forward map: gradcheck, torch.func, and points near degeneracy."""

import numpy as np
import pytest
import torch

from pontecorvo.base.errors import InputError
from pontecorvo.physics.pmns import haar_unitary
from pontecorvo.problems.seesaw import torch_map as torch_kernel
from pontecorvo.problems.seesaw.fast_map import labels_from_theta, observables_from_theta
from seesaw_points import prior_points

# PyTorch 2.13 warns of its own use of torch.jit.script when forward mode is first used.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")

FUNCTIONS = {
    "observables": (torch_kernel.observables, observables_from_theta),
    "labels": (torch_kernel.labels, labels_from_theta),
}


def near_the_data(n: int, seed: int) -> torch.Tensor:
    """Prior points with one common mass scale, so that splittings are about 1e-3 eV^2."""
    theta = prior_points(n, seed, low=14.0, high=15.0)
    return torch.from_numpy(theta)


def normalised(function, theta, ordering):
    """Outputs divided by constants, so that gradcheck's absolute tolerance sees the splittings."""
    scale = function(theta.detach(), ordering).abs()
    return lambda t: function(t, ordering) / scale


@pytest.mark.parametrize("ordering", ["no", "io"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradcheck_reverse_and_forward_mode(name, ordering):
    theta = near_the_data(6, seed=1).requires_grad_()
    function = normalised(FUNCTIONS[name][0], theta, ordering)
    assert torch.autograd.gradcheck(
        function, (theta,), eps=1e-6, rtol=1e-5, atol=1e-5, check_forward_ad=True
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_forward_is_the_numba_kernel(name):
    ours, reference = FUNCTIONS[name]
    theta = near_the_data(50, seed=2)
    np.testing.assert_array_equal(ours(theta, "io").numpy(), reference(theta.numpy(), "io"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_torch_func_modes_agree(name):
    function = FUNCTIONS[name][0]
    theta = near_the_data(4, seed=3)

    def of_one(t):
        return function(t, "no")

    forward = torch.func.vmap(torch.func.jacfwd(of_one))(theta)
    reverse = torch.func.vmap(torch.func.jacrev(of_one))(theta)
    assert forward.shape == (4, 11 if name == "labels" else 5, 23)
    torch.testing.assert_close(forward, reverse, rtol=1e-9, atol=1e-9 * float(reverse.abs().max()))
    tangent = torch.randn(4, 23, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    value, derivative = torch.func.jvp(of_one, (theta,), (tangent,))
    torch.testing.assert_close(value, function(theta, "no"))
    expected = torch.einsum("noi,ni->no", reverse, tangent)
    torch.testing.assert_close(derivative, expected, rtol=1e-8, atol=1e-8)


def test_scaling_all_heavy_masses_has_the_exact_derivative():
    theta = near_the_data(20, seed=4)
    tangent = torch.zeros_like(theta)
    tangent[:, 18:21] = 1.0  # m ~ 1/M: d ln dm2 / d log10 M = -2 ln 10, angles do not move
    value, derivative = torch.func.jvp(
        lambda t: torch_kernel.observables(t, "no"), (theta,), (tangent,)
    )
    torch.testing.assert_close(derivative[:, :2], -2.0 * np.log(10.0) * value[:, :2])
    assert derivative[:, 2:].abs().max() < 1e-11


def degenerate_theta(gap: float) -> torch.Tensor:
    """Y unitary and heavy masses that agree to ``gap``: so do the light ones."""
    theta = torch.zeros(2, 23, dtype=torch.float64)
    theta[0, [0, 4, 8]] = 1.0  # all angles 0 or 90 degrees
    mixed = haar_unitary(1, np.random.default_rng(7))[0]
    theta[1, :9], theta[1, 9:18] = (
        torch.tensor(mixed.real.ravel()),
        torch.tensor(mixed.imag.ravel()),
    )
    theta[:, 18:21] = torch.tensor([14.0, 14.0 + gap, 14.5], dtype=torch.float64)
    return theta


@pytest.mark.parametrize("gap", [0.0, 1e-15, 1e-12, 1e-9, 1e-6])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_finite_at_and_near_degeneracy(name, gap):
    theta = degenerate_theta(gap).requires_grad_()
    output = FUNCTIONS[name][0](theta, "no")
    assert torch.isfinite(output).all()
    (gradient,) = torch.autograd.grad(output.sum(), theta)
    assert torch.isfinite(gradient).all()


def test_near_degeneracy_the_gradient_is_still_right():
    theta = near_the_data(1, seed=5)
    theta[0, :18] = 0.0
    theta[0, [0, 4, 8]] = 1.0
    theta[0, [1, 3, 2, 6, 5, 7]] = torch.tensor([0.3, -0.3, 0.2, -0.2, 0.1, -0.1]).double()
    theta[0, 18:21] = torch.tensor([14.0, 14.00001, 14.5])
    theta[0, 21:] = 0.0
    theta.requires_grad_()
    function = normalised(torch_kernel.observables, theta, "no")
    assert torch.autograd.gradcheck(function, (theta,), eps=1e-9, rtol=1e-3, atol=1e-2)


def test_float32_and_leading_axes():
    theta = near_the_data(6, seed=6).float().reshape(2, 3, 23).requires_grad_()
    output = torch_kernel.labels(theta, "no")
    assert output.shape == (2, 3, 11)
    assert output.dtype == torch.float32
    output.sum().backward()
    assert theta.grad is not None
    assert theta.grad.shape == theta.shape


def test_bad_input_is_one_sentence():
    with pytest.raises(InputError, match=r"shape \(\.\.\., 23\)"):
        torch_kernel.observables(torch.zeros(2, 22), "no")
    with pytest.raises(InputError, match='"no" or "io"'):
        torch_kernel.observables(torch.zeros(2, 23), "normal")
