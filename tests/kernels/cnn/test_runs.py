"""Runs on disk: what they hold, how they are thinned, branched and removed, and what damaged ones say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from kernels.cnn.training import curves as curves_module
from kernels.cnn.training import runs as runs_module
from kernels.cnn.training.collections import Collection
from kernels.cnn.training.curves import CurveFile, Curves, early_checks, is_check_written, read_curves, spacing
from kernels.cnn.training.messages import Checked, Gauged, Kept, Report, Stepped
from kernels.cnn.training.plan import NamedNetwork, Rate, Stop, TrainingPlan
from kernels.cnn.training.recording import RecordedTraining
from kernels.cnn.training.runs import Parent, Run, Runs, hold, open_run, remove_run
from kernels.cnn.training.trainer import Trainer

PLAN = TrainingPlan(NamedNetwork("logistic"), rate=Rate(0.02), batch=16, seed=4, check_every=5, stop=Stop(steps=20))


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


def played(run: Run, data: Collection, to: int, at: int | None = None) -> list[Report]:
    told: list[Report] = []
    training = RecordedTraining(run, data, told.append, at=at)
    while training.step < to:
        training.advance()
    training.flush()
    return told


def test_a_run_holds_plan_curves_and_checkpoints(runs: Runs, few_digits: Collection) -> None:
    run = runs.begin(PLAN, runs.next_name())
    assert (run.name, run.checkpoints(), run.curves().done) == ("A", (), 0)
    told = played(run, few_digits, 12)
    assert run.checkpoints() == (0, 5, 10)
    assert [run.nearest(step) for step in (0, 4, 5, 11, 99)] == [0, 0, 5, 10, 10]
    alone = Trainer(PLAN, few_digits)
    losses = []
    for step in range(12):
        if step == 5:
            for name, array in run.state(5).arrays.items():
                np.testing.assert_array_equal(array, alone.network.arrays()[name])
            score = alone.check()
        losses.append(alone.advance().loss)
    curves = run.curves()
    assert curves.done == 12
    np.testing.assert_array_equal(curves.steps, range(12))
    np.testing.assert_allclose(curves.losses, losses)
    np.testing.assert_array_equal(curves.check_steps, (0, 5, 10))
    assert (curves.check_losses[1], curves.check_accuracies[1]) == (score.loss, score.accuracy)
    np.testing.assert_array_equal(curves.gauge_steps, (0, 5, 10))
    assert curves.gradient_sizes.shape == (3, 1)
    assert [report.step for report in told if isinstance(report, Kept)] == [0, 5, 10]
    header, network = run.network(5)
    assert (header.data, header.figures.validation_accuracy) == (few_digits.name, score.accuracy)
    assert network.predict(few_digits.check.images[:2]).shape == (2, 10)
    assert runs.all() == (run,) == (open_run(run.folder),)


def test_a_run_taken_up_again_is_the_same_bytes_as_an_undisturbed_one(runs: Runs, few_digits: Collection) -> None:
    plan = replace(PLAN, optimiser="adam", rate=Rate(1e-3))
    whole, broken = runs.begin(plan, "A"), runs.begin(plan, "B")
    played(whole, few_digits, 20)
    played(broken, few_digits, 8)
    played(broken, few_digits, 13)
    played(broken, few_digits, 7, at=0)
    played(broken, few_digits, 20)
    assert broken.checkpoints() == whole.checkpoints()
    for step in whole.checkpoints():
        assert whole.path(step).read_bytes() == broken.path(step).read_bytes()
    first, second = whole.curves(), broken.curves()
    assert first.done == second.done == 20
    for name in ("steps", "losses", "accuracies", "check_steps", "check_losses", "gauge_steps", "gradient_sizes"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_a_run_that_is_watched_is_checked_early_and_often_and_trains_to_the_same_bytes(
    runs: Runs, few_digits: Collection
) -> None:
    plan = replace(PLAN, check_every=10, dropout=0.3)
    alone, watched = runs.begin(plan, "A"), runs.begin(plan, "B")
    played(alone, few_digits, 20)
    training = RecordedTraining(watched, few_digits, lambda _report: None, is_watched=True)
    while training.step < 20:
        training.advance()
        if training.step in (7, 13):
            training.end_here()
    assert early_checks(10) == (1, 2, 5)
    assert early_checks(50) == (1, 2, 5, 10, 20)
    seen = (0, 1, 2, 5, 7, 10, 13, 20)
    assert watched.checkpoints() == tuple(watched.curves().check_steps) == seen
    assert tuple(watched.curves().gauge_steps) == seen[:-1]
    for step in alone.checkpoints():
        assert watched.path(step).read_bytes() == alone.path(step).read_bytes()
    assert watched.thin(0) == (7, 13)


def test_where_a_run_stops_does_not_depend_on_where_else_it_was_checked() -> None:
    checks = [Checked(step, loss, 0.5) for step, loss in ((0, 3.0), (7, 0.5), (10, 2.0), (13, 1.0), (20, 2.5))]
    curves = Curves().extended(checks)
    assert (curves.best(), curves.best(13), curves.best(5)) == (7, 7, 0)
    assert (curves.best(every=10), curves.best(9, 10), Curves().best(every=10)) == (10, 0, None)
    assert Curves().extended(checks[1:]).best(every=10) == 7  # a branch begins with a check anywhere


def test_a_branch_starts_from_a_copy_and_counts_on(runs: Runs, few_digits: Collection) -> None:
    run = runs.begin(PLAN, "A")
    played(run, few_digits, 10)
    branch = runs.begin(replace(PLAN, rate=Rate(0.3)), runs.next_name(), Parent(run.id, 5))
    assert (branch.name, branch.checkpoints(), branch.parent) == ("B", (5,), Parent(run.id, 5))
    remove_run(run.folder)
    assert runs.all() == (branch,)
    played(branch, few_digits, 12)
    assert branch.checkpoints() == (5, 10)
    curves = branch.curves()
    assert (curves.steps[0], curves.check_steps[0], curves.done) == (5, 5, 12)
    with pytest.raises(OSError, match=r"There is no file .*00000003\.npz"):
        runs.begin(PLAN, "C", Parent(branch.id, 3))
    assert runs.all() == (branch,)


def test_other_pictures_are_refused_but_by_a_branch(runs: Runs, few_digits: Collection) -> None:
    run = runs.begin(PLAN, "A")
    played(run, few_digits, 5)
    others = Collection(few_digits.check, few_digits.learn.take(0, 50))
    with pytest.raises(ValueError, match="run A was begun with other pictures"):
        played(run, others, 6)
    played(runs.begin(PLAN, "B", Parent(run.id, 5)), others, 6)


def test_runs_are_named_and_removed_with_what_is_theirs_alone(runs: Runs, few_digits: Collection) -> None:
    first, second = runs.begin(PLAN, "A"), runs.begin(PLAN, "B")
    played(first, few_digits, 5)
    assert first.renamed("slow & steady").name == open_run(first.folder).name == "slow & steady"
    assert runs.next_name() == "C"  # that of a run which was given another name is not used again
    (second.folder / "note.txt").write_text("mine")
    remove_run(first.folder)
    remove_run(second.folder)
    assert not first.folder.exists()
    assert [path.name for path in second.folder.iterdir()] == ["note.txt"]
    assert runs.all() == runs.problems() == ()


def test_next_names(runs: Runs) -> None:
    for _ in range(27):
        last = runs.begin(PLAN, runs.next_name())
    assert (last.name, runs.next_name()) == ("A2", "B2")


def kept_of(run: Run, steps: range, size: int = 10) -> None:
    for step in steps:
        run.path(step).write_bytes(bytes(size))


def test_older_checkpoints_go_and_marked_ones_stay(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.begin(PLAN, "A")
    monkeypatch.setattr(runs_module, "MOST_CHECKPOINTS", 40)
    kept_of(run, range(0, 500, 5))
    gone = run.thin(10_000, (35, 65))
    left = run.checkpoints()
    assert len(left) == 30
    assert set(left) | set(gone) == set(range(0, 500, 5))
    staying = {0, 35, 495, 5, 10, 20, 40, 80, 160, 320}
    assert {65, *staying} <= set(left)
    # Evenly along the run, and the newest are the last to go.
    assert np.diff(left).max() <= 40
    assert np.diff(left[left.index(160) :]).min() >= 15
    assert run.thin(10_000) == ()
    run.thin(200, (35,))
    assert set(run.checkpoints()) >= staying
    assert len(run.checkpoints()) == 15
    assert run.thin(0, (35,))
    assert set(run.checkpoints()) == staying


def test_all_runs_share_the_room(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_module, "LARGEST_RUNS", 1200)
    first = runs.begin(PLAN, "A")
    kept_of(first, range(0, 600, 5))
    CurveFile(first.curves_path).add([Checked(0, 2.0, 0.1), Checked(235, 1.0, 0.9), Checked(300, 1.0, 0.8)])
    assert runs.thin(first, 235) == ()
    second = runs.begin(PLAN, "B", Parent(first.id, 345))
    assert len(first.checkpoints()) <= 60
    assert {235, 345} <= set(first.checkpoints())
    kept_of(second, range(350, 1000, 5))
    assert runs.thin(second, None)
    assert len(second.checkpoints()) <= 60


def test_a_training_thins_its_run_and_says_so(
    runs: Runs, few_digits: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_module, "MOST_CHECKPOINTS", 8)
    run = runs.begin(replace(PLAN, check_every=1), "A")
    told = played(run, few_digits, 30)
    gone = {step for report in told if isinstance(report, Kept) for step in report.removed}
    assert gone
    assert set(run.checkpoints()) == set(range(31)) - gone


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00\x00\x00\x05hello" * 20)


@pytest.mark.parametrize("damage", [cut, garbage, Path.unlink])
def test_damaged_runs_say_so_in_one_sentence(
    runs: Runs, few_digits: Collection, damage: Callable[[Path], None]
) -> None:
    run = runs.begin(PLAN, "A")
    played(run, few_digits, 5)
    damage(run.path(5))
    with pytest.raises((OSError, ValueError), match=r"00000005\.npz") as caught:
        run.network(5)
    assert "\n" not in str(caught.value)
    run.network(0)
    assert run.nearest() == 0
    damage(run.folder / "run.json")
    assert runs.all() == ()
    problems = runs.problems()
    assert len(problems) == (damage is not Path.unlink)
    assert all("run.json is not a run of a training" in each and "\n" not in each for each in problems)


def test_a_damaged_checkpoint_is_passed_over_and_written_anew(runs: Runs, few_digits: Collection) -> None:
    run = runs.begin(PLAN, "A")
    played(run, few_digits, 15)
    good = run.path(15).read_bytes()
    for step in (10, 15):
        garbage(run.path(step))
    assert (run.nearest(), run.nearest(12), run.nearest(3)) == (5, 5, 0)
    told = played(run, few_digits, 15)
    assert [report.step for report in told if isinstance(report, Kept)] == [10, 15]
    assert run.path(15).read_bytes() == good
    for step in run.checkpoints():
        garbage(run.path(step))
    assert run.nearest() is None
    with pytest.raises(ValueError, match="run A has no checkpoint that can be read"):
        played(run, few_digits, 15)


def test_a_run_of_another_kind_is_refused(runs: Runs) -> None:
    run = runs.begin(PLAN, "A")
    path = run.folder / "run.json"
    path.write_text(path.read_text().replace('"batch": 16', '"batch": 0'))
    with pytest.raises(ValueError, match="batch"):
        open_run(run.folder)


def test_curves_that_were_cut_off_go_on_where_they_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "curves.bin"
    CurveFile(path).add([Stepped(2, 0, (2.0, 1.5), (0.1, 0.2)), Checked(2, 1.0, 0.5)])
    whole = path.stat().st_size
    CurveFile(path).add([Stepped(3, 2, (1.0,), (0.5,))])
    os.truncate(path, path.stat().st_size - 3)
    assert read_curves(path).done == 2
    file = CurveFile(path)
    assert path.stat().st_size == whole
    file.add([Stepped(4, 1, (1.5, 1.0, 0.5), (0.2, 0.5, 0.6)), Checked(2, 9.0, 0.0), Gauged(2, (1.0,), (0,))])
    curves = read_curves(path)
    np.testing.assert_array_equal(curves.steps, range(4))
    np.testing.assert_array_equal(curves.losses, (2.0, 1.5, 1.0, 0.5))
    np.testing.assert_array_equal(curves.check_losses, (1.0,))
    assert curves.gradient_sizes.tolist() == [[1.0]]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x01\x80",
        b"\x00\x00\x00\x03abc",
    ],
)
def test_what_is_no_file_of_curves(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "curves.bin").write_bytes(content)
    with pytest.raises(ValueError, match=r"curves\.bin holds no curves"):
        read_curves(tmp_path / "curves.bin")


def test_records_that_contradict_each_other(tmp_path: Path) -> None:
    for wrong in (Stepped(2, 0, (1.0, 2.0), (0.5,)), Gauged(9, (1.0, 2.0), (0,))):
        CurveFile(tmp_path / "a").add([Gauged(3, (1.0,), (0,))])
        with pytest.raises(ValueError, match=r"not as many losses|dimension"):
            Curves().extended([Gauged(3, (1.0,), (0,)), wrong])


def test_curves_of_a_long_run_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [spacing(step) for step in (0, 65_535, 65_536, 131_071, 131_072, 10**9)] == [1, 1, 2, 2, 4, 2**14]
    assert sum(65_536 // spacing(start) for start in range(0, 10**9, 65_536)) < 600_000
    assert [is_check_written(50 * number, 50) for number in (0, 1, 4_095, 4_096, 4_097, 4_098)] == [
        True, True, True, True, False, True,
    ]  # fmt: skip


def test_a_long_run_writes_every_second_step_then_every_fourth(
    runs: Runs, few_digits: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves_module, "_ALL", 3)
    run = runs.begin(PLAN, "A")
    told = played(run, few_digits, 26)
    curves = run.curves()
    assert curves.done == 26
    np.testing.assert_array_equal(curves.steps, [*range(8), *range(8, 16, 2), *range(16, 26, 4)])
    again = Curves().extended([each for each in told if isinstance(each, Stepped | Checked | Gauged)])
    np.testing.assert_array_equal(again.losses, curves.losses)
    np.testing.assert_array_equal(again.check_steps, curves.check_steps)


def test_the_best_check_is_the_most_accurate_then_the_surest_then_the_first() -> None:
    checks = [(0, 2.0, 0.1), (5, 0.9, 0.8), (10, 0.8, 0.8), (15, 0.8, 0.8), (20, 0.1, 0.7)]
    curves = Curves().extended([Checked(*each) for each in checks])
    assert (curves.best(), curves.best(5), curves.best(4), Curves().best()) == (10, 5, 0, None)


def test_a_stop_rule() -> None:
    rule = Stop(steps=100, epochs=3, no_gain=20)
    assert [rule.reason(step, 40, best) for step, best in ((99, 90), (100, 90), (50, 30), (50, 31))] == [
        None, "steps", "no-gain", None,
    ]  # fmt: skip
    assert Stop(epochs=3).reason(119, 40, 0) is None
    assert Stop(epochs=3).reason(120, 40, 0) == "epochs"
    assert Stop().reason(10**8, 1, 0) is None


def test_a_full_disk_is_one_sentence_and_the_last_checkpoint_stays(
    runs: Runs, few_digits: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.begin(PLAN, "A")
    played(run, few_digits, 7)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match=r"There is no room left for .*00000010\.npz; nothing was written"):
            played(run, few_digits, 20)
    assert run.checkpoints() == (0, 5)
    played(run, few_digits, 12)
    np.testing.assert_array_equal(run.curves().steps, range(12))


def test_one_process_at_a_time_trains_a_run(runs: Runs) -> None:
    run = runs.begin(PLAN, "A")
    with hold(run.folder), pytest.raises(ValueError, match="trained by another process"):
        hold(run.folder)
    hold(run.folder).close()
    remove_run(run.folder)
    assert not run.folder.exists()
