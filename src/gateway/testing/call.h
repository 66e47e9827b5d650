// SPDX-License-Identifier: Apache-2.0
//
// For tests of services: calls a handler as the pipeline would, without HTTP.
//
//   FakeGateway gateway;                                     // root of account 111122223333 in us-east-1
//   auto answer = gateway.Call<ops::StartSigningJob, nullptr, &StartSigningJob>(service, {.profile_name = "p"});
//   if (!answer) answer.error().shape->name ...              // an aws::ApiError

#pragma once

#include <algorithm>
#include <cstring>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/policy/principal.h"
#include "gateway/call.h"
#include "gateway/route_table.h"
#include "platform/crypto/digest.h"

namespace firmsign::gateway {

class FakePayload final : public Payload {
 public:
  explicit FakePayload(std::string bytes) : bytes_(std::move(bytes)) {}
  Expected<std::size_t> Read(std::span<char> out) override {
    const std::size_t count = std::min(out.size(), bytes_.size() - position_);
    std::memcpy(out.data(), bytes_.data() + position_, count);
    position_ += count;
    if (count == 0) sha256_ = crypto::DigestOf(crypto::Hash::kSha256, bytes_);
    return count;
  }
  std::optional<std::uint64_t> declared_bytes() const override { return bytes_.size(); }
  const std::string& sha256() const override { return sha256_; }
  const std::vector<std::pair<std::string, std::string>>& trailers() const override { return trailers_; }
  const std::optional<aws::ApiError>& failure() const override { return failure_; }

  std::vector<std::pair<std::string, std::string>> trailers_;

 private:
  std::string bytes_;
  std::size_t position_ = 0;
  std::string sha256_;
  std::optional<aws::ApiError> failure_;
};

class FakeGateway final : public CallServices {
 public:
  explicit FakeGateway(AccountId account = AccountId("111122223333")) {
    facts.request_id = RequestId("11111111-2222-4333-8444-555555555555");
    facts.caller = policy::RootOf(account);
    facts.region = Region("us-east-1");
    facts.now = InstantFromSeconds(1'700'000'000);
    facts.source_ip = "127.0.0.1";
    facts.user_agent = "test";
    facts.host = "localhost";
  }

  // What the handler sees of the call; change it before calling.
  CallFacts facts;
  int records = 0;                    // how many records were committed
  std::vector<std::string> required;  // "action resource" of each Require

  template <class Op, auto Resolve, auto Handle, class Service>
  std::expected<typename Op::Output, aws::ApiError> Call(Service& service, typename Op::Input input,
                                                         Payload* payload = nullptr) {
    using H = HandlerOf<Service, Op, Resolve, Handle>;
    facts.operation = &Op::kDescriptor;
    AuthorizedCall call{.facts = facts, .services = *this, .input = &input, .payload = payload};
    if constexpr (!std::is_null_pointer_v<decltype(Resolve)>) {
      auto resolution = H::RunResolver(&service, facts, &input);
      if (!resolution) return std::unexpected(resolution.error());
      call.resolution = *std::move(resolution);
    }
    auto output = H::Run(&service, call);
    if (!output) return std::unexpected(output.error());
    return std::move(*std::static_pointer_cast<typename Op::Output>(*output));
  }

  Expected<policy::Grant> Require(const CallFacts& call, std::string_view action, const Resource& resource) override {
    required.push_back(std::string(action) + " " + resource.arn);
    if (resource.owner != call.caller.account) return Fail(Code::kDenied, "not your account");
    return policy::Grant::Stored("a test's decision", std::string(action), resource.arn, resource.owner);
  }

  Expected<void> Record(db::Transaction& transaction, const CallFacts&, const void*, const void*) override {
    transaction.AfterCommit([this] { ++records; });
    return {};
  }
};

}  // namespace firmsign::gateway
