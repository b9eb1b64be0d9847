"""Computes a jury's draw again, and ends with 3 where it differs: python3 redraw_alone.py RECORD [ROOT COMMITMENT]."""

import hashlib
import hmac
import json
import sys
import uuid
from typing import Any


def tree(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash of RFC 9162."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + tree(leaves[:half]) + tree(leaves[half:])).digest()


def faults(record: Any, root: str | None = None, commitment: str | None = None) -> Any:  # noqa: ANN401 - JSON
    """Each thing that has to hold, and whether it fails."""
    pool, given, strata = record["pool"], record["entropy"], record["strata"]
    people, names = pool["members"], [p["pseudonym"] for p in pool["members"]]
    lines = [f"{p['pseudonym']} {p['side']} {p['experienced']:d} {p['knows_goods']:d}".encode() for p in people]
    yield "the pool is not the one published before the draw", root not in (None, pool["root"])
    yield "the commitment is not the one published before the draw", commitment not in (None, record["commitment"])
    yield "the pool is not in order, or names somebody twice", names != sorted(set(names))
    yield "the pool is not the sealed one", (tree(lines).hex(), len(people)) != (pool["root"], pool["size"])
    yield "the secret is withheld", record["secret"] is None
    secret = bytes.fromhex(record["secret"] or "")
    kept = hashlib.sha256(b"gongduan draw v1" + uuid.UUID(record["committed_to"]).bytes + secret).hexdigest()
    yield "the secret is not the one committed to", kept != record["commitment"]
    sources = {"panel": record["panel"], "pool": pool["root"], **{n: given[n] for n in ("buyer", "merchant", "beacon")}}
    text = "gongduan randomness v1\n" + "".join(f"{name} {value or '-'}\n" for name, value in sources.items())
    key = hmac.digest(secret, text.encode(), "sha256")
    order = sorted(people, key=lambda one: hmac.digest(key, one["pseudonym"].encode() + b"\1", "sha256"))
    seats = range(1, sum(one["seats"] for one in strata) + 1)
    drawn = sorted(seats, key=lambda seat: hmac.digest(key, f"seat {seat}".encode() + b"\1", "sha256"))
    first = ["buyer" if seat in drawn[: len(seats) // 2] else "seller" for seat in seats]
    yield "the order in which the sides are seen differs", first != record["first_seen"]
    before = set[str]()
    for number, batch in enumerate(record["batches"], 1):
        invited, passed, conflicts = list[dict[str, str]](), set[str](), {one["pseudonym"] for one in batch["excluded"]}
        for s in strata:
            side, left = [p for p in order if p["side"] == s["side"]], batch["wanted"].get(s["id"], 0)
            for p in [*(p for p in side if s["demand"] == "none" or p[s["demand"]]), *side, *order] if left else ():
                name = p["pseudonym"]
                if left and name not in before:
                    if name in conflicts:
                        passed.add(name)
                    elif name not in {one["pseudonym"] for one in invited}:
                        invited, left = [*invited, {"pseudonym": name, "stratum": s["id"]}], left - 1
        yield f"summons {number} went to others", invited != batch["summoned"]
        yield f"summons {number} passed others", passed != conflicts
        before |= {one["pseudonym"] for one in [*batch["summoned"], *batch["excluded"]]}


if __name__ == "__main__":
    found = [text for text, wrong in faults(json.load(open(sys.argv[1], encoding="utf-8")), *sys.argv[2:4]) if wrong]  # noqa: PTH123, SIM115 - alone
    sys.stdout.write("\n".join(found or ["the draw is the one that the record says"]) + "\n")
    sys.exit(3 if found else 0)
