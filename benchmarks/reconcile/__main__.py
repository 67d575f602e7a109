"""``python -m benchmarks.reconcile [--rows N] [--edits N]``: the stages beside hand-written SQL and pandas, in one run.

Each contender runs in a process of its own on the same raw files with the same number of threads; what they make is
compared row by row before any number is printed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.reconcile import kernel, lake

CONTENDERS = ("kernel", "twin", "frames")
TITLES = {"kernel": "the product", "twin": "hand-written DuckDB SQL", "frames": "pandas"}
STAGES = ("stage", "match", "core", "plan")


def main() -> None:
    """Run one contender (``--only``, used by itself), or all of them and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reconcile", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="source rows of the three systems together")
    parser.add_argument("--edits", type=int, default=1_000, help="rows that people edit afterwards")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=CONTENDERS, help="run one of them in this process, on --folder")
    parser.add_argument("--folder", type=Path, help="where the raw files are")
    chosen = parser.parse_args()
    if chosen.only:
        seconds = importlib.import_module(f"benchmarks.reconcile.{chosen.only}").run(chosen.folder, chosen.threads)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "peak": peak}))
        return
    with tempfile.TemporaryDirectory() as folder:
        lake.write(Path(folder), chosen.rows, chosen.edits)
        results = {name: _measure(name, folder, chosen.threads) for name in CONTENDERS}
        wrong = [line for other in CONTENDERS[1:] for line in kernel.compare(Path(folder), other)]
    if wrong:
        sys.exit("the results differ:\n" + "\n".join(wrong))
    print(_table(results, chosen.rows, chosen.edits))


Result = dict[str, dict[str, float]]


def _measure(name: str, folder: str, threads: int) -> Result:
    command = [
        sys.executable,
        "-m",
        "benchmarks.reconcile",
        "--only",
        name,
        "--folder",
        folder,
        "--threads",
        str(threads),
    ]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    return {"seconds": found["seconds"], "peak": {"MB": found["peak"]}}


def _table(results: dict[str, Result], rows: int, edits: int) -> str:
    """Ratios are of processor seconds, which other work on the machine hardly moves."""
    own = results["kernel"]["seconds"]
    for unit in ("", " cpu"):
        own |= {f"{name}{unit}": sum(own[f"{name} {stage}{unit}"] for stage in STAGES) for name in ("full", "edits")}
    lines = [f"{rows:,} source rows of three systems; exact keys alone; results compared row by row and equal", ""]
    lines.append(f"{'':26}{'seconds':>9}{'processor':>11}{'times ours':>12}{'peak MB':>9}")
    for name, result in results.items():
        seconds, cpu = result["seconds"]["full"], result["seconds"]["full cpu"]
        share, peak = cpu / own["full cpu"], result["peak"]["MB"]
        lines.append(f"{TITLES[name]:26}{seconds:9.1f}{cpu:11.1f}{share:12.2f}{peak:9.0f}")
    lines += ["", f"{'the product, processor':26}{'full':>9}{f'{edits:,} edits':>14}{'share':>9}"]
    for stage in (*(f" {stage}" for stage in STAGES), ""):
        one, two = own[f"full{stage} cpu"], own[f"edits{stage} cpu"]
        lines.append(f"{stage.strip() or 'together':26}{one:9.2f}{two:14.2f}{two / one:9.1%}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
