"""One draw: its tables on the page, and its files."""

import csv
import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from .. import __version__
from ..base.errors import InputError, suggest
from ..base.files import plain
from ..core.exploration import PointTable
from ..core.measurement import GaussianMeasurement
from ..core.measurement_file import file_content
from ..study.export_chains import safe_cell, write_csv
from ..study.finished_run import FinishedRun
from ..study.posterior_file import build_groups
from .explorer import Answer, Explorer


def checked_index(answer: Answer, index: int) -> int:
    """The number of a draw.

    Raises:
        InputError: If there is no such draw.
    """
    if not 0 <= index < len(answer.draws.theta):
        raise InputError(f"draw {index}: there are {len(answer.draws.theta)}, numbered from 0")
    return index


def likeliest(answer: Answer) -> int:
    """The draw of the largest posterior density."""
    return int(np.nanargmax(answer.draws.log_prior + answer.draws.log_likelihood))


def about_draw(explorer: Explorer, answer: Answer, index: int) -> dict[str, Any]:
    """Tables of one draw for the page, and its place in every column."""
    theta = answer.draws.theta[checked_index(answer, index)]
    if explorer.exploration.tables is not None:
        tables = explorer.exploration.tables(theta)
    else:
        own = zip(answer.target.model.parameters, theta, strict=True)
        rows = [(q.name, f"{value:.6g}", q.unit) for q, value in own]
        tables = [PointTable("Parameters", ("parameter", "value", "unit"), rows)]
    return {
        "index": index,
        "weight": float(answer.sample.weight[index]),
        "log_likelihood": float(answer.draws.log_likelihood[index]),
        "values": {name: float(s.column.values[index]) for name, s in answer.shown.items()},
        "tables": [asdict(table) for table in tables],
    }


def draw_file(explorer: Explorer, answer: Answer, index: int, ending: str) -> str:
    """One draw as text in a format by its ending: json, csv, or one of the problem's own.

    Raises:
        InputError: If the format is unknown, or has no place for this draw.
    """
    theta = answer.draws.theta[checked_index(answer, index)]
    own = {file.ending: file for file in explorer.exploration.files}
    if ending in own:
        return own[ending].text(theta)
    if ending == "json":
        return json.dumps(plain(_content(answer, index)), indent=2, allow_nan=False) + "\n"
    if ending != "csv":
        raise InputError(f"format: {suggest(ending, ['json', 'csv', *own])}")
    content = _content(answer, index)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["group", "quantity", "value", "unit"])
    for group in ("parameters", "predictions"):
        for name, (value, unit) in content[group].items():
            writer.writerow([group, safe_cell(name), repr(value), safe_cell(unit)])
    return text.getvalue()


def _content(answer: Answer, index: int) -> dict[str, Any]:
    """A draw in the units of files, 64-bit."""
    model, theta = answer.target.model, answer.draws.theta[[index]]
    predictions = model.predict(theta)
    measurement: Any = answer.target.measurement
    return {
        "made_by": f"pontecorvo {__version__} explore",
        "model": model.describe(),
        "measurement": None if measurement is None else measurement.describe(),
        "draw": index,
        "weight": float(answer.sample.weight[index]),
        "log_prior": float(answer.draws.log_prior[index]),
        "log_likelihood": float(answer.draws.log_likelihood[index]),
        "parameters": {
            q.name: (float(theta[0, i]), q.unit) for i, q in enumerate(model.parameters)
        },
        "predictions": {
            q.name: (float(predictions[q.name][0]), q.unit) for q in model.prediction_quantities
        },
    }


def all_draws(explorer: Explorer, answer: Answer) -> str:
    """Every weighted draw as CSV, as `pontecorvo export --format csv` writes a run's."""
    groups = build_groups(answer.target.model, answer.draws, explorer.problem.extra_predictions)
    run = FinishedRun(Path("explorer"), groups, {"study": explorer.problem.name}, {})
    with tempfile.TemporaryDirectory() as folder:
        path = write_csv(run, Path(folder) / "draws.csv")[0]
        return path.read_text(encoding="utf-8")


def study_file(explorer: Explorer, answer: Answer) -> str:
    """A study file that reproduces a view: `pontecorvo run FILE --out DIR`.

    Raises:
        InputError: If the problem's settings have no place for the measurement.
    """
    found = answer.target.measurement
    settings = explorer.problem.plain_settings()
    if not answer.question.plain:
        if not isinstance(found, GaussianMeasurement):
            raise InputError(f"{explorer.problem.name}: its study file holds no such measurement")
        settings = _with_measurement(explorer, settings, file_content(found))
    if hasattr(explorer.problem.settings, "network") and explorer.standing is not None:
        settings["method"] = "network"
    head = "# The view of pontecorvo explore; run it with: pontecorvo run FILE --out DIR\n"
    text = yaml.safe_dump(plain(settings), sort_keys=False, allow_unicode=True)
    return f"{head}# {sample_command(explorer, answer)}\n{text}"


def _with_measurement(
    explorer: Explorer, settings: dict[str, Any], content: dict[str, Any]
) -> dict[str, Any]:
    own = explorer.exploration.study
    if own is not None:
        return {**settings, **own(content)}
    if "measurement" not in settings:
        raise InputError(
            f"{explorer.problem.name}: its study file holds no measurement of your own; use the "
            "command that is shown"
        )
    return {**settings, "measurement": content}


def sample_command(explorer: Explorer, answer: Answer) -> str:
    """The command that gives the same numbers, to Monte-Carlo error."""
    question = answer.question
    if question.extra:
        return "what is measured beside the study's own has no command; run the study file"
    words = ["pontecorvo", "sample", quoted(explorer.name)]
    words += _options("--set", question.values) + _options("--sigma", question.errors)
    choice = getattr(getattr(explorer.problem.settings, "network", None), "file", None)
    if choice:
        words += ["--network", quoted(str(choice))]
    return " ".join(words)


def _options(option: str, values: Mapping[str, float]) -> list[str]:
    return [word for n, v in values.items() for word in (option, quoted(f"{n}={v!r}"))]


def quoted(word: str) -> str:
    """A word for a shell, on one line."""
    import shlex

    return shlex.quote(" ".join(word.split()))
