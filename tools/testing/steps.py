#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The steps of ./test, in the order in which they run: cheap ones first. See ./test for how to call it."""

import concurrent.futures
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import postgres  # noqa: E402
import results  # noqa: E402
from runner import Runner  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CORES = os.cpu_count() or 1
# Concurrency is tested where threads meet; building more under ThreadSanitizer would cost minutes.
TSAN_TARGETS = [f"{name}_test" for name in ("platform_crypto", "platform_http", "platform_db", "platform_pkcs11",
                                            "platform_telemetry", "engine_keys", "gateway", "services_signer")]

# The programs, and what tests preload into them (tests/soak).
RELEASE_TARGETS = ["all", "crash_shim", "clock_shim", "full_shim"]

# Their tests take any database; stores with contract tests of their own (platform/db/testing/databases.h) need no list.
DATABASE_TARGETS = [f"services_{name}_test" for name in ("acm", "cloudtrail", "events", "iam", "s3", "signer")]

# Client tests that wait for limits, and use no core meanwhile: they start first and run beside the others.
WAITING = ["test_retries.py"]
# Those that take a minute, so that no core waits for one of them at the end.
LONG = ["test_memory.py"]


def format_step(run, counts):
    """clang-format leaves every C and C++ file as it is"""
    files = [file for top in ("src", "bench", "tests") for file in (ROOT / top).rglob("*") if file.suffix in (".h", ".cc", ".c")]
    code, output = run.run(["clang-format-19", "--dry-run", "-Werror", *sorted(files)], "format", 120)
    expect(counts, code == 0, "formatting (clang-format-19 -i FILE)", output)


def tidy_step(run, counts):
    """the rules of tools/tidy"""
    code, output = run.run([sys.executable, "tools/tidy/tidy.py", "--summary"], "tidy", 60)
    rules = [line for line in output.splitlines() if line.startswith("rule ")]
    counts.passed += sum(1 for line in rules if line.endswith(": ok"))
    counts.failed += sum(1 for line in rules if not line.endswith(": ok"))
    if code != 0 or not rules:
        counts.failed = max(counts.failed, 1)
        counts.notes.append("FAILED tidy rules\n" + results.tail(output))


def tools_step(run, counts):
    """the tests of our own tools"""
    for file in sorted((ROOT / "tools").rglob("*_test.py")):
        python(run, counts, file, "tools")


def model_step(run, counts):
    """the model agrees with botocore"""
    files = sorted((ROOT / "tests/model").glob("*.py"))
    if not files:
        counts.fail("FAILED model: tests/model is empty")
    for file in files:
        python(run, counts, file, "model")


def release_step(run, counts):
    """the release build"""
    build(run, counts, "release", RELEASE_TARGETS, 1800)


def unit_step(run, counts):
    """unit, contract and wire tests with ASan and UBSan, stores over SQLite and PostgreSQL"""
    if build(run, counts, "dev", ["all"], 3600):
        programs = [Path(line) for line in (ROOT / "build/dev/tests.txt").read_text().split()]
        with postgres.PrivateCluster() as cluster:
            run.environment["FIRMSIGN_TEST_POSTGRES"] = cluster.url
            googletests(run, counts, programs, "unit")
            # Once more what lies above the stores: over the other database, and with every transaction run twice and
            # objects encrypted.
            for database in ("PostgreSQL", "RunningTwice"):
                run.environment["FIRMSIGN_TEST_DATABASE"] = database
                if database == "RunningTwice":
                    run.environment["FIRMSIGN_TEST_ENCRYPTED"] = "1"
                googletests(run, counts, [one for one in programs if one.name in DATABASE_TARGETS], database)
            for name in ("POSTGRES", "DATABASE", "ENCRYPTED"):
                del run.environment[f"FIRMSIGN_TEST_{name}"]


def clang_tidy_step(run, counts):
    """clang-tidy over all our files"""
    if not build(run, counts, "tidy", ["generated"], 300):
        return
    code, output = run.run([sys.executable, "tools/tidy/run_clang_tidy.py", "build/tidy"], "clang-tidy", 1800)
    expect(counts, code == 0, "clang-tidy", output)


