"""Ready-made training plans, on the digits that come with the program."""

from __future__ import annotations

import msgspec
from msgspec import structs

from kernels.cnn.training.plan import Augmentation, Rate, Stack, Stop, TrainingPlan


class Example(msgspec.Struct, frozen=True):
    """A plan with a name.

    Attributes
    ----------
    title : str
        On screen.
    summary : str
        One sentence on what it shows.
    reference : str
        Author, year, title.
    plan : TrainingPlan
    """

    title: str
    summary: str
    reference: str
    plan: TrainingPlan


# Varied digits keep it learning when it knows all of them; the first layer's own decay takes the noise out of its
# filters.
EDGES = TrainingPlan(first_decay=0.01, augmentation=Augmentation(shift=2, rotation=10.0, scale=0.1))

# Rate and steps are those with which the residual stack, the slowest, gets most digits right.
_SIGMOIDS = TrainingPlan(
    Stack(depth=8, residual=False, width=8),
    optimiser="adam",
    rate=Rate(0.02, "one-cycle"),
    activation="sigmoid",
    initialisation="glorot",
    stop=Stop(steps=1500),
)

EXAMPLES: dict[str, Example] = {
    "edges": Example(
        "LeNet-5: noise becomes edges",
        "The filters of the first layer begin as noise, and end as detectors of edges and lines.",
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, 1998, Gradient-based learning applied to document recognition",
        EDGES,
    ),
    "vanishing": Example(
        "Sigmoid stack: gradients vanish",
        "A sigmoid passes on at most a quarter of a gradient: the first layers learn nothing, and only guesses remain.",
        "S. Hochreiter, 1998, The vanishing gradient problem during learning recurrent neural nets",
        _SIGMOIDS,
    ),
    "vanishing-normalised": Example(
        "The same with batch normalisation",
        "Each convolution's numbers are brought to where the sigmoid is steep: all layers learn alike.",
        "S. Ioffe, C. Szegedy, 2015, Batch normalization: accelerating deep network training",
        structs.replace(_SIGMOIDS, batch_normalisation=True),
    ),
    "vanishing-residual": Example(
        "The same with residual connections",
        "What comes in is added to what each block gives: along the sums gradients reach the first layer unharmed.",
        "K. He, X. Zhang, S. Ren, J. Sun, 2016, Identity mappings in deep residual networks",
        structs.replace(_SIGMOIDS, network=Stack(depth=8, residual=True, width=8)),
    ),
}
"""By name. Those that vanish are one comparison: they differ in one thing each, and their convolutions are alike."""
