// SPDX-License-Identifier: Apache-2.0

#include "services/sts/openid_keys.h"

#include <utility>

#include "platform/curl/client.h"
#include "platform/json/json.h"
#include "platform/telemetry/log.h"

namespace firmsign::sts {
namespace {

constexpr std::size_t kProvidersMax = 10'000;
constexpr std::uint64_t kAnswerBytesMax = 512 << 10;
constexpr std::string_view kHttps = "https://";

std::unexpected<Error> Unusable(const std::string& url, std::string_view why) {
  return Fail(Code::kUnavailable, url + ": " + std::string(why));
}

}  // namespace

Fetch FetchByHttps(std::string ca_file) {
  return [ca_file = std::move(ca_file)](const std::string& url) -> Expected<std::string> {
    const std::size_t path = url.find('/', kHttps.size());
    if (!url.starts_with(kHttps)) return Unusable(url, "not an https address");
    curl::Client client({.connect_seconds_max = std::chrono::seconds(5),
                         .stall_seconds_max = std::chrono::seconds(5),
                         .ca_bundle = ca_file,
                         .uses_proxy_from_environment = true});
    curl::ClientRequest request{.url_base = url.substr(0, path), .unix_socket = {}, .head = {}, .body = {}};
    request.head.method = "GET";
    request.head.target = path == std::string::npos ? "/" : url.substr(path);
    request.head.headers.Add("Accept", "application/json");
    ASSIGN_OR_RETURN(curl::ClientResponse response, client.Send(request, {.response_bytes_max = kAnswerBytesMax}));
    if (response.status != 200) return Unusable(url, "answered with status " + std::to_string(response.status));
    return std::move(response.body);
  };
}

std::shared_ptr<OpenIdKeys::Provider> OpenIdKeys::ProviderOf(const std::string& issuer) {
  const std::lock_guard lock(mutex_);
  if (providers_.size() >= kProvidersMax) providers_.clear();
  std::shared_ptr<Provider>& provider = providers_[issuer];
  if (provider == nullptr) provider = std::make_shared<Provider>();
  return provider;
}

Expected<KeySet> OpenIdKeys::FetchKeys(const std::string& issuer) const {
  const std::string place = issuer + "/.well-known/openid-configuration";
  ASSIGN_OR_RETURN(const std::string text, fetch_(place));
  const auto configuration = json::Parse(text);
  if (!configuration) return Unusable(place, "not JSON");
  const json::Value* uri = configuration->Find("jwks_uri");
  if (uri == nullptr || uri->AsString() == nullptr || !uri->AsString()->starts_with(kHttps)) {
    return Unusable(place, "no https address in jwks_uri");
  }
  ASSIGN_OR_RETURN(const std::string keys, fetch_(*uri->AsString()));
  auto parsed = federation::ParseKeySet(keys);
  if (!parsed) return Unusable(*uri->AsString(), parsed.error().message);
  return std::make_shared<const std::vector<federation::JsonWebKey>>(*std::move(parsed));
}

Expected<KeySet> OpenIdKeys::For(const std::string& issuer, const federation::Jwt& token, Instant now) {
  const std::shared_ptr<Provider> provider = ProviderOf(issuer);
  // The keys that do, or that have to do because the provider was just asked.
  const auto known = [&]() -> KeySet {
    const std::lock_guard lock(provider->mutex);
    if (provider->keys == nullptr) return nullptr;
    const bool is_fresh = now < provider->fetched_at + kKept;
    const bool was_asked = now < provider->tried_at + kBetweenFetches;
    const bool has_key = federation::MayKnow(token, *provider->keys);
    return (is_fresh && has_key) || was_asked ? provider->keys : nullptr;
  };
  if (KeySet keys = known()) return keys;
  const std::lock_guard only_one(provider->fetching);
  if (KeySet keys = known()) return keys;  // another thread asked meanwhile
  Expected<KeySet> fetched = FetchKeys(issuer);
  const std::lock_guard lock(provider->mutex);
  provider->tried_at = now;
  if (fetched) {
    provider->keys = *fetched;
    provider->fetched_at = now;
    return fetched;
  }
  telemetry::Log(telemetry::Level::kWarning, "openid_keys_not_fetched",
                 {{"issuer", issuer}, {"cause", fetched.error().message}});
  if (provider->keys != nullptr && now < provider->fetched_at + kKeptWithoutAnswer) return provider->keys;
  return fetched;
}

}  // namespace firmsign::sts
