"""The set-up column: it shows any plan, and changes nothing of it but what the user changed."""

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QLineEdit, QSpinBox, QWidget

from kernels.cnn.training.examples import EXAMPLES
from kernels.cnn.training.plan import Augmentation, LayersRow, NamedNetwork, Rate, Stack, Stop, TrainingPlan
from viewer import theme
from viewer.pages.network.train.views.data_choice import OTHER, DataShown
from viewer.pages.network.train.views.set_up import SetUpColumn
from viewer.pages.network.train.views.transport import TrainTransport, pace_at, place_of
from viewer.widgets import ComboBox, NumberEdit, SegmentedControl

PLAN = TrainingPlan(
    network=Stack(depth=7, residual=True, width=24), seed=3, optimiser="momentum", rate=Rate(0.02, "one-cycle"),
    momentum=0.8, batch=64, decay=0.001, first_decay=0.01, dropout=0.25, batch_normalisation=True, activation="tanh",
    initialisation="glorot", augmentation=Augmentation(3, 12.5, 0.15, 4.0, True, 8.0), stop=Stop(500, 9, 120),
    check_every=25, threads=2,
)  # fmt: skip


@pytest.fixture
def column(qtbot):
    made = SetUpColumn()
    qtbot.addWidget(made)
    made.resize(made.width(), 640)
    with qtbot.waitExposed(made):
        made.show()
    return made


def child(column, name):
    found = column.findChild(QWidget, name)
    assert found is not None, name
    return found


def told(column):
    plans = []
    column.plan_changed.connect(plans.append)
    return plans


def type_in(edit, text):
    edit.setText(text)
    edit.setModified(True)
    edit.editingFinished.emit()


@pytest.mark.parametrize("plan", [TrainingPlan(), PLAN, replace(PLAN, network=LayersRow(()), optimiser="adam")])
def test_showing_a_plan_changes_nothing(column, plan):
    plans = told(column)
    column.show_plan(plan)
    assert not plans


def test_all_of_a_plan_is_shown(column):
    column.show_plan(PLAN)
    for name, data in (("trainNetworkCombo", "residual"), ("optimiserChoice", "momentum"),
                       ("trainSchedule", "one-cycle"), ("trainActivation", "tanh"),
                       ("trainInitialisation", "glorot")):  # fmt: skip
        assert child(column, name).currentData() == data, name
    for name, value in (("trainRateEdit", 0.02), ("trainBatchEdit", 64), ("trainSeed", 3), ("trainMomentum", 0.8),
                        ("trainDecay", 0.001), ("trainFirstDecay", 0.01), ("trainDropout", 0.25),
                        ("trainCheckEvery", 25), ("varyShiftEdit", 3), ("varyRotationEdit", 12.5),
                        ("varyScaleEdit", 15), ("varyShearEdit", 4), ("varyNoiseEdit", 8), ("stopStepsEdit", 500),
                        ("stopEpochsEdit", 9), ("stopNoGainEdit", 120), ("stackDepth", 7),
                        ("stackWidth", 24)):  # fmt: skip
        assert child(column, name).value() == pytest.approx(value), name
    for name in ("trainBatchNormalisation", "varyShift", "varyFlip", "stopSteps"):
        assert child(column, name).isChecked(), name


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("trainRateEdit", "0.3", replace(PLAN, rate=replace(PLAN.rate, peak=0.3))),
        ("trainBatchEdit", "20", replace(PLAN, batch=20)),
        ("trainSeed", "77", replace(PLAN, seed=77)),
        ("trainMomentum", "0.95", replace(PLAN, momentum=0.95)),
        ("trainFirstDecay", "0", replace(PLAN, first_decay=0.0)),
        ("trainCheckEvery", "10", replace(PLAN, check_every=10)),
        ("varyScaleEdit", "20", replace(PLAN, augmentation=replace(PLAN.augmentation, scale=0.2))),
        ("varyShiftEdit", "0", replace(PLAN, augmentation=replace(PLAN.augmentation, shift=0))),
        ("stopStepsEdit", "800", replace(PLAN, stop=replace(PLAN.stop, steps=800))),
    ],
)
def test_a_number_changes_its_own_field_only(column, name, text, expected):
    column.show_plan(PLAN)
    plans = told(column)
    type_in(child(column, name), text)
    assert plans == [expected]
    assert all(type(getattr(plans[0], field)) is int for field in ("seed", "batch", "check_every"))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("trainSeed", "1.5", "whole number from 0"),
        ("trainSeed", "-1", "not −1"),
        ("trainMomentum", "1", "0 to 0.999 is possible, not 1"),
        ("varyShearEdit", "80", "0 to 45 is possible, not 80"),
        ("stopStepsEdit", "0", "not 0"),
        ("trainDropout", "half", "half"),
    ],
)
def test_what_cannot_be_is_said_below_the_field_and_changes_nothing(column, name, text, words):
    column.show_plan(PLAN)
    plans, edit = told(column), child(column, name)
    before = edit.value()
    type_in(edit, text)
    assert not plans
    message = child(column, f"{name}RowMessage" if column.findChild(QWidget, f"{name}Row") else
                    f"{name.removesuffix('Edit')}RowMessage")  # fmt: skip
    assert words in message.text()
    assert edit.property("invalid")
    assert edit.value() == before
    column.show_plan(PLAN)
    type_in(edit, edit.text())
    assert not message.text() or edit.hasFocus()


