"""litrev as the BibTeX scorer calls it: a file goes into a library by `add` and comes back by
`sync`, nothing else.

python SCORER --name litrev --adapter benchmarks/bibtex_adapter.py --python .venv/bin/python
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import litrev
from litrev.workspace.workspace import Workspace

WORK = Path(tempfile.mkdtemp(prefix="litrev-score-"))
os.environ["LITREV_CACHE"], os.environ["LITREV_CONFIG"] = (
    str(WORK / "cache"),
    str(WORK / "config.toml"),
)
atexit.register(shutil.rmtree, WORK, True)


def parse(path: str) -> dict[str, Any]:
    """What the library holds of the file, and what was reported of it."""
    review, report = _read(Path(path))
    with review:
        entries = [
            {"type": e.record.entry_type, "key": e.key, "line": e.line, "fields": dict(e.latex)}
            for e in review.entries(Path(path))
        ]
        failed = [
            {"line": int(r.where.rpartition(":")[2]), "raw": r.raw} for r in report.remarks if r.raw
        ]
        kinds = [
            block.kind
            for source in review.library.sources.all()
            for block in review.library.sources.blocks(source.id)
        ]
    return {
        "entries": entries,
        "failed": failed,
        **{f"{kind}s": kinds.count(kind) for kind in ("string", "preamble", "comment")},
    }


def export(path: str) -> str:
    """The file written anew in canonical layout."""
    review, _ = _read(Path(path))
    with review:
        return str(review.using(dry_run=True).sync(Path(path), canonical=True).after.text)


def _read(path: Path) -> tuple[Workspace, Any]:
    review = litrev.init(tempfile.mkdtemp(dir=WORK))
    return review, review.add([path], extract=False)
