#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule of tools/tidy finds what it is for and leaves good code alone."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import tidy  # noqa: E402

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
CMAKE = """# SPDX-License-Identifier: Apache-2.0
firmsign_component(base)  # a comment (with brackets)
firmsign_component(platform/json DEPS base LINK Boost::boost)
firmsign_component(platform/http DEPS base LINK Boost::boost)
firmsign_component(platform/db DEPS base)
firmsign_component(aws DEPS base platform/http)
firmsign_model(signer)
set(SERVICES base aws)
firmsign_component(services/s3 DEPS ${SERVICES})
firmsign_component(services/signer DEPS ${SERVICES} model/signer TEST_DEPS platform/db)
firmsign_program(firmsign apps/cli DEPS base)
"""


class Rules(unittest.TestCase):
    def findings(self, path, text, others=()):
        """(line, rule) of each finding in one file of a small tree."""
        with tempfile.TemporaryDirectory() as root:
            for name, content in {"src/CMakeLists.txt": CMAKE, path: text, **{other: "x\n" for other in others}}.items():
                file = Path(root, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
            files = ["src/CMakeLists.txt", path, *others]
            return [(line, rule) for found, line, rule, _ in tidy.check(root, files) if found == path]

    def cpp(self, path, code):
        """Rules broken by `code` in a source file, lines counted from the code's first."""
        return [(line - 1, rule) for line, rule in self.findings(path, LICENCE + code + "\n")]

    def test_accepts_good_code(self):
        code = '#include <string>\n\n#include "base/error.h"\n\nint Answer() { return 1\'000; }  // throw, co_await'
        self.assertEqual([], self.cpp("src/aws/arn.cc", code))

    def test_spdx(self):
        self.assertEqual([(1, "spdx")], self.findings("src/aws/arn.cc", "int a;\n"))
        self.assertEqual([(1, "spdx")], self.findings("quickstart", "#!/bin/bash\n"))

    def test_file_length(self):
        self.assertEqual([(600, "file-length")], self.findings("src/aws/arn.cc", LICENCE + "\n" * 600))
        self.assertEqual([], self.findings("src/aws/arn.cc", LICENCE + "\n" * 599))

    def test_machine_path(self):
        self.assertEqual([(1, "machine-path")], self.findings("docs/a.md", "see /ho" + "me/me/firmsign\n"))
        self.assertEqual([], self.findings("docs/a.md", "see $HOME/work/firmsign and a/work/b\n"))

    def test_white_space(self):
        self.assertEqual([(2, "white-space")], self.cpp_lines("int a; \nint b;"))
        self.assertEqual([(2, "white-space")], self.findings("docs/a.md", "a\nb"))

    def cpp_lines(self, code):
        return self.findings("src/aws/arn.cc", LICENCE + code + "\n")

    def test_fuzz_target_needs_a_corpus(self):
        self.assertEqual([(1, "fuzz-corpus")], self.findings("src/aws/arn_fuzz.cc", LICENCE))
        self.assertEqual([], self.findings("src/aws/arn_fuzz.cc", LICENCE, others=["tests/corpus/arn/1"]))

    def test_include_of_a_layer_to_the_right(self):
        self.assertEqual([(1, "includes")], self.cpp("src/base/a.cc", '#include "platform/json/json.h"'))

    def test_include_sideways(self):
        self.assertEqual([(1, "includes")], self.cpp("src/services/signer/a.cc", '#include "services/s3/store.h"'))

    def test_include_of_an_undeclared_dependency_that_is_reachable(self):
        self.assertEqual([(1, "includes")], self.cpp("src/services/signer/a.cc", '#include "platform/http/message.h"'))

    def test_include_of_declared_dependencies(self):
        code = '#include "aws/arn.h"\n#include "model/signer.h"\n#include "services/signer/store.h"'
        self.assertEqual([], self.cpp("src/services/signer/a.cc", code))
        self.assertEqual([(2, "includes")], self.cpp("src/services/s3/a.cc", code.replace("services/signer", "aws")))

    def test_include_of_what_only_tests_may_use(self):
        include = '#include "platform/db/sqlite.h"\nint a = EXPECT_TRUE(1);'
        self.assertEqual([], self.cpp("src/services/signer/a_test.cc", include))
        self.assertEqual([(1, "includes")], self.cpp("src/services/signer/a.cc", include))

    def test_include_of_fakes_in_product_code(self):
        self.assertEqual([(1, "includes")], self.cpp("src/aws/a.cc", '#include "base/testing/fake.h"'))
        self.assertEqual([], self.cpp("src/aws/a_test.cc", '#include "base/testing/fake.h"'))

    def test_include_without_component(self):
        self.assertEqual([(1, "includes")], self.cpp("src/aws/a.cc", '#include "arn.h"'))
        self.assertEqual([(0, "includes")], self.cpp("src/elsewhere/a.cc", ""))

    def test_third_party_headers(self):
        self.assertEqual([(1, "headers")], self.cpp("src/aws/a.cc", "#include <openssl/evp.h>"))
        self.assertEqual([(1, "headers")], self.cpp("src/platform/json/a.cc", "#include <boost/asio.hpp>"))
        self.assertEqual([], self.cpp("src/platform/json/a.cc", "#include <boost/json.hpp>"))
        self.assertEqual([], self.cpp("src/apps/cli/a.cc", "#include <CLI/CLI.hpp>"))
        self.assertEqual([(1, "headers")], self.cpp("src/aws/a.cc", "#include <CLI/CLI.hpp>"))
        self.assertEqual([], self.cpp("src/aws/a.cc", "#include <fmt/format.h>"))
        self.assertEqual([(1, "headers")], self.cpp("src/base/a.cc", "#include <fmt/format.h>"))
        self.assertEqual([(1, "headers")], self.cpp("src/aws/a.cc", "#include <gtest/gtest.h>"))
        self.assertEqual([(1, "headers")], self.cpp("src/services/s3/a.cc", "#include <sys/socket.h>"))
        self.assertEqual([], self.cpp("src/platform/http/a.cc", "#include <sys/socket.h>"))
        self.assertEqual([(1, "headers")], self.cpp("src/aws/a.cc", "#include <unheard/of.hpp>"))

    def test_banned_standard_headers(self):
        for header in ("regex", "format", "print", "iostream"):
            self.assertEqual([(1, "headers")], self.cpp("src/aws/a.cc", f"#include <{header}>"))

    def test_sql(self):
        code = 'auto a = "SELECT name FROM profiles";'
        self.assertEqual([(1, "sql")], self.cpp("src/services/signer/job.cc", code))
        self.assertEqual([], self.cpp("src/services/signer/store.cc", code))
        self.assertEqual([], self.cpp("src/services/signer/job_store.cc", code))
        self.assertEqual([], self.cpp("src/services/signer/testing/fake.h", "#pragma once\n" + code))
        self.assertEqual([], self.cpp("src/services/signer/job.cc", 'auto a = "Select a profile";'))
        self.assertEqual([(1, "sql")], self.cpp("src/services/signer/job.cc", 'auto a = R"(\n  UPDATE a SET b = 1)";'))

    def test_coroutines(self):
        self.assertEqual([(1, "coroutines")], self.cpp("src/aws/a.cc", "void F() { co_return; }"))
        self.assertEqual([], self.cpp("src/platform/http/a.cc", "void F() { co_await Read(x, y[1]); }"))

    def test_temporaries_inside_co_await(self):
        bad = ["co_await Run([p] { Use(p); });", "co_await f(Agg{p, s});", "co_await f({.p = p});",
               "auto a = co_await g(1,\n  [=](int b) mutable { return b; });"]
        for code in bad:
            self.assertEqual([(1, "co-await-temporaries")], self.cpp("src/platform/http/a.cc", code), code)
        good = ["co_await f(std::move(named));", "co_await f([] { return 1; });", "while (co_await f()) { Agg a{1}; }",
                "if (a[1] && co_await f(b[2](3))) { x = {1}; }"]
        for code in good:
            self.assertEqual([], self.cpp("src/platform/http/a.cc", code), code)

    def test_banned_code(self):
        for code in ("throw 1;", "std::regex a;", "std::format(a);", "using namespace std;", "assert(a);",
                     "sprintf(a, b);", "thread.detach();", "int* a = NULL;", "std::mt19937 a;", "a << std::endl;"):
            self.assertEqual([(1, "banned-code")], self.cpp("src/aws/a.cc", code), code)
        for code in ('Log("throw");', "// throw", "/* assert(\n) */", "static_assert(a);", "fmt::format(a);",
                     "CHECK(a);", "Operand(a);", "using namespace std::chrono_literals;"):
            self.assertEqual([], self.cpp("src/aws/a.cc", code), code)

    def test_clocks(self):
        code = "auto a = std::chrono::system_clock::now();"
        self.assertEqual([(1, "clocks")], self.cpp("src/services/signer/a.cc", code))
        self.assertEqual([], self.cpp("src/base/a.cc", code))

    def test_platform_words(self):
        for code in ("int signer_count;", "class ProfileReader;", 'auto a = "policy";', "// an ARN"):
            self.assertEqual([(1, "platform-words")], self.cpp("src/platform/db/a.cc", code), code)
        for code in ("int warning;", "// a profiler", "Design a;"):
            self.assertEqual([], self.cpp("src/platform/db/a.cc", code), code)
        self.assertEqual([], self.cpp("src/aws/a.cc", "int signer_count;"))

    def test_tests(self):
        self.assertEqual([(0, "tests")], self.cpp("src/aws/a_test.cc", "TEST(A, B) { Run(); }"))
        self.assertEqual([], self.cpp("src/aws/a_test.cc", "TEST(A, B) { EXPECT_TRUE(Run()); }"))
        self.assertEqual([(2, "tests")], self.cpp(
            "src/aws/a_test.cc", "TEST(A, B) { EXPECT_EQ(1, 1); }\nvoid F() { std::this_thread::sleep_for(1s); }"))
        self.assertEqual([(1, "tests")], self.cpp("src/aws/a_test.cc", "TEST(A, DISABLED_B) { EXPECT_TRUE(Run()); }"))
        self.assertEqual([(1, "tests")], self.cpp("src/aws/a_test.cc", "TEST(A, B) { GTEST_SKIP(); EXPECT_TRUE(1); }"))

    def test_pragma_once(self):
        self.assertEqual([(0, "pragma-once")], self.cpp("src/aws/a.h", "int a;"))
        self.assertEqual([], self.cpp("src/aws/a.h", "#pragma once\nint a;"))


if __name__ == "__main__":
    unittest.main()
