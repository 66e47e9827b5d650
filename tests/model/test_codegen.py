#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The generator: mistakes name file and line, names become C++ names, and every model of ours is accepted."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "codegen"))

from emitter import Emitter, constant, literal, pattern, snake  # noqa: E402
from model import Model  # noqa: E402
from smithy import ModelError, parse  # noqa: E402

MODEL = """$version: "2"
namespace test.shop
@restXml @sigv4(name: "shop") @eventSource("shop.example.com") @xmlNamespace(uri: "urn:shop")
service Shop {
    version: "2020-01-01"
    operations: [PutThing]
}
/// Stores a thing.
@http(method: "PUT", uri: "/{Box}/{Key+}", code: 201)
@audit("write")
@bodyDigestRequired @iam([{action: "shop:Put", resource: "arn:{Box}/{Key}", condition: "!Color"}])
operation PutThing {
    input := {
        @required @httpLabel Box: String
        @required @httpLabel Key: String
        @httpHeader("x-color") Color: Color
        @httpPayload Body: Stream
        @httpQuery("delete") Delete: Boolean
    }
    output := @xmlName("Stored") {
        Parts: Parts
        @xmlFlattened @xmlName("Tag") Tags: Tags
    }
    errors: [Full]
}
enum Color { RED = "red" }
@streaming blob Stream
list Parts { @xmlName("Part") member: Part }
structure Part { @required Size: Long Secret: Secret }
@sensitive blob Secret
list Tags { member: String }
@error("server") @httpError(507) structure Full { code: String }
"""


class Mistakes(unittest.TestCase):
    def rejects(self, line, message, old, new):
        self.assertEqual(MODEL.count(old), 1, old)
        with self.assertRaises(ModelError) as caught:
            Model("shop.smithy", MODEL.replace(old, new))
        self.assertTrue(str(caught.exception).startswith(f"shop.smithy:{line}: "), caught.exception)
        self.assertIn(message, str(caught.exception))

    def test_the_untouched_model_is_accepted(self):
        Model("shop.smithy", MODEL)

    def test_unknown_characters(self):
        self.rejects(5, "unexpected character '%'", 'version: "2020-01-01"', "version: %")

    def test_a_string_without_its_end(self):
        self.rejects(5, "unexpected character", '"2020-01-01"', '"2020-01-01')

    def test_an_unknown_escape(self):
        self.rejects(5, "unknown escape \\q", '"2020-01-01"', '"\\q"')

    def test_a_missing_colon(self):
        self.rejects(14, "expected :, found String", "Box: String", "Box String")

    def test_the_end_of_the_file_inside_a_shape(self):
        with self.assertRaisesRegex(ModelError, r"x\.smithy:3: expected a member, found the end of the file"):
            parse("x.smithy", "namespace x\nstructure A {\n")

    def test_a_missing_namespace(self):
        with self.assertRaisesRegex(ModelError, r"x\.smithy:2: expected namespace"):
            parse("x.smithy", "\nstructure A {}")

    def test_an_unknown_trait(self):
        self.rejects(26, "unknown trait @paint", "enum Color", "@paint enum Color")

    def test_a_trait_twice(self):
        self.rejects(27, "@streaming appears twice", "@streaming", "@streaming @streaming")

    def test_an_unknown_kind(self):
        self.rejects(26, "unknown kind of shape union", "enum Color", "union Color")

    def test_a_shape_twice(self):
        self.rejects(30, "Color is defined twice", "@sensitive blob Secret", "string Color\nblob Secret")

    def test_a_member_twice(self):
        self.rejects(16, "has two members Key", 'Color: Color', "Key: Color")

    def test_an_unknown_target(self):
        self.rejects(16, "no shape is named Paint", "Color: Color", "Color: Paint")

    def test_a_shape_that_nobody_uses(self):
        self.rejects(26, "Color is not used", "Color: Color", "Color: String")

    def test_an_operation_without_audit_class(self):
        self.rejects(11, "needs @audit", '@audit("write")\n', "")

    def test_an_operation_without_permission(self):
        self.rejects(12, "needs @iam", '@iam([{action: "shop:Put", resource: "arn:{Box}/{Key}", condition: "!Color"}])',
                     "")

    def test_a_permission_that_names_no_member(self):
        self.rejects(12, "@iam speaks of Crate", "arn:{Box}", "arn:{Crate}")
        self.rejects(12, "@iam speaks of Paint", '"!Color"', '"!Paint"')

    def test_a_label_that_is_not_bound(self):
        self.rejects(12, "URI labels", "@required @httpLabel Box", "Box")

    def test_a_label_that_is_not_required(self):
        self.rejects(14, "and so @required", "@required @httpLabel Box", "@httpLabel Box")

    def test_an_error_that_is_none(self):
        self.rejects(12, "Part is not an @error", "errors: [Full]", "errors: [Full, Part]")

    def test_a_mixin_that_is_none(self):
        self.rejects(12, "PutThing is not a @mixin", "operation PutThing {", "operation PutThing with [PutThing] {")

    def test_a_structure_that_contains_itself(self):
        self.rejects(28, "Parts contains itself", "Secret: Secret", "Secret: Secret Parts: Parts")

    def test_constraints_on_a_member(self):
        self.rejects(14, "@length belongs to a named shape", "@required @httpLabel Box",
                     "@length(min: 1) @required @httpLabel Box")

    def test_the_program_prints_the_mistake_and_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "shop.smithy"
            path.write_text(MODEL.replace("Box: String", "Box String"))
            command = [sys.executable, str(ROOT / "tools/codegen/codegen.py"), str(path), folder]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(answer.returncode, 1)
            self.assertIn("shop.smithy:14: expected :", answer.stderr)
            self.assertEqual([file.name for file in pathlib.Path(folder).iterdir()], ["shop.smithy"])


