"""The README tells the truth: its examples run, its commands work, its links lead somewhere."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from kernels.commands import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the README's fenced blocks in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("kernelscope ")]


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


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_what_the_readme_links_to_is_there(target: str) -> None:
    assert (ROOT / target).is_file()
