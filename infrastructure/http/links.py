"""Links of the description: what an answer makes possible next, and where in it the names for that stand."""

from __future__ import annotations

import re
from typing import Any, Final

PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")
# Which operation makes a thing that others name in their address, and where in its answer the name stands.
MADE_BY: Final = {
    "dispute": ("file_dispute", "$response.body#/id"),
    "offer": ("make_offer", "$response.body#/offers/0/id"),
    "exhibit": ("submit_evidence", "$response.body#/exhibits/0/id"),
    "ruling": ("rule_on_dispute", "$response.body#/ruling/id"),
    "appeal": ("file_appeal", "$response.body#/appeals/0/id"),
    "recovery": ("reverse_ruling", "$response.body#/recoveries/0/id"),
    "order_id": ("register_order", "$response.body#/snapshot/order_id"),
    "digest": ("publish_playbook", "$response.body#/versions/0/digest"),
}


def add_links(paths: dict[str, Any]) -> None:
    """Lead from each operation that makes something to all that name it in their address."""
    operations = {one["operationId"]: (path, one) for path, methods in paths.items() for one in methods.values()}
    for path, target in operations.values():
        if not (names := PARAMETER.findall(path)):
            continue
        maker, place = MADE_BY[names[-1]]
        made_at, making = operations[maker]
        if target is making:
            continue
        known = {name: f"$request.path.{name}" for name in names[:-1] if name in PARAMETER.findall(made_at)}
        status = next(status for status in making["responses"] if status < "300")
        links = making["responses"][status].setdefault("links", {})
        links[target["operationId"]] = {
            "operationId": target["operationId"],
            "parameters": known | {names[-1]: place},
            "description": target["summary"],
        }
