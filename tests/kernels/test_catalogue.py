"""The catalogue itself: what is in it, how it is described, how a kernel is got from it."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest

from kernels.kernel import Kernel, library

ASKED_FOR = {
    "identity", "shift", "box", "binomial", "gaussian", "disc", "motion",
    "backward-x", "backward-y", "forward-x", "forward-y", "central-x", "central-y",
    "roberts-1", "roberts-2", "prewitt-x", "prewitt-y", "prewitt-x-third", "prewitt-y-third",
    "sobel-x", "sobel-y", "scharr-x", "scharr-y",
    "line-horizontal", "line-vertical", "line-rising", "line-falling",
    "laplacian-4", "laplacian-8", "log", "dog", "sharpen", "sharpen-lecture", "unsharp", "high-boost", "outline",
    "gabor",
}  # fmt: skip
COMPASS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")


class TestCatalogue:
    def test_nothing_is_missing(self) -> None:
        families = {f"{family}-{side}" for family in ("kirsch", "robinson", "emboss") for side in COMPASS}
        assert set(library.names()) == ASKED_FOR | families | {f"frei-chen-{number}" for number in range(1, 10)}

    def test_names_and_titles_are_unique_and_groups_stay_together(self) -> None:
        entries = library.entries()
        assert len({entry.name for entry in entries}) == len({entry.title for entry in entries}) == len(entries)
        assert all(re.fullmatch("[a-z]+(-[a-z0-9]+)*", entry.name) for entry in entries)
        changes = [entry.group for before, entry in itertools.pairwise(entries) if entry.group != before.group]
        assert (entries[0].group, *changes) == library.groups()

    @pytest.mark.parametrize("entry", library.entries(), ids=library.names())
    def test_every_entry_is_described(self, entry: library.Entry) -> None:
        assert re.fullmatch(r"\D+, (1[89]|20)\d\d, .{5,}", entry.reference)
        assert entry.summary.endswith(".")
        assert entry.summary.count(". ") == 0
        assert 20 < len(entry.summary) <= 120
        assert library.get(entry.name).name == entry.title

    @pytest.mark.parametrize("entry", library.entries(), ids=library.names())
    def test_every_default_fits_the_editor(self, entry: library.Entry) -> None:
        assert max(library.get(entry.name).shape) <= 31

    @pytest.mark.parametrize("entry", library.entries(), ids=library.names())
    def test_parameters_can_be_drawn_as_sliders(self, entry: library.Entry) -> None:
        for parameter in entry.parameters:
            assert parameter.minimum <= parameter.default <= parameter.maximum
            assert 0 < parameter.step <= parameter.maximum - parameter.minimum
            assert parameter.unit in ("px", "°", "")
            assert parameter.title
            assert parameter.symbol
            assert parameter.choices is None or parameter.default in parameter.choices
            for end in (parameter.minimum, parameter.maximum):
                kernel = library.get(entry.name, **{parameter.name: end})
                assert max(kernel.shape) <= 63

    def test_kernels_survive_text(self) -> None:
        for entry in library.entries():
            kernel = library.get(entry.name)
            assert Kernel.parse(kernel.format()).replace(name=entry.title) == kernel


class TestGet:
    def test_names_are_read_kindly(self) -> None:
        assert library.get("Sobel X") == library.get("sobel_x") == library.get(" sobel-x ") == library.get("sobel-x")

    @pytest.mark.parametrize(
        ("name", "words"),
        [("sobl-x", "did you mean sobel-x"), ("prewit-y", "prewitt-y"), ("sobel", "sobel-x"), ("lapl", "laplacian-4"),
         ("qqqq", "the names are identity, shift"), ("", "the names are")],
    )  # fmt: skip
    def test_unknown_names_get_near_ones(self, name: str, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            library.get(name)

    def test_parameters_by_name_or_symbol(self) -> None:
        assert library.get("gaussian", sigma=2, size=9) == library.get("gaussian", σ=2.0, n=9)
        assert library.get("box", n=np.int64(5)) == library.get("box", size=5.0)

    @pytest.mark.parametrize(
        ("name", "parameters", "error", "words"),
        [
            ("gaussian", {"sigmo": 1}, ValueError, "did you mean sigma"),
            ("gaussian", {"width": 1}, ValueError, "it has sigma, size"),
            ("scharr-x", {"size": 3}, ValueError, "none at all"),
            ("gaussian", {"sigma": 0}, ValueError, "sigma is 0; it must be from 0.1 to 10 px"),
            ("gaussian", {"sigma": math.nan}, ValueError, "sigma is nan"),
            ("box", {"size": 2.5}, ValueError, "whole number"),
            ("box", {"size": 64}, ValueError, "from 1 to 63"),
            ("sobel-x", {"size": 4}, ValueError, "one of 3, 5, 7"),
            ("box", {"size": "3"}, TypeError, "must be a number"),
            ("box", {"size": True}, TypeError, "must be a number"),
            ("gaussian", {"sigma": 2, "σ": 3}, ValueError, "sigma twice; σ is the same"),
        ],
    )
    def test_bad_parameters_are_named(
        self, name: str, parameters: dict[str, float], error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            library.get(name, **parameters)

    def test_a_name_with_parameters_as_text(self) -> None:
        assert library.from_text("sobel-x") == library.get("sobel-x")
        assert library.from_text("gaussian(sigma=2, n=9)") == library.get("gaussian", sigma=2, size=9)
        assert library.from_text("shift( dy = \u22121 , dx=1/1)") == library.get("shift", dy=-1, dx=1)

    @pytest.mark.parametrize(
        ("text", "words"),
        [("gaussian(2)", "write name=number"), ("gaussian(sigma=x)", "sigma: “x”"),
         ("gaussian(sigma=2", "not a kernel"), ("gausian(sigma=2)", "gaussian"),
         ("gaussian(sigma=99)", "from 0.1 to 10"), ("gaussian(sigma=2, sigma=5)", "sigma is given twice")],
    )  # fmt: skip
    def test_bad_text(self, text: str, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            library.from_text(text)
