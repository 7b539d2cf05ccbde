"""What a run is told: settings of a seesaw study, checked by a schema, all of them written out."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ...base.errors import InputError
from ...base.yaml_files import Number, Whole
from ...core.measurement import GaussianMeasurement
from ...core.measurement_file import correlation_matrix, read_measurement
from ...core.target import Target
from ...study.training_settings import TrainingSettings
from ..flavour.nufit import OSCILLATION, founding_paper_box, nufit
from .model import Seesaw
from .prior_settings import OtherPrior, PriorSettings, check_other_priors


class SamplerSettings(BaseModel):
    """Effort of the classical samplers. Each method reads its own."""

    model_config = ConfigDict(extra="forbid")

    coordinates: Literal["chart", "parameters"] = Field(
        "chart", description="the model's chart, or the raw parameters"
    )
    proposals: Whole = Field(1 << 22, ge=1 << 16, description="exact: points weighed")
    max_steps: Whole = Field(2000, ge=100, description="exact: most steps of a chain")
    runs: Whole = Field(4, ge=2, description="smc: independent repeated runs")
    particles: Whole = Field(4000, ge=200, description="smc: particles of one run")
    max_sweeps: Whole = Field(1000, ge=10, description="smc: most moves at one temperature")
    live: Whole = Field(3000, ge=100, description="nautilus: live points")
    walkers: Whole = Field(256, ge=64, description="emcee: walkers")
    steps: Whole = Field(20000, ge=100, description="emcee: steps of each walker")


class NetworkChoice(BaseModel):
    """Which network, and how it is used; see `sbi.amortised.NetworkOptions`."""

    model_config = ConfigDict(extra="forbid")

    file: Path | None = Field(None, description="card (JSON) of a network; none: the shipped one")
    guidance: Number = Field(1.0, ge=0, le=100, description="1 is the conditional density")
    nodes: Whole = Field(12, ge=2, le=256, description="of the divergence's quadrature")
    derivatives: Literal["auto", "bfloat16", "float32"] = Field(
        "auto", description="precision of the divergence; auto: bfloat16 where it is fast"
    )
    defensive: Number = Field(0.0, ge=0, lt=1, description="share of uniform draws")
    rejuvenate: Whole = Field(0, ge=0, description="steps of the chains that follow; 0: weights")
    reference: Whole = Field(
        4000, ge=0, description="exact draws that the report shows beneath; 0: none"
    )


class SeesawSettings(BaseModel):
    """Everything that decides a seesaw run. The defaults are the project's reference study."""

    model_config = ConfigDict(extra="forbid")

    study: Literal["seesaw"] = "seesaw"
    ordering: Literal["no", "io"] = "no"
    measurement: Literal["nufit-6.0"] | dict[str, Any] | Path = Field(
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
    method: Literal["network", "exact", "smc", "nautilus", "emcee"] | None = Field(
        None, description="none: the shipped network where it serves, else exact"
    )
    draws: Whole = Field(10_000, ge=1, le=10_000_000)
    seed: Whole = Field(0, ge=0, lt=2**63)
    sampler: SamplerSettings = SamplerSettings()
    network: NetworkChoice = NetworkChoice()
    training: TrainingSettings = TrainingSettings()

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
            source = self.measurement
            return read_measurement(source, "measurement")  # type: ignore[arg-type]
        if self.likelihood == "box" and self.correlations:
            raise InputError("correlations: a box has none; give likelihood gaussian or two-piece")
        if self.likelihood == "founding-box":
            if self.correlations or self.include_delta:
                raise InputError("founding-box: takes neither correlations nor delta_cp")
            return founding_paper_box(self.ordering, self.variant)
        names = (*OSCILLATION, "delta_cp") if self.include_delta else OSCILLATION
        measurement = nufit(self.ordering, self.variant, names, self.likelihood)
        matrix = correlation_matrix(list(names), self.correlations)
        if matrix is None:
            return measurement
        return GaussianMeasurement(
            measurement.quantities, self.likelihood, matrix, measurement.source
        )

    def build(self, measurement: GaussianMeasurement | None = None) -> Target:
        """The posterior that is wanted; of the measurement in force, unless another is given."""
        measurement = measurement or self.build_measurement()
        prior = self.prior.build()
        model = Seesaw(self.ordering, prior, self.vev, measurement.names)
        return Target(model, measurement)
