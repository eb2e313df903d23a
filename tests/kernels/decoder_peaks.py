"""The peak memory of every decoder beside the estimate that admits a picture to it.

``python -m tests.kernels.decoder_peaks`` prints the table. Every file is read in a process of its own, forked from
one that has everything imported, so that the peak is that of the decoder alone.
"""

import io
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from kernels import memory
from kernels.opencv import cv2
from kernels.pictures.reading import read_picture

HEIGHT, WIDTH = 700, 900
"""Of the pictures in the test suite; the table is made with larger ones."""
TABLE = 2400, 3000


def arrays(height, width):
    random = np.random.default_rng(7)
    return {
        "rgb": random.integers(0, 256, (height, width, 3), np.uint8),
        "rgba": random.integers(0, 256, (height, width, 4), np.uint8),
        "grey": random.integers(0, 256, (height, width), np.uint8),
        "deep": random.integers(0, 65536, (height, width, 3), np.uint16),
        "deep4": random.integers(0, 65536, (height, width, 4), np.uint16),
        "float": random.random((height, width, 3), np.float32),
    }


def pillow(kind, array, mode=None, **options):
    def write(path, data):
        image = Image.fromarray(data[array])
        if mode is not None:
            image = image.convert(mode)
        image.save(path, kind, **options)

    return write


def animation(kind, **options):
    def write(path, data):
        array = "grey" if kind == "GIF" else "rgb"
        image, other = Image.fromarray(data[array]), Image.fromarray(255 - data[array])
        image.save(path, kind, save_all=True, append_images=[other], duration=40, **options)

    return write


