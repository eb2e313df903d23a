"""The options of the Gradient workspace: every control to the state and to the numbers; the accuracy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import Qt

from kernels import gradient
from kernels.gradients.operators import OPERATORS
from kernels.kernel import Kernel
from viewer.document import GradientOptions

Noise = Callable[..., np.ndarray]


def test_every_operator_is_in_the_list_and_gives_its_numbers(rig: Any, noise: Noise) -> None:
    pixels = noise()
    rig.open(pixels)
    combo = rig.control("gradientOperatorCombo")
    assert [combo.itemData(row) for row in range(combo.count())] == [*OPERATORS, "kernel"]
    for name in ("central", "roberts", "sobel-5", "scharr"):
        rig.choose("gradientOperatorCombo", name)
        assert rig.options.operator == name
        np.testing.assert_array_equal(rig.values("gx"), gradient(pixels, name, sigma=1.0).gx)


def test_the_kernel_of_the_editor_is_an_operator_and_follows_it(rig: Any, noise: Noise) -> None:
    pixels = noise()
    rig.open(pixels)
    rig.choose("gradientOperatorCombo", "kernel")
    mine = Kernel([[0, 0, 0], [-1, 0, 3], [0, 0, 0]], name="Mine")
    rig.store.edit(lambda document: replace(document, kernel=mine, preset=None), "test")
    np.testing.assert_array_equal(rig.values("gy"), gradient(pixels, mine, sigma=1.0).gy)


def test_another_kernel_in_the_editor_leaves_a_named_operator_alone(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    before = rig.flow.made.copy()
    rig.store.edit(lambda document: replace(document, kernel=Kernel([[1.0]]), preset=None), "test")
    assert rig.flow.made == before


@pytest.mark.parametrize(
    ("name", "data", "changes"),
    [
        ("gradientScalingCombo", "per-pixel", {"scaling": "per-pixel"}),
        ("gradientColourCombo", "strongest", {"colour": "strongest"}),
        ("gradientColourCombo", "structure-tensor", {"colour": "structure-tensor"}),
        ("gradientNormCombo", "l1", {"norm": "l1"}),
        ("gradientNormCombo", "max", {"norm": "max"}),
    ],
)
def test_choices_reach_the_state_and_the_numbers(
    rig: Any, noise: Noise, name: str, data: str, changes: dict[str, str]
) -> None:
    pixels = noise()
    rig.open(pixels)
    rig.choose(name, data)
    assert rig.options == replace(GradientOptions(), **changes)
    expected = gradient(pixels, "sobel", sigma=1.0, **changes)
    np.testing.assert_array_equal(rig.values("magnitude"), expected.magnitude)
    np.testing.assert_array_equal(rig.values("direction"), expected.direction)
    rig.store.undo_stack.undo()
    assert rig.control(name).currentData() != data


def test_the_smoothing_reaches_the_numbers(rig: Any, noise: Noise) -> None:
    pixels = noise()
    rig.open(pixels)
    rig.set("gradientSigma", 2.5)
    np.testing.assert_array_equal(rig.values("gy"), gradient(pixels, sigma=2.5).gy)


def test_the_width_of_the_gaussian_derivative_comes_with_it(rig: Any, noise: Noise) -> None:
    pixels = noise()
    rig.open(pixels)
    assert not rig.control("gradientDerivativeSigma").isVisible()
    rig.choose("gradientOperatorCombo", "gaussian")
    assert rig.control("gradientDerivativeSigma").isVisible()
    rig.set("gradientDerivativeSigma", 1.5)
    rig.set("gradientSigma", 0.0)
    np.testing.assert_array_equal(rig.values("gx"), gradient(pixels, "gaussian(sigma=1.5)").gx)


def test_thresholds_are_chosen_until_they_are_set(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    low, high, auto = (rig.control(f"gradient{name}") for name in ("Low", "High", "Automatic"))
    assert (low.value(), high.value()) == rig.panes.scale.chosen
    assert low.reach == high.reach == rig.numbers.largest
    assert not auto.isEnabled()
    rig.set("gradientHigh", 260.0)
    assert (rig.options.low, rig.options.high) == (None, 260.0)
    rig.set("gradientLow", 120.0)
    assert (rig.options.low, rig.options.high) == (120.0, 260.0)
    assert rig.edges.thresholds == (120.0, 260.0)
    np.testing.assert_array_equal(rig.edges.mask, rig.panes.gradient.edges(120.0, 260.0))
    np.testing.assert_array_equal(rig.image("edges") == 255, rig.edges.mask)
    rig.call("automaticThresholds")
    assert (rig.options.low, rig.options.high) == (None, None)
    assert (low.value(), high.value()) == rig.panes.scale.chosen


def test_each_threshold_pushes_the_other_along(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    rig.set("gradientHigh", 200.0)
    rig.set("gradientLow", 250.0)
    assert (rig.options.low, rig.options.high) == (250.0, 250.0)
    rig.set("gradientHigh", 90.0)
    assert (rig.options.low, rig.options.high) == (90.0, 90.0)


def test_another_unit_chooses_the_thresholds_anew(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    rig.set("gradientHigh", 260.0)
    rig.choose("gradientNormCombo", "max")
    assert rig.options.high == 260.0
    rig.choose("gradientScalingCombo", "per-pixel")
    assert rig.options.high is None
    rig.store.undo_stack.undo()
    assert rig.options.high == 260.0


def test_a_drag_is_one_step_of_undo(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    slider = rig.control("gradientSigma")
    slider.pressed.emit()
    for place in (12, 14, 19):  # steps of 0.1
        slider.slider.setValue(place)
    slider.released.emit()
    assert rig.options.sigma == pytest.approx(1.9)
    assert rig.store.undo_stack.count() == 1
    rig.store.undo_stack.undo()
    assert rig.options.sigma == 1.0
    assert slider.value() == 1.0


def test_steps_by_key_that_follow_each_other_are_one_step(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    slider = rig.control("gradientSigmaSlider")
    for _ in range(3):
        rig.qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert rig.options.sigma == pytest.approx(1.3)
    assert rig.store.undo_stack.count() == 1
    with rig.qtbot.waitSignal(rig.view.options.gesture_ended):
        pass
    rig.qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert rig.store.undo_stack.count() == 2


def test_one_click_switches_the_colours_of_the_directions(rig: Any, noise: Noise) -> None:
    rig.open(noise())
    hue, disc = rig.image("direction"), rig.view.options.wheel._disc
    rig.call("directionColours")
    assert rig.store.session.gradient.direction_colours == "twilight"
    assert not np.array_equal(rig.image("direction"), hue)
    assert not np.array_equal(rig.view.options.wheel._disc, disc)
    assert rig.store.undo_stack.count() == 0
    rig.call("directionColours")
    np.testing.assert_array_equal(rig.image("direction"), hue)


def test_every_control_has_its_three_names(rig: Any) -> None:
    names = ("Operator", "Scaling", "Colour", "Norm")
    controls = [rig.control(f"gradient{name}Combo") for name in names]
    controls += [rig.control(f"gradient{name}") for name in ("Sigma", "Low", "High", "Colours", "Compare", "Automatic")]
    controls += [*rig.view.panes.panes.values(), rig.view.panes.rose, rig.view.options.wheel]
    for each in controls:
        assert each.objectName()
        assert each.accessibleName()
        assert each.toolTip()


def test_a_grey_picture_has_no_channels_to_join(rig: Any, noise: Noise) -> None:
    rig.open(noise()[:, :, 0])
    assert not rig.control("gradientColourCombo").isEnabled()
    rig.open(noise())
    assert rig.control("gradientColourCombo").isEnabled()


# -- accuracy ----------------------------------------------------------------------------------------------------------


def test_the_accuracy_of_the_operator_in_use_is_said(rig: Any, noise: Noise) -> None:
    rig.with_accuracy = True
    rig.open(noise())
    label = rig.control("gradientAccuracy")
    assert label.text().startswith("Sobel: mean")
    assert "worst 0.44° on the cone" in label.text()
    rig.choose("gradientOperatorCombo", "scharr")
    assert label.text().startswith("Scharr: mean")


def test_the_comparison_opens_beside_the_window(rig: Any, noise: Noise) -> None:
    rig.with_accuracy = True
    rig.open(noise())
    rig.call("compareOperators")
    dialog = rig.page.accuracy.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal()
    table = dialog.table
    assert table.rowCount() == len(OPERATORS) + 1
    assert len(dialog.plot.listDataItems()) == len(OPERATORS) + 1
    column = [float(table.item(row, 1).text().rstrip("°")) for row in range(table.rowCount())]
    assert column == sorted(column)
    first = [table.item(row, 2).text() for row in range(table.rowCount())]
    dialog.picture.setCurrentIndex(1)
    assert [table.item(row, 2).text() for row in range(table.rowCount())] != first
    bold = [table.item(row, 0).text() for row in range(table.rowCount()) if table.item(row, 0).font().weight() > 500]
    assert bold == ["Sobel"]
    dialog.close()
