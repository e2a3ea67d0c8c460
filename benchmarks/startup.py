"""Start-up as ratios in one run: `litrev --help` and `litrev search` against what they cannot do
without.

python benchmarks/startup.py [--records 1000]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.corpus import prepared
from benchmarks.measure import cpu


def main() -> None:
    """Print the table."""
    python = sys.executable
    with prepared(__doc__) as (folder, environ, count):
        litrev = [python, "-m", "litrev", "-C", str(folder / "rev")]
        cpu([python, "-m", "litrev", "init", str(folder / "rev")], runs=1, environ=environ)
        cpu([*litrev, "add", "--no-extract", str(folder / "corpus.bib")], runs=1, environ=environ)
        cpu([*litrev, "search", "learning"], runs=1, environ=environ)
        bare = cpu([python, "-c", "pass"])
        click = cpu([python, "-c", "import click"])
        rich = cpu([python, "-c", "import click, rich.console, rich.table"])
        rows = (
            (
                "litrev --help",
                cpu([python, "-m", "litrev", "--help"]),
                (("python -c pass", bare), ("import click", click)),
            ),
            (
                f"litrev search, {count:,} records",
                cpu([*litrev, "search", "learning"], environ=environ),
                (("python -c pass", bare), ("import click, rich", rich)),
            ),
            (
                f"litrev list -k, {count:,} records",
                cpu([*litrev, "list", "-k"], environ=environ),
                (("python -c pass", bare), ("import click, rich", rich)),
            ),
        )
    print("CPU ms, least of 9 runs")
    for what, seconds, others in rows:
        ratios = ", ".join(f"{seconds / other:.2f}x `{against}`" for against, other in others)
        print(f"{what:34} {1000 * seconds:7.0f}   {ratios}")


if __name__ == "__main__":
    main()
