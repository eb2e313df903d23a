"""`write_whole`: a file is there completely or not at all."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from kernels import files, part_files
from kernels.files import append_bytes, read_bytes, write_bytes, write_whole

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
needs_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere"
)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


class TestWriting:
    def test_a_new_file_gets_ordinary_permissions(self, tmp_path: Path) -> None:
        write_bytes(tmp_path / "new", b"content")
        (tmp_path / "plain").write_bytes(b"")
        assert (tmp_path / "new").read_bytes() == b"content"
        assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
        assert names(tmp_path) == ["new", "plain"]

    def test_what_the_system_takes_in_parts_is_written_whole(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Short(io.FileIO):
            def write(self, content: Any) -> int:
                return super().write(content[:3])

        part = str(tmp_path / "part")
        monkeypatch.setattr(part_files, "create", lambda *_, **__: part_files.Part(Short(part, "x+"), part))
        write_bytes(tmp_path / "new", memoryview(b"ten bytes."))
        assert (tmp_path / "new").read_bytes() == b"ten bytes."

    def test_the_writer_can_go_back_and_read(self, tmp_path: Path) -> None:
        def write(file: BinaryIO) -> None:
            file.write(b"abc")
            file.seek(0)
            assert file.read() == b"abc"
            file.seek(1)
            file.write(b"X")

        write_whole(tmp_path / "file", write)
        assert (tmp_path / "file").read_bytes() == b"aXc"

    @needs_posix
    def test_an_existing_file_keeps_its_permissions(self, tmp_path: Path) -> None:
        target = tmp_path / "file"
        target.write_bytes(b"old")
        target.chmod(0o640)
        write_bytes(target, b"new")
        assert target.read_bytes() == b"new"
        assert target.stat().st_mode & 0o777 == 0o640

    @needs_posix
    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "target").write_bytes(b"old")
        (tmp_path / "link").symlink_to(tmp_path / "folder" / "target")
        write_bytes(tmp_path / "link", b"new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "folder" / "target").read_bytes() == b"new"

    def test_the_longest_name_works(self, tmp_path: Path) -> None:
        write_bytes(tmp_path / ("n" * 250), b"content")
        assert names(tmp_path) == ["n" * 250]


class TestFailing:
    @pytest.mark.parametrize("old", [None, b"old"])
    @pytest.mark.parametrize("failure", [ValueError("no"), KeyboardInterrupt(), MemoryError()])
    def test_nothing_is_left_and_the_old_file_stays(
        self, tmp_path: Path, failure: BaseException, old: bytes | None
    ) -> None:
        if old is not None:
            (tmp_path / "file").write_bytes(old)

        def write(file: BinaryIO) -> None:
            file.write(b"half")
            raise failure

        with pytest.raises(type(failure)):
            write_whole(tmp_path / "file", write)
        assert names(tmp_path) == ([] if old is None else ["file"])
        assert old is None or (tmp_path / "file").read_bytes() == old

    @pytest.mark.parametrize(
        ("number", "words"),
        [(errno.ENOSPC, "no room left"), (errno.EFBIG, "no room left"), (errno.EROFS, "read-only"),
         (errno.EACCES, "permissions"), (errno.EIO, "cannot be written: Input/output error")],
    )  # fmt: skip
    def test_the_systems_reason_becomes_a_sentence(self, tmp_path: Path, number: int, words: str) -> None:
        def write(file: BinaryIO) -> None:
            file.write(b"half")
            raise OSError(number, os.strerror(number))

        with pytest.raises(OSError, match=words) as caught:
            write_whole(tmp_path / "file", write)
        assert caught.value.errno == number
        assert str(tmp_path / "file") in str(caught.value)
        assert "[Errno" not in str(caught.value)
        assert names(tmp_path) == []

    def test_room_that_runs_out_at_the_last_moment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(files.os, "fsync", full)
        with pytest.raises(OSError, match="no room left"):
            write_bytes(tmp_path / "file", b"content")
        assert names(tmp_path) == []

    def test_a_disk_that_cannot_sync_is_no_failure(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def unable(descriptor: int) -> None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

        monkeypatch.setattr(files.os, "fsync", unable)
        write_bytes(tmp_path / "file", b"content")
        assert (tmp_path / "file").read_bytes() == b"content"

    @pytest.mark.parametrize("old", [None, b"old"])
    def test_a_rename_that_fails_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None
    ) -> None:
        def refuse(source: object, target: object, **_: object) -> None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        if old is not None:
            (tmp_path / "file").write_bytes(old)
        monkeypatch.setattr(files.os, "replace", refuse)
        monkeypatch.setattr(files.os, "link", refuse)
        with pytest.raises(PermissionError, match="permissions"):
            write_bytes(tmp_path / "file", b"content")
        assert names(tmp_path) == ([] if old is None else ["file"])
        assert old is None or (tmp_path / "file").read_bytes() == old

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(IsADirectoryError, match="is a folder; give the name of a file"):
            write_bytes(tmp_path, b"content")

    def test_a_folder_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match=r"There is no folder .*missing"):
            write_bytes(tmp_path / "missing" / "file", b"content")
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(NotADirectoryError):
            write_bytes(tmp_path / "file" / "below", b"content")

    @needs_posix
    @pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
    def test_a_device_is_never_replaced(self, device: str) -> None:
        if not os.path.exists(device):
            pytest.skip(f"this system has no {device}")
        with pytest.raises(OSError, match="not an ordinary file"):
            write_bytes(device, b"content")

    @needs_user
    def test_a_forbidden_folder_and_a_protected_file(self, tmp_path: Path) -> None:
        protected = tmp_path / "protected"
        protected.write_bytes(b"old")
        protected.chmod(0o400)
        with pytest.raises(PermissionError, match="write-protected"):
            write_bytes(protected, b"new")
        assert protected.read_bytes() == b"old"
        tmp_path.chmod(0o500)
        try:
            with pytest.raises(PermissionError, match="permissions of its folder"):
                write_bytes(tmp_path / "file", b"content")
        finally:
            tmp_path.chmod(0o700)

    def test_impossible_names(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="not a path"):
            write_bytes("a\0b", b"content")
        with pytest.raises(OSError, match="too long"):
            write_bytes(tmp_path / ("n" * 5000), b"content")


class TestFilesWithoutAName:
    """On Linux a new file gets its name when it is complete."""

    def test_a_new_file_is_seen_only_when_it_is_complete(self, nameless: Path) -> None:
        def write(file: BinaryIO) -> None:
            file.write(b"content")
            file.flush()
            assert names(nameless) == []

        write_whole(nameless / "new", write)
        assert (nameless / "new").read_bytes() == b"content"
        assert names(nameless) == ["new"]

    def test_who_needs_the_name_gets_one(self, nameless: Path) -> None:
        write_whole(nameless / "new", lambda file: Path(file.name).write_bytes(b"by another"), by_name=True)
        assert (nameless / "new").read_bytes() == b"by another"
        assert names(nameless) == ["new"]

    @pytest.mark.parametrize("mask", [0o002, 0o022, 0o077])
    def test_the_permissions_are_the_ordinary_ones(self, nameless: Path, mask: int) -> None:
        before = os.umask(mask)
        try:
            write_bytes(nameless / "new", b"content")
        finally:
            os.umask(before)
        assert (nameless / "new").stat().st_mode & 0o7777 == 0o666 & ~mask

    @pytest.mark.parametrize("buffering", [-1, 0])
    def test_what_somebody_else_made_meanwhile_is_replaced(self, nameless: Path, buffering: int) -> None:
        def write(file: BinaryIO) -> None:
            file.write(b"new")
            (nameless / "file").write_bytes(b"another's")

        for _ in range(2):
            (nameless / "file").unlink(missing_ok=True)
            write_whole(nameless / "file", write, buffering=buffering)
            assert (nameless / "file").read_bytes() == b"new"
            assert names(nameless) == ["file"]
        write_whole(nameless / "next", lambda file: self.has_no_name(nameless, file))

    def test_a_folder_that_somebody_made_meanwhile_stays(self, nameless: Path) -> None:
        with pytest.raises(IsADirectoryError, match="cannot be written: Is a directory"):
            write_whole(nameless / "file", lambda file: (nameless / "file").mkdir())
        assert names(nameless) == ["file"]
        assert names(nameless / "file") == []

    def test_a_folder_that_is_removed_meanwhile_is_named(self, nameless: Path) -> None:
        place = nameless / "place"
        place.mkdir()
        with pytest.raises(FileNotFoundError, match=r"There is no folder .*place, so .*file cannot be written"):
            write_whole(place / "file", lambda file: place.rmdir())
        write_whole(nameless / "next", lambda file: self.has_no_name(nameless, file))

    @pytest.mark.parametrize("number", [errno.EPERM, errno.ENOENT, errno.EXDEV, errno.EOPNOTSUPP])
    @pytest.mark.parametrize("buffering", [-1, 0])
    def test_where_no_name_is_given_later_the_file_has_one_at_once(
        self, nameless: Path, monkeypatch: pytest.MonkeyPatch, number: int, buffering: int
    ) -> None:
        asked = []

        def refuse(*arguments: object, **options: object) -> None:
            asked.append(arguments)
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(files.os, "link", refuse)
        content = bytes(range(256)) * 1000
        for name in ("first", "second"):
            write_whole(nameless / name, lambda file: file.write(content) and None, buffering=buffering)
            assert (nameless / name).read_bytes() == content
        assert len(asked) == 1
        assert names(nameless) == ["first", "second"]

    def test_a_full_disk_met_on_that_way_leaves_nothing(self, nameless: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*arguments: object, **options: object) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        synced = []

        def full(descriptor: int) -> None:
            synced.append(os.fstat(descriptor).st_size)
            if len(synced) == 2:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(files.os, "link", refuse)
        monkeypatch.setattr(files.os, "fsync", full)
        with pytest.raises(OSError, match="no room left"):
            write_bytes(nameless / "file", b"content")
        assert synced == [7, 7]
        assert names(nameless) == []

    def test_a_system_without_them(self, nameless: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(files.os, "O_TMPFILE")
        self.check_named(nameless)

    @pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.EACCES])
    def test_a_disk_without_them(self, nameless: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        real_open = os.open

        def refuse(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(number, os.strerror(number))
            return real_open(path, flags, *arguments, **options)

        monkeypatch.setattr(files.os, "open", refuse)
        self.check_named(nameless)

    def has_no_name(self, folder: Path, file: BinaryIO) -> None:
        assert not [name for name in names(folder) if name.endswith(".part")]

    def check_named(self, folder: Path) -> None:
        def write(file: BinaryIO) -> None:
            file.write(b"content")
            assert [os.path.basename(file.name)] == names(folder)

        write_whole(folder / "new", write)
        assert (folder / "new").read_bytes() == b"content"
        assert names(folder) == ["new"]


class TestReading:
    def test_reads_up_to_the_limit(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"12345")
        assert read_bytes(tmp_path / "file", 5) == b"12345"
        with pytest.raises(ValueError, match="larger than 4 bytes"):
            read_bytes(tmp_path / "file", 4)

    @needs_posix
    def test_what_is_no_file_is_refused_without_waiting(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(OSError, match="not an ordinary file"):
            read_bytes(tmp_path / "pipe", 10)
        with pytest.raises(ValueError, match="not a path"):
            read_bytes("a\0b", 10)

    @needs_user
    def test_an_unreadable_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"secret")
        (tmp_path / "file").chmod(0)
        with pytest.raises(PermissionError, match="may not be read"):
            read_bytes(tmp_path / "file", 10)


def test_appending_writes_all_of_it_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append_bytes(path, b"one")
    append_bytes(path, b"two")
    assert path.read_bytes() == b"onetwo"
    with pytest.raises(FileNotFoundError, match="cannot be written"):
        append_bytes(tmp_path / "nowhere" / "log", b"three")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_appending_where_there_is_no_room_is_one_sentence() -> None:
    with pytest.raises(OSError, match="There is no room left for /dev/full; nothing was written"):
        append_bytes("/dev/full", b"one")
