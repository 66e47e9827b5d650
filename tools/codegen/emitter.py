# SPDX-License-Identifier: Apache-2.0
"""Writes the C++ of one model: structs, descriptors (src/aws/shape.h, src/aws/operation.h), error shapes, operation tags.

Data only, no behaviour. The header holds what a handler names; the descriptors' insides are in the .cc, so that the
header stays cheap to include.
"""

import re

from model import AUDIT, PROTOCOLS

KEYWORDS = set("""alignas and asm auto bool break case catch char class const continue default delete do double else enum
explicit export extern false float for friend goto if inline int long mutable namespace new not operator or private
protected public register requires return short signed sizeof static struct switch template this throw true try typedef
typename union unsigned using virtual void volatile while xor""".split())
CPP_TYPES = {"boolean": "bool", "integer": "std::int64_t", "long": "std::int64_t", "double": "double",
             "string": "std::string", "enum": "std::string", "blob": "std::string", "timestamp": "Instant"}
KINDS = {"boolean": "kBoolean", "integer": "kLong", "long": "kLong", "double": "kDouble", "string": "kString",
         "enum": "kString", "blob": "kBlob", "timestamp": "kTimestamp", "structure": "kStructure", "list": "kList",
         "map": "kMap"}
TIMESTAMP_FORMATS = {"epoch-seconds": "kEpochSeconds", "date-time": "kIso8601", "http-date": "kHttpDate"}
LOCATIONS = {"httpQuery": "kQuery", "httpHeader": "kHeader", "httpPrefixHeaders": "kPrefixHeaders",
             "httpPayload": "kPayload"}


def snake(name):
    """profileName -> profile_name, ChecksumCRC32C -> checksum_crc32c, ETag -> etag."""
    name = name.replace("ETag", "Etag")
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z])([A-Z])|([0-9])([A-Z][a-z])", lambda m: "_".join(filter(None, m.groups())), name)
    name = name.lower()
    return name + "_" if name in KEYWORDS else name


def constant(name):
    """InProgress -> kInProgress, RSA_2048 -> kRsa2048, BUCKET_OWNER -> kBucketOwner."""
    words = name.split("_")
    return "k" + "".join(w.capitalize() if w.upper() == w else w[0].upper() + w[1:] for w in words if w)


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def pattern(text):
    r"""Some of the models' \u have more than four digits; platform/regex reads \u{10FFFF}, as ECMAScript does."""
    return literal(re.sub(r"\\u(10FFFF|10000|[0-9A-Fa-f]{4})", r"\\u{\1}", text))


def fields(pairs):
    """A designated initialiser of what is not None."""
    return "{" + ", ".join(f".{name} = {value}" for name, value in pairs if value is not None) + "}"


def comment(shape, indent=""):
    """Our doc comment, folded at 110 columns."""
    lines, line = [], ""
    for word in shape.doc.split():
        if len(line) + len(word) > 110:
            lines, line = lines + [line], ""
        line = f"{line} {word}" if line else word
    return [f"{indent}// {text}" for text in lines + [line] if text]


