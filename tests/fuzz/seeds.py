"""Small whole files of every format that is read: what the fuzzer damages."""

import gzip
import io
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from kernels import cnn, library, processes
from kernels.cnn.architecture import Architecture
from kernels.cnn.layers import (
    AveragePool,
    BatchNormalisation,
    Bias,
    Branches,
    Convolution,
    Dense,
    DenseBlock,
    Filter,
    Flatten,
    GaussianPool,
    Magnitude,
    Margins,
    MaxPool,
    ReLU,
    Residual,
)
from kernels.cnn.network import Network
from kernels.cnn.preprocessing import Preprocessing
from kernels.cnn.training import checkpoint, messages
from kernels.cnn.weights import header_of
from kernels.kernel import Kernel
from kernels.kernel.files import FORMATS, write_kernel
from kernels.opencv import cv2

_RANDOM = np.random.default_rng(12)
RGB = (_RANDOM.random((20, 24, 3)) * np.linspace(20, 255, 24)[:, None]).astype(np.uint8)
DEEP = RGB.astype(np.uint16) * 257


def _saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _tiff(array, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, **options)
    return buffer.getvalue()


def _npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def pictures():
    """Return lists of files by format."""
    image = Image.fromarray(RGB)
    exif = Image.Exif()
    exif[274] = 6
    two = {"save_all": True, "append_images": [Image.fromarray(255 - RGB)]}
    clear = Image.fromarray(np.dstack([RGB, RGB[:, :, :1]]))
    png = [
        _saved(image, "PNG", exif=exif),
        _saved(clear, "PNG"),
        _saved(image.convert("P"), "PNG", transparency=3),
        _saved(image.convert("L"), "PNG"),
        _saved(image.convert("1"), "PNG"),
        _saved(image.convert("LA"), "PNG"),
        _saved(image, "PNG", **two),
        cv2.imencode(".png", DEEP)[1].tobytes(),
        cv2.imencode(".png", np.dstack([DEEP, DEEP[:, :, :1]]))[1].tobytes(),
        cv2.imencode(".png", DEEP[:, :, 0])[1].tobytes(),
    ]
    jpeg = [
        _saved(image, "JPEG", exif=exif),
        _saved(image, "JPEG", progressive=True),
        _saved(image.convert("L"), "JPEG"),
        _saved(image.convert("CMYK"), "JPEG"),
        _saved(image, "JPEG", restart_marker_blocks=2, subsampling=0),
    ]
    float_picture = RGB.astype(np.float32) / 255
    tiff = [
        _tiff(RGB),
        _tiff(RGB, compression="zlib", rowsperstrip=5),
        _tiff(RGB, compression="lzma"),
        _tiff(DEEP, compression="zlib", predictor=True, tile=(16, 16)),
        _tiff(float_picture, photometric="rgb"),
        _tiff(np.moveaxis(DEEP, -1, 0), planarconfig="separate", photometric="rgb"),
        _tiff(RGB, bigtiff=True),
        _tiff(RGB, byteorder=">"),
        _tiff(np.dstack([DEEP, DEEP[:, :, :1]]), photometric="separated"),
        _tiff(float_picture.astype(np.float16), photometric="rgb"),
        *(_saved(image, "TIFF", compression=name) for name in ("tiff_lzw", "jpeg", "packbits", "tiff_adobe_deflate")),
        _saved(image.convert("1"), "TIFF", compression="group4"),
        _saved(image.convert("1"), "TIFF"),
        _saved(image.convert("P"), "TIFF"),
        _saved(image.convert("CMYK"), "TIFF"),
        _saved(image, "TIFF", **two),
        cv2.imencode(".tif", DEEP, [cv2.IMWRITE_TIFF_COMPRESSION, 5])[1].tobytes(),
    ]
    numbers = " ".join(str(value) for value in RGB[:, :, 0].ravel())
    netpbm = [
        f"P1\n# bits\n24 20\n{' '.join(str(value & 1) for value in RGB[:, :, 0].ravel())}\n".encode(),
        f"P2\n24 20\n255\n{numbers}\n".encode(),
        f"P3 24 20 999 {' '.join(str(value) for value in RGB.ravel())} # end".encode(),
        b"P4 24 20\n" + np.packbits(RGB[:, :, 0] & 1, axis=1).tobytes(),
        b"P5 24 20 255\n" + RGB[:, :, 0].tobytes(),
        b"P6 24 20 65535\n" + DEEP.astype(">u2").tobytes(),
    ]
    return {
        "png": png,
        "jpeg": jpeg,
        "tiff": tiff,
        "webp": [
            _saved(image, "WEBP"),
            _saved(clear, "WEBP", lossless=True),
            _saved(image, "WEBP", **two),
        ],
        "bmp": [_saved(image, "BMP"), _saved(image.convert("P"), "BMP"), _saved(image.convert("1"), "BMP")],
        "gif": [_saved(image, "GIF"), _saved(image, "GIF", **two), _saved(image.convert("L"), "GIF", interlace=0)],
        "netpbm": netpbm,
        "npy": [_npy(array) for array in (RGB, float_picture, DEEP.astype(">u2"), RGB > 99, RGB[:, :, 0].astype("f8"))],
    }


