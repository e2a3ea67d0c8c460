"""How long Chromium takes to load a report, beside a plain table of the same rows: python
benchmarks/report.py [--records 1000].

Needs chromium and chromedriver, selenium (extra dev) and the corpus of the search benchmark. The
pages are loaded in turn, after one warm-up; medians of seven, as the browser itself tells the end
of its load event.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import litrev

CORPUS = (
    Path(__file__).parent.parent.parent / "shared" / "data" / "corpus" / "records-100k.jsonl.xz"
)
ROUNDS = 7
_FLAGS = (
    "headless=new",
    "no-sandbox",
    "disable-gpu",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "window-size=1400,900",
)
_LOADED = """
const give = arguments[0];
const loaded = () => give(performance.getEntriesByType('navigation')[0].loadEventEnd);
const done = () => requestAnimationFrame(() => requestAnimationFrame(loaded));
if (document.readyState === 'complete') done();
else addEventListener('load', () => setTimeout(done));
"""


def main() -> None:
    """Build a library, write its report and the plain table, and load both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = report(folder, asked.records)
        plain = plain_table(page)
        (folder / "report.html").write_text(page, "utf-8")
        (folder / "plain.html").write_text(plain, "utf-8")
        times = load(folder, ("report.html", "plain.html"))
    print(
        f"{asked.records:,} papers: "
        f"report {len(page) / 1e6:.1f} MB {times['report.html']:.0f} ms, "
        f"plain {len(plain) / 1e6:.1f} MB {times['plain.html']:.0f} ms"
    )
    print(f"report / plain: {times['report.html'] / times['plain.html']:.2f}x")


def report(folder: Path, count: int) -> str:
    """The report of a library of so many records of the corpus."""
    entries = []
    with lzma.open(CORPUS, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number == count:
                break
            raw = json.loads(line)
            kept = {
                "id": raw["key"],
                "type": "article-journal",
                "title": raw["title"],
                "abstract": raw["abstract"],
                "issued": {"date-parts": [[raw["year"]]]},
            }
            entries.append(kept)
    (folder / "corpus.json").write_text(json.dumps(entries), "utf-8")
    with litrev.init(folder / "library") as review:
        review.add([folder / "corpus.json"])
        return review.report()


def plain_table(page: str) -> str:
    """The rows of a report as a table without anything."""
    rows = re.findall(r'<tr role="row" data-r.*?</tr>', page, re.DOTALL)
    cells = (
        "".join(
            f"<td>{re.sub(r'<[^>]+>', ' ', cell)}</td>"
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        )
        for row in rows
    )
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>plain</title><table>'
        + "\n".join(f"<tr>{row}</tr>" for row in cells)
        + "</table>"
    )


def load(folder: Path, pages: tuple[str, ...]) -> dict[str, float]:
    """The median milliseconds to the end of the load event of each page."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in (*_FLAGS, f"user-data-dir={folder / 'profile'}"):
        options.add_argument(f"--{flag}")
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    browser: Any = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    taken: dict[str, list[float]] = {page: [] for page in pages}
    try:
        for round_ in range(ROUNDS + 1):
            for page in pages:
                browser.get("about:blank")
                browser.get((folder / page).as_uri())
                ended = float(browser.execute_async_script(_LOADED))
                if round_:
                    taken[page].append(ended)
    finally:
        browser.quit()
    return {page: statistics.median(times) for page, times in taken.items()}


if __name__ == "__main__":
    main()
