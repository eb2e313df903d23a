"""Runs damaged inputs in a process of its own, under limits, and sorts what comes out of it."""

import hashlib
import os
import random
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from functools import partial

from kernels.memory import Refused
from tests.fuzz.targets import CORPUS, Wrong, all_targets

SLOWEST = 5.0
"""Seconds that an input may take."""
HANGING = 20.0
"""Seconds after which the process is ended."""
MEMORY = 1 << 30
"""Bytes of address space that the process may take beside what it starts with."""
LONGEST_SENTENCE = 1000

RESULT, SENTENCE, MEMORY_REFUSED = "result", "sentence", "memory refused"
FINE = (RESULT, SENTENCE, MEMORY_REFUSED)


def outcome(target, data, folder, said):
    """Run one input in this process and return what came of it: one of `FINE`, or a failure in words.

    `said` is the open file that the error stream goes to.
    """
    before = os.fstat(said).st_size
    start = time.perf_counter()
    kind = _outcome(target, data, folder)
    seconds = time.perf_counter() - start
    sys.stderr.flush()
    if kind in FINE and os.fstat(said).st_size > before:
        printed = os.pread(said, 200, before).decode("utf-8", "replace")
        return f"prints: {printed!r}"
    if kind in FINE and seconds > SLOWEST:
        return f"slow: {seconds:.1f} s"
    return kind


def _outcome(target, data, folder):
    try:
        target.call(data, folder)
    except target.sentences as error:
        text = str(error)
        if text and text.isprintable() and len(text) <= LONGEST_SENTENCE:
            return SENTENCE
        return f"no plain sentence: {type(error).__name__} {text[:200]!r}"
    except MemoryError as error:
        return MEMORY_REFUSED if isinstance(error, Refused) else f"memory: {str(error)[:200]!r}"
    except Wrong as error:
        return f"wrong: {error}"
    except BaseException as error:
        place = error.__traceback__
        while place.tb_next is not None:
            place = place.tb_next
        where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}"
        return f"{type(error).__name__} at {where}: {str(error)[:200]!r}"
    return RESULT


def example(target, seed, index):
    """Return the input number `index` of a target; the same on every machine with the same seeds."""
    return target.example(random.Random(f"{seed} {target.name} {index}"))


class Worker:
    """A forked process that runs inputs one after the other and tells how each went."""

    def __init__(self, targets, jobs):
        out, into = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            try:
                os.close(out)
                _work(targets, jobs, into)
            finally:
                os._exit(0)
        os.close(into)
        self._pipe = out
        self._rest = b""

    def next_line(self):
        """Return what the process says next, None when it has ended, or "" when it says nothing for too long."""
        deadline = time.monotonic() + HANGING
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return ""
            piece = os.read(self._pipe, 65536)
            if not piece:
                return None
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def end(self):
        """End the process and return its status."""
        os.close(self._pipe)
        ended, status = os.waitpid(self.process, os.WNOHANG)
        if not ended:
            os.kill(self.process, signal.SIGKILL)
            _, status = os.waitpid(self.process, 0)
        return status


def _work(targets, jobs, into):
    warnings.simplefilter("always")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        os.environ["XDG_CONFIG_HOME"] = os.path.join(folder, "config")
        place = os.path.join(folder, "work")
        os.mkdir(place)
        os.dup2(said.fileno(), 2)
        with open("/proc/self/statm", encoding="ascii") as sizes:
            used = int(sizes.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))
        for number, (target, make) in enumerate(jobs):
            kind = outcome(targets[target], make(), place, said.fileno())
            os.write(into, f"{number} {' '.join(kind.split())}\n".encode("utf-8", "backslashreplace"))
            if os.fstat(said.fileno()).st_size > 1 << 20:
                os.ftruncate(said.fileno(), 0)
                os.lseek(said.fileno(), 0, os.SEEK_SET)
            if len(os.listdir(place)) > 20:
                shutil.rmtree(place)
                os.mkdir(place)


def run(targets, jobs, stop=lambda: False):
    """Run jobs, pairs of a target's name and a function that makes the input, and yield (job, kind) of each.

    A job that crashes or hangs the process is a failure, and the rest goes on in another process.
    """
    place = 0
    while place < len(jobs) and not stop():
        worker = Worker(targets, jobs[place:])
        first = place
        while place < len(jobs) and not stop():
            line = worker.next_line()
            if not line:
                break
            number, _, kind = line.partition(" ")
            place = first + int(number) + 1
            yield jobs[place - 1], kind
        status = worker.end()
        if place < len(jobs) and not stop():
            kind = "hangs" if line == "" else f"the process ended with {os.waitstatus_to_exitcode(status)}"
            yield jobs[place], kind
            place += 1


def fuzz(seconds, seed=1, names=None, most=None, start=0):
    """Fuzz for so long, every target in turn, and return outcomes by target and the failures as (name, index, kind)."""
    targets = all_targets()
    names = list(targets) if names is None else names
    end = time.monotonic() + seconds
    table, failures = {name: Counter() for name in names}, []
    index = start
    while time.monotonic() < end and (most is None or index - start < most):
        batch = range(index, index + (200 if most is None else min(200, most - (index - start))))
        jobs = [(name, partial(example, targets[name], seed, number)) for name in names for number in batch]
        for (name, make), kind in run(targets, jobs, lambda: time.monotonic() > end):
            if kind in FINE:
                table[name][kind] += 1
            else:
                table[name]["failure"] += 1
                failures.append((name, make(), kind))
        index = batch.stop
    return table, failures


def save(failures):
    """Save one input of every new kind of failure where the test suite replays it, and return the paths."""
    CORPUS.mkdir(exist_ok=True)
    seen, paths = set(), []
    for name, data, kind in failures:
        brief = (name, kind.split("'")[0].split('"')[0])
        if brief in seen:
            continue
        seen.add(brief)
        path = CORPUS / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        paths.append((path, kind))
    return paths
