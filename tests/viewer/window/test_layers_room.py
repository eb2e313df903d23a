"""That everything of the Layers workspace has its place, in small windows and larger type too."""

import pytest

from viewer.session import with_view


@pytest.mark.parametrize("size", [(1280, 700), (1366, 768)])
def test_the_tabs_stay_where_they_are(layers, size):
    """The number of lines of what is told in one of them does not move them, nor cover the cards."""
    layers.window.resize(*size)
    view, store = layers.view, layers.window.store
    layers.take("vgg-block")
    for large in (False, True):
        if large:
            layers.call("largeType")
        for tab in ("maps", "arithmetic", "matrix", "locations"):
            for pixel in (None, (5, 5)):
                store.view(lambda session, tab=tab, at=pixel: with_view(session, "layers", tab=tab, pixel=at))
                layers.wait()
                assert view.strip.geometry().bottom() + 1 == view.tabs.parentWidget().y(), (tab, pixel, large)
                assert view.tabs.parentWidget().geometry().bottom() + 1 == view.body.y(), (tab, pixel, large)


def test_the_lists_stand_alike_in_both_themes(layers):
    lists, found = layers.view.lists, []
    for intent in ("theme", "theme", "largeType", "theme"):
        found.append((lists.search.height(), lists.rows.y(), lists.stages.y()))
        layers.call(intent)
    found.append((lists.search.height(), lists.rows.y(), lists.stages.y()))
    assert found[0] == found[1] == found[2]
    assert found[3] == found[4]
