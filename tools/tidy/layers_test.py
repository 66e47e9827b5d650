#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CMake refuses a dependency that points the wrong way, at configure time. Each case is a whole small project."""

import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(layers NONE)
list(APPEND CMAKE_MODULE_PATH {modules})
include(Layers)
{components}
"""


class Layers(unittest.TestCase):
    def configure(self, components):
        """The exit code and the error of a configuration, on one line."""
        with tempfile.TemporaryDirectory() as folder:
            text = PROJECT.format(modules=ROOT / "cmake", components="\n".join(components))
            Path(folder, "CMakeLists.txt").write_text(text)
            command = ["cmake", "-S", folder, "-G", "Ninja", "-B", str(Path(folder, "build"))]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
            return answer.returncode, " ".join(answer.stderr.split())

    def refused(self, components, why):
        code, error = self.configure(components)
        self.assertNotEqual(0, code)
        self.assertIn(why, error)

    def test_accepts_dependencies_to_the_left(self):
        components = ["firmsign_component(base)", "firmsign_component(platform/files DEPS base)",
                      "firmsign_component(platform/http DEPS base platform/files)",
                      "firmsign_component(aws DEPS base platform/http)",
                      "firmsign_component(services/s3 DEPS aws base)"]
        self.assertEqual((0, ""), self.configure(components))

    def test_refuses_a_layer_to_the_right(self):
        self.refused(["firmsign_component(aws)", "firmsign_component(base DEPS aws)"],
                     "base may not depend on aws: aws is right of base")

    def test_refuses_another_service(self):
        self.refused(["firmsign_component(services/s3)", "firmsign_component(services/signer DEPS services/s3)"],
                     "services/signer may not depend on services/s3")

    def test_refuses_another_service_in_tests_too(self):
        self.refused(["firmsign_component(services/s3)", "firmsign_component(services/signer TEST_DEPS services/s3)"],
                     "services/signer may not depend on services/s3")

    def test_refuses_a_circle_within_a_layer(self):
        self.refused(["firmsign_component(platform/a DEPS platform/b)", "firmsign_component(platform/b DEPS platform/a)"],
                     "it is not declared before it")

    def test_refuses_operations_in_the_gateway(self):
        self.refused(["add_library(model_s3 INTERFACE)", "firmsign_component(gateway DEPS model/s3)"],
                     "the gateway knows no operation by name")

    def test_refuses_an_unknown_layer(self):
        self.refused(["firmsign_component(utils)"], "utils is not a layer")

    def test_refuses_a_misspelled_keyword(self):
        self.refused(["firmsign_component(base DEP aws)"], "what is DEP")


if __name__ == "__main__":
    unittest.main()
