"""What a result looks like: text, picture, page."""

import xml.etree.ElementTree as ET

import pytest

from ops.drill.report.page import page
from ops.drill.report.summary import summary
from ops.drill.report.timeline import CHARACTER, WIDTH, axis_top, timeline
from tests.unit.ops.results import recovery, result

SVG = "{http://www.w3.org/2000/svg}"


def parsed(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - our own text


def texts(document: str) -> list[str]:
    return [node.text or "" for node in parsed(document).iter(f"{SVG}text")]


def test_the_summary_has_every_number_of_the_result() -> None:
    text = summary(result())
    assert "Evacuation of us-east-1 on the local twin of AWS, orders.example.com" in text
    assert "traffic leaves us-east-1                   7.3      11.2" in text
    assert "traffic comes back to us-east-1            6.1      >9.9" in text
    assert "failed 4" in text
    assert "RPO (acknowledged orders that no surviving region had at the switch): 7 orders" in text
    assert "the oldest 0.91 s old" in text
    assert "p50 0.82 s, p99 1.20 s, max 1.31 s (80 probes); configured p50 0.8 s" in text
    assert "lost (acknowledged orders that no region has after healing): 0 of 740 orders" in text
    assert "products sold to two orders: 0" in text
    assert "every acknowledged order in every region: yes" in text
    assert "BROKEN  RTO of pooled clients, back: 9.9 s, at most 25 s (why)" in text


def test_the_first_line_is_the_verdict_and_names_what_was_broken() -> None:
    kept = [result()["bounds"][0]]
    assert summary(result()).splitlines()[0] == "FAILED: 1 of 2 bounds broken: RTO of pooled clients, back."
    assert summary(result(bounds=kept)).splitlines()[0] == "PASSED: all 1 bounds kept."
    assert summary(result(bounds=[])).startswith("MEASURED: no bound was stated")


def test_every_recovery_time_is_split_into_what_it_is_made_of() -> None:
    noticed = {"noticing": 19.0, "deciding": 0.2, "switching": 0.1, "moving": 4.7}
    text = summary(result(rtoParts={"switch": {"fresh": noticed}}))
    assert "    noticing                                19.0         -" in text
    assert "    DNS and connections                      4.7         -" in text
    html = page(result(rtoParts={"switch": {"fresh": noticed}}))
    assert '<td class="number">19.0 s</td><td class="number">0.2 s</td>' in html


def test_orders_missing_somewhere_are_said() -> None:
    orders = result()["orders"] | {"everyAcknowledgedOrderInEveryRegion": False, "missingSomewhere": 3}
    assert "in every region: no, 3 are not" in summary(result(orders=orders))


def test_the_picture_marks_the_switch_and_the_way_back_and_names_the_regions() -> None:
    words = texts(timeline(result()))
    assert {"switch", "back", "us-east-1", "us-west-2", "failed"} <= set(words)
    assert "killed" not in words
    assert "fresh, switch: 7.3 s" in words
    assert "pooled, back: over 9.9 s" in words


def test_the_picture_of_an_outage_marks_the_kill_and_counts_from_it() -> None:
    times = result()["timeline"] | {"killed": 1.0, "revived": 2.0}
    drawn = timeline(result(scenario="outage", timeline=times, rto={"switch": {"fresh": recovery(1.0)}}))
    assert {"killed", "revived", "Outage of us-east-1: requests a second"} <= set(texts(drawn))


def test_every_answered_second_is_drawn_as_high_as_its_requests() -> None:
    drawn = parsed(timeline(result()))
    columns = [node for node in drawn.iter(f"{SVG}rect") if node.get("class") in {"r0", "r1", "failed"}]
    heights = [float(node.get("height", "0")) for node in columns if node.get("height") != "11"]
    assert len(heights) == 6
    assert sum(heights) == 3 * 170


def test_the_picture_needs_nothing_from_outside_and_follows_light_and_dark() -> None:
    drawn = timeline(result())
    assert "prefers-color-scheme:dark" in drawn
    assert "<script" not in drawn
    assert "href" not in drawn


def test_no_word_of_the_picture_is_cut_off_or_covers_another_of_its_legend() -> None:
    regions = ["ap-southeast-1", "ap-northeast-1", "eu-central-1", "us-east-1"]
    times = result()["timeline"] | {"killed": 0.1, "ended": 3.0}
    parameters = result()["parameters"] | {"regions": regions}
    drawn = parsed(timeline(result(scenario="outage", timeline=times, parameters=parameters)))
    words = [
        (node.text or "", float(node.get("x", "0")), float(node.get("y", "0")))
        for node in drawn.iter(f"{SVG}text")
    ]
    legend = [(text, x, y) for text, x, y in words if text in {*regions, "failed"}]
    assert len({(x, y) for _, x, y in legend}) == 5
    assert all(x + CHARACTER * len(text) <= WIDTH for text, x, _ in legend)
    (killed,) = (x for text, x, _ in words if text == "killed")
    assert killed >= CHARACTER * len("killed") / 2


def test_the_page_holds_picture_and_summary_and_fits_a_phone() -> None:
    html = page(result())
    assert 'name="viewport"' in html
    assert "<svg" in html
    assert '<b class="">7.3 s</b><span>until fresh clients had recovered (RTO)</span>' in html
    assert '<b class="good">0</b><span>orders lost of 740: acknowledged orders that no' in html
    assert '<p class="verdict bad">FAILED: 1 of 2 bounds broken' in html
    assert '<td>dnsTtl</td><td class="number">10.0</td>' in html
    assert '<td class="bad">broken</td><td>RTO of pooled clients, back' in html
    assert "24 November 2026, 03:00 UTC" in html
    assert "every acknowledged order in every region: yes" in html
    assert "<script" not in html


@pytest.mark.parametrize(
    ("busiest", "top"), [(0, 2), (1, 2), (7, 8), (10, 10), (21, 30), (30, 30), (101, 110)]
)
def test_the_axis_ends_and_halves_at_whole_numbers(busiest: int, top: int) -> None:
    assert axis_top(busiest) == top
