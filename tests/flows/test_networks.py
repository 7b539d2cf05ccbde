import pytest
import torch

from pontecorvo.base.errors import InputError
from pontecorvo.flows.denoiser import TARGETS, Denoiser
from pontecorvo.flows.guidance import GradientGuided, NetworkField, differentiate, network_field
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.flows.noise_schedules import PERIOD, make_path

MIXED = torch.tensor([False, True, False])
SMALL = {
    "residual": NetworkSettings(width=24, blocks=2, embedding=16),
    "hour-glass": NetworkSettings(kind="hour-glass", widths=(24, 12, 8, 6, 8, 12, 24)),
}
S = torch.tensor(0.4, dtype=torch.float64)


def random_denoiser(path="flow-matching", kind="residual", target="velocity", **settings):
    torch.manual_seed(3)
    denoiser = Denoiser(MIXED, 2, make_path(path), SMALL[kind], target, **settings)
    for parameter in denoiser.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return denoiser.requires_grad_(False)


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("path", ["flow-matching", "vp", "ve"])
@pytest.mark.parametrize("target", ["velocity", "noise", "score"])
def test_tangents_are_the_jacobian_and_the_field_is_periodic(kind, path, target):
    denoiser = random_denoiser(path, kind, target)
    field = NetworkField(denoiser, torch.randn(1, 2))
    x = torch.randn(6, 3)
    value, diagonal = field.velocity_and_diagonal(x, S)
    exact_value, exact_diagonal = differentiate(field, x, S)
    torch.testing.assert_close(value, exact_value, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(diagonal, exact_diagonal, rtol=1e-4, atol=1e-4)
    turned = x + torch.tensor([0.0, 2 * PERIOD, 0.0])
    torch.testing.assert_close(field.velocity(turned, S), value, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("path", ["flow-matching", "vp", "ve"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_network_without_loss_has_the_right_velocity(path, target):
    """Whatever is predicted, a raw output equal to its target gives v = a' x_0 + b' eps."""
    line = torch.tensor([False, False])
    denoiser = Denoiser(line, 0, make_path(path), SMALL["residual"], target)
    data, noise = torch.randn(2, 5, 2)
    level = denoiser.level(S)
    x, velocity = level.a * data + level.b * noise, level.da * data + level.db * noise
    _c_in, c_x, c_out = denoiser._rule(level)
    wanted = {"noise": noise, "score": -noise, "data": data}.get(
        target, (velocity - c_x * x) / c_out
    )
    denoiser.network.forward = lambda points, context: wanted
    torch.testing.assert_close(denoiser.velocity(x, S, []), velocity, rtol=1e-4, atol=1e-4)
    loss = denoiser.loss(data, noise, S.expand(5), torch.zeros(5, 0))
    assert float(loss.max()) < 1e-8


def test_null_label_hides_the_condition():
    for null in ("learned", "zeros"):
        torch.manual_seed(0)
        settings = NetworkSettings(width=16, blocks=1, embedding=8, null=null)
        denoiser = Denoiser(MIXED, 2, make_path("vp"), settings)
        for parameter in denoiser.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        x = torch.randn(4, 3)
        fields = [NetworkField(denoiser, torch.randn(1, 2), conditional=c) for c in (True, False)]
        other = [NetworkField(denoiser, torch.randn(1, 2), conditional=c) for c in (True, False)]
        assert not torch.allclose(fields[0].velocity(x, S), other[0].velocity(x, S))
        torch.testing.assert_close(fields[1].velocity(x, S), other[1].velocity(x, S))
        if null == "zeros":
            zero = NetworkField(denoiser, torch.zeros(1, 2))
            torch.testing.assert_close(zero.velocity(x, S), fields[1].velocity(x, S))


def test_classifier_free_field_is_linear_in_its_parts():
    denoiser = random_denoiser()
    condition, x = torch.randn(1, 2), torch.randn(5, 3)
    full = NetworkField(denoiser, condition).velocity_and_diagonal(x, S)
    null = NetworkField(denoiser, condition, conditional=False).velocity_and_diagonal(x, S)
    guided = network_field(denoiser, condition, 3.0).velocity_and_diagonal(x, S)
    for g, c, n in zip(guided, full, null, strict=True):
        torch.testing.assert_close(g, n + 3 * (c - n), rtol=1e-4, atol=1e-4)
    zero = network_field(denoiser, condition, 0.0).velocity(x, S)
    torch.testing.assert_close(zero, null[0])


def test_low_precision_derivatives_stay_close():
    field = NetworkField(random_denoiser(), torch.randn(1, 2))
    low = NetworkField(field.denoiser, field.condition, precision=torch.bfloat16)
    x = torch.randn(200, 3)
    exact = field.velocity_and_diagonal(x, S)[1].sum(1)
    near = low.velocity_and_diagonal(x, S)[1].sum(1)
    assert float((near - exact).abs().max()) < 0.03 * float(exact.abs().max())
    assert not torch.equal(near, exact)


def test_gradient_guidance_differentiates():
    field = NetworkField(random_denoiser(), torch.randn(1, 2))
    guided = GradientGuided(field, lambda y: -0.5 * (y[:, 0] - 1) ** 2 / 0.1, scale=0.7)
    x = torch.randn(4, 3)
    value, diagonal = guided.velocity_and_diagonal(x, S)
    step = 1e-2
    for index in range(3):
        move = torch.zeros(3)
        move[index] = step
        slope = (guided.velocity(x + move, S) - guided.velocity(x - move, S))[:, index] / 2 / step
        torch.testing.assert_close(diagonal[:, index], slope, rtol=0.05, atol=0.05)
    assert not torch.allclose(value, field.velocity(x, S))


def test_bad_settings_are_refused():
    with pytest.raises(InputError, match="did you mean 'residual'"):
        NetworkSettings(kind="residul")
    with pytest.raises(InputError, match="network sizes"):
        NetworkSettings(width=0)
    with pytest.raises(InputError, match="null"):
        NetworkSettings(null="none")
    with pytest.raises(InputError, match="periodic"):
        random_denoiser(target="data")
    with pytest.raises(InputError, match="did you mean 'noise'"):
        random_denoiser(target="nois")
