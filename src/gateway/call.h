// SPDX-License-Identifier: Apache-2.0
//
// What a handler receives: the facts of one call, and the proof that it was authorised.
//
// Only the gateway can construct an Authorized<Op>, so a handler cannot run unauthorised.

#pragma once

#include <any>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aws/api_error.h"
#include "aws/operation.h"
#include "base/check.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/grant.h"
#include "engine/policy/principal.h"
#include "gateway/payload.h"
#include "platform/db/database.h"

namespace firmsign::gateway {

// What policies are asked with in all of a call's questions. Made by the gateway once it knows the input.
struct CallerRights {
  policy::Context context;
  std::shared_ptr<const policy::Entitlements> entitlements;  // nullptr: none
};

// Known before the handler runs; the same for resolvers and handlers.
struct CallFacts {
  RequestId request_id;
  const aws::OperationDescriptor* operation = nullptr;
  policy::Principal caller;
  Region region;  // of the credential scope
  Instant now;
  std::string source_ip;
  std::string user_agent;
  std::string host;
  std::string referer;
  bool tls = false;
  policy::Context signature;                   // what conditions may ask about how a call of S3 is signed
  std::shared_ptr<const CallerRights> rights;  // set by the gateway before anything is authorised
  mutable bool is_recorded = false;  // the audit record was committed with the change; set by the gateway alone

  const AccountId& account() const { return caller.account; }
};

// What conditions may ask about a resource that is not worth finding out unless one does.
struct ContextOnDemand {
  std::string_view prefix;  // of its keys, in small letters: "s3:existingobjecttag/"
  std::function<Expected<policy::Context>()> read;
};

// Something that a call wants to use, and what its owner says about it.
struct Resource {
  AccountId owner;
  std::string arn;
  std::shared_ptr<const policy::Policy> policy = nullptr;  // who may use it: of a bucket, a profile, a role
  policy::Context context = {};                            // what conditions may ask about it: its tags, its version
  bool needs_policy = false;                               // it must name the caller: a role's does
  std::optional<ContextOnDemand> on_demand = std::nullopt;
};

// What a resolver found: the resource, and anything that the handler can use again.
struct Resolution : Resource {
  std::any value = {};
  // Who calls, where a token in the request says so instead of a signature.
  std::optional<policy::Principal> caller = std::nullopt;
};

// What Require and Record need; the gateway implements it (gateway/authorizer.h), tests fake it.
class CallServices {
 public:
  virtual ~CallServices() = default;
  virtual Expected<policy::Grant> Require(const CallFacts& facts, std::string_view action,
                                          const Resource& resource) = 0;
  virtual Expected<void> Record(db::Transaction& transaction, const CallFacts& facts, const void* input,
                                const void* output) = 0;
};

// The part of a call that does not depend on the operation's type. Made by the pipeline, once authorised.
struct AuthorizedCall {
  const CallFacts& facts;
  CallServices& services;
  const void* input = nullptr;
  Payload* payload = nullptr;
  std::optional<Resolution> resolution;
};

// Thread safety: confined to the handler.
template <class Op>
class Authorized {
 public:
  const typename Op::Input& input() const { return *static_cast<const typename Op::Input*>(call_.input); }
  const CallFacts& facts() const { return call_.facts; }
  // The resource that was resolved, in its form for Require.
  const Resource& resource() const {
    CHECK(call_.resolution.has_value());
    return *call_.resolution;
  }
  const policy::Principal& caller() const { return call_.facts.caller; }

  // The body of a streaming operation, verified as it is read.
  Payload& payload() const {
    static_assert(Op::kDescriptor.streaming_input);
    return *call_.payload;
  }

  // What the resolver of this operation put into Resolution::value.
  template <class T>
  const T& resolved() const {
    CHECK(call_.resolution.has_value());
    const T* value = std::any_cast<T>(&call_.resolution->value);
    CHECK(value != nullptr);
    return *value;
  }

  // A further right that depends on the input: the source and destination of a signing job, each key of DeleteObjects.
  // kDenied with AWS's wording.
  Expected<policy::Grant> Require(std::string_view action, const Resource& resource) const {
    return call_.services.Require(call_.facts, action, resource);
  }

  // Writes the audit record of this call in the transaction that makes its change. Every operation of audit class
  // `write` calls this in each transaction that changes something; the gateway itself writes the record of a call that
  // changed nothing.
  Expected<void> Record(db::Transaction& transaction, const typename Op::Output& output) const {
    static_assert(Op::kDescriptor.audit != aws::AuditClass::kRead);
    return call_.services.Record(transaction, call_.facts, call_.input, &output);
  }

 private:
  template <class Service, class O, auto Resolve, auto Handle>
  friend struct HandlerOf;
  explicit Authorized(const AuthorizedCall& call) : call_(call) {}

  const AuthorizedCall& call_;
};

}  // namespace firmsign::gateway
