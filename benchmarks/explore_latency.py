"""How long the explorer takes: from the start to the first answer, and from a move to its answer.

    python benchmarks/explore_latency.py [--studies seesaw-no,seesaw-io,sterile] [--draws 4000]

Starts `pontecorvo explore` for each study, asks over HTTP as the page does (2-D regions included),
and prints the wall-clock time of each answer, as the client sees it, beside the processor time that
the server spent on it. On a busy machine only the second says what an idle one would take. Writes
``benchmarks/results/explore_latency.json``.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from pontecorvo.explore.packing import unpack

RESULTS = Path(__file__).parent / "results" / "explore_latency.json"
MOVES = 40


def processor_seconds(pid):
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """A running `pontecorvo explore`."""

    def __init__(self, study, draws):
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pontecorvo", "explore", study),
                *("--port", "0", "--draws", str(draws)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self.process.stdout.readline()
        self.port = int(re.search(r"http://[^:]+:(\d+)/", line).group(1))
        self.start = time.perf_counter() - began
        self.start_processor = processor_seconds(self.process.pid)

    def ask(self, path, content=None):
        """Body, wall-clock and processor seconds of one request."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        body = None if content is None else json.dumps(content)
        before, began = processor_seconds(self.process.pid), time.perf_counter()
        headers = {"Content-Type": "application/json", "X-Page": "benchmark"}
        link.request("GET" if body is None else "POST", path, body, headers)
        answer = link.getresponse()
        found = answer.read()
        wall = time.perf_counter() - began
        link.close()
        if answer.status != 200 or answer.headers["X-Answer"]:
            raise SystemExit(f"{path}: {answer.status} {found[:200]!r}")
        return found, wall, processor_seconds(self.process.pid) - before

    def close(self):
        """End it."""
        self.process.kill()  # it keeps nothing
        self.process.wait()
        self.process.stdout.close()


def random_moves(session, rng):
    """Questions: one quantity moved by up to two sigma, its error by up to a factor of two."""
    for _ in range(MOVES):
        measured = [m for m in session["measured"] if not m["optional"]]
        chosen = measured[rng.integers(len(measured))]
        yield {
            "values": {chosen["name"]: chosen["central"] + rng.uniform(-2, 2) * chosen["sigma"]},
            "errors": {chosen["name"]: chosen["sigma"] * 2.0 ** rng.uniform(-1, 1)},
            "pairs": session["pairs"],
        }


def random_switches(session, rng):
    """Questions: every experiment on or off with even chances, both methods."""
    names = [part["name"] for part in session["parts"]]
    methods = [method["name"] for method in session["methods"]]
    for _ in range(MOVES):
        on = [name for name in names if rng.random() < 0.5] or names[:1]
        yield {"on": on, "methods": methods, "levels": [0.95]}


def percentiles(values):
    """Median, 95 % point and largest."""
    return {
        "median": float(np.median(values)),
        "95 %": float(np.quantile(values, 0.95)),
        "largest": float(np.max(values)),
    }


def measured(study, draws, seed):
    """Everything about one study."""
    server = Server(study, draws)
    try:
        content, session_wall, _ = server.ask("/api/session")
        session = json.loads(content)
        plane = session["kind"] == "plane"
        rng = np.random.default_rng(seed)
        moves = [*(random_switches if plane else random_moves)(session, rng)]
        on = (
            {"on": [p["name"] for p in session["parts"]], "methods": ["wilks", "bayes"]}
            if plane
            else {}
        )
        first = on if plane else {"pairs": session["pairs"]}
        _, wall, processor = server.ask("/api/answer", first)
        result = {
            "start_until_open": {"wall": server.start, "processor": server.start_processor},
            "first_answer": {"wall": session_wall + wall, "processor": processor},
        }
        if not plane:
            began, filled = time.perf_counter(), processor_seconds(server.process.pid)
            while json.loads(server.ask("/api/improve", first)[0])["stopped"]:
                pass
            result["fill_to_all_draws"] = {
                "wall": time.perf_counter() - began,
                "processor": processor_seconds(server.process.pid) - filled,
            }
        walls, processors, worth = [], [], []
        for question in moves:
            content, wall, processor = server.ask("/api/answer", question)
            walls.append(wall)
            processors.append(processor)
            if not plane:
                header, _ = unpack(content)
                worth.append(header["ess"] / header["proposals"])
        result |= {"answers": len(walls), "wall": percentiles(walls)}
        result["processor"] = percentiles(processors)
        if worth:
            result["ess_over_n"] = {"median": float(np.median(worth)), "least": float(min(worth))}
        return result
    finally:
        server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", default="seesaw-no,seesaw-io,sterile")
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    results = {"draws": asked.draws, "cores": os.cpu_count(), "load_at_start": os.getloadavg()[0]}
    results["studies"] = {}
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; seconds")
    heads = ("open", "first", "median", "95 %", "most")
    print(f"{'study':10s} {'':10s} " + " ".join(f"{head:>7s}" for head in heads))
    for study in asked.studies.split(","):
        found = measured(study, asked.draws, asked.seed)
        results["studies"][study] = found
        for clock in ("wall", "processor"):
            times = [found["start_until_open"][clock], found["first_answer"][clock]]
            times += found[clock].values()
            print(f"{study:10s} {clock:10s} " + " ".join(f"{t:7.2f}" for t in times), flush=True)
        if "ess_over_n" in found:
            worth = found["ess_over_n"]
            low, middle = worth["least"], worth["median"]
            print(f"{'':21s} ESS/N of carried draws: median {middle:.2f}, least {low:.2f}")
    results["load_at_end"] = os.getloadavg()[0]
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
