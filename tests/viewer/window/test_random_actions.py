"""A short run of random actions on the window; `tests/random_actions.py` does long ones."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from kernels.filtering import engine

RANDOM = runpy.run_path(str(Path(__file__).parents[2] / "random_actions.py"))


@pytest.mark.parametrize("count", [25, pytest.param(100, marks=pytest.mark.slow)])
def test_random_actions_show_what_the_document_says(window, tmp_path, count):
    window.open("lecture-grid")
    window.wait_until_idle()
    RANDOM["run"](window, count, 7, RANDOM["made_pictures"](tmp_path))


def test_a_wrong_pixel_is_found(window, tmp_path, monkeypatch):
    window.open("lecture-grid")
    window.wait_until_idle()
    run = engine.run

    def wrong(pixels, kernel, options, **named):
        array = np.array(run(pixels, kernel, options, **named))
        array[-1, -1] += 1
        return array

    monkeypatch.setattr(engine, "run", wrong)
    with pytest.raises(RANDOM["Difference"], match=r"the output is off by 1.*\n"):
        RANDOM["run"](window, 20, 7, RANDOM["made_pictures"](tmp_path))
