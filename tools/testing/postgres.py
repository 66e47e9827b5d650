#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL cluster in a scratch folder, for tests and measurements.

    with PrivateCluster() as cluster:
        run(environment={"FIRMSIGN_TEST_POSTGRES": cluster.url})

    tools/testing/postgres.py COMMAND [ARGUMENT...]     runs a command with such a cluster

It listens on a Unix socket in its folder and on nothing else. PostgreSQL refuses to run as root, so root runs it as the
user `postgres`, whom Debian's package makes.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

VERSION = "15"
BIN = pathlib.Path(f"/usr/lib/postgresql/{VERSION}/bin")


class PrivateCluster:
    def __init__(self, durable: bool = False):
        self.durable = durable  # whether a commit is on the disk; tests that kill no machine are faster without
        self.folder = pathlib.Path()
        self.url = ""

    @staticmethod
    def is_installed() -> bool:
        return (BIN / "postgres").exists()

    def _run(self, *words: str) -> None:
        command = [str(word) for word in words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{words[0]} failed:\n{done.stdout}")

    def __enter__(self) -> "PrivateCluster":
        # Short, because the path of a Unix socket has at most 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="firmsign-pg-", dir="/tmp"))
        try:
            if os.geteuid() == 0:
                shutil.chown(self.folder, "postgres", "postgres")
            self._run(BIN / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                      "--locale=C.UTF-8", "--no-sync")  # fmt: skip
            settings = {
                "listen_addresses": "",
                "unix_socket_directories": str(self.folder),
                "max_connections": "200",
                "fsync": "on" if self.durable else "off",
                "shared_buffers": "64MB",
                "logging_collector": "off",
            }
            options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
            self._run(BIN / "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-t", "60", "-o",
                      options, "start")  # fmt: skip
        except BaseException:
            self.__exit__()
            raise
        self.url = f"postgresql:///postgres?host={self.folder}&user=postgres"
        return self

    def __exit__(self, *_) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run(BIN / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with PrivateCluster() as cluster:
        return subprocess.run(sys.argv[1:], env=os.environ | {"FIRMSIGN_TEST_POSTGRES": cluster.url}).returncode


if __name__ == "__main__":
    sys.exit(main())
