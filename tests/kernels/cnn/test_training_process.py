"""The training process: started as the window starts it, told things, killed and left alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from kernels import processes
from kernels.cnn.training import serving
from kernels.cnn.training.messages import (
    Begin,
    Checked,
    End,
    Failed,
    Gauged,
    Kept,
    OneStep,
    Pause,
    Play,
    Ready,
    Report,
    Rewind,
    Stepped,
    Stopped,
)
from kernels.cnn.training.plan import NamedNetwork, Rate, Stop, TrainingPlan
from kernels.cnn.training.runs import Run, Runs

PLAN = TrainingPlan(NamedNetwork("logistic"), rate=Rate(0.02), check_every=20, stop=Stop(steps=100))
PATIENCE = 60.0


class Process:
    """The process, and what it said."""

    def __init__(self, plan: TrainingPlan) -> None:
        self.popen = subprocess.Popen(
            serving.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=serving.environment(plan),
            bufsize=0,
        )
        self._reports: Iterator[Any] = processes.received(self.popen.stdout, Report)
        self.said: list[Any] = []
        self._guard = threading.Timer(PATIENCE, self.popen.kill)
        self._guard.start()

    def tell(self, *commands: Any) -> None:
        for each in commands:
            processes.send(self.popen.stdin, each)

    def hear(self, kind: type, is_it: Callable[[Any], bool] = lambda _: True) -> Any:
        """Return the next report of a kind."""
        for report in self._reports:
            self.said.append(report)
            if isinstance(report, kind) and is_it(report):
                return report
            assert not isinstance(report, Failed), report
        raise AssertionError(f"it ended before {kind.__name__}, having said {self.said[-5:]}")

    def close(self) -> int:
        with suppress(OSError):
            self.popen.stdin.close()
        status = self.popen.wait(PATIENCE)
        self._guard.cancel()
        self._guard.join()
        self.popen.stdout.close()
        return status


@contextmanager
def started(run: Run, *commands: Any) -> Iterator[Process]:
    process = Process(run.plan)
    try:
        process.tell(Begin(str(run.folder)), *commands)
        yield process
    finally:
        process.popen.kill()
        process.close()


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that was never disturbed."""
    run = Runs(tmp_path_factory.mktemp("whole")).begin(PLAN, "A")
    with started(run, Play()) as process:
        stopped = process.hear(Stopped)
        assert (stopped.step, stopped.reason) == (100, "steps")
        process.tell(End())
        assert process.close() == 0
    return run


def test_it_plays_to_the_stop_rule_and_tells_everything_once(whole: Run, tmp_path: Path) -> None:
    run = Runs(tmp_path).begin(PLAN, "A")
    with started(run, Play()) as process:
        assert process.hear(Ready).step == 0
        process.hear(Stopped)
        process.tell(Play(stop=Stop(steps=110)))
        assert process.hear(Stopped) == Stopped(110, "steps")
        process.tell(Play(stop=Stop(no_gain=5)))
        process.hear(Stopped, lambda report: report.reason == "no-gain")
    for kind in (Checked, Kept):
        # A slow machine may look once more in between.
        assert {0, 1, 2, 5, 10, 20, 40, 60, 80, 100} <= {each.step for each in process.said if isinstance(each, kind)}
    steps, losses = [], []
    for each in process.said:
        if isinstance(each, Stepped):
            steps += range(each.first, each.first + len(each.losses))
            losses += each.losses
    assert steps[:110] == list(range(110))
    np.testing.assert_array_equal(losses[:100], whole.curves().losses)
    assert sum(isinstance(each, Gauged) for each in process.said) >= 6
    for step in {*whole.checkpoints()} & {*run.checkpoints()}:
        assert run.path(step).read_bytes() == whole.path(step).read_bytes()


def test_killed_in_the_middle_it_goes_on_to_the_same_bytes(whole: Run, runs: Runs) -> None:
    run = runs.begin(PLAN, "A")
    with started(run, Play(pace=200.0)) as process:
        process.hear(Stepped, lambda report: report.done > 30)
        process.popen.kill()
        process.popen.wait(PATIENCE)
    assert run.checkpoints()[-1] < 100
    with started(run, Play()) as process:
        assert 0 < process.hear(Ready).step < 100
        process.hear(Stopped)
    assert run.path(100).read_bytes() == whole.path(100).read_bytes()
    np.testing.assert_array_equal(run.curves().losses, whole.curves().losses)


