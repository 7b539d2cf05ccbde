"""Settings of the study `juno`, checked by a schema."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ...base.yaml_files import Error, Number
from ...core.settings import SamplerSettings, StudySettings
from .juno import JunoSetting
from .model import DM2_21_RANGE, SIN2_12_RANGE


class ExperimentSettings(BaseModel):
    """Choices of the analysis; the defaults are that of the released data."""

    model_config = ConfigDict(extra="forbid")

    ordering: Literal["NO", "IO"] = Field("NO", description="mass ordering")
    statistic: Literal["cnp", "pearson", "neyman", "poisson"] = Field(
        "cnp", description="how counts scatter; cnp: combined Neyman-Pearson, JUNO's own"
    )
    flux: Literal["dayabay", "dayabay-fixed", "huber-mueller"] = Field(
        "dayabay", description="reactor spectrum: Daya Bay's with its covariance, without, or HM"
    )
    lithium: Literal["linear", "tilt", "bins", "fixed"] = Field(
        "linear", description="what is not known of the shape of 9Li/8He"
    )
    shape: Number = Field(
        0.0, ge=0, le=1, description="further relative uncertainty of the signal, bin by bin"
    )
    density: Number = Field(2.55, ge=0, le=20, description="matter along the path, g/cm^3")
    rescale: bool = Field(True, description="JUNO's own spectrum without oscillation, bin by bin")
    daya_bay: bool = Field(True, description="Daya Bay's cores at 215 km in the signal")
    recoil: bool = Field(True, description="the neutron's recoil in the response")
    energy_pulls: bool = Field(True, description="scale, resolution and non-linearity vary")
    prefit: bool = Field(True, description="backgrounds centred on their rates before JUNO's fit")
    rate: bool = Field(True, description="the signal's rate varies")

    def setting(self) -> JunoSetting:
        """The same for the experiment."""
        return JunoSetting(**self.model_dump())


class PriorSettings(BaseModel):
    """Flat in the solar parameters; Gaussian in what Daya Bay measured."""

    model_config = ConfigDict(extra="forbid")

    sin2_theta12: tuple[Number, Number] = Field(SIN2_12_RANGE, description="flat, [low, high]")
    dm2_21: tuple[Number, Number] = Field(DM2_21_RANGE, description="flat, eV^2, [low, high]")
    sin2_theta13: tuple[Number, Error] | None = Field(
        None, description="[value, error]; none: Daya Bay's"
    )
    dm2_3l: tuple[Number, Error] | None = Field(
        None, description="eV^2, [value, error], negative for IO; none: Daya Bay's"
    )

    @field_validator("sin2_theta12", "dm2_21")
    @classmethod
    def _ascending(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0 < value[0] < value[1]:
            raise ValueError(f"[{value[0]:g}, {value[1]:g}] must ascend and be positive")
        return value

    @field_validator("sin2_theta12")
    @classmethod
    def _sine(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[1] > 1:
            raise ValueError(f"the upper end {value[1]:g} of a squared sine must not exceed 1")
        return value

    @field_validator("sin2_theta13")
    @classmethod
    def _small(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not 0 < value[0] < 0.5:
            raise ValueError(f"sin^2 theta_13 = {value[0]:g} must lie in (0, 0.5)")
        return value


class ForecastSettings(BaseModel):
    """Exposures whose errors the report shows, and what is then known of the spectrum."""

    model_config = ConfigDict(extra="forbid")

    days: tuple[Number, ...] = Field(
        (59.1, 100.0, 207.2, 365.25, 730.5, 1461.0, 2191.5, 3652.5),
        description="live days at the rates of the first data; empty: no forecast",
    )
    shape: Number = Field(0.01, ge=0, le=1, description="relative uncertainty of a 20 keV bin")
    near_detector: bool = Field(
        False, description="a near detector (TAO) replaces Daya Bay's modes"
    )

    @field_validator("days")
    @classmethod
    def _positive(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if any(day <= 0 for day in value):
            raise ValueError("every number of days must be positive")
        return tuple(sorted(value))


class PlaneSettings(BaseModel):
    """The plane on which regions are drawn."""

    model_config = ConfigDict(extra="forbid")

    points: int = Field(29, ge=9, le=201, description="of each axis")
    sigmas: Number = Field(4.0, ge=2, le=8, description="reach to either side of the best fit")


class JunoSettings(StudySettings):
    """Settings of JUNO's three-flavour fit."""

    pulls: Literal["marginal", "profile"] = Field(
        "marginal", description="systematic pulls integrated out, or profiled"
    )
    sampler: SamplerSettings = SamplerSettings()
    experiment: ExperimentSettings = ExperimentSettings()
    prior: PriorSettings = PriorSettings()
    forecast: ForecastSettings = ForecastSettings()
    plane: PlaneSettings = PlaneSettings()
