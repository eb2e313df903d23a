"""Every stage in plain NumPy, written from its definition, and rows of stages at random."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kernels import Kernel, reference

Array = npt.NDArray[Any]


def pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def kernel_of(given: Any) -> Kernel:
    return Kernel(given["weights"], divisor=given.get("divisor", 1.0), offset=given.get("offset", 0.0))


def slide(maps: Array, kernel: Kernel, options: dict[str, Any]) -> Array:
    rest = {
        name: options[name] for name in ("padding", "stride", "dilation", "border", "border_value") if name in options
    }
    function = reference.convolve if options.get("operation") == "convolution" else reference.correlate
    return function(maps, kernel, **rest)


def planes(maps: Array) -> Array:
    return maps[:, :, None] if maps.ndim == 2 else maps


def bank(maps: Array, options: dict[str, Any]) -> Array:
    maps = planes(maps)
    kernels, groups = [kernel_of(each) for each in options["kernels"]], options.get("groups", 1)
    seen, made = maps.shape[2] // groups, len(kernels) // groups
    found = []
    for at, kernel in enumerate(kernels):
        first = at // made * seen
        weights = kernel.weights if kernel.weights.ndim == 3 else np.repeat(kernel.weights[:, :, None], seen, axis=2)
        found.append(slide(maps[:, :, first : first + seen], kernel.replace(weights=weights), options))
    return np.stack(found, axis=2)


def pool(maps: Array, options: dict[str, Any], kind: str) -> Array:
    (kh, kw), (py, px) = pair(options["size"]), pair(options.get("padding", 0))
    sy, sx = pair(options.get("stride", options["size"]))
    height, width = maps.shape[:2]
    sizes = []
    for n, k, s, p in ((height, kh, sy, py), (width, kw, sx, px)):
        count = (n + 2 * p - k) // s + 1
        if options.get("ceil") and (n + 2 * p - k) % s and count * s < n + p:
            count += 1
        sizes.append(count)
    sigma = options.get("sigma", (kh / 4, kw / 4))
    sigma = (sigma, sigma) if isinstance(sigma, float | int) else sigma
    bells = [np.exp(-((np.arange(k) - (k - 1) / 2) ** 2) / (2 * s * s)) for k, s in zip((kh, kw), sigma, strict=True)]
    weights = np.outer(*bells) if kind == "gaussian-pool" else np.ones((kh, kw))
    result = np.empty((*sizes, *maps.shape[2:]))
    for i, j in np.ndindex(*sizes):
        values, shares = [], []
        for a, b in np.ndindex(kh, kw):
            y, x = i * sy + a - py, j * sx + b - px
            if 0 <= y < height and 0 <= x < width:
                values.append((weights[a, b], maps[y, x]))
            if y < height + py and x < width + px:
                shares.append(weights[a, b])
        if kind == "max-pool":
            result[i, j] = np.max([value for _, value in values], axis=0)
        else:
            result[i, j] = sum(weight * value for weight, value in values) / sum(shares)
    return result


def median(maps: Array, size: Any) -> Array:
    kh, kw = pair(size)
    margins = [((kh - 1) // 2, kh // 2), ((kw - 1) // 2, kw // 2), (0, 0)]
    padded = np.pad(planes(maps), margins, mode="edge")
    result = np.empty(planes(maps).shape)
    for i, j in np.ndindex(*maps.shape[:2]):
        result[i, j] = np.median(padded[i : i + kh, j : j + kw].reshape(kh * kw, -1), axis=0)
    return result.reshape(maps.shape)


def normalise(maps: Array, options: dict[str, Any]) -> Array:
    found = planes(maps)
    mean = options.get("mean", found.mean(axis=(0, 1)))
    variance = options.get("variance", found.var(axis=(0, 1)))
    result = (found - mean) / np.sqrt(np.asarray(variance) + options.get("epsilon", 1e-5))
    return (result * options.get("gamma", 1.0) + options.get("beta", 0.0)).reshape(maps.shape)


def thin(maps: Array) -> Array:
    from kernels.gradients.edges import ridges

    gx, gy = maps[:, :, 0], maps[:, :, 1]
    strength = np.sqrt(gx * gx + gy * gy)
    return np.where(ridges(strength, gx, gy), strength, 0.0)


def definition(maps: Array, stages: list[dict[str, Any]]) -> list[Array]:
    """Return what each stage gives, in float64."""
    kept: list[Array] = []
    maps = maps.astype(np.float64)
    for stage in stages:
        ((name, options),) = stage.items()
        maps = one(name, options, maps)
        kept.append(maps)
    return kept


def last(maps: Array, stages: list[dict[str, Any]]) -> Array:
    return definition(maps, stages)[-1] if stages else maps


def one(name: str, options: dict[str, Any], maps: Array) -> Array:
    if name == "filter":
        return slide(maps, kernel_of(options["kernel"]), options)
    if name == "filter-bank":
        return bank(maps, options)
    if name == "depthwise":
        each = zip(np.moveaxis(planes(maps), 2, 0), options["kernels"], strict=True)
        return np.stack([slide(plane, kernel_of(kernel), options) for plane, kernel in each], axis=2)
    if name == "pointwise":
        return np.einsum("hwc,fc->hwf", planes(maps), np.array(options["weights"]))
    if name == "bias":
        return (planes(maps) + np.asarray(options["values"], float)).reshape(maps.shape)
    if name == "relu":
        return maps * (maps > 0)
    if name == "leaky-relu":
        return np.where(maps > 0, maps, options.get("slope", 0.01) * maps)
    if name == "sigmoid":
        return (1 + np.tanh(maps / 2)) / 2
    if name == "tanh":
        return np.tanh(maps)
    if name in ("max-pool", "average-pool", "gaussian-pool"):
        return pool(maps, options, name)
    if name == "median":
        return median(maps, options["size"])
    if name == "global-average":
        return planes(maps).mean(axis=(0, 1))[None, None]
    if name == "batch-norm":
        return normalise(maps, options)
    if name == "magnitude":
        return np.sqrt((planes(maps) ** 2).sum(axis=2))
    if name == "thin":
        return thin(maps)
    if name == "branches":
        return np.concatenate([planes(last(maps, row)) for row in options["rows"]], axis=2)
    if name == "dense-block":
        return np.concatenate([planes(maps), planes(last(maps, options["stages"]))], axis=2)
    if name == "residual":
        row, shortcut = last(maps, options["stages"]), last(maps, options.get("shortcut", []))
        return row + shortcut if row.ndim == shortcut.ndim else planes(row) + planes(shortcut)
    raise KeyError(name)


class Rows:
    """Rows of stages at random that fit together, for maps of a known shape."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def whole(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def numbers(self, *shape: int) -> Any:
        return self.random.integers(-4, 5, shape).astype(float).tolist()

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def kernel(self, *shape: int) -> dict[str, Any]:
        kernel: dict[str, Any] = {"weights": self.numbers(*shape)}
        if self.chance(0.5):
            kernel |= {"divisor": float(self.whole(1, 9)), "offset": float(self.whole(-9, 9))}
        return kernel

    def size(self, high: int) -> Any:
        return self.whole(1, high) if self.chance(0.5) else [self.whole(1, high), self.whole(1, high)]

    def sliding(self, keeps: bool = False) -> dict[str, Any]:
        """Options of a window that fits whatever it slides over; `keeps` the size."""
        border = str(self.random.choice(["constant", "replicate", "reflect", "reflect101", "wrap"]))
        options: dict[str, Any] = {"border": border, "dilation": self.size(2)}
        options["operation"] = str(self.random.choice(["correlation", "convolution"]))
        if self.chance(0.3):
            options["border_value"] = float(self.random.choice([7, -3.5, 0.1]))
        if not keeps:
            options["padding"] = self.random.choice(["same", "full"]) if self.chance(0.6) else [self.whole(6, 9), 8]
            options["padding"] = options["padding"] if isinstance(options["padding"], list) else str(options["padding"])
            if self.chance(0.4):
                options["stride"] = self.size(3)
        return options

    def stage(self, shape: tuple[int, ...], depth: int = 0, keeps: bool = False) -> dict[str, Any]:
        channels = shape[2] if len(shape) == 3 else 1
        kinds = ["filter", "bias", "relu", "leaky-relu", "sigmoid", "tanh", "median", "batch-norm"]
        kinds += ["filter-bank", "depthwise", "pointwise"]
        if not keeps:
            kinds += ["max-pool", "average-pool", "gaussian-pool", "magnitude", "filter-bank"]
            kinds += ["thin"] if channels == 2 else []
            kinds += ["global-average"] if self.chance(0.1) else []
        if depth < 2:
            kinds += ["branches", "residual", "dense-block"]
        name = str(self.random.choice(kinds))
        return {name: self.options(name, channels, shape, depth, keeps)}

    def options(self, name: str, channels: int, shape: tuple[int, ...], depth: int, keeps: bool) -> dict[str, Any]:
        size = self.whole(1, 3), self.whole(1, 3)
        if name == "filter":
            return {"kernel": self.kernel(*size), **self.sliding(keeps)}
        if name == "filter-bank":
            groups = channels if self.chance(0.2) else 1
            count = groups * self.whole(1, 3) if groups < 5 else groups
            trailing = () if self.chance(0.4) else (channels // groups,)
            bank = [self.kernel(*size, *trailing) for _ in range(count)]
            return {"kernels": bank, "groups": groups, **self.sliding(keeps)}
        if name == "depthwise":
            return {"kernels": [self.kernel(*size) for _ in range(channels)], **self.sliding(keeps)}
        if name == "pointwise":
            return {"weights": self.numbers(self.whole(1, 4), channels)}
        if name == "bias":
            return {"values": self.numbers(channels) if self.chance(0.6) else 2.5}
        if name == "leaky-relu":
            return {"slope": 0.2} if self.chance(0.5) else {}
        if name == "median":
            return {"size": self.size(4) if self.chance(0.6) else 3}
        if name == "batch-norm":
            given = {"mean": self.numbers(channels), "variance": [1.5] * channels, "gamma": 0.5, "epsilon": 0.1}
            return {key: value for key, value in given.items() if self.chance(0.5) or key == "epsilon"}
        if name.endswith("-pool"):
            height, width = (self.whole(1, min(4, n)) for n in shape[:2])
            options: dict[str, Any] = {"size": [height, width], "ceil": self.chance(0.5)}
            options["padding"] = [self.whole(0, height // 2), self.whole(0, width // 2)]
            if self.chance(0.5):
                options["stride"] = self.size(4)
            if name == "gaussian-pool" and self.chance(0.5):
                options["sigma"] = [0.8, 1.7]
            return options
        if name == "branches":
            return {"rows": [self.row(shape, self.whole(0, 2), depth + 1, True) for _ in range(self.whole(1, 3))]}
        if name == "dense-block":
            return {"stages": self.row(shape, self.whole(0, 2), depth + 1, True)}
        if name == "residual":
            row = self.row(shape, self.whole(1, 2), depth + 1, True)
            return {"stages": [*row, {"pointwise": {"weights": self.numbers(channels, last_channels(row, shape))}}]}
        return {}

    def row(self, shape: tuple[int, ...], count: int, depth: int = 0, keeps: bool = False) -> list[dict[str, Any]]:
        stages: list[dict[str, Any]] = []
        for _ in range(count):
            stages.append(self.stage(shape, depth, keeps))
            shape = last(np.ones(shape), stages[-1:]).shape
        return stages


def last_channels(row: list[dict[str, Any]], shape: tuple[int, ...]) -> int:
    return int(planes(last(np.ones(shape), row)).shape[2])