def gcc_step(run, counts):
    """the second compiler builds everything, and the tests pass there too"""
    if build(run, counts, "gcc", ["all"], 3600):
        programs = [Path(line) for line in (ROOT / "build/gcc/tests.txt").read_text().split()]
        googletests(run, counts, programs, "gcc")


def tsan_step(run, counts):
    """the concurrency tests with ThreadSanitizer"""
    if not configure(run, counts, "tsan"):
        return
    programs = [Path(line) for line in (ROOT / "build/tsan/tests.txt").read_text().split()]
    programs = [program for program in programs if program.name in TSAN_TARGETS]
    if programs and build(run, counts, "tsan", [program.name for program in programs], 1800):
        before = counts.passed + counts.failed
        with postgres.PrivateCluster() as cluster:
            run.environment["FIRMSIGN_TEST_POSTGRES"] = cluster.url
            googletests(run, counts, programs, "tsan", "*Concurrency*")
            del run.environment["FIRMSIGN_TEST_POSTGRES"]
        if counts.passed + counts.failed == before:
            counts.fail("FAILED tsan: no test suite has Concurrency in its name")


def fuzz_step(run, counts):
    """every fuzz target over every file of its corpus"""
    if not configure(run, counts, "fuzz"):
        return
    lines = [line.split() for line in (ROOT / "build/fuzz/fuzzers.txt").read_text().splitlines() if line]
    if not lines or not build(run, counts, "fuzz", [Path(program).name for program, _ in lines], 1800):
        return
    for program, corpus in lines:
        files = sorted(file for file in (ROOT / "tests/corpus" / corpus).glob("*") if file.is_file())
        name = f"{Path(program).name} over {len(files)} files"
        code, output = run.run([program, "-timeout=10", "-rss_limit_mb=2048", *files], "fuzz", 300, run.scratch)
        expect(counts, code == 0 and bool(files), name, output)


def clients_step(run, counts):
    """the stock aws command and AWS's SDKs for Python, JavaScript and Java against the real program"""
    if not build(run, counts, "release", RELEASE_TARGETS, 1800):
        return
    files = sorted((ROOT / "tests/clients").glob("test_*.py"), key=lambda file: (file.name not in WAITING, file.name not in LONG, -file.stat().st_size))

    def one(file):
        junit = run.scratch / f"{file.stem}.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={junit}", file]
        code, output = run.run(command, f"clients-{file.stem}", 900)
        answer = results.from_junit(junit.read_text()) if junit.exists() else results.Counts()
        if not junit.exists() or (code not in (0, 1)):
            answer.fail(f"FAILED {file.name}: pytest ended with {code}\n" + results.tail(output))
        return answer

    with concurrent.futures.ThreadPoolExecutor(CORES + len(WAITING)) as pool:
        for answer in pool.map(one, files):
            counts.add(answer)


def soak_step(run, counts):
    """crash points from outside, a sample of them; and nodes over PostgreSQL that die, hang and lose it"""
    if not build(run, counts, "release", RELEASE_TARGETS, 1800):
        return
    python(run, counts, ROOT / "tests/soak/crash_shim_test.py", "soak")
    code, output = run.run([sys.executable, "tests/soak/soak.py", "--short"], "soak", 900)
    counts.add(results.from_last_line(output, code, "soak"))
    python(run, counts, ROOT / "tests/soak/nodes_test.py", "soak")
    if not postgres.PrivateCluster.is_installed():
        counts.skipped += 1
        counts.notes.append(f"skipped tests/soak/nodes.py: PostgreSQL {postgres.VERSION} is not installed")
        return
    code, output = run.run([sys.executable, "tests/soak/nodes.py", "--short"], "soak-nodes", 300)
    counts.add(results.from_last_line(output, code, "soak/nodes.py"))


# name, function, seconds that it may take on two cores with nothing cached
STEPS = [
    ("format", format_step, 20),
    ("tidy", tidy_step, 5),
    ("tools", tools_step, 30),
    ("model", model_step, 30),
    ("release", release_step, 360),
    ("unit", unit_step, 660),
    ("clang-tidy", clang_tidy_step, 300),
    ("gcc", gcc_step, 300),
    ("tsan", tsan_step, 150),
    ("fuzz", fuzz_step, 240),
    ("clients", clients_step, 240),
    ("soak", soak_step, 240),
]
GROUPS = {"quick": ["format", "tidy", "tools", "model", "unit"], "wire": ["unit"]}