def tiny_frame(path, data):
    height, width = data["grey"].shape
    head = b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    small = min(width, 40)
    body = b"," + bytes(4) + small.to_bytes(2, "little") + small.to_bytes(2, "little") + b"\0"
    encoded = io.BytesIO()
    Image.new("P", (small, small)).save(encoded, "GIF")
    packed = encoded.getvalue()
    packed = packed[packed.index(b",") + 10 :].removesuffix(b";")
    padding = b"!\xfe" + (b"\xff" + bytes(255)) * (width * height // 2600 // 256 + 1) + b"\0"
    Path(path).write_bytes(head + body + packed + padding + b";")


def deep_png(array):
    return lambda path, data: cv2.imwrite(path, data[array], [cv2.IMWRITE_PNG_COMPRESSION, 1])


def tiff(array, convert=lambda values: values, **options):
    return lambda path, data: tifffile.imwrite(path, convert(data[array]), **options)


def deep_lzw(array):
    return lambda path, data: cv2.imwrite(path, data[array], [cv2.IMWRITE_TIFF_COMPRESSION, 5])


def turned_tiff(path, data):
    tifffile.imwrite(path, data["rgb"], compression="zlib", extratags=[(274, "H", 1, 6, True)])


def white_is_zero(path, data):
    tifffile.imwrite(path, data["deep"][:, :, 0], photometric="miniswhite", compression="zlib")


def twelve_bits(path, data):
    """12 bits a sample, packed, by hand: tifffile writes only what NumPy has."""
    values = data["deep"][:, :, 0] >> 4
    first, second = values[:, ::2], values[:, 1::2]
    packed = np.empty((values.shape[0], values.shape[1] // 2, 3), np.uint8)
    packed[:, :, 0], packed[:, :, 1], packed[:, :, 2] = first >> 4, (first & 15) << 4 | second >> 8, second & 255
    height, width = values.shape
    tags = [(256, width), (257, height), (258, 12), (259, 1), (262, 1), (273, 8), (277, 1), (278, height)]
    tags.append((279, packed.size))
    entries = b"".join(tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + value.to_bytes(4, "little") for tag, value in tags)
    head = b"II*\0" + (8 + packed.size).to_bytes(4, "little")
    Path(path).write_bytes(head + packed.tobytes() + len(tags).to_bytes(2, "little") + entries + bytes(4))


def netpbm(variant, white, kind):
    def write(path, data):
        values = data["rgb"] if variant in (3, 6) else data["grey"]
        height, width = values.shape[:2]
        bits = variant in (1, 4)
        values = (values & 1) if bits else (values.astype(np.int64) % (white + 1)).astype(kind)
        if variant == 4:
            body = np.packbits(values, axis=1).tobytes()
        elif variant < 4:
            body = b" ".join(str(value).encode() for value in values.ravel().tolist())
        else:
            body = values.astype(np.dtype(kind).newbyteorder(">")).tobytes()
        head = f"P{variant}\n{width} {height}\n" + ("" if bits else f"{white}\n")
        Path(path).write_bytes(head.encode() + body)

    return write


def npy(array, convert=lambda values: values):
    return lambda path, data: np.save(path, convert(data[array]))


def orientation(value):
    exif = Image.Exif()
    exif[274] = value
    return exif


CASES = {
    "png grey": (".png", pillow("PNG", "grey", compress_level=1)),
    "png RGB": (".png", pillow("PNG", "rgb", compress_level=1)),
    "png RGB, turned": (".png", pillow("PNG", "rgb", compress_level=1, exif=orientation(6))),
    "png RGBA": (".png", pillow("PNG", "rgba", compress_level=1)),
    "png grey, alpha": (".png", pillow("PNG", "rgba", "LA", compress_level=1)),
    "png palette": (".png", pillow("PNG", "grey", "P", compress_level=1)),
    "png palette, alpha": (".png", pillow("PNG", "rgb", "P", compress_level=1, transparency=3)),
    "png RGB, one clear": (".png", pillow("PNG", "rgb", compress_level=1, transparency=(1, 2, 3))),
    "png 1 bit": (".png", pillow("PNG", "grey", "1", compress_level=1)),
    "png 16-bit grey": (".png", lambda path, data: deep_png("deep1")(path, {"deep1": data["deep"][:, :, 0]})),
    "png 16-bit RGB": (".png", deep_png("deep")),
    "png 16-bit RGBA": (".png", deep_png("deep4")),
    "png animated": (".png", animation("PNG", compress_level=1)),
    "jpeg grey": (".jpg", pillow("JPEG", "grey", quality=60)),
    "jpeg RGB": (".jpg", pillow("JPEG", "rgb", quality=60)),
    "jpeg RGB, turned": (".jpg", pillow("JPEG", "rgb", quality=60, exif=orientation(6))),
    "jpeg progressive": (".jpg", pillow("JPEG", "rgb", quality=60, progressive=True, subsampling=0)),
    "jpeg CMYK": (".jpg", pillow("JPEG", "rgb", "CMYK", quality=60)),
    "jpeg CMYK, progressive": (".jpg", pillow("JPEG", "rgb", "CMYK", quality=60, progressive=True, subsampling=0)),
    "webp": (".webp", pillow("WEBP", "rgb", quality=60, method=0)),
    "webp lossless": (".webp", pillow("WEBP", "rgb", lossless=True, method=0, quality=0)),
    "webp RGBA": (".webp", pillow("WEBP", "rgba", lossless=True, method=0, quality=0, exact=True)),
    "webp animated": (".webp", animation("WEBP", method=0, quality=30)),
    "bmp RGB": (".bmp", pillow("BMP", "rgb")),
    "bmp grey": (".bmp", pillow("BMP", "grey")),
    "gif": (".gif", pillow("GIF", "grey")),
    "gif animated": (".gif", animation("GIF")),
    "gif tiny frame": (".gif", tiny_frame),
    "P1": (".pbm", netpbm(1, 1, "u1")),
    "P2": (".pgm", netpbm(2, 255, "u1")),
    "P3": (".ppm", netpbm(3, 255, "u1")),
    "P4": (".pbm", netpbm(4, 1, "u1")),
    "P5": (".pgm", netpbm(5, 255, "u1")),
    "P5 16-bit": (".pgm", netpbm(5, 65535, "u2")),
    "P6": (".ppm", netpbm(6, 255, "u1")),
    "P6 16-bit": (".ppm", netpbm(6, 1023, "u2")),
    "npy RGB": (".npy", npy("rgb")),
    "npy RGBA": (".npy", npy("rgba")),
    "npy big-endian": (".npy", npy("deep", lambda values: values.astype(">u2"))),
    "npy booleans": (".npy", npy("grey", lambda values: values > 99)),
    "npy float16": (".npy", npy("float", lambda values: values.astype(np.float16))),
    "npy float, with NaN": (".npy", npy("float", lambda values: np.where(values < 0.1, np.float32("nan"), values))),
    "npy long double": (".npy", npy("float", lambda values: values[:, :, 0].astype(np.longdouble))),
    "tiff RGB": (".tif", tiff("rgb")),
    "tiff RGBA": (".tif", tiff("rgba", extrasamples=("unassalpha",))),
    "tiff deflate, one strip": (".tif", tiff("deep", compression="zlib", predictor=True, rowsperstrip=10_000)),
    "tiff deflate, turned": (".tif", turned_tiff),
    "tiff tiles": (".tif", tiff("deep", compression="zlib", tile=(256, 256))),
    "tiff planes apart": (".tif", tiff("deep", planarconfig="separate", photometric="rgb", compression="zlib",
                                       convert=lambda values: np.ascontiguousarray(np.moveaxis(values, -1, 0)))),
    "tiff float": (".tif", tiff("float", compression="zlib", compressionargs={"level": 1})),
    "tiff float16": (".tif", tiff("float", lambda values: values.astype(np.float16))),
    "tiff LZMA": (".tif", tiff("grey", compression="lzma", compressionargs={"level": 0})),
    "tiff PackBits": (".tif", pillow("TIFF", "grey", compression="packbits")),
    "tiff palette": (".tif", pillow("TIFF", "rgb", "P")),
    "tiff white is 0": (".tif", white_is_zero),
    "tiff 1 bit": (".tif", pillow("TIFF", "grey", "1")),
    "tiff 12 bits": (".tif", twelve_bits),
    "tiff CMYK": (".tif", pillow("TIFF", "rgb", "CMYK")),
    "tiff CMYK 16-bit": (".tif", tiff("deep4", photometric="separated", compression="zlib")),
    "tiff LZW": (".tif", pillow("TIFF", "rgb", compression="tiff_lzw")),
    "tiff LZW, one strip": (".tif", pillow("TIFF", "rgb", compression="tiff_lzw", tiffinfo={278: 10_000})),
    "tiff LZW RGBA": (".tif", pillow("TIFF", "rgba", compression="tiff_lzw")),
    "tiff JPEG": (".tif", pillow("TIFF", "rgb", compression="jpeg")),
    "tiff fax": (".tif", pillow("TIFF", "grey", "1", compression="group4")),
    "tiff LZW 16-bit": (".tif", deep_lzw("deep")),
    "tiff LZW 16-bit RGBA": (".tif", deep_lzw("deep4")),
    "tiff LZW float": (".tif", deep_lzw("float")),
}  # fmt: skip


def write_all(folder, height=HEIGHT, width=WIDTH):
    """Write a file for every case, and return the paths by name."""
    data = arrays(height, width)
    paths = {}
    for number, (name, (suffix, write)) in enumerate(CASES.items()):
        paths[name] = os.path.join(folder, f"{number:02}{suffix}")
        write(paths[name], data)
    return paths


def _status(key):
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith(key))


def _child(path):
    """Return peak and estimate of reading one file, as text; runs in a forked process."""
    asked = []
    memory.require = lambda size, what: asked.append(size)
    before = _status("VmRSS")
    picture = read_picture(path)
    peak = _status("VmHWM") - before
    return f"{peak} {max(asked)} {picture.nbytes}"


def peaks(paths):
    """Return (peak, estimate, bytes of the picture) of every file, by name; only where there is /proc."""
    with tempfile.TemporaryDirectory() as folder:
        for path in write_all(folder, 24, 40).values():
            read_picture(path)
    found = {}
    for name, path in paths.items():
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(out)
                os.write(into, _child(path).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(into)
        with open(out, "rb") as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
        found[name] = tuple(float(word) for word in answer.split())
    return found


def main(arguments):
    """Write the files (``--write FOLDER``), measure them (``--measure FOLDER``), or both and print the table."""
    import subprocess

    if arguments[:1] == ["--write"]:
        write_all(arguments[1], *map(int, arguments[2:]))
        return
    if arguments[:1] == ["--measure"]:
        names = sorted(os.listdir(arguments[1]))
        paths = dict(zip(CASES, (os.path.join(arguments[1], name) for name in names), strict=True))
        for name, figures in peaks(paths).items():
            print(f"{name}\t" + "\t".join(f"{figure:.0f}" for figure in figures))
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", __spec__.name, "--write", folder, *map(str, TABLE)], check=True)
        table = subprocess.run(
            [sys.executable, "-m", __spec__.name, "--measure", folder], check=True, capture_output=True, text=True
        ).stdout
    pixels = TABLE[0] * TABLE[1]
    print(f"{'decoder':<26}{'picture':>9}{'peak':>9}{'estimate':>10}{'ratio':>8}   bytes per pixel, {pixels:,} pixels")
    for line in table.splitlines():
        name, *figures = line.split("\t")
        if len(figures) < 3:
            print(f"{name:<26} not read")
            continue
        peak, estimate, picture = (float(figure) / pixels for figure in figures)
        print(f"{name:<26}{picture:>9.1f}{peak:>9.1f}{estimate:>10.1f}{estimate / max(peak, 1e-9):>8.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
