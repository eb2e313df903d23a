"""A row from Layers that is to learn, in words; without a window."""

import pytest
from msgspec import structs

from kernels.cnn.building import design
from kernels.recipe.rows import ready_made
from viewer.document import Document, with_training
from viewer.pages.layers.row import removed, with_row
from viewer.pages.network.train.row_words import about_row, refused, row_network


def document_with(name):
    return with_row(Document(), name, ready_made(name))


def to_learn(document):
    return with_training(document, structs.replace(document.training, network=row_network(document)))


def test_a_row_is_named_with_the_weights_that_it_brings_along():
    document = to_learn(document_with("edge-detector"))
    assert about_row(document, 40, 20) == "Edge detector, 3 stages: 20 weights are the row’s own, 20 random"
    changed = removed(document, document.row[-1].key)
    said = about_row(changed, 40, 20)
    assert said.startswith("An earlier row, 3 stages: 20 weights")
    assert said.endswith("Choose it again to take “Edge detector, changed” from Layers")
    assert about_row(to_learn(changed), 40, 20).startswith("Edge detector, changed, 2 stages:")


def test_the_row_s_own_weights_are_counted():
    document = to_learn(document_with("edge-detector"))
    made = design(document.training, (28, 28), 10)
    # Two kernels of 3 × 3 with an offset each; the dense layer behind them is drawn.
    assert made.given_weights == 2 * (9 + 1)
    assert made.architecture.weight_count() - made.given_weights == 10 * (1 + 1)


def test_a_refusal_names_the_stage_as_layers_does():
    document = to_learn(document_with("canny-first-half"))
    with pytest.raises(ValueError, match="thin") as caught:
        design(document.training, (28, 28), 10)
    said = refused(str(caught.value))
    assert said.startswith("Stage ")
    assert ", Thin edges: Thinning keeps a pixel or drops it" in said
    assert "stages[" not in said
    assert refused("no network fits") == "No network fits."
