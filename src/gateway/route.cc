// SPDX-License-Identifier: Apache-2.0

#include "gateway/route.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::gateway {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Percent-encoding that need not be there is undone, as the codecs do: else `?%74agging` would be taken for no
// sub-resource here, and a PUT of tags for a PUT of the object.
bool IsNamed(std::string_view encoded, std::string_view name) {
  if (encoded.find('%') == std::string_view::npos) return encoded == name;
  const auto decoded = DecodePercent(encoded);
  return decoded && *decoded == name;
}

// The value of a query or form parameter as it stands, percent-encoded; nullopt when absent.
std::optional<std::string_view> FindParameter(std::string_view query, std::string_view name) {
  for (const std::string_view pair : Split(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (IsNamed(pair.substr(0, equals), name)) {
      return equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

std::string_view HostWithoutPort(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

// A rest operation with its URI template taken apart.
struct Router::Candidate {
  const ServiceRoutes* service = nullptr;
  const Handler* handler = nullptr;
  std::vector<std::string_view> segments;  // "{name}" and "{name+}" are labels
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> literals;  // of the template's query
  std::vector<std::string_view> required_query;
  std::vector<std::string_view> required_headers;

  static Candidate Make(const ServiceRoutes& service, const Handler& handler) {
    Candidate candidate{.service = &service, .handler = &handler};
    const std::string_view uri = handler.operation->uri;
    const std::size_t question = uri.find('?');
    candidate.segments = Split(uri.substr(1, question == std::string_view::npos ? question : question - 1), '/');
    if (question != std::string_view::npos) {
      for (const std::string_view pair : Split(uri.substr(question + 1), '&')) {
        const std::size_t equals = pair.find('=');
        candidate.literals.emplace_back(pair.substr(0, equals), equals == std::string_view::npos
                                                                    ? std::optional<std::string_view>()
                                                                    : pair.substr(equals + 1));
      }
    }
    for (const aws::Member& member : handler.operation->input->members) {
      if (!member.required) continue;
      if (member.location == aws::Location::kQuery) candidate.required_query.push_back(member.wire_name);
      if (member.location == aws::Location::kHeader) candidate.required_headers.push_back(member.wire_name);
    }
    return candidate;
  }

  bool MatchesPath(const std::vector<std::string_view>& path) const {
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (segments[i].ends_with("+}")) {
        // The rest of the path, which may hold empty segments but is not empty as a whole.
        return path.size() > i && (path.size() > i + 1 || !path[i].empty());
      }
      if (i >= path.size()) return false;
      const bool is_label = segments[i].starts_with('{');
      if (is_label ? path[i].empty() : path[i] != segments[i]) return false;
    }
    return path.size() == segments.size();
  }

  // How many of the parameters that single this operation out the request has; nullopt when it lacks a literal one.
  // With `strict` all required parameters must be there, else their absence is left to validation.
  std::optional<int> Score(std::string_view query, const http::Headers& headers) const {
    int score = 0;
    for (const auto& [name, value] : literals) {
      const std::optional<std::string_view> found = FindParameter(query, name);
      if (!found || (value && *found != *value)) return std::nullopt;
      score += 16;
    }
    for (const std::string_view name : required_query) score += FindParameter(query, name) ? 1 : -1;
    for (const std::string_view name : required_headers) score += headers.Find(name) ? 1 : -1;
    return score;
  }

  bool Binds(std::string_view query_name) const {
    for (const auto& literal : literals) {
      if (literal.first == query_name) return true;
    }
    return std::ranges::any_of(handler->operation->input->members, [&](const aws::Member& member) {
      return member.location == aws::Location::kQuery && member.wire_name == query_name;
    });
  }
};

Router::Router(std::vector<ServiceRoutes> services, std::vector<std::string> s3_domains)
    : services_(std::move(services)), s3_domains_(std::move(s3_domains)) {
  for (const ServiceRoutes& service : services_) {
    const aws::Protocol protocol = service.descriptor->protocol;
    if (protocol != aws::Protocol::kRestJson && protocol != aws::Protocol::kRestXml) continue;
    for (const Handler& handler : service.handlers) candidates_.push_back(Candidate::Make(service, handler));
  }
}

Router::~Router() = default;

const ServiceRoutes* Router::ByName(std::string_view signing_name) const {
  const auto found = std::ranges::find_if(
      services_, [&](const ServiceRoutes& service) { return service.descriptor->signing_name == signing_name; });
  return found == services_.end() ? nullptr : &*found;
}

const ServiceRoutes& Router::FindService(const http::RequestHead& head, const sigv4::Claim* claim) const {
  if (claim != nullptr) {
    if (const ServiceRoutes* service = ByName(claim->scope.service)) return *service;
  }
  if (const auto target = head.headers.Find("X-Amz-Target")) {
    const std::string_view prefix = target->substr(0, target->find('.'));
    for (const ServiceRoutes& service : services_) {
      if (!service.descriptor->target_prefix.empty() && service.descriptor->target_prefix == prefix) return service;
    }
  }
  const std::string_view host = HostWithoutPort(head.headers.Get("Host"));
  const std::string_view label = host.substr(0, host.find('.'));
  const ServiceRoutes* named = ByName(label == "data-signer" ? "signer" : label);
  // The operator's service has the name that a deployment's host may well have, and S3 serves that host, too.
  if (named != nullptr && (!named->descriptor->operator_only || head.peer.uid)) return *named;
  // Many clients call any upload a form, so the place counts, too.
  const bool is_form = head.method == "POST" && head.headers.Get("Content-Type").starts_with(kFormType);
  if (head.path() == "/" && (is_form || FindParameter(head.query(), "Action"))) {
    if (const ServiceRoutes* service = ByName("sts")) return *service;
  }
  const ServiceRoutes* fallback = ByName("s3");
  return fallback != nullptr ? *fallback : services_.front();
}

bool Router::NeedsBody(const ServiceRoutes& service, const http::RequestHead& head) {
  return service.descriptor->protocol == aws::Protocol::kQuery && head.method == "POST";
}

std::expected<Route, RouteProblem> Router::FindOperation(const ServiceRoutes& service, const http::RequestHead& head,
                                                         std::string_view form) const {
  std::expected<Route, RouteProblem> route;
  switch (service.descriptor->protocol) {
    case aws::Protocol::kJson11: route = ByTarget(service, head); break;
    case aws::Protocol::kQuery: route = ByAction(service, head, form); break;
    case aws::Protocol::kRestJson:
    case aws::Protocol::kRestXml: route = ByPath(service, head); break;
  }
  if (route && !route->handler->is_built) {
    return std::unexpected(
        RouteProblem{aws::CommonError::kNotYetBuilt,
                     fmt::format("{} is not yet built in this version of Firmsign.", route->handler->operation->name)});
  }
  return route;
}

std::expected<Route, RouteProblem> Router::ByTarget(const ServiceRoutes& service, const http::RequestHead& head) const {
  const std::string_view target = head.headers.Get("X-Amz-Target");
  const std::size_t dot = target.find('.');
  const std::string_view name = dot == std::string_view::npos ? std::string_view() : target.substr(dot + 1);
  for (const Handler& handler : service.handlers) {
    if (handler.operation->name == name && target.substr(0, dot) == service.descriptor->target_prefix) {
      return Route{&service, &handler, std::string(head.path()), std::string(head.query())};
    }
  }
  return std::unexpected(RouteProblem{aws::CommonError::kUnknownOperation, ""});
}

std::expected<Route, RouteProblem> Router::ByAction(const ServiceRoutes& service, const http::RequestHead& head,
                                                    std::string_view form) const {
  const std::string_view parameters = head.method == "POST" ? form : head.query();
  const auto action = FindParameter(parameters, "Action");
  const auto version = FindParameter(parameters, "Version");
  if (!action || !version || *version != service.descriptor->api_version) {
    return std::unexpected(
        RouteProblem{aws::CommonError::kUnknownOperation,
                     fmt::format("Could not find operation {} for version {}", action.value_or("NO_ACTION"),
                                 version.value_or("NO_VERSION_SPECIFIED"))});
  }
  for (const Handler& handler : service.handlers) {
    if (handler.operation->name == *action) {
      return Route{&service, &handler, std::string(head.path()), std::string(head.query())};
    }
  }
  return std::unexpected(RouteProblem{aws::CommonError::kUnknownOperation,
                                      fmt::format("Could not find operation {} for version {}", *action, *version)});
}

std::string Router::PathOf(const ServiceRoutes& service, const http::RequestHead& head) const {
  const std::string_view path = head.path();
  if (service.descriptor->signing_name != "s3") return std::string(path);
  const std::string host = ToLower(HostWithoutPort(head.headers.Get("Host")));
  for (const std::string& domain : s3_domains_) {
    if (host.size() <= domain.size() + 1 || !host.ends_with(domain)) continue;
    std::string_view rest = std::string_view(host).substr(0, host.size() - domain.size());
    if (!rest.ends_with('.')) continue;
    rest.remove_suffix(1);
    // bucket.s3.region.domain, bucket.s3.domain, s3.region.domain, s3.domain, bucket.domain. A bucket's name may have
    // dots, so the last label `s3`, with at most a region after it, ends it.
    const std::vector<std::string_view> labels = Split(rest, '.');
    const std::size_t count = labels.size();
    if (labels[count - 1] == "s3") {
      rest = count == 1 ? std::string_view() : rest.substr(0, rest.size() - 3);
    } else if (count >= 2 && labels[count - 2] == "s3" && IsRegion(labels[count - 1])) {
      const std::size_t suffix = labels[count - 1].size() + 3;
      rest = count == 2 ? std::string_view() : rest.substr(0, rest.size() - suffix - 1);
    }
    if (rest.empty()) return std::string(path);
    return fmt::format("/{}{}", rest, path);
  }
  return std::string(path);
}

std::optional<std::string> Router::BucketAlone(const ServiceRoutes& service, const http::RequestHead& head) const {
  std::string path = PathOf(service, head);
  if (path.ends_with('/')) path.pop_back();
  if (path.size() < 2 || path.find('/', 1) != std::string::npos) return std::nullopt;
  return path.substr(1);
}

std::expected<Route, RouteProblem> Router::ByPath(const ServiceRoutes& service, const http::RequestHead& head) const {
  std::string path = PathOf(service, head);
  if (!path.starts_with('/')) return std::unexpected(RouteProblem{aws::CommonError::kUnknownOperation, ""});
  std::vector<std::string_view> segments = Split(std::string_view(path).substr(1), '/');
  const bool is_xml = service.descriptor->protocol == aws::Protocol::kRestXml;
  // S3 takes /bucket/ for /bucket; the JSON services take no trailing slash.
  if (is_xml && segments.size() == 2 && segments[1].empty()) segments.pop_back();

  const Candidate* best = nullptr;
  int best_score = 0;
  for (const Candidate& candidate : candidates_) {
    if (candidate.service->descriptor != service.descriptor) continue;
    if (candidate.handler->operation->method != head.method || !candidate.MatchesPath(segments)) continue;
    const std::optional<int> score = candidate.Score(head.query(), head.headers);
    if (score && (best == nullptr || *score > best_score)) {
      best = &candidate;
      best_score = *score;
    }
  }
  if (best == nullptr) return std::unexpected(RouteProblem{aws::CommonError::kUnknownOperation, ""});
  for (const std::string_view name : service.descriptor->subresources) {
    if (FindParameter(head.query(), name) && !best->Binds(name)) {
      return std::unexpected(
          RouteProblem{aws::CommonError::kNotYetBuilt,
                       fmt::format("The sub-resource ?{} is not yet built in this version of Firmsign.", name)});
    }
  }
  return Route{&service, best->handler, std::move(path), std::string(head.query())};
}

}  // namespace firmsign::gateway
