"""BibTeX as ratios in one run: CPU seconds and memory of importing a .bib file, beside
bibtexparser, pybtex and papis.

python benchmarks/bibtex.py [--records 100000] [--papis PYTHON]

pybtex comes with the extra ``bench``. papis needs another bibtexparser than litrev: name a Python
that has it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.corpus import parser, write_bibtex

_SPLIT = (
    "import sys, bibtexparser; "
    "bibtexparser.parse_string(open(sys.argv[1], encoding='utf-8').read(), parse_stack=[])"
)
_PARSE = (
    "import sys, bibtexparser; "
    "bibtexparser.parse_string(open(sys.argv[1], encoding='utf-8').read())"
)
_PYBTEX = (
    "import sys; from pybtex.database import parse_file; "
    "parse_file(sys.argv[1], bib_format='bibtex')"
)
_PAPIS = (
    "import sys, papis.bibtex; "
    "papis.bibtex.bibtex_to_dict(open(sys.argv[1], encoding='utf-8').read())"
)


def measured(command: Sequence[str], environ: dict[str, str]) -> tuple[float, float] | None:
    """CPU seconds and megabytes at most of one command; None when it fails."""
    process = subprocess.Popen(
        command, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return None if process.returncode else (usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> None:
    """Print the table."""
    options = parser(__doc__)
    options.add_argument("--papis", metavar="PYTHON")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = str(folder / "corpus.bib")
        write_bibtex(Path(file), chosen.records)
        environ = {
            "LITREV_CACHE": str(folder / "cache"),
            "LITREV_CONFIG": str(folder / "config.toml"),
        }
        python, litrev = sys.executable, [sys.executable, "-m", "litrev"]
        measured([*litrev, "init", str(folder / "review")], environ)
        add = [*litrev, "-C", str(folder / "review"), "add", "--no-extract", file]
        rows = [
            ("bibtexparser, the split alone", measured([python, "-c", _SPLIT, file], environ)),
            ("bibtexparser, its own parse", measured([python, "-c", _PARSE, file], environ)),
            ("pybtex", measured([python, "-c", _PYBTEX, file], environ)),
            (
                "papis",
                measured([chosen.papis, "-c", _PAPIS, file], environ) if chosen.papis else None,
            ),
            ("litrev add --no-extract", measured(add, environ)),
            ("the same file again", measured(add, environ)),
            (
                "litrev export -f bibtex",
                measured(
                    [
                        *litrev,
                        "-C",
                        str(folder / "review"),
                        "export",
                        "-o",
                        str(folder / "out.bib"),
                    ],
                    environ,
                ),
            ),
            (
                "litrev sync -n",
                measured([*litrev, "-C", str(folder / "review"), "sync", "-n", file], environ),
            ),
        ]
    split = rows[0][1]
    assert split is not None
    print(f"{chosen.records:,} entries; CPU s, ratio to the split, MB, ratio to the split")
    for what, figures in rows:
        if figures is None:
            print(f"{what:32} not installed, or it failed")
        else:
            print(
                f"{what:32} {figures[0]:8.1f} {figures[0] / split[0]:6.2f}x "
                f"{figures[1]:8.0f} {figures[1] / split[1]:6.2f}x"
            )


if __name__ == "__main__":
    main()
