"""The river: every change and every result makes one new moment, and nothing else does."""

import threading

import pytest

from kernels.errors import Cancelled
from viewer.compute import Compute
from viewer.document import with_options
from viewer.moment import Purpose, Query
from viewer.river import River
from viewer.store import Store

STRIDE, SAVED = Purpose("stride", "work"), Purpose("saved", "save")


class Bed:
    """A river whose one query tells the stride of the document, while `gate` is open."""

    def __init__(self, qtbot):
        self.qtbot, self.gate = qtbot, threading.Event()
        self.gate.set()
        self.store, self.compute = Store(), Compute()
        self.river = River(self.store, self.compute, self.queries)
        self.seen = []
        self.river.flowed.connect(lambda before, now: self.seen.append((before, now)))
        self.river.flow()

    def queries(self, moment):
        stride = moment.state.document.options.stride[0]

        def make(work):
            while not self.gate.wait(0.002):
                if work.cancelled():
                    raise Cancelled
            if stride == 13:
                raise ValueError("13 brings bad luck")
            return stride

        return [Query(STRIDE, stride, make)]

    def set(self, stride):
        self.store.edit(lambda document: with_options(document, stride=stride), "Change stride")

    def wait(self):
        self.qtbot.waitUntil(lambda: self.compute.is_idle and not self.river.moment.busy)

    @property
    def moment(self):
        return self.river.moment


@pytest.fixture
def bed(qtbot):
    made = Bed(qtbot)
    made.wait()
    yield made
    made.gate.set()
    made.compute.shutdown()


def test_an_edit_flows_at_once_and_its_result_when_it_comes(bed):
    bed.gate.clear()
    bed.seen.clear()
    before = bed.moment
    bed.set(2)
    assert [(old is before, new is bed.moment) for old, new in bed.seen] == [(True, True)]
    assert bed.moment.state is bed.store.state
    assert bed.moment.is_busy(STRIDE)
    assert bed.moment.value(STRIDE) == 1  # the older one stays, and is known to be one
    query = bed.queries(bed.moment)[0]
    assert bed.moment.answer(query) is None
    bed.gate.set()
    bed.wait()
    assert bed.moment.answer(query).value == 2
    assert not bed.moment.is_busy(STRIDE)
    for (_, now), (before, _) in zip(bed.seen, bed.seen[1:], strict=False):
        assert before is now


def test_a_failure_stays_with_the_last_result_until_its_purpose_succeeds(bed):
    bed.set(13)
    bed.wait()
    assert bed.moment.failure(STRIDE).sentence == "13 brings bad luck"
    assert bed.moment.value(STRIDE) == 1
    bed.river.flow()
    assert bed.moment.failure(STRIDE) is not None
    bed.set(2)
    assert bed.moment.failure(STRIDE) is not None
    bed.wait()
    assert bed.moment.failure(STRIDE) is None
    assert bed.moment.value(STRIDE) == 2


def test_what_changes_while_the_pages_render_is_the_next_moment(bed):
    bed.seen.clear()
    depth = []

    def render(_before, now):
        depth.append(len(bed.seen))
        if now.state.document.options.stride == (2, 2):
            bed.set(3)
            assert bed.moment is now

    bed.river.flowed.connect(render)
    bed.set(2)
    assert depth == [1, 2]
    assert bed.moment.state.document.options.stride == (3, 3)


def test_moments_come_in_the_gui_thread_and_outcomes_of_orders_before_them(bed, qtbot):
    bed.seen.clear()
    heard = []
    bed.river.flowed.connect(lambda *_: heard.append(("moment", threading.current_thread())))
    with qtbot.waitSignal(bed.river.flowed):
        bed.compute.order(
            Query(SAVED, "a", lambda _work: "done"),
            lambda outcome: heard.append((outcome.value, threading.current_thread())),
        )
    assert heard == [("done", threading.main_thread()), ("moment", threading.main_thread())]


def test_an_order_whose_end_goes_wrong_holds_up_nothing_behind_it(bed, qtbot, monkeypatch):
    reported, heard = [], []
    monkeypatch.setattr("sys.excepthook", lambda kind, *_: reported.append(kind))

    def fails(_outcome):
        raise ZeroDivisionError

    gate = threading.Event()
    bed.compute.order(Query(SAVED, "a", lambda _work: gate.wait(5)), fails)
    bed.compute.order(Query(Purpose("other", "other"), "b", lambda _work: gate.wait(5)), heard.append)
    gate.set()
    qtbot.waitUntil(lambda: bool(heard and reported))
    assert reported == [ZeroDivisionError]
    bed.set(2)
    bed.wait()
    assert bed.moment.value(STRIDE) == 2
