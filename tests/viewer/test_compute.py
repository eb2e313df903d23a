"""The worker: the newest wins within a lane, orders lose nothing, whatever is raised is an answer."""

import os
import sys
import threading

import pytest
from PyQt6.QtCore import Qt

from kernels.errors import Cancelled
from viewer import compute as compute_module
from viewer import task as task_module
from viewer.compute import Compute
from viewer.moment import Failure, Purpose, Query, Result

WORK, OTHER = Purpose("work", "first", "Working"), Purpose("other", "second")
LEISURE = Purpose("leisure", "third", at_leisure=True)
SAVED = Purpose("saved", "save", "Saving")


class Make:
    """Gives its label once it may go on; ends early when it is cancelled."""

    def __init__(self, label, *, error=None, publish=None, is_open=False):
        self.label, self.error, self.publish = label, error, publish
        self.started, self.gate, self.runs = threading.Event(), threading.Event(), 0
        if is_open:
            self.gate.set()

    def __call__(self, work):
        self.runs += 1
        self.started.set()
        if self.publish is not None:
            work.publish(self.publish, "early")
        while not self.gate.wait(0.002):
            if work.cancelled():
                raise Cancelled
        if self.error is not None:
            raise self.error
        work.progress(1.0)
        return self.label


@pytest.fixture
def compute(qapp):
    made = Compute()
    yield made
    made.shutdown()


@pytest.fixture
def idle(compute, qtbot):
    """Wait until all is done; gives what has come of orders."""

    def wait():
        taken = []

        def look():
            taken.extend(compute.outcomes())
            return compute.is_idle

        qtbot.waitUntil(look)
        for then, outcome in taken:
            then(outcome)

    return wait


def query(purpose, key, **how):
    make = Make(key, is_open=True, **how)
    return Query(purpose, key, make)


def stuck(purpose, key, **how):
    return Query(purpose, key, Make(key, **how))


def begin(compute, *queries):
    compute.want(queries)
    assert queries[0].make.started.wait(5)


def value(compute, purpose):
    found = compute.snapshot()[0].get(purpose.name)
    return None if found is None else found.value


def sentence(compute, purpose):
    found = compute.snapshot()[1].get(purpose.name)
    return None if found is None else found.sentence


def test_what_is_wanted_is_made_once_however_often_it_is_asked_for(compute, idle, qtbot):
    asked = stuck(WORK, "a")
    begin(compute, asked)
    again = query(WORK, "a")
    assert compute.want([again]) == {"work"}
    asked.make.gate.set()
    idle()
    assert compute.want([again]) == frozenset()
    idle()
    assert (asked.make.runs, again.make.runs) == (1, 0)
    assert value(compute, WORK) == "a"


def test_of_many_that_wait_only_the_newest_is_made_and_what_runs_is_shown(compute, idle, qtbot):
    seen = []
    compute.arrived.connect(lambda: seen.append(value(compute, WORK)))
    first = stuck(WORK, "first")
    begin(compute, first)
    waiting = [query(WORK, label) for label in ("second", "third", "fourth")]
    for each in waiting:
        compute.want([each])
    with qtbot.waitSignal(compute.arrived):
        first.make.gate.set()
    idle()
    assert [each.make.runs for each in waiting] == [0, 0, 1]
    assert value(compute, WORK) == "fourth"


def test_slow_work_that_was_replaced_is_cancelled_without_a_trace(compute, idle, monkeypatch):
    monkeypatch.setattr(task_module, "GRACE_SECONDS", 0.0)
    begin(compute, stuck(WORK, "stuck"))
    compute.want([query(WORK, "next")])
    idle()
    assert value(compute, WORK) == "next"
    assert sentence(compute, WORK) is None


def test_replaced_work_that_has_shown_something_ends_at_once(compute, idle, monkeypatch):
    monkeypatch.setattr(task_module, "GRACE_SECONDS", 1000.0)
    begin(compute, stuck(WORK, "slow", publish=query(OTHER, "preview")))
    compute.want([query(WORK, "next")])
    idle()
    assert (value(compute, WORK), value(compute, OTHER)) == ("next", "early")


