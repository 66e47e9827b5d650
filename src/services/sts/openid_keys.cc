// SPDX-License-Identifier: Apache-2.0

#include "services/sts/openid_keys.h"

#include <algorithm>
#include <utility>

#include "platform/curl/client.h"
#include "platform/json/json.h"
#include "platform/telemetry/log.h"

namespace firmsign::sts {
namespace {

// A place among those who wait, if there was one.
template <class Semaphore>
class Place {
 public:
  explicit Place(Semaphore& semaphore) : semaphore_(semaphore), is_taken_(semaphore.try_acquire()) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (is_taken_) semaphore_.release();
  }
  explicit operator bool() const { return is_taken_; }

 private:
  Semaphore& semaphore_;
  const bool is_taken_;
};

constexpr std::size_t kProvidersMax = 10'000;
constexpr std::uint64_t kAnswerBytesMax = 512 << 10;
constexpr std::string_view kHttps = "https://";

std::unexpected<Error> Unusable(const std::string& url, std::string_view why) {
  return Fail(Code::kUnavailable, url + ": " + std::string(why));
}

// An issuer without its scheme and the slashes at its end, as providers are registered.
std::string_view NameOf(std::string_view issuer) {
  if (issuer.starts_with(kHttps)) issuer.remove_prefix(kHttps.size());
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  return issuer;
}

// A host with its port: letters, digits, and what else host names and addresses are written with.
bool IsAuthority(std::string_view text) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-.:[]_").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_part);
}

}  // namespace

Fetch FetchByHttps(std::string ca_file) {
  return [ca_file = std::move(ca_file)](const std::string& url) -> Expected<std::string> {
    const std::size_t path = url.find('/', kHttps.size());
    const std::string_view authority = std::string_view(url).substr(0, path);
    if (!url.starts_with(kHttps) || !IsAuthority(authority.substr(kHttps.size()))) {
      return Unusable(url, "not an https address of a host");
    }
    curl::Client client({.connect_seconds_max = std::chrono::seconds(5),
                         .stall_seconds_max = std::chrono::seconds(5),
                         .total_seconds_max = std::chrono::seconds(10),
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
  const json::Value* named = configuration->Find("issuer");
  if (named == nullptr || named->AsString() == nullptr || NameOf(*named->AsString()) != NameOf(issuer)) {
    return Unusable(place, "its issuer is another");  // OpenID Connect Discovery 1.0 §4.3
  }
  ASSIGN_OR_RETURN(const std::string keys, fetch_(*uri->AsString()));
  auto parsed = federation::ParseKeySet(keys);
  if (!parsed) return Unusable(*uri->AsString(), parsed.error().message);
  return std::make_shared<const std::vector<federation::JsonWebKey>>(*std::move(parsed));
}

Expected<KeySet> OpenIdKeys::Known(Provider& provider, const federation::Jwt& token, Instant now) {
  const std::lock_guard lock(provider.mutex);
  const bool was_answered = provider.keys != nullptr;
  if (provider.tried_at && now < *provider.tried_at + kBetweenFetches) {
    if (was_answered && now < provider.fetched_at + kKeptWithoutAnswer) return provider.keys;
    return Fail(Code::kUnavailable, "the provider did not answer a moment ago");
  }
  const bool is_fresh = was_answered && now < provider.fetched_at + kKept;
  return is_fresh && federation::MayKnow(token, *provider.keys) ? provider.keys : nullptr;
}

Expected<KeySet> OpenIdKeys::Old(Provider& provider, Instant now, Error why) {
  const std::lock_guard lock(provider.mutex);
  if (provider.keys != nullptr && now < provider.fetched_at + kKeptWithoutAnswer) return provider.keys;
  return std::unexpected(std::move(why));
}

Expected<KeySet> OpenIdKeys::For(const std::string& issuer, const federation::Jwt& token, Instant now) {
  const std::shared_ptr<Provider> provider = ProviderOf(issuer);
  ASSIGN_OR_RETURN(KeySet known, Known(*provider, token, now));
  if (known != nullptr) return known;
  // A provider that does not answer holds up its own callers before all others.
  const Place of_provider(provider->waiting);
  const Place of_all(waiting_);
  if (!of_provider || !of_all) {
    return Old(*provider, now, {.code = Code::kUnavailable, .message = "too many calls wait for providers"});
  }
  const std::unique_lock only_one(provider->fetching, kWaitForOther);
  if (!only_one) {
    return Old(*provider, now, {.code = Code::kUnavailable, .message = "the provider does not answer in time"});
  }
  ASSIGN_OR_RETURN(known, Known(*provider, token, now));  // another thread may have asked meanwhile
  if (known != nullptr) return known;
  Expected<KeySet> fetched = FetchKeys(issuer);
  {
    const std::lock_guard lock(provider->mutex);
    provider->tried_at = now;
    if (fetched) {
      provider->keys = *fetched;
      provider->fetched_at = now;
      return fetched;
    }
  }
  telemetry::Log(telemetry::Level::kWarning, "openid_keys_not_fetched",
                 {{"issuer", issuer}, {"cause", fetched.error().message}});
  return Old(*provider, now, std::move(fetched).error());
}

}  // namespace firmsign::sts
