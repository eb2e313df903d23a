"""Training in the window: played, paused, scrubbed, taken back, branched, killed, closed and gone on with."""

import os
import signal

import numpy as np
import pytest
from PyQt6.QtWidgets import QAbstractButton, QAbstractSlider

from kernels.cnn.training.networks import collection_for
from kernels.cnn.training.plan import Rate
from kernels.cnn.training.recording import RecordedTraining
from kernels.cnn.training.runs import Runs
from tests.viewer.network.train.conftest import PLAN, TrainBench
from viewer.document import with_training
from viewer.pages.network.train.runs import TrainingRuns
from viewer.pages.network.train.shown import RUNS
from viewer.pages.network.train.side import runs_folder


def test_it_plays_pauses_is_scrubbed_and_rewound_as_the_contract_says(bench):
    assert isinstance(bench.play, QAbstractButton)
    assert isinstance(bench.child("rewindButton"), QAbstractButton)
    timeline = bench.timeline
    assert isinstance(timeline, QAbstractSlider)
    assert (timeline.maximum(), timeline.value()) == (0, 0)

    bench.play.click()
    bench.wait(lambda: timeline.maximum() >= 20)
    bench.window.wait_until_idle()  # returns although it trains
    assert bench.run.state == "playing"
    assert timeline.value() > 0
    at = timeline.maximum()
    bench.wait(lambda: timeline.maximum() > at and timeline.value() == timeline.maximum())
    bench.play.click()
    bench.wait(bench.stands)
    done = bench.run.position
    assert (timeline.maximum(), timeline.value()) == (done, done)

    timeline.setValue(13)
    assert timeline.value() == 10  # the nearest earlier checkpoint
    bench.window.wait_until_idle()
    assert bench.window.network.train.facts(bench.window.river.moment).startswith("checkpoint 10 ")
    timeline.setValue(done)
    assert timeline.value() == done
    bench.child("rewindButton").click()
    assert (timeline.maximum(), timeline.value()) == (done, 0)
    bench.window.wait_until_idle()
    assert (timeline.maximum(), timeline.value()) == (done, 0)


def test_what_is_shown_of_a_checkpoint_is_what_its_network_says(bench):
    from kernels.cnn.datasets import bundled

    bench.train(10)
    bench.timeline.setValue(5)
    bench.window.wait_until_idle()
    _header, network = bench.run.run.network(5)
    data = bundled()[1]
    wrong = int((network.predict(data.images).argmax(axis=1) != data.labels).sum())
    assert bench.child("wrongCount").text() == f"{wrong} of 400 wrong"
    assert bench.child("confusionStep").text() == "step 5, rows true"
    assert f"{100 * (400 - wrong) / 400:.1f} %" in bench.window.network.train.facts(bench.window.river.moment)


def test_rewound_it_repeats_itself_and_the_curves_stay(bench):
    bench.train(10)
    first, done = bench.run.curves.losses[:10].copy(), bench.run.position
    bench.child("rewindButton").click()
    bench.child("oneStepButton").click()
    bench.wait(lambda: bench.run.position == 1 and bench.run.state == "waiting")
    bench.wait(lambda: bench.timeline.value() == 1)
    assert bench.timeline.maximum() == done
    assert np.array_equal(bench.run.curves.losses[:10], first)
    assert len(Runs(runs_folder()).all()) == 1


def test_one_step_is_one_step(bench):
    bench.child("oneStepButton").click()
    bench.wait(lambda: bench.run is not None and bench.run.position == 1)
    bench.wait(bench.stands)
    assert bench.timeline.maximum() == 1


def test_a_process_that_is_killed_is_told_of_and_the_run_goes_on_from_its_last_checkpoint(bench):
    bench.play.click()
    bench.wait(lambda: bench.run is not None and bench.run.curves.done >= 10)
    (process,) = bench.runs._processes.values()
    os.kill(process.pid, signal.SIGKILL)
    bench.wait(lambda: "ended from outside" in bench.child("trainMessage").text())
    stood = bench.run.position
    assert stood in bench.run.checkpoints
    assert bench.play.text() == "Play"
    assert "It stands at step" in bench.window.status.message.text()
    bench.play.click()
    assert bench.window.status.message.text() == "", "it does not stand there any more"
    bench.wait(lambda: bench.run.curves.done > stood + 5)
    bench.wait(bench.child("trainMessage").isHidden)
    assert len(Runs(runs_folder()).all()) == 1


