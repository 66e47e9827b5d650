// SPDX-License-Identifier: Apache-2.0
//
// restXml, as S3 speaks it (contract 08-s3 §8.1, §8.6).

#include <algorithm>
#include <utility>

#include "aws/protocol/codecs.h"
#include "aws/protocol/rest_binding.h"
#include "aws/protocol/scalar_text.h"
#include "aws/protocol/xml_body.h"
#include "base/encoding.h"

namespace firmsign::aws {
namespace {

using Read = std::expected<void, Malformed>;

constexpr std::string_view kNotWellFormed =
    "The XML you provided was not well-formed or did not validate against our published schema";

// S3's ids have 16 characters of A-Z and 0-9; ours are UUIDs, of which the first 16 digits are taken. The log has the
// whole id, so a search for these digits finds it.
std::string ShortRequestId(std::string_view request_id) {
  std::string out;
  for (const char c : request_id) {
    if (c >= 'a' && c <= 'z') {
      out += static_cast<char>(c - 'a' + 'A');
    } else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
      out += c;
    }
    if (out.size() == 16) break;
  }
  return out;
}

std::string HostId(std::string_view request_id) { return EncodeBase64(request_id); }

void AddIds(std::string_view request_id, http::Response& response) {
  response.headers.Add("x-amz-request-id", ShortRequestId(request_id));
  response.headers.Add("x-amz-id-2", HostId(request_id));
}

void SetContentType(std::string_view type, http::Response& response) {
  if (!response.headers.Find("Content-Type")) response.headers.Add("Content-Type", std::string(type));
}

// GetBucketLocation answers with its only member as the root.
const Member* UnwrappedMember(const OperationDescriptor& operation) {
  const Member* only = nullptr;
  for (const auto& member : operation.output->members) {
    if (member.location != Location::kBody) continue;
    if (only != nullptr) return nullptr;
    only = &member;
  }
  return only != nullptr && IsScalar(only->shape->kind) && WireName(*only) == operation.output_root ? only : nullptr;
}

class RestXml final : public Codec {
 public:
  Read Parse(const OperationDescriptor& operation, const WireRequest& request, void* input,
             std::vector<Violation>& violations) const override {
    if (auto bound = BindRequest(operation, request, input, violations); !bound) return bound;
    const Member* payload = PayloadMember(*operation.input);
    if (payload != nullptr && payload->streaming) return {};
    if (payload != nullptr && request.body.empty()) {
      if (payload->required) violations.push_back(NullViolation({}, payload->name));
      return {};
    }
    if (payload != nullptr && payload->shape->kind != Kind::kStructure) {
      *static_cast<std::string*>(payload->emplace(input)) = request.body;
      return {};
    }
    if (payload == nullptr && !HasBodyMembers(*operation.input)) return {};

    auto root = xml::Parse(request.body, {.bytes_max = operation.body_bytes_max});
    if (!root) return std::unexpected(Malformed{std::string(kNotWellFormed)});
    if (payload == nullptr) return ReadXml(*operation.input, *root, input, {}, violations);
    if (root->name != WireName(*payload) && root->name != payload->shape->name) {
      return std::unexpected(Malformed{std::string(kNotWellFormed)});
    }
    return ReadXml(*payload->shape, *root, payload->emplace(input), JoinPath({}, payload->name), violations);
  }

  http::Response Write(const OperationDescriptor& operation, const void* output,
                       std::string_view request_id) const override {
    http::Response response{.status = operation.success_status};
    AddIds(request_id, response);
    WriteHeaders(*operation.output, output, response);
    const Member* payload = PayloadMember(*operation.output);
    const bool has_members = HasBodyMembers(*operation.output);
    if ((payload != nullptr && payload->streaming) || (payload == nullptr && !has_members)) return response;
    if (payload == nullptr) {
      response.body = Body(operation, output);
    } else if (const void* value = payload->get(output); value == nullptr) {
      return response;
    } else if (payload->shape->kind == Kind::kStructure) {
      response.body = Body(*operation.service, WireName(*payload), *payload->shape, value, false);
    } else {
      const auto& text = *static_cast<const std::string*>(value);
      SetContentType(text.starts_with('{') ? "application/json" : "text/plain", response);
      response.body = text;
      return response;
    }
    SetContentType("application/xml", response);
    return response;
  }

  http::Response WriteError(const ServiceDescriptor&, const ApiError& error, std::string_view request_id,
                            bool head_only) const override {
    http::Response response{.status = error.shape->http_status};
    AddIds(request_id, response);
    for (const auto& [name, value] : error.headers) response.headers.Set(name, value);
    if (head_only || error.shape->http_status == 304) return response;
    SetContentType("application/xml", response);
    std::string body;
    xml::Writer writer(body);
    writer.Declaration();
    writer.Begin("Error");
    writer.Leaf("Code", WireCode(*error.shape));
    writer.Leaf("Message", error.message);
    for (const auto& [name, value] : error.extras) writer.Leaf(name, value);
    writer.Leaf("RequestId", ShortRequestId(request_id));
    writer.Leaf("HostId", HostId(request_id));
    writer.End();
    response.body = std::move(body);
    return response;
  }

 private:
  static std::string Body(const OperationDescriptor& operation, const void* output) {
    const Member* unwrapped = UnwrappedMember(operation);
    if (unwrapped == nullptr) {
      const auto root = operation.output_root.empty() ? operation.output->name : operation.output_root;
      return Body(*operation.service, root, *operation.output, output, true);
    }
    std::string body;
    xml::Writer writer(body);
    writer.Declaration();
    const void* value = unwrapped->get(output);
    if (value == nullptr) {
      writer.Begin(operation.output_root, operation.service->xml_namespace);
      writer.End();
      return body;
    }
    // The writer has no leaf with attributes: the name space goes in behind the name.
    const auto begin = body.size();
    writer.Leaf(operation.output_root, FormatScalar(*unwrapped->shape, value, unwrapped->timestamp_format));
    body.insert(begin + 1 + operation.output_root.size(),
                " xmlns=\"" + std::string(operation.service->xml_namespace) + "\"");
    return body;
  }

  static std::string Body(const ServiceDescriptor& service, std::string_view root, const Shape& shape,
                          const void* object, bool body_only) {
    std::string body;
    xml::Writer writer(body);
    writer.Declaration();
    writer.Begin(root, service.xml_namespace);
    WriteXmlMembers(shape, object, body_only, XmlTimes::kMillis, writer);
    writer.End();
    return body;
  }
};

}  // namespace

const Codec& RestXmlCodec() {
  static const RestXml codec;
  return codec;
}

}  // namespace firmsign::aws
