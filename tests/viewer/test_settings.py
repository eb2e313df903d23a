"""Settings: typed, with defaults, and forgiving of what others left in the file."""

import json
import os
import stat

import pytest
from PyQt6.QtCore import QByteArray

from viewer.settings import (
    DIRECTION_COLOURS,
    FILLS_SCREEN,
    GEOMETRY,
    LARGE_TYPE,
    LARGEST_FILE,
    LAST_FOLDER,
    RECENT_FILES,
    RECENT_LIMIT,
    THEME,
    Setting,
    Settings,
    settings_path,
)

ALL = (THEME, LARGE_TYPE, DIRECTION_COLOURS, FILLS_SCREEN, GEOMETRY, RECENT_FILES, LAST_FOLDER)


def plant(content):
    """Put content where the settings are kept."""
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def defaults(settings):
    return all(settings.get(setting) == setting.default for setting in ALL)


def test_defaults_hold_when_nothing_is_remembered(qapp):
    settings = Settings()
    assert settings.get(THEME) == "system"
    assert settings.get(LARGE_TYPE) is False
    assert settings.get(RECENT_FILES) == ()
    assert settings.notes == []


def test_values_survive_a_restart(qapp, tmp_path):
    first = Settings()
    first.set(THEME, "light")
    first.set(LARGE_TYPE, True)
    first.set(GEOMETRY, QByteArray(bytes(range(256))))
    first.remember_file(str(tmp_path / "a.png"))
    second = Settings()
    assert second.get(THEME) == "light"
    assert second.get(LARGE_TYPE) is True
    assert second.get(GEOMETRY) == QByteArray(bytes(range(256)))
    assert second.get(RECENT_FILES) == (str(tmp_path / "a.png"),)
    assert second.folder() == str(tmp_path)


def test_they_are_text_in_the_folder_of_configurations(qapp, own_settings):
    settings = Settings()
    settings.set(GEOMETRY, QByteArray(b"\1\2\3"))
    assert str(settings.path).startswith(os.environ["XDG_CONFIG_HOME"])
    assert json.loads(settings.path.read_text()) == {"window/geometry": "AQID"}
    assert stat.S_IMODE(settings.path.parent.stat().st_mode) == 0o700
    assert os.listdir(settings.path.parent) == ["settings.json"]


def test_two_windows_do_not_forget_each_others_settings(qapp):
    first, second = Settings(), Settings()
    first.set(THEME, "dark")
    second.set(LARGE_TYPE, True)
    third = Settings()
    assert (third.get(THEME), third.get(LARGE_TYPE)) == ("dark", True)


def test_nothing_in_an_old_settings_file_is_run(qapp, tmp_path):
    """QSettings unpickles what stands behind @Variant; the file is neither read nor touched."""
    import pickle

    class Command:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "was-run"),)

    pickled = pickle.dumps(Command())
    name = b"PyQt_PyObject\0"
    variant = b"\0\0\4\0\0" + len(name).to_bytes(4, "big") + name + len(pickled).to_bytes(4, "big") + pickled
    escaped = "".join(f"\\x{byte:x}" for byte in variant)
    old = settings_path().with_name("Kernelscope.conf")
    old.parent.mkdir(parents=True)
    keys = "\n".join(f'{setting.key.partition("/")[2] or setting.key}="@Variant({escaped})"' for setting in ALL)
    old.write_text(f"[General]\n{keys}\n[window]\n{keys}\n[files]\n{keys}\n[gradient]\n{keys}\n")
    before = old.read_bytes()
    settings = Settings()
    assert defaults(settings)
    settings.set(THEME, "dark")
    assert not (tmp_path / "was-run").exists()
    assert old.read_bytes() == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "purple"),
        ("theme", 7),
        ("largeType", "yes"),
        ("largeType", 1),
        ("gradient/directionColours", "@Variant(\0\0)"),
        ("window/geometry", "no base64!"),
        ("window/geometry", "A" * 5000),
        ("files/recent", "a.png"),
        ("files/recent", [1, 2]),
        ("files/folder", ["/"]),
    ],
)
def test_a_value_that_makes_no_sense_counts_as_absent_and_is_noted(qapp, key, value):
    plant({key: value, "window/fills_screen": True})
    settings = Settings()
    assert settings.get(FILLS_SCREEN) is True
    setting = next(one for one in ALL if one.key == key)
    assert settings.get(setting) == setting.default
    assert settings.get(setting) == setting.default
    (note,) = settings.notes
    assert key in note
    assert "\n" not in note


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"theme": ' + b"[" * 100_000, b'{"a": 1}' + b" " * LARGEST_FILE],
)
def test_a_damaged_file_is_left_out_with_a_note_and_written_anew(qapp, content):
    path = plant(content)
    settings = Settings()
    assert defaults(settings)
    (note,) = settings.notes
    assert str(path.name) in note or "theme" in note
    assert len(note) < 400
    settings.set(THEME, "dark")
    assert Settings().get(THEME) == "dark"


def test_what_another_version_keeps_stays(qapp):
    plant({"later/thing": {"deep": [1, 2.5, None]}})
    Settings().set(THEME, "dark")
    assert json.loads(settings_path().read_bytes()) == {"later/thing": {"deep": [1, 2.5, None]}, "theme": "dark"}


def test_a_folder_in_the_place_of_the_file_is_noted(qapp):
    settings_path().mkdir(parents=True)
    settings = Settings()
    assert defaults(settings)
    settings.set(THEME, "dark")
    assert len(settings.notes) == 2
    assert settings.get(THEME) == "dark"


def test_a_name_with_half_a_character_is_not_kept(qapp):
    settings = Settings()
    settings.set(LAST_FOLDER, "/home/\udcff")
    assert "files/folder" in settings.notes[0]
    assert Settings().notes == []


def test_settings_of_their_own_kind(qapp):
    folder = Setting("learned/folder-MNIST", "", str)
    Settings().set(folder, "/data")
    assert Settings().get(folder) == "/data"


def test_recent_files_are_newest_first_without_doubles_and_limited(qapp, tmp_path):
    settings = Settings()
    for n in range(RECENT_LIMIT + 3):
        settings.remember_file(str(tmp_path / f"{n}.png"))
    settings.remember_file(str(tmp_path / "5.png"))
    recent = settings.get(RECENT_FILES)
    assert len(recent) == RECENT_LIMIT
    assert recent[0] == str(tmp_path / "5.png")
    assert len(set(recent)) == len(recent)
    settings.forget_file(str(tmp_path / "5.png"))
    assert str(tmp_path / "5.png") not in settings.get(RECENT_FILES)


def test_a_folder_that_vanished_is_not_proposed(qapp, tmp_path):
    settings = Settings()
    settings.set(LAST_FOLDER, str(tmp_path / "gone"))
    assert settings.folder() != str(tmp_path / "gone")
