# SPDX-License-Identifier: Apache-2.0
"""What has to be true of a deployment after any fault: one function for each property.

Each takes the history and the findings and answers the differences, a sentence for each. They read nothing else, so
that nodes_test.py can show each of them a deployment that has the defect.
"""

from collections import Counter

from history import SIGNED

ENDED = ("Succeeded", "Failed")


def jobs_ended_once(history, findings):
    """every acknowledged job ended exactly once, with one event and one audit record"""
    for start in history.starts.values():
        for job in start.jobs() - findings.jobs.keys():
            yield f"job {job} of token {start.token} was acknowledged and is not there"
    events, ends = Counter(findings.events), Counter(findings.ends)
    for job in acknowledged_jobs(history, findings):
        yield from end_of(job, events, ends)


def unacknowledged_whole(history, findings):
    """no unacknowledged job is half there"""
    events, ends = Counter(findings.events), Counter(findings.ends)
    acknowledged = {job.id for job in acknowledged_jobs(history, findings)}
    accepted = {job for job, _ in findings.accepts}
    for job in findings.jobs.values():
        if job.token not in history.starts:
            yield f"job {job.id} has the token {job.token}, which no client sent"
        if job.id in acknowledged:
            continue
        yield from end_of(job, events, ends)
        if job.id not in accepted:
            yield f"job {job.id} has no audit record of its acceptance"
    for what, seen in (("an event", findings.events), ("an audit record of the end", findings.ends),
                       ("an audit record of the acceptance", findings.accepts)):
        for job in {one[0] for one in seen} - findings.jobs.keys():
            yield f"there is {what} of job {job}, but no such job"


def end_of(job, events, ends):
    if job.status not in ENDED or not job.is_completed:
        yield f"job {job.id} did not end: {job.status}, leased {job.fence} times"
    for what, seen in (("events", events), ("audit records of its end", ends)):
        right = seen[job.id, job.status]
        total = sum(seen[job.id, status] for status in (*ENDED, "InProgress"))
        if (right, total) != ((1, 1) if job.status in ENDED else (0, 0)):
            yield f"job {job.id}, {job.status}, has {right} {what} that say so and {total - right} others"


def outcomes_expected(history, findings):
    """every job ended as its key and image deserve"""
    for job in findings.jobs.values():
        profile = history.profiles.get(job.profile)
        if profile is None:
            yield f"job {job.id} belongs to profile {job.profile}, which nobody made"
        elif job.status in ENDED and (job.status == "Succeeded") != profile.signs:
            yield f"job {job.id} of {job.profile} ended {job.status}: {job.reason}"


def objects_signed(_history, findings):
    """every Succeeded job has one signed object whose signature verifies, and no other job has any"""
    versions = Counter(key for key, _ in findings.versions if key.startswith(SIGNED))
    for job in findings.jobs.values():
        count = versions.pop(job.destination, 0)
        if count != (1 if job.status == "Succeeded" else 0):
            yield f"job {job.id}, {job.status}, has {count} versions of its signed object"
        elif job.status == "Succeeded" and not findings.verified.get(job.destination):
            yield f"job {job.id}: its signature does not verify"
    for key in versions:
        yield f"the signed object {key} belongs to no job"


def tokens_agree(history, findings):
    """the same token gave the same job on every node, and was kept once"""
    for start in history.starts.values():
        if len(start.jobs()) > 1:
            yield f"token {start.token} was answered with the jobs {sorted(start.jobs())}"
    for token, count in Counter(job.token for job in findings.jobs.values()).items():
        if count != 1:
            yield f"{count} jobs have the token {token}"
    by_token = {job.token: job.id for job in findings.jobs.values()}
    for token, answers in findings.tokens.items():
        for node, answer in answers.items():
            if answer != by_token.get(token):
                yield f"token {token} is job {by_token.get(token)}; sent again to {node} it is answered: {answer}"


def cancels_kept(history, findings):
    """no StartSigningJob that began after a cancel was acknowledged was accepted"""
    attempts = {attempt.id: attempt for start in history.starts.values() for attempt in start.attempts}
    by_token = {job.token: job for job in findings.jobs.values()}
    made_by = {}  # job -> the attempts that were told its name: one of them made it, the others repeated it
    for job, attempt in findings.accepts:
        made_by.setdefault(job, []).append(attempts.get(attempt))
    for start in history.starts.values():
        canceled = history.profiles[start.profile].canceled
        if canceled is None or not start.attempts:
            continue
        first = min(attempt.began for attempt in start.attempts)
        if first > canceled and (start.jobs() or start.token in by_token):
            late = f"{first - canceled:.3f} s after {start.profile} was canceled"
            yield f"token {start.token} was first sent {late}, and accepted"
        job = by_token.get(start.token)
        makers = [attempt for attempt in made_by.get(job.id, []) if attempt] if job else []
        if first <= canceled and makers and all(attempt.began > canceled for attempt in makers):
            yield f"job {job.id} was made only by requests that began after {start.profile} was canceled"
    for name, statuses in findings.canceled.items():
        for node, status in statuses.items():
            if history.profiles[name].canceled is not None and status != "Canceled":
                yield f"the profile {name}, canceled, is {status} on {node}"


