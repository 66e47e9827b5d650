// SPDX-License-Identifier: Apache-2.0
//
// restJson1, as Signer, IoT and IoT jobs data speak it.
//
// The name of an error travels in x-amzn-ErrorType and there alone: the body's `code` is Signer's sub-code, and clients
// that miss the header would take it for the name (contract 00-common §0.4).

#include <utility>

#include "aws/protocol/codecs.h"
#include "aws/protocol/json_body.h"
#include "aws/protocol/rest_binding.h"
#include "aws/protocol/scalar_text.h"

namespace firmsign::aws {
namespace {

constexpr std::string_view kJson = "application/json";

class RestJson final : public Codec {
 public:
  std::expected<void, Malformed> Parse(const OperationDescriptor& operation, const WireRequest& request, void* input,
                                       std::vector<Violation>& violations) const override {
    if (auto bound = BindRequest(operation, request, input, violations); !bound) return bound;
    const Member* payload = PayloadMember(*operation.input);
    if (payload == nullptr) {
      if (!HasBodyMembers(*operation.input)) return {};
      return ReadJsonBody(operation, request.body, BodyMembers::kBodyOnly, input, violations);
    }
    if (payload->streaming) return {};
    if (request.body.empty()) {
      if (payload->required) violations.push_back(NullViolation({}, payload->name));
      return {};
    }
    return ReadPayload(operation, *payload, request.body, input, violations);
  }

  http::Response Write(const OperationDescriptor& operation, const void* output,
                       std::string_view request_id) const override {
    http::Response response{.status = operation.success_status};
    response.headers.Add("x-amzn-RequestId", std::string(request_id));
    WriteHeaders(*operation.output, output, response);
    const Member* payload = PayloadMember(*operation.output);
    if (!operation.has_output_shape || operation.success_status == 204 || (payload != nullptr && payload->streaming)) {
      return response;
    }
    std::string body;
    json::Writer writer(body);
    if (payload == nullptr) {
      WriteJson(*operation.output, output, BodyMembers::kBodyOnly, writer);
    } else if (const void* value = payload->get(output); value == nullptr) {
      return response;
    } else if (payload->shape->kind == Kind::kStructure) {
      WriteJson(*payload->shape, value, BodyMembers::kAll, writer);
    } else {
      body = *static_cast<const std::string*>(value);
    }
    if (!response.headers.Find("Content-Type")) response.headers.Add("Content-Type", std::string(kJson));
    response.body = std::move(body);
    return response;
  }

  http::Response WriteError(const ServiceDescriptor&, const ApiError& error, std::string_view request_id,
                            bool head_only) const override {
    http::Response response{.status = error.shape->http_status};
    response.headers.Add("x-amzn-RequestId", std::string(request_id));
    response.headers.Add("x-amzn-ErrorType", std::string(WireCode(*error.shape)));
    response.headers.Add("Content-Type", std::string(kJson));
    for (const auto& [name, value] : error.headers) response.headers.Set(name, value);
    if (head_only) return response;
    response.body = WriteJsonError(error, {"code", error.sub_code}, "message");
    return response;
  }

 private:
  static std::expected<void, Malformed> ReadPayload(const OperationDescriptor& operation, const Member& payload,
                                                    std::string_view body, void* input,
                                                    std::vector<Violation>& violations) {
    void* value = payload.emplace(input);
    if (payload.shape->kind == Kind::kStructure) {
      auto parsed = json::Parse(body, {.bytes_max = operation.body_bytes_max});
      if (!parsed) return std::unexpected(Malformed{parsed.error().message});
      return ReadJson(*payload.shape, *parsed, BodyMembers::kAll, value, violations);
    }
    if (payload.shape->kind == Kind::kSecretBlob) {
      *static_cast<SecretBytes*>(value) = SecretBytes(std::string(body));
    } else {
      *static_cast<std::string*>(value) = body;
    }
    return {};
  }
};

}  // namespace

const Codec& RestJsonCodec() {
  static const RestJson codec;
  return codec;
}

}  // namespace firmsign::aws
