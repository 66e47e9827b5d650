# SPDX-License-Identifier: Apache-2.0
"""Clients that sign, upload and cancel without end, and write down what they asked for and were told.

A request without an answer is sent again, with the same token, to another node, as SDKs do; some clients give up
instead, so that there are jobs that nobody knows of. Nothing here judges: see checks.py.
"""

import concurrent.futures
import itertools
import random
import threading
import time

from client import Client, Gone, Refused
from harness import IOT
from history import BUCKET, Attempt, Profile, Start, Upload, digest_of, image

SECONDS_MAX = 2.5  # for an answer: a paused node gives none
RETRY_SECONDS_MAX = 90
BURST = 24
SMALL, MEDIUM, LARGE, IN_PARTS = (1, 2000), (65_000, 1 << 20), (1 << 20, 3 << 20), (6 << 20, 7 << 20)  # bytes
FAILING = "failing"


class Roaming(Client):
    """Sends each of its requests to another node: the parts of one upload meet all of them."""

    def __init__(self, clients, rng):
        self._clients, self._random = clients, rng

    def _call(self, *arguments, **named):
        return self._random.choice(self._clients)._call(*arguments, **named)


class Sender:
    """What one thread sends with. Thread safety: none."""

    def __init__(self, workload, name):
        self.workload = workload
        self.random = random.Random(f"{name} {workload.seed}")
        self.clients = {node.name: workload.client(node) for node in workload.nodes}

    def send(self, attempts, call, first=None, gives_up=False, roams=False):
        """Sends until it is answered; the attempt that was, or None."""
        names = self.random.sample(sorted(self.clients), len(self.clients))
        if first is not None:
            names.sort(key=lambda name: name != first)
        end, rest = time.monotonic() + RETRY_SECONDS_MAX, 0.02
        for name in itertools.cycle(names):
            client = Roaming(list(self.clients.values()), self.random) if roams else self.clients[name]
            attempt = Attempt(self.workload.next_id(), "any node" if roams else name, time.monotonic())
            client.user_agent = attempt.id
            try:
                attempt.answer = call(client)
            except Refused as refused:
                attempt.refusal = str(refused)
            except Gone:
                pass
            attempt.ended = time.monotonic()
            attempts.append(attempt)
            if attempt.answer or attempt.refusal:
                return attempt
            if gives_up or time.monotonic() >= end or self.workload.aborted.wait(rest):  # SDKs rest between tries, too
                return None
            rest = min(rest * 2, 0.4)

    def start(self, profile, source, first=None):
        start = Start(self.workload.next_id(), profile, source)
        self.workload.history.starts[start.token] = start
        repeat = self.random.random()
        other = None
        if repeat < 0.15:  # the same at once to another node
            other = self.workload.twins.submit(self.workload.resend, start)
        self.send_start(start, first, gives_up=self.random.random() < 0.15)
        if 0.15 <= repeat < 0.35 and start.jobs():
            self.send_start(start, self.random.choice(sorted(self.clients)), gives_up=True)
        if other:
            other.result()

    def send_start(self, start, first=None, gives_up=False):
        def call(client):
            return client.start(start.profile, BUCKET, *start.source, start.token)

        attempt = self.send(start.attempts, call, first, gives_up)
        if attempt and attempt.answer and start.acknowledged_at is None:
            start.acknowledged_at = time.time()

    def upload(self, sizes, parts=1):
        key = self.workload.next_id().replace("soak/", "image")
        size = self.random.randint(*sizes)
        content = image(key, size)
        upload = Upload(key, size, digest_of(content))
        self.workload.history.uploads[key] = upload
        if parts == 1:
            attempt = self.send(upload.attempts, lambda client: client.put(BUCKET, key, content))
        else:
            cut = 5 << 20  # all parts but the last have at least this
            pieces = [content[:cut], content[cut:]]
            attempt = self.send(upload.attempts, lambda client: client.multipart(BUCKET, key, pieces), roams=True)
        if attempt and attempt.answer:
            self.workload.sources.append((key, attempt.answer))

    def make_profile(self, name, certificate, signs=True):
        """A profile; under another name each time, because an answer may be lost."""
        for number in itertools.count():
            profile = Profile(f"{name}_{number}", signs)
            self.workload.history.profiles[profile.name] = profile
            attempt = self.send([], lambda client: client.put_profile(profile.name, IOT, certificate), gives_up=True)
            if attempt and attempt.answer:
                return profile
            if attempt:
                self.workload.surprise(f"PutSigningProfile was refused: {attempt.refusal}")
            if self.workload.stopped.is_set():
                return None

    def cancel(self, profile):
        profile.canceling = time.monotonic()
        attempt = self.send([], lambda client: client.cancel_profile(profile.name) or "canceled")
        if attempt and attempt.answer:
            profile.canceled = attempt.ended
        else:
            self.workload.surprise(f"CancelSigningProfile of {profile.name}: {attempt and attempt.refusal}")


