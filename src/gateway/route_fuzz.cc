// SPDX-License-Identifier: Apache-2.0
//
// Any head leads to a service, and to an operation only of that service; and twice to the same.
//
// Input: method, target, Host, X-Amz-Target, Content-Type and scope, a line each; what follows is the form.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "gateway/route.h"
#include "gateway/testing/services.h"

namespace {

std::string TakeLine(std::string_view& input) {
  const std::size_t end = input.find('\n');
  std::string line(input.substr(0, end));
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace gateway = firmsign::gateway;
  static const gateway::Router router(gateway::AllServices(), {"localhost", "firmsign.example"});
  std::string_view input(reinterpret_cast<const char*>(data), size);
  firmsign::http::RequestHead head;
  head.method = TakeLine(input);
  head.target = TakeLine(input);
  for (const char* name : {"Host", "X-Amz-Target", "Content-Type"}) {
    if (std::string value = TakeLine(input); !value.empty()) head.headers.Add(name, std::move(value));
  }
  firmsign::sigv4::Claim claim;
  claim.scope.service = TakeLine(input);

  const gateway::ServiceRoutes& service = router.FindService(head, claim.scope.service.empty() ? nullptr : &claim);
  CHECK(service.descriptor != nullptr);
  const auto route = router.FindOperation(service, head, input);
  const auto again = router.FindOperation(service, head, input);
  CHECK(route.has_value() == again.has_value());
  if (!route) return 0;
  CHECK(route->handler == again->handler && route->path == again->path);
  CHECK(route->handler->operation->service == service.descriptor);
  CHECK(route->service->descriptor == service.descriptor);
  CHECK(route->handler >= service.handlers.data() &&
        route->handler < service.handlers.data() + service.handlers.size());
  // Only the query protocol finds an operation whatever the method is.
  const bool is_rest = service.descriptor->protocol == firmsign::aws::Protocol::kRestJson ||
                       service.descriptor->protocol == firmsign::aws::Protocol::kRestXml;
  CHECK(!is_rest || route->handler->operation->method == head.method);
  return 0;
}
