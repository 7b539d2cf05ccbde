"""What a run is told: settings of a seesaw study, checked by a schema, all of them written out."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ...base.errors import InputError
from ...base.yaml_files import FilePath, Number, a_word
from ...core.measurement import GaussianMeasurement, NamedLikelihood
from ...core.settings import ModelSettings, TrainingSettings
from ...core.target import Target
from ..flavour.nufit import Variant, founding_paper_box
from ..flavour.predicted import Asked
from .model import Seesaw, observables_of
from .prior_settings import OtherPrior, PriorSettings, check_other_priors

FILES = (".yaml", ".yml", ".csv")
"""Endings by which a measurement is a file and no name."""
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
    ordering: Annotated[Literal["no", "io"], BeforeValidator(a_word)] = "no"
    measurement: str | dict[str, Any] | FilePath = Field(
        "nufit-6.1",
        description="a name or a sum of names ('pontecorvo measurements' lists them), a file, or "
        "a file's content",
    )
    variant: str | None = Field(
        None, description="of named measurements, such as without-sk; none: their own default"
    )
    likelihood: Literal["gaussian", "two-piece", "box", "table", "founding-box"] = Field(
        "gaussian",
        description="how a named measurement is read; table: chi2 tables where they ship; "
        "founding-box: 3 sigma of NuFIT 6.0 on the 11 labels of arXiv:2503.21432",
    )
    include_delta: bool = Field(False, description="take delta_cp into the likelihood")
    correlations: list[tuple[str, str, Number]] = Field(
        default_factory=list, description="[name, name, coefficient] of a named measurement"
    )
    prior: PriorSettings = PriorSettings()
    other_priors: list[OtherPrior] = Field(
        default_factory=list, description="shown beside the run's own, by reweighting its draws"
    )
    vev: Number = Field(174.1, gt=0, le=1e6, description="<H> in GeV (assumed value)")
    running: Literal["none", "sm-one-loop"] = Field(
        "none",
        description="of the light masses between running_scale and low energy; thresholds between "
        "the heavy masses are neglected",
    )
    running_scale: Number = Field(
        1e15, ge=1e3, le=1e17, description="GeV, where the heavy neutrinos are integrated out"
    )
    predict: Asked = Field(
        default_factory=list, description="further predictions: lfv, lfv-susy, leptogenesis"
    )
    method: Literal["network", "exact", "smc", "lift", "nautilus", "emcee", "rounds"] | None = (
        Field(None, description="none: the shipped network where it serves, else exact")
    )
    training: SeesawTraining = SeesawTraining()

    @field_validator("measurement", mode="before")
    @classmethod
    def _a_name_a_file_or_content(cls, value: Any) -> Any:
        if isinstance(value, str):
            return Path(value) if value.lower().endswith(FILES) else value
        if isinstance(value, (dict, Path)):
            return value
        raise ValueError(f"{value!r} is not allowed (give a name, a file, or its content)")

    @model_validator(mode="after")
    def _other_priors(self) -> "SeesawSettings":
        check_other_priors(self.other_priors, self.prior)
        return self

    def build_measurement(self) -> NamedLikelihood:
        """The measurement in force.

        Raises:
            InputError: For a name or file that is unknown or wrong, and options that go with none.
        """
        if not isinstance(self.measurement, str):
            if self.correlations or self.include_delta or self.likelihood != "gaussian":
                raise InputError(
                    "likelihood, include_delta and correlations are for named measurements; "
                    "with one of your own, give them there"
                )
            return self._own_measurement()
        if self.likelihood == "box" and self.correlations:
            raise InputError("correlations: a box has none; give likelihood gaussian or two-piece")
        if self.likelihood == "founding-box":
            if self.correlations or self.include_delta:
                raise InputError("founding-box: takes neither correlations nor delta_cp")
            return founding_paper_box(self.ordering, _founding_variant(self.variant))
        from ..flavour.measurements.named import named

        asked = (self.measurement, self.ordering, self.variant)
        found: NamedLikelihood = named(*asked, shape=self.likelihood)
        if self.include_delta and "delta_cp" not in found.names:
            found = named(*asked, names=(*found.names, "delta_cp"), shape=self.likelihood)
        if not self.correlations:
            return found
        from ...core.measurement_file import correlation_matrix

        if not isinstance(found, GaussianMeasurement):
            raise InputError(
                f"correlations: {self.measurement} as {self.likelihood} is no single Gaussian; "
                "give them in a measurement file"
            )
        matrix = correlation_matrix(list(found.names), self.correlations)
        return GaussianMeasurement(found.quantities, found.shape, matrix, found.source)

    def _own_measurement(self) -> NamedLikelihood:
        from ...core.measurement_file import read_measurement

        if isinstance(self.measurement, dict):
            known = list(observables_of(self.ordering).values())
            return read_measurement(self.measurement, "measurement", known)
        from ..flavour.measurements.resolve import resolve_measurement

        assert isinstance(self.measurement, Path)
        return resolve_measurement(self.measurement, self.ordering)

    def build(self, measurement: NamedLikelihood | None = None) -> Target:
        """The posterior that is wanted; of the measurement in force, unless another is given."""
        measurement = measurement or self.build_measurement()
        prior = self.prior.build()
        model = Seesaw(self.ordering, prior, self.effective_vev(), measurement.names)
        return Target(model, measurement)

    def effective_vev(self) -> float:
        """<H> in GeV with which the tree-level formula gives the masses of low energy.

        m(low) = m(scale) / r with r = kappa(scale) / kappa(m_t): one factor for all entries, since
        the angles move by less than 1e-4 (`problems.flavour.predictions.running`).
        """
        if self.running == "none":
            return self.vev
        from ..flavour.predictions.running import kappa_ratio

        return float(self.vev / kappa_ratio(self.running_scale) ** 0.5)


def _founding_variant(text: str | None) -> Variant:
    if text in (None, "with-sk"):
        return "with-sk"
    if text == "without-sk":
        return "without-sk"
    raise InputError(f"variant {text!r}; allowed: with-sk, without-sk")
