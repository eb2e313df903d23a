"""What the recipe says of a wrong stage, in plain words: the place is left out, and a library's word is a map."""

import pytest

from kernels.recipe import Recipe
from viewer.pages.layers.sentences import plain_sentence


@pytest.mark.parametrize(
    ("stage", "shape", "sentence"),
    [
        ({"depthwise": {"kernels": ["sobel-x"]}}, (8, 8, 2), "1 kernel, but 2 maps come in: one for each is needed."),
        ({"average-pool": {"size": 2}}, (1, 1), "A window of 2 × 2 does not fit into 1 × 1."),
        ({"max-pool": {"size": [4, 3], "padding": 1}}, (1, 2),
         "A window of 3 × 4 does not fit into 2 × 1, even padded by 1 on each side."),
        ({"filter": {"kernel": "sobol-x"}}, (8, 8), "There is no kernel named “sobol-x”; did you mean sobel-x"),
        ({"filter-bank": {"kernels": ["sobel-x", "qqq"]}}, (8, 8), "Kernel 2: There is no kernel named “qqq”."),
        ({"residual": {"stages": [{"average-pool": {"size": 9}}]}}, (8, 8),
         "Average pool: A window of 9 × 9 does not fit into 8 × 8."),
        ({"branches": {"rows": ["foo"]}}, (8, 8), "Line 1 is 'foo', but must be a list of stages."),
        ({"bias": {"values": [1, 2]}}, (8, 8), "2 numbers, but 1 map comes in: one for all is needed"),
        ({"bias": {"values": "q"}}, (8, 8), "Values is 'q', but must be a number."),
        ({"pointwise": {"weights": [[1, 2]]}}, (8, 8, 3),
         "Rows of 2 weights, but 3 maps come in: one weight for each is needed."),
        ({"filter-bank": {"network": "lenet5", "layer": 1}}, (99, 99, 3),
         "Kernel 1 is made for 6 maps, but 3 maps come in."),
        ({"filter-bank": {"kernels": ["sobel-x"], "groups": 3}}, (8, 8, 3),
         "Kernels: 1 cannot be split into 3 equal groups."),
        ({"thin": {}}, (8, 8), "1 map comes in, but 2 are needed: Gx and Gy."),
    ],
)  # fmt: skip
def test_the_place_goes_and_the_words_are_those_of_the_workspace(stage, shape, sentence):
    with pytest.raises(ValueError, match=r"^stages\[0\]") as caught:
        Recipe.from_dict({"stages": [stage]}).shapes(shape)
    assert plain_sentence(str(caught.value)).startswith(sentence)


def test_what_names_no_place_stays():
    assert plain_sentence("The picture is gone.") == "The picture is gone."
