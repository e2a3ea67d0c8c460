"""What tests share: a command line in one process, temporary libraries, the real data."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from litrev.cli.environment import Environment
from litrev.cli.main import main

settings.register_profile(
    "default",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile(
    "ci", parent=settings.get_profile("default"), derandomize=True, print_blob=True
)
settings.load_profile("ci" if os.environ.get("CI") else "default")

ROOT = Path(__file__).parent.parent
NURSES = (
    "This paper takes trust among nurses as the research object. "
    "We used semi-structured interviews in S community. It is found that trust matters a lot."
)
CODICES = (
    "This paper takes Florentine codices as the research object. We used content analysis. "
    "It is found that ink fades."
)
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write the golden files anew")


@pytest.hookimpl(optionalhook=True)  # without xdist there is no such hook
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Several processes for a whole run only: to start them costs more than a few tests do."""
    whole = {str(Path(path)) for path in config.getini("testpaths")}
    return None if whole <= {str(Path(argument)) for argument in config.args} else 0


def pytest_report_header() -> list[str]:
    """What some tests need and was found here; without it they are skipped, in CI they fail."""
    data = ROOT.parent / "shared" / "data"
    needs = {
        "real data": data.exists(),
        "browser": bool(shutil.which("chromium") and shutil.which("chromedriver")),
        "axe-core": bool(os.environ.get("LITREV_AXE")),
        "whoosh-reloaded": bool(os.environ.get("LITREV_WHOOSH_RELOADED")),
        "documents": bool(os.environ.get("LITREV_DOCUMENTS")),
    }
    return [
        "litrev: "
        + ", ".join(f"{name} {'found' if found else 'missing'}" for name, found in needs.items())
    ]


class Terminal(io.StringIO):
    """A stream that says somebody is looking at it."""

    def isatty(self) -> bool:
        return True


@dataclass
class Outcome:
    """What one command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass
class CommandLine:
    """litrev as a person types it, in this process."""

    folder: Path
    environ: dict[str, str]

    def __call__(
        self,
        *words: str,
        stdin: str = "",
        terminal: bool = False,
        width: int = 80,
        cwd: Path | None = None,
        user: str = "reader",
    ) -> Outcome:
        out: io.StringIO = Terminal() if terminal else io.StringIO()
        err = io.StringIO()
        environment = Environment(
            stdin=io.TextIOWrapper(io.BytesIO(stdin.encode())),
            stdout=out,
            stderr=err,
            cwd=cwd or self.folder,
            environ={
                **self.environ,
                "COLUMNS": str(width),
                "LITREV_USER": user,
                "TERM": "xterm-256color",
            },
            clock=lambda: datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        )
        status = main(words, environment)
        return Outcome(status, ANSI.sub("", out.getvalue()), err.getvalue())

    def ok(
        self,
        *words: str,
        stdin: str = "",
        terminal: bool = False,
        width: int = 80,
        user: str = "reader",
    ) -> Outcome:
        """A command that must end well."""
        outcome = self(*words, stdin=stdin, terminal=terminal, width=width, user=user)
        assert outcome.status == 0, (words, outcome)
        return outcome

    def record(self, key: str) -> dict[str, Any]:
        """What ``show --json`` tells of one record."""
        found: dict[str, Any] = json.loads(self.ok("show", key, "--json").out)
        return found

    def records(self) -> list[dict[str, Any]]:
        """What ``list --json`` says of all records."""
        listed: list[dict[str, Any]] = json.loads(self.ok("list", "--json").out)["records"]
        return listed

    def values(self, field: str, key: str = "k") -> list[tuple[str, str]]:
        """Text and state of the values of one cell."""
        return [
            (value["text"], value["state"]) for value in self.record(key)["fields"][field]["values"]
        ]

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the machine's own settings, libraries or indexes."""
    monkeypatch.setenv("LITREV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LITREV_CONFIG", str(tmp_path / "config.toml"))
    for name in ("LITREV_LIBRARY", "LITREV_USER", "NO_COLOR", "COLUMNS", "PAGER", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bare(tmp_path: Path) -> CommandLine:
    """The command line in an empty folder that is no library."""
    folder = tmp_path / "work"
    folder.mkdir()
    names = ("PATH", "HOME", "LANG", "LITREV_CACHE", "LITREV_CONFIG")
    return CommandLine(folder, {name: os.environ[name] for name in names if name in os.environ})


@pytest.fixture
def cli(bare: CommandLine) -> CommandLine:
    """The command line in a new library."""
    bare.ok("init")
    return bare


@pytest.fixture
def k(cli: CommandLine) -> CommandLine:
    """A library with one record under the key k."""
    cli.ok("add", "-", "--key", "k", stdin=NURSES, user="ann")
    return cli


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """The real data beside the checkout; in CI its absence is a failure, elsewhere a skip."""

    def find(name: str) -> Path:
        path = ROOT.parent / "shared" / "data" / name
        if not path.exists():
            if os.environ.get("CI"):
                pytest.fail(f"{path} is missing")
            pytest.skip(f"{path} is not here")
        return path

    return find


@pytest.fixture
def seeds(shared: Callable[[str], Path]) -> list[Path]:
    """The five real abstracts."""
    return sorted(shared("seeds").glob("*.txt"))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of that name, or write it anew with --renew."""

    def compare(name: str, text: str) -> None:
        path = Path(request.path).parent / "golden" / f"{name}.txt"
        text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
        if request.config.getoption("--renew"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compare
