"""The store: the only writer of state, one step of undo for each change or gesture."""

import numpy as np
import pytest
from msgspec.structs import replace

from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import Kernel, library
from kernels.pictures.picture import Origin
from viewer.document import (
    Document,
    FilterReference,
    PictureReference,
    with_filter_in_editor,
    with_kernel,
    with_options,
    with_picture,
    with_preset,
)
from viewer.session import RangeChoice, Session
from viewer.state import State, range_mode, with_range
from viewer.store import UNDO_LIMIT, Store


@pytest.fixture
def store(qapp):
    return Store()


def test_an_edit_is_announced_once(store):
    seen = []
    store.changed.connect(lambda: seen.append(store.state))
    store.edit(lambda document: with_options(document, stride=2), "Change stride")
    assert seen == [store.state]
    assert store.document.options.stride == (2, 2)


def test_an_edit_that_changes_nothing_leaves_no_step(store):
    store.edit(lambda document: with_options(document, stride=1), "Change stride")
    assert not store.undo_stack.canUndo()


def test_a_gesture_is_one_step_and_the_next_one_another(store):
    for stride in (2, 3, 4):
        store.edit(lambda document, s=stride: with_options(document, stride=s), "Drag", gesture="stride")
    store.end_gesture()
    store.edit(lambda document: with_options(document, stride=9), "Drag", gesture="stride")
    assert store.undo_stack.count() == 2
    store.undo_stack.undo()
    assert store.document.options.stride == (4, 4)
    store.undo_stack.undo()
    assert store.document.options.stride == (1, 1)


def test_a_gesture_that_returns_to_its_start_leaves_no_step(store):
    for stride in (2, 1):
        store.edit(lambda document, s=stride: with_options(document, stride=s), "Drag", gesture="stride")
    assert not store.undo_stack.canUndo()
    assert store.document.options.stride == (1, 1)


def test_undo_leaves_the_session_alone(store):
    store.edit(lambda document: with_options(document, padding="valid"), "Change padding")
    store.view(lambda session: replace(session, colour_map="viridis"))
    store.undo_stack.undo()
    assert store.document.options.padding == "same"
    assert store.session.colour_map == "viridis"


def test_a_failing_update_leaves_everything_as_it_was(store):
    before = store.state
    with pytest.raises(ValueError):
        store.edit(lambda document: with_options(document, stride=0), "Change stride")
    assert store.state is before
    assert not store.undo_stack.canUndo()


def test_an_edited_preset_is_told_apart_and_has_a_way_back():
    document = with_preset(Document(), "box", {"n": 5} if "n" in _parameters("box") else None)
    assert not document.is_edited
    edited = with_kernel(document, document.kernel.negate())
    assert edited.is_edited
    assert edited.preset is not None
    assert edited.preset.build() == document.kernel


def test_a_picture_that_is_just_being_left_can_be_reached(store):
    """The new document is shown before the stack holds the step: what is forgotten then is lost to undo."""
    first, second = (PictureReference(n, Origin("clipboard", None, "a"), "a") for n in range(2))
    store.start_with(lambda document: replace(document, picture=first))
    seen = []
    store.changed.connect(lambda: seen.append(store.pictures()))
    store.edit(lambda document: with_picture(document, second, channels=("rgb",)), "Open")
    assert seen == [{first, second}]


def test_pictures_are_those_that_a_step_of_undo_can_reach(store):
    names = ("first", "second", "third")
    references = [PictureReference(n, Origin("clipboard", None, name), name) for n, name in enumerate(names)]
    store.start_with(lambda document: replace(document, picture=references[0]))
    for each in references[1:]:
        store.edit(lambda document, each=each: with_picture(document, each, channels=("rgb",)), "Open")
    assert store.pictures() == set(references)
    for _ in range(2):
        store.undo_stack.undo()
    assert store.pictures() == set(references)
    store.edit(lambda document: with_options(document, stride=2), "Change stride")
    assert store.pictures() == {references[0]}
    for stride in range(3, 3 + UNDO_LIMIT):
        store.edit(lambda document, s=stride: with_options(document, stride=s), "Change stride")
    assert store.undo_stack.count() == UNDO_LIMIT


def test_a_frame_is_no_step(store):
    store.view_frame(3, 7)
    assert store.session.frame == (3, 7)
    assert not store.undo_stack.canUndo()


def _parameters(name):
    return {parameter.name for parameter in library.entry(name).parameters}


def test_the_range_follows_the_kernel_until_the_user_chooses():
    state = State()
    assert range_mode(state) == "signed"
    assert range_mode(replace(state, document=with_preset(state.document, "box"))) == "clip"
    chosen = replace(state, session=with_range(state, "minmax"))
    assert range_mode(chosen) == "minmax"
    assert range_mode(replace(chosen, document=with_preset(chosen.document, "laplacian-4"))) == "minmax"
    assert range_mode(replace(chosen, document=with_preset(chosen.document, "box"))) == "clip"


def test_editing_a_kernel_keeps_the_range():
    state = State()
    weights = state.document.kernel.weights.copy()
    weights[1, 1] = 5
    edited = replace(state, document=with_kernel(state.document, Kernel(weights)))
    assert range_mode(edited) == "signed"
    assert (
        range_mode(replace(state, document=with_kernel(state.document, Kernel(weights), keep_preset=False))) == "clip"
    )


def test_a_learned_filter_is_shown_with_its_signs_as_long_as_it_is_in_the_editor():
    reference = FilterReference("colournet", 0, 3)
    document = with_filter_in_editor(Document(), reference, Kernel([[-3, 1], [0, 1]]))
    state = State(document=document)
    assert range_mode(state) == "signed"
    assert range_mode(replace(state, document=with_kernel(document, Kernel([[-3, 1], [0, 1.5]])))) == "signed"
    assert range_mode(replace(state, session=with_range(state, "clip"))) == "clip"
    assert range_mode(replace(state, document=with_preset(document, "box"))) == "clip"
    positive = State(document=with_filter_in_editor(Document(), reference, Kernel([[3, 1]])))
    assert range_mode(positive) == "clip"


def test_state_is_frozen():
    with pytest.raises(AttributeError):
        Session().theme = "light"
    with pytest.raises(AttributeError):
        Document().options = SlidingOptions()
    assert RangeChoice("clip", "clip") == RangeChoice("clip", "clip")


def test_a_kernel_with_channels_takes_them_all():
    document = replace(Document(), channel="luma")
    summing = Kernel(np.ones((3, 3, 3)))
    assert with_kernel(document, summing).channel == "rgb"
    assert with_kernel(document, summing, keep_preset=False).channel == "rgb"
    assert with_kernel(document, document.kernel.negate()).channel == "luma"