class Names(unittest.TestCase):
    def test_fields_are_snake_case(self):
        for name, expected in {"profileName": "profile_name", "ETag": "etag", "ChecksumCRC32C": "checksum_crc32c",
                               "SSECustomerAlgorithm": "sse_customer_algorithm", "MFADelete": "mfa_delete",
                               "maxSizeInMB": "max_size_in_mb", "ContentMD5": "content_md5", "s3": "s3", "OID": "oid",
                               "Delete": "delete_"}.items():
            self.assertEqual(snake(name), expected)

    def test_constants_are_pascal_case(self):
        for name, expected in {"InProgress": "kInProgress", "RSA_2048": "kRsa2048", "us_east_1": "kUsEast1",
                               "CODE_SIGNING": "kCodeSigning", "AWSIoT": "kAWSIoT", "url": "kUrl"}.items():
            self.assertEqual(constant(name), expected)

    def test_literals_are_escaped(self):
        self.assertEqual(literal('a"b\\c\n'), '"a\\"b\\\\c\\n"')

    def test_patterns_are_spelled_for_pcre2(self):
        self.assertEqual(pattern("[\\u0020-\\u10FFFF]\\d"), '"[\\\\u{0020}-\\\\u{10FFFF}]\\\\d"')


class Output(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        emitter = Emitter(Model("shop.smithy", MODEL))
        cls.header, cls.source = emitter.header(), emitter.source()

    def test_a_struct_has_plain_required_and_optional_other_fields(self):
        self.assertIn("struct PutThingInput {\n  std::string box;\n  std::string key;\n"
                      "  std::optional<std::string> color;\n  std::optional<bool> delete_;\n};", self.header)
        self.assertIn("struct Part {\n  std::int64_t size = 0;\n  std::optional<SecretBytes> secret;\n};", self.header)

    def test_a_struct_comes_after_what_it_contains(self):
        self.assertLess(self.header.index("struct Part {"), self.header.index("struct PutThingOutput {"))

    def test_an_operation_says_what_the_gateway_needs(self):
        tag = self.header[self.header.index("struct PutThing {"):]
        for text in ('.method = "PUT"', '.uri = "/{Box}/{Key+}"', ".success_status = 201", '.output_root = "Stored"',
                     ".audit = aws::AuditClass::kWrite", ".streaming_input = true", ".body_digest_required = true",
                     "TypeList<errors::Full>"):
            self.assertIn(text, tag)
        self.assertIn('{.action = "shop:Put", .resource_template = "arn:{Box}/{Key}", .condition = "!Color"}',
                      self.source)

    def test_members_say_where_they_travel(self):
        self.assertIn('.name = "Key", .wire_name = "Key", .location = aws::Location::kGreedyPath', self.source)
        self.assertIn('.name = "Color", .wire_name = "x-color", .location = aws::Location::kHeader', self.source)
        self.assertIn('.name = "Tags", .wire_name = "Tag", .flattened = true', self.source)
        self.assertIn('.element_wire_name = "Part", .list = &aws::kListAccess<Part>', self.source)
        self.assertNotIn('.name = "Body"', self.source)

    def test_an_error_has_status_and_sub_code(self):
        self.assertIn('.wire_code = "Full", .http_status = 507, .has_sub_code = true', self.header)

    def test_the_same_model_gives_the_same_text(self):
        again = Emitter(Model("shop.smithy", MODEL))
        self.assertEqual((again.header(), again.source()), (self.header, self.source))

    def test_every_model_of_ours_is_accepted(self):
        for path in sorted((ROOT / "model").glob("*.smithy")):
            with self.subTest(path.name):
                emitter = Emitter(Model(str(path), path.read_text(encoding="utf-8")))
                self.assertIn(f"namespace firmsign::{path.stem} {{", emitter.header())


if __name__ == "__main__":
    unittest.main()
