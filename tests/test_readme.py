"""The README tells the truth: its examples run, its commands work, its links lead somewhere."""

import doctest
import re
import shlex
import shutil
from pathlib import Path

import pytest

from kernels.commands import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the README's fenced blocks in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


#: Those of a cluster need machines.
COMMANDS = [
    line
    for block in blocks("sh")
    for line in block.splitlines()
    if line.startswith("kernelscope ") and "--scheduler" not in line
]


def test_the_examples_print_what_they_say() -> None:
    session = "\n".join(blocks("python"))
    test = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
    assert len(test.examples) > 10
    report: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(test, out=report.append).failed == 0, "".join(report)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_work(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "edges.json").write_text(blocks("json")[0], encoding="utf-8")
    arguments = shlex.split(command)[1:]
    assert cli.is_subcommand(arguments)
    assert cli.main(arguments) == 0
    for name in re.findall(r"-o (\S+)", command):
        assert (tmp_path / name).stat().st_size > 0
    assert capsys.readouterr().err == ""


def test_the_sessions_print_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    images = ROOT / "assets" / "images"
    (tmp_path / "photos" / "old").mkdir(parents=True)
    for name in (
        "astronaut.png",
        "camera.png",
        "chelsea.png",
        "coffee.png",
        "old/rocket.jpg",
        "old/dust-bowl-home.jpg",
    ):
        shutil.copy(images / Path(name).name, tmp_path / "photos" / name)
    (tmp_path / "photos/old/allium.jpg").write_bytes((images / "allium-oreophilum.jpg").read_bytes()[:30_000])

    def seen(text: str) -> list[str]:
        """Return the lines that do not tell how fast the machine is."""
        return [re.sub(r"in \d+ s", "", line) for line in text.splitlines() if "files/s" not in line]

    (session,) = blocks("console")
    for step in session.split("$ ")[1:]:
        command, _, said = step.partition("\n")
        cli.main(shlex.split(command)[1:])
        out, complaint = capfd.readouterr()
        assert seen((out + complaint).replace(str(tmp_path), "/home/ann")) == seen(said)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_what_the_readme_links_to_is_there(target: str) -> None:
    assert (ROOT / target).is_file()
