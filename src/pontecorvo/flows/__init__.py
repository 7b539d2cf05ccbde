"""The generative engine: diffusion and flow matching on the unit cube, with exact densities.

It knows no model. `noise_schedules`, `networks`, `denoiser`, `guidance` (fields), `ode_samplers`
and `density` each hold one idea; `trainer` fits them, and `ConditionalFlow` joins them.

Shapes: points u (n, D) of the cube, conditions (n, C), log-densities (n,) with respect to du.
"""

import os
from typing import TYPE_CHECKING

# PyTorch's threads spin while they wait for each other. On a machine that is busy with anything
# else that made training eight times slower than one thread; told to sleep, they share.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:
    from .batches import ArrayExamples, Examples, SimulatedExamples
    from .conditional_flow import ConditionalFlow
    from .density import Draws, FlowReport
    from .feature_maps import FeatureMap, feature_map
    from .flow_settings import FlowSettings, History, TrainSettings
    from .guidance import Field, GradientGuided
    from .networks import NetworkSettings
    from .store import load_flow, save_flow
else:
    from ..base.lazy_names import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "batches": (
                "ArrayExamples",
                "Examples",
                "SimulatedExamples",
            ),
            "conditional_flow": ("ConditionalFlow",),
            "density": (
                "Draws",
                "FlowReport",
            ),
            "feature_maps": (
                "FeatureMap",
                "feature_map",
            ),
            "flow_settings": (
                "FlowSettings",
                "History",
                "TrainSettings",
            ),
            "guidance": (
                "Field",
                "GradientGuided",
            ),
            "networks": ("NetworkSettings",),
            "store": (
                "load_flow",
                "save_flow",
            ),
        },
    )

__all__ = [
    "ArrayExamples",
    "ConditionalFlow",
    "Draws",
    "Examples",
    "FeatureMap",
    "Field",
    "FlowReport",
    "FlowSettings",
    "GradientGuided",
    "History",
    "NetworkSettings",
    "SimulatedExamples",
    "TrainSettings",
    "feature_map",
    "load_flow",
    "save_flow",
]
