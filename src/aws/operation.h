// SPDX-License-Identifier: Apache-2.0
//
// Services, operations and errors as the model describes them. The generator emits one constexpr object for each.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "aws/shape.h"

namespace firmsign::aws {

enum class Protocol : std::uint8_t { kRestJson, kJson11, kQuery, kRestXml };

// How a call is audited (DESIGN §5): `write` in the same transaction as the change, `read` queued, `data` off by
// default.
// `issue` hands out credentials: recorded like a change before they are out, and called read-only as AWS calls it.
enum class AuditClass : std::uint8_t { kWrite, kIssue, kRead, kData };

// What a request must show. kOptional: without a signature the caller is Anonymous. kNone: the operation is unsigned.
enum class AuthKind : std::uint8_t { kSigV4, kOptional, kNone };

struct ServiceDescriptor {
  std::string_view name;          // "signer": the folder under services/ and the namespace
  std::string_view signing_name;  // in the credential scope
  Protocol protocol = Protocol::kRestJson;
  std::string_view target_prefix;  // json-1.1: "CertificateManager"
  std::string_view api_version;    // "2017-08-25"
  std::string_view xml_namespace;
  std::string_view event_source;  // "signer.amazonaws.com"
  // S3: query keys that select an operation. A request with one of them that no operation names is not implemented.
  std::span<const std::string_view> subresources;
  bool operator_only = false;  // answers whoever holds DIR/admin.sock and nobody else
};

struct ErrorShape {
  std::string_view name;       // "ResourceNotFoundException": what the audit trail says
  std::string_view wire_code;  // what the client sees; differs from name in query and S3
  int http_status = 400;
  bool has_sub_code = false;  // Signer's errors have a member `code` beside `message`
};

// One action that a caller needs, and on what.
struct IamAction {
  std::string_view action;             // "signer:StartSigningJob"
  std::string_view resource_template;  // "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}" or "*"
  std::string_view condition;  // which requests need it, by member presence: "versionId", "!versionId"; empty: all
  std::string_view alias;      // another name that policies may call it by; empty: none
};

struct OperationDescriptor {
  const ServiceDescriptor* service = nullptr;
  std::string_view name;    // "StartSigningJob"
  std::string_view method;  // "POST"
  std::string_view uri;     // "/signing-jobs/{jobId}?versions"; "/" in json-1.1 and query
  int success_status = 200;
  const Shape* input = nullptr;   // always a structure, possibly empty
  const Shape* output = nullptr;  // always a structure, possibly empty
  bool has_output_shape = true;   // false: the success body is empty, not {}
  std::string_view output_root;   // XML: the name of the root element
  std::span<const ErrorShape* const> errors;
  AuditClass audit = AuditClass::kRead;
  AuthKind auth = AuthKind::kSigV4;
  std::span<const IamAction> iam;
  std::uint64_t body_bytes_max = 1 << 20;
  bool streaming_input = false;
  bool streaming_output = false;
  bool sensitive_input = false;       // the body is wiped after parsing
  bool body_digest_required = false;  // S3: a request without Content-MD5 and x-amz-checksum-* is refused
};

template <class... Ts>
struct TypeList {
  static constexpr std::size_t kSize = sizeof...(Ts);
  template <class T>
  static constexpr bool kContains = (std::is_same_v<T, Ts> || ...);
};

}  // namespace firmsign::aws
