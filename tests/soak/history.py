# SPDX-License-Identifier: Apache-2.0
"""What clients asked for and were told (History), and what is found when all is quiet again (Findings).

Plain data: workload.py writes the one, readback.py the other, checks.py compares them. Moments are seconds of one
monotonic clock, that of the process in which all clients run, so that "began after" has a meaning.
"""

import hashlib
import random
from dataclasses import dataclass, field

BUCKET = "firmware"
SIGNED = "signed/"


def image(key, size):
    """The bytes of an upload: they follow from its key, so that nobody has to keep them."""
    return random.Random(key).randbytes(size)


def digest_of(content):
    return hashlib.sha256(content).hexdigest()


@dataclass
class Attempt:
    """One request to one node. Neither `answer` nor `refusal`: no answer came."""

    id: str  # the user agent of the request, hence in its audit record
    node: str
    began: float
    ended: float = 0.0
    answer: str | None = None
    refusal: str | None = None


@dataclass
class Start:
    """A StartSigningJob with its token, however often it was sent."""

    token: str
    profile: str
    source: tuple  # key and version id
    attempts: list = field(default_factory=list)
    acknowledged_at: float | None = None  # by the wall clock, which the database shares with us

    def jobs(self):
        return {attempt.answer for attempt in self.attempts if attempt.answer}


@dataclass
class Upload:
    key: str
    size: int
    digest: str
    attempts: list = field(default_factory=list)  # the answer is the version id

    def versions(self):
        return {attempt.answer for attempt in self.attempts if attempt.answer}


@dataclass
class Profile:
    name: str
    signs: bool  # whether its jobs succeed; else its key does not fit its platform
    canceling: float | None = None  # when its cancelling was first asked for
    canceled: float | None = None  # when that was acknowledged


@dataclass
class History:
    starts: dict = field(default_factory=dict)  # token -> Start
    uploads: dict = field(default_factory=dict)  # key -> Upload
    profiles: dict = field(default_factory=dict)  # name -> Profile
    surprises: list = field(default_factory=list)  # answers that no client expects, and defects of the clients


@dataclass
class Job:
    """A row of the database."""

    id: str
    token: str
    profile: str
    status: str
    reason: str
    is_completed: bool
    completed_at: float  # seconds since 1970
    destination: str  # the key of its signed object
    source: tuple
    fence: int  # how often it was leased


@dataclass
class Findings:
    jobs: dict = field(default_factory=dict)  # id -> Job
    events: list = field(default_factory=list)  # (job, status) of each event of an end
    ends: list = field(default_factory=list)  # (job, status) of each audit record of an end
    accepts: list = field(default_factory=list)  # (job, attempt) of each audit record of a StartSigningJob
    listed: dict = field(default_factory=dict)  # node -> {job: status}, as ListSigningJobs says
    described: dict = field(default_factory=dict)  # (node, job) -> (status, key of the signed object or None)
    versions: list = field(default_factory=list)  # (key, version id), as ListObjectVersions says
    verified: dict = field(default_factory=dict)  # key of a signed object -> whether OpenSSL accepts its signature
    contents: dict = field(default_factory=dict)  # (node, key, version id) -> digest of an upload, None: not there
    tokens: dict = field(default_factory=dict)  # token -> {node: job, or the refusal}
    canceled: dict = field(default_factory=dict)  # profile -> {node: status}
    exits: list = field(default_factory=list)  # (node, what was to happen, what happened)
    faults: dict = field(default_factory=dict)  # kind -> how often
    late_results: int = 0  # results of workers whose job was taken over, refused
