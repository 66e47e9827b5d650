#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every check of checks.py finds the defect that it is for, in a deployment that is sound but for that; and plans of
faults have what they promise."""

import copy
import sys
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for folder in ("tests/clients", "tests/soak"):
    sys.path.insert(0, str(ROOT / folder))

import checks  # noqa: E402
import faults  # noqa: E402
import readback  # noqa: E402
from client import Gone, Refused  # noqa: E402
from fleet import LEASE_SECONDS  # noqa: E402
from history import Attempt, Findings, History, Job, Profile, Start, Upload, digest_of, image  # noqa: E402
from workload import Sender  # noqa: E402

NODES = ["node1", "node2"]


class Sound:
    """Four jobs: one Succeeded, one Failed, one that nobody was told of, one taken over and asked for twice."""

    def __init__(self):
        self.history, self.findings = History(), Findings()
        self.history.profiles = {"old": Profile("old", True, canceling=50.0, canceled=51.0),
                                 "new": Profile("new", True), "failing": Profile("failing", False)}
        self.upload = Upload("image1", 5, digest_of(image("image1", 5)))
        self.upload.attempts.append(Attempt("u1", "node1", 1.0, 2.0, answer="v1"))
        self.history.uploads = {"image1": self.upload}
        self.first = self.start("token1", "old", [Attempt("a1", "node1", 10.0, 11.0, answer="job1"),
                                                  Attempt("a2", "node2", 60.0, 61.0, answer="job1")])
        self.failed = self.start("token2", "failing", [Attempt("b1", "node1", 10.0, 11.0, answer="job2")])
        self.lost = self.start("token3", "new", [Attempt("c1", "node1", 10.0, 11.0)])
        self.taken = self.start("token4", "new", [Attempt("d1", "node2", 10.0, 11.0, answer="job4")])
        refusal = "400: ProfileNotActive"
        self.refused = self.start("token5", "old", [Attempt("e1", "node2", 60.0, 61.0, refusal=refusal)])
        for number, (start, status, fence) in enumerate(
                [(self.first, "Succeeded", 1), (self.failed, "Failed", 1), (self.lost, "Succeeded", 1),
                 (self.taken, "Succeeded", 2)], 1):  # fmt: skip
            self.job(f"job{number}", start, status, fence)
        found = self.findings
        found.versions.append(("image1", "v1"))
        found.contents = {("node1", "image1", "v1"): self.upload.digest}
        found.tokens = {"token1": dict.fromkeys(NODES, "job1")}
        found.canceled = {"old": dict.fromkeys(NODES, "Canceled")}
        found.exits = [("node1", "end with 0", "end with 0")]
        found.faults = dict.fromkeys(faults.KINDS, 1)

    def start(self, token, profile, attempts):
        self.history.starts[token] = Start(token, profile, ("image1", "v1"), attempts)
        return self.history.starts[token]

    def job(self, name, start, status, fence):
        found = self.findings
        found.jobs[name] = Job(name, start.token, start.profile, status, "a reason", True, 12.0, f"signed/{name}",
                               start.source, fence)
        found.events.append((name, status))
        found.ends.append((name, status))
        found.accepts += [(name, attempt.id) for attempt in start.attempts if attempt.answer or start is self.lost]
        for node in NODES:
            found.listed.setdefault(node, {})[name] = status
            found.described[node, name] = (status, f"signed/{name}" if status == "Succeeded" else None)
        if status == "Succeeded":
            found.versions.append((f"signed/{name}", f"v-{name}"))
            found.verified[f"signed/{name}"] = True


def defect(check, words):
    """A defect that `check` has to tell in a sentence with these words."""

    def mark(method):
        method.check, method.words = check, words
        return method

    return mark


class Defects:
    """Each method puts one defect into a sound deployment."""

    @defect(checks.jobs_ended_once, "is not there")
    def an_acknowledged_job_is_lost(self, sound):
        del sound.findings.jobs["job1"]

    @defect(checks.jobs_ended_once, "did not end")
    def an_acknowledged_job_goes_on_for_ever(self, sound):
        sound.findings.jobs["job1"].status = "InProgress"

    @defect(checks.jobs_ended_once, "did not end")
    def a_job_has_no_time_of_its_end(self, sound):
        sound.findings.jobs["job1"].is_completed = False

    @defect(checks.jobs_ended_once, "0 events")
    def an_end_without_event(self, sound):
        sound.findings.events.remove(("job1", "Succeeded"))

    @defect(checks.jobs_ended_once, "2 events")
    def an_end_with_two_events(self, sound):
        sound.findings.events.append(("job1", "Succeeded"))

    @defect(checks.jobs_ended_once, "and 1 others")
    def a_second_end_with_another_outcome(self, sound):
        sound.findings.events.append(("job1", "Failed"))

    @defect(checks.jobs_ended_once, "2 audit records")
    def an_end_with_two_audit_records(self, sound):
        sound.findings.ends.append(("job2", "Failed"))

    @defect(checks.jobs_ended_once, "0 audit records")
    def an_end_without_audit_record(self, sound):
        sound.findings.ends.remove(("job2", "Failed"))

    @defect(checks.unacknowledged_whole, "did not end")
    def a_job_that_nobody_was_told_of_does_not_end(self, sound):
        sound.findings.jobs["job3"].status = "InProgress"

    @defect(checks.unacknowledged_whole, "0 events")
    def a_job_that_nobody_was_told_of_has_no_event(self, sound):
        sound.findings.events.remove(("job3", "Succeeded"))

    @defect(checks.unacknowledged_whole, "no audit record of its acceptance")
    def a_job_without_record_of_its_acceptance(self, sound):
        sound.findings.accepts.remove(("job3", "c1"))

    @defect(checks.unacknowledged_whole, "which no client sent")
    def a_job_out_of_nothing(self, sound):
        del sound.history.starts["token3"]

    @defect(checks.unacknowledged_whole, "but no such job")
    def an_event_without_job(self, sound):
        sound.findings.events.append(("job9", "Succeeded"))

    @defect(checks.unacknowledged_whole, "but no such job")
    def a_record_of_an_end_without_job(self, sound):
        sound.findings.ends.append(("job9", "Succeeded"))

    @defect(checks.unacknowledged_whole, "but no such job")
    def a_record_of_an_acceptance_without_job(self, sound):
        sound.findings.accepts.append(("job9", "z9"))

    @defect(checks.outcomes_expected, "ended Failed")
    def a_job_fails_because_of_a_fault(self, sound):
        sound.findings.jobs["job1"].status = "Failed"

    @defect(checks.outcomes_expected, "ended Succeeded")
    def a_job_succeeds_with_the_wrong_key(self, sound):
        sound.findings.jobs["job2"].status = "Succeeded"

    @defect(checks.outcomes_expected, "which nobody made")
    def a_job_of_an_unknown_profile(self, sound):
        sound.findings.jobs["job1"].profile = "other"

    @defect(checks.objects_signed, "has 0 versions")
    def a_signed_object_is_missing(self, sound):
        sound.findings.versions.remove(("signed/job1", "v-job1"))

    @defect(checks.objects_signed, "has 2 versions")
    def a_signed_object_was_written_twice(self, sound):
        sound.findings.versions.append(("signed/job4", "v-again"))

    @defect(checks.objects_signed, "has 1 versions")
    def a_failed_job_has_a_signed_object(self, sound):
        sound.findings.versions.append(("signed/job2", "v-job2"))

    @defect(checks.objects_signed, "belongs to no job")
    def a_signed_object_without_job(self, sound):
        sound.findings.versions.append(("signed/job9", "v-job9"))

    @defect(checks.objects_signed, "does not verify")
    def a_signature_is_wrong(self, sound):
        sound.findings.verified["signed/job1"] = False

    @defect(checks.objects_signed, "does not verify")
    def a_signature_was_never_read(self, sound):
        del sound.findings.verified["signed/job1"]

    @defect(checks.tokens_agree, "was answered with the jobs")
    def a_token_is_answered_with_two_jobs(self, sound):
        sound.first.attempts[1].answer = "job4"

    @defect(checks.tokens_agree, "2 jobs have the token")
    def a_token_is_kept_twice(self, sound):
        sound.job("job5", sound.first, "Succeeded", 1)

    @defect(checks.tokens_agree, "sent again to node2")
    def a_node_makes_another_job_of_a_token(self, sound):
        sound.findings.tokens["token1"]["node2"] = "job9"

    @defect(checks.tokens_agree, "sent again to node2")
    def a_node_refuses_a_token_that_was_accepted(self, sound):
        sound.findings.tokens["token1"]["node2"] = "400: ProfileNotActive"

    @defect(checks.cancels_kept, "was first sent 9.000 s after")
    def a_start_after_a_cancel_is_accepted(self, sound):
        sound.refused.attempts = [Attempt("e1", "node2", 60.0, 61.0, answer="job5")]
        sound.job("job5", sound.refused, "Succeeded", 1)

    @defect(checks.cancels_kept, "was first sent")
    def a_start_after_a_cancel_is_kept_and_not_answered(self, sound):
        sound.refused.attempts = [Attempt("e1", "node2", 60.0, 61.0)]
        sound.job("job5", sound.refused, "Succeeded", 1)

    @defect(checks.cancels_kept, "made only by requests that began after")
    def the_second_try_of_a_start_makes_the_job_after_a_cancel(self, sound):
        sound.first.attempts[0].answer = None
        sound.findings.accepts.remove(("job1", "a1"))

    @defect(checks.cancels_kept, "is Active on node2")
    def a_node_does_not_know_of_a_cancel(self, sound):
        sound.findings.canceled["old"]["node2"] = "Active"

    @defect(checks.starts_recorded, "0 audit records")
    def an_accepted_start_has_no_audit_record(self, sound):
        sound.findings.accepts.remove(("job1", "a2"))

    @defect(checks.starts_recorded, "2 audit records")
    def an_accepted_start_has_two_audit_records(self, sound):
        sound.findings.accepts.append(("job1", "a1"))

    @defect(checks.uploads_whole, "is not listed")
    def an_upload_is_lost(self, sound):
        sound.findings.versions.remove(("image1", "v1"))

    @defect(checks.uploads_whole, "was not read back")
    def an_upload_is_not_looked_at(self, sound):
        sound.findings.contents.clear()

    @defect(checks.uploads_whole, "cannot be read on node1")
    def an_upload_cannot_be_read(self, sound):
        sound.findings.contents["node1", "image1", "v1"] = None

    @defect(checks.uploads_whole, "other bytes on node2")
    def an_upload_has_other_bytes_on_one_node(self, sound):
        sound.findings.contents["node2", "image1", "v1"] = digest_of(b"half")

    @defect(checks.uploads_whole, "other bytes on node1")
    def an_upload_without_answer_is_there_by_half(self, sound):
        sound.upload.attempts[0].answer = None
        sound.findings.contents["node1", "image1", "v1"] = digest_of(b"half")

    @defect(checks.uploads_whole, "was uploaded by nobody")
    def an_object_out_of_nothing(self, sound):
        sound.findings.contents["node1", "image9", "v9"] = digest_of(b"")

    @defect(checks.refusals_right, "token5 was refused by node2")
    def a_start_is_refused_before_its_profile_is_canceled(self, sound):
        sound.refused.attempts[0].began, sound.refused.attempts[0].ended = 40.0, 41.0

    @defect(checks.refusals_right, "token5 was refused by node2: 403")
    def a_start_is_refused_for_another_reason(self, sound):
        sound.refused.attempts[0].refusal = "403: AccessDeniedException"

    @defect(checks.refusals_right, "token4 was refused by node2")
    def a_start_with_an_active_profile_is_refused(self, sound):
        sound.taken.attempts.insert(0, Attempt("d0", "node2", 9.0, 9.5, refusal="400: ProfileNotActive"))

    @defect(checks.refusals_right, "the upload image1 was refused")
    def an_upload_is_refused(self, sound):
        sound.upload.attempts.insert(0, Attempt("u0", "node2", 0.1, 0.2, refusal="403: AccessDenied"))

    @defect(checks.refusals_right, "a client broke")
    def a_client_breaks(self, sound):
        sound.history.surprises.append("a client broke: KeyError")

    @defect(checks.nodes_agree, "not listed by node2")
    def a_node_lists_a_job_less(self, sound):
        del sound.findings.listed["node2"]["job1"]

    @defect(checks.nodes_agree, "is listed by node1")
    def a_node_lists_a_job_more(self, sound):
        sound.findings.listed["node1"]["job9"] = "Succeeded"

    @defect(checks.nodes_agree, "lists job job1 as InProgress")
    def a_node_lists_an_old_status(self, sound):
        sound.findings.listed["node2"]["job1"] = "InProgress"

    @defect(checks.nodes_agree, "describes job job1 as Failed")
    def a_node_describes_another_status(self, sound):
        sound.findings.described["node2", "job1"] = ("Failed", None)

    @defect(checks.nodes_agree, "with object signed/job2")
    def a_failed_job_is_described_with_an_object(self, sound):
        sound.findings.described["node2", "job2"] = ("Failed", "signed/job2")

    @defect(checks.nodes_end_when_asked, "was to stay alive")
    def a_node_ends_by_itself(self, sound):
        sound.findings.exits.append(("node2", "stay alive", "end with -6"))

    @defect(checks.nodes_end_when_asked, "did: not end")
    def a_node_does_not_end_when_it_is_asked_to(self, sound):
        sound.findings.exits.append(("node2", "end with 0", "not end"))

    @defect(checks.everything_happened, "there was no kill")
    def a_kind_of_fault_is_missing(self, sound):
        sound.findings.faults["kill"] = 0

    @defect(checks.everything_happened, "no job was taken over")
    def no_job_was_taken_over(self, sound):
        sound.findings.jobs["job4"].fence = 1

    @defect(checks.everything_happened, "no start was refused after a cancel")
    def nothing_was_tried_after_a_cancel(self, sound):
        del sound.history.starts["token5"]

    @defect(checks.everything_happened, "no token was sent again to every node")
    def no_token_was_sent_again(self, sound):
        sound.findings.tokens.clear()


class Checks(unittest.TestCase):
    def test_a_sound_deployment_has_no_difference(self):
        sound = Sound()
        for check in checks.PROPERTIES:
            self.assertEqual(list(check(sound.history, sound.findings)), [], check.__name__)

    def test_every_property_has_a_defect(self):
        found = {method.check for method in vars(Defects).values() if hasattr(method, "check")}
        self.assertEqual(found, set(checks.PROPERTIES))

    def test_a_run_in_which_nothing_happened_proves_nothing(self):
        nothing = list(checks.everything_happened(History(), Findings(faults=dict.fromkeys(faults.KINDS, 0))))
        self.assertEqual(len(nothing), len(faults.KINDS) + 12, nothing)

    def test_a_start_that_was_answered_before_the_cancel_may_be_repeated_after_it(self):
        sound = Sound()
        sound.findings.accepts.append(("job1", "made by a request that is not among the attempts"))
        self.assertEqual(list(checks.cancels_kept(sound.history, sound.findings)), [])


def make_test(method):
    def test(self):
        sound = Sound()
        before = copy.deepcopy(sound)
        method(None, sound)
        differences = list(method.check(sound.history, sound.findings))
        self.assertTrue(any(method.words in difference for difference in differences), differences)
        self.assertEqual(list(method.check(before.history, before.findings)), [])

    return test


for name, method in list(vars(Defects).items()):
    if hasattr(method, "check"):
        setattr(Checks, f"test_{name}", make_test(method))


class Plans(unittest.TestCase):
    def test_every_kind_of_fault_happens_and_everything_is_up_in_the_end(self):
        for seed in range(200):
            nodes = 2 + seed % 2
            clock, away, kinds, is_database_up = 0.0, {}, set(), True
            for word, argument in faults.plan(seed, nodes, 5):
                kinds.add(faults.kind_of(word, argument))
                if word == "wait":
                    clock += argument
                elif word in ("kill", "term", "pause"):
                    self.assertNotIn(argument, away)
                    away[argument] = (word, clock)
                elif word == "start":
                    self.assertTrue(is_database_up)
                    self.assertIn(away.pop(argument)[0], ("kill", "term"))
                elif word == "resume":
                    before, since = away.pop(argument)
                    self.assertEqual(before, "pause")
                    self.assertGreater(clock - since, LEASE_SECONDS + 1)
                elif word.endswith("database"):
                    is_database_up = word == "start database"
            self.assertEqual((away, is_database_up), ({}, True))
            self.assertLessEqual(set(faults.KINDS), kinds)

    def test_a_seed_repeats_its_plan(self):
        self.assertEqual(faults.plan(7, 3, 30), faults.plan(7, 3, 30))
        self.assertNotEqual(faults.plan(7, 3, 30), faults.plan(8, 3, 30))


class FakeWorkload:
    """Nodes whose answers are given."""

    seed = 1

    def __init__(self, **answers):
        self.nodes = [type("Node", (), {"name": name}) for name in answers]
        self.answers = answers
        self.ids = iter(range(1000))
        self.aborted = threading.Event()

    def client(self, node):
        return type("FakeClient", (), {"node": node.name})()

    def next_id(self):
        return f"a{next(self.ids)}"

    def call(self, client):
        answer = self.answers[client.node]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Senders(unittest.TestCase):
    def send(self, workload, **named):
        attempts = []
        attempt = Sender(workload, "test").send(attempts, workload.call, **named)
        return attempt, attempts

    def test_a_request_without_answer_goes_to_another_node(self):
        attempt, attempts = self.send(FakeWorkload(node1=Gone("no"), node2="job1"), first="node1")
        self.assertEqual((attempt.node, attempt.answer), ("node2", "job1"))
        self.assertEqual([(one.node, one.answer) for one in attempts], [("node1", None), ("node2", "job1")])
        self.assertEqual(len({one.id for one in attempts}), 2)

    def test_a_refusal_is_an_answer(self):
        attempt, attempts = self.send(FakeWorkload(node1=Refused(400, b"no"), node2="job1"), first="node1")
        self.assertIn("400", attempt.refusal)
        self.assertEqual(len(attempts), 1)

    def test_who_gives_up_tries_once(self):
        attempt, attempts = self.send(FakeWorkload(node1=Gone("no"), node2="job1"), first="node1", gives_up=True)
        self.assertIsNone(attempt)
        self.assertEqual(len(attempts), 1)

    def test_an_aborted_client_tries_nothing_again(self):
        workload = FakeWorkload(node1=Gone("no"), node2=Gone("no"))
        workload.aborted.set()
        attempt, attempts = self.send(workload)
        self.assertEqual((attempt, len(attempts)), (None, 1))


class Rows(unittest.TestCase):
    def test_rows_of_the_database_become_findings(self):
        found = Findings()
        readback.read_database([
            '{"what": "job", "id": "j", "token": "t", "profile": "p", "status": "InProgress", "reason": "", "fence": 2,'
            ' "completed_at": null, "destination": "signed/j", "source": ["k", "v"]}',
            '{"what": "event", "job": "j", "status": "Failed"}', '{"what": "end", "job": "j", "status": "Succeeded"}',
            '{"what": "accept", "job": "j", "attempt": "a1"}'], found)  # fmt: skip
        self.assertEqual(found.jobs["j"], Job("j", "t", "p", "InProgress", "", False, 0.0, "signed/j", ("k", "v"), 2))
        self.assertEqual((found.events, found.ends), ([("j", "Failed")], [("j", "Succeeded")]))
        self.assertEqual(found.accepts, [("j", "a1")])


if __name__ == "__main__":
    unittest.main()
