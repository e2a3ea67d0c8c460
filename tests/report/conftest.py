"""A library with everything a report can show, hostile texts too, and a browser to read the report
with.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests.conftest import ROOT, CommandLine

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

HOSTILE = (
    "</script><script>document.title='owned'</script></style>"
    "<img src=x onerror=alert(1)>]]>&lt;\"'`"
)
ASTRAL = (
    "🙂🙂 本文以村图书馆为研究对象。 We used semi-structured interviews 🙂 with 20 nurses. "
    "It is found that 🙂 trust matters."
)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1400,900",
)  # fmt: skip


@pytest.fixture
def library(cli: CommandLine) -> CommandLine:
    """The sample abstracts in all the states a cell can have, and two records that mean no good."""
    samples = sorted((ROOT / "litrev" / "samples").glob("*.txt"))
    cli.ok("add", *map(str, samples), "--bib", str(ROOT / "litrev" / "samples" / "meta.bib"))
    cli.ok("accept", "librarians", "--field", "methods")
    cli.ok("set", "librarians", "site=L county")
    cli.ok("set", "librarians", "site=M county", user="other")
    cli.ok("set", "dialect", "--not-reported", "site")
    cli.ok("set", "tutoring", "theory=talk theory")
    cli.ok("add", "-", "--key", "astral", stdin=ASTRAL)
    cli.ok(
        "add",
        "-",
        "--key",
        "hostile",
        stdin=f"We used interviews. {HOSTILE} \x1b[31m \u202e It is found that {HOSTILE}.",
    )
    cli.ok(
        "set", "hostile", f"title={HOSTILE}", f"theory={HOSTILE}", f"site={HOSTILE}", "year=1999"
    )
    cli.ok("tag", "hostile", "+a<b>")
    return cli


@pytest.fixture
def page(library: CommandLine) -> Path:
    """The report of that library."""
    library.ok("report", "-o", "report.html")
    return library.folder / "report.html"


def missing(what: str) -> NoReturn:
    """Skip, or fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is not here")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One headless browser for all tests of a worker."""
    program = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        missing("Chromium with its chromedriver")
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        missing("selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    yield browser
    browser.quit()


def console(browser: Any) -> list[Any]:
    """What was said on the console since it was last asked."""
    return list(browser.get_log("browser"))


@pytest.fixture
def browser(chromium: Chrome) -> Iterator[Chrome]:
    """The browser, in light colours; its console must be empty when the test ends."""
    chromium.get("about:blank")
    console(chromium)  # what was said before is forgotten
    yield chromium
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    said = console(chromium)
    assert not said, said


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, the checker of accessibility: LITREV_AXE names its axe.min.js."""
    path = os.environ.get("LITREV_AXE")
    if not path:
        missing("axe-core (LITREV_AXE)")
    return Path(path).read_text("utf-8")
