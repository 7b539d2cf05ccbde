import pytest
import torch
from torch import nn

from pontecorvo.sbi import small_training
from pontecorvo.sbi.small_training import train_small


def line(seed=0):
    torch.manual_seed(seed)
    return nn.Linear(1, 1)


def loss_of(network):
    def loss(step):
        x = torch.linspace(-1, 1, 16)[:, None] + 0.01 * (step % 5)
        return ((network(x) - 3 * x - 1) ** 2).mean()

    return loss


def weights(network):
    return [value.tolist() for value in network.state_dict().values()]


def test_it_learns_a_line():
    network = line()
    losses = train_small(network, loss_of(network), 800, 0.05)
    assert losses[-1] < 1e-3 < losses[0]


def test_taken_up_where_it_was_killed_it_ends_in_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(small_training, "EVERY", 50)
    whole = line()
    train_small(whole, loss_of(whole), 200, 0.05)

    class Killed(Exception):
        pass

    def killed(step, inside=None):
        if step == 120:
            raise Killed
        return inside(step)

    kept, first = tmp_path / "state.npz", line()
    inside = loss_of(first)
    with pytest.raises(Killed):
        train_small(first, lambda step: killed(step, inside), 200, 0.05, kept, "mark")
    assert kept.is_file()
    second, seen = line(1), []
    inside = loss_of(second)

    def watched(step):
        seen.append(step)
        return inside(step)

    train_small(second, watched, 200, 0.05, kept, "mark")
    assert seen[0] == 100
    assert weights(second) == weights(whole)


def test_held_out_simulations_stop_it():
    network, looks = line(), []

    def held_out():
        looks.append(1)
        return torch.tensor(1.0 + len(looks))  # worse at every look

    train_small(network, loss_of(network), 100_000, 0.05, held_out=held_out)
    assert len(looks) <= small_training.PATIENCE + 2
