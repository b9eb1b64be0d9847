"""One case lived twice: by the real service over HTTP, and by the simple model; after every step both are compared."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.assurance.invariants import Watch, check, moment
from tests.assurance.world import ADDRESSES, BEGINNINGS, World
from tests.http.service import good
from tests.http.story import an_order, move_clock, yuan
from tests.model import money
from tests.model.case import Case, Move, Who
from tests.model.does import do, look, reasons_against
from tests.model.may import STATUS
from tests.model.rules import Bought
from tests.model.says import claim_of
from tests.model.seen import differences
from tests.model.time import let_pass, waiting
from tests.model.tries import anything, body, filing, turn
from tests.support.hostile.images import chunk, png_with
from tests.support.hostile.others import document, stream

if TYPE_CHECKING:
    from tests.http.service import Person, Response

PATIENCE_S = 30.0
AMBIGUOUS = timedelta(minutes=10)  # clocks that run out so soon after a moment are let run out, too
MANY = 2 * len(BEGINNINGS)  # lives, of which one has about as many claims as there may be
BESIDE = timedelta(minutes=17)  # off the whole hours that clocks last


class Life:
    """A case and its people."""

    def __init__(self, world: World, number: int, chance: Random) -> None:
        self.world = world
        self.story: list[str] = []
        self.done: Counter[str] = Counter()
        self.people: dict[Who, Person] = {}
        self.last: tuple[Who, Move, str, dict[str, str], Response] | None = None
        self.looked: set[tuple[str, str, int]] = set()
        self.viewings: set[tuple[str, str, int]] = set()
        self.place = self.position = self.since = 0
        self.beginning = list(BEGINNINGS[number % len(BEGINNINGS)])
        world.platforms += 1
        platform = f"market-{world.platforms}"
        under, *others = chance.sample(sorted(world.playbooks), len(world.playbooks))
        self.sources = [for_platform(world.playbooks[name], platform) for name in (under, *others)]
        self.rules = replace(world.rules[under], platform=platform)
        self.under = f"under the rules {under}"
        self._cast(platform)
        # The payment service may refuse all that goes to this buyer: then nothing is ever paid.
        self.is_paid = chance.random() < 0.75
        with self.told():
            self.publish()
            self._refuse_payments()
            self._file(chance.choice([19, 20] if number % MANY == MANY - 1 else [1, 1, 2]), chance)

    def _cast(self, platform: str) -> None:
        def person(name: str, role: str, who: str = "", of: str = platform) -> Who:
            known = self.world.service.person(role, who, of)
            cast = Who(name, role, known.id, of)
            self.people[cast] = known
            return cast

        self.buyer, self.merchant = person("the buyer", "buyer"), person("the merchant", "merchant")
        one = person("arbitrator A", "arbitrator")
        others = [person(f"arbitrator {name}", "arbitrator") for name in "BCD"]
        senior = person("the senior arbitrator", "senior_arbitrator")
        also = person("arbitrator A as a senior one", "senior_arbitrator", one.id)
        self.auditor, self.platform = person("the auditor", "auditor"), person("the platform", "platform")
        self.rule_writer = person("the rule writer", "rule_writer")
        self.deciders = (one, *others, senior, also)
        strangers = (
            person("another buyer", "buyer"),
            person("another merchant", "merchant"),
            person("a juror", "juror"),
            person("an arbitrator from elsewhere", "arbitrator", of="common"),
        )
        self.all = (self.buyer, self.merchant, *self.deciders, self.auditor, self.platform, *strangers)

    def publish(self) -> None:
        """The next version of the platform's rules; cases that were filed keep those they were filed under."""
        self.people[self.rule_writer].post("/v1/playbooks", {"source": self.sources.pop(0)})
        self.note("the rule writer publishes rules")

    def _refuse_payments(self) -> None:
        if not self.is_paid:
            service, told = self.world.service, [{"answer": "refuse", "payee": self.buyer.id}]
            headers = {"Authorization": f"Bearer {service.payments_token}"}
            good(service.client.post(f"{service.payments}/script", json=told, headers=headers))

    def _file(self, many: int, chance: Random) -> None:
        """File for so many lines of an order; of the others some may be in dispute in another case."""
        count = many + chance.choice([0, 1, 2, 2])
        prices = {str(n): chance.choice([100, 2999, 3980, 600_000]) for n in range(1, count + 1)}
        bought = Bought(prices, chance.choice([0, 7, 1000, 1000]))
        names = list(prices)
        elsewhere = names[many:][: chance.choice([0, 0, 1])]
        order_id = self._order("the", bought)
        other = bought if elsewhere else Bought({"1": 100}, 0)
        another = order_id if elsewhere else self._order("another", other)
        beside = self._claim(another, filing(other, elsewhere or ["1"], self.rules, chance))["id"]
        self.people[self.buyer].post(f"/v1/disputes/{beside}/withdrawal", {"reason": "不争了"})
        claims = filing(bought, names[:many], self.rules, chance)
        answer = self._claim(order_id, claims)
        self.case = Case(
            self.rules,
            answer["id"],
            beside,
            self.all,
            self.buyer.id,
            self.merchant.id,
            bought,
            frozenset(elsewhere),
            {},
        )
        self.case.claims = {f"c{number}": claim_of(self.case, said) for number, said in enumerate(claims, start=1)}
        self.case.start("notice", ("platform",))
        self.at = f"/v1/disputes/{answer['id']}"
        self.version = 1
        self.watch = Watch(self.rules.hours, self.rules.four_eyes, bought=bought)
        self.note(f"the buyer files{said_shortly(claims)}, {bought}{'' if self.is_paid else ', nothing is paid'}")
        self.compare(self.buyer, answer)
        self.look_at_all()

    def _order(self, which: str, bought: Bought) -> str:
        order_id = f"{which}-order-of-{self.buyer.id}"
        lines = [
            {"id": name, "title": "冰糖橙", "quantity": 1, "paid": yuan(paid)} for name, paid in bought.prices.items()
        ]
        order = an_order(self.buyer.id, self.merchant.id, order_id, lines=lines, freight=yuan(bought.freight))
        self.people[self.platform].put(f"/v1/orders/{order_id}", order)
        return order_id

    def _claim(self, order_id: str, claims: list[dict[str, Any]]) -> Any:
        return self.people[self.buyer].post("/v1/disputes", {"order_id": order_id, "claims": claims})

    def note(self, sentence: str) -> None:
        self.story.append(f"{len(self.story) + 1:3}. {sentence}")

    @contextmanager
    def told(self) -> Iterator[None]:
        """Whatever goes wrong in here goes wrong with its story."""
        try:
            yield
        except AssertionError as error:
            told = "\n".join(self.story)
            raise AssertionError(f"{error}\n\nThe story, {self.under}:\n{told}") from error

    def step(self, chance: Random) -> None:
        """Something happens, to the service and to the model."""
        with self.told():
            self.world.tally.steps += 1
            stood, told = self.case.stage, len(self.story)
            if not self._begin(chance):
                self._go_on(chance)
            self.wait_for_payments()
            self.look_at_all()
            assert len(self.story) == told + 1
            if stood != self.case.stage == "closed":
                self.world.tally.ended[str(self.case.outcome)] += 1

    def _go_on(self, chance: Random) -> None:
        number = chance.random()
        if number < 0.15 and self.case.stage == "awaiting_response" and not self.case.served:
            self.open_case()
        elif 0.15 < number < 0.28 and self.case.clocks:
            coming = waiting(self.case) if chance.random() < 0.6 else []
            self.let_time_pass(coming, chance.choice([1, 20, 60, 200]))
        elif 0.28 < number < 0.32 and self.last:
            self.repeat()
        elif number > 0.9 and self.sources:
            self.publish()
        elif 0.33 < number < 0.47:
            self.act(*anything(self.case, chance), chance)
        else:
            self.act(*turn(self.case, self.done, chance), chance)

    def _begin(self, chance: Random) -> bool:
        if not self.beginning:
            return False
        action, by, said = self.beginning.pop(0)
        if action == "silence":
            self.let_time_pass(waiting(self.case)[:1])
            return True
        who = next(one for one in self.all if one.name == by)
        name, _, of = action.partition(" ")
        said = said(self.case) if callable(said) else said
        self.act(who, Move(name, of or None, said or body(self.case, who, name, chance)), chance)
        return True

    def act(self, who: Who, move: Move, chance: Random) -> None:
        """One command, sent and foretold."""
        stale = chance.random() < 0.03
        headers = {"If-Match": f'"{self.version - 1 if stale else self.version}"'} if chance.random() < 0.2 else {}
        reasons = reasons_against(self.case, who, move)
        if stale and headers and not reasons & {"not_found", "not_allowed"}:
            reasons = {"version_moved"}
        key = f"{len(self.story)}-{who.id}"
        answer = self.send(who, move, key, headers)
        said = f"{who.name}: {move.action.replace('_', ' ')}{f' {move.of}' if move.of else ''}{said_shortly(move.body)}"
        if not answer.is_success:
            code = answer.json()["code"]
            self.note(
                f"{said}{' at an old version' if 'version_moved' in reasons else ''} → {answer.status_code} {code}"
            )
            self.world.tally.refused[code] += 1
            check(reasons, f"the model has nothing against it; the service refuses: {answer.text}")
            check(code in reasons, f"the model would refuse for {sorted(reasons)}, the service says {answer.text}")
            check(answer.status_code == STATUS[code], f"{code} is answered as {answer.status_code}")
            return
        self.note(f"{said} → {answer.status_code} {answer.json().get('stage', '')} {answer.headers['etag']}")
        check(not reasons, f"the model refuses it for {sorted(reasons)}, the service does it")
        self.world.tally.accepted[move.action] += 1
        self.done[move.action] += 1
        if move.action == "report_external_refund":
            asked = [one["line"] for one in answer.json()["remedies"] if one["state"] in ("sent", "unknown")]
            self.case.on_its_way = set(asked)
        new = do(self.case, who, move)
        version = int(answer.headers["etag"].strip('"'))
        check((version > self.version) is new, f"the version was {self.version} and is {version}; new: {new}")
        self.version = version
        self.position = max(self.position, int(answer.headers["gongduan-position"]))
        if move.action != "declare_conflict":
            self.compare(who, answer.json())
        if new:
            self.last = (who, move, key, headers, answer)

    def send(self, who: Who, move: Move, key: str, headers: dict[str, str]) -> Response:
        person = self.people[who]
        if move.action == "submit_evidence":
            form = {"kind": move.body["kind"], "shows": "what it shows"}
            return person.show(self.at, content_of(move.body["content"]), key=key, data=form, headers=headers)
        address = f"{self.at}/{ADDRESSES[move.action].format(of=move.of)}"
        return person.send(address, move.body, key=key, headers=headers)

    def repeat(self) -> None:
        """The same request again gives the same answer, whatever has happened since, and nothing happens."""
        assert self.last is not None
        who, move, key, headers, first = self.last
        again = self.send(who, move, key, headers)
        self.note(f"{who.name} sends {move.action.replace('_', ' ')} again → {again.status_code}")
        if not self.case.may_see(who) and move.action != "declare_conflict":
            check(again.status_code == 404, "who does not see the case any more hears of it")
            return
        check(again.status_code == first.status_code, f"a repeat is answered otherwise: {again.text}")
        for name in ("etag", "gongduan-position", "location"):
            check(again.headers[name] == first.headers[name], f"a repeat has another {name}")
        check(again.headers.get("idempotent-replayed") == "true", "a repeat does not say that it is one")
        if move.action != "declare_conflict":
            check(_as_then(again.json()) == _as_then(first.json()), "a repeat tells another case")
        self.world.tally.accepted["the same again"] += 1

    def open_case(self) -> None:
        """The merchant opens the case, which proves that it was told."""
        self.note("the merchant opens the case")
        look(self.case, self.merchant)
        self.compare(self.merchant, self.people[self.merchant].get(self.at))
        self.world.tally.accepted["open the case"] += 1

    def let_time_pass(self, coming: list[tuple[datetime, str]], hours: int = 0) -> None:
        """Time passes, so many hours or until the first of what is coming."""
        now = moment(self.world.service.person("admin").get("/v1/test-clock")["now"])
        to = max(coming[0][0], now) if coming else now + timedelta(hours=hours) + BESIDE
        while soon := [at for at, _ in waiting(self.case) if to < at <= to + AMBIGUOUS]:
            to = soon[-1]
        passed = let_pass(self.case, to)
        self.note(f"{(to - now).total_seconds() / 3600:.1f} hours pass; runs out: {', '.join(passed) or 'nothing'}")
        move_clock(self.world.service, to)
        self.world.tally.ran_out.update(key.partition(":")[0] for key in passed)

    def wait_for_payments(self) -> None:
        """The payment service pays what is ordered, in its own time."""
        waiting_for = {name for name, one in self.case.lines.items() if one.amount and not one.paid and not one.stopped}
        waiting_for |= {name for name, one in self.case.gifts.items() if not one.paid}
        give_up = time.monotonic() + PATIENCE_S
        while waiting_for:
            seen = self.people[self.platform].get(self.at)
            ended = "confirmed" if self.is_paid else "failed"
            paid = {one["line"] for one in (*seen["remedies"], *seen["goodwill"]) if one["state"] == ended}
            if waiting_for <= paid:
                break
            check(time.monotonic() < give_up, f"{waiting_for - paid} are not paid: {seen['remedies']}")
            time.sleep(0.01)
        if self.is_paid:
            for name in sorted(waiting_for):
                money.pay(self.case, name)

    def look_at_all(self) -> None:
        """Each side, the platform, the auditor and in turn one of those who decide look at the case.

        What each is told is held against the model and the invariants. The auditor reads what is new in the trail, the
        buyer how the case stood before, and the bank tells what it paid.
        """
        unserved = self.case.stage == "awaiting_response" and not self.case.served
        sides = [self.buyer] if unserved else [self.buyer, self.merchant]
        looking = [*sides, self.deciders[len(self.story) % len(self.deciders)], self.platform, self.auditor]
        before = self.watch.versions(self.buyer.name)[-1:]
        ask = self.world.pool.submit
        sights = [ask(self.people[who].call, "GET", self.at) for who in looking]
        trail = ask(self.people[self.auditor].get, f"{self.at}/trail", after=self.position, since=self.since)
        past = ask(self._look_at, self.buyer, before)
        for who, sight in zip(looking, sights, strict=True):
            answer = sight.result()
            if not self.case.may_see(who):
                check(answer.status_code == 404, f"{who.name} sees a case that is not there for them")
                continue
            told = good(answer).json()
            self.looked.add((who.role, who.id, told["version"]))
            self.version = told["version"]
            self.position = max(self.position, int(answer.headers["gongduan-position"]))
            self.compare(who, told)
            self._sync(told)
        past.result()
        entries = trail.result()["entries"]
        self.since = max([self.since, *(one["position"] for one in entries)])
        self.watch.trail(self.case.id, entries)
        self._statement()
        if len(self.story) % 5 == 0:
            self._originals()
            self._who_looked()
            self._lists()

    def compare(self, who: Who, told: dict[str, Any]) -> None:
        self.world.tally.compared += 1
        found = differences(self.case, who, told)
        check(not found, f"{who.name} is told otherwise:\n  " + "\n  ".join(found))
        self.watch.look(who.role, who.name, told)

    def _sync(self, told: dict[str, Any]) -> None:
        """When clocks run out is the service's word, which `Watch` has reckoned again."""
        for clock in told["clocks"]:
            key = clock["name"] + (f":{clock['of']}" if "of" in clock else "")
            self.case.clocks[key].due = moment(clock["due_at"])
            if "paused_until" in clock:
                self.case.pause_ends = moment(clock["paused_until"])

    def _who_looked(self) -> None:
        """Everybody who was shown the case is on record with the version."""
        while True:
            page = self.people[self.auditor].get(f"{self.at}/viewings", since=self.place)
            self.viewings |= {(one["role"], one["actor"], one["version"]) for one in page["viewings"]}
            self.place = max([self.place, *(one["place"] for one in page["viewings"])])
            if "next" not in page:
                break
        unseen = self.looked - self.viewings
        check(not unseen, f"invariant 13: looked and not on record: {unseen}")

    def _originals(self) -> None:
        """Who is told no original gets none, whatever address they try."""
        for name, exhibit in self.case.exhibits.items():
            for who in (self.buyer, self.merchant, self.platform):
                status = self.people[who].call("GET", f"{self.at}/evidence/{name}").status_code
                sees, _ = self.case.sees(who, exhibit)
                check((status == 200) is sees, f"{who.name} asks for the original of {name}: {status}")

    def _lists(self) -> None:
        """The lists tell what the case tells."""
        rows = self.people[self.buyer].get("/v1/disputes", after=self.position, limit=100)["cases"]
        [row] = [one for one in rows if one["id"] == self.case.id]
        told = (row["stage"], row["version"], row.get("outcome"))
        must = (self.case.stage, self.version, self.case.outcome if self.case.stage == "closed" else None)
        check(told == must, f"the buyer's list tells {told}, the case {must}")
        senior = self.deciders[-2]
        queue = self.people[senior].get("/v1/queue", after=self.position)["cases"]
        waits = self.case.stage == "under_review" and self.case.may_see(senior)
        check(
            [one["id"] for one in queue] == [self.case.id] * waits, f"the queue holds {queue}; the case waits: {waits}"
        )

    def _look_at(self, who: Who, versions: Sequence[int]) -> None:
        for version in versions:
            told = self.people[who].get(self.at, as_of=version)
            self.looked.add((who.role, who.id, version))
            self.watch.past(who.name, told)

    def _statement(self) -> None:
        """Each line is paid once at most, exactly as ordered, and nothing else is."""
        seen = self.watch.seen[self.auditor.name, self.version]
        lines = (*seen["remedies"], *seen["goodwill"])
        paid = self.world.bank.statement() if lines else {}
        for line in lines:
            if line["state"] in ("confirmed", "recovered"):
                right = paid.get(line["payout"]) == line["amount"]["minor"]
                check(right, f"invariant 6: {line['line']} is told paid, the bank says {paid.get(line['payout'])}")
            else:
                check(line["payout"] not in paid, f"invariant 6: {line['line']} was paid and is not told so")

    def end(self) -> None:
        """At the end every version that was seen is told as it was seen."""
        with self.told():
            for who in (self.buyer, self.auditor):
                self._look_at(who, self.watch.versions(who.name))
            self._who_looked()


