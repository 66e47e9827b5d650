// SPDX-License-Identifier: Apache-2.0
//
// awsJson1_1, as ACM, CloudTrail and EventBridge speak it: everything is in the body, the operation in X-Amz-Target.

#include <utility>

#include "aws/protocol/codecs.h"
#include "aws/protocol/json_body.h"

namespace firmsign::aws {
namespace {

constexpr std::string_view kJson11 = "application/x-amz-json-1.1";

class Json11 final : public Codec {
 public:
  std::expected<void, Malformed> Parse(const OperationDescriptor& operation, const WireRequest& request, void* input,
                                       std::vector<Violation>& violations) const override {
    return ReadJsonBody(operation, request.body, BodyMembers::kAll, input, violations);
  }

  http::Response Write(const OperationDescriptor& operation, const void* output,
                       std::string_view request_id) const override {
    auto response = Begin(operation.success_status, request_id);
    if (!operation.has_output_shape) return response;
    std::string body;
    json::Writer writer(body);
    WriteJson(*operation.output, output, BodyMembers::kAll, writer);
    response.body = std::move(body);
    return response;
  }

  http::Response WriteError(const ServiceDescriptor&, const ApiError& error, std::string_view request_id,
                            bool head_only) const override {
    auto response = Begin(error.shape->http_status, request_id);
    for (const auto& [name, value] : error.headers) response.headers.Set(name, value);
    if (head_only) return response;
    const auto code = WireCode(*error.shape);
    // The service family spells this one error's member with a capital; clients read both.
    response.body = WriteJsonError(error, {"__type", code}, code == "AccessDeniedException" ? "Message" : "message");
    return response;
  }

 private:
  static http::Response Begin(int status, std::string_view request_id) {
    http::Response response{.status = status};
    response.headers.Add("x-amzn-RequestId", std::string(request_id));
    response.headers.Add("Content-Type", std::string(kJson11));
    return response;
  }
};

}  // namespace

const Codec& Json11Codec() {
  static const Json11 codec;
  return codec;
}

}  // namespace firmsign::aws
