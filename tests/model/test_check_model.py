#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The model check itself: each kind of difference is reported, and a mark excuses exactly what it is for."""

import copy
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from check_model import Reference, compare, not_ours  # noqa: E402
from model import Model  # noqa: E402

OURS = """
$version: "2"
$operationInputSuffix: "Request"
$operationOutputSuffix: "Response"
namespace test.shop
@restJson1 @sigv4(name: "shop") @eventSource("shop.example.com")
service Shop { version: "2020-01-01" operations: [GetThing] }
@http(method: "GET", uri: "/things/{name}") @audit("read") @iam([{action: "shop:GetThing", resource: "{name}"}])
operation GetThing {
    input := {
        @required @httpLabel name: Name
        @httpQuery("color") color: Color
    }
    output := { size: Integer }
    errors: [Missing]
}
@length(min: 2, max: 9) @pattern("[a-z]+") string Name
enum Color { red green }
@error("client") @httpError(404) structure Missing { message: String }
"""

THEIRS = {
    "metadata": {"apiVersion": "2020-01-01", "protocol": "rest-json", "endpointPrefix": "shop"},
    "operations": {"GetThing": {
        "http": {"method": "GET", "requestUri": "/things/{name}"}, "input": {"shape": "GetThingRequest"},
        "output": {"shape": "GetThingResponse"}, "errors": [{"shape": "Missing"}]}},
    "shapes": {
        "GetThingRequest": {"type": "structure", "required": ["name"], "members": {
            "name": {"shape": "Name", "location": "uri", "locationName": "name"},
            "color": {"shape": "Color", "location": "querystring", "locationName": "color"}}},
        "GetThingResponse": {"type": "structure", "members": {"size": {"shape": "Size"}}},
        "Missing": {"type": "structure", "members": {"message": {"shape": "Text"}}, "error": {"httpStatusCode": 404}},
        "Name": {"type": "string", "min": 2, "max": 9, "pattern": "[a-z]+"},
        "Color": {"type": "string", "enum": ["red", "green"]},
        "Size": {"type": "integer"},
        "Text": {"type": "string"},
    },
}


def findings(*edits, newest=True, change=None):
    """What the check says about OURS after `edits` (pairs of text) against THEIRS after `change`."""
    text, theirs = OURS, copy.deepcopy(THEIRS)
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    if change:
        change(theirs)
    checks = compare(Model("shop.smithy", text), Reference("test", theirs, newest))
    return [finding for found in checks.values() for finding in found]


