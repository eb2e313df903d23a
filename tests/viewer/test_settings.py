"""Settings: typed, with defaults, and forgiving of what others left in the file."""

from PyQt6.QtCore import QSettings

from viewer.settings import LAST_FOLDER, PROJECTOR, RECENT_FILES, RECENT_LIMIT, THEME, Settings


def test_defaults_hold_when_nothing_is_remembered(qapp):
    settings = Settings()
    assert settings.get(THEME) == "system"
    assert settings.get(PROJECTOR) is False
    assert settings.get(RECENT_FILES) == ()


def test_values_survive_a_restart(qapp, tmp_path):
    first = Settings()
    first.set(THEME, "light")
    first.set(PROJECTOR, True)
    first.remember_file(str(tmp_path / "a.png"))
    second = Settings()
    assert second.get(THEME) == "light"
    assert second.get(PROJECTOR) is True
    assert second.get(RECENT_FILES) == (str(tmp_path / "a.png"),)
    assert second.folder() == str(tmp_path)


def test_a_value_that_makes_no_sense_counts_as_absent(qapp):
    raw = QSettings("Kernelscope", "Kernelscope")
    raw.setValue("theme", "purple")
    raw.sync()
    assert Settings().get(THEME) == "system"


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
