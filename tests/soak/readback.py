# SPDX-License-Identifier: Apache-2.0
"""Reads back everything that clients can see, over every node, and from the database what no call tells: how often a
job was leased, events and audit records. Writes Findings; judges nothing.
"""

import concurrent.futures
import json
import os
import random
import tempfile
from pathlib import Path

from client import Gone, Refused
from harness import signature_of, verifies
from history import BUCKET, SIGNED, Findings, Job, digest_of, image

# Each row is JSON whose member `what` says which list it belongs to.
STATEMENTS = [
    """SELECT json_build_object('what', 'job', 'id', id, 'token', token, 'profile', profile_name, 'status', status,
         'reason', status_reason, 'completed_at', completed_at, 'destination', convert_from(destination_key, 'UTF8'),
         'source', json_build_array(convert_from(source_key, 'UTF8'), source_version), 'fence', fence)
       FROM signer_jobs""",
    """SELECT json_build_object('what', 'event', 'job', event::json->'detail'->>'job_id',
         'status', event::json->'detail'->>'status') FROM events_outbox
       WHERE event::json->>'detail-type' = 'Signer Job Status Change'""",
    """SELECT json_build_object('what', 'end', 'job', record::json->'serviceEventDetails'->>'jobId',
         'status', record::json->'serviceEventDetails'->'detail'->>'status') FROM cloudtrail_records
       WHERE event_name = 'SigningJobStatusChange'""",
    """SELECT json_build_object('what', 'accept', 'job', record::json->'responseElements'->>'jobId',
         'attempt', record::json->>'userAgent') FROM cloudtrail_records
       WHERE event_name = 'StartSigningJob' AND record::json->>'errorCode' IS NULL""",
]
DESCRIBED, REPEATED = 40, 60  # samples, of jobs and tokens
SECONDS_MAX = 60


def read_back(fleet, workload, identity, scratch):
    findings = Findings(exits=list(fleet.exits), faults=dict(fleet.faults),
                        late_results=sum(node.late_results() for node in fleet.nodes))
    read_database(fleet.rows(*STATEMENTS), findings)
    rng = random.Random(f"readback {workload.seed}")
    clients = {node.name: workload.client(node, SECONDS_MAX) for node in fleet.nodes}
    for name, client in clients.items():
        findings.listed[name] = {job["jobId"]: job["status"] for job in client.jobs()}
        for job in rng.sample(sorted(findings.jobs), min(DESCRIBED, len(findings.jobs))):
            findings.described[name, job] = describe(client, job)
    findings.versions = clients[rng.choice(sorted(clients))].versions(BUCKET)
    for profile in workload.history.profiles.values():
        if profile.canceled is not None:
            findings.canceled[profile.name] = {name: client.profile(profile.name)["status"]
                                               for name, client in clients.items()}
    read_objects(clients, workload.history, findings, identity, scratch, rng)
    repeat_tokens(clients, workload.history, findings, rng)
    return findings


def read_database(rows, findings):
    lists = {"event": findings.events, "end": findings.ends}
    for row in map(json.loads, rows):
        what = row.pop("what")
        if what == "job":
            at = row["completed_at"]
            findings.jobs[row["id"]] = Job(**{**row, "source": tuple(row["source"]), "completed_at": (at or 0) / 1e6},
                                           is_completed=at is not None)
        elif what == "accept":
            findings.accepts.append((row["job"], row["attempt"]))
        else:
            lists[what].append((row["job"], row["status"]))


def describe(client, job):
    try:
        answer = client.job(job)
    except Refused as refused:
        return str(refused), None
    return answer["status"], answer.get("signedObject", {}).get("s3", {}).get("key")


def read_objects(clients, history, findings, identity, scratch, rng):
    """Reads every version over some node; verifies signed objects, and takes the digests of the others."""
    by_destination = {job.destination: job for job in findings.jobs.values()}
    names = sorted(clients)

    def one(version_of):
        key, version = version_of
        name = names[hash_of(key) % len(names)]
        content = read(clients[name], key, version)
        if not key.startswith(SIGNED):
            findings.contents[name, key, version] = None if content is None else digest_of(content)
        elif content is not None and key in by_destination:
            findings.verified[key] = is_signature(content, by_destination[key], history, identity, scratch)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, findings.versions))
    # What a client was told is looked for even if no list has it.
    for upload in rng.sample(list(history.uploads.values()), min(10, len(history.uploads))):
        for version in upload.versions():
            for name in names:
                content = read(clients[name], upload.key, version)
                findings.contents[name, upload.key, version] = None if content is None else digest_of(content)


def read(client, key, version):
    """The bytes of a version; None if they cannot be had."""
    try:
        return client.get(BUCKET, key, version)
    except (Refused, Gone):
        return None


def hash_of(text):
    return int(digest_of(text.encode())[:8], 16)


def is_signature(signed_object, job, history, identity, scratch):
    upload = history.uploads[job.source[0]]
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        try:
            signature = signature_of(signed_object)
        except (ValueError, KeyError):
            return False
        return verifies(identity.public, "sha256", signature, image(upload.key, upload.size), Path(folder))


def repeat_tokens(clients, history, findings, rng):
    """Sends acknowledged tokens once more, to every node."""
    acknowledged = [start for start in history.starts.values() if start.jobs()]
    for start in rng.sample(acknowledged, min(REPEATED, len(acknowledged))):
        answers = findings.tokens.setdefault(start.token, {})
        for name, client in clients.items():
            try:
                answers[name] = client.start(start.profile, BUCKET, *start.source, start.token)
            except Refused as refused:
                answers[name] = str(refused)
