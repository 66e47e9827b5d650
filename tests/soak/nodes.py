#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients sign over two and three nodes while nodes and the database fail; then everything is read back.

Usage: tests/soak/nodes.py [--short | --minutes N] [--seed N] [--nodes N] [--objects folder|database]

Each scenario has a deployment of its own over one private PostgreSQL cluster. While clients work (workload.py), nodes
are killed, stopped for longer than a lease and continued, ended and started, the database is restarted and its
connections are cut, in an order that follows from the seed (faults.py). Then all nodes are brought up, every job has to
end, and what clients were told is compared with what every node, the objects and the database say (readback.py,
checks.py).

--short (in ./test) takes one scenario with two nodes that share a folder for larger objects, and one with three that
keep all of them in the database. --minutes goes on with longer scenarios, each with the next seed. Every scenario's
seed is printed; `--seed N --nodes N --objects ...` repeats its order of faults and requests; what threads do at the same
time remains theirs. Each property of each scenario counts as one test, and a report says how much there was of
everything.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for folder in ("tests/clients", "tools/testing", "tests/soak"):
    sys.path.insert(0, str(ROOT / folder))

import checks  # noqa: E402
import faults  # noqa: E402
import readback  # noqa: E402
from client import Gone, Refused  # noqa: E402
from fleet import Fleet  # noqa: E402
from harness import BINARY, Identity, eventually  # noqa: E402
from history import History  # noqa: E402
from postgres import PrivateCluster  # noqa: E402
from workload import Workload  # noqa: E402

SHORT_SECONDS, LONG_SECONDS = 12, 60  # of the waits of a plan; restarts come on top
SHORT_SECONDS_MAX = 270  # ./test ends what takes longer, without its cleaning up
SETTLE_SECONDS_MAX = 60  # several leases, rests after failures and restarts of everything
CLIENTS = 5
DIFFERENCES_SHOWN = 8
# One thread that reads each image again: so that jobs wait when their node dies.
SETTINGS = ["signer.threads=1", "signer.use_stored_digest=false"]
KINDS = [(2, "folder"), (3, "database"), (3, "folder"), (2, "database")]  # how many nodes, and where objects lie


class Report:
    """What all scenarios had, in sum."""

    def __init__(self):
        self.passed = self.failed = self.scenarios = self.jobs = self.requests = self.unanswered = self.uploads = 0
        self.leased_again = self.late_results = self.differences = 0
        self.longest = 0.0
        self.faults = {}

    def add(self, history, findings):
        self.scenarios += 1
        self.jobs += len(findings.jobs)
        self.uploads += sum(bool(upload.versions()) for upload in history.uploads.values())
        attempts = [attempt for start in history.starts.values() for attempt in start.attempts]
        self.requests += len(attempts)
        self.unanswered += sum(not attempt.answer and not attempt.refusal for attempt in attempts)
        self.leased_again += sum(job.fence - 1 for job in findings.jobs.values())
        self.late_results += findings.late_results
        self.longest = max(self.longest, longest_wait(history, findings))
        for kind, count in findings.faults.items():
            self.faults[kind] = self.faults.get(kind, 0) + count

    def text(self):
        lines = [
            ("scenarios", self.scenarios), ("jobs", self.jobs), ("requests to start one", self.requests),
            ("of these without an answer", self.unanswered), ("acknowledged uploads", self.uploads),
            *((f"faults: {kind}", count) for kind, count in self.faults.items()),
            ("leases taken over", self.leased_again), ("late results refused", self.late_results),
            ("longest time from acknowledgement to end", f"{self.longest:.1f} s"),
            ("differences found", self.differences),
        ]  # fmt: skip
        return "\n".join(f"{name:44} {value}" for name, value in lines)


def longest_wait(history, findings):
    waits = [0.0]
    for start in history.starts.values():
        for job in start.jobs() & findings.jobs.keys():
            if start.acknowledged_at is not None and findings.jobs[job].is_completed:
                waits.append(findings.jobs[job].completed_at - start.acknowledged_at)
    return max(waits)


