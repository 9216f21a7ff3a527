"""The courier: carries what is due from the rows to the providers, many at a time.

One thread speaks with the database: it claims, looks once more, and records. A few dozen others wait for providers, and
do nothing else. The next batch is claimed while the one before is under way, so nobody waits for anybody. Leases are
short, so that what a killed worker held is soon taken up, and renewed as long as this one lives.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Self

from flask import Flask

from telehealth import clock
from telehealth.domain.addresses import Addresses
from telehealth.domain.delivery.budget import SendingLimits
from telehealth.domain.ports import Email, Gateways
from telehealth.services.delivery.budgets import next_room_for
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.leases import (
    Claimed,
    give_back_claims,
    last_look,
    renew_leases,
)
from telehealth.services.delivery.sending import DeliveryOutcome, deliver_all, record_outcomes, send_message
from telehealth.services.leasing import LEASE, RENEWED_AFTER, name_worker

MOST_IN_HAND = 300
IN_HAND_FOR = timedelta(minutes=4)
"""What is in hand changes hands no more, and is late when its sender is slow."""
ROUNDS_AHEAD = 8
"""How many messages wait ready for each thread, so that none is idle during a claim."""
OLDEST_LOOK = 1.0
"""In seconds: their last look is that old when they go, so fewer wait when the provider is slow."""
RECORD_AT_ONCE = 50
RECORD_AFTER = 0.25
LOOK_AGAIN_AFTER = timedelta(seconds=1)
LONGEST_WAIT = 5.0
LONGEST_RUN = timedelta(minutes=5)
"""After that, texts that wait for their sender's budget wait for the next beat: it looks after what has become late."""
OUR_ONLY_SENDER = "texts"


