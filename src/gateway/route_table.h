// SPDX-License-Identifier: Apache-2.0
//
// The routing table of a service, on one screen, counted by the compiler.
//
//   using Table = gateway::RouteTable<Service, ops::All,
//       gateway::On<ops::StartSigningJob, &StartSigningJob>,
//       gateway::On<ops::DescribeSigningJob, &ResolveDescribeSigningJob, &DescribeSigningJob>,
//       gateway::NotYetBuilt<ops::SignPayload>, ...>;
//
// An operation of the model without a line does not compile, nor one with two lines, nor a handler of the wrong type.
//   handler:  aws::Result<Op> X(Service&, const gateway::Authorized<Op>&)
//   resolver: std::expected<gateway::Resolution, aws::OperationError<Op>> ResolveX(Service&, const gateway::CallFacts&,
//                                                                                const Op::Input&)

#pragma once

#include <array>
#include <expected>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "aws/api_error.h"
#include "aws/operation.h"
#include "gateway/call.h"

namespace firmsign::gateway {

// An operation's handler with its types erased.
struct Handler {
  const aws::OperationDescriptor* operation = nullptr;
  bool is_built = false;
  std::shared_ptr<void> (*make_input)() = nullptr;
  // nullptr when the operation has no resolver.
  std::expected<Resolution, aws::ApiError> (*resolve)(void* service, const CallFacts& facts,
                                                      const void* input) = nullptr;
  std::expected<std::shared_ptr<void>, aws::ApiError> (*run)(void* service, const AuthorizedCall& call) = nullptr;
};

// A service as the gateway sees it. `service` outlives the gateway.
struct ServiceRoutes {
  const aws::ServiceDescriptor* descriptor = nullptr;
  void* service = nullptr;
  std::span<const Handler> handlers;
};

template <class Service, class Op, auto Resolve, auto Handle>
struct HandlerOf {
  static std::shared_ptr<void> MakeInput() { return std::make_shared<typename Op::Input>(); }

  static std::expected<Resolution, aws::ApiError> RunResolver(void* service, const CallFacts& facts,
                                                              const void* input) {
    std::expected<Resolution, aws::OperationError<Op>> found =
        Resolve(*static_cast<Service*>(service), facts, *static_cast<const typename Op::Input*>(input));
    if (!found) return std::unexpected(std::move(found).error().error());
    return *std::move(found);
  }

  static std::expected<std::shared_ptr<void>, aws::ApiError> Run(void* service, const AuthorizedCall& call) {
    aws::Result<Op> result = Handle(*static_cast<Service*>(service), Authorized<Op>(call));
    if (!result) return std::unexpected(std::move(result).error().error());
    return std::make_shared<typename Op::Output>(*std::move(result));
  }

  static constexpr Handler Make() {
    Handler handler{.operation = &Op::kDescriptor, .is_built = true, .make_input = &MakeInput, .run = &Run};
    if constexpr (!std::is_null_pointer_v<decltype(Resolve)>) handler.resolve = &RunResolver;
    return handler;
  }
};

template <class O, auto... Functions>
struct On;

template <class O, auto Handle>
struct On<O, Handle> {
  using Op = O;
  template <class Service>
  static constexpr Handler Make() {
    return HandlerOf<Service, O, nullptr, Handle>::Make();
  }
};

template <class O, auto Resolve, auto Handle>
struct On<O, Resolve, Handle> {
  using Op = O;
  template <class Service>
  static constexpr Handler Make() {
    return HandlerOf<Service, O, Resolve, Handle>::Make();
  }
};

// Described in the model, answered with a clear 501 until it is built, and listed as such.
template <class O>
struct NotYetBuilt {
  using Op = O;
  template <class Service>
  static constexpr Handler Make() {
    return Handler{.operation = &O::kDescriptor};
  }
};

namespace internal {

template <class Op, class... Lines>
inline constexpr int kLinesFor = (static_cast<int>(std::is_same_v<Op, typename Lines::Op>) + ... + 0);

template <class All, class... Lines>
inline constexpr bool kCoversExactly = false;
template <class... Ops, class... Lines>
inline constexpr bool kCoversExactly<aws::TypeList<Ops...>, Lines...> =
    ((kLinesFor<Ops, Lines...> == 1) && ...) && sizeof...(Ops) == sizeof...(Lines);

}  // namespace internal

template <class Service, class All, class... Lines>
struct RouteTable {
  static_assert(internal::kCoversExactly<All, Lines...>,
                "every operation of the model has exactly one line in the routing table");
  static constexpr std::array<Handler, sizeof...(Lines)> kHandlers{Lines::template Make<Service>()...};
};

}  // namespace firmsign::gateway
