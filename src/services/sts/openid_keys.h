// SPDX-License-Identifier: Apache-2.0
//
// The keys of OpenID providers: found by discovery (OpenID Connect Discovery 1.0 §4), kept for an hour, and asked for
// again when a token names a key that is not among them.
//
// Only providers that an account has registered are asked, and of those what they answer is limited in size and time.
// Nobody has to be known to present a token, so no token makes anybody wait for long: a provider is asked at most once
// in half a minute, whether it answered or not, and few threads wait for providers at a time.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/federation/jwt.h"

namespace firmsign::sts {

// The body of a GET for an https address. kUnavailable: there was no answer within ten seconds, or not 200, or the
// address is none: it has a user, a fragment or characters that no host name has.
using Fetch = std::function<Expected<std::string>(const std::string& url)>;

// By libcurl. `ca_file`: PEM with the authorities of the providers' servers; empty: the system's.
Fetch FetchByHttps(std::string ca_file);

using KeySet = std::shared_ptr<const std::vector<federation::JsonWebKey>>;

// Thread safety: safe; providers that are slow hold up their own tokens alone.
class OpenIdKeys {
 public:
  explicit OpenIdKeys(Fetch fetch) : fetch_(std::move(fetch)) {}

  // The keys among which the token's is, if it is the provider's; of `issuer`, an https address. kUnavailable: the
  // provider does not answer, or not as it must, and no keys of it are known; or too many wait for providers already.
  Expected<KeySet> For(const std::string& issuer, const federation::Jwt& token, Instant now);

 private:
  static constexpr std::chrono::hours kKept{1};
  static constexpr std::chrono::hours kKeptWithoutAnswer{24};
  static constexpr std::chrono::seconds kBetweenFetches{30};
  static constexpr std::chrono::seconds kWaitForOther{2};  // who asks the same provider already
  static constexpr std::ptrdiff_t kWaitingMax = 8;         // threads; fewer than serve calls
  static constexpr std::ptrdiff_t kWaitingForOneMax = 3;   // of them, for one provider

  struct Provider {
    std::counting_semaphore<kWaitingForOneMax> waiting{kWaitingForOneMax};
    std::timed_mutex fetching;
    std::mutex mutex;
    KeySet keys;  // nullptr: none yet
    Instant fetched_at;
    std::optional<Instant> tried_at;
  };

  std::shared_ptr<Provider> ProviderOf(const std::string& issuer);
  // What can be said without asking; nullptr: the provider has to be asked.
  static Expected<KeySet> Known(Provider& provider, const federation::Jwt& token, Instant now);
  // Keys that are no longer fresh, if they still do; else `why`.
  static Expected<KeySet> Old(Provider& provider, Instant now, Error why);
  Expected<KeySet> FetchKeys(const std::string& issuer) const;

  const Fetch fetch_;
  std::counting_semaphore<kWaitingMax> waiting_{kWaitingMax};
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Provider>> providers_;
};

}  // namespace firmsign::sts
