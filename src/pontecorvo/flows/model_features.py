"""A model's feature map in the flow's own coordinates and standardised conditions."""

import torch
from torch import Tensor

from ..base.errors import InputError
from .conditions import Conditions
from .coordinates import Coordinates
from .feature_maps import FeatureMap, feature_map
from .networks import Network


def attach(
    network: Network, given: FeatureMap | None, coordinates: Coordinates, conditions: Conditions
) -> None:
    """Give a network the features that its settings name, or that are handed over.

    Raises:
        InputError: If there are none, or they are made for another flow.
    """
    settings, dim = network.settings, len(coordinates.periodic)
    if given is None and not settings.features:
        raise InputError(
            "network: it reads features that belong to a model; load it with those of the model"
        )
    known = feature_map(settings.features) if settings.features else given
    assert known is not None
    name = settings.features or "handed over"
    if (dim, len(conditions)) != (known.dim, known.conditions):
        raise InputError(
            f"network features {name}: need {known.dim} coordinates and {known.conditions} "
            f"conditions; this flow has {dim} and {len(conditions)}"
        )
    if known.size != settings.extra_size:
        raise InputError(
            f"network features {name}: are {known.size}; this network reads {settings.extra_size}"
        )
    network.extra = ModelFeatures(known, coordinates, conditions)


class ModelFeatures:
    """Features of points as the network sees them.

    Args:
        map: The model's feature map.
        coordinates: From the flow's coordinates to the cube.
        conditions: Scales of the conditions.
    """

    def __init__(self, map: FeatureMap, coordinates: Coordinates, conditions: Conditions) -> None:
        self.map = map
        self.coordinates = coordinates
        self.conditions = conditions

    def _physical(self, condition: Tensor, n: int) -> Tensor:
        own = condition[:, : self.map.conditions].double()
        values = own * self.conditions.scale + self.conditions.mean
        return values.expand(n, -1)

    def value(self, x: Tensor, condition: Tensor) -> Tensor:
        """Features (N, size) at points (N, D), conditions standardised (N or 1, C)."""
        physical = self._physical(condition, len(x))
        if torch.is_grad_enabled() and x.requires_grad:
            u, _ = self.coordinates.to_cube(x)
            return self.map.differentiable(u, physical).float()
        u, _ = self.coordinates.to_cube(x.detach())
        return torch.from_numpy(self.map.values(u.numpy(), physical.numpy())).float()

    def dual(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, size) and their derivatives (N, D, size) by the flow's coordinates."""
        physical = self._physical(condition, len(x))
        u, slope = self.coordinates.to_cube_by_coordinate(x.detach())
        value, slopes = self.map.values_and_slopes(u.numpy(), physical.numpy())
        by_line = torch.from_numpy(slopes) * torch.exp(slope).unsqueeze(2)
        by_flow = torch.einsum("ij,nif->njf", self.coordinates.matrix, by_line)
        return torch.from_numpy(value).float(), by_flow.float()
