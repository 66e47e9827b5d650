# SPDX-License-Identifier: Apache-2.0
"""Rules about C++ under src/. A rule takes (tree, source) and yields (line, message)."""

import re

TEST_FILE = re.compile(r"_(test|fuzz|bench)\.cc$|/testing/")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Which folder may include which third-party header. A pattern is the beginning of what stands between the brackets.
THIRD_PARTY = [
    ("argon2.h", ("platform/crypto",)),
    ("png.h", ("platform/qr",)),
    ("qrencode.h", ("platform/qr",)),
    ("openssl/", ("platform/crypto", "platform/http")),
    ("boost/asio", ("platform/http",)),
    ("boost/beast", ("platform/http",)),
    ("boost/json", ("platform/json",)),
    ("boost/system", ("platform/http", "platform/json")),
    ("boost/core", ("platform/http", "platform/json")),
    ("sqlite3.h", ("platform/db",)),
    ("libpq-fe.h", ("platform/db",)),
    ("libpq", ("platform/db",)),
    ("pugixml.hpp", ("platform/xml",)),
    ("libxml/", ("platform/xmldsig",)),
    ("xmlsec/", ("platform/xmldsig",)),
    ("pcre2.h", ("platform/regex",)),
    ("curl/", ("platform/curl",)),
    ("zlib.h", ("platform/zip",)),
    ("p11-kit", ("platform/pkcs11",)),
    ("mosquitto.h", ("platform/mqtt",)),
    ("CLI/", ("apps/cli",)),
]
TEST_ONLY = {"gtest/": "_test.cc", "gmock/": "_test.cc", "rapidcheck": "_test.cc", "benchmark/": "_bench.cc"}
STANDARD = set(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio
    cstdlib cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem forward_list fstream
    functional future initializer_list iomanip ios iosfwd istream iterator latch limits list locale map memory
    memory_resource mutex new numbers numeric optional ostream queue random ranges ratio scoped_allocator semaphore set
    shared_mutex source_location span spanstream sstream stack stdexcept stop_token streambuf string string_view
    system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector
    version stdint.h stddef.h""".split())
BANNED_STANDARD = {
    "regex": "<regex> is banned (it overflows its stack), use platform/regex",
    "format": "<format> is banned (libstdc++ 12 has none), use fmt",
    "print": "<print> is banned (libstdc++ 12 has none), use fmt",
    "iostream": "<iostream> is banned, use platform/telemetry or fmt",
}
# POSIX headers, and the few places outside platform/ and apps/ that may have them.
POSIX_ELSEWHERE = {"base": {"pthread.h", "sys/random.h", "sys/mman.h", "unistd.h"}}


def _under_src(source):
    return source.path[len("src/") :]


def includes(tree, source):
    """A file includes only its own component's headers and those of the dependencies that its component declares."""
    path = _under_src(source)
    own = tree.component_of(path)
    if own is None:
        yield 1, "a file outside every component is banned, use a line in src/CMakeLists.txt"
        return
    in_test = bool(TEST_FILE.search(source.path))
    for number, line in enumerate(source.lines, 1):
        match = INCLUDE.match(line)
        if not match or match[1] != '"':
            continue
        header = match[2]
        if "/testing/" in header and not in_test:
            yield number, f'"{header}" is banned outside tests, use the real thing'
        target = tree.component_of(header)
        if target is None:
            yield number, f'"{header}" is banned, use the path of a header from src/'
        elif target.name != own.name and target.name not in own.deps:
            if not (in_test and target.name in own.test_deps):
                yield number, (f'"{header}" is banned in {own.name}, use a header of a declared dependency '
                               f"(or declare {target.name} in src/CMakeLists.txt)")


def headers(tree, source):
    """A third-party header stays in its platform folder, a POSIX header in platform/ and apps/."""
    path = _under_src(source)
    layer = path.split("/")[0]
    for number, line in enumerate(source.lines, 1):
        match = INCLUDE.match(line)
        if not match or match[1] != "<":
            continue
        header = match[2]
        if header in STANDARD:
            continue
        if header in BANNED_STANDARD:
            if not (header == "iostream" and layer == "apps"):
                yield number, BANNED_STANDARD[header]
            continue
        message = _third_party(header, path, layer)
        if message:
            yield number, message


def _third_party(header, path, layer):
    if header.startswith("fmt/"):
        return "fmt is banned in base, use std::string" if layer == "base" else None
    for prefix, ending in TEST_ONLY.items():
        if header.startswith(prefix):
            allowed = path.endswith(ending) or "/testing/" in path
            return None if allowed else f"<{header}> is banned here, use it in *{ending} alone"
    for prefix, folders in THIRD_PARTY:
        if header.startswith(prefix):
            allowed = any(path.startswith(folder + "/") for folder in folders)
            return None if allowed else f"<{header}> is banned here, use {' or '.join(folders)}"
    if header.startswith("boost/"):
        return None if layer == "platform" else f"<{header}> is banned here, use a folder of platform/"
    if header.endswith(".h") and (layer in ("platform", "apps") or TEST_FILE.search(path)):
        return None
    if header in POSIX_ELSEWHERE.get(layer, ()):
        return None
    return f"<{header}> is banned in {layer}, use an interface of platform/"


SQL = re.compile(r"^\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX|"
                 r"UNIQUE)|ALTER\s+TABLE|WITH\s+\w+\s+AS\s*\()")
SQL_PLACES = re.compile(r"^src/platform/db/|/schema/|/[^/]*(store|schema)[^/]*\.(cc|h)$|/testing/[^/]*\.h$|_test\.cc$")


def sql(tree, source):
    """SQL lies in stores, schemas and platform/db."""
    if SQL_PLACES.search(source.path):
        return
    for number, text in source.strings:
        if SQL.match(text):
            yield number, "SQL is banned here, use the service's store"


def coroutines(tree, source):
    """Coroutines live in platform/http alone."""
    if source.path.startswith("src/platform/http/"):
        return
    for number, line in enumerate(source.code_lines, 1):
        if re.search(r"\bco_(await|return|yield)\b", line):
            yield number, "a coroutine is banned here, use plain code (coroutines live in platform/http)"


CAPTURES = re.compile(r"(?<![\w\])>])\[[^\[\]]+\]\s*(\(|\{|mutable|noexcept|<)")
BRACED = re.compile(r"\b(?:\w+::)*[A-Z]\w*(<[^<>;]*>)?\s*\{|[(,]\s*\{")


def co_await_temporaries(tree, source):
    """No capturing lambda and no braced aggregate inside a co_await expression: GCC 12 destroys them twice."""
    for match in re.finditer(r"\bco_await\b", source.code):
        expression = _expression(source.code, match.end())
        number = source.code.count("\n", 0, match.start()) + 1
        if CAPTURES.search(expression):
            yield number, "a capturing lambda inside co_await is banned (GCC 12), use a named one before it"
        elif BRACED.search(expression):
            yield number, "a braced temporary inside co_await is banned (GCC 12), use a named object before it"


def _expression(code, start):
    """The text from `start` to the end of the expression: a semicolon, or a closing bracket that it did not open."""
    depth = 0
    for at in range(start, len(code)):
        char = code[at]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0:
                return code[start:at]
        elif char == ";" and depth == 0:
            return code[start:at]
    return code[start:]


BANNED_CODE = [
    (re.compile(r"\bthrow\b"), "throw is banned, use Expected (base/error.h)", None),
    (re.compile(r"\bstd::regex\b"), "std::regex is banned, use platform/regex", None),
    (re.compile(r"\bstd::(v?format|format_to|print|println)\b"), "std::format is banned, use fmt::format", None),
    (re.compile(r"\busing\s+namespace\b(?!\s+[\w:]*literals\s*;)"), "using namespace is banned, use names", None),
    (re.compile(r"(?<![\w:.>])assert\s*\("), "assert is banned, use CHECK (base/check.h)", None),
    (re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca)\s*\("), "an unbounded C function is banned, use "
     "std::string", None),
    (re.compile(r"(?<![\w.>])s?rand\s*\(|\brandom_device\b|\bmt19937"), "a random generator is banned, use base/random",
     re.compile(r"src/base/random|_(test|fuzz|bench)\.cc$")),
    (re.compile(r"\.detach\s*\(\s*\)"), "a detached thread is banned, use std::jthread or join it", None),
    (re.compile(r"\bNULL\b"), "NULL is banned, use nullptr", None),
    (re.compile(r"\bstd::endl\b"), "std::endl is banned, use a newline", None),
]
CLOCK = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b|\b(clock_gettime|gettimeofday)\s*\(|"
                   r"\btime\s*\(\s*(nullptr|0)\s*\)")


def banned_code(tree, source):
    """Words of C++ that our code does without."""
    for number, line in enumerate(source.code_lines, 1):
        for pattern, message, exempt in BANNED_CODE:
            if pattern.search(line) and not (exempt and exempt.search(source.path)):
                yield number, message


def clocks(tree, source):
    """aws, model, engine, gateway and services take the time as a parameter or from an injected clock."""
    if _under_src(source).split("/")[0] not in ("aws", "model", "engine", "gateway", "services"):
        return
    for number, line in enumerate(source.code_lines, 1):
        if CLOCK.search(line):
            yield number, "reading the clock is banned here, use the Clock or the time that you were given"


PRODUCT_WORDS = {"signer", "signers", "profile", "profiles", "policy", "policies", "arn", "arns"}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
SIGNER_INFO = re.compile(r"\w*SignerInfo\w*")  # a structure of CMS (RFC 5652)


def platform_words(tree, source):
    """platform/ knows nothing of signer, profile, policy or ARN."""
    if not source.path.startswith("src/platform/") or TEST_FILE.search(source.path):
        return
    for number, line in enumerate(source.lines, 1):
        for word in WORD.findall(SIGNER_INFO.sub("", line)):
            if word.lower() in PRODUCT_WORDS:
                yield number, f"the word {word} is banned in platform/, use words of the outside thing alone"


ASSERTION = re.compile(r"\b(EXPECT|ASSERT)_\w+\s*\(|\bRC_(ASSERT|GTEST)\w*\s*\(|\b(FAIL|ADD_FAILURE)\s*\(|\bTYPED_TEST\b|"
                       r"\bstatic_assert\s*\(")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w:])sleep\s*\(")


def tests(tree, source):
    """A test file asserts something, sleeps never, and hides no test."""
    if not source.path.endswith("_test.cc"):
        return
    if re.search(r"\bTEST(_[FP])?\s*\(", source.code) and not ASSERTION.search(source.code):
        yield 1, "a test without assertion is banned, use EXPECT"
    for number, line in enumerate(source.code_lines, 1):
        if SLEEP.search(line):
            yield number, "sleeping in a test is banned, use an injected clock or a condition"
        if "DISABLED_" in line:
            yield number, "a disabled test is banned, use GTEST_SKIP() with a reason, or remove it"
        if re.search(r"\bGTEST_SKIP\s*\(\s*\)\s*;", line):
            yield number, "a silent skip is banned, use GTEST_SKIP() << \"why\""


def pragma_once(tree, source):
    """Every header has #pragma once."""
    if source.path.endswith(".h") and "#pragma once" not in source.code:
        yield 1, "a header without guard is banned, use #pragma once"


RULES = {
    "includes": includes,
    "headers": headers,
    "sql": sql,
    "coroutines": coroutines,
    "co-await-temporaries": co_await_temporaries,
    "banned-code": banned_code,
    "clocks": clocks,
    "platform-words": platform_words,
    "tests": tests,
    "pragma-once": pragma_once,
}
