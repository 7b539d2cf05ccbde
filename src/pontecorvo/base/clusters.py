"""What ``--workers`` can name: processes of this machine, a scheduler, a batch system.

Processes of this machine are started as fresh interpreters that look for no module in the current
folder (`multiprocessing` would, and would run a user's script again). They speak TLS with keys that
live as long as the cluster, for on a login node everybody can reach a port of this machine.
No cluster opens a dashboard.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .dask_pool import ALLOCATOR, NOWHERE, ONE_THREAD, DaskPool
from .errors import InputError, brief, one_line

if TYPE_CHECKING:
    from .batch_system import BatchSystem

MOST = 1024
"""Most processes of this machine."""
WAIT = 180.0
"""Seconds that a scheduler may take to answer, and local workers to come."""
_FORMS = "give a number, tcp://HOST:PORT, tls://HOST:PORT, a scheduler file (.json) or a YAML file"


def start_pool(workers: str | int) -> DaskPool:
    """Connect to the workers that a text names, or start them; see `workers.use_workers`.

    Raises:
        InputError: If it names none, or Dask is not installed.
    """
    text = str(workers).strip()
    start: Callable[[str], DaskPool]
    if text.isdigit() and 1 <= int(text) <= MOST:
        start = _local
    elif text.startswith(("tcp://", "tls://")) or text.endswith(".json"):
        start = _scheduler
    elif text.endswith((".yaml", ".yml")):
        start = _batch_system
    else:
        raise InputError(f"--workers {brief(text)}: {_FORMS}")
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise InputError(
            "--workers: needs Dask, which is not installed; pip install 'pontecorvo[dask]'"
        ) from None
    _quiet()
    return start(text)


def _quiet() -> None:
    """Dask's own settings for all that follows: no dashboard, and words only about trouble."""
    import logging
    import warnings

    import dask

    warnings.filterwarnings("ignore", module=r"distributed(\.|$)")  # of slow disks, taken ports

    dask.config.set(
        {
            "distributed.scheduler.http.routes": [],
            "distributed.scheduler.allowed-failures": 20,
            "distributed.worker.http.routes": [],
            "distributed.admin.large-graph-warning-threshold": "1GB",
        }
    )
    for name in [*logging.root.manager.loggerDict]:
        if name.split(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _scheduler(text: str) -> DaskPool:
    from distributed import Client

    path = Path(text)
    if text.endswith(".json") and not path.is_file():
        raise InputError(f"--workers {brief(text)}: is no scheduler file that can be read")
    given: dict[str, Any] = (
        {"scheduler_file": str(path)} if text.endswith(".json") else {"address": text}
    )
    try:
        client = Client(**given, timeout=WAIT, set_as_default=False)
        client.wait_for_workers(1, timeout=WAIT)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise InputError(
            f"--workers {brief(text)}: no scheduler with workers answers there "
            f"({one_line(error, 200)})"
        ) from None
    return DaskPool(client, f"--workers {text}")


def _batch_system(text: str) -> DaskPool:
    from distributed import Client

    from .batch_system import read_batch_system, start_cluster

    system: BatchSystem = read_batch_system(Path(text))
    cluster = start_cluster(system)
    client = Client(cluster, set_as_default=False)
    cluster.scale(system.workers)
    # a job may wait in its queue for hours
    return DaskPool(client, f"--workers {text}", cluster.close, patience=None)


def worker_surroundings() -> dict[str, str]:
    """Environment of a worker process: one thread, and this package where it is."""
    source, above = str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")
    path = os.pathsep.join([source, above] if above else [source])
    own = {
        "PYTHONPATH": path,
        "PYTHONSAFEPATH": "1",
        "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
    }
    return {**os.environ, **ONE_THREAD, **ALLOCATOR, **own}


def _local(text: str) -> DaskPool:
    from distributed import Client, LocalCluster
    from distributed.security import Security

    folder = tempfile.TemporaryDirectory(prefix="pontecorvo-workers-")  # for its owner alone
    processes: list[subprocess.Popen[bytes]] = []
    try:
        security = Security.temporary()
        cluster = LocalCluster(
            n_workers=0,
            host="127.0.0.1",
            protocol="tls://",
            security=security,
            dashboard_address=NOWHERE,
            scheduler_kwargs={"dashboard": False},
            silence_logs=False,
        )
    except BaseException:
        folder.cleanup()
        raise

    def close() -> None:
        for process in processes:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)  # what it has finished is in its file
        for process in processes:
            process.wait()
        cluster.close(timeout=5)
        folder.cleanup()

    try:
        command = _worker_command(Path(folder.name), cluster.scheduler_address, security)
        for _ in range(int(text)):
            processes.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=worker_surroundings(),
                    start_new_session=True,  # Ctrl-C is for this process, which then ends them
                )
            )
        client = Client(cluster, security=security, set_as_default=False)
        try:
            client.wait_for_workers(1, timeout=WAIT)
        except TimeoutError:
            client.close(timeout=1)
            raise InputError(f"--workers {text}: no process came up within {WAIT:g} s") from None
    except BaseException:
        close()
        raise
    return DaskPool(client, f"--workers {text}", close)


def _worker_command(folder: Path, address: str, security: Any) -> list[str]:
    """How to start one worker process and the nanny that starts it again when it dies."""
    command = [sys.executable, "-P", "-m", "distributed.cli.dask_worker", address]
    own = security.get_tls_config_for_role("worker")
    for key in ("ca_file", "cert", "key"):
        path = folder / f"{key}.pem"
        path.touch(mode=0o600)
        path.write_text(own[key])
        command += [f"--tls-{key.replace('_', '-')}", str(path)]
    command += ["--host", "127.0.0.1", "--protocol", "tls", "--nthreads", "1", "--nworkers", "1"]
    command += [
        "--memory-limit",
        "0",
        "--no-dashboard",
        "--dashboard-address",
        NOWHERE,
        "--local-directory",
        str(folder),
    ]
    return [*command, "--death-timeout", "120"]
