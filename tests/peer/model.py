"""A second simulator of Sendpool's contract: small, slow and obvious.

It is written from the contract alone and shares no code, no algorithm and no random number with the Rust program; it
reads the same scenario files and the same catalogue of facts. SimPy keeps the calendar; every rule stands in one place,
event by event, at the instant at which the contract puts it. Times are whole nanoseconds, rates are fractions.

It is not a product: it knows only the words that its scenarios use, and refuses all others.
"""

import datetime
import functools
import json
import math
import random
import re
import zoneinfo
from collections import Counter, defaultdict, deque
from fractions import Fraction
from pathlib import Path

import simpy
import yaml

CATALOGUE = Path(__file__).resolve().parents[2] / "src" / "catalogue"
SECOND = 10**9

# What happens at one instant happens in this order; then by stream, then by message number.
SLOT_END, HANDSET, ARRIVAL, SLOT_START, EXPIRY = range(5)

# Deliberate mistakes, to see whether the comparison notices.
FAULTS = {
    "expiry-ge": "a message that has waited exactly its validity period expires",
    "capacity-minus-one": "every queue holds one segment less",
    "slot-end-sent": "a message is sent at the end of its slot, not at the start",
    "slow-lanes": "every lane is 2 % slower",
    "free-numbers": "registered numbers are free up to 4 instead of 5, unregistered ones up to 2 instead of 1",
    "volume-per-sender": "the filter counts a text per sender, not over all senders of the account",
    "one-minor-lane": "numbers of a 10DLC campaign share one lane to small carriers",
    "no-reroute": "a carrier without short codes gets the short code all the same",
    "cursor-per-campaign": "round robin keeps one cursor per campaign",
    "latency-without-hand-off": "the hand-over to the carrier takes no time",
    "doomed-leave-early": "messages that will expire do not count in the capacity of their queue",
    "ceiling-by-id": "lanes that wait for a ceiling go in the order of their ids, whoever was ready first",
    "invalid-two-percent": "2 % of the numbers do not exist, not 3 %",
}


# ---------------------------------------------------------------------------------------------------- what files say


@functools.cache
def share(text):
    """`3%` or `0.03`."""
    text = str(text).strip()
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


@functools.cache
def duration(text):
    """`1h30m` in nanoseconds; a bare number is seconds."""
    units = {"ns": 1, "us": 10**3, "ms": 10**6, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86400 * SECOND, "": SECOND}
    parts = re.findall(r"([0-9.]+)\s*([a-z]*)", str(text))
    nanoseconds = sum(Fraction(number) * units[unit] for number, unit in parts)
    assert nanoseconds.denominator == 1, text
    return int(nanoseconds)


@functools.cache
def rate(text):
    """`75/min` in units per second, exactly."""
    number, _, unit = str(text).partition("/")
    return Fraction(number.strip()) / {"": 1, "s": 1, "min": 60, "h": 3600, "day": 86400}[unit.strip()]


def weights(table):
    return [(key, share(weight)) for key, weight in table.items()]


def take(table, *keys):
    """Refuses words this model does not know: silence would be a false agreement."""
    unknown = set(table) - set(keys)
    assert not unknown, f"the peer model does not know {sorted(unknown)}"
    return table


GSM_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = set("\f^{}\\[~]|€")


def segments_of(body, sizes):
    """Parts of a text: a character of two units is never split."""
    gsm = all(c in GSM_BASIC or c in GSM_EXTENSION for c in body)
    if gsm:
        units = [2 if c in GSM_EXTENSION else 1 for c in body]
        single, part = sizes["gsm7_single"], sizes["gsm7_part"]
    else:
        units = [2 if ord(c) > 0xFFFF else 1 for c in body]
        single, part = sizes["ucs2_single"], sizes["ucs2_part"]
    if sum(units) <= single:
        return 1
    count, room = 1, part
    for unit in units:
        if unit > room:
            count, room = count + 1, part
        room -= unit
    return count


# --------------------------------------------------------------------------------------------------------- the model


class World:
    """The catalogue, read once."""

    known = None

    @classmethod
    def read(cls):
        cls.known = cls.known or World()
        return cls.known

    def __init__(self):
        read = lambda name: yaml.safe_load((CATALOGUE / name).read_text())
        self.ten_dlc = read("ten_dlc.yaml")
        self.filter = read("filter.yaml")
        self.classes = self.filter["classes"]
        self.latency = read("latency.yaml")
        self.failed_fee = Fraction(read("prices.yaml")["failed_message"]["amount"])
        self.countries = {}
        for path in sorted((CATALOGUE / "countries").glob("*.yaml")):
            country = yaml.safe_load(path.read_text())
            country["by_id"] = {carrier["id"]: carrier for carrier in country["carriers"]}
            self.countries[country["code"]] = country