@dataclass(frozen=True, slots=True)
class CourierPace:
    """How much one worker takes on: so many threads that send, and so few messages in hand that even a provider that
    lets every request run into its ``timeout`` (seconds) is through with them within ``IN_HAND_FOR``.
    """

    senders: int
    timeout: float
    lease: timedelta = LEASE

    @property
    def in_hand(self) -> int:
        """How many messages may be claimed and not yet recorded."""
        rounds = IN_HAND_FOR.total_seconds() / (2 * self.timeout)  # To connect, and to be answered.
        return min(MOST_IN_HAND, self.senders * max(1, math.floor(rounds)))


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one message, on its way back from the thread that sent it; ``is_recorded`` is set when it is."""

    outcome: DeliveryOutcome
    is_recorded: Event = field(default_factory=Event)

    @property
    def is_awaited(self) -> bool:
        """Whether its thread waits until it is recorded: about an e-mail nobody can be asked afterwards."""
        return isinstance(self.outcome.claimed.content, Email)


@dataclass
class Courier:
    """Carries what is due until nothing is left, or ``stop`` is set: then it finishes what is being sent, and gives
    back what is only claimed. What could not be recorded, because the database was away, is recorded by the next run.
    """

    worker: str
    addresses: Addresses
    gateways: Gateways
    pace: CourierPace
    now: Callable[[], datetime]
    limits: SendingLimits = field(default_factory=SendingLimits)
    stop: Event = field(default_factory=Event)

    @classmethod
    def of(cls, app: Flask, stop: Event | None = None) -> Self:
        """A courier by the settings of the service, under a name that no other has."""
        settings = app.config
        return cls(
            worker=name_worker(),
            addresses=app.extensions["addresses"],
            gateways=app.extensions["gateways"],
            pace=CourierPace(settings["JOBS_SENDERS"], max(settings["TWILIO_TIMEOUT"], settings["SMTP_TIMEOUT"])),
            now=clock.now,
            limits=SendingLimits(
                per_second=settings["TEXTS_PER_SECOND"],
                per_day=settings["TEXTS_PER_DAY"],
                sender=settings["TWILIO_MESSAGING_SERVICE_SID"] or settings["TWILIO_FROM"] or OUR_ONLY_SENDER,
            ),
            stop=stop or Event(),
        )

    def __post_init__(self) -> None:
        self._ready: deque[Claimed] = deque()
        self._waiting: SimpleQueue[Claimed | None] = SimpleQueue()
        self._done: SimpleQueue[Done | None] = SimpleQueue()
        self._to_record: list[Done] = []
        self._threads: list[Thread] = []
        self._under_way: dict[tuple[int, int], Claimed] = {}
        self._slowness = 0.0
        self._claim_at: datetime | None = None
        self._began = self._renewed_at = self.now()

    def run(self) -> int:
        """How many messages were tried."""
        self._record()
        self._began, self._claim_at = self.now(), None
        self._renew()
        self._claim()
        if not self._ready:
            return 0
        if self.pace.senders <= 1:
            return self._alone()
        tried = 0
        with self._senders():
            while self._is_busy() or self._finds_more() or self._waits_for_budget():
                self._renew()
                if self.stop.is_set():
                    self._give_back()
                else:
                    self._claim()
                    self._fill()
                tried += self._collect()
        return tried

    def _alone(self) -> int:
        """One after the other, in this thread."""
        tried = 0
        while self._ready and not self.stop.is_set():
            deliver_all([self._ready.popleft()], gateways=self.gateways, now=self.now)
            tried += 1
            self._renew()
            self._claim()
        self._give_back()
        return tried

    def _is_busy(self) -> bool:
        return bool(self._under_way or self._ready or self._to_record)

    def _finds_more(self) -> bool:
        """Whether something became due, or was given back, while the last ones were sent."""
        if not self.stop.is_set():
            self._claim()
        return bool(self._ready)

    def _renew(self) -> None:
        """Keep what is in hand, as long as it takes."""
        now = self.now()
        if timedelta(0) <= now - self._renewed_at < self.pace.lease / RENEWED_AFTER:
            return
        if in_hand := [*self._ready, *self._under_way.values()]:
            renew_leases(in_hand, now=now)
        self._renewed_at = now

    def _claim(self) -> None:
        """The next batch, when half of what may be in hand is through."""
        in_hand = len(self._ready) + len(self._under_way)
        now = self.now()
        if in_hand > self.pace.in_hand // 2 or (self._claim_at is not None and now < self._claim_at):
            return
        claimed = claim_messages(
            worker=self.worker,
            addresses=self.addresses,
            limit=self.pace.in_hand - in_hand,
            limits=self.limits,
            lease=self.pace.lease,
            now=now,
        )
        self._ready.extend(claimed)
        self._claim_at = None if claimed else now + LOOK_AGAIN_AFTER

    def _fill(self) -> None:
        """Hand on what waits in hand, after a last look at all of it at once."""
        rounds = max(1, int(OLDEST_LOOK / max(self._slowness, OLDEST_LOOK / ROUNDS_AHEAD)))
        room = self.pace.senders * rounds - len(self._under_way)
        if not self._ready or (room < self.pace.senders and self._under_way):
            return
        chunk = [self._ready.popleft() for _ in range(min(room, len(self._ready)))]
        for each in last_look(chunk, now=self.now()):
            self._under_way[each.key] = each
            self._waiting.put(each)
        while len(self._threads) < min(self.pace.senders, len(self._under_way)):
            self._add_sender()

    def _collect(self) -> int:
        """Wait for what the threads have done, and record it from time to time; how many there were."""
        found = 0
        with suppress(Empty):
            if self._under_way:
                self._keep(self._done.get(timeout=RECORD_AFTER))
                found += 1
                while True:
                    self._keep(self._done.get_nowait())
                    found += 1
        if self._to_record and (len(self._to_record) >= RECORD_AT_ONCE or not self._under_way or self._is_pressing()):
            self._record()
        return found

    def _keep(self, done: Done | None) -> None:
        if done is None:  # A thread went home.
            return
        outcome = done.outcome
        del self._under_way[outcome.claimed.key]
        self._slowness = (outcome.at - outcome.began).total_seconds()
        self._to_record.append(done)

    def _is_pressing(self) -> bool:
        """Whether what is to be recorded has waited long enough, or a thread waits for it."""
        waited = (self.now() - self._to_record[0].outcome.at).total_seconds()
        return waited >= RECORD_AFTER or any(each.is_awaited for each in self._to_record)

    def _record(self) -> None:
        if self._to_record:
            record_outcomes([each.outcome for each in self._to_record])
            self._let_go()
            self._to_record = []

    def _let_go(self) -> None:
        """Let the threads go on that waited for what is to be recorded."""
        for each in self._to_record:
            each.is_recorded.set()

    def _give_back(self) -> None:
        """What nobody has begun to send."""
        self._take_back()
        give_back_claims(list(self._ready))
        self._ready.clear()

    def _take_back(self) -> None:
        with suppress(Empty):
            while True:
                each = self._waiting.get_nowait()
                if each is not None:
                    self._ready.append(self._under_way.pop(each.key))

    def _waits_for_budget(self) -> bool:
        """Whether texts may wait for the budget of their sender; then it has waited, too."""
        if not self.limits or self.stop.is_set() or self.now() >= self._began + LONGEST_RUN:
            return False
        at = next_room_for(self.limits, now=self.now())
        seconds = (at - self.now()).total_seconds() if at is not None else LONGEST_WAIT
        if seconds >= LONGEST_WAIT:
            return False
        self.stop.wait(max(seconds, 0.0))
        self._claim_at = None
        return True

    @contextmanager
    def _senders(self) -> Iterator[None]:
        """The threads that send go home with the block; as many come as there is to do."""
        try:
            yield
        finally:
            self._take_back()
            for _ in self._threads:
                self._waiting.put(None)
            self._wait_for_senders()

    def _wait_for_senders(self) -> None:
        """Until each has finished what it was sending. After trouble with the database, the next run records it."""
        at_work = len(self._threads)
        while at_work:
            self._let_go()
            done = self._done.get()
            self._keep(done)
            at_work -= done is None
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _add_sender(self) -> None:
        thread = Thread(target=self._send, name=f"sender-{len(self._threads)}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _send(self) -> None:
        while (each := self._waiting.get()) is not None:
            done = Done(send_message(each, gateways=self.gateways, now=self.now))
            self._done.put(done)
            if done.is_awaited:
                done.is_recorded.wait()
        self._done.put(None)
