"""Ready-made training plans, on the digits that come with the program."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from kernels.cnn.training.plan import Rate, Stack, Stop, TrainingPlan


@dataclass(frozen=True)
class Example:
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
"""By name. The three are one comparison: they differ in one thing each, and begin with convolutions of equal shapes."""
