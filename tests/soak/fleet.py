# SPDX-License-Identifier: Apache-2.0
"""Nodes of one deployment over one PostgreSQL database, and what can be done to them.

Everything a fault does is awaited (a process that ended, that is stopped, a database that answers again), so that a
schedule of faults has the same order every time.
"""

import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from harness import Server, eventually, free_port

LEASE_SECONDS = 5  # the least that the server takes
RESTART_SECONDS_MAX = 60
KILLED = f"end with {-signal.SIGKILL}"
ENDED = "end with 0"


class LoggedServer(Server):
    """A server whose output goes into a file: it runs for hours. The end of it is kept for messages."""

    def __init__(self, log, *arguments, **named):
        super().__init__(*arguments, **named)
        self.log = log

    def _read(self, pipe):
        ready = re.compile(rb"^ready (https?://\S+)$")
        with self.log.open("ab", buffering=0) as out:
            for line in iter(pipe.readline, b""):
                out.write(line)
                self._lines = [(self.output + line.decode(errors="replace"))[-4000:]]
                if match := ready.match(line.rstrip(b"\n")):
                    self.endpoint = match[1].decode()
                    self._ready.set()
        self._ready.set()


class Node:
    """One node at a port of its own, which it keeps over restarts."""

    def __init__(self, folder, arguments):
        self.name = folder.name
        self.folder = folder
        self.log = folder.parent / f"{folder.name}.log"
        self.log.touch()
        self.port = free_port()
        self.server = LoggedServer(self.log, folder, *arguments, listen=f"127.0.0.1:{self.port}")
        self.state = "down"

    def write_stacks(self):
        """Appends to the log what every thread is doing, where there is a debugger to ask."""
        if gdb := shutil.which("gdb"):
            command = [gdb, "-p", str(self.server.process.pid), "-batch", "-ex", "thread apply all backtrace 40"]
            with self.log.open("ab") as out:
                subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, timeout=120)

    def late_results(self):
        """How often it found its job taken over when it came to publish the result."""
        with self.log.open("rb") as lines:
            return sum(b"job_taken_over" in line for line in lines)


class Fleet:
    """`count` nodes over a database of their own, with objects in it or in a folder that they share.

    Ends all of them when it is left. Thread safety: one thread acts.
    """

    def __init__(self, cluster, database, folder, count, objects, settings=()):
        self.cluster, self.database, self.folder = cluster, database, Path(folder)
        cluster.rows(f"CREATE DATABASE {database}")
        arguments = ["--database", cluster.url_of(database), "--set", f"signer.lease_seconds={LEASE_SECONDS}"]
        if objects == "folder":
            (self.folder / "objects").mkdir()
            arguments += ["--set", f"s3.objects_folder={self.folder}/objects"]
        arguments += [word for setting in settings for word in ("--set", setting)]
        self.nodes = [Node(self.folder / f"node{number}", arguments) for number in range(1, count + 1)]
        self.exits = []  # (node, what was to happen, what happened), for the checks
        self.faults = {}
        self.is_database_up = True

    def __enter__(self):
        try:
            # The first makes the deployment; who joins brings its master key.
            first, *others = self.nodes
            self.start(first, seconds_max=0)
            for node in others:
                node.folder.mkdir()
                shutil.copy(first.folder / "master.key", node.folder)
            threads = [threading.Thread(target=self.start, args=[node]) for node in others]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if any(node.state != "up" for node in self.nodes):
                raise RuntimeError(f"a node did not start:\n{[node.server.output for node in self.nodes]}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            if node.server.process is not None:
                node.server.kill()

    def credentials(self):
        return self.nodes[0].server.credentials()

    def start(self, node, seconds_max=RESTART_SECONDS_MAX):
        """Starts a node, again and again while the database may still be recovering."""
        end = time.monotonic() + seconds_max
        while True:
            try:
                node.server.start()
                node.state = "up"
                return
            except RuntimeError:
                if time.monotonic() >= end:
                    raise

    # Faults.

    def kill(self, node):
        self.expect_alive(node)
        node.state = "down"
        self.exits.append((node.name, KILLED, f"end with {node.server.kill()}"))

    def term(self, node):
        """Asks the node to end, as an administrator does, and waits until it did."""
        self.expect_alive(node)
        node.state = "down"
        try:
            happened = f"end with {node.server.stop()}"
        except subprocess.TimeoutExpired:
            happened = "not end"
            node.write_stacks()
            node.server.kill()
        self.exits.append((node.name, ENDED, happened))

    def pause(self, node):
        self.expect_alive(node)
        node.server.process.send_signal(signal.SIGSTOP)
        stat = Path(f"/proc/{node.server.process.pid}/stat")
        eventually(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "T", f"{node.name} is stopped")
        node.state = "paused"

    def resume(self, node):
        node.server.process.send_signal(signal.SIGCONT)
        node.state = "up"

    def stop_database(self, mode):
        self.cluster.stop(mode)
        self.is_database_up = False

    def start_database(self):
        self.cluster.start()
        self.is_database_up = True

    def cut_connections(self):
        """Ends every connection to the database but the one that asks for it."""
        self.cluster.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                          f"WHERE datname = '{self.database}' AND pid <> pg_backend_pid()")

    # What has to be so.

    def expect_alive(self, node):
        """Notes a node that ended though nobody asked it to."""
        code = node.server.process.poll() if node.state != "down" else None
        if code is not None:
            self.exits.append((node.name, "stay alive", f"end with {code}: {node.server.output[-1500:]}"))
            node.state = "down"
            self.start(node)

    def heal(self):
        """Brings the database and all nodes up."""
        if not self.is_database_up:
            self.start_database()
        for node in self.nodes:
            if node.state == "paused":
                self.resume(node)
            if node.state == "down":
                self.start(node)
            self.expect_alive(node)

    def rows(self, *statements):
        return self.cluster.rows(*statements, database=self.database)

    def unfinished(self):
        return int(self.rows("SELECT COUNT(*) FROM signer_jobs WHERE status = 'InProgress'")[0])

    def keep_logs(self, where):
        """Copies the logs of all nodes, for whoever has to find the cause of a difference."""
        where.mkdir(parents=True, exist_ok=True)
        for node in self.nodes:
            shutil.copy(node.log, where)
        return where
