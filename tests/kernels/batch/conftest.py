"""A folder of pictures, and whoever does the tasks of a batch without processes of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kernels import memory
from kernels.batch.messages import FileTask, Report
from kernels.batch.settings import BatchSettings, settings_for
from kernels.batch.tasks import run_task
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import library
from kernels.recipe import Recipe

Contents = dict[str, bytes]


def picture(path: Path, seed: int = 0, shape: tuple[int, ...] = (12, 16)) -> Path:
    """Write a picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    if path.suffix == ".npy":
        np.save(path, pixels)
    else:
        Image.fromarray(pixels).save(path)
    return path


def contents(folder: Path) -> Contents:
    """Return what is in a folder, the batch's own list left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".kernelscope")
    }


def settings(kernel: str = "sobel-x", **options: str) -> BatchSettings:
    """Return the settings of a kernel of the catalogue."""
    return settings_for(Recipe.of_filter(library.get(kernel), SlidingOptions(padding="same")), **options)


class Here:
    """Does the tasks one by one in this process, when it is asked for reports."""

    def __init__(self, settings: BatchSettings, room: int = 4, work: Callable[..., Report] = run_task) -> None:
        self._settings, self._room, self._work = settings, room, work
        free = settings.memory or 8e8
        self.shares = free / 4, free
        self.given: list[FileTask] = []
        self.done: list[FileTask] = []
        self.is_closed = False

    @property
    def room(self) -> int:
        return self._room - len(self.given)

    def submit(self, task: FileTask) -> None:
        assert self.room > 0
        self.given.append(task)

    def reports(self, timeout: float) -> list[Report]:
        if not self.given:
            time.sleep(min(timeout, 0.001))  # others, who know what comes next, are to have their turn
            return []
        self.done.append(self.given.pop(0))
        return [self._work(self.done[-1], self._settings)]

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def all_memory() -> Iterator[None]:
    """Take back the share that a task gave this process, which does other tests afterwards."""
    yield
    memory.allow(float("inf"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with five pictures in three folders."""
    for number, name in enumerate(["a.png", "b.jpg", "sub/a.tif", "sub/deep/c.bmp", "sub/deep/colour.png"]):
        picture(tmp_path / "in" / name, number, (12, 16, 3) if "colour" in name else (12, 16))
    (tmp_path / "in" / "words.txt").write_text("no picture")
    return tmp_path / "in"
