"""Settings that every study has, checked by a schema; a problem's own settings extend them."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from ..base.yaml_files import FilePath, Number, Whole, a_number

Effective = Annotated[float, Field(ge=1, le=1e7, allow_inf_nan=False), BeforeValidator(a_number)]
"""A number of effective draws."""


class SamplerSettings(BaseModel):
    """Effort of the classical samplers. Each method reads its own."""

    model_config = ConfigDict(extra="forbid")

    coordinates: Literal["chart", "parameters", "lift"] = Field(
        "chart", description="the model's chart, the raw parameters, or these lifted"
    )
    proposals: Whole = Field(1 << 22, ge=1 << 16, description="exact: points weighed")
    max_steps: Whole = Field(2000, ge=100, description="exact: most steps of a chain")
    runs: Whole = Field(4, ge=2, description="smc: independent repeated runs")
    particles: Whole = Field(4000, ge=200, description="smc: particles of one run")
    max_sweeps: Whole = Field(1000, ge=10, description="smc: most moves at one temperature")
    live: Whole = Field(3000, ge=100, description="nautilus: live points")
    walkers: Whole = Field(256, ge=64, description="emcee: walkers")
    steps: Whole = Field(20000, ge=100, description="emcee: steps of each walker")
    rounds: Whole = Field(4, ge=1, le=50, description="rounds: how many")
    simulations: Whole = Field(10_000, ge=100, description="rounds: simulations of each")
    flow: Literal["flow-matching", "diffusion", "npse"] = Field(
        "flow-matching", description="rounds: what is learned"
    )


class NetworkChoice(BaseModel):
    """Which network, and how it is used; see `sbi.amortised.NetworkOptions`."""

    model_config = ConfigDict(extra="forbid")

    file: FilePath | None = Field(
        None, description="card (JSON) of a network; none: the shipped one"
    )
    guidance: Number = Field(1.0, ge=0, le=100, description="1 is the conditional density")
    nodes: Whole = Field(12, ge=2, le=256, description="of the divergence's quadrature")
    derivatives: Literal["auto", "bfloat16", "float32"] = Field(
        "auto", description="precision of the divergence; auto: bfloat16 where it is fast"
    )
    defensive: Number = Field(0.0, ge=0, lt=1, description="share of uniform draws")
    rejuvenate: Whole = Field(0, ge=0, description="steps of the chains that follow; 0: weights")
    anneal: Annotated[int, Field(ge=0, le=100_000), BeforeValidator(a_number)] | None = Field(
        None,
        description="annealed moves of each draw; none: 64 where the problem knows more of a point "
        "than its coordinates, else 0",
    )
    reference: Whole = Field(
        4000, ge=0, description="exact draws that the report shows beneath; 0: none"
    )


class TrainingSettings(BaseModel):
    """How the network of a study is trained; the defaults made the shipped ones."""

    model_config = ConfigDict(extra="forbid")

    ranges: dict[str, tuple[Number, Number]] = Field(
        default_factory=dict, description="of observables, [low, high]"
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
    features: bool = Field(False, description="tell the network what the problem knows of a point")
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
    def _ascending(cls, value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        for name, (low, high) in value.items():
            if not low < high:
                raise ValueError(f"{name}: [{low}, {high}] must ascend")
        return value


class StudySettings(BaseModel):
    """What every study is told. A problem's own settings are a subclass."""

    model_config = ConfigDict(extra="forbid")

    study: str = Field("", description="a registered problem, or the path of a model's file")
    method: str | None = Field(
        None,
        description="network, exact, smc, lift, nautilus, emcee or rounds; none: the best",
    )
    draws: Whole = Field(10_000, ge=1, le=10_000_000)
    ess: Effective | None = Field(
        None, description="draw until this effective size instead of a number"
    )
    seed: Whole = Field(0, ge=0, lt=2**63)


class ModelSettings(StudySettings):
    """Settings of a study of a model and a measurement, which any method may draw."""

    sampler: SamplerSettings = SamplerSettings()
    network: NetworkChoice = NetworkChoice()
    training: TrainingSettings = TrainingSettings()
