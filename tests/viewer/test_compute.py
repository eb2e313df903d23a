"""The worker: newest wins within a lane, a queue loses nothing, a fault is an answer."""

import threading
from dataclasses import dataclass, field

import pytest

from kernels.errors import Cancelled
from viewer import compute as compute_module
from viewer.compute import Compute
from viewer.resolve import Failure, Request, Response


@dataclass(frozen=True, eq=False, kw_only=True)
class Work(Request):
    """Returns its label once it may go on; ends early when it is cancelled."""

    lane: str = "work"
    label: str = ""
    gate: threading.Event = field(default_factory=threading.Event)
    started: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def run(self, control):
        self.started.set()
        while not self.gate.wait(0.002):
            if control.cancelled():
                raise Cancelled
        if self.error is not None:
            raise self.error
        control.progress(1.0)
        return self.label


@pytest.fixture
def compute(qapp):
    made = Compute()
    yield made
    made.shutdown()


def _open(label, **fields):
    work = Work(label=label, **fields)
    work.gate.set()
    return work


def test_an_answer_arrives_in_the_gui_thread_with_its_request(compute, qtbot):
    request = _open("a")
    threads = []
    compute.answered.connect(lambda _answer: threads.append(threading.current_thread()))
    with qtbot.waitSignal(compute.answered) as caught:
        compute.submit(request)
    answer = caught.args[0]
    assert isinstance(answer, Response)
    assert (answer.request, answer.result) == (request, "a")
    assert threads == [threading.main_thread()]


def test_of_many_waiting_requests_only_the_newest_runs(compute, qtbot):
    first = Work(label="first")
    answers = []
    compute.answered.connect(answers.append)
    compute.submit(first)
    assert first.started.wait(5)
    for label in ("second", "third", "fourth"):
        compute.submit(_open(label))
    first.gate.set()
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert [answer.result for answer in answers] == ["first", "fourth"]


def test_a_slow_request_that_was_replaced_is_cancelled(compute, qtbot, monkeypatch):
    monkeypatch.setattr(compute_module, "GRACE_SECONDS", 0.0)
    stuck = Work(label="stuck")
    compute.submit(stuck)
    assert stuck.started.wait(5)
    with qtbot.waitSignal(compute.answered) as caught:
        compute.submit(_open("next"))
    assert caught.args[0].result == "next"


def test_lanes_do_not_wait_for_each_other(compute, qtbot):
    stuck = Work(label="stuck")
    compute.submit(stuck)
    assert stuck.started.wait(5)
    with qtbot.waitSignal(compute.answered) as caught:
        compute.submit(_open("other", lane="other"))
    assert caught.args[0].result == "other"
    stuck.gate.set()
    qtbot.waitUntil(lambda: compute.is_idle)


def test_a_queue_keeps_everything_in_order(compute, qtbot):
    answers = []
    compute.answered.connect(answers.append)
    first = Work(label="0", lane="save", queue=True)
    compute.submit(first)
    for label in "123":
        compute.submit(_open(label, lane="save", queue=True))
    first.gate.set()
    qtbot.waitUntil(lambda: len(answers) == 4)
    assert [answer.result for answer in answers] == list("0123")


def test_a_fault_is_an_answer_and_the_lane_goes_on(compute, qtbot):
    with qtbot.waitSignal(compute.answered) as caught:
        compute.submit(_open("bad", error=ValueError("stride is 0, but must be at least 1.")))
    assert isinstance(caught.args[0], Failure)
    assert caught.args[0].message == "stride is 0, but must be at least 1."
    with qtbot.waitSignal(compute.answered) as caught:
        compute.submit(_open("good"))
    assert caught.args[0].result == "good"


def test_cancel_stops_what_runs_and_forgets_what_waits(compute, qtbot):
    answers = []
    compute.answered.connect(answers.append)
    stuck = Work(label="stuck")
    compute.submit(stuck)
    assert stuck.started.wait(5)
    compute.submit(_open("waiting"))
    compute.cancel("work")
    qtbot.waitUntil(lambda: compute.is_idle)
    assert answers == []


def test_shutdown_ends_all_threads_even_with_work_under_way(qapp):
    made = Compute()
    stuck = Work(label="stuck")
    made.submit(stuck)
    assert stuck.started.wait(5)
    made.shutdown()
    assert made.is_idle
    made.submit(_open("late"))
    assert made.submissions == 1