class Workload:
    """`clients` threads that work until stop(), and bursts on demand."""

    def __init__(self, fleet, history, seed, clients):
        self.nodes, self.history, self.seed = fleet.nodes, history, seed
        self._credentials = fleet.credentials()
        self._ids, self._lock = itertools.count(1), threading.Lock()
        self.stopped, self.aborted = threading.Event(), threading.Event()
        self.sources = []
        self.profile = None
        self.canceled = None
        self.bursts = concurrent.futures.ThreadPoolExecutor(12)
        self.twins = concurrent.futures.ThreadPoolExecutor(8)  # another pool: those of the first wait for them
        self.threads = [threading.Thread(target=self.guard, args=[self.work, number]) for number in range(clients)]
        self.threads.append(threading.Thread(target=self.guard, args=[self.change_profiles]))

    def client(self, node, seconds_max=SECONDS_MAX):
        return Client(Endpoint(node.port, self._credentials), seconds_max)

    def next_id(self):
        with self._lock:
            return f"soak/{next(self._ids):06}"

    def surprise(self, text):
        self.history.surprises.append(text)

    def guard(self, run, *arguments):
        """A client that breaks is a difference, not a silence."""
        try:
            run(*arguments)
        except Exception as error:  # noqa: BLE001
            self.surprise(f"a client broke: {error!r}")
            raise

    def prepare(self, certificate, wrong_certificate):
        """What has to be there before the first fault."""
        sender = Sender(self, "prepare")
        client = sender.clients[self.nodes[0].name]
        client.make_bucket(BUCKET)
        self.certificate, wrong = (client.import_certificate(one.certificate.read_bytes(), one.key.read_bytes())
                                   for one in (certificate, wrong_certificate))
        self.profile = sender.make_profile("profile_first", self.certificate)
        self.failing = sender.make_profile(FAILING, wrong, signs=False)
        for sizes in (SMALL, MEDIUM, LARGE):
            sender.upload(sizes)
        sender.upload(IN_PARTS, parts=2)

    def run(self):
        for thread in self.threads:
            thread.start()

    def stop(self, is_aborted=False):
        """Lets every client finish what it is doing; an aborted one tries nothing again."""
        self.stopped.set()
        if is_aborted:
            self.aborted.set()
        for thread in self.threads:
            if thread.ident is not None:
                thread.join()
        self.bursts.shutdown()
        self.twins.shutdown()

    def work(self, number):
        sender = Sender(self, f"client {number}")
        rng = sender.random
        while not self.stopped.is_set():
            dice = rng.random()
            if dice < 0.08:
                sender.upload(SMALL)
            elif dice < 0.10:
                sender.upload(MEDIUM)
            elif dice < 0.11:
                sender.upload(LARGE)
            elif dice < 0.115:
                sender.upload(IN_PARTS, parts=2)
            else:
                sender.start(self.choose_profile(rng).name, rng.choice(self.sources))
            self.stopped.wait(rng.uniform(0, 0.12))  # clients are not in a hurry: the checker reads all of it back

    def choose_profile(self, rng):
        dice = rng.random()
        if dice < 0.06:
            return self.failing
        return self.canceled if self.canceled and dice < 0.14 else self.profile

    def change_profiles(self):
        """Every now and then another profile takes the place of the one in use, which is canceled under all clients."""
        sender = Sender(self, "profiles")
        for number in itertools.count():
            if self.stopped.wait(sender.random.uniform(0.5, 2)):
                return
            made = sender.make_profile(f"profile_{number}", self.certificate)
            if made is None:
                return
            old = self.profile
            sender.cancel(old)
            self.profile, self.canceled = made, old

    def resend(self, start):
        Sender(self, start.token).send_start(start, gives_up=True)

    def burst(self, node):
        """Many jobs at once for a node; returns when half of them are acknowledged, the rest being under way."""
        half = threading.Semaphore(0)

        def one(number):
            try:
                sender = Sender(self, f"burst {node.name} {number} {self.next_id()}")
                sender.start(self.profile.name, sender.random.choice(self.sources), node.name)
            finally:
                half.release()

        for number in range(BURST):
            self.bursts.submit(self.guard, one, number)
        for _ in range(BURST // 2):
            half.acquire()


class Endpoint:
    """A node as a client sees it: a port, and the credentials of the deployment."""

    def __init__(self, port, credentials):
        self.port, self._credentials = port, credentials

    def credentials(self):
        return self._credentials
