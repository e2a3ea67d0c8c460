"""The report as a reader meets it, in a real browser."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import CommandLine
from tests.report.conftest import HOSTILE
from tests.report.test_page import read, stored
from tests.report.test_serving import Start, start

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

__all__ = ["start"]


def all_of(browser: Chrome, selector: str) -> list[WebElement]:
    return browser.find_elements("css selector", selector)


def one(browser: Chrome, selector: str) -> WebElement:
    return browser.find_element("css selector", selector)


def keys(browser: Chrome) -> list[str]:
    return [cell.text for cell in all_of(browser, "#papers tbody th")]


def press(browser: Chrome, *pressed: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(browser).send_keys(*pressed).perform()


def enter(browser: Chrome, element: WebElement) -> None:
    """Use a button by keyboard."""
    from selenium.webdriver.common.keys import Keys

    browser.execute_script("arguments[0].focus()", element)
    press(browser, Keys.ENTER)


@pytest.fixture
def opened(browser: Chrome, page: Path) -> Chrome:
    browser.get(page.as_uri())
    return browser


def test_hostile_texts_are_shown_and_run_nothing(opened: Chrome) -> None:
    assert opened.title == "Literature review"
    row = next(row for row in all_of(opened, "#papers tbody tr") if "hostile" in row.text)
    assert HOSTILE in row.text
    enter(opened, row.find_element("css selector", "th button"))
    assert HOSTILE in one(opened, "#evidence-text").text


def test_words_filter_the_table_and_the_count_says_so(opened: Chrome) -> None:
    every = len(keys(opened))
    one(opened, "#words").send_keys("村图书馆")
    assert keys(opened) == ["astral"]
    assert one(opened, "#count").text == f"1 of {every} papers"
    one(opened, "#filters [type=reset]").click()
    opened.execute_async_script("setTimeout(arguments[0], 50)")
    assert len(keys(opened)) == every


def test_year_method_and_state_filter_the_table(opened: Chrome) -> None:
    from selenium.webdriver.support.select import Select

    Select(one(opened, "#year")).select_by_value("1999")
    assert keys(opened) == ["hostile"]
    Select(one(opened, "#year")).select_by_value("")
    Select(one(opened, "#state")).select_by_value("disputed")
    assert keys(opened) == ["librarians"]
    Select(one(opened, "#state")).select_by_value("missing")
    assert keys(opened) == ["dialect"]
    Select(one(opened, "#state")).select_by_value("")
    Select(one(opened, "#method")).select_by_visible_text("interview")
    assert {"astral", "hostile"} <= set(keys(opened))
    assert all("interview" in row.text for row in all_of(opened, "#papers tbody tr"))


def test_a_heading_sorts_and_says_how_with_empty_cells_last(opened: Chrome) -> None:
    heading = next(
        head for head in all_of(opened, "#papers thead th") if head.text.startswith("Year")
    )
    for way in ("ascending", "descending"):
        heading.find_element("css selector", "button").click()
        assert heading.get_attribute("aria-sort") == way
        cells = all_of(opened, "#papers tbody tr td:nth-of-type(2)")
        years = [cell.text for cell in cells]
        there = [year for year in years if year]
        assert there == sorted(there, reverse=way == "descending")
        assert years == there + [""] * (len(years) - len(there))
    assert len(all_of(opened, "#papers [aria-sort]")) == 1


def test_chinese_is_sorted_by_pinyin(library: CommandLine, browser: Chrome) -> None:
    for n, name in enumerate(("郑州", "安阳", "北京", "长沙")):
        library.ok("add", "-", "--key", f"zh{n}", stdin=f"第{n}个摘要。")
        library.ok("set", f"zh{n}", f"site={name}")
    library.ok("report", "-o", "zh.html")
    browser.get((library.folder / "zh.html").as_uri())
    heads = all_of(browser, "#papers thead th")
    place = next(n for n, head in enumerate(heads) if head.text == "Site")
    heads[place].find_element("css selector", "button").click()
    cells = all_of(browser, f"#papers tbody tr :is(th, td):nth-child({place + 1})")
    texts = [cell.text for cell in cells]
    cities = [text for text in texts if text in {"郑州", "安阳", "北京", "长沙"}]
    assert cities == ["安阳", "北京", "长沙", "郑州"]


def test_evidence_is_opened_by_keyboard_marked_right_and_left_again(
    opened: Chrome, page: Path
) -> None:
    from selenium.webdriver.common.keys import Keys

    row = next(row for row in all_of(opened, "#papers tbody tr") if row.text.startswith("astral"))
    button = next(
        button
        for button in row.find_elements("css selector", "td button")
        if button.text.startswith("interview")
    )
    enter(opened, button)
    assert one(opened, "#evidence").get_attribute("open") is not None
    marks = [mark.text for mark in all_of(opened, "#evidence mark")]
    assert marks == ["semi-structured interviews"]
    sentence = opened.execute_script(
        "return [...document.querySelectorAll('#evidence-text .s')]"
        ".map((e) => e.textContent).join('')"
    )
    assert sentence == "We used semi-structured interviews 🙂 with 20 nurses."
    assert "proposed, not yet decided" in one(opened, "#evidence-about").text
    press(opened, Keys.ESCAPE)
    assert one(opened, "#evidence").get_attribute("open") is None
    assert opened.switch_to.active_element == button


def test_every_value_opens_the_very_words_it_rests_on(opened: Chrome, page: Path) -> None:
    reader = read(page.read_text("utf-8"))
    papers = stored(page.read_text("utf-8"))
    told = opened.execute_script("""
        const told = [];
        for (const button of document.querySelectorAll("#papers td button[data-e]")) {
          button.click();
          told.push([Number(button.closest("tr").dataset.r), button.dataset.e,
            [...document.querySelectorAll("#evidence mark")].map((e) => e.textContent).join("")]);
          document.getElementById("close").click();
        }
        return told;
    """)
    assert len(told) == sum("data-e" in attrs for _, attrs in reader.elements) > 10
    for number, places, words in told:
        units = papers[number][1].encode("utf-16-le")
        spans = sorted({tuple(map(int, part.split("-"))) for part in places.split()})
        if all(a[1] <= b[0] for a, b in pairwise(spans)):
            parts = [units[2 * start : 2 * end] for start, end in spans]
            assert words == b"".join(parts).decode("utf-16-le")


def violations(browser: Chrome, axe: str) -> list[Any]:
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "axe.run(document, {resultTypes: ['violations']}).then((r) => arguments[0](r.violations))"
    )
    return [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found
    ]


@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_page_nor_in_the_dialog(
    opened: Chrome, axe: str, scheme: str, width: int
) -> None:
    opened.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    opened.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    colour = opened.execute_script("return getComputedStyle(document.body).backgroundColor")
    dark = max(map(int, re.findall(r"\d+", colour)[:3])) < 128
    assert dark is (scheme == "dark")
    assert opened.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    for summary in all_of(opened, "summary"):
        enter(opened, summary)
    assert violations(opened, axe) == []
    enter(opened, one(opened, "#papers td button[data-e]"))
    assert violations(opened, axe) == []


def test_without_scripts_table_and_pictures_are_there(browser: Chrome, page: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(page.as_uri())
    assert len(all_of(browser, "svg")) == 5
    assert "astral" in keys(browser)
    assert not one(browser, "#filters").is_displayed()
    assert one(browser, "#papers td button").is_displayed()


def test_a_live_page_searches(browser: Chrome, start: Start, axe: str) -> None:  # the fixture
    _, port = start()
    browser.get(f"http://127.0.0.1:{port}/")
    box = one(browser, "#q")
    box.send_keys("astral")
    box.submit()
    assert keys(browser) == ["astral"]
    assert violations(browser, axe) == []


def test_many_papers_come_in_pages(browser: Chrome, tmp_path: Path) -> None:
    from tests.report.test_page import made

    page = tmp_path / "many.html"
    page.write_text(made("An abstract.", rows=3_001), "utf-8")
    browser.get(page.as_uri())
    assert one(browser, "#count").text == "3,001 of 3,001 papers, 1 to 500 on this page"
    assert len(all_of(browser, "#papers tbody tr")) == 500
    one(browser, "#next").click()
    assert one(browser, "#page").text == "Page 2 of 7"
    assert all_of(browser, "#papers tbody th")[0].text == "key500"
    one(browser, "#words").send_keys("key3000")
    assert keys(browser) == ["key3000"]