def test_switching_a_number_off_and_on_gives_its_usual_value(column):
    column.show_plan(TrainingPlan())
    plans = told(column)
    child(column, "varyScale").click()
    child(column, "stopNoGain").click()
    assert plans[-1] == TrainingPlan(augmentation=Augmentation(scale=0.1), stop=Stop(no_gain=400))
    column.show_plan(plans[-1])
    child(column, "stopNoGain").click()
    assert plans[-1].stop == Stop()
    assert plans[-1].stop.no_gain is None


def test_choices_change_the_plan(column):
    plans = told(column)
    for name, data, expected in (
        ("optimiserChoice", "adam", TrainingPlan(optimiser="adam")),
        ("trainActivation", "sigmoid", TrainingPlan(optimiser="adam", activation="sigmoid")),
        ("trainNetworkCombo", "mlp", TrainingPlan(optimiser="adam", activation="sigmoid", network=NamedNetwork("mlp"))),
    ):
        box = child(column, name)
        box.setCurrentIndex(box.findData(data))
        assert plans[-1] == expected


def test_a_stack_has_a_depth_and_others_have_none(column):
    plans = told(column)
    combo = child(column, "trainNetworkCombo")
    combo.setCurrentIndex(combo.findData("plain"))
    assert plans[-1].network == Stack()
    assert not child(column, "stackDepth").isVisible()
    column.show_plan(plans[-1])
    assert child(column, "stackDepth").isVisible()
    child(column, "stackDepth").setValue(12)
    assert plans[-1].network == Stack(depth=12)


def test_the_row_from_layers_and_a_folder_are_asked_for(qtbot, column):
    plans = told(column)
    combo, data = child(column, "trainNetworkCombo"), child(column, "trainDataCombo")
    with qtbot.waitSignal(column.row_requested):
        combo.setCurrentIndex(combo.findData("row"))
    with qtbot.waitSignal(column.folder_requested):
        data.setCurrentIndex(data.findData(OTHER))
    with qtbot.waitSignal(column.seed_requested):
        child(column, "newSeedButton").click()
    assert not plans
    assert combo.currentData() == "lenet5"
    assert data.currentData() == ""
    column.show_plan(replace(PLAN, network=LayersRow(())))
    with qtbot.waitSignal(column.row_requested):
        combo.activated.emit(combo.currentIndex())  # chosen once more


def test_a_ready_made_plan_is_taken_whole(column):
    plans = told(column)
    for name, example in EXAMPLES.items():
        actions = child(column, "readyMadeButtonMenu").actions()
        next(each for each in actions if each.objectName() == f"example_{name}").trigger()
        assert plans[-1] == example.plan


