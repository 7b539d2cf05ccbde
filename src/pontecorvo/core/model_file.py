"""A model in a file: the Python file that a user writes, as a problem.

The file defines, at module level, either ``problem`` (a `Problem` class, or a `Preset` of one) or
``model`` (a `Model`) and ``measurement``. It is code and is executed when it is read: run only
files that you trust.
"""

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..base.errors import InputError
from ..base.yaml_files import FilePath
from .measurement import Measurement
from .measurement_file import file_content, read_measurement
from .model import Model
from .problem import Preset, Problem
from .registry import as_preset
from .settings import ModelSettings, StudySettings
from .target import Target


class FileSettings(ModelSettings):
    """Settings of a model in a file."""

    method: Literal["network", "exact", "smc", "lift", "nautilus", "emcee", "rounds"] | None = (
        Field(None, description="none: the network where one is given, else exact or smc")
    )
    measurement: dict[str, Any] | FilePath | None = Field(
        None, description="a measurement file, or its content; none: the model file's own"
    )


class ModelProblem(Problem):
    """A model and a measurement, and nothing else."""

    Settings: ClassVar[type[StudySettings]] = FileSettings
    model: ClassVar[Model]
    own_measurement: ClassVar[Measurement]
    settings: FileSettings

    def default_name(self) -> str:
        """The file's name without its ending."""
        return Path(self.kind).stem

    @property
    def title(self) -> str:
        """What the model calls itself."""
        return self.model.name or self.name

    def build_target(self) -> Target:
        """The model, and the measurement in force."""
        source = self.settings.measurement
        if source is None:
            return Target(self.model, self.own_measurement)
        found = read_measurement(source, "measurement", self.model.observables)
        return Target(self.model, found)

    def plain_settings(self) -> dict[str, Any]:
        """Every setting; of a measurement file its numbers, not its name."""
        plain = super().plain_settings()
        if self.settings.measurement is not None:
            plain["measurement"] = file_content(self.measurement)
        return plain


def problem_of(model: Model, measurement: Measurement, kind: str) -> type[Problem]:
    """A problem class of a model and a measurement."""
    said = (type(model).__doc__ or "").strip() or f"The model {model.name}."
    content = {"__doc__": said, "kind": kind, "model": model, "own_measurement": measurement}
    return type("ModelProblem", (ModelProblem,), content)


def load_model_file(path: Path) -> Preset:
    """Execute a model's file and take from it what it defines.

    Raises:
        InputError: If it cannot be read, fails, or defines no problem.
    """
    path = Path(path).resolve()
    content: Mapping[str, Any] = vars(_executed(path))
    where = str(path)
    if "problem" in content:
        found = as_preset(content["problem"], f"{where}: problem")
        problem = type(found.problem.__name__, (found.problem,), {"kind": where})
        return Preset(problem, found.settings)
    model, measurement = content.get("model"), content.get("measurement")
    if model is None or measurement is None:
        missing = " and ".join(n for n in ("model", "measurement") if content.get(n) is None)
        raise InputError(
            f"{where}: defines no {missing}; at module level give model and measurement, or problem"
        )
    if not isinstance(model, Model):
        hint = "make an instance of it" if isinstance(model, type) else "subclass pontecorvo.Model"
        raise InputError(f"{where}: model is {_kind_of(model)}, no Model; {hint}")
    for name in ("log_likelihood", "within_three_sigma", "describe"):
        if not callable(getattr(measurement, name, None)):
            raise InputError(
                f"{where}: measurement is {_kind_of(measurement)} and has no {name}; give a "
                "GaussianMeasurement, or an object with log_likelihood, within_three_sigma, "
                "describe"
            )
    return Preset(problem_of(model, measurement, where))


def _kind_of(thing: Any) -> str:
    return f"the class {thing.__name__}" if isinstance(thing, type) else f"a {type(thing).__name__}"


def _executed(path: Path) -> ModuleType:
    # a name of its own, so that it neither hides nor is hidden by another module
    name = f"_pontecorvo_file_{abs(hash(str(path))):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InputError(f"{path}: is no Python file that can be read")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except InputError:
        raise
    except Exception as error:
        raise failed(path, "is read", error) from error
    return module


def failed(path: Path, when: str, error: Exception) -> InputError:
    """What to say of an error that a user's file raised: where, and when."""
    line = _line(error, path)
    return InputError(
        f"{path}: fails when it {when} ({type(error).__name__}: {_short(error)}{line})"
    )


def _line(error: Exception, path: Path) -> str:
    """Where in the file it failed, to be appended to a message."""
    lines = [
        frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return f", line {lines[-1]}" if lines else ""


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else text[:200] + "…"