@pytest.mark.parametrize("how", ["close", "end"])
def test_a_closed_window_ends_the_process_and_offers_to_go_on_next_time(bench, open_window, qtbot, how):
    bench.play.click()
    bench.wait(lambda: bench.run is not None and bench.run.curves.done >= 10)
    (process,) = bench.runs._processes.values()
    pid = process.pid
    getattr(bench.window, how)()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    (run,) = Runs(runs_folder()).all()
    newest = run.checkpoints()[-1]

    again = open_window("coffee")
    again.frame.go_to("network")
    again.network.choose_side("train")
    again.wait_until_idle()
    bench.window = again
    assert not bench.runs._processes  # nothing is started by itself
    assert bench.timeline.value() == newest
    assert again.store.document.training == run.plan
    assert bench.play.text() == "Play"
    bench.play.click()
    bench.wait(lambda: bench.run.curves.done > newest)
    assert len(Runs(runs_folder()).all()) == 1


def test_another_set_up_is_a_new_run_and_undo_brings_the_old_one_back(bench):
    bench.train(5)
    first = bench.run.id
    plan = bench.store.document.training
    bench.window.network.train.set_up._set(rate=Rate(0.02))
    bench.window.wait_until_idle()
    assert bench.play.text() == "New run"
    bench.store.undo_stack.undo()
    bench.window.wait_until_idle()
    assert bench.store.document.training == plan
    assert bench.play.text() == "Play"
    bench.store.undo_stack.redo()
    bench.train(5)
    assert bench.run.id != first
    assert [each.plan.rate.peak for each in Runs(runs_folder()).all()] == [0.1, 0.02]
    assert [each.name for each in Runs(runs_folder()).all()] == ["A", "B"]


def test_the_seed_and_the_stop_rule_are_set_by_hand(bench):
    bench.child("newSeedButton").click()
    assert bench.store.document.training.seed != 0
    bench.store.undo_stack.undo()
    assert bench.store.document.training.seed == 0
    bench.train(5)
    bench.child("stopSteps").setChecked(True)
    assert bench.store.document.training.stop.steps is not None
    assert bench.play.text() == "Play"  # it is no other training


def test_a_run_stops_where_the_rule_says(bench):
    from kernels.cnn.training.plan import Stop

    bench.window.network.train.set_up._set(stop=Stop(steps=12))
    bench.play.click()
    bench.wait(lambda: bench.run is not None and bench.run.stopped == "steps")
    bench.wait(bench.stands)
    assert bench.run.position == 12
    bench.wait(lambda: bench.play.text() == "Play")
    assert "has done its 12 steps" in bench.child("trainMessage").text()


def test_a_branch_leaves_where_it_is_made_with_the_set_up_as_it_stands(bench):
    bench.train(12)
    parent = bench.run
    bench.timeline.setValue(10)
    plan = bench.store.document.training
    bench.store.edit(lambda document: with_training(document, _with_rate(plan, 0.05)), "Rate")
    bench.window.network.train.middle.branch()
    bench.wait(lambda: bench.run is not parent and bench.run.id != parent.id and bench.run.curves.done >= 15)
    bench.play.click()
    bench.wait(bench.stands)
    header = bench.run.run
    assert (header.parent.run, header.parent.step, header.plan.rate.peak) == (parent.id, 10, 0.05)
    assert bench.run.checkpoints[0] == 10
    bench.child("rewindButton").click()
    assert bench.timeline.value() == 10


def test_a_run_that_is_removed_is_gone_from_disk_while_it_trains_too(bench, monkeypatch):
    monkeypatch.setattr(bench.window.dialogs, "confirm", lambda *_words: True)
    bench.play.click()
    bench.wait(lambda: bench.run is not None and bench.run.curves.done >= 5)
    bench.window.network.train.middle.remove_shown()
    bench.wait(lambda: not Runs(runs_folder()).all())
    bench.window.wait_until_idle()
    assert (bench.timeline.maximum(), bench.timeline.value()) == (0, 0)


