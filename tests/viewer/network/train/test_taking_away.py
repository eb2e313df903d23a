"""Networks and plans of runs as files of one's own."""

import subprocess
import sys

import numpy as np
import pytest

from kernels import cnn
from kernels.cnn.training.plan import Rate


@pytest.fixture
def save(bench, monkeypatch):
    """Save something of the shown run under a path; gives what is said about it."""

    def save(what, path):
        monkeypatch.setattr(bench.window.dialogs, "ask_save", lambda *_words: str(path))
        bench.window.network.train.exports.save(what)
        bench.window.wait_until_idle()
        return bench.window.status.message.text()

    return save


@pytest.fixture
def folder(tmp_path):
    """An empty one."""
    made = tmp_path / "taken"
    made.mkdir()
    return made


def at(bench, step):
    """Look at a checkpoint; gives its arrays."""
    bench.timeline.setValue(step)
    bench.window.wait_until_idle()
    return bench.run.run.network(step)[1].arrays()


def test_the_weights_at_a_step_are_saved_in_either_format(bench, save, folder):
    bench.train(10)
    wanted = at(bench, 5)
    for name in ("a.npz", "a.safetensors"):
        assert f"Saved {name}" in save("weights", folder / name)
        found = cnn.load(folder / name).arrays()
        assert found.keys() == wanted.keys()
        for key in wanted:
            np.testing.assert_array_equal(found[key], wanted[key])
    assert "must end in .npz or .safetensors" in save("weights", folder / "a.txt")
    assert sorted(path.name for path in folder.iterdir()) == ["a.npz", "a.safetensors"]


def test_a_source_comes_with_its_weights_and_replaces_no_others(bench, save, folder):
    bench.train(10)
    wanted = at(bench, 5)
    assert "its weights are beside it, in model.safetensors" in save("pytorch", folder / "model.py")
    found = cnn.load(folder / "model.safetensors").arrays()
    for key in wanted:
        np.testing.assert_array_equal(found[key], wanted[key])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert b"model.safetensors" in before["model.py"]
    at(bench, 10)
    assert "save the source under another name" in save("pytorch", folder / "model.py")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_plan_of_a_run_repeats_it_on_the_command_line(bench, save, tmp_path):
    bench.train(10)
    assert "kernelscope train --plan plan.json -o weights.npz repeats the run" in save("plan", tmp_path / "plan.json")
    words = ["train", "--plan", str(tmp_path / "plan.json"), "-o", str(tmp_path / "again.npz")]
    subprocess.run([sys.executable, "-m", "viewer", *words], check=True, capture_output=True, timeout=60)
    found = cnn.load(tmp_path / "again.npz").arrays()
    wanted = bench.run.run.network(bench.run.run.curves().best())[1].arrays()
    assert found.keys() == wanted.keys()
    for key in wanted:
        np.testing.assert_array_equal(found[key], wanted[key])


def test_the_plan_of_a_branch_says_what_it_does_not_repeat(bench, save, tmp_path):
    bench.train(10)
    at(bench, 5)
    bench.window.network.train.set_up._set(rate=Rate(0.05))
    bench.window.network.train.middle.branch()
    bench.wait(lambda: bench.run.run.parent is not None and bench.run.curves.done > 5)
    bench.play.click()
    bench.wait(bench.stands)
    assert "begins with new weights, not as the branch did with those of step 5" in save("plan", tmp_path / "b.json")


def test_the_menu_of_the_run_and_the_actions_save_the_same(bench, monkeypatch):
    bench.train(5)
    at(bench, 5)
    asked = []

    def ask(_title, proposal, _choices):
        asked.append(proposal.rpartition("/")[2])
        return ""

    monkeypatch.setattr(bench.window.dialogs, "ask_save", ask)
    entries = bench.child("runSaveButton").menu().actions()
    for entry in entries:
        entry.trigger()
    by_menu, asked[:] = list(asked), []
    for name in ("CurvesTable", "CurvesPicture", "TrainedWeights", "PyTorchSource", "TrainingPlan"):
        bench.window.intents.call(f"save{name}")
    assert asked == by_menu
    assert asked[:2] == ["run-a-curves.csv", "run-a-curves.png"]
    assert asked[2:] == ["run-a-step-5.npz", "run_a_step_5.py", "run-a-plan.json"]
