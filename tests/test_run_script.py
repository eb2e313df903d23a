"""The script `run` finds its checkout through links, and says what it fetches before it does."""

import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[1] / "run"

pytestmark = pytest.mark.skipif(not RUN.exists(), reason="the script stands in a checkout only")


def test_links_to_the_script_lead_to_the_checkout(tmp_path):
    head, mark, _ = RUN.read_text(encoding="utf-8").partition("\nvenv=")
    assert mark
    home = tmp_path / "check out"
    home.mkdir()
    script = home / "run"
    script.write_text(f'{head}\necho "$here"\n', encoding="utf-8")
    script.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "absolute").symlink_to(script)
    (tmp_path / "bin" / "relative").symlink_to("../check out/run")
    (tmp_path / "bin" / "chain").symlink_to("relative")
    (tmp_path / "-dash").symlink_to("bin/chain")
    for called in (script, tmp_path / "absolute", tmp_path / "bin" / "relative", tmp_path / "bin" / "chain"):
        done = subprocess.run([called], cwd="/", capture_output=True, text=True, check=True)
        assert done.stdout == f"{home}\n"
    done = subprocess.run(["./-dash"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"{home}\n"


def test_it_is_plain_shell_and_says_what_it_fetches():
    subprocess.run(["sh", "-n", RUN], check=True)
    text = RUN.read_text(encoding="utf-8")
    fetching, trying, installing = (text.index(words) for words in ('say "fetching', "tries again", "-m pip install"))
    assert fetching < trying < installing
