"""What a run is told: settings of a seesaw study, checked by a schema, all of them written out."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ...base.errors import InputError
from ...base.yaml_files import FilePath, Number
from ...core.measurement import GaussianMeasurement
from ...core.settings import ModelSettings, TrainingSettings
from ...core.target import Target
from ..flavour.nufit import OSCILLATION, founding_paper_box, nufit
from .model import Seesaw, observables_of
from .prior_settings import OtherPrior, PriorSettings, check_other_priors

RANGES: dict[str, tuple[float, float]] = {
    "dm2_21": (6.0e-5, 9.0e-5),
    "dm2_3l": (2.2e-3, 2.8e-3),
    "sin2_theta12": (0.20, 0.42),
    "sin2_theta13": (0.012, 0.034),
    "sin2_theta23": (0.30, 0.70),
}
"""Range of each observable (eV^2 for the splittings; abs of dm2_3l) that the shipped networks
learned: NuFIT's by six to ten sigma on either side, so that past and future measurements lie
inside."""


class SeesawTraining(TrainingSettings):
    """How a seesaw's network is trained; ``ranges`` has dm2_3l by its abs."""

    @field_validator("ranges")
    @classmethod
    def _known(cls, value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        for name, (low, high) in value.items():
            if name not in RANGES:
                raise ValueError(f"{name!r} is no observable; allowed: {', '.join(RANGES)}")
            if not 0 < low < high or (name.startswith("sin2") and high >= 1):
                raise ValueError(f"{name}: [{low}, {high}] must ascend, above 0 (sin2: below 1)")
        return value


class SeesawSettings(ModelSettings):
    """Everything that decides a seesaw run. The defaults are the project's reference study."""

    study: Literal["seesaw"] = "seesaw"
    ordering: Literal["no", "io"] = "no"
    measurement: Literal["nufit-6.0"] | dict[str, Any] | FilePath = Field(
        "nufit-6.0", description="nufit-6.0, a measurement file, or its content"
    )
    variant: Literal["with-sk", "without-sk"] = Field("with-sk", description="of NuFIT 6.0")
    likelihood: Literal["gaussian", "two-piece", "box", "founding-box"] = Field(
        "gaussian", description="how NuFIT is read; founding-box: 3 sigma on the 11 labels"
    )
    include_delta: bool = Field(False, description="take NuFIT's delta_cp into the likelihood")
    correlations: list[tuple[str, str, Number]] = Field(
        default_factory=list, description="[name, name, coefficient] of NuFIT's quantities"
    )
    prior: PriorSettings = PriorSettings()
    other_priors: list[OtherPrior] = Field(
        default_factory=list, description="shown beside the run's own, by reweighting its draws"
    )
    vev: Number = Field(174.1, gt=0, le=1e6, description="<H> in GeV (assumed value)")
    method: Literal["network", "exact", "smc", "nautilus", "emcee", "rounds"] | None = Field(
        None, description="none: the shipped network where it serves, else exact"
    )
    training: SeesawTraining = SeesawTraining()

    @field_validator("ordering", mode="before")
    @classmethod
    def _norway(cls, value: Any) -> Any:
        # YAML reads a bare `no` as False
        return "no" if value is False else (value.lower() if isinstance(value, str) else value)

    @field_validator("measurement", mode="before")
    @classmethod
    def _a_name_a_file_or_content(cls, value: Any) -> Any:
        if isinstance(value, (str, dict, Path)):
            return value
        raise ValueError(f"{value!r} is not allowed (give nufit-6.0, a YAML file, or its content)")

    @model_validator(mode="after")
    def _other_priors(self) -> "SeesawSettings":
        check_other_priors(self.other_priors, self.prior)
        return self

    def build_measurement(self) -> GaussianMeasurement:
        """The measurement in force."""
        if self.measurement != "nufit-6.0":
            if self.correlations or self.include_delta or self.likelihood != "gaussian":
                raise InputError(
                    "likelihood, include_delta and correlations are for nufit-6.0; "
                    "with a measurement of your own, give them there"
                )
            from ...core.measurement_file import read_measurement

            source = self.measurement
            return read_measurement(
                source, "measurement", list(observables_of(self.ordering).values())
            )  # type: ignore[arg-type]
        if self.likelihood == "box" and self.correlations:
            raise InputError("correlations: a box has none; give likelihood gaussian or two-piece")
        if self.likelihood == "founding-box":
            if self.correlations or self.include_delta:
                raise InputError("founding-box: takes neither correlations nor delta_cp")
            return founding_paper_box(self.ordering, self.variant)
        names = (*OSCILLATION, "delta_cp") if self.include_delta else OSCILLATION
        measurement = nufit(self.ordering, self.variant, names, self.likelihood)
        if not self.correlations:
            return measurement
        from ...core.measurement_file import correlation_matrix

        matrix = correlation_matrix(list(names), self.correlations)
        return GaussianMeasurement(
            measurement.quantities, self.likelihood, matrix, measurement.source
        )

    def build(self, measurement: GaussianMeasurement | None = None) -> Target:
        """The posterior that is wanted; of the measurement in force, unless another is given."""
        measurement = measurement or self.build_measurement()
        prior = self.prior.build()
        model = Seesaw(self.ordering, prior, self.vev, measurement.names)
        return Target(model, measurement)
