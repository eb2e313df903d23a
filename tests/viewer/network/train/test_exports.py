"""The film strip and the curves as files."""

import numpy as np
from PIL import Image

from kernels import cnn
from kernels.pictures.animation import write_gif
from tests.viewer.network.train.drawn_runs import film
from viewer import theme
from viewer.images import to_array
from viewer.pages.network.train.drawn import Film, FilmFrame
from viewer.pages.network.train.film import film as made_film
from viewer.pages.network.train.film import first_layer
from viewer.pages.network.train.film_animation import FilmAnimation


def test_the_curves_picture_is_what_is_seen_twice_as_sharp(pair):
    image = pair.curves_picture()
    assert image.width() == 2 * pair.width()
    assert image.height() > 2 * pair.curves.height()
    pixels = to_array(image).astype(int)
    accent = theme.palette().accent
    blue = np.array([accent.red(), accent.green(), accent.blue()])
    assert (abs(pixels - blue).sum(axis=2) < 12).sum() > 500


def test_the_film_picture_holds_all_rows(pair):
    pixels = to_array(pair.film_picture())
    rows = pair.film.rows
    for row in range(6):
        spot = rows.place(row, 1600).center()
        assert (pixels[2 * spot.y(), 2 * spot.x()] == 8 * row).all()


def test_no_film_is_no_picture(middle):
    assert middle.film_picture() is None


def test_the_animation_has_a_frame_for_every_checkpoint(qapp, tmp_path):
    grey = [tuple(np.full((5, 5, 3), shade, np.uint8) for _row in range(7)) for shade in (0, 120, 255)]
    held = Film(tuple(FilmFrame(50 * at, each) for at, each in enumerate(grey)), "filter")
    made = FilmAnimation(held, "Run A", theme.DARK, theme.font())
    frames = list(made.frames())
    assert made.count == len(frames) == 3
    assert {each.shape for each in frames} == {made.sample().shape}
    write_gif(tmp_path / "film.gif", made.frames(), sample=made.sample(), count=made.count, frame_seconds=0.2)
    with Image.open(tmp_path / "film.gif") as opened:
        assert opened.n_frames == 3
        assert opened.size == (frames[0].shape[1], frames[0].shape[0])
    # What moves is the filters: the last is white where the first is black.
    assert (np.abs(frames[2].astype(int) - frames[0]) == 255).all(axis=2).sum() >= 7 * 30 * 30


def test_captions_stand_below_the_filters(qapp):
    with_words = FilmAnimation(film(), "", theme.LIGHT, theme.font()).sample()
    bare = Film(tuple(FilmFrame(each.step, each.pictures) for each in film().frames), "unit")
    without = FilmAnimation(bare, "", theme.LIGHT, theme.font()).sample()
    assert with_words.shape[1] > without.shape[1]


def test_the_first_layer_of_each_shipped_network_is_painted():
    for name, count, side, kind in (
        ("lenet5", 6, 5, "filter"),
        ("colournet", 32, 7, "filter"),
        ("mlp", 200, 28, "unit"),
    ):
        made = made_film([first_layer(cnn.load(name), 100)])
        assert (made.count, made.kind) == (count, kind)
        assert made.frames[0].pictures[0].shape == (side, side, 3)
        assert len(made.frames[0].likenesses) == (0 if kind == "unit" else count)
    named = made_film([first_layer(cnn.load("lenet5"), 0)]).frames[0].likenesses
    assert any(not each.is_chance for each in named)
    assert all(0 <= each.score <= 1 for each in named)


def test_what_weight_decay_makes_faint_is_painted_as_vividly():
    network = cnn.load("lenet5")
    faint = network.copy()
    for array in faint.arrays().values():
        array *= 0.25
    made = made_film([first_layer(network, 400), first_layer(faint, 0)])
    assert [each.step for each in made.frames] == [0, 400]
    early, late = (each.pictures[0].astype(int) for each in made.frames)
    assert np.abs(early - late).max() <= 1
    assert made.frames[0].likenesses == made.frames[1].likenesses, "the cosine knows no scale"


def test_nothing_kept_is_an_empty_film():
    assert made_film([]).count == 0