def test_rate_and_batch_move_by_factors(qtbot, column):
    plans = told(column)
    child(column, "trainRateSlider").setFocus()
    qtbot.keyClick(child(column, "trainRateSlider"), Qt.Key.Key_Right)
    assert plans[-1].rate.peak == pytest.approx(0.1 * 10**0.05, rel=0.02)
    slider = child(column, "trainBatchSlider")
    slider.setValue(slider.value() + 1)
    assert plans[-1].batch == 64
    for _ in range(20):
        slider.setValue(slider.value() + 1)
    assert plans[-1].batch == 1024


def test_what_is_rarely_used_stands_behind_more(column):
    assert not child(column, "trainSchedule").isVisible()
    child(column, "moreLearning").click()
    assert child(column, "trainSchedule").isVisible()
    child(column, "moreLearning").click()
    assert not child(column, "trainSchedule").isVisible()


def test_what_the_optimiser_does_not_use_cannot_be_changed(column):
    column.show_plan(TrainingPlan(optimiser="gradient-descent"))
    assert not child(column, "trainBatchEdit").isEnabled()
    assert not child(column, "trainMomentum").isEnabled()
    column.show_plan(TrainingPlan(optimiser="momentum"))
    assert child(column, "trainBatchEdit").isEnabled()
    assert child(column, "trainMomentum").isEnabled()


def test_pictures_and_what_was_left_out_are_told(column):
    picture = np.zeros((28, 28), np.uint8)
    column.show_data(None)
    assert "Reading" in child(column, "trainDataFacts").text()
    assert not child(column, "dataPreviewButton").isEnabled()
    skipped = tuple((f"cat/{n}.txt", "It is no picture.") for n in range(20))
    column.show_data(DataShown("40 to learn, 10 to check", (("cat", picture), ("dog", picture)), skipped))
    assert child(column, "trainDataFacts").text() == "40 to learn, 10 to check"
    child(column, "dataPreviewButton").click()
    preview = child(column, "dataPreview")
    assert preview.isVisible()
    text = child(column, "dataSkipped").text()
    assert "cat/0.txt: It is no picture." in text
    assert text.endswith("and 14 more")
    preview.close()


def test_a_problem_is_shown_at_its_field(column):
    column.show_problem("network", "The stage median cannot learn.")
    assert child(column, "trainNetworkMessage").isVisible()
    column.show_problem("network", "")
    assert not child(column, "trainNetworkMessage").isVisible()


def test_every_control_has_its_names(column):
    kinds = (ComboBox, SegmentedControl, NumberEdit, QSpinBox, QAbstractButton)
    controls = [each for kind in kinds for each in column.findChildren(kind)]
    assert len(controls) > 40
    for each in controls:
        assert each.objectName(), each
        assert each.accessibleName(), each.objectName()
        assert each.toolTip(), each.objectName()


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_all_of_it_has_room_across(qapp, column, name, large):
    column.show_plan(PLAN)
    for more in ("moreLearning", "moreVariation", "moreStop"):
        child(column, more).click()
    theme.apply(qapp, name, large_type=large)
    qapp.processEvents()
    for edit in column.findChildren(QLineEdit):
        if edit.isVisible():
            right = edit.mapTo(column, edit.rect().topRight()).x()
            assert right < column.width() - theme.px(8), edit.objectName()


def test_the_transport_says_what_it_will_do(qtbot):
    transport = TrainTransport()
    qtbot.addWidget(transport)
    for action, words in (("play", "Play"), ("pause", "Pause"), ("new", "New run")):
        transport.show_action(action, can_play=True, can_rewind=action != "new", can_step=True)
        assert transport.play.text() == words
    assert not transport.rewind.isEnabled()
    for signal, button in ((transport.play_requested, transport.play), (transport.step_requested, transport.step)):
        with qtbot.waitSignal(signal):
            button.click()


def test_the_pace_goes_from_one_step_a_second_to_full(qtbot):
    transport, paces = TrainTransport(), []
    qtbot.addWidget(transport)
    transport.pace_chosen.connect(paces.append)
    transport.show_pace(20.0)
    assert not paces
    assert "20" in transport.rate.text()
    transport.pace.setValue(0)
    transport.pace.setValue(transport.pace.maximum())
    assert paces == [1.0, None]
    assert transport.rate.text() == "full"
    assert all(place_of(pace_at(place)) == place for place in range(transport.pace.maximum() + 1))