TEXTS = (
    "1 0 -1; 2 0 -2; 1 0 -1",
    "[[1, 2, 1], [2, 4, 2], [1, 2, 1]] / 16",
    "np.array([[1., 0.], [0., -1.]], dtype=float32)",
    "1/9\t1/9\t1/9\n1/9\t1/9\t1/9\n1/9\t1/9\t1/9",
    "K = 1/16 * [1 2 1; 2 4 2; 1 2 1]",
    "0.25,0.5,0.25",
    "{{1,2},{3,4}}",
    "[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]",
    "gaussian(sigma=1.5, n=9)",
    "sobel-x",
    "−1 0 1; −2 0 2; −1 0 1 / 8",
    "1,5;2,5\n3,5;4,5",
)


def kernels():
    """Return lists of kernel files by suffix."""
    several = [
        library.get("sobel-x"),
        Kernel([[1.0, 2.0], [3.0, 4.0]]),
        Kernel([[0.1, 1e300], [1e-300, -7]]),
    ]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for suffix, _ in FORMATS:
            path = os.path.join(folder, f"k{suffix}")
            for kernel in several:
                write_kernel(path, kernel)
                with open(path, "rb") as file:
                    found.setdefault(suffix, []).append(file.read())
    coloured = b'{"weights": [[[1, 2, 3]]], "channels": 3, "name": "a", "divisor": 2}'
    found[".json"].append(coloured)
    found[".mat"].append(b"3 3 9 0.5\n1 1 1\n1 1 1\n1 1 1\n")
    return found


def small_network():
    """Return a network whose file is small."""
    layers = (Convolution(2, (3, 3)), ReLU(), AveragePool(), Flatten(), Dense(3))
    return Network(Architecture("small", (1, 8, 8), layers), Preprocessing((40.0,), (60.0,)), ("a", "b", "c"), seed=3)


def network_of_rows():
    """Return a small network of layers that hold rows of layers, and of a filter."""
    layers = (
        Filter((((1.0,), (2.0,)),), padding=Margins((0, 1), (0, 0), "reflect")),
        Residual((Convolution(1, (3, 3), padding=(1, 1)), BatchNormalisation())),
        Branches(((MaxPool((3, 3), (1, 1), (1, 1)),), (DenseBlock((ReLU(),)),))),
        GaussianPool((3, 3), ceil=True), Magnitude(), Bias(), Flatten(), Dense(3),
    )  # fmt: skip
    return Network(Architecture("rows", (1, 8, 8), layers), Preprocessing((40.0,), (60.0,)), ("a", "b", "c"), seed=3)


