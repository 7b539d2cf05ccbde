"""Networks with a model's features: the field's divergence and density stay exact."""

import numpy as np
import pytest
import torch

from pontecorvo.base.errors import InputError
from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.flows.flow_settings import FlowSettings
from pontecorvo.flows.guidance import NetworkField, differentiate
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.problems.flavour.nufit import OSCILLATION

PERIODIC = [True] * 6 + [False] * 4


@pytest.fixture(scope="module", params=["residual", "hour-glass"])
def flow(request):
    network = NetworkSettings(
        kind=request.param,
        width=16,
        blocks=2,
        embedding=8,
        widths=(16, 8, 16),
        features="seesaw-no",
    )
    flow = ConditionalFlow(10, OSCILLATION, PERIODIC, FlowSettings(network=network))
    rng = np.random.default_rng(3)
    flow.coordinates.fit(torch.from_numpy(rng.beta(2, 3, (500, 10))))
    low = np.array([6e-5, 2.2e-3, 0.2, 0.012, 0.3])
    condition = low * rng.uniform(1, 1.3, (500, 5))
    flow.conditions.fit(condition)
    flow.conditions.set_range(condition, None)
    with torch.no_grad():
        for parameter in flow.denoiser.parameters():
            parameter += 0.1 * torch.randn(parameter.shape)
    return flow


def test_the_diagonal_is_that_of_automatic_differentiation(flow):
    condition = torch.randn(7, 5)
    field = NetworkField(flow.denoiser, condition)
    x, s = torch.randn(7, 10) * 0.8, torch.tensor(0.4, dtype=torch.float64)
    with torch.no_grad():
        value, diagonal = field.velocity_and_diagonal(x, s)
    again, slow = differentiate(field, x, s)
    np.testing.assert_allclose(value, again, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(diagonal, slow, rtol=2e-3, atol=2e-4)


def test_reloaded_network_gives_the_same_draws(flow, tmp_path):
    flow.save(tmp_path / "net")
    again = ConditionalFlow.load(tmp_path / "net")
    condition = flow.conditions.mean.numpy()
    first = flow.sample(condition, 50, 1, with_density=True, nodes=4)
    second = again.sample(condition, 50, 1, with_density=True, nodes=4)
    np.testing.assert_array_equal(first.u, second.u)
    np.testing.assert_array_equal(first.log_density, second.log_density)


def test_features_of_another_shape_are_refused():
    network = NetworkSettings(features="seesaw-io")
    with pytest.raises(InputError, match="need 10 coordinates and 5 conditions"):
        ConditionalFlow(3, (), None, FlowSettings(network=network))
    with pytest.raises(InputError, match="features 'seesaw' are unknown"):
        NetworkSettings(features="seesaw")


class Squares:
    """A feature map that is handed over: squares of the coordinates."""

    size, dim, conditions = 2, 2, 1

    def differentiable(self, u, condition):
        return u**2 + 0 * condition

    def values(self, u, condition):
        return u**2

    def values_and_slopes(self, u, condition):
        slopes = np.zeros((len(u), 2, 2))
        slopes[:, [0, 1], [0, 1]] = 2 * u
        return u**2, slopes


def test_features_that_are_handed_over(tmp_path):
    settings = FlowSettings(network=NetworkSettings(width=16, blocks=1, embedding=8, given=2))
    flow = ConditionalFlow(2, ["c"], None, settings, 1, Squares())
    rng = np.random.default_rng(3)
    flow.coordinates.fit(torch.from_numpy(rng.beta(2, 3, (500, 2))))
    condition = rng.normal(size=(500, 1))
    flow.conditions.fit(condition)
    flow.conditions.set_range(condition, None)
    with torch.no_grad():
        for parameter in flow.denoiser.parameters():
            parameter += 0.1 * torch.randn(parameter.shape)
    field = NetworkField(flow.denoiser, torch.randn(7, 1))
    x, s = torch.randn(7, 2) * 0.8, torch.tensor(0.4, dtype=torch.float64)
    with torch.no_grad():
        _, diagonal = field.velocity_and_diagonal(x, s)
    _, slow = differentiate(field, x, s)
    np.testing.assert_allclose(diagonal, slow, rtol=2e-3, atol=2e-4)
    card = flow.save(tmp_path / "net")
    again = ConditionalFlow.load(card, Squares())
    first, second = (f.sample([0.1], 50, 1, with_density=True) for f in (flow, again))
    np.testing.assert_array_equal(first.log_density, second.log_density)
    with pytest.raises(InputError, match="features that belong to a model"):
        ConditionalFlow.load(card)


def test_features_that_do_not_fit_are_refused():
    network = NetworkSettings(given=3)
    with pytest.raises(InputError, match="are 2; this network reads 3"):
        ConditionalFlow(2, ["c"], None, FlowSettings(network=network), 1, Squares())
    with pytest.raises(InputError, match="the number of features that are handed over"):
        NetworkSettings(given=-1)
    with pytest.raises(InputError, match="none where features are named"):
        NetworkSettings(given=2, features="seesaw-no")
