"""Ready-made pairs of training plans: the same twice, but for one thing that makes the difference. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from kernels.cnn.training.plan import Rate, Stack, Stop, TrainingPlan


@dataclass(frozen=True, slots=True)
class Pair:
    """Two plans, each with what it is called beside the other."""

    name: str
    plans: tuple[TrainingPlan, TrainingPlan]

    def __contains__(self, plan: object) -> bool:
        return plan in self.plans


_SIGMOID = TrainingPlan(network=Stack(depth=8), optimiser="momentum", rate=Rate(0.05), activation="sigmoid",
                        initialisation="glorot", stop=Stop(steps=600))  # fmt: skip
_DEEP = TrainingPlan(network=Stack(depth=20), optimiser="momentum", rate=Rate(0.02), stop=Stop(steps=400))

PAIRS = (
    Pair("activation", (_SIGMOID, replace(_SIGMOID, activation="relu", initialisation="he"))),
    Pair("batch-normalisation", (_SIGMOID, replace(_SIGMOID, batch_normalisation=True))),
    Pair("residual", (_DEEP, replace(_DEEP, network=Stack(depth=20, residual=True)))),
)
"""Where gradients vanish in the first of two, and not in the second."""
