"""Settings of the seesaw's prior, and of others that the report shows beside it."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ...base.yaml_files import Number, a_number
from ...core.problem import LogRatio
from ...study.prior_dependence import RUN
from .alternative_priors import alternatives, reaches_beyond, seesaw_ratio
from .haar_prior import LightPrior
from .model import Seesaw, SeesawPrior

Size = Annotated[float, Field(gt=0, le=1e3, allow_inf_nan=False), BeforeValidator(a_number)]
Least = Annotated[float, Field(ge=1e-30, allow_inf_nan=False), BeforeValidator(a_number)]
Decade = Annotated[float, Field(ge=0, le=30, allow_inf_nan=False), BeforeValidator(a_number)]


class PriorSettings(BaseModel):
    """Prior of the seesaw; see `model.SeesawPrior`."""

    model_config = ConfigDict(extra="forbid")

    yukawa: Literal["uniform", "log-uniform"] = "uniform"
    yukawa_max: Size = 1.0
    yukawa_min: Least = Field(1e-3, description="for log-uniform only")
    log10_M_min: Decade = Field(12.0, description="of M in GeV")
    log10_M_max: Decade = Field(17.0, description="of M in GeV")

    @model_validator(mode="after")
    def _ascending(self) -> "PriorSettings":
        if not self.log10_M_min < self.log10_M_max:
            raise ValueError(
                f"log10_M_min {self.log10_M_min} must be below log10_M_max {self.log10_M_max}"
            )
        if self.yukawa == "log-uniform" and not self.yukawa_min < self.yukawa_max:
            raise ValueError(
                f"yukawa_min {self.yukawa_min} must be below yukawa_max {self.yukawa_max}"
            )
        return self

    def build(self) -> SeesawPrior:
        """The model's own form of these settings."""
        return SeesawPrior(**self.model_dump())


class OtherPrior(BaseModel):
    """A prior under which the draws are shown too. What is not given is as in the run."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, description="its row in the report")
    yukawa: Literal["uniform", "log-uniform"] | None = None
    yukawa_max: Size | None = None
    yukawa_min: Least | None = Field(None, description="for log-uniform only")
    log10_M_min: Decade | None = Field(None, description="of M in GeV")
    log10_M_max: Decade | None = Field(None, description="of M in GeV")
    light: Literal["yukawas", "masses", "haar"] = Field(
        "yukawas",
        description="light neutrinos as the Yukawas make them; masses: log-uniform masses, Haar's "
        "measure for U; haar: the same, and U independent of all else",
    )
    lightest: Number = Field(
        1e-4, gt=0, le=1e3, description="smallest light mass in eV, for masses and haar"
    )
    boost: Number = Field(
        1.0, gt=0, le=100, description="width of the three components of R's boost, for haar"
    )

    @model_validator(mode="after")
    def _light_needs_flat(self) -> "OtherPrior":
        if self.light != "yukawas" and self.yukawa == "log-uniform":
            raise ValueError(f"light {self.light} changes the flat prior: yukawa must be uniform")
        return self

    def settings(self, now: PriorSettings) -> SeesawPrior:
        """This prior's settings, the run's own where nothing is said.

        Raises:
            ValueError: If they contradict each other.
        """
        said = self.model_dump(include=set(PriorSettings.model_fields), exclude_none=True)
        if self.light != "yukawas":
            said["yukawa"] = "uniform"
        return PriorSettings(**{**now.model_dump(), **said}).build()

    def log_ratio(self, model: Seesaw, now: PriorSettings) -> LogRatio:
        """Its density over that of the run's prior."""
        light = None
        if self.light != "yukawas":
            light = LightPrior(self.light, self.lightest, self.boost)
        return seesaw_ratio(model, self.settings(now), light)


def check_other_priors(others: list[OtherPrior], now: PriorSettings) -> None:
    """See that each can be answered from draws under the run's prior, and has its own name.

    Raises:
        ValueError: If not.
    """
    if not others:
        return
    names = {RUN, *alternatives(Seesaw("no", now.build()))}
    for index, other in enumerate(others):
        place = f"other_priors.{index}"
        if other.name in names:
            raise ValueError(f"{place}.name: {other.name!r} is the name of another row; rename it")
        names.add(other.name)
        try:
            settings = other.settings(now)
        except ValueError as error:
            raise ValueError(f"{place}: {_reason(error)}") from None
        outside = reaches_beyond(now.build(), settings)
        if outside:
            raise ValueError(f"{place}: {outside}")


def _reason(error: ValueError) -> str:
    """One line of pydantic's many."""
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
    return str(error)
