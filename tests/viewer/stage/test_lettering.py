"""Numbers that have to fit into cells."""

import pytest
from PyQt6.QtWidgets import QApplication

from viewer.pages.stage.views.lettering import READABLE, fit


def test_numbers_shrink_and_then_lose_figures(qapp: QApplication) -> None:
    assert fit(["28", "103"], 60, 24, 16).size == 24
    smaller = fit(["−103.5"], 60, 24, 10)
    assert 10 <= smaller.size < 24
    assert smaller.text("−103.5") == "−103.5"
    shorter = fit(["0.123456", "3"], 45, 24, 16)
    assert shorter.text("0.123456") in ("0.12", "0.123")
    assert shorter.text("3") == "3"
    assert shorter.size == 16
    assert fit(["×0.00390625"], 48, 16, 14, 700).text("×0.00390625") == "×0.004"
    assert fit(["NaN", "−∞"], 40, 20, 18).text("−∞") == "−∞"
    assert fit(["65535"], 12, 24, 16).size == 0
    assert fit([], 12, 24, 16).size == 24


@pytest.mark.parametrize("room", [12.0, 25.0, 40.0, 55.0])
@pytest.mark.parametrize("text", ["−1.23457e−05", "123456789", "255", "−0.333333"])
def test_what_is_written_is_what_was_held_rounded(qapp: QApplication, room: float, text: str) -> None:
    found = fit([text], room, 24, 16)
    held, written = (float(each.replace("−", "-")) for each in (text, found.text(text)))
    assert written == pytest.approx(held, rel=0.5)
    assert found.size == 0 or READABLE <= found.size <= 24
