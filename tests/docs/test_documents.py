"""What documents point at is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md"))
    if path.is_file()
)
FOLDERS = "adapters|bench|docs|drill|examples|functions|fuzz|lib|ops|rehearsal|supply|tests|train"
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
FILE = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)`")
TEST = re.compile(r"`(test_\w+\.py)`")
MODULE = re.compile(rf"python -m ((?:{FOLDERS})(?:\.\w+)*)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_there_are(document: Path) -> None:
    told = LINK.findall(document.read_text(encoding="utf-8"))

    assert [link for link in told if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_and_commands_that_are_named_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    files = [name for name in FILE.findall(text) if not (ROOT / name).exists()]
    tests = [name for name in TEST.findall(text) if not any(ROOT.glob(f"tests/**/{name}"))]
    modules = [
        name
        for name in MODULE.findall(text)
        if not (ROOT / name.replace(".", "/")).with_suffix(".py").is_file()
        and not (ROOT / name.replace(".", "/") / "__main__.py").is_file()
    ]
    assert (files, tests, modules) == ([], [], [])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_targets_of_make_that_are_named_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    told = re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE)

    assert set(told) <= targets