def content_of(named: str) -> bytes:
    """What is shown: words, a picture, or a document, each of a number the same."""
    what, _, number = named.rpartition(" ")
    match what:
        case "a picture":
            return png_with(chunk(b"tEXt", b"number\x00" + number.encode()))
        case "a document":
            return document(drawing=stream(b"1 0.5 0 rg 20 20 %s0 100 re f" % number.encode()))
        case _:
            return named.encode()


def for_platform(source: str, platform: str) -> str:
    """The same rules for another platform."""
    assert source.count("\nplatform: common\n") == 1
    return source.replace("\nplatform: common\n", f"\nplatform: {platform}\n")


def _as_then(answer: dict[str, Any]) -> dict[str, Any]:
    """Without how far payments have come, which is told by their own streams."""
    return {name: value for name, value in answer.items() if name not in ("remedies", "goodwill")}


def said_shortly(body: Any) -> str:
    """What was said, as short as it can be told."""
    if not body:
        return ""
    return " " + json.dumps(_short(body), ensure_ascii=False)


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"minor", "currency"}:
            return f"{value['minor'] / 100:.2f}"
        left_out = ("statement", "note", "why", "reason", "facts", "text")
        return {name: _short(one) for name, one in value.items() if name not in left_out}
    return [_short(one) for one in value] if isinstance(value, list) else value
