"""CPU seconds of a command, the least of several runs: what ratios are made of."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def cpu(
    command: Sequence[str],
    *,
    runs: int = 9,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> float:
    """User and system seconds of ``command``, the minimum of ``runs``; raises CalledProcessError
    when it fails.
    """
    best = float("inf")
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, **(environ or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best
