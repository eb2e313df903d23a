"""Kernels of one's own: kept among the presets, saved to files and opened."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel

from kernels.kernel import Kernel, library
from kernels.kernel.collection import MyKernels, file_stem
from kernels.kernel.files import read_kernel, write_kernel

LEFT = Qt.MouseButton.LeftButton


# My kernels


def test_my_kernels_round_trip(editor, qtbot, make_flow):
    editor.set(1, 1, "0.1")
    editor.panel.offset_edit.setValue(3)
    edited = editor.kernel
    editor.answers.name = "My ядро: 1/2"
    editor.control.keep_kernel()
    combo = editor.panel.preset_combo
    assert editor.answers.asked == ["name My Sobel x"]
    assert combo.shown_text() == "My ядро: 1/2"
    editor.choose("sobel-y")
    fresh = type(editor)(qtbot, editor.folder, make_flow(queries=lambda _moment: []))
    listed = [fresh.panel.preset_combo.itemText(index) for index in range(fresh.panel.preset_combo.count())]
    assert listed[0] == "My ядро: 1/2"
    fresh.panel.preset_combo.setCurrentIndex(0)
    assert fresh.kernel == edited.replace(name="My ядро: 1/2")


def test_an_edited_own_kernel_has_a_way_back_too(editor, qtbot):
    editor.answers.name = "Mine"
    editor.control.keep_kernel()
    editor.set(0, 0, "7")
    assert editor.panel.preset_combo.shown_text() == "Mine, edited"
    qtbot.mouseClick(editor.panel.heading.reset_button, LEFT)
    assert editor.kernel.weights[0, 0] == -1
    assert editor.panel.preset_combo.currentData() == "my:Mine"


def test_replacing_an_own_kernel_is_asked_first(editor):
    editor.answers.name = "Mine"
    editor.control.keep_kernel()
    editor.set(0, 0, "7")
    editor.answers.agrees = False
    editor.control.keep_kernel()
    assert read_kernel(editor.folder / "Mine.json").weights[0, 0] == -1
    assert editor.answers.asked[-1] == "Replace"
    editor.answers.agrees = True
    editor.control.keep_kernel()
    assert read_kernel(editor.folder / "Mine.json").weights[0, 0] == 7
    assert editor.panel.preset_combo.shown_text() == "Mine"


def test_removing_an_own_kernel_is_asked_first_and_leaves_its_weights(editor):
    remove = editor.intents.action("removeKernel")
    assert not remove.isEnabled()
    editor.answers.name = "Mine"
    editor.control.keep_kernel()
    assert remove.isEnabled()
    editor.answers.agrees = False
    remove.trigger()
    assert (editor.folder / "Mine.json").exists()
    editor.answers.agrees = True
    remove.trigger()
    assert not (editor.folder / "Mine.json").exists()
    assert editor.panel.preset_combo.findData("my:Mine") == -1
    assert editor.kernel.weights.tolist() == library.get("sobel-x").weights.tolist()
    assert not remove.isEnabled()


def test_cancelled_dialogs_change_nothing(editor):
    editor.control.keep_kernel()
    editor.control.open_kernel()
    editor.control.save_kernel()
    assert editor.answers.asked == ["name My Sobel x", "open", "save sobel-x.json"]
    assert editor.steps == 0
    assert not editor.folder.exists()


def test_a_broken_own_kernel_is_left_out_and_named(editor, qtbot, make_flow):
    editor.folder.mkdir()
    (editor.folder / "broken.json").write_text("{", encoding="utf-8")
    write_kernel(editor.folder / "good.json", Kernel([[1.0]], name="Good"))
    fresh = type(editor)(qtbot, editor.folder, make_flow(queries=lambda _moment: []))
    assert fresh.panel.preset_combo.findData("my:good") == 0
    assert fresh.panel.preset_combo.findData("my:broken") == -1
    assert "broken.json" in fresh.find(QLabel, "kernelFileMessage").text()


def test_my_kernels_in_a_forbidden_place_say_so(editor):
    editor.folder.write_text("a file where the folder should be", encoding="utf-8")
    editor.answers.name = "Mine"
    editor.control.keep_kernel()
    message = editor.find(QLabel, "kernelFileMessage")
    assert message.isVisible()
    assert "cannot be made" in message.text()
    assert editor.panel.preset_combo.shown_text() == "Sobel x"


@pytest.mark.parametrize(
    ("name", "stem"),
    [("Blur", "Blur"), ("a/b", "a_b"), ("..", "kernel"), ("con", "_con"), ("x" * 200, "x" * 80), ("a\nb", "a_b"),
     ("Kanten ü", "Kanten ü")],
)  # fmt: skip
def test_file_names_are_safe_everywhere(name, stem):
    assert file_stem(name) == stem


def test_own_kernels_are_listed_by_name(tmp_path):
    own = MyKernels(tmp_path)
    for name in ("beta", "Alpha", "gamma"):
        own.add(Kernel([[1.0]], name=name))
    assert [each.name for each in own.all()] == ["Alpha", "beta", "gamma"]
    assert own.by_name("") is None


# Files


@pytest.mark.parametrize("suffix", [".json", ".csv", ".npy", ".txt", ".mat"])
def test_save_and_open_a_kernel_file(editor, tmp_path, suffix):
    editor.answers.path = str(tmp_path / f"edges{suffix}")
    editor.control.save_kernel()
    editor.choose("box")
    editor.control.open_kernel()
    assert np.array_equal(editor.kernel.weights, library.get("sobel-x").weights)
    assert editor.panel.heading.reset_button.isHidden()


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.json", b""), ("broken.json", b"{"), ("letters.csv", b"a,b\nc,d"), ("ragged.csv", b"1,2\n3"),
     ("no.npy", b"not numpy"), ("picture.png", b"\x89PNG")],
)  # fmt: skip
def test_a_bad_kernel_file_says_why_and_changes_nothing(editor, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    editor.answers.path = str(tmp_path / name)
    editor.control.open_kernel()
    message = editor.find(QLabel, "kernelFileMessage")
    assert message.isVisible()
    assert name in message.text()
    assert editor.kernel == library.get("sobel-x")
    assert editor.steps == 0


def test_saving_to_a_missing_folder_says_so(editor, tmp_path):
    editor.answers.path = str(tmp_path / "nowhere" / "edges.json")
    editor.control.save_kernel()
    assert "nowhere" in editor.find(QLabel, "kernelFileMessage").text()
