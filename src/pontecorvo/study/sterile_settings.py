"""What a sterile run is told, checked by a schema."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..data.folder import folder_of
from ..models.sterile.joint import JointLikelihood
from ..models.sterile.model import SterileTarget, sterile_target
from ..models.sterile.registry import SHIPPED, Setting, expand
from .settings import SamplerSettings, Whole


class SterileSettings(BaseModel):
    """Everything that decides a 3+1 run. The default is every experiment that ships."""

    model_config = ConfigDict(extra="forbid")

    study: Literal["sterile"] = "sterile"
    experiments: list[str] = Field(
        default_factory=lambda: list(SHIPPED), min_length=1, description="names or groups"
    )
    flux: Literal["hm", "sm", "hkss"] = Field("hm", description="reactor flux model")
    data: Path | None = Field(None, description="folder with released data that does not ship")
    gallium_cross_section: float = Field(0.02, ge=0, le=0.5)
    options: dict[str, str] = Field(
        default_factory=dict, description="of single experiments, such as energy_scale: gaussian"
    )
    method: Literal["exact", "smc", "nautilus", "emcee"] = "exact"
    draws: Whole = Field(10_000, ge=1, le=10_000_000)
    seed: Whole = Field(0, ge=0, lt=2**63)
    sampler: SamplerSettings = SamplerSettings(proposals=1 << 20)

    def build(self) -> SterileTarget:
        """Posterior of log10 sin^2 2theta_ee and log10 dm2_41, nuisances integrated out."""
        names = expand(self.experiments)
        setting = Setting(
            self.flux,
            folder_of(self.data),
            self.gallium_cross_section,
            tuple(self.options.items()),
        )
        return sterile_target(JointLikelihood.load(names, setting), "marginal")
