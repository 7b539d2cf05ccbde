"""What a sterile run is told, checked by a schema."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ...base.errors import InputError
from ...base.yaml_files import FilePath, Whole
from ...core.settings import SamplerSettings
from .estimators import DEFAULT as DEFAULT_ESTIMATORS
from .experiment_settings import ExperimentSettings, split_commas

if TYPE_CHECKING:
    from .model import SterileTarget

SHIPPED_NETWORKS = Path(__file__).parent / "networks" / "plane"


class FrequentistSettings(BaseModel):
    """Effort of the fits and trials that follow the posterior."""

    model_config = ConfigDict(extra="forbid")

    belts: Literal["joint", "all", "none"] = Field(
        "all", description="Feldman-Cousins belts: of the joint fit, of every set, or none"
    )
    points: tuple[Whole, Whole] = Field((30, 30), description="tested points, s22 x dm2")
    trials: Whole = Field(1000, ge=1000, multiple_of=1000, description="trials at every point")
    max_trials: Whole = Field(
        4000, ge=1000, multiple_of=1000, description="most trials, near a boundary"
    )
    tail_trials: Whole = Field(20_000, ge=1000, description="for significances and tensions")

    @model_validator(mode="after")
    def _most_is_most(self) -> "FrequentistSettings":
        if self.max_trials < self.trials:
            raise ValueError(f"max_trials {self.max_trials} must not be below trials {self.trials}")
        return self

    @field_validator("points")
    @classmethod
    def _enough_points(cls, value: tuple[int, int]) -> tuple[int, int]:
        if not all(5 <= number <= 400 for number in value):
            raise ValueError(f"{list(value)} is not allowed (give two numbers between 5 and 400)")
        return value


class SterileSettings(ExperimentSettings):
    """Everything that decides a 3+1 run.

    The default is every experiment that ships, Daya Bay's full release where its package is
    installed, and PROSPECT where its release lies in the data folder.
    """

    study: str = "sterile"
    axes: Literal["sin2-2theta", "ue4-m4"] = Field(
        "sin2-2theta",
        description="coordinates of figures and contours: sin^2 2theta and dm2, or |U_e4|^2 and "
        "m_4; the prior stays flat in the logarithms of the first",
    )
    method: Literal["exact", "smc", "nautilus", "emcee", "rounds"] | None = None
    sampler: SamplerSettings = SamplerSettings(proposals=1 << 20)
    frequentist: FrequentistSettings = FrequentistSettings()
    neural: Literal["shipped", "none"] | FilePath = Field(
        "shipped",
        union_mode="left_to_right",
        description="networks beside the exact posterior: shipped, none, or a folder of networks",
    )
    estimators: list[str] = Field(
        default_factory=lambda: list(DEFAULT_ESTIMATORS),
        description="beside the exact posterior, by name: fmpe, npse, nre, dnre, belts (they "
        "ship), map, fmpe-rounds, npse-rounds, snpe-c (trained for the data), or all",
    )
    nuisances: bool | FilePath = Field(
        False,
        union_mode="left_to_right",
        description="infer every named pull as well, by the shipped network or by that of a "
        "folder; energy scales as Gaussian pulls",
    )

    _estimator_names = field_validator("estimators", mode="before")(split_commas)

    def networks(self) -> Path | None:
        """Folder of the networks, None for none (or where this copy ships none).

        Raises:
            InputError: If a folder that was given holds no networks.
        """
        if self.neural == "none":
            return None
        folder = SHIPPED_NETWORKS if self.neural == "shipped" else Path(self.neural)
        if not (folder / "embedding.json").is_file():
            if self.neural == "shipped":
                return None
            raise InputError(
                f"neural: {folder} holds no networks; give shipped, none, or a folder made by "
                "'pontecorvo train sterile'"
            )
        return folder

    def build(self) -> "SterileTarget":
        """Posterior of log10 sin^2 2theta_ee and log10 dm2_41, nuisances integrated out."""
        from .model import sterile_target

        return sterile_target(self.build_joint(), "marginal")
