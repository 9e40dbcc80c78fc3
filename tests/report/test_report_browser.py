"""The report in a browser: Debian's chromium, without a window. Skipped where there is none."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.report.conftest import FACTS, Run
from timeline.report.html.page import report

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="no browser here: `apt-get install chromium chromium-driver` lets the report be opened in one",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    assert CHROMIUM is not None
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1280,900",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def opened(browser: webdriver.Chrome, m1: Run, tmp_path_factory: pytest.TempPathFactory) -> webdriver.Chrome:
    """The M1 report, with all its figures drawn."""
    path: Path = tmp_path_factory.mktemp("report") / "m1.html"
    path.write_text(report(m1.result, m1.checked, FACTS, m1.patients), encoding="utf-8")
    browser.get(path.as_uri())
    WebDriverWait(browser, 60).until(
        lambda page: page.execute_script("return document.documentElement.dataset.figures") == "drawn"
    )
    return browser


def test_every_figure_is_drawn_without_an_error(opened: webdriver.Chrome) -> None:
    assert opened.get_log("browser") == []
    figures = opened.find_elements(By.CSS_SELECTOR, "figure")
    assert len(figures) == 16  # fourteen, the lanes of patients and one of them
    for figure in figures:
        assert figure.find_element(By.CSS_SELECTOR, ".live svg").size["height"] > 60
        assert not figure.find_element(By.CSS_SELECTOR, ".still").is_displayed()


def test_a_pointer_reads_the_curve(opened: webdriver.Chrome) -> None:
    plot = opened.find_element(By.CSS_SELECTOR, "#analysis-4 .live svg")
    opened.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", plot)
    ActionChains(opened).move_to_element_with_offset(plot, 0, -60).move_by_offset(3, 0).perform()
    tooltip = WebDriverWait(opened, 10).until(
        lambda page: page.find_element(By.CSS_SELECTOR, "#vg-tooltip-element.visible")
    )
    assert "not radical" in tooltip.text
    assert "at risk" in tooltip.text


def test_the_page_fits_a_phone(opened: webdriver.Chrome) -> None:
    opened.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    )
    assert opened.execute_script("return document.documentElement.scrollWidth") == 390
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_keyboard_gets_to_the_results(opened: webdriver.Chrome) -> None:
    opened.execute_script("scrollTo(0, 0); document.activeElement.blur()")
    body = opened.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert opened.switch_to.active_element.text == "Skip to the results"
    opened.switch_to.active_element.send_keys(Keys.ENTER)
    assert opened.execute_script("return location.hash") == "#main"


def test_on_paper_the_still_figures_stand(opened: webdriver.Chrome) -> None:
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    figure = opened.find_element(By.CSS_SELECTOR, "figure")
    assert figure.find_element(By.CSS_SELECTOR, ".still svg").is_displayed()
    assert not figure.find_element(By.CSS_SELECTOR, ".live").is_displayed()
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    printed = base64.b64decode(opened.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    assert printed.startswith(b"%PDF")
    assert len(printed) > 100_000


def test_the_dark_scheme_changes_paper_and_curves(opened: webdriver.Chrome) -> None:
    def colours() -> tuple[str, str]:
        line = opened.find_element(By.CSS_SELECTOR, 'figure .live svg path[stroke="#0072b2"]')
        return opened.find_element(By.TAG_NAME, "body").value_of_css_property(
            "background-color"
        ), line.value_of_css_property("stroke")

    def prefer(scheme: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    prefer("light")
    light = colours()
    prefer("dark")
    assert all(a != b for a, b in zip(light, colours(), strict=True))
    prefer("light")


def test_a_lane_is_chosen_and_its_events_are_said(opened: webdriver.Chrome) -> None:
    def said() -> list[str]:
        return [item.text for item in opened.find_elements(By.CSS_SELECTOR, ".listing li")]

    first = said()
    assert "day 0 to 4: radiotherapy, target primary, fractions 5, dose 25 Gy, planned 5" in first
    Select(opened.find_element(By.CSS_SELECTOR, ".control select")).select_by_visible_text("2")
    WebDriverWait(opened, 10).until(lambda _: said() != first)
    assert any("recurrence" in item for item in said())
