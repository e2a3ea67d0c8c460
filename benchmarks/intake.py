"""Intake as ratios in one run: records a CPU second of `litrev add`, against bibtexparser's split
of the same file.

python benchmarks/intake.py [--records 1000]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.corpus import prepared
from benchmarks.measure import cpu

_SPLIT = (
    "import sys, bibtexparser; bibtexparser.parse_string(open(sys.argv[1]).read(), parse_stack=[])"
)


def main() -> None:
    """Print the table."""
    python = sys.executable
    with prepared(__doc__) as (folder, environ, count):
        file = folder / "corpus.bib"
        split = cpu([python, "-c", _SPLIT, str(file)], runs=3)
        rows = [("bibtexparser's split alone", split)]
        for what, options in (("litrev add --no-extract", ["--no-extract"]), ("litrev add", [])):
            library = folder / f"rev{len(rows)}"
            cpu([python, "-m", "litrev", "init", str(library)], runs=1, environ=environ)
            command = [python, "-m", "litrev", "-C", str(library), "add", *options, str(file)]
            rows.append((what, cpu(command, runs=1, environ=environ)))
            rows.append((f"{what}, the same file again", cpu(command, runs=1, environ=environ)))
        rows.append(
            (
                "litrev search, the first (builds the index)",
                cpu(
                    [python, "-m", "litrev", "-C", str(library), "search", "learning"],
                    runs=1,
                    environ=environ,
                ),
            )
        )
    print(f"{count:,} records; CPU s, records a CPU second, ratio to the split")
    for what, seconds in rows:
        print(f"{what:46} {seconds:8.2f} {count / seconds:9,.0f} {seconds / split:7.2f}x")


if __name__ == "__main__":
    main()