class CheckModel(unittest.TestCase):
    def reports(self, expected, *edits, **options):
        found = findings(*edits, **options)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_a_model_that_agrees_passes(self):
        self.assertEqual(findings(), [])

    def test_a_wrong_method_is_reported(self):
        self.reports("method is 'PUT'", ('method: "GET"', 'method: "PUT"'))

    def test_a_wrong_uri_is_reported(self):
        self.reports("URI is '/thing/{name}'", ("/things/{name}", "/thing/{name}"))

    def test_a_wrong_status_is_reported(self):
        self.reports("status is 201", ('uri: "/things/{name}"', 'uri: "/things/{name}", code: 201'))

    def test_a_missing_member_is_reported(self):
        self.reports("the member size is missing", ("output := { size: Integer }", "output := {}"))

    def test_a_member_too_many_is_reported(self):
        self.reports("botocore has no such member", ("size: Integer", "size: Integer weight: Integer"))

    def test_a_missing_output_is_reported(self):
        self.assertIn("having an output", findings(("output := { size: Integer }", ""))[0])

    def test_a_wrong_location_is_reported(self):
        found = findings(('@httpQuery("color")', '@httpHeader("color")'))
        self.assertEqual(len(found), 1)
        self.assertIn("location is 'header'", found[0])

    def test_a_wrong_wire_name_is_reported(self):
        self.reports("the name on the wire is 'colour'", ('@httpQuery("color")', '@httpQuery("colour")'))

    def test_a_wrong_type_is_reported(self):
        self.reports("the type is string", ("size: Integer", "size: String"))

    def test_a_member_required_by_us_alone_is_reported(self):
        self.reports("being required is True", ('@httpQuery("color")', '@required @httpQuery("color")'))

    def test_wrong_constraints_are_reported(self):
        self.reports("max is 8", ("max: 9", "max: 8"))
        self.reports("min is None", ("min: 2, ", ""))
        self.reports("pattern is '[a-z]*'", ("[a-z]+", "[a-z]*"))

    def test_enum_values_too_many_and_too_few_are_reported(self):
        self.reports("the value blue is not in", ("red green", "red green blue"))
        self.reports("the value green is missing", ("red green", "red"))

    def test_an_unmarked_extra_error_is_reported(self):
        extra = '@error("client") @httpError(400) structure Bad {}\n@error("client") @httpError(404)'
        self.reports("the error Bad is not in", ("[Missing]", "[Missing, Bad]"),
                     ('@error("client") @httpError(404)', extra))

    def test_a_missing_error_is_reported(self):
        self.reports("the error Gone is missing",
                     change=lambda theirs: theirs["operations"]["GetThing"]["errors"].append({"shape": "Gone"}))

    def test_a_wrong_error_status_is_reported(self):
        self.reports("status is 400", ("@httpError(404)", "@httpError(400)"))

    def test_an_operation_that_does_not_exist_is_reported(self):
        self.reports("no such operation", change=lambda theirs: theirs["operations"].clear())

    def test_observed_excuses_a_difference(self):
        self.assertEqual(findings(("red green", 'red green @observed("seen") blue')), [])

    def test_observed_extra_errors_come_from_a_mixin(self):
        mixin = ('@mixin @observed("seen") operation Answers { errors: [Bad] }\n'
                 '@error("client") @httpError(400) structure Bad {}\nenum Color')
        self.assertEqual(findings(("operation GetThing {", "operation GetThing with [Answers] {"), ("enum Color", mixin)),
                         [])

    def test_observed_without_a_difference_is_reported(self):
        self.reports("marked @observed, but botocore agrees", ("red green", '@observed("seen") red green'))

    def test_an_observed_mixin_without_a_difference_is_reported(self):
        mixin = '@mixin @observed("seen") operation Answers { errors: [Missing] }\nenum Color'
        self.reports("Answers is marked @observed",
                     ("operation GetThing {", "operation GetThing with [Answers] {"), ("enum Color", mixin))

    def test_omits_excuses_a_missing_member_and_must_be_true(self):
        omitting = ("output := { size: Integer }", "output := @omits([size]) {}")
        self.assertEqual(findings(omitting), [])
        self.reports("@omits weight", ("output := {", "output := @omits([weight]) {"))

    def test_since_excuses_only_against_older_models(self):
        new = ("red green", 'red green @since("2023") blue')
        self.assertEqual(findings(new, newest=False), [])
        self.reports("the value blue is not in", new)

    def test_a_sub_resource_that_nobody_names_is_reported(self):
        service = ("@restJson1 ", '@restJson1 @subresources(["tagging"]) ')

        def rename(theirs):
            theirs["operations"]["Rename"] = {"http": {"method": "PUT", "requestUri": "/things/{name}?rename"}}

        self.reports("rename, which selects Rename, is missing", service, change=rename)

    def own(self, *edits, debian=None):
        text = OURS.replace("@restJson1", "@operatorOnly @restJson1")
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return not_ours(Model("shop.smithy", text), debian or (pathlib.Path("/nowhere"), "1"))

    def test_a_service_of_our_own_is_told_apart_from_those_of_aws(self):
        self.assertEqual(self.own(), "")
        self.assertIn("not @operatorOnly", self.own(("@operatorOnly", "")))
        self.assertIn("Color is marked", self.own(("enum Color", '@observed("x") enum Color')))
        self.assertIn("has a service tests", self.own(('name: "shop"', 'name: "tests"'),
                                                      debian=(pathlib.Path(__file__).resolve().parents[2], "1")))


if __name__ == "__main__":
    unittest.main()