def expect(counts, condition, name, output):
    if condition:
        counts.passed += 1
    else:
        counts.fail(f"FAILED {name}\n{results.tail(output)}")


def python(run, counts, file, log):
    code, output = run.run([sys.executable, file], log, 300)
    counts.add(results.from_unittest(output, code, str(file.relative_to(ROOT))))


def configure(run, counts, preset):
    code, output = run.run(["cmake", "--preset", preset], f"build-{preset}", 300)
    if code != 0:
        counts.fail(f"FAILED configuration of {preset}\n{results.tail(output)}")
    return code == 0


BUILT = {}


def build(run, counts, preset, targets, seconds_max):
    """Builds once; a second call with the same targets answers what the first did, and counts nothing."""
    key = (preset, tuple(targets))
    if key not in BUILT:
        BUILT[key] = configure(run, counts, preset)
        if BUILT[key]:
            command = ["cmake", "--build", f"build/{preset}", "--target", *targets, "--", "-k", "0"]
            code, output = run.run(command, f"build-{preset}", seconds_max)
            errors = [line for line in output.splitlines() if re.search(r"\berror\b|FAILED:|undefined ", line)]
            expect(counts, code == 0, f"build of {preset}", "\n".join(errors[:40]) or output)
            BUILT[key] = code == 0
    elif not BUILT[key]:
        counts.fail(f"FAILED: {preset} was not built")
    return BUILT[key]


def googletests(run, counts, programs, log, only="*"):
    """Runs test programs, as many at once as there are cores."""
    if not programs:
        counts.fail(f"FAILED {log}: there is no test program")

    def one(program):
        report = run.scratch / f"{log}-{program.name}.json"
        folder = run.scratch / f"{log}-{program.name}"
        folder.mkdir(exist_ok=True)
        command = [program, f"--gtest_output=json:{report}", f"--gtest_filter={only}"]
        code, output = run.run(command, f"{log}-{program.name}", 600, folder)
        answer = results.from_googletest(report.read_text(), program.name) if report.exists() else results.Counts()
        if code != 0 and not answer.failed:
            answer.fail(f"FAILED {program.name}: exit code {code}\n{results.tail(output)}")
        answer.notes += [f"    because: {reason}" for reason in re.findall(r": Skipped\n(.+)", output)]
        shutil.rmtree(folder, ignore_errors=True)
        return answer

    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        for answer in pool.map(one, programs):
            counts.add(answer)


def chosen(arguments):
    names = [name for name, _, _ in STEPS]
    wanted = [step for argument in arguments for step in GROUPS.get(argument, [argument])]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        print(f"unknown step {unknown[0]}; there are: {' '.join(names)}, and the groups {' '.join(GROUPS)}")
        sys.exit(2)
    return [step for step in STEPS if not wanted or step[0] in wanted]


def main(arguments):
    if "--list" in arguments:
        for name, step, seconds in STEPS:
            print(f"{name:12} {step.__doc__}, in {seconds} s")
        return 0
    steps = chosen(arguments)
    run = Runner(ROOT)
    # An interrupted run still ends its programs and removes its scratch folder.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    total = results.Counts()
    try:
        for name, step, budget in steps:
            print(f"{name:12} {step.__doc__} ...", flush=True)
            counts, start = results.Counts(), time.monotonic()
            step(run, counts)
            seconds = time.monotonic() - start
            for note in counts.notes:
                print(note)
            late = f"  OVER BUDGET ({budget} s)" if seconds > budget else ""
            skipped = f", {counts.skipped} skipped" if counts.skipped else ""
            print(f"{name:12} {counts.passed} passed, {counts.failed} failed{skipped} in {seconds:.0f} s{late}", flush=True)
            total.add(counts)
    finally:
        run.close()
    for note in total.notes if total.failed and len(steps) > 1 else []:
        if note.startswith("FAILED"):
            print(note.split("\n")[0])
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"{total.passed} passed, {total.failed} failed{skipped}")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
