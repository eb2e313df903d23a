"""Inputs that once went wrong give a result or one sentence, and the fuzzer itself works."""

import os
import signal

import pytest

if not os.path.exists("/proc/self/statm"):
    pytest.skip("the limits of the fuzzer are those of Linux", allow_module_level=True)

from tests.fuzz import runner
from tests.fuzz.targets import CORPUS, Target, all_targets

SAVED = sorted(path.name for path in CORPUS.iterdir() if path.name[:1] != ".") if CORPUS.is_dir() else []


@pytest.fixture(scope="module")
def targets():
    return all_targets()


def kinds(targets, jobs):
    return [kind for _, kind in runner.run(targets, jobs)]


def test_what_once_went_wrong(targets):
    names = [name.rpartition("-")[0] for name in SAVED]
    jobs = [(name, (CORPUS / saved).read_bytes) for name, saved in zip(names, SAVED, strict=True)]
    found = dict(zip(SAVED, kinds(targets, jobs), strict=True))
    assert {name: kind for name, kind in found.items() if kind not in runner.FINE} == {}


def test_whole_files_give_results(targets):
    jobs = [(target.name, lambda data=data: data) for target in targets.values() for data in target.files]
    jobs = [job for job in jobs if job[0] != "text"]
    assert set(kinds(targets, jobs)) == {runner.RESULT}


def test_some_inputs_of_every_kind(targets):
    table, failures = runner.fuzz(60.0, seed=7, most=12)
    assert failures == []
    assert {name: counts.total() for name, counts in table.items()} == dict.fromkeys(targets, 12)


def test_the_same_seed_gives_the_same_inputs(targets):
    again = all_targets()
    for name, target in targets.items():
        assert runner.example(target, 3, 5) == runner.example(again[name], 3, 5), name


def test_every_way_to_go_wrong_is_noticed():
    """A crash, a hang of the machine, a fault, a page of words, something printed, and memory without an estimate."""

    def act(data, folder):
        if data == b"crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if data == b"prints":
            os.write(2, b"libpng warning")
        if data == b"page":
            raise ValueError("two\nlines")
        if data == b"fault":
            raise KeyError("x")
        if data == b"memory":
            bytearray(1 << 34)

    targets = {"any": Target("any", [b""], act)}
    words = (b"", b"crash", b"prints", b"page", b"fault", b"memory", b"")
    found = kinds(targets, [("any", lambda word=word: word) for word in words])
    expected = ("result", "the process ended with", "prints", "no plain sentence", "KeyError at", "memory: ", "result")
    assert len(found) == len(expected)
    for kind, start in zip(found, expected, strict=True):
        assert kind.startswith(start)
