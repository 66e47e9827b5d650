#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL cluster in a scratch folder, for tests and measurements.

    with PrivateCluster() as cluster:
        run(environment={"FIRMSIGN_TEST_POSTGRES": cluster.url})

    tools/testing/postgres.py COMMAND [ARGUMENT...]     runs a command with such a cluster

It listens on a Unix socket in its folder and on nothing else. PostgreSQL refuses to run as root, so root runs it as the
user `postgres`, whom Debian's package makes.
"""

import contextlib
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
    def __init__(self, durable: bool = False, password: str = "", tls_port: int = 0):
        self.durable = durable  # whether a commit is on the disk; tests that kill no machine are faster without
        self.password = password  # empty: everybody who reaches it is trusted
        self.tls_port = tls_port  # also listens there on 127.0.0.1, with the certificate folder / "server.crt"
        self.folder = pathlib.Path()
        self.url = ""  # of the database that is always there

    def url_of(self, database: str) -> str:
        return f"postgresql:///{database}?host={self.folder}&user=postgres"

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
            authentication = ["-A", "trust"]
            if self.password:
                (self.folder / "password").write_text(self.password + "\n")
                authentication = ["-A", "scram-sha-256", f"--pwfile={self.folder / 'password'}"]
            self._run(BIN / "initdb", "-D", self.folder / "data", "-U", "postgres", *authentication, "-E", "UTF8",
                      "--locale=C.UTF-8", "--no-sync")  # fmt: skip
            if self.tls_port:
                self._run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                          "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.folder / "server.key",
                          "-out", self.folder / "server.crt")  # fmt: skip
            self.start()
        except BaseException:
            self.__exit__()
            raise
        self.url = self.url_of("postgres")
        return self

    def start(self) -> None:
        """Starts the server of a cluster that is there, as it was configured at first."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "fsync": "on" if self.durable else "off",
            "shared_buffers": "64MB",
            "logging_collector": "off",
        }
        if self.tls_port:
            settings |= {
                "listen_addresses": "127.0.0.1",
                "port": str(self.tls_port),
                "ssl": "on",
                "ssl_cert_file": str(self.folder / "server.crt"),
                "ssl_key_file": str(self.folder / "server.key"),
            }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run(BIN / "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-t", "60", "-o",
                  options, "start")  # fmt: skip

    def stop(self, mode: str) -> None:
        """Ends the server: `fast` as an administrator does, `immediate` as a crash does."""
        self._run(BIN / "pg_ctl", "-D", self.folder / "data", "-m", mode, "-w", "-t", "60", "stop")

    def rows(self, *statements: str, database: str = "postgres") -> list[str]:
        """The rows of all statements, as psql prints them, a line for each; all see the database at one moment."""
        if len(statements) > 1:
            statements = ("BEGIN ISOLATION LEVEL REPEATABLE READ", *statements, "COMMIT")
        command = [str(BIN / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url_of(database)]
        command += [word for statement in statements for word in ("-c", statement)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"psql failed:\n{done.stderr}")
        return done.stdout.splitlines()

    @contextlib.contextmanager
    def replica(self):
        """The URL of a server beside this one that follows it and may only be read."""
        folder = self.folder / "replica"
        self._run(BIN / "pg_basebackup", "-D", folder, "-R", "-h", self.folder, "-U", "postgres", "-c", "fast", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=200"
        self._run(BIN / "pg_ctl", "-D", folder, "-l", folder / "log", "-w", "-t", "60", "-o", options, "start")
        try:
            yield f"postgresql:///postgres?host={folder}&user=postgres"
        finally:
            self._run(BIN / "pg_ctl", "-D", folder, "-m", "immediate", "-w", "stop")

    def cpu_seconds(self) -> float:
        """What all processes of the server have used, those that have ended included."""
        postmaster = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        total = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            if stat.parent.name == postmaster:
                total += sum(map(int, fields[11:15]))  # its own, and that of children that were waited for
            elif fields[1] == postmaster:
                total += sum(map(int, fields[11:13]))
        return total / os.sysconf("SC_CLK_TCK")

    def __exit__(self, *_) -> None:
        try:
            if (self.folder / "data" / "postmaster.pid").exists():
                self.stop("immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with PrivateCluster() as cluster:
        return subprocess.run(sys.argv[1:], env=os.environ | {"FIRMSIGN_TEST_POSTGRES": cluster.url}).returncode


if __name__ == "__main__":
    sys.exit(main())