class Sender:
    def __init__(self, place, spec, number, queue):
        self.place = place  # in file order
        self.group = spec["id"]
        self.id = spec["id"] if number is None else f"{spec['id']}-{number}"
        self.kind = spec["type"]
        self.country = spec.get("country")
        self.mps = rate(spec["mps"]) if "mps" in spec else None
        self.verified = spec.get("verified", True)
        self.ten_dlc = spec.get("ten_dlc")
        self.queue = {**queue, **spec.get("queue", {})}


class Person:
    """What does not change between two messages to the same person."""

    def __init__(self, country, carrier, invalid, luck):
        self.country, self.carrier, self.invalid, self.luck = country, carrier, invalid, luck


class Message:
    def __init__(self, campaign, number, intended):
        self.campaign, self.number, self.intended = campaign, number, intended
        self.accepted = self.sent = self.slot_end = self.handset = None
        self.sender = self.person = self.lane = self.end = None
        self.segments = 0
        self.reported = False


class Pace:
    """Slots of a lane or ceiling: after the work w of a busy period the next one starts at origin + ceil(w / rate)."""

    def __init__(self, rate):
        self.rate, self.origin, self.work, self.free_at = rate, 0, 0, 0

    def hold(self, now, segments, goes_on):
        if not goes_on:
            self.origin, self.work = now, 0
        self.work += segments
        self.free_at = self.origin + math.ceil(self.work * SECOND / self.rate)
        return self.free_at


class Lane:
    def __init__(self, identity, group, rate, capacity, ceilings):
        self.identity, self.group, self.rate, self.capacity, self.ceilings = identity, group, rate, capacity, ceilings
        self.pace = Pace(rate)
        self.queue = deque()
        self.in_slot = None
        self.fresh = True  # nothing here since the last slot ended
        self.ready = 0
        self.backlog = self.peak = 0
        self.sent = self.segments = self.expired = self.overflowed = self.drained = 0


