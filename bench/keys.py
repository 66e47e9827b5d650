#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Signatures a second with software keys and with keys in a token, beside bare loops over OpenSSL and PKCS#11.

    bench/keys.py [ROUNDS]     15 unless another number is given; needs build/release and Debian's softhsm2

Makes a SoftHSM token with a P-256 and an RSA 2048 key on a scratch folder. Ours and the bare loop take turns of 0.1 seconds on
as many threads, with every signature verified and without; rates are medians of the rounds, and the ratio is the median of
each round's. Our token has two workers of four sessions, as one has whose server was not told otherwise. "cpu" is the CPU
time of a bare signature by that of ours, with the workers' share, which suffers less from neighbours than rates do; "load"
is how many threads of others ran when the row began.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PROGRAM = REPOSITORY / "build/release/firmsign"
DRIVER = REPOSITORY / "build/release/firmsign_bench"
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
THREADS = (1, 2, 4, 8)
WORKERS = 2
SESSIONS = 4
MILLISECONDS = 100
PIN = "4711"
KEYS = {"p256": ("EC", "ec_paramgen_curve:P-256"), "rsa2048": ("RSA", "rsa_keygen_bits:2048")}


def run(*words, environment=None):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, timeout=600,
                          env=environment).stdout


def make_token(folder):
    """A token called bench with a key for each of KEYS; what a process must have in its environment to see it."""
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n"
                                          "log.level = ERROR\n")
    (folder / "pin").write_text(PIN + "\n")
    (folder / "pin").chmod(0o600)
    environment = {**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
    run("softhsm2-util", "--init-token", "--free", "--label", "bench", "--pin", PIN, "--so-pin", "12345678",
        environment=environment)
    for number, (name, (algorithm, option)) in enumerate(KEYS.items(), 1):
        key = folder / f"{name}.pem"
        run("openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", key)
        run("softhsm2-util", "--import", key, "--token", "bench", "--label", name, "--id", f"a{number}", "--pin", PIN,
            environment=environment)
    return environment


def busy_processes():
    """How many threads of this machine run or want to, without this one."""
    return int(Path("/proc/loadavg").read_text().split()[3].split("/")[0]) - 1


def measure(scratch, environment, threads, rounds):
    return json.loads(run(
        DRIVER, "keys", "--folder", scratch, "--module", MODULE, "--worker", PROGRAM, "--threads", threads, "--workers",
        WORKERS, "--sessions", SESSIONS, "--rounds", rounds, "--milliseconds", MILLISECONDS,
        environment=environment))


def print_rows(name, threads, load, measured):
    for kind in ("software", "token"):
        rates = "   ".join(f"{one['ours_per_second']:7.0f} {one['bare_per_second']:7.0f} {one['ratio']:5.2f} "
                           f"{one['bare_cpu_micros'] / one['ours_cpu_micros']:5.2f}"
                           for one in (measured[f"{kind}_verified"], measured[f"{kind}_unverified"]))
        print(f"{name:8} {kind:9} {threads:7} {load:5}  {rates}", flush=True)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory(prefix="firmsign-keys-") as scratch:
        environment = make_token(Path(scratch))
        print(f"{os.cpu_count()} cores, {rounds} rounds; signatures a second")
        print(f"{'':34}{'every one verified':^27}   {'not verified':^27}")
        print(f"{'key':8} {'where':9} {'threads':>7} {'load':>5}  " +
              "   ".join([f"{'ours':>7} {'bare':>7} {'ratio':>5} {'cpu':>5}"] * 2))
        for threads in THREADS:
            load = busy_processes()
            measured = measure(scratch, environment, threads, rounds)
            for name in KEYS:
                print_rows(name, threads, load, measured[name])


if __name__ == "__main__":
    main()
