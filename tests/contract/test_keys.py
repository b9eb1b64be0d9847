"""Secrets are made once, kept for this user alone, and committed to by a digest that anybody can check later."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from infrastructure.privacy.keys import FileKeys, signing_key

DISPUTE = UUID("0190a000-0000-7000-8000-000000000001")
ROOT = Path(__file__).parents[2]
ASK = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
from infrastructure.privacy.keys import FileKeys, signing_key
sys.stdin.readline()
for number in range(20):
    print(asyncio.run(FileKeys(Path(sys.argv[1])).commit_draw(UUID(int=number))))
print(signing_key(Path(sys.argv[1])).as_dict(private=True)["d"])
"""


def commit(folder: Path, dispute: UUID = DISPUTE) -> str:
    return asyncio.run(FileKeys(folder).commit_draw(dispute))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_commitment_is_the_digest_of_purpose_dispute_and_secret(tmp_path: Path) -> None:
    commitment = commit(tmp_path)
    [secret] = files_in(tmp_path)
    assert len(secret.read_bytes()) == 32
    assert commitment == hashlib.sha256(b"gongduan draw v1" + DISPUTE.bytes + secret.read_bytes()).hexdigest()


def test_a_dispute_keeps_its_commitment_and_has_it_for_itself(tmp_path: Path) -> None:
    assert commit(tmp_path) == commit(tmp_path)
    assert commit(tmp_path) != commit(tmp_path, UUID(int=2))


def test_nobody_else_can_read_a_secret(tmp_path: Path) -> None:
    signing_key(tmp_path / "keys")
    commit(tmp_path / "keys")
    assert {mode_of(path) for path in files_in(tmp_path)} == {0o600}
    assert {mode_of(tmp_path / "keys"), mode_of(tmp_path / "keys" / "draws")} == {0o700}


def test_the_data_folder_stays_open_to_the_user_of_the_database(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        signing_key(tmp_path / "data" / "keys")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "data") == 0o755


def test_the_signing_key_stays_and_is_an_ed25519_jwk(tmp_path: Path) -> None:
    key = signing_key(tmp_path)
    assert signing_key(tmp_path).as_dict(private=True) == key.as_dict(private=True)
    stored = json.loads((tmp_path / "issuer.jwk").read_text())
    assert (stored["kty"], stored["crv"]) == ("OKP", "Ed25519")


def test_processes_that_ask_at_the_same_moment_get_the_same_secrets(tmp_path: Path) -> None:
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in asking:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = {process.communicate()[0] for process in asking}
    assert len(answers) == 1
    assert len(answers.pop().split()) == 21
    assert len(files_in(tmp_path)) == 21
