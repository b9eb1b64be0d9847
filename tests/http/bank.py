"""What the payment server says that it paid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.http.service import good

if TYPE_CHECKING:
    from tests.http.service import Service


@dataclass(slots=True)
class Bank:
    """The payment server's statement, read on from where it was read before."""

    service: Service
    paid: dict[str, int] = field(default_factory=dict)  # by key: minor units
    read: int = 0

    def statement(self) -> dict[str, int]:
        """All that was paid so far; fails where a key was paid twice."""
        # A connection of its own each time: one that was kept is closed by the server when nobody asked for a while.
        headers = {"Authorization": f"Bearer {self.service.payments_token}", "Connection": "close"}
        while True:
            address, after = f"{self.service.payments}/statement", {"after": self.read}
            page = good(self.service.client.get(address, params=after, headers=headers)).json()
            for one in page["entries"]:
                assert one["key"] not in self.paid, f"invariant 6: {one['key']} was paid twice"
                self.paid[one["key"]] = one["amount"]["minor"]
            self.read += len(page["entries"])
            if "next" not in page:
                return self.paid