def weights(suffix=".npz"):
    """Return weights files of one format."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"small{suffix}")
        for network in (small_network(), network_of_rows()):
            cnn.save(path, network, data="none")
            with open(path, "rb") as file:
                found.append(file.read())
    return found


def deflated(archive):
    """Return a zip archive with its members deflated."""
    return repack(archive, lambda name, content: content, zipfile.ZIP_DEFLATED)


def repack(archive, change, method=zipfile.ZIP_STORED):
    """Return a zip archive with every member changed, its checksums right."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(result, "w", method) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), change(name, source.read(name)), method)
    return result.getvalue()


def idx():
    """Return idx files of pictures, plain and gzipped."""
    plain = b"\0\0\10\3" + (4).to_bytes(4, "big") + (5).to_bytes(4, "big") * 2 + bytes(range(100))
    return [plain, gzip.compress(plain, mtime=0)]


SETTINGS = [
    b'{"theme": "dark", "largeType": true, "window/geometry": "AQIDBA==", "files/recent": ["/a.png", "/b.png"],'
    b' "files/folder": "/home", "gradient/directionColours": "twilight", "window/fills_screen": false}'
]
PLANS = [
    b'{"stop": {"epochs": 3, "no_gain": 50}, "batch": 32, "rate": {"peak": 0.01, "schedule": "step", "steps": 90},'
    b' "optimiser": "adam", "momentum": 0.5, "decay": 0.001, "first_decay": 0,'
    b' "network": {"type": "stack", "depth": 3}, "augmentation": {"shift": 2, "rotation": 5.5, "flip": true}}',
    b'{"network": {"type": "row", "stages": [{"relu": {}}]}, "data": "mnist", "activation": "tanh", "threads": 2}',
]
RUNS = [
    b'{"format": "kernelscope-run", "version": 1, "name": "B", "begun": 1.5,'
    b' "parent": {"run": "20261122-a1", "step": 50}, "plan": {"seed": 3}}',
]


def curves():
    """A file of curves."""
    file = io.BytesIO()
    for record in (
        messages.Stepped(3, 0, (2.5, 2.25, 2.0), (0.1, 0.2, 0.3)),
        messages.Gauged(0, (0.5, 0.25), (1,)),
        messages.Checked(3, 1.5, 0.75),
        messages.Stepped(131080, 131072, (1.0, 0.5), (0.5, 0.75), 4),
    ):
        processes.send(file, record)
    return [file.getvalue()]


def checkpoints():
    """A checkpoint of a small network."""
    network = small_network()
    header = checkpoint.Checkpoint("kernelscope-checkpoint", 1, header_of(network, "MNIST"), 7, "momentum", 7)
    memory = {
        f"{index}.{name}.velocity": np.ones_like(node.arrays[name])
        for index, node in enumerate(network.layers)
        for name in node.layer.trained
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "00000007.npz"
        checkpoint.write(path, checkpoint.State(header, network.arrays(), memory))
        return [path.read_bytes()]


RECIPES = [
    b'{"stages": [{"filter": {"kernel": "sobel-x", "padding": [1, 2], "border": "reflect101"}}, {"relu": {}}]}',
    b'{"stages": [{"filter-bank": {"kernels": ["1 2; 3 4", {"weights": [[1.5]], "divisor": 2}], "groups": 1}}]}',
    b'{"stages": [{"branches": {"rows": [[], [{"max-pool": {"size": 3, "stride": 1, "padding": 1}}]]}}]}',
    b'{"stages": [{"residual": {"stages": [{"batch-norm": {"gamma": [1, 2, 3]}}], "shortcut": [{"tanh": {}}]}}]}',
    b'{"stages": [{"preprocess": {"network": "lenet5"}}, {"filter-bank": {"network": "lenet5", "layer": 0}}]}',
    b'{"stages": [{"channel": "luma"}, {"gaussian-pool": {"size": 2, "sigma": 0.7, "ceil": true}}]}',
]
