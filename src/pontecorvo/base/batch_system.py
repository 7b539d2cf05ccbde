"""A cluster of a batch system (SLURM, HTCondor, ...) from a YAML file, by dask-jobqueue.

The scheduler runs in this process; each job of the queue is a worker process with one thread.
docs/cluster.md explains every setting.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .dask_pool import ALLOCATOR, NOWHERE, ONE_THREAD
from .errors import InputError, one_line
from .yaml_files import FilePath, checked, read_yaml

SYSTEMS = {
    "slurm": "slurm:SLURMCluster",
    "htcondor": "htcondor:HTCondorCluster",
    "pbs": "pbs:PBSCluster",
    "sge": "sge:SGECluster",
    "lsf": "lsf:LSFCluster",
    "oar": "oar:OARCluster",
    "local": "local:LocalCluster",
}
"""Where dask-jobqueue has the cluster of each."""


class BatchSystem(BaseModel):
    """What a YAML file for ``--workers`` may say."""

    model_config = ConfigDict(extra="forbid")

    cluster: Literal["slurm", "htcondor", "pbs", "sge", "lsf", "oar", "local"] = Field(
        description="the batch system; local: jobs are processes of this machine, for a trial"
    )
    workers: int = Field(ge=1, le=100_000, description="worker processes, one core each")
    memory: str = Field("2GB", description="of each worker")
    walltime: str | None = Field(None, description="of a job, HH:MM:SS; not for htcondor")
    disk: str | None = Field(None, description="of a job; htcondor asks for it")
    queue: str | None = Field(None, description="queue or partition")
    account: str | None = Field(None, description="account or project that is charged")
    workers_a_job: int = Field(1, ge=1, description="workers that one job starts")
    interface: str | None = Field(None, description="network interface, such as ib0")
    port: int = Field(0, ge=0, le=65535, description="port of the scheduler; 0: any that is free")
    tls: bool = Field(True, description="encrypt, with keys that live as long as the cluster")
    shared_folder: FilePath | None = Field(
        None, description="where keys are put for the jobs; none: the folder of this file"
    )
    log_folder: FilePath | None = Field(None, description="where jobs write what they print")
    prologue: list[str] = Field([], description="lines of the job's script before the worker")
    directives: list[str] = Field([], description="further lines of its header, such as '-C avx2'")
    submit: dict[str, str] = Field({}, description="htcondor: further entries of the submit file")


def read_batch_system(path: Path) -> BatchSystem:
    """Read such a file.

    Raises:
        InputError: If it cannot be read or says what is not allowed.
    """
    folder = path.absolute().parent
    system = checked(BatchSystem, read_yaml(path), str(path), folder)
    return system.model_copy(update={"shared_folder": system.shared_folder or folder})


def options_of(system: BatchSystem) -> dict[str, Any]:
    """The arguments of dask-jobqueue's cluster."""
    job = system.workers_a_job
    amount = _times(system.memory, job)
    lines = [f"export {name}={value}" for name, value in (ONE_THREAD | ALLOCATOR).items()]
    options: dict[str, Any] = {
        "cores": job,
        "processes": job,
        "memory": amount,
        # -P: a worker looks for no module in the folder that its job starts in
        "python": f"{sys.executable} -P",
        "job_script_prologue": ["export PYTHONSAFEPATH=1", *lines, *system.prologue],
        "scheduler_options": {
            "dashboard": False,
            "dashboard_address": NOWHERE,
            "port": system.port,
        },
        "shared_temp_directory": str(system.shared_folder),
        "worker_extra_args": ["--no-dashboard"],
        "death_timeout": 300,
        "silence_logs": "critical",
    }
    if system.cluster != "htcondor":
        options["job_extra_directives"] = system.directives
    for name in ("queue", "account", "walltime"):
        value = getattr(system, name)
        if value is not None and system.cluster != "htcondor":
            key = "project" if name == "account" and system.cluster in ("sge", "lsf") else name
            options[key] = value
    if system.cluster == "htcondor":
        options["disk"] = system.disk or "1GB"
        options["job_extra_directives"] = dict(system.submit)
    if system.interface is not None:
        options["interface"] = system.interface
    if system.log_folder is not None:
        options["log_directory"] = str(system.log_folder)
    if system.cluster == "local":
        for name in (
            *("job_extra_directives", "job_script_prologue"),
            *("queue", "account", "walltime"),
        ):
            options.pop(name, None)
    return options


def _times(memory: str, factor: int) -> str:
    from dask.utils import parse_bytes

    try:
        return f"{parse_bytes(memory) * factor}B"
    except ValueError:
        raise InputError(f"--workers: memory {memory!r}: give a size such as 2GB") from None


def start_cluster(system: BatchSystem) -> Any:
    """Start the scheduler; jobs are submitted when workers are asked for.

    Raises:
        InputError: If dask-jobqueue is not installed or refuses the settings.
    """
    try:
        import dask_jobqueue  # noqa: F401
    except ImportError:
        raise InputError(
            "--workers: needs dask-jobqueue, which is not installed; pip install 'pontecorvo[dask]'"
        ) from None
    from distributed.security import Security

    options = options_of(system)
    if system.tls:
        options |= {"protocol": "tls://", "security": Security.temporary()}
    try:
        module, _, name = SYSTEMS[system.cluster].partition(":")
        return getattr(import_module(f"dask_jobqueue.{module}"), name)(**options)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise InputError(
            f"--workers: {system.cluster} cannot be used ({one_line(error, 300)})"
        ) from None
