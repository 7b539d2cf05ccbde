"""The certificate's promise: at least 95 % of wrong posteriors caught, at most 5 % false alarms.

Two hundred runs of every diagnostic on every specimen, as the benchmark measures them; the local
classifier test takes most of the time.
"""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from pontecorvo.diagnostics.test_posteriors import FAULTS

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "diagnostics_alarm_rates.py"
CHECKS = [
    "SBC",
    "expected coverage",
    "TARP",
    "pulls",
    "marginal distances",
    "energy distance",
    "C2ST",
    "local C2ST",
]


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("diagnostics_alarm_rates", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(FAULTS))
@pytest.mark.parametrize("weighted", [False, True], ids=["drawn", "weighted"])
@pytest.mark.parametrize("check", CHECKS)
def test_alarm_rates(benchmark: ModuleType, check: str, weighted: bool, kind: str) -> None:
    alarms = benchmark.measure(check, kind, weighted, 200)["alarms"]
    if kind == "right":
        assert alarms <= 0.05
    else:
        assert alarms >= 0.95