def test_a_run_that_cannot_begin_says_so_in_place(bench, tmp_path, monkeypatch):
    folder = tmp_path / "nothing"
    folder.mkdir()
    bench.window.network.train.set_up._set(data=str(folder))
    bench.window.wait_until_idle()
    assert "holds no data set" in bench.child("trainDataMessage").text()
    assert not bench.play.isEnabled()
    bench.runs.switch_playing()  # as the key does
    assert not Runs(runs_folder()).all()
    # What only the process finds out leaves nothing either.
    monkeypatch.setattr("viewer.pages.network.train.runs.is_refused", lambda _moment: False)
    bench.runs.switch_playing()
    bench.wait(lambda: "Run A could not begin" in bench.window.status.message.text())
    bench.wait(lambda: not any(runs_folder().iterdir()))
    assert bench.run is None


def test_look_and_the_learned_filters_follow_while_it_trains(bench):
    bench.play.click()
    bench.wait(lambda: bench.run is not None and bench.run.followed >= 5)
    bench.choose("lookOrTrain", "look")
    bench.window.wait_until_idle()
    bench.choose("networkCombo", "trained")
    bench.window.wait_until_idle()
    assert bench.run.state == "playing"
    before = bench.run.followed
    bench.wait(lambda: bench.run.followed > before)
    bench.choose("lookOrTrain", "train")
    bench.play.click()
    bench.wait(bench.stands)
    bench.timeline.setValue(5)
    bench.choose("lookOrTrain", "look")
    bench.window.wait_until_idle()
    column = bench.child("predictionView").columns[0]
    assert (column.name, column.kind) == ("Run A", "step 5")
    assert bench.child("networkCombo").currentText() == "Run A, step 5"
    _header, network = bench.run.run.network(5)
    from viewer.pages.network.queries import GIVEN

    given = bench.window.river.moment.value(GIVEN).to(network)
    assert np.allclose(column.probabilities, network.predict(given[np.newaxis])[0], atol=1e-6)


def test_a_mistake_is_opened_in_look_with_the_network_as_it_was_then(bench):
    from viewer.pages.network.queries import ANSWERS
    from viewer.pages.network.train.queries import JUDGED

    bench.train(5)

    def judged():
        return bench.window.river.moment.value(JUDGED)

    bench.wait(lambda: judged() is not None and judged().checkpoint.step == bench.run.position)
    worst = judged().mistakes[0]
    bench.child("worstMistakes").chosen.emit(worst.picture)
    bench.window.wait_until_idle()
    assert bench.child("lookOrTrain").currentData() == "look"
    said = bench.window.river.moment.value(ANSWERS)["trained"].probabilities
    assert int(said.argmax()) == worst.answer
    assert float(said.max()) == pytest.approx(worst.probability, abs=1e-5)


def _with_rate(plan, rate):
    from msgspec import structs

    return structs.replace(plan, rate=Rate(rate))


def test_a_step_is_taken_apart_and_every_number_is_the_training_s_own(bench):
    from viewer.pages.network.train.queries import APART

    bench.train(6)
    bench.timeline.setValue(5)
    bench.window.wait_until_idle()
    bench.child("stepApartButton").click()
    bench.child("centralDifferences").setChecked(True)
    bench.window.wait_until_idle()
    apart = bench.window.river.moment.value(APART)
    assert (apart.checkpoint.step, apart.step.step) == (5, 5)
    assert apart.step.loss.mean == pytest.approx(bench.run.curves.losses[5], rel=1e-6)
    assert apart.difference.gradient == pytest.approx(apart.step.weight.gradient, rel=1e-2, abs=1e-6)
    # What the optimiser makes of it is the weight that the training had one step later.
    bench.child("oneStepButton").click()
    before = apart.step.weight.update["w"]
    _header, network = bench.run.run.network(5)
    weight = apart.step.weight
    assert network.arrays()[weight.array][weight.index] == pytest.approx(before)
    bench.child("closeStepButton").click()
    assert not bench.child("stepApart").isVisible()
    bench.wait(lambda: bench.run.state == "waiting")


