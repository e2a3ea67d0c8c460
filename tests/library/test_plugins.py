"""Formats of other packages: a broken one is named and skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import CommandLine


def test_a_broken_format_plugin_is_named_and_harms_nothing(cli: CommandLine, tmp_path: Path) -> None:
    package = tmp_path / "site"
    info = package / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[litrev.formats]\nbroken = no_such_module:FORMAT\n")
    cli.write("a.txt", "An abstract.")
    environ = {**os.environ, **cli.environ, "PYTHONPATH": str(package)}
    done = subprocess.run([sys.executable, "-m", "litrev", "add", "a.txt"], cwd=cli.folder, env=environ, capture_output=True, text=True, check=True)
    assert "added 1" in done.stdout
    assert "the format plug-in broken (no_such_module:FORMAT) cannot be loaded and is skipped" in done.stderr
    asked = subprocess.run([sys.executable, "-m", "litrev", "add", "-f", "broken", "a.txt"], cwd=cli.folder, env=environ, capture_output=True, check=False)
    assert asked.returncode == 5