class Simulation:
    """One replication."""

    def __init__(self, path, seed, fault=None):
        assert fault is None or fault in FAULTS, fault
        self.spec = yaml.safe_load(Path(path).read_text())
        take(self.spec, "version", "name", "description", "seed", "replications", "clock", "queue", "account", "audiences",
             "services", "senders", "campaigns", "overrides", "thresholds")
        self.fault = fault
        self.world = World.read()
        self.random = random.Random(f"{self.spec['name']}/{seed}")
        self.env = simpy.Environment()
        self.read_clock()
        self.read_overrides()
        self.read_senders()
        ceilings = self.spec.get("account", {}).get("ceilings", [])
        self.ceilings = {(c["country"], c["type"]): Pace(rate(c["rate"])) for c in ceilings}
        self.lanes = {}
        self.dispatch_at = None
        self.cursors = Counter()
        self.sticky = {}
        self.people = defaultdict(dict)
        self.volume = Counter()  # messages by fingerprint, carrier and day
        self.numbers = defaultdict(set)  # numbers by the same
        self.brand_day = Counter()  # segments by brand, carrier and day
        self.offsets = {}
        self.messages = []

    # -- reading

    def read_clock(self):
        clock = self.spec.get("clock", {})
        start = str(clock.get("start", "2026-01-05T09:00:00-05:00")).split("[")[0]
        self.start = datetime.datetime.fromisoformat(start)
        self.price_day = start[:10] if "start" in clock else "9999-12-31"  # without a start, the newest prices
        self.horizon = duration(clock["horizon"]) if "horizon" in clock else None

    def read_overrides(self):
        overrides = take(self.spec.get("overrides", {}), "network", "carriers", "filter")
        # Of filters this model has the formula alone; scenarios that meet them say so. The test bench has none.
        plain = {"frailty": {"weight": 0}, "blocks": {"enabled": False}, "suspensions": {"enabled": False}}
        if overrides.get("network") not in ("ideal", None) and overrides.get("filter") != plain:
            raise ValueError("filters with memory are beyond this model")
        self.ideal = overrides.get("network") == "ideal"
        self.reach = {}
        for carrier, facts in overrides.get("carriers", {}).items():
            for kind, word in take(facts, "short_code", "toll_free").items():
                self.reach[carrier, kind] = {True: "yes", False: "no"}.get(word, word)

    def read_senders(self):
        everywhere = self.spec.get("queue", {})
        self.senders, self.pools = [], {}
        place = 0

        def read(entries, queue):
            nonlocal place
            pool = []
            for entry in entries:
                take(entry, "id", "type", "country", "count", "mps", "name", "verified", "ten_dlc", "queue")
                count = entry.get("count")
                for number in [None] if count is None else range(1, count + 1):
                    pool.append(Sender(place, entry, number, queue))
                    place += 1
            self.senders += pool
            return pool

        for name, service in self.spec.get("services", {}).items():
            take(service, "features", "validity_period", "selection", "queue", "senders")
            self.pools[name] = read(service.get("senders", []), {**everywhere, **service.get("queue", {})})
        read(self.spec.get("senders", []), everywhere)
        self.by_id = {sender.id: sender for sender in self.senders}

    # -- running

    def at(self, time, priority, action, *keys):
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        event.callbacks.append(lambda _: action())
        self.env.schedule(event, (priority, *keys), time - self.env.now)

    def run(self):
        for index, (name, campaign) in enumerate(self.spec["campaigns"].items()):
            take(campaign, "service", "from", "kind", "traffic", "body", "segments", "recipients", "carriers", "invalid",
                 "audience", "pick", "arrivals", "start_time", "submit_rate", "validity_period", "content_risk")
            campaign["name"], campaign["index"] = name, index
            self.plan(campaign)
        while self.env.peek() < (math.inf if self.horizon is None else self.horizon):
            self.env.step()
        return self

    def plan(self, campaign):
        """Intended times, and when the client hands over."""
        client = Pace(rate(campaign["submit_rate"])) if "submit_rate" in campaign else None
        for number, intended in enumerate(self.arrivals(campaign)):
            if self.horizon is not None and intended >= self.horizon:
                break
            message = Message(campaign, number, intended)
            self.messages.append(message)
            handed_over = intended
            if client is not None:
                handed_over = max(intended, client.free_at)
                client.hold(handed_over, 1, intended < client.free_at)
            self.at(handed_over, ARRIVAL, lambda m=message: self.arrive(m), campaign["index"], number)

    def arrivals(self, campaign):
        arrivals = take(campaign["arrivals"], "process", "phases")
        poisson = arrivals.get("process", "constant") == "poisson"
        start = duration(campaign.get("start_time", 0))
        for phase in arrivals["phases"]:
            take(phase, "name", "duration", "arrival_count", "arrival_rate", "ramp_to", "pause")
            if "pause" in phase:
                start += duration(phase["pause"])
                continue
            length = duration(phase.get("duration", 0))
            if "arrival_count" in phase:
                count = int(phase["arrival_count"])
                if poisson:
                    exact = sorted(self.random.random() * length for _ in range(count))
                    yield from (start + math.ceil(t) for t in exact)
                else:
                    yield from (start + math.ceil(Fraction(k * length, count)) for k in range(count))
            else:
                first = rate(phase["arrival_rate"])
                last = rate(phase.get("ramp_to", phase["arrival_rate"]))
                times = self.thinned if poisson else self.counted
                yield from (start + t for t in times(first, last, length))
            start += length

    def counted(self, first, last, length):
        """The k-th at the first nanosecond at which the integral of the rate is k or more, found by halving."""
        integral = lambda t: first * Fraction(t, SECOND) + (last - first) * Fraction(t * t, 2 * length * SECOND)
        for k in range(math.floor(integral(length))):
            low, high = 0, length
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if integral(middle) >= k else (middle + 1, high)
            yield low

    def thinned(self, first, last, length):
        highest, t = float(max(first, last)) / SECOND, 0.0
        while True:
            t += self.random.expovariate(highest)
            if t >= length:
                return
            if self.random.random() * highest * SECOND < float(first) + float(last - first) * t / length:
                yield math.ceil(t)

    # -- people

    def pick(self, table):
        return self.random.choices([key for key, _ in table], [weight for _, weight in table])[0]

    def person_for(self, message):
        campaign = message.campaign
        if "audience" not in campaign:
            return self.new_person(campaign)
        audience = self.spec["audiences"][campaign["audience"]]
        size = int(audience["size"])
        if campaign["pick"] == "uniform":
            number = self.random.randrange(size)
        else:
            left = campaign.setdefault("left", None) or self.random.sample(range(size), size)
            campaign["left"] = left
            number = left.pop()
        known = self.people[campaign["audience"]]
        if number not in known:
            known[number] = self.new_person(audience)
        return known[number]

    def new_person(self, spec):
        country = self.pick(weights(spec["recipients"]))
        facts = self.world.countries[country]
        written = [(c, w) for c, w in weights(spec.get("carriers", {})) if c in facts["by_id"]]
        carrier = self.pick(written or [(c["id"], float(c["share"])) for c in facts["carriers"]])
        perfect = self.ideal or facts.get("ideal", False)
        invalid = share(spec.get("invalid", self.world.latency["invalid"]["share"] + "%"))
        if self.fault == "invalid-two-percent":
            invalid *= 2 / 3
        return Person(country, carrier, not perfect and self.random.random() < invalid, self.random.random())

    def perfect(self, person):
        return self.ideal or self.world.countries[person.country].get("ideal", False)

    def takes(self, person, kind):
        """The carrier's word for a type of sender: yes, no, partial, unknown."""
        return self.reach.get((person.carrier, kind), self.world.countries[person.country]["by_id"][person.carrier][kind])

    def reached_by_short_code(self, person):
        word = self.takes(person, "short_code")
        return {"yes": True, "no": False, "unknown": True, "partial": person.luck < 0.5}[word]

    # -- admission and selection

    def arrive(self, message):
        campaign, now = message.campaign, self.env.now
        if len(campaign.get("body", "")) > 1600:
            return self.refuse(message, 21617)
        message.person = person = self.person_for(message)
        explicit = "from" in campaign
        if not explicit and not self.pools[campaign["service"]]:
            return self.refuse(message, 21704)
        sender = self.by_id[campaign["from"]] if explicit else self.select(message)
        if explicit and not self.can_reach(sender, person.country):
            return self.refuse(message, 21612)
        message.accepted = now
        if sender is None:
            return self.finish(message, "failed", 21703)
        message.sender = sender
        message.segments = self.size(message)
        lane = self.lane(sender, person)
        backlog = lane.backlog
        if self.fault == "doomed-leave-early":
            backlog -= sum(m.segments for m in self.doomed(lane))
        if lane.capacity is not None and backlog + message.segments > lane.capacity:
            lane.overflowed += 1
            if explicit:
                message.accepted = None
                return self.refuse(message, 21611)
            return self.finish(message, "failed", 30001)
        if not explicit:
            self.sticky[campaign["service"], person] = sender
        self.enter(message, lane)

    def doomed(self, lane):
        ahead = lane.in_slot.slot_end if lane.in_slot else self.env.now
        for message in list(lane.queue):
            if ahead > message.accepted + self.validity(message):
                yield message
            else:
                ahead += math.ceil(message.segments * SECOND / lane.rate)

    def size(self, message):
        campaign = message.campaign
        if "segments" in campaign:
            written = campaign["segments"]
            return written if isinstance(written, int) else int(self.pick(weights(written)))
        table = self.world.countries[message.person.country]["delivery"]["segments"]
        own = [sizes for sizes in table if message.sender.kind in sizes.get("senders", [])]
        rest = [sizes for sizes in table if "senders" not in sizes]
        return segments_of(campaign["body"], (own + rest)[0])

    def can_reach(self, sender, country):
        offers = self.world.countries[country]["senders"]
        if sender.kind == "short_code":
            return sender.country == country and offers["short_code"]["offered"] == "yes"
        if sender.kind == "alphanumeric":
            return offers["alphanumeric"]["offered"] == "yes"
        if sender.kind == "toll_free":
            return offers["toll_free"]["offered"] == "yes"
        home = "long_code" if sender.country == country else "international_long_code"
        return offers[home]["offered"] in ("yes", "unknown")

    def select(self, message):
        service = self.spec["services"][message.campaign["service"]]
        features = take(service.get("features", {}), "sticky_sender", "short_code_reroute", "smart_encoding")
        assert not features.get("smart_encoding"), "the peer model has no smart encoding"
        person, name = message.person, message.campaign["service"]
        pool = [sender for sender in self.pools[name] if self.can_reach(sender, person.country)]
        reroute = features.get("short_code_reroute", True) and person.country in ("US", "CA")
        kept = self.sticky.get((name, person))
        if features.get("sticky_sender", True) and kept in pool:
            return kept
        priority = service.get("selection", {}).get("priority", "platform")
        if priority == "none":
            if reroute:
                pool = [s for s in pool if s.kind != "short_code" or self.reached_by_short_code(person)]
            candidates = pool
        else:
            order = [["short_code"], ["alphanumeric"], ["long_code", "toll_free"]]
            if priority == "guide":
                order = [order[1], order[0], order[2]]
            if person.country == "CA":
                order[2:] = [["toll_free"], ["long_code"]]
            sets = [[s for s in pool if s.kind in kinds] for kinds in order]
            candidates = next((found for found in sets if found), [])
            if candidates and candidates[0].kind == "short_code" and reroute and not self.reached_by_short_code(person):
                if self.fault != "no-reroute":
                    candidates = [s for s in pool if s.kind == "long_code" and s.country == person.country]
        return self.distribute(self.match_country(candidates, person.country), message, service)

    def match_country(self, candidates, country):
        for fits in (lambda s: s.country in (country, None), lambda s: s.country == "US"):
            found = [sender for sender in candidates if fits(sender)]
            if found:
                return found
        return candidates

    def distribute(self, candidates, message, service):
        if not candidates:
            return None
        policy = service.get("selection", {}).get("distribution", "round_robin")
        if policy == "first":
            return candidates[0]
        if policy == "random":
            return self.random.choice(candidates)
        if policy == "round_robin":
            key = (message.campaign["service"], tuple(s.id for s in candidates))
            if self.fault == "cursor-per-campaign":
                key += (message.campaign["name"],)
            self.cursors[key] += 1
            return candidates[(self.cursors[key] - 1) % len(candidates)]
        lanes = [self.lane(sender, message.person) for sender in candidates]
        work = {"least_segments": lambda lane: lane.backlog, "earliest": self.unfinished}[policy]
        return min(zip(candidates, lanes), key=lambda pair: work(pair[1]))[0]  # the first of equals

    def unfinished(self, lane):
        """Seconds of work: what is left of the slot in progress, and all that has not started."""
        left = lane.in_slot.slot_end - self.env.now if lane.in_slot else 0
        return Fraction(left, SECOND) + sum(m.segments for m in lane.queue) / lane.rate

    # -- lanes

    def lane(self, sender, person):
        key, first, speed = self.lane_of(sender, person)
        if key not in self.lanes:
            if self.fault == "slow-lanes":
                speed = speed * 98 / 100
            depth = {"10h": 36000, "4h": 14400, "unlimited": None, "validity": "validity"}[sender.queue.get("capacity", "10h")]
            if depth == "validity":
                service = next(n for n, pool in self.pools.items() if sender in pool)
                depth = Fraction(duration(self.spec["services"][service].get("validity_period", "36000s")), SECOND)
            capacity = None if depth is None else math.floor(speed * depth)
            if self.fault == "capacity-minus-one" and capacity is not None:
                capacity -= 1
            ceilings = [pace for (country, kind), pace in self.ceilings.items()
                        if kind == sender.kind and country == person.country]
            self.lanes[key] = Lane((first.place, *key[1:]), first.group, speed, capacity, ceilings)
        return self.lanes[key]

    def lane_of(self, sender, person):
        """Which lane: its key, the sender that gives it its place, its rate."""
        country = self.world.countries[person.country]
        if sender.kind == "long_code" and sender.country == "US" and person.country == "US":
            if sender.ten_dlc is None:
                return (sender.id, "US", ""), sender, Fraction(1)
            grants = self.grants(sender.ten_dlc)
            campaign = (sender.ten_dlc["brand"], sender.ten_dlc["campaign"])
            first = next(s for s in self.senders if s.ten_dlc and (s.ten_dlc["brand"], s.ten_dlc["campaign"]) == campaign)
            grant = grants.get(person.carrier)
            if grant and grant["shared_by"] == "campaign":
                return (campaign, "US", person.carrier), first, rate(grant["rate"])
            if grant:
                return (sender.id, "US", person.carrier), sender, rate(grant["rate"])
            if self.fault == "one-minor-lane":
                return (campaign, "US", "other"), first, Fraction(1)
            return (sender.id, "US", "other"), sender, Fraction(1)
        kind = sender.kind
        if kind == "long_code" and sender.country != person.country:
            kind = "international_long_code"
        speed = sender.mps if sender.mps is not None else rate(country["senders"][kind]["mps"])
        cut = sender.queue.get("lanes", "country")
        where = {"sender": ("", ""), "country": (person.country, ""), "market": (person.country, person.carrier)}[cut]
        return (sender.id, *where), sender, speed

    def grants(self, ten_dlc):
        take(ten_dlc, "brand", "campaign", "trust_score", "brand_type", "campaign_type")
        brand = ten_dlc.get("brand_type", "standard")
        for special in self.world.ten_dlc["campaigns"]:
            if special["campaign"] == ten_dlc.get("campaign_type", "ordinary") and brand != "sole_proprietor":
                return special["grants"]
        return self.tier(ten_dlc)["grants"]

    def tier(self, ten_dlc):
        score = ten_dlc.get("trust_score", 0)
        for tier in self.world.ten_dlc["tiers"]:
            low, high = tier.get("trust_scores", [0, 100])
            if tier["brand"] == ten_dlc.get("brand_type", "standard") and low <= score <= high:
                return tier

    def validity(self, message):
        service = self.spec.get("services", {}).get(message.campaign.get("service"), {})
        return duration(message.campaign.get("validity_period", service.get("validity_period", "36000s")))

    def enter(self, message, lane):
        message.lane = lane
        lane.backlog += message.segments
        lane.peak = max(lane.peak, lane.backlog)
        lane.queue.append(message)
        if lane.in_slot is None and len(lane.queue) == 1:
            lane.ready = self.env.now
        campaign = message.campaign["index"]
        deadline = message.accepted + self.validity(message)
        if self.fault == "expiry-ge":
            self.at(deadline, ARRIVAL, lambda: self.expire(message), -1, 0)
        else:
            self.at(deadline, EXPIRY, lambda: self.expire(message), campaign, message.number)
        self.want_dispatch()

    def want_dispatch(self):
        if self.dispatch_at != self.env.now:
            self.dispatch_at = self.env.now
            self.at(self.env.now, SLOT_START, self.dispatch)

    def dispatch(self):
        """All slot starts of this instant: whoever was ready first goes first, then the lane's id."""
        self.dispatch_at = None
        waiting = [lane for lane in self.lanes.values() if lane.queue and lane.in_slot is None]
        by_id = self.fault == "ceiling-by-id"
        for lane in sorted(waiting, key=lambda lane: (0 if by_id else lane.ready, lane.identity)):
            if all(ceiling.free_at <= self.env.now for ceiling in lane.ceilings):
                self.start_slot(lane)

    def start_slot(self, lane):
        now, message = self.env.now, lane.queue.popleft()
        lane.in_slot = message
        goes_on = not lane.fresh and lane.pace.free_at == now
        message.slot_end = lane.pace.hold(now, message.segments, goes_on)
        lane.fresh = False
        for ceiling in lane.ceilings:
            free = ceiling.hold(now, message.segments, ceiling.free_at == now and message.accepted < now)
            self.at(free, SLOT_END, self.want_dispatch)
        self.at(message.slot_end, SLOT_END, lambda: self.end_slot(lane))
        lane.sent += 1
        lane.segments += message.segments
        message.sent = message.slot_end if self.fault == "slot-end-sent" else now
        self.gate(message)

    def end_slot(self, lane):
        lane.backlog -= lane.in_slot.segments
        lane.in_slot = None
        lane.drained = self.env.now
        if lane.queue:
            lane.ready = self.env.now
            self.want_dispatch()
        else:
            lane.fresh = True

    def expire(self, message):
        lane = message.lane
        if message.sent is not None or message.end is not None:
            return
        was_head = lane.queue[0] is message
        lane.queue.remove(message)
        lane.backlog -= message.segments
        lane.expired += 1
        if was_head and lane.in_slot is None:
            if lane.queue:
                lane.ready = max(lane.pace.free_at, lane.queue[0].accepted)
            else:
                lane.fresh = True
        self.finish(message, "failed", 30036)

    # -- the carrier

    def gate(self, message):
        sender, person = message.sender, message.person
        us = person.country == "US"
        if person.country == "XX":  # the bench has no rules
            return self.reach_handset(message)
        if us and sender.kind == "long_code" and sender.ten_dlc is None:
            return self.finish(message, "undelivered", 30034)
        if sender.kind == "toll_free" and not sender.verified and person.country in ("US", "CA"):
            return self.finish(message, "undelivered", 30032)
        if sender.kind == "short_code" and not self.reached_by_short_code(person):
            return self.finish(message, "undelivered", 30006)
        if sender.kind == "toll_free" and self.takes(person, "toll_free") == "no":
            return self.finish(message, "undelivered", 30006)
        if us and sender.ten_dlc and self.over_brand_cap(message):
            return self.finish(message, "undelivered", 30023)
        if person.invalid:
            return self.finish(message, "undelivered", 30005)
        if not self.perfect(person) and self.random.random() < self.filtered(message):
            message.reported = self.random.random() < share(self.world.filter["reported"]["delivered"] + "%")
            return self.finish(message, "undelivered", 30007)
        self.reach_handset(message)

    def reach_handset(self, message):
        message.handset = message.sent + self.latency(message.person)
        self.at(message.handset, HANDSET, lambda: self.deliver(message), message.campaign["index"], message.number)

    def deliver(self, message):
        lost = 0 if self.perfect(message.person) else share(self.world.latency["receipt_never"]["share"] + "%")
        message.reported = self.random.random() >= lost
        self.finish(message, "delivered", 0)

    def day(self, person):
        """The carrier's date."""
        country = self.world.countries[person.country]
        zone = country["by_id"][person.carrier].get("day", country["carrier_day"])["zone"]
        now = self.start + datetime.timedelta(microseconds=self.env.now // 1000)
        return now.astimezone(zoneinfo.ZoneInfo(zone)).date()

    def over_brand_cap(self, message):
        cap = self.tier(message.sender.ten_dlc).get("daily_caps", {}).get(message.person.carrier)
        if cap is None:
            return False
        key = (message.sender.ten_dlc["brand"], message.person.carrier, self.day(message.person))
        if self.brand_day[key] + message.segments > cap:
            return True
        self.brand_day[key] += message.segments
        return False

    def filtered(self, message):
        """The probability that the carrier filters."""
        sender, person, campaign = message.sender, message.person, message.campaign
        key = (campaign.get("body", campaign["name"]), person.carrier, self.day(person))
        count = key + (sender.id,) if self.fault == "volume-per-sender" else key
        self.volume[count] += 1
        if sender.kind in ("long_code", "toll_free"):
            self.numbers[key].add(sender.id)
        facts = self.world.classes[self.filter_class(sender, person)]
        c = self.world.filter["coefficients"]
        s = facts["intercept"] + c["risk"] * share(campaign.get("content_risk", 0))
        if "free_volume" in facts:
            s += c["volume"] * math.log(max(1, self.volume[count] / facts["free_volume"]))
        if "free_numbers" in facts:
            free = facts["free_numbers"]
            if self.fault == "free-numbers":
                free = {1: 2, 5: 4}[free]
            s += c["numbers"] * math.log(max(1, len(self.numbers[key]) / free))
        return 1 / (1 + math.exp(-s))

    def filter_class(self, sender, person):
        if sender.kind == "toll_free":
            weak = person.country == "CA" and self.takes(person, "toll_free") == "partial"
            return "unregistered" if weak else "toll_free_verified"
        if sender.kind == "long_code":
            if person.country == "US":
                return "ten_dlc_registered"
            strict = self.world.countries[person.country]["senders"]["long_code"]["application_traffic"]
            return "unregistered" if strict == "strictly_filtered" else "long_code_allowed"
        return sender.kind

    def latency(self, person):
        if self.perfect(person):
            return 0
        facts = self.world.latency
        if person.carrier not in self.offsets:
            self.offsets[person.carrier] = self.random.gauss(facts["carrier_offset"]["mean"], facts["carrier_offset"]["sigma"])
        draw = lambda leg, shift: self.random.lognormvariate(math.log(leg["median_seconds"]) + shift, leg["sigma"])
        seconds = draw(facts["handset"], self.offsets[person.carrier])
        if self.fault != "latency-without-hand-off":
            seconds += draw(facts["hand_off"], 0)
        return round(seconds * SECOND)

    # -- ends

    def refuse(self, message, code):
        self.finish(message, "refused", code)

    def finish(self, message, status, code):
        assert message.end is None
        message.end = (status, code)

    # -- figures, under the names of summary.json

    def figures(self):
        campaigns = {name: [m for m in self.messages if m.campaign["name"] == name] for name in self.spec["campaigns"]}
        kinds = ("long_code", "toll_free", "short_code", "alphanumeric")
        used = sorted((l for l in self.lanes.values() if l.sent + l.expired + l.overflowed + l.backlog > 0), key=lambda l: l.identity)
        return {
            "overall": self.scope(self.messages),
            "campaigns": {name: self.scope(messages) for name, messages in campaigns.items() if messages},
            "sent by type": {kind: sum(m.sent is not None and m.sender.kind == kind for m in self.messages) for kind in kinds},
            "lanes": [{
                "group": lane.group, "sent": lane.sent, "segments_sent": lane.segments, "expired": lane.expired,
                "overflowed": lane.overflowed, "peak_backlog_segments": lane.peak, "capacity_segments": lane.capacity,
                "drained_at": None if self.horizon is not None and (lane.in_slot or lane.queue) else lane.drained,
            } for lane in used],
        }

    def scope(self, messages):
        sent = [m for m in messages if m.sent is not None]
        delivered = [m for m in messages if m.end == ("delivered", 0)]
        losses = Counter(m.end for m in messages if m.end and m.end[0] != "delivered")
        accepted = [m for m in messages if m.accepted is not None]
        # What the horizon hid: not handed over, waiting, or not final.
        unheard = sum(m.accepted is None and m.end is None for m in messages)
        waiting = sum(m.sent is None and m.end is None for m in accepted)
        unfinished = sum(m.end is None for m in accepted)
        base, fees, failed = (sum(parts) for parts in zip(*(self.price(m) for m in messages)))
        result = {
            "offered": len(messages), "accepted": len(accepted), "sent": len(sent), "delivered": len(delivered),
            "delivered_reported": sum(m.reported for m in messages),
            "segments_sent": sum(m.segments for m in sent),
            "in_progress": sum(m.end is None for m in accepted),
            "losses": {f"{status} {code}": count for (status, code), count in sorted(losses.items())},
            "cost base": base, "cost carrier_fees": fees, "cost failed_fees": failed, "cost total": base + fees + failed,
            "queue_wait": spread([m.sent - m.accepted for m in sent], waiting),
            "api_wait": spread([m.accepted - m.intended for m in accepted], unheard),
            "carrier_latency": spread([m.handset - m.sent for m in delivered], unfinished),
            "end_to_end": spread([m.handset - m.intended for m in delivered], unheard + unfinished),
        }
        ends = [m.slot_end for m in sent]
        cut = self.horizon is not None and (any(e > self.horizon for e in ends) or any(m.end is None for m in messages))
        if sent:
            result["last_sent"] = max(m.sent for m in sent)
            if not cut:
                result["drain"] = max(ends) - min(m.intended for m in messages)
                # Nothing is left to drain when the later messages never left.
                result["drain_after_last"] = max(0, max(ends) - max(m.intended for m in messages))
        return result

    def price(self, message):
        """List price, carrier fee and fee of a failed message, in dollars."""
        nothing = Fraction(0)
        if message.end and message.end[0] == "failed":
            bench = message.person is not None and message.person.country == "XX"  # where nothing costs anything
            return nothing, nothing, nothing if bench else self.world.failed_fee
        if message.sent is None:
            return nothing, nothing, nothing
        country = self.world.countries[message.person.country]
        listed = [country["by_id"][message.person.carrier].get("fees", {}), country.get("carrier_fees", {})]
        fee = next((fees[message.sender.kind] for fees in listed if message.sender.kind in fees), "0")
        price = country["price"]["outbound_segment"]
        return message.segments * in_force(price, self.price_day), message.segments * in_force(fee, self.price_day), nothing


def in_force(amount, day):
    """An amount of the catalogue on a day: the last step that has begun, or the first."""
    if not isinstance(amount, list):
        return Fraction(amount)
    begun = [step for step in amount if str(step.get("from", "")) <= day]
    return Fraction((begun or amount)[-1 if begun else 0]["amount"])


def spread(values, hidden):
    """A distribution in nanoseconds, percentiles by nearest rank among all values, the hidden ones the largest."""
    if not values:
        return None
    values = sorted(values)
    figures = {"n": len(values), "min": values[0]}
    if not hidden:
        figures |= {"mean": Fraction(sum(values), len(values)), "max": values[-1]}
    for name, q in (("p50", "0.5"), ("p90", "0.9"), ("p95", "0.95"), ("p99", "0.99")):
        rank = max(1, math.ceil(Fraction(q) * (len(values) + hidden)))
        if rank <= len(values):
            figures[name] = values[rank - 1]
    return figures


if __name__ == "__main__":
    import sys

    print(json.dumps(Simulation(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1).run().figures(), indent=1, default=float))
