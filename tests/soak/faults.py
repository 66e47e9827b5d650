# SPDX-License-Identifier: Apache-2.0
"""Which faults happen in which order: a plan that follows from a seed, and its execution on a fleet.

The waits of a plan are the only ones that pass time for its own sake; everything else awaits what it did. A plan is a
list of (word, argument); its order is fixed, only the real time between its steps varies with the machine.
"""

import random
import time

from fleet import LEASE_SECONDS

KINDS = ["kill", "pause", "term", "fast restart of the database", "immediate restart of the database",
         "cut of all connections"]
PAUSE_SECONDS_MIN = LEASE_SECONDS + 1.5


class Planner:
    """Writes down steps, and continues a paused node when it was away for longer than a lease."""

    def __init__(self, seed, nodes):
        self.random = random.Random(f"faults {seed}")
        self.nodes = nodes
        self.steps = []
        self.clock = 0.0  # of the waits alone: real time is never less
        self.paused = {}  # node -> when it goes on

    def add(self, word, argument):
        self.steps.append((word, argument))

    def wait(self, seconds):
        end = self.clock + seconds
        for node, at in sorted(self.paused.items(), key=lambda one: one[1]):
            if at <= end:
                self.pass_time(at - self.clock)
                self.add("resume", node)
                del self.paused[node]
        self.pass_time(end - self.clock)

    def pass_time(self, seconds):
        if seconds > 0:
            self.add("wait", round(seconds, 3))
            self.clock += seconds

    def free_node(self):
        """A node that is not paused; with the last one paused, waits until one goes on."""
        while True:
            free = [node for node in range(self.nodes) if node not in self.paused]
            if free:
                return self.random.choice(free)
            self.wait(0.5)

    def fault(self, kind):
        uniform = self.random.uniform
        if kind == "cut of all connections":
            self.add("cut", None)
        elif kind.endswith("of the database"):
            self.add("stop database", kind.split()[0])
            # Sometimes a node dies while there is no database.
            victim = self.free_node() if self.random.random() < 0.3 else None
            self.wait(uniform(0.0, 1.2))
            if victim is not None:
                self.add("kill", victim)
            self.add("start database", None)
            if victim is not None:
                self.add("start", victim)
        else:
            node = self.free_node()
            self.add("burst", node)
            self.add(kind, node)
            if kind == "pause":
                self.paused[node] = self.clock + PAUSE_SECONDS_MIN + uniform(0, 1)
            else:
                self.wait(uniform(0.1, 1.5))
                self.add("start", node)


def plan(seed, nodes, seconds):
    """At least each kind once, and at least `seconds` long."""
    planner = Planner(seed, nodes)
    first = True
    while first or planner.clock < seconds:
        # The longest begins early, so that others happen meanwhile.
        bag = planner.random.sample(KINDS, len(KINDS))
        if first:
            bag.remove("pause")
            bag.insert(planner.random.randrange(2), "pause")
        for kind in bag:
            if not first and planner.clock >= seconds:
                break
            planner.wait(planner.random.uniform(0.3, 1.2))
            planner.fault(kind)
        first = False
    while planner.paused:
        planner.wait(max(0.0, min(planner.paused.values()) - planner.clock))
    planner.wait(0.5)
    return planner.steps


def kind_of(word, argument):
    """The kind of fault that a step is; None for what undoes a fault."""
    return {"kill": "kill", "pause": "pause", "term": "term", "cut": "cut of all connections",
            "stop database": f"{argument} restart of the database"}.get(word)


def run(steps, fleet, workload):
    """Does what the plan says. Counts faults by kind in fleet.faults."""
    fleet.faults = dict.fromkeys(KINDS, 0)
    for word, argument in steps:
        node = fleet.nodes[argument] if isinstance(argument, int) else None
        if word == "wait":
            time.sleep(argument)
        elif word == "burst":
            workload.burst(node)
        elif word == "cut":
            fleet.cut_connections()
        elif word == "stop database":
            fleet.stop_database(argument)
        elif word == "start database":
            fleet.start_database()
        else:
            {"kill": fleet.kill, "term": fleet.term, "pause": fleet.pause, "resume": fleet.resume,
             "start": fleet.start}[word](node)
        if kind := kind_of(word, argument):
            fleet.faults[kind] += 1
