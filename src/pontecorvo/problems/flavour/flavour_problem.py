"""What problems of lepton flavour share: settings, measurement, the search for modes."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from ...base.errors import InputError
from ...base.yaml_files import Whole, a_word
from ...core.draws import Draws
from ...core.exploration import Exploration
from ...core.measurement import GaussianMeasurement
from ...core.model import Model
from ...core.problem import Problem, Sampler
from ...core.quantity import Quantity
from ...core.settings import ModelSettings, StudySettings
from ...core.target import Target
from .lepton_data import lepton_measurement
from .predicted import Asked, predicted


class FlavourSettings(ModelSettings):
    """Settings of a flavour study: which ordering, fitted to what."""

    ordering: Annotated[Literal["no", "io"], BeforeValidator(a_word)] = "no"
    data: Literal["nufit-6.1", "juno-207d"] = Field(
        "nufit-6.1",
        description="NuFIT 6.1 with SK-atm; juno-207d: its solar pair replaced by JUNO's own",
    )
    starts: Whole = Field(16_000, ge=100, description="modes: starts of least squares")
    predict: Asked = Field(
        default_factory=list, description="further predictions: lfv, lfv-susy, leptogenesis"
    )


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
        """The model with the settings in force. Every problem says its own.

        Raises:
            InputError: If it does not.
        """
        raise InputError(f"{type(self).__name__}: has no build_model; give the Model there")

    def build_measurement(self, model: Model) -> GaussianMeasurement:
        """Everything that is known of the model's observables."""
        names = [quantity.name for quantity in model.observables]
        return lepton_measurement(self.settings.ordering, names, self.settings.data)

    def build_target(self) -> Target:
        """Posterior of the model's parameters."""
        model = self.build_model()
        return Target(model, self.build_measurement(model))

    def extra_predictions(self, draws: Draws) -> tuple[dict[str, np.ndarray], dict[str, Quantity]]:
        """What the settings ask to be predicted beside the model's own."""
        return predicted(self.settings.predict, self.target.model, draws)

    def explore(self) -> Exploration:
        """The forecasts of what the model's observables are."""
        from .forecasts import forecasts

        return Exploration(forecasts=forecasts(self.settings.ordering, self.measurement.names))

    def samplers(self) -> Mapping[str, Sampler]:
        """``modes`` searches all separate modes and weighs them; ``sectors`` pairs both sectors."""
        from ...samplers.modes import ModeSettings, sample_modes
        from .two_sectors import sample_two_sectors

        return {
            "modes": partial(sample_modes, settings=ModeSettings(self.settings.starts)),
            "sectors": sample_two_sectors,
        }

    def citations(self) -> list[str]:
        """The measurement's source, and the global fit that its name means."""
        juno = ["JUNO, arXiv:2511.14593"] if self.settings.data.startswith("juno") else []
        return [*super().citations(), "Esteban2024nufit", *juno]

    def default_method(self) -> str:
        """Method where the settings name none."""
        return self.method
