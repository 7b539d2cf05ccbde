"""What problems of lepton flavour share: settings, measurement, the search for modes."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from ...base.yaml_files import Whole
from ...core.measurement import GaussianMeasurement
from ...core.model import Model
from ...core.problem import Problem, Sampler
from ...core.settings import ModelSettings, StudySettings
from ...core.target import Target
from .lepton_data import lepton_measurement


class FlavourSettings(ModelSettings):
    """Settings of a flavour study: which ordering, fitted to what."""

    ordering: Literal["no", "io"] = "no"
    data: Literal["nufit-6.1", "juno-207d"] = Field(
        "nufit-6.1",
        description="NuFIT 6.1 with SK-atm; juno-207d: its solar pair replaced by JUNO's own",
    )
    starts: Whole = Field(16_000, ge=100, description="modes: starts of least squares")

    @field_validator("ordering", mode="before")
    @classmethod
    def _norway(cls, value: Any) -> Any:
        # YAML reads a bare `no` as False
        return "no" if value is False else (value.lower() if isinstance(value, str) else value)


class FlavourProblem(Problem):
    """A model of lepton flavour and what oscillations say. Subclass it and say `build_model`."""

    Settings: ClassVar[type[StudySettings]] = FlavourSettings
    settings: Any
    method: ClassVar[str] = "smc"
    """Method where the settings name none."""

    def default_name(self) -> str:
        """The kind and the ordering."""
        return f"{self.kind}-{self.settings.ordering}"

    def build_model(self) -> Model:
        """The model with the settings in force."""
        raise NotImplementedError

    def build_measurement(self, model: Model) -> GaussianMeasurement:
        """Everything that is known of the model's observables."""
        names = [quantity.name for quantity in model.observables]
        return lepton_measurement(self.settings.ordering, names, self.settings.data)

    def build_target(self) -> Target:
        """Posterior of the model's parameters."""
        model = self.build_model()
        return Target(model, self.build_measurement(model))

    def samplers(self) -> Mapping[str, Sampler]:
        """``modes`` searches all separate modes and weighs them."""
        from ...samplers.modes import ModeSettings, sample_modes

        return {"modes": partial(sample_modes, settings=ModeSettings(self.settings.starts))}

    def default_method(self) -> str:
        """Method where the settings name none."""
        return self.method
