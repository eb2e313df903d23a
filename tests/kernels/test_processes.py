"""Workers of the program's own: started from anywhere, told and heard through pipes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import processes


class Number(msgspec.Struct, tag="number"):
    value: int


class Word(msgspec.Struct, tag="word"):
    text: str


Message = Number | Word

_MESSAGES = st.lists(st.builds(Number, st.integers(-(2**63), 2**63)) | st.builds(Word, st.text()), max_size=8)


@given(_MESSAGES, st.lists(st.integers(1, 40), min_size=1))
def test_messages_come_whole_however_the_pipe_cuts_them(messages: list[Message], cuts: list[int]) -> None:
    file = io.BytesIO()
    for message in messages:
        processes.send(file, message)
    content, receiver = file.getvalue(), processes.Receiver[Message](Message)
    found: list[Message] = []
    while content:
        size = cuts[len(found) % len(cuts)]
        found += receiver.feed(content[:size])
        content = content[size:]
    assert found == messages


def test_other_bytes_are_refused() -> None:
    receiver = processes.Receiver[Message](Message)
    with pytest.raises(ValueError, match="bytes was announced"):
        receiver.feed(b"Traceback (most recent call last)")
    with pytest.raises(ValueError, match="Expected"):
        processes.Receiver[Message](Message).feed((4).to_bytes(4, "big") + b"\xa3one")


def test_no_message_is_longer_than_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LARGEST_MESSAGE", 100)
    with pytest.raises(ValueError, match="longer than the 100"):
        processes.send(io.BytesIO(), Word("x" * 100))


def test_the_program_starts_itself_from_any_folder(tmp_path: Path) -> None:
    # A module of that name in the working folder, or on the caller's path, is not taken for the program's own.
    (tmp_path / "kernels.py").write_text("raise SystemExit(9)")
    words = processes.command("kernels", "--json")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert msgspec.json.decode(done.stdout)


def test_a_frozen_program_is_started_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert processes.command("train", "--serve") == [sys.executable, "train", "--serve"]


def test_without_an_interpreter_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(OSError, match="not known which Python"):
        processes.command("train")


def test_what_a_worker_prints_does_not_stand_between_its_messages() -> None:
    worker = """
import sys
from kernels import processes
from tests.kernels.test_processes import Message, Number, Word
incoming, outgoing = processes.take_pipes()
print("a library's remark")
for message in processes.received(incoming, Message):
    processes.send(outgoing, Number(message.value + 1))
processes.send(outgoing, Word("end of input"))
"""
    run = subprocess.Popen(
        [sys.executable, "-c", worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    assert run.stdin is not None
    for value in (1, 41):
        processes.send(run.stdin, Number(value))
    out, err = run.communicate(timeout=60)
    found = processes.Receiver[Message](Message).feed(out)
    assert found == [Number(2), Number(42), Word("end of input")]
    assert err.decode().strip() == "a library's remark"
