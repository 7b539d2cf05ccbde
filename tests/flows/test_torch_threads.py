"""Blocks in threads, and PyTorch's defaults: neither changes a result or the caller's session."""

import numpy as np
import pytest
import torch

from pontecorvo.flows.conditional_flow import ConditionalFlow
from pontecorvo.flows.torch_threads import map_torch, one_thread, torch_defaults


@pytest.fixture
def foreign_defaults():
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)


def draws():
    flow = ConditionalFlow(2, ("x",), seed=3)
    flow.conditions.range = {"x": (0.0, 1.0)}
    drawn = flow.sample(np.array([0.4]), 40, seed=5, with_density=True)
    return drawn.u, drawn.log_density, flow.log_density(drawn.u[:5], np.array([0.4]))


def test_the_sessions_defaults_change_no_bit(request):
    plain = draws()
    request.getfixturevalue("foreign_defaults")
    for a, b in zip(plain, draws(), strict=True):
        assert np.array_equal(a, b)
    assert torch.get_default_dtype() == torch.float64
    assert torch.get_default_device().type == "meta"


def test_defaults_are_given_back_after_an_error_and_from_inside(foreign_defaults):
    @torch_defaults()
    def broken():
        with torch_defaults():
            assert torch.zeros(1).dtype == torch.float32
        assert torch.zeros(1).device.type == "cpu"
        assert torch.get_default_dtype() == torch.float32
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert torch.get_default_dtype() == torch.float64
    assert torch.zeros(1).device.type == "meta"


def test_a_device_chosen_inside_is_left_alone():
    with torch_defaults(), torch.device("meta"), torch_defaults():
        assert torch.zeros(1).device.type == "meta"


def test_blocks_come_in_order_without_gradients_and_threads_are_given_back():
    before = torch.get_num_threads()
    weight = torch.ones(1, requires_grad=True)
    found = list(map_torch(lambda k: (k * weight, torch.get_num_threads()), range(20)))
    assert [float(value) for value, _ in found] == list(range(20))
    assert not any(value.requires_grad for value, _ in found)
    assert {threads for _, threads in found} == {1}
    assert torch.get_num_threads() == before
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
