"""What a network is trained with: ranges of the observables, examples, size, effort."""

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..base.yaml_files import Number, Whole
from ..core.measurement import GaussianMeasurement, Measured
from ..core.target import Target
from ..problems.flavour.nufit import OSCILLATION
from ..problems.seesaw.model import Seesaw

if TYPE_CHECKING:  # these import PyTorch
    from ..flows.flow_settings import FlowSettings, TrainSettings

RANGES: dict[str, tuple[float, float]] = {
    "dm2_21": (6.0e-5, 9.0e-5),
    "dm2_3l": (2.2e-3, 2.8e-3),
    "sin2_theta12": (0.20, 0.42),
    "sin2_theta13": (0.012, 0.034),
    "sin2_theta23": (0.30, 0.70),
}
"""Range of each observable (eV^2 for the splittings; abs of dm2_3l): NuFIT's by six to ten sigma on
either side, so that past and future measurements lie inside."""


class TrainingSettings(BaseModel):
    """How the network of a study is trained; the defaults made the shipped ones."""

    model_config = ConfigDict(extra="forbid")

    ranges: dict[str, tuple[Number, Number]] = Field(
        default_factory=dict, description="of observables, [low, high]; dm2_3l by its abs"
    )
    examples: Whole = Field(2_097_152, ge=1024, description="exact draws to learn from")
    chains: Whole = Field(16_384, ge=64, description="that draw the examples")
    what_ifs: Whole = Field(200, ge=1, description="random measurements of the calibration")
    path: Literal["flow-matching", "vp", "ve"] = "flow-matching"
    prediction: Literal["velocity", "noise", "score"] = "velocity"
    coordinates: Literal["probit", "logit", "affine"] = "probit"
    width: Whole = Field(256, ge=8, le=4096)
    blocks: Whole = Field(5, ge=1, le=64)
    harmonics: Whole = Field(3, ge=1, le=16)
    features: bool = Field(False, description="tell the network the moduli of Y's entries")
    steps: Whole = Field(8_000, ge=1)
    batch: Whole = Field(1024, ge=16)
    learning_rate: Number = Field(2e-3, gt=0, le=1)
    dropout: Number = Field(0.1, ge=0, lt=1, description="of conditions, for guidance")
    model_guidance: Number = Field(
        0.0, ge=0, le=100, description="largest guidance scale that is learned; 0: none"
    )
    seed: Whole = Field(0, ge=0, lt=2**63)

    @field_validator("ranges")
    @classmethod
    def _known(cls, value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        for name, (low, high) in value.items():
            if name not in RANGES:
                raise ValueError(f"{name!r} is no observable; allowed: {', '.join(RANGES)}")
            if not 0 < low < high or (name.startswith("sin2") and high >= 1):
                raise ValueError(f"{name}: [{low}, {high}] must ascend, above 0 (sin2: below 1)")
        return value

    def flow(self, model: Seesaw) -> "FlowSettings":
        """Path, network and coordinates."""
        from ..flows.flow_settings import FlowSettings
        from ..flows.networks import NetworkSettings

        return FlowSettings(
            path={"name": self.path},
            prediction=self.prediction,
            network=NetworkSettings(
                width=self.width,
                blocks=self.blocks,
                harmonics=self.harmonics,
                features=model.name if self.features else "",
            ),
            coordinates=self.coordinates,
            model_guidance=self.model_guidance or None,
        )

    def train(self) -> "TrainSettings":
        """Steps, batch, rates."""
        from ..flows.flow_settings import TrainSettings

        return TrainSettings(
            steps=self.steps,
            batch=self.batch,
            learning_rate=self.learning_rate,
            dropout=self.dropout,
            validate_every=1000,
            checkpoint_every=500,
            seed=self.seed,
        )

    def box(self, model: Seesaw) -> Target:
        """The broad posterior to learn from: the model's prior inside the ranges."""
        quantities = []
        for name in OSCILLATION:
            low, high = self.ranges.get(name, RANGES[name])
            if name == "dm2_3l" and model.ordering == "io":
                low, high = -high, -low
            centre, sigma = 0.5 * (low + high), (high - low) / 6
            quantities.append(Measured(name, centre, sigma, sigma, low, high))
        plain = Seesaw(model.ordering, model.prior_settings, model.vev)
        return Target(plain, GaussianMeasurement(quantities, "box", source="training range"))