def test_what_runs_and_is_wanted_again_goes_on(compute, idle, monkeypatch):
    monkeypatch.setattr(task_module, "GRACE_SECONDS", 1000.0)
    first, second = stuck(WORK, "first"), query(WORK, "second")
    begin(compute, first)
    compute.want([second])
    compute.want([first])
    monkeypatch.setattr(task_module, "GRACE_SECONDS", 0.0)
    assert not second.make.started.wait(0.02)  # time enough to see that it is given up
    first.make.gate.set()
    idle()
    assert (first.make.runs, second.make.runs, value(compute, WORK)) == (1, 0, "first")


def test_what_nobody_wants_any_more_is_stopped(compute, idle):
    begin(compute, stuck(WORK, "a"))
    compute.want([])
    idle()
    assert compute.snapshot() == ({}, {})


def test_lanes_do_not_wait_for_each_other(compute, qtbot):
    first, second = stuck(WORK, "a"), query(OTHER, "b")
    begin(compute, first, second)
    qtbot.waitUntil(lambda: value(compute, OTHER) == "b")
    assert value(compute, WORK) is None
    first.make.gate.set()


def test_orders_are_carried_out_one_after_the_other_whatever_is_wanted(compute, idle):
    done = []
    first = stuck(SAVED, "0")
    compute.order(first, done.append)
    for label in "123":
        compute.order(query(SAVED, label), done.append)
    compute.want([])
    first.make.gate.set()
    idle()
    assert [outcome.value for outcome in done] == list("0123")
    assert value(compute, SAVED) is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("stride is 0, but must be at least 1."), "stride is 0, but must be at least 1."),
        (MemoryError(), "There is not enough free memory for this."),
        (KeyError(), "KeyError"),
        (RecursionError("too deep"), "too deep"),
        (SystemExit(3), "3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (GeneratorExit(), "GeneratorExit"),
    ],
)
def test_whatever_is_raised_ends_as_a_failure_and_the_lane_goes_on(compute, idle, error, words):
    compute.want([query(WORK, "bad", error=error)])
    idle()
    failure = compute.snapshot()[1]["work"]
    assert (failure.key, failure.sentence, failure.error) == ("bad", words, error)
    done = []
    compute.order(query(SAVED, "worse", error=error), done.append)
    compute.order(query(SAVED, "fine"), done.append)
    compute.want([query(WORK, "good")])
    idle()
    assert (value(compute, WORK), sentence(compute, WORK)) == ("good", None)
    assert isinstance(done[0], Failure)
    assert done[1].value == "fine"


def test_what_failed_is_not_tried_again_until_that_is_asked_for(compute, idle):
    bad = query(WORK, "bad", error=ValueError("no"))
    for _ in range(3):
        compute.want([bad])
        idle()
    assert bad.make.runs == 1
    compute.forget(WORK)
    compute.want([bad])
    idle()
    assert bad.make.runs == 2


def test_what_two_lanes_need_is_made_once(compute, idle):
    shared = stuck(Purpose("shared", "none"), "shared")
    needing = [Query(purpose, "a", lambda work: work.need(shared)) for purpose in (WORK, OTHER)]
    compute.want(needing)
    assert shared.make.started.wait(5)
    shared.make.gate.set()
    idle()
    assert (value(compute, WORK), value(compute, OTHER), shared.make.runs) == ("shared", "shared", 1)


def test_a_late_older_answer_never_wipes_a_newer_failure(compute, idle, qtbot):
    """Work of another lane makes what it needs, an older query of the purpose that has failed meanwhile."""
    older = stuck(WORK, "older")
    needing = Query(OTHER, "needs it", lambda work: work.need(older))
    compute.want([needing])
    assert older.make.started.wait(5)
    compute.want([needing, query(WORK, "newer", error=ValueError("does not fit"))])
    qtbot.waitUntil(lambda: sentence(compute, WORK) == "does not fit")
    older.make.gate.set()
    idle()
    assert value(compute, OTHER) == value(compute, WORK) == "older"
    assert sentence(compute, WORK) == "does not fit"
    compute.want([query(WORK, "newest")])
    idle()
    assert sentence(compute, WORK) is None


def test_a_failure_is_over_once_what_is_held_is_wanted_again(compute, idle):
    good, bad = query(WORK, "good"), query(WORK, "bad", error=ValueError("no"))
    for each in (good, bad, good):
        compute.want([each])
        idle()
    assert (value(compute, WORK), sentence(compute, WORK)) == ("good", None)
    assert good.make.runs == 1


