// SPDX-License-Identifier: Apache-2.0
//
// Routing: from a request's head, and for the query protocol its form, to a service and an operation.
//
// One listener serves all services. They are told apart in this order (contract 00-common §0.6): the service of the
// credential scope, X-Amz-Target, Action and Version, a label of the Host, and otherwise S3, anonymous. The operator's
// own service is found by a label of the Host on DIR/admin.sock only.

#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/protocol/codec.h"
#include "aws/sigv4/sigv4.h"
#include "gateway/route_table.h"
#include "platform/http/message.h"

namespace firmsign::gateway {

// Where a request goes. `path` and `query` are what the operation binds to: for S3 in virtual-host style the bucket has
// been moved from the Host to the front of the path.
struct Route {
  const ServiceRoutes* service = nullptr;
  const Handler* handler = nullptr;
  std::string path;
  std::string query;
};

struct RouteProblem {
  aws::CommonError error;
  std::string message;
};

// Thread safety: immutable.
class Router {
 public:
  // `s3_domains`: host suffixes below which a label is a bucket, e.g. "localhost" for bucket.localhost. All of
  // `services` outlive the router.
  Router(std::vector<ServiceRoutes> services, std::vector<std::string> s3_domains);
  ~Router();

  // The service, from the head alone. Never null: what nobody claims is S3's.
  const ServiceRoutes& FindService(const http::RequestHead& head, const sigv4::Claim* claim) const;
  // True when the operation's name is in a form in the body (the query protocol).
  static bool NeedsBody(const ServiceRoutes& service, const http::RequestHead& head);
  // The bucket that a request to S3 names alone, in its path or its host; nullopt when it names none, or a key as well.
  std::optional<std::string> BucketAlone(const ServiceRoutes& service, const http::RequestHead& head) const;
  // `form`: the body of a query request, else empty. kUnknownOperation or kNotYetBuilt.
  std::expected<Route, RouteProblem> FindOperation(const ServiceRoutes& service, const http::RequestHead& head,
                                                   std::string_view form) const;

 private:
  struct Candidate;
  const ServiceRoutes* ByName(std::string_view signing_name) const;
  std::expected<Route, RouteProblem> ByTarget(const ServiceRoutes& service, const http::RequestHead& head) const;
  std::expected<Route, RouteProblem> ByAction(const ServiceRoutes& service, const http::RequestHead& head,
                                              std::string_view form) const;
  std::expected<Route, RouteProblem> ByPath(const ServiceRoutes& service, const http::RequestHead& head) const;
  std::string PathOf(const ServiceRoutes& service, const http::RequestHead& head) const;

  std::vector<ServiceRoutes> services_;
  std::vector<std::string> s3_domains_;
  std::vector<Candidate> candidates_;
};

}  // namespace firmsign::gateway