def test_it_keeps_its_state_and_ends_when_nobody_tells_it_anything_any_more(whole: Run, runs: Runs) -> None:
    run = runs.begin(PLAN, "A")
    with started(run, Play(pace=100.0)) as process:
        process.hear(Stepped, lambda report: report.done > 25)
        process.popen.stdout.close()
        assert process.close() == 0
    step = run.checkpoints()[-1]
    assert 25 < step < 100
    with started(run, Play()) as process:
        assert process.hear(Ready).step == step
        process.hear(Stopped)
    assert run.path(100).read_bytes() == whole.path(100).read_bytes()


def test_where_checks_are_far_apart_there_is_one_a_second(runs: Runs) -> None:
    run = runs.begin(replace(PLAN, check_every=1000, stop=Stop()), "A")
    with started(run, Play(pace=15.0)) as process:
        seen = process.hear(Checked, lambda report: report.step > 10).step
        assert 10 < seen < 200
        process.tell(Pause())
        process.hear(Stopped)
    assert seen in run.checkpoints()
    assert seen in run.curves().check_steps


def test_pausing_one_step_and_rewinding_change_nothing(whole: Run, runs: Runs) -> None:
    run = runs.begin(PLAN, "A")
    with started(run, OneStep(), OneStep()) as process:
        assert process.hear(Stopped) == Stopped(1, "paused")
        assert process.hear(Stopped) == Stopped(2, "paused")
        process.tell(Play(pace=200.0))
        process.hear(Stepped, lambda report: report.done > 10)
        process.tell(Pause())
        paused = process.hear(Stopped)
        assert paused.reason == "paused"
        assert set(run.checkpoints()) >= {0, 1, 2, paused.step}
        process.tell(Rewind())
        assert process.hear(Stopped) == Stopped(0, "rewound")
        process.tell(Play())
        assert process.hear(Stopped) == Stopped(100, "steps")
        assert run.path(100).read_bytes() == whole.path(100).read_bytes()
        process.tell(Begin(str(run.folder), at=55), Play())
        assert process.hear(Ready).step == 40
        process.hear(Stopped)
    np.testing.assert_array_equal(run.curves().losses, whole.curves().losses)


def test_weights_that_burst_are_one_sentence_and_the_last_good_checkpoint_stays(runs: Runs) -> None:
    run = runs.begin(replace(PLAN, network=NamedNetwork("mlp"), rate=Rate(1e30)), "A")
    with started(run, Play()) as process:
        with pytest.raises(AssertionError, match="Failed"):
            process.hear(Stopped)
        failed = process.said[-1]
        assert "training went wrong at step" in failed.sentence
        assert "\n" not in failed.sentence
        assert run.checkpoints() == (0,)
        process.tell(Rewind())
        assert process.hear(Stopped) == Stopped(0, "rewound")


def test_what_is_not_there_is_one_sentence(runs: Runs, tmp_path: Path) -> None:
    vanished = runs.begin(replace(PLAN, data=str(tmp_path / "pictures")), "A")
    damaged = runs.begin(PLAN, "B")
    (damaged.folder / "run.json").write_text("{")
    gone = runs.begin(PLAN, "C")
    shutil.rmtree(gone.folder)
    with started(vanished, Begin(str(damaged.folder)), Begin(str(gone.folder)), Play()) as process:
        for words in ("there is no folder", "run.json is not a run", "There is no file", "There is no file"):
            with pytest.raises(AssertionError, match="Failed"):
                process.hear(Ready)
            assert words in process.said[-1].sentence
        good = runs.begin(PLAN, "D")
        process.tell(Begin(str(good.folder)))
        assert process.hear(Ready).step == 0


def test_what_is_no_message_ends_it(runs: Runs) -> None:
    run = runs.begin(PLAN, "A")
    with started(run) as process:
        process.hear(Ready)
        process.popen.stdin.write(b"\x00\x00\x00\x02hi")
        assert process.popen.wait(PATIENCE) == 0


def test_it_starts_without_numpy_and_with_the_plans_threads() -> None:
    plan = TrainingPlan(threads=3)
    environment = serving.environment(plan)
    assert environment["OPENBLAS_NUM_THREADS"] == environment["OMP_NUM_THREADS"] == "3"
    assert environment["PATH"]
    code = "import sys, kernels.cnn.training.plan, kernels.commands.train; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0