def scenario(cluster, identities, scratch, seed, kind, seconds, report):
    """One deployment, its faults, and what is found; adds to the report."""
    history = History()
    count, objects = kind
    name = name_of(seed, kind)
    with Fleet(cluster, f"soak_{seed}", scratch, count, objects, SETTINGS) as fleet:
        workload = Workload(fleet, history, seed, CLIENTS)
        try:
            workload.prepare(*identities)
            workload.run()
            faults.run(faults.plan(seed, count, seconds), fleet, workload)
            fleet.heal()
        except BaseException:
            workload.stop(is_aborted=True)
            raise
        workload.stop()
        try:
            eventually(lambda: fleet.unfinished() == 0, "every job ends", SETTLE_SECONDS_MAX)
        except AssertionError as error:
            print(f"{name}: {error}", flush=True)  # the checks say which
        findings = readback.read_back(fleet, workload, identities[0], scratch)
        for node in fleet.nodes:
            fleet.term(node)
        findings.exits = list(fleet.exits)
        judge(name, history, findings, fleet, report)


def judge(name, history, findings, fleet, report):
    report.add(history, findings)
    failed = 0
    for check in checks.PROPERTIES:
        differences = list(check(history, findings))
        if not differences:
            report.passed += 1
            continue
        failed += 1
        report.differences += len(differences)
        print(f"FAILED {name}: {check.__doc__}: {len(differences)} differences")
        for difference in differences[:DIFFERENCES_SHOWN]:
            print(f"    {difference}")
    report.failed += failed
    taken = sum(job.fence > 1 for job in findings.jobs.values())
    verdict = f"{failed} properties failed" if failed else "ok"
    print(f"{name}: {len(findings.jobs)} jobs, {sum(findings.faults.values())} faults, {taken} jobs taken over, "
          f"longest {longest_wait(history, findings):.1f} s, {verdict}", flush=True)
    if failed:
        where = fleet.keep_logs(ROOT / "build/soak-logs" / name.replace(",", "").replace(" ", "-"))
        print(f"    the nodes' logs: {where.relative_to(ROOT)}", flush=True)


def soak(options, cluster, root, report):
    identities = Identity(root, "p256"), Identity(root, "rsa2048")
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    end = time.monotonic() + 60 * (options.minutes or 0)
    kinds = [kind for kind in KINDS if options.nodes in (None, kind[0]) and options.objects in (None, kind[1])]
    number = 0
    while number < min(2, len(kinds)) or time.monotonic() < end:
        scratch = Path(tempfile.mkdtemp(dir=root))
        kind = kinds[number % len(kinds)]
        seconds = LONG_SECONDS if options.minutes else SHORT_SECONDS
        try:
            scenario(cluster, identities, scratch, seed + number, kind, seconds, report)
        except (AssertionError, RuntimeError, Gone, Refused) as error:
            report.failed += 1
            print(f"FAILED {name_of(seed + number, kind)}: {error!r}", flush=True)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        number += 1


def name_of(seed, kind):
    return f"{kind[0]} nodes, objects in the {kind[1]}, seed {seed}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--short", action="store_true", help="two scenarios of about half a minute (the default)")
    length.add_argument("--minutes", type=float, help="goes on for this long")
    parser.add_argument("--seed", type=int, help="repeats the order of faults that a run with this seed had")
    parser.add_argument("--nodes", type=int, choices=[2, 3], help="only with so many nodes")
    parser.add_argument("--objects", choices=["folder", "database"], help="only with larger objects there")
    options = parser.parse_args()
    if not BINARY.exists():
        print(f"{BINARY} is not built: cmake --build build/release")
        return 1
    # So that the scratch folder goes, and the nodes and the database end.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit(143))
    if not options.minutes:
        signal.alarm(SHORT_SECONDS_MAX)
    root = Path(tempfile.mkdtemp(prefix="firmsign-nodes-"))
    report = Report()
    try:
        with PrivateCluster(durable=bool(options.minutes)) as cluster:
            soak(options, cluster, root, report)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(report.text())
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
