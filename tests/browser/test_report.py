"""A drill's report as a reader sees it on a phone."""

from pathlib import Path

from ops.drill.report.page import page
from tests.browser.browser import Browser
from tests.unit.ops.results import result


def test_the_report_of_a_drill_fits_a_phone_and_tells_the_result_first(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(result()), encoding="utf-8")
    browser.resize(390, 844)
    browser.open(file.as_uri())
    assert browser.script(
        "const page = document.documentElement; return page.scrollWidth <= page.clientWidth"
    )
    top = "return document.querySelector(arguments[0]).getBoundingClientRect().top"
    assert browser.script(top, ".figures") < browser.script(top, "svg") < browser.script(top, "table")
    assert browser.text(".figures li b") == "7.3 s"
    browser.click("summary")
    assert "every acknowledged order in every region: yes" in browser.text("pre")
    overlapping = """
        const boxes = [...document.querySelectorAll('svg text')].map((text) => text.getBoundingClientRect());
        return boxes.some((a, i) => boxes.slice(i + 1).some((b) =>
            a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3));
    """
    assert browser.script(overlapping) is False
