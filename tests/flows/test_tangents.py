"""Forward-mode derivatives by hand against PyTorch's own."""

import pytest
import torch
from torch import nn
from torch.func import jacrev, vmap

from pontecorvo.flows.tangents import (
    Dual,
    activate,
    add_linear,
    diagonal_linear,
    linear,
    selu,
    silu,
    tanh,
)

D, H, N = 3, 5, 4


def seeds(x):
    return Dual(x, torch.eye(D, dtype=x.dtype).expand(len(x), D, D))


@pytest.mark.parametrize("rule", [silu, selu, tanh])
@pytest.mark.parametrize("scaled", [False, True])
def test_a_small_network_and_its_divergence(rule, scaled):
    torch.manual_seed(1)
    first, second = nn.Linear(D, H).double(), nn.Linear(H, H).double()
    last = nn.Linear(H, D).double()
    offset = torch.randn(1, H, dtype=torch.float64)
    gain = torch.rand(1, H, dtype=torch.float64) + 0.5 if scaled else None

    def hidden(x):
        y = activate(linear(first, x), rule, offset, gain)
        return add_linear(y, second, activate(y, rule, offset, gain))

    def plain(x):
        return last(hidden(x[None]))[0]

    with torch.no_grad():
        x = torch.randn(N, D, dtype=torch.float64)
        dual = hidden(seeds(x))
        value, diagonal = diagonal_linear(last, dual)
        exact = vmap(jacrev(plain))(x)
        assert torch.allclose(value, last(hidden(x)), atol=1e-12)
        assert torch.allclose(diagonal, exact.diagonal(dim1=1, dim2=2), atol=1e-12)
        full = linear(last, dual).tangent  # (N, inputs, outputs)
        assert torch.allclose(full, exact.transpose(1, 2), atol=1e-12)
