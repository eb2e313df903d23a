"""``kernelscope batch``: what it writes, says and refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from kernels.commands import cli
from tests.kernels.batch.conftest import Here, contents, picture


@pytest.fixture(autouse=True)
def _here(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in the folder with the folder "in", without processes."""
    monkeypatch.chdir(tree.parent)
    monkeypatch.setattr("kernels.batch.starting.start", refuse_to_start)
    monkeypatch.setattr("kernels.batch.pool.Pool", lambda settings, workers, ahead: Here(settings, 2 * workers))
    monkeypatch.setattr("kernels.memory.allow", lambda size: None)


def refuse_to_start() -> None:
    """Be a system that starts no process."""
    raise OSError("no process can be started")


def batch(*words: str, status: int = 0) -> None:
    assert cli.main(["batch", *words]) == status


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Check that nothing is done, and return the one line."""
    before = contents(Path())
    batch(*words, status=2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("kernelscope batch: ")
    assert contents(Path()) == before
    assert not Path("out").exists()
    return captured.err


def test_every_picture_as_apply_writes_it(capsys: pytest.CaptureFixture[str]) -> None:
    batch("sobel-x", "in", "out")
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.splitlines()[-1].startswith("out: 5 filtered, 0 kept, 0 failed, in ")
    for name, content in contents(Path("out")).items():
        assert cli.main(["apply", "sobel-x", f"in/{name}", "-o", f"one{Path(name).suffix}"]) == 0
        assert Path(f"one{Path(name).suffix}").read_bytes() == content, name


@pytest.mark.parametrize(
    "words",
    [
        ["sobel-x", "--padding", "2", "in", "out", "--border=wrap"],
        ["--padding", "2", "sobel-x", "in", "--border", "wrap", "out"],
        ["sobel-x", "in", "out", "--border", "wrap", "--padding=2"],
        ["--border", "wrap", "--recipe", "r.json", "in", "--padding", "2", "out"],
    ],
)
def test_options_stand_anywhere(words: list[str]) -> None:
    if "--recipe" in words:
        stage = {"filter": {"kernel": "sobel-x", "padding": 2, "border": "wrap"}}
        Path("r.json").write_text(json.dumps({"stages": [stage]}), encoding="utf-8")
        words = [word for word in words if word not in ("--border", "wrap", "--padding", "2")]
    batch(*words, "--pattern", "a.png")
    assert cli.main(["apply", "sobel-x", "in/a.png", "-o", "one.png", "--padding", "2", "--border", "wrap"]) == 0
    assert contents(Path("out")) == {"a.png": Path("one.png").read_bytes()}


def test_kernels_and_numbers_may_begin_with_a_minus() -> None:
    batch("-1 0 1", "in", "out", "--offset", "-5", "--pattern", "a.png")
    assert cli.main(["apply", "-1 0 1", "in/a.png", "-o", "one.png", "--offset", "-5"]) == 0
    assert contents(Path("out")) == {"a.png": Path("one.png").read_bytes()}


def test_format_and_patterns() -> None:
    batch("box", "in", "out", "--format", "webp", "--pattern", "*.jpg", "--pattern", "sub/*")
    assert set(contents(Path("out"))) == {"b.webp", "sub/a.webp", "sub/deep/c.webp", "sub/deep/colour.webp"}


def test_some_that_fail_are_status_4(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in/bad.png").write_text("hello")
    Path("in/sub/worse.jpg").write_bytes(b"\xff\xd8\xff")
    batch("box", "in", "out", status=4)
    captured = capsys.readouterr()
    assert captured.err == "kernelscope batch: 2 of 7 files failed; the reasons stand above.\n"
    assert "bad.png: bad.png holds text, not a picture.\n" in captured.out
    assert len(contents(Path("out"))) == 5
    batch("box", "in", "out", status=4)
    assert "out: 0 filtered, 5 kept, 2 failed" in capsys.readouterr().out
    for name in ("in/bad.png", "in/sub/worse.jpg"):
        Path(name).unlink()
    batch("box", "in", "out")


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_the_report(suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("in/bad, worse.png").write_text("hello")
    for path, state in ((f"first{suffix}", "done"), (f"out/second{suffix}", "kept")):
        batch("laplacian-4", "in", "out", "--range", "clip", "--report", path, status=4)
        assert path in capsys.readouterr().err
        text = Path(path).read_text(encoding="utf-8")
        rows = json.loads(text) if suffix == ".json" else list(csv.DictReader(text.splitlines()))
        assert list(rows[0]) == ["source", "target", "status", "width", "height", "bits", "clipped", "seconds", "error"]
        found = {row["source"]: row for row in rows}
        assert set(found) == {"a.png", "b.jpg", "bad, worse.png", "sub/a.tif", "sub/deep/c.bmp", "sub/deep/colour.png"}
        assert {row["status"] for row in rows if row["source"] != "bad, worse.png"} == {state}
        colour = found["sub/deep/colour.png"]
        assert (int(colour["width"]), int(colour["height"]), colour["bits"]) == (16, 12, "8-bit RGB")
        assert 0 < int(found["a.png"]["clipped"]) <= 12 * 16
        assert float(colour["seconds"]) > 0
        assert found["bad, worse.png"]["status"] == "failed"
        assert "holds text" in found["bad, worse.png"]["error"]


def test_what_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("r.json").write_text('{"stages": [{"relu": {}}]}')
    for words, said in (
        (["box"], "required: TARGET"),
        (["box", "in"], "required"),
        (["box", "in", "out", "more"], "more"),
        (["--recipe", "r.json", "box", "in", "out"], "--recipe takes its place"),
        (["--recipe", "r.json", "in", "out", "--padding", "full"], "--padding belongs to a KERNEL"),
        (["--recipe", "none.json", "in", "out"], "no file none.json"),
        (["boks", "in", "out"], "box"),
        (["box", "nowhere", "out"], "no folder and no file nowhere"),
        (["box", "in", "in/a.png"], "is not a folder"),
        (["box", "in", "in"], "contain each other"),
        (["box", "in", "in/out"], "contain each other"),
        (["box", "in/sub", "in"], "contain each other"),
        (["box", "in", "out", "--pattern", "*.xyz"], "No file in in matches *.xyz"),
        (["box", "in", "out", "--format", "gif"], "--format is 'gif'"),
        (["sobel-x", "in", "out", "--range", "raw", "--format", "png"], "signed ones"),
        (["box", "in", "out", "--range", "singed"], "--range is 'singed'"),
        (["box", "in", "out", "--channel", "cyan"], "--channel is 'cyan'"),
        (["box", "in", "out", "--workers", "0"], "--workers is '0'; valid are whole numbers from 1"),
        (["box", "in", "out", "--workers", "many"], "--workers"),
        (["box", "in", "out", "--memory", "much"], "--memory"),
        (["box", "in", "out", "--report", "r.txt"], "must end in .csv or .json"),
        (["box", "in", "out", "--report", ""], "empty"),
        (["box", "in", "out", "--padding", "vlid"], "--padding"),
        (["box", "in", ""], "is not a path"),
    ):
        assert said in refused(capsys, *words), words


def test_a_report_in_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    batch("box", "in", "out", "--report", "nowhere/r.csv", status=2)
    assert "There is no folder" in capsys.readouterr().err
    assert contents(Path("out")) == {}


def test_other_settings_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    batch("box", "in", "out")
    before = contents(Path("out"))
    batch("sobel-x", "in", "out", status=2)
    assert "out holds results of another recipe; --force or another target" in capsys.readouterr().err
    assert contents(Path("out")) == before
    batch("sobel-x", "in", "out", "--force")
    assert contents(Path("out")) != before


@pytest.mark.parametrize("report", [[], ["--report", "r.json"]])
def test_an_interrupt_is_status_130(
    report: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Here):
        def reports(self, timeout: float) -> list[object]:
            if len(self.done) == 2:
                raise KeyboardInterrupt
            return super().reports(timeout)

    monkeypatch.setattr("kernels.batch.pool.Pool", lambda settings, workers, ahead: Interrupted(settings))
    batch("box", "in", "out", *report, status=130)
    said = capsys.readouterr().err
    assert (
        said == "kernelscope batch: interrupted: 2 filtered, 0 kept, 0 failed; the same command goes on from there.\n"
    )
    assert not report or len(json.loads(Path("r.json").read_text())) == 2
    assert len(contents(Path("out"))) == 2


def test_sixteen_bits_from_floats() -> None:
    picture(Path("floats/x.npy"))
    batch("gaussian(sigma=2)", "floats", "out", "--format", "png16")
    assert list(contents(Path("out"))) == ["x.png"]