def starts_recorded(history, findings):
    """every acknowledged StartSigningJob has its one audit record"""
    accepts = Counter(findings.accepts)
    for start in history.starts.values():
        for attempt in start.attempts:
            if attempt.answer and accepts[attempt.answer, attempt.id] != 1:
                yield f"{attempt.id} was told job {attempt.answer}: {accepts[attempt.answer, attempt.id]} audit records"


def uploads_whole(history, findings):
    """every acknowledged upload is there, whole, on every node, and none is there by half"""
    there = set(findings.versions)
    for upload in history.uploads.values():
        for version in upload.versions():
            if (upload.key, version) not in there:
                yield f"{upload.key} {version}, {upload.size} bytes, was acknowledged and is not listed"
            elif not any(where[1:] == (upload.key, version) for where in findings.contents):
                yield f"{upload.key} {version} was not read back"
    for (node, key, version), digest in findings.contents.items():
        if digest is None:
            yield f"{key} {version} cannot be read on {node}"
        elif key not in history.uploads:
            yield f"{key} {version} was uploaded by nobody"
        elif digest != history.uploads[key].digest:
            yield f"{key} {version} has other bytes on {node}"


def refusals_right(history, _findings):
    """nothing was refused that is allowed, and nothing surprised a client"""
    for start in history.starts.values():
        profile = history.profiles[start.profile]
        for attempt in start.attempts:
            is_right = profile.canceling is not None and attempt.ended >= profile.canceling
            if attempt.refusal and not (is_right and "ProfileNotActive" in attempt.refusal):
                yield f"token {start.token} was refused by {attempt.node}: {attempt.refusal}"
    for upload in history.uploads.values():
        for attempt in upload.attempts:
            if attempt.refusal:
                yield f"the upload {upload.key} was refused by {attempt.node}: {attempt.refusal}"
    yield from history.surprises


def nodes_agree(history, findings):
    """every node tells the same of every job"""
    statuses = {job.id: job.status for job in findings.jobs.values()}
    for node, listed in findings.listed.items():
        for job in statuses.keys() ^ listed.keys():
            yield f"job {job} is {'listed by' if job in listed else 'in the database, and not listed by'} {node}"
        for job, status in listed.items():
            if statuses.get(job, status) != status:
                yield f"{node} lists job {job} as {status}, in the database it is {statuses[job]}"
    for (node, job), (status, key) in findings.described.items():
        known = findings.jobs.get(job)
        expected = (known.status, known.destination if known.status == "Succeeded" else None) if known else None
        if (status, key) != expected:
            yield f"{node} describes job {job} as {status} with object {key}; the database says {expected}"


def nodes_end_when_asked(_history, findings):
    """no node ended by itself, and one that is asked to end does, with code 0"""
    for node, expected, happened in findings.exits:
        if expected != happened:
            yield f"{node} was to {expected}, and did: {happened}"


def everything_happened(history, findings):
    """the scenario had all faults, a job taken over, a repeated token, a refusal after a cancel and a failed job"""
    for kind, count in findings.faults.items():
        if count == 0:
            yield f"there was no {kind}"
    starts = history.starts.values()
    happened = {
        "job was taken over": any(job.fence > 1 for job in findings.jobs.values()),
        "job ended Succeeded": any(job.status == "Succeeded" for job in findings.jobs.values()),
        "job ended Failed": any(job.status == "Failed" for job in findings.jobs.values()),
        "token was answered by two nodes":
            any(len({one.node for one in start.attempts if one.answer}) > 1 for start in starts),
        "token was sent again to every node": any(findings.tokens.values()),
        "request went without an answer":
            any(not one.answer and not one.refusal for start in starts for one in start.attempts),
        "upload was acknowledged": any(upload.versions() for upload in history.uploads.values()),
        "start was refused after a cancel": any(one.refusal for start in starts for one in start.attempts),
        "profile was asked for after its cancelling": any(findings.canceled.values()),
        "list was read": any(findings.listed.values()),
        "job was described": bool(findings.described),
        "node was ended": bool(findings.exits),
    }
    for what, is_so in happened.items():
        if not is_so:
            yield f"no {what}"


PROPERTIES = [jobs_ended_once, unacknowledged_whole, outcomes_expected, objects_signed, tokens_agree, cancels_kept,
              starts_recorded, uploads_whole, refusals_right, nodes_agree, nodes_end_when_asked, everything_happened]


def acknowledged_jobs(history, findings):
    told = {job for start in history.starts.values() for job in start.jobs()}
    return [job for job in findings.jobs.values() if job.id in told]
