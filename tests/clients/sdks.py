# SPDX-License-Identifier: Apache-2.0
"""The AWS SDKs that are no Debian packages, each from its language's own registry, pinned beside its test.

What was downloaded lies below build/sdks and is used again as long as its lock file and the sources are the same. Each
function either answers, or skips the test with the reason: without a registry there is nothing to test with. Source of
ours that does not compile fails.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess

import pytest
from harness import REGION, ROOT, client_environment

CLIENTS = ROOT / "tests/clients"
CACHE = ROOT / "build/sdks"
DRIVE = CLIENTS / "differential/drive.py"
FETCH_SECONDS_MAX = 180
DEBIAN_PYTHON = "/usr/bin/python3"


def python():
    """The interpreter of a virtual environment with the newest boto3, and with what else Debian has."""
    with installed("python", [CLIENTS / "python/requirements.txt"]) as folder:
        if folder.is_new:
            environment = folder.path / "venv"
            fetch([DEBIAN_PYTHON, "-m", "venv", "--system-site-packages", environment])
            fetch([environment / "bin/pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:",
                   "--cache-dir", CACHE / "pip", "-r", CLIENTS / "python/requirements.txt"])
    return folder.path / "venv/bin/python"


def javascript():
    """A folder with the SDK for JavaScript and our programs."""
    sources = sorted((CLIENTS / "javascript").glob("*.mjs"))
    locks = [CLIENTS / "javascript/package.json", CLIENTS / "javascript/package-lock.json"]
    tool("node")
    with installed("javascript", locks) as folder:
        if folder.is_new:
            for file in locks:
                shutil.copy(file, folder.path)
            fetch([tool("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--cache", CACHE / "npm"],
                  folder.path)
        for file in sources:
            replace(file, folder.path / file.name)
    return folder.path


def java():
    """The words that start a class of ours with the SDK for Java 1.x."""
    pom = CLIENTS / "java/pom.xml"
    tool("java")
    with installed("java", [pom]) as folder:
        if folder.is_new:
            shutil.copy(pom, folder.path)
            fetch([tool("mvn"), "--batch-mode", "--quiet", "-Dstyle.color=never",
                   f"-Dmaven.repo.local={CACHE / 'maven'}", "dependency:copy-dependencies", "-DincludeScope=runtime",
                   f"-DoutputDirectory={folder.path / 'lib'}"], folder.path)
    sources = sorted((CLIENTS / "java").rglob("*.java"))
    path = f"{folder.path / 'lib'}/*"
    with installed("java-classes", [pom, *sources]) as classes:
        if classes.is_new:
            compiled = run([tool("javac"), "--release", "11", "-Xlint:all,-processing", "-Werror", "-cp", path, "-d",
                            classes.path, *sources])
            assert compiled.returncode == 0, compiled.stdout
    return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", f"{classes.path}:{path}"]


def drive(server, command, steps, variables=None, region=REGION):
    """Sends the steps of a task (differential/sequence.py) with a client's program: answers, and what went wrong."""
    key, secret = server.credentials()
    task = {"endpoint": server.endpoint, "region": region, "key": key, "secret": secret, "variables": variables or {},
            "steps": steps}
    answer = subprocess.run(list(map(str, command)), input=json.dumps(task), capture_output=True, text=True,
                            check=False, timeout=240, env=client_environment(server))
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    if answer.returncode == 0 and len(lines) == len(steps):
        return lines, None
    return lines, f"it ended with {answer.returncode} after {len(lines)} steps: {answer.stderr[-4000:]}"


def tool(name):
    found = shutil.which(name)
    if not found:
        pytest.skip(f"there is no {name}: tools/install-packages sdk")
    return found


def fetch(command, directory=None):
    answer = run(command, directory)
    if answer.returncode != 0:
        lines = answer.stdout.strip().splitlines() or ["no output"]
        told = next((line for line in lines if "error" in line.lower()), lines[-1])
        pytest.skip(f"{os.path.basename(command[0])} could not fetch what it needs: {told[:300]}")


def run(command, directory=None):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    try:
        return subprocess.run([str(word) for word in command], cwd=directory, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              timeout=FETCH_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{os.path.basename(command[0])} was not done after {FETCH_SECONDS_MAX} s")


def replace(source, target):
    """Test files run at once, and each lays the programs anew; none may find half of one."""
    partial = target.with_suffix(f".{os.getpid()}")
    shutil.copy(source, partial)
    partial.rename(target)


class Folder:
    def __init__(self, path, is_new):
        self.path, self.is_new = path, is_new


@contextlib.contextmanager
def installed(name, inputs):
    """A folder of build/sdks that depends on `inputs` alone; a new one counts when the block ends without error."""
    digest = hashlib.sha256()
    for file in inputs:
        digest.update(f"{file.relative_to(CLIENTS)}\n".encode() + file.read_bytes())
    CACHE.mkdir(parents=True, exist_ok=True)
    done = CACHE / f"{name}.done"
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = Folder(CACHE / name, not done.exists() or done.read_text() != digest.hexdigest())
        if folder.is_new:
            done.unlink(missing_ok=True)
            shutil.rmtree(folder.path, ignore_errors=True)
            folder.path.mkdir()
        yield folder
        done.write_text(digest.hexdigest())