class Emitter:
    def __init__(self, model):
        self.model = model
        self.structures = model.structures()
        self.operation_of_input = {operation.input.name: operation for operation in model.operations}
        used = model.used()
        self.values = [s for s in model.shapes.values() if s.kind not in ("service", "operation", "structure")
                       and (s.name in used)]

    # Names and types

    def name(self, shape):
        return shape.traits.get("cppName", shape.name)

    def type_of(self, shape):
        if shape.kind == "structure":
            return self.name(shape)
        if shape.kind == "list":
            return f"std::vector<{self.type_of(self.model.shapes[shape.members[0].target])}>"
        if shape.kind == "map":
            return "aws::StringMap"
        if shape.kind == "blob" and "sensitive" in shape.traits:
            return "SecretBytes"
        return CPP_TYPES[shape.kind]

    def field_type(self, member):
        if self.model.is_streaming(member):
            return "http::Body"
        target = self.type_of(self.model.shapes[member.target])
        return target if "required" in member.traits else f"std::optional<{target}>"

    def fields_of(self, shape):
        """The members that are in the struct: a streamed input is not, the handler reads it from call.payload()."""
        is_input = shape.name in self.operation_of_input
        return [m for m in self.model.members(shape) if not (is_input and self.model.is_streaming(m))]

    def wire_name(self, member):
        for trait in ("httpQuery", "httpHeader", "httpPrefixHeaders", "xmlName"):
            if trait in member.traits:
                return member.traits[trait]
        target = self.model.shapes[member.target]
        if "httpPayload" in member.traits and target.kind == "structure":
            return target.traits.get("xmlName", target.name)
        return member.name

    # The header

    def header(self):
        streams = any(self.model.is_streaming(m) for s in self.structures for m in self.fields_of(s))
        out = ["// SPDX-License-Identifier: Apache-2.0",
               f"// Generated from model/{self.model.name}.smithy by tools/codegen. Do not edit.", "", "#pragma once", "",
               "#include <cstdint>", "#include <optional>", "#include <string>", "#include <string_view>",
               "#include <vector>", "", '#include "aws/operation.h"', '#include "aws/shape.h"',
               '#include "base/secret.h"', '#include "base/time.h"']
        out += ['#include "platform/http/message.h"'] if streams else []
        out += ["", f"namespace firmsign::{self.model.name} {{", ""]
        out += self.service()
        out += [line for shape in self.values if shape.kind == "enum" for line in self.enum(shape)]
        out += [line for shape in self.structures for line in self.struct(shape)]
        out += ["namespace shapes {"]
        out += [f"extern const aws::Shape k{self.name(s)};" for s in self.values + self.structures]
        out += ["}  // namespace shapes", "", "namespace errors {"]
        out += [line for name in self.errors() for line in self.error(self.model.shapes[name])]
        out += ["}  // namespace errors", "", "namespace data {"]
        for operation in self.model.operations:
            if operation.all_errors():
                out.append(f"extern const aws::ErrorShape* const k{operation.name}Errors[{len(operation.all_errors())}];")
            if operation.iam:
                out.append(f"extern const aws::IamAction k{operation.name}Iam[{len(operation.iam)}];")
        out += ["}  // namespace data", "", "namespace ops {"]
        out += [line for operation in self.model.operations for line in self.tag(operation)]
        names = ", ".join(operation.name for operation in self.model.operations)
        out += [f"using All = aws::TypeList<{names}>;", "}  // namespace ops", "",
                f"}}  // namespace firmsign::{self.model.name}", ""]
        return "\n".join(out)

    def service(self):
        service, traits = self.model.service, self.model.service.traits
        keys = traits.get("subresources", [])
        out = [f"inline constexpr std::string_view kSubresources[] = {{{', '.join(map(literal, keys))}}};"] if keys else []
        out += comment(service)
        out.append("inline constexpr aws::ServiceDescriptor kService" + fields([
            ("name", literal(self.model.name)), ("signing_name", literal(traits["sigv4"]["name"])),
            ("protocol", f"aws::Protocol::{PROTOCOLS[self.model.protocol]}"),
            ("target_prefix", literal(traits["targetPrefix"]) if "targetPrefix" in traits else None),
            ("api_version", literal(service.properties["version"])),
            ("xml_namespace", literal(traits["xmlNamespace"]["uri"]) if "xmlNamespace" in traits else None),
            ("event_source", literal(traits["eventSource"])), ("subresources", "kSubresources" if keys else None),
            ("operator_only", "true" if "operatorOnly" in traits else None),
        ]) + ";")
        return out + [""]

    def enum(self, shape):
        out = comment(shape) + [f"struct {self.name(shape)} {{"]
        for value in shape.values:
            out += comment(value, "  ")
            out.append(f"  static constexpr std::string_view {constant(value.name)} = {literal(value.target)};")
        return out + ["};", ""]

    def struct(self, shape):
        out = comment(shape) + [f"struct {self.name(shape)} {{"]
        for member in self.fields_of(shape):
            out += comment(member, "  ")
            kind = self.field_type(member)
            default = {"bool": " = false", "std::int64_t": " = 0", "double": " = 0"}.get(kind, "")
            out.append(f"  {kind} {snake(member.name)}{default};")
        return out + ["};", ""]

    def errors(self):
        return dict.fromkeys(name for operation in self.model.operations for name in operation.all_errors())

    def error(self, shape):
        status = shape.traits.get("httpError", 500 if shape.traits["error"] == "server" else 400)
        code = shape.traits.get("awsQueryError", {}).get("code", shape.name)
        has_sub_code = any(member.name == "code" for member in self.model.members(shape))
        value = fields([("name", literal(shape.name)), ("wire_code", literal(code)), ("http_status", status),
                        ("has_sub_code", "true" if has_sub_code else None)])
        return comment(shape) + [f"struct {shape.name} {{", f"  static constexpr aws::ErrorShape kShape{value};", "};"]

    def tag(self, operation):
        errors = ", ".join(f"errors::{name}" for name in operation.all_errors())
        traits, name = operation.traits, operation.name
        optional_auth = "optionalAuth" in traits or "optionalAuth" in self.model.service.traits
        members = self.model.members(operation.input)
        flags = [("streaming_input", any(self.model.is_streaming(m) for m in members)),
                 ("streaming_output", any(self.model.is_streaming(m) for m in self.model.members(operation.output))),
                 ("sensitive_input", any(self.model.is_sensitive(m) for m in members)),
                 ("body_digest_required", "bodyDigestRequired" in traits)]
        root = self.output_root(operation)
        return comment(operation.shape) + [
            f"struct {name} {{",
            f"  using Input = {self.name(operation.input)};",
            f"  using Output = {self.name(operation.output)};",
            f"  using Errors = aws::TypeList<{errors}>;",
            "  static constexpr aws::OperationDescriptor kDescriptor" + fields([
                ("service", "&kService"), ("name", literal(name)), ("method", literal(operation.method)),
                ("uri", literal(operation.uri)), ("success_status", operation.status),
                ("input", f"&shapes::k{self.name(operation.input)}"),
                ("output", f"&shapes::k{self.name(operation.output)}"),
                ("has_output_shape", "true" if operation.has_output else "false"),
                ("output_root", literal(root) if root else None),
                ("errors", f"data::k{name}Errors" if errors else None),
                ("audit", f"aws::AuditClass::{AUDIT[traits['audit']]}"),
                ("auth", "aws::AuthKind::kNone" if "auth" in traits else "aws::AuthKind::kOptional" if optional_auth else None),
                ("iam", f"data::k{name}Iam" if operation.iam else None),
                ("body_bytes_max", traits.get("bodyMax")),
            ] + [(flag, "true" if value else None) for flag, value in flags]) + ";",
            "};", ""]

    def output_root(self, operation):
        if self.model.protocol == "awsQuery":
            return operation.name + "Response"
        if self.model.protocol != "restXml" or not operation.has_output:
            return None
        payload = [m for m in self.model.members(operation.output) if "httpPayload" in m.traits]
        if payload:
            return None if self.model.is_streaming(payload[0]) else self.wire_name(payload[0])
        return operation.output.traits.get("xmlName", operation.output.name)

    # The source

    def source(self):
        out = ["// SPDX-License-Identifier: Apache-2.0",
               f"// Generated from model/{self.model.name}.smithy by tools/codegen. Do not edit.", "",
               f'#include "model/{self.model.name}.h"', "", f"namespace firmsign::{self.model.name} {{", "",
               "namespace shapes {", "namespace {", ""]
        for shape in self.values:
            if shape.kind == "enum":
                values = ", ".join(literal(value.target) for value in shape.values)
                out.append(f"constexpr std::string_view k{self.name(shape)}Values[] = {{{values}}};")
        for shape in self.structures:
            rows = [f"    {self.member(shape, member)}," for member in self.fields_of(shape)]
            if rows:
                out += ["", f"constexpr aws::Member k{self.name(shape)}Members[] = {{", *rows, "};"]
        out += ["", "}  // namespace", ""]
        out += [f"constinit const aws::Shape k{self.name(s)}{self.shape(s)};" for s in self.values + self.structures]
        out += ["", "}  // namespace shapes", "", "namespace data {", ""]
        for operation in self.model.operations:
            errors = [f"&errors::{name}::kShape" for name in operation.all_errors()]
            if errors:
                out += [f"constinit const aws::ErrorShape* const k{operation.name}Errors[{len(errors)}] = {{",
                        f"    {', '.join(errors)}}};"]
            rules = ["    " + fields([("action", literal(rule["action"])),
                                      ("resource_template", literal(rule["resource"])),
                                      ("condition", literal(rule["condition"]) if "condition" in rule else None),
                                      ("alias", literal(rule["alias"]) if "alias" in rule else None)]) + ","
                     for rule in operation.iam]
            if rules:
                out += [f"constinit const aws::IamAction k{operation.name}Iam[{len(rules)}] = {{", *rules, "};"]
        return "\n".join(out + ["", "}  // namespace data", "", f"}}  // namespace firmsign::{self.model.name}", ""])

    def shape(self, shape):
        members = [self.model.shapes[m.target] for m in shape.members]
        names = [f"&k{self.name(target)}" for target in members]
        is_list, is_map = shape.kind == "list", shape.kind == "map"
        limits = {**shape.traits.get("length", {}), **shape.traits.get("range", {})}
        constraints = [("min", limits.get("min")), ("max", limits.get("max")),
                       ("pattern", pattern(shape.traits["pattern"]) if "pattern" in shape.traits else None),
                       ("enum_values", f"k{self.name(shape)}Values" if shape.kind == "enum" else None)]
        is_secret = shape.kind == "blob" and "sensitive" in shape.traits
        has_fields = shape.kind == "structure" and self.fields_of(shape)
        return fields([
            ("kind", f"aws::Kind::{'kSecretBlob' if is_secret else KINDS[shape.kind]}"), ("name", literal(shape.name)),
            ("constraints", fields(constraints) if any(v is not None for _, v in constraints) else None),
            ("members", f"k{self.name(shape)}Members" if has_fields else None),
            ("element", names[0] if is_list else names[1] if is_map else None), ("key", names[0] if is_map else None),
            ("element_wire_name", literal(shape.members[0].traits.get("xmlName", "member")) if is_list else None),
            ("list", f"&aws::kListAccess<{self.type_of(members[0])}>" if is_list else None)])

    def member(self, shape, member):
        traits, target = member.traits, self.model.shapes[member.target]
        location = next((LOCATIONS[trait] for trait in LOCATIONS if trait in traits), None)
        if "httpLabel" in traits:
            greedy = "{" + member.name + "+}" in self.operation_of_input[shape.name].uri
            location = "kGreedyPath" if greedy else "kPath"
        timestamp = traits.get("timestampFormat", target.traits.get("timestampFormat"))
        access = f"aws::Access<&{self.name(shape)}::{snake(member.name)}>"
        flags = [("required", "required" in traits), ("sensitive", self.model.is_sensitive(member)),
                 ("flattened", "xmlFlattened" in traits), ("streaming", self.model.is_streaming(member)),
                 ("idempotency_token", "idempotencyToken" in traits)]
        return fields([
            ("name", literal(member.name)), ("wire_name", literal(self.wire_name(member))),
            ("location", f"aws::Location::{location}" if location else None),
            *[(flag, "true" if value else None) for flag, value in flags],
            ("timestamp_format", f"aws::TimestampFormat::{TIMESTAMP_FORMATS[timestamp]}" if timestamp else None),
            ("condition_key", literal(traits["conditionKey"]) if "conditionKey" in traits else None),
            ("shape", f"&k{self.name(target)}"), ("get", f"&{access}::Get"), ("emplace", f"&{access}::Emplace")])
