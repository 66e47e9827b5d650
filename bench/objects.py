#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""PUT and GET throughput of the object store beside what the same machine can do at best in the same run.

    bench/objects.py [SECONDS]     5 seconds for each run unless another number is given; needs build/release

Sizes of 4 KiB, 1 MiB and 1 GiB by 1 and by 16 clients; takes 20 GiB of disk and six minutes. Requests are presigned, so that
the driver costs little. The limit of an upload in bytes is the slowest of three: a new file of 1 GiB that is written past the
page cache and synced, a loopback connection, and one core's MD5 and SHA-256 one after the other. That of a small upload is one
row of 500 bytes in a grouped commit by as many threads. That of a download is the loopback connection and, for 1 GiB, a file
that is read from the disk. Limits are measured before each run. The result is bench/results/DATE-objects.json.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/clients"))

import harness  # noqa: E402
from conftest import Clients  # noqa: E402

DRIVER = REPOSITORY / "build/release/firmsign_bench"
SIZES = {"4 KiB": 4 << 10, "1 MiB": 1 << 20, "1 GiB": 1 << 30}
CLIENTS = (1, 16)
SMALL = 64 << 10
# Disks of virtual machines are slowed down for a while after a burst, such as the limits are.
REST_SECONDS = 5


def drive(command, **arguments):
    words = [str(DRIVER), command]
    for name, value in arguments.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, timeout=600).stdout)


def presigned(s3, operation, size, count):
    addresses = [s3.generate_presigned_url(operation, Params={"Bucket": "bench", "Key": f"{size}/{number}"})
                 for number in range(count)]
    return ",".join("/" + address.split("/", 3)[3] for address in addresses)


def limit_of(limits, method, size):
    """The best rate for this machine, in requests a second, and what it is that limits."""
    if method == "GET":
        best = {"loopback": limits["loopback_bytes_per_second"]}
        if size == max(SIZES.values()):
            best["file read from the disk"] = limits["read_file_bytes_per_second"]
        name = min(best, key=best.get)
        return best[name] / size, name
    if size <= SMALL:
        return limits["rows_per_second"], "rows"
    hashing = 1 / (1 / limits["md5_bytes_per_second"] + 1 / limits["sha256_bytes_per_second"])
    best = {"new file": limits["new_file_bytes_per_second"], "loopback": limits["loopback_bytes_per_second"],
            "MD5 and SHA-256": hashing}
    name = min(best, key=best.get)
    return best[name] / size, name


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    runs = []
    with tempfile.TemporaryDirectory(dir=REPOSITORY / "build", prefix="bench-") as scratch:
        key = harness.Identity(Path(scratch), "p256").key
        with harness.Server(Path(scratch) / "data", "--set", "log.level=warning") as server:
            s3 = Clients(server, config={"signature_version": "s3v4"}).s3
            s3.create_bucket(Bucket="bench")
            for (name, size), clients, method in itertools.product(SIZES.items(), CLIENTS, ("PUT", "GET")):
                # Each time anew: disks are slower after much work, and neighbours come and go.
                limits = drive("limits", folder=scratch, key=key, clients=clients)
                time.sleep(REST_SECONDS)
                run = drive("objects", address=f"127.0.0.1:{server.port}", server_pid=server.process.pid, method=method,
                            targets=presigned(s3, f"{method.lower()}_object", size, clients), bytes=size, seconds=seconds)
                limit, limiting = limit_of(limits, method, size)
                run |= {"limits": limits, "method": method, "bytes": size, "limit_per_second": limit, "limit": limiting,
                        "ratio": run["per_second"] / limit}
                runs.append(run)
                print(f"{method} {name} by {clients:2}: {run['per_second']:9.1f}/s {run['bytes_per_second'] / 1e6:8.1f} MB/s, "
                      f"server {run['server_cpu_micros_each']:9.0f} us each; {run['ratio']:.2f} of {limiting} "
                      f"({limit:.1f}/s)", flush=True)
    result = {"runs": runs, "cores": os.cpu_count(), "load_average": round(os.getloadavg()[0], 2)}
    path = REPOSITORY / "bench/results" / f"{time.strftime('%Y-%m-%d')}-objects.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written to {path.relative_to(REPOSITORY)}")


if __name__ == "__main__":
    main()