def test_an_older_result_never_takes_the_place_of_a_newer_one(compute):
    for serial, label in ((2, "newer"), (1, "older")):
        compute.take(Result(WORK, label, label, serial=serial))
    assert value(compute, WORK) == "newer"


def test_leisure_begins_once_nothing_is_on_its_way_to_the_screen(compute, idle, monkeypatch):
    monkeypatch.setattr(compute_module, "PATIENCE_SECONDS", 1000.0)
    first, later = stuck(WORK, "picture"), query(LEISURE, "counts")
    begin(compute, first, later)
    assert not later.make.started.wait(0.1)
    first.make.gate.set()
    idle()
    assert value(compute, LEISURE) == "counts"


def test_leisure_does_not_wait_for_ever(compute, idle, monkeypatch):
    monkeypatch.setattr(compute_module, "PATIENCE_SECONDS", 0.05)
    first, later = stuck(WORK, "picture"), query(LEISURE, "counts")
    begin(compute, first, later)
    assert later.make.started.wait(5)
    first.make.gate.set()
    idle()


def test_cancel_stops_what_lasts_and_asks_for_it_again_only_after_a_change(compute, idle):
    assert not compute.cancel()
    done = []
    running, quiet, saving = stuck(WORK, "long"), stuck(OTHER, "quiet"), stuck(SAVED, "file")
    compute.order(saving, done.append)
    compute.order(query(SAVED, "next file"), done.append)
    begin(compute, running, quiet)
    assert compute.lasting() == "Saving"
    assert compute.cancel()
    quiet.make.gate.set()
    idle()
    assert compute.lasting() == ""
    assert value(compute, OTHER) == "quiet"
    assert compute.snapshot()[1]["work"].error is None
    assert [(outcome.sentence, outcome.error) for outcome in done] == [("", None), ("", None)]
    assert compute.want([running, quiet]) == frozenset()
    compute.want([query(WORK, "another")])
    idle()
    assert (value(compute, WORK), sentence(compute, WORK)) == ("another", None)


def test_what_waits_is_not_begun_after_cancel_though_what_ran_ends_later(compute, idle):
    newer = query(WORK, "newer")
    begin(compute, stuck(WORK, "older"))
    compute.want([newer])
    assert compute.cancel()
    idle()
    assert compute.want([newer]) == frozenset()
    assert value(compute, WORK) is None


def test_who_hears_of_a_result_finds_that_nothing_lasts_any_more(compute, idle):
    """Otherwise the sign of work stays when there is nothing left to do."""
    heard = []
    compute.arrived.connect(lambda: heard.append(compute.lasting()), Qt.ConnectionType.DirectConnection)
    for key in range(30):
        compute.want([query(WORK, key)])
        idle()
    assert heard == [""] * 30


def test_progress_is_told_of_what_has_a_title_and_lasts(compute, idle, qtbot, monkeypatch):
    told = []
    compute.progressed.connect(lambda name, fraction: told.append((name, fraction)))
    compute.want([query(WORK, "a"), query(OTHER, "b")])
    idle()
    monkeypatch.setattr(task_module, "PROGRESS_SECONDS", 0.0)
    compute.want([query(WORK, "c"), query(OTHER, "d")])
    idle()
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("work", 1.0)]  # of the second only


def test_what_came_from_outside_is_held_like_any_result(compute):
    frame = query(WORK, ("stream", 1))
    compute.put(frame, "frame")
    assert compute.want([frame]) == frozenset()
    assert compute.held(frame).value == "frame"


def test_shutdown_ends_all_threads_even_with_work_under_way(qapp):
    made, running = Compute(), stuck(WORK, "a")
    made.want([running])
    assert running.make.started.wait(5)
    made.order(query(SAVED, "b"), lambda _outcome: pytest.fail("nobody listens any more"))
    made.shutdown()
    late = query(OTHER, "late")
    assert made.want([late]) == frozenset()
    made.order(late, lambda _outcome: None)
    assert late.make.runs == 0


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
def test_lanes_and_the_threads_that_they_start_stand_back_for_the_window(compute, idle):
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    found = []

    def note(*_):
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    def make(_work):
        note()
        started = threading.Thread(target=note)
        started.start()
        started.join()

    compute.want([Query(WORK, 1, make)])
    idle()
    assert len(found) == 2
    assert min(found) > own
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