def test_curves_and_film_strip_are_taken_away(bench, monkeypatch, tmp_path):
    bench.train(10)
    bench.window.wait_until_idle()
    for what, name in (("curves-csv", "curves.csv"), ("curves-picture", "curves.png"), ("film-picture", "film.png"),
                       ("film-gif", "film.gif")):  # fmt: skip
        monkeypatch.setattr(bench.window.dialogs, "ask_save", lambda *_words, name=name: str(tmp_path / name))
        bench.window.network.train.exports.save(what)
        bench.window.wait_until_idle()
        assert (tmp_path / name).stat().st_size > 100, name
    assert (tmp_path / "curves.csv").read_text().count("\n") > 10


@pytest.fixture
def kept_runs():
    """Three runs on disk, A, B and C, each with the checkpoints 0, 1, 2 and 5."""
    disk = Runs(runs_folder())
    runs = [disk.begin(PLAN, disk.next_name()) for _ in range(3)]
    for run in runs:
        training = RecordedTraining(run, collection_for(PLAN), lambda _report: None, is_watched=True)
        while training.step < 5:
            training.advance()
        training.flush()
    return runs


def test_damage_hides_nothing_else_and_is_said(kept_runs, open_window, qtbot):
    first, second, third = kept_runs
    (first.folder / "curves.bin").write_bytes(b"\xff" * 500)
    second.path(5).write_bytes(b"nothing")
    bench = TrainBench(open_window("coffee"), qtbot)
    bench.wait(lambda: bench.run is not None)
    found = bench.window.river.moment.value(RUNS).runs
    assert [each.run.name for each in found] == ["B", "C"]
    assert bench.window.status.message.text() == "Run A cannot be read: The file curves.bin holds no curves."
    assert Runs(runs_folder()).next_name() == "D"

    bench.window.network.train.middle.choose_run(second.id)
    bench.window.wait_until_idle()
    assert (bench.run.run.name, bench.run.position, bench.run.checkpoints) == ("B", 2, (0, 1, 2))
    message = bench.child("trainMessage").text()
    assert message == "Run B: the checkpoint of step 5 is damaged; it goes on from step 2."

    bench.play.click()
    bench.wait(lambda: bench.run.curves.done > 5)
    bench.window.network.train.middle.choose_run(third.id)
    bench.wait(lambda: all(not each.is_playing for each in bench.window.river.moment.value(RUNS).runs))
    assert second.is_whole(5)
    assert len(Runs(runs_folder()).all()) == 3


def test_the_colour_of_a_run_stays_when_another_is_removed(kept_runs, open_window, qtbot, monkeypatch):
    bench = TrainBench(open_window("coffee"), qtbot)
    bench.wait(lambda: bench.run is not None)
    monkeypatch.setattr(bench.window.dialogs, "confirm", lambda *_words: True)
    middle = bench.window.network.train.middle
    middle.choose_run(kept_runs[0].id)

    def pens():
        return {text: pen.color().name() for pen, text in bench.child("curvesLegend").fitting()[0][2:]}

    before = pens()
    assert len(before) == 2
    middle.remove(kept_runs[1].id)
    bench.window.wait_until_idle()
    assert pens() == {text: colour for text, colour in before.items() if "C" in text}


def test_going_through_the_steps_draws_no_curve_again(kept_runs, open_window, qtbot):
    bench = TrainBench(open_window("coffee"), qtbot)
    bench.wait(lambda: bench.run is not None)
    bench.window.wait_until_idle()
    curves = bench.child("trainCurves")
    before = curves.drawing()
    for step in (2, 1, 0):
        bench.timeline.setValue(step)
        bench.window.wait_until_idle()
        assert bench.timeline.value() == step
    assert curves.drawing() is before
    bench.window.network.train.middle.choose_run(kept_runs[0].id)
    assert curves.drawing() is not before


def test_nothing_begins_before_it_is_known_what_there_is(kept_runs, open_window, qtbot, monkeypatch):
    held = []
    monkeypatch.setattr(TrainingRuns, "_order", lambda _self, make, take: held.append((make, take)))
    window = open_window("coffee")
    window.frame.go_to("network")
    window.network.choose_side("train")
    runs = window.network.train.runs
    runs.switch_playing()
    runs.one_step()
    assert len(held) == 1  # the list is read, and no run is begun
