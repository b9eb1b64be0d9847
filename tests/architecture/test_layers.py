from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.support.tree import CHAPTERS, ROOT, called, files, imported, name, syntax

# What a pure function has no use for, though Python brings it along.
IMPURE = frozenset(
    (
        *("asyncio", "io", "locale", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil"),
        *("socket", "subprocess", "tempfile", "threading", "time"),
    )
)
COMPOSITION = {"__init__", "dispute", "stages", "transitions", "actions"}  # what joins the chapters
PARTS_OF_A_COMMAND = {"award", "liability", "outside", "provenance"}  # decided by those of ruling, remedy, evidence
PURE_LAYERS = files("domain", "application")


def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) == 0


def test_there_are_import_contracts_for_each_arrow() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert linter["root_packages"] == ["domain", "application", "infrastructure"]
    by_type = {contract["name"]: contract for contract in linter["contracts"]}
    assert by_type["arrows point inward"]["layers"] == ["infrastructure", "application", "domain"]
    assert {"the domain is pure", "the application knows no adapter"} <= set(by_type)


@pytest.mark.parametrize("path", files("domain"), ids=name)
def test_the_domain_is_made_of_the_standard_library_and_pydantic(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert roots <= (sys.stdlib_module_names - IMPURE) | {"pydantic", "domain"}


@pytest.mark.parametrize("path", files("application"), ids=name)
def test_the_application_is_made_of_the_standard_library_and_the_domain(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert roots <= (sys.stdlib_module_names - IMPURE) | {"domain", "application"}


@pytest.mark.parametrize("path", files("tests/model"), ids=name)
def test_the_simple_model_of_a_case_shares_nothing_with_what_it_is_held_against(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert not roots & {"domain", "application", "infrastructure"}
    assert {module for module in imported(path) if module.startswith("tests")} <= {"tests.model", *MODEL}


MODEL = {name(path).removesuffix(".py").replace("/", ".") for path in files("tests/model")}


# Calls by which time, chance or the outside world would come in unasked.
BUILTINS = frozenset(("breakpoint", "eval", "exec", "input", "open", "print"))
ANYWHERE = frozenset(
    (
        *("fromtimestamp", "getLogger", "localtime", "now", "sleep", "today", "token_hex", "urandom", "utcnow"),
        *("uuid1", "uuid4", "uuid6", "uuid7"),
    )
)


def asks_the_clock_port(call: ast.Call) -> bool:
    """`….clock.now()`, the one way in which time comes in."""
    asked = call.func
    return isinstance(asked, ast.Attribute) and isinstance(asked.value, ast.Attribute) and asked.value.attr == "clock"


@pytest.mark.parametrize("path", PURE_LAYERS, ids=name)
def test_time_chance_and_the_outside_world_come_in_by_ports_alone(path: Path) -> None:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call) and not asks_the_clock_port(node):
            forbidden = BUILTINS | ANYWHERE if isinstance(node.func, ast.Name) else ANYWHERE
            assert called(node) not in forbidden, f"{name(path)}:{node.lineno}"


@pytest.mark.parametrize("path", files("domain", "application", "infrastructure", "tests"), ids=name)
def test_no_file_is_longer_than_500_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


@pytest.mark.parametrize("path", [path for path in PURE_LAYERS if path.name != "__init__.py"], ids=name)
def test_a_modules_first_sentence_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(syntax(path))


def test_a_chapter_has_the_same_name_in_every_layer() -> None:
    commands = {path.stem for path in files("application/commands")} - {"__init__", "desk"}
    parts = {path.stem for path in files("domain/dispute")} - COMPOSITION
    aggregates = {path.parent.name for path in files("domain")} - {"domain", "dispute"}
    assert commands <= CHAPTERS
    assert parts <= CHAPTERS
    assert aggregates <= CHAPTERS
    assert parts - PARTS_OF_A_COMMAND <= commands, "a chapter of the dispute has commands"


def test_the_tests_of_a_chapter_are_found_by_its_name() -> None:
    parts = {path.stem for path in files("domain/dispute")} - COMPOSITION
    tests = {path.stem.removeprefix("test_") for path in files("tests/domain")}
    assert parts <= tests


def test_the_rules_that_the_domains_readme_names_stand_where_it_says() -> None:
    readme = (ROOT / "domain/README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\|[^|]+\| `([a-z_/]+\.py)` `([a-z_]+)` \|$", readme, re.MULTILINE)
    assert len(named) > 10
    for file, function in named:
        assert f"def {function}(" in (ROOT / "domain" / file).read_text(encoding="utf-8"), (file, function)


@pytest.mark.parametrize("path", files("application/processes"), ids=name)
def test_a_process_is_named_by_what_it_does_when(path: Path) -> None:
    assert path.stem == "__init__" or (path.stem.startswith("when_") and path.stem.count("_") >= 3)
