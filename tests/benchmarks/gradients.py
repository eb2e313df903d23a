"""How fast a gradient with all that follows from it is beside OpenCV's functions in a row.

Run with ``python -m tests.benchmarks gradients``. The peer takes an 8-bit picture through ``spatialGradient`` (16-bit
whole numbers), ``cartToPolar`` (angles to 0.01°) and ``Canny`` (neighbours in four directions, not interpolated).
"""

from __future__ import annotations

import numpy as np

from kernels.gradients.computation import gradient
from kernels.opencv import cv2
from tests.benchmarks.report import Report


def scene(height: int, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return curves, steps and a little noise."""
    y, x = np.mgrid[:height, :width]
    waves = 60 * np.sin(x * 0.02 + y * 0.01) + 50 * np.cos(x * 0.05 * np.sin(y * 0.01))
    steps = 60 * ((x // 100 + y // 130) % 2)
    noise = np.random.default_rng(0).normal(0, 6, (height, width))
    return np.asarray(np.clip(98 + waves + steps + noise, 0, 255).astype(np.uint8))


def benchmark(report: Report) -> None:
    """Measure gradient, magnitude, direction and thinned edges, all and one by one."""
    report.section("Gradient")
    for size, shape in (("1 MP", (1024, 1024)), ("12 MP", (3000, 4000))):
        image = scene(*shape)
        pair = cv2.spatialGradient(image)
        x, y = (part.astype(np.float32) for part in pair)
        known = gradient(image)

        def ours(image=image) -> object:
            found = gradient(image)
            return found.magnitude, found.direction, found.edges(100, 200)

        def theirs(image=image) -> object:
            across, down = cv2.spatialGradient(image)
            polar = cv2.cartToPolar(across.astype(np.float32), down.astype(np.float32), angleInDegrees=True)
            return polar, cv2.Canny(across, down, 100, 200, L2gradient=True)

        def polar(known=known) -> object:
            fresh = known.with_norm("max").with_norm("l2")
            return fresh.magnitude, fresh.direction

        def edges(known=known) -> object:
            fresh = known.with_norm("max").with_norm("l2")
            fresh.__dict__["magnitude"] = known.magnitude
            return fresh.edges(100, 200)

        report.compare(f"all, {size}", ours, {"OpenCV": theirs}, 1.5)
        report.compare(
            f"Gx and Gy, {size}",
            lambda image=image: gradient(image),
            {"spatialGradient": lambda image=image: cv2.spatialGradient(image)},
        )
        report.compare(
            f"magnitude and direction, {size}",
            polar,
            {"cartToPolar": lambda x=x, y=y: cv2.cartToPolar(x, y, angleInDegrees=True)},
        )
        report.compare(
            f"thinned edges, {size}",
            edges,
            {"Canny": lambda pair=pair: cv2.Canny(*pair, 100, 200, L2gradient=True)},
        )
