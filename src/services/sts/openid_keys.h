// SPDX-License-Identifier: Apache-2.0
//
// The keys of OpenID providers: found by discovery (OpenID Connect Discovery 1.0 §4), kept for an hour, and asked for
// again when a token names a key that is not among them.
//
// Only providers that an account has registered are asked. What they answer is limited in size and time.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/federation/jwt.h"

namespace firmsign::sts {

// The body of a GET for an https address. kUnavailable: there was no answer, or not 200.
using Fetch = std::function<Expected<std::string>(const std::string& url)>;

// By libcurl. `ca_file`: PEM with the authorities of the providers' servers; empty: the system's.
Fetch FetchByHttps(std::string ca_file);

using KeySet = std::shared_ptr<const std::vector<federation::JsonWebKey>>;

// Thread safety: safe; providers that are slow hold up their own tokens alone.
class OpenIdKeys {
 public:
  explicit OpenIdKeys(Fetch fetch) : fetch_(std::move(fetch)) {}

  // The keys among which the token's is, if it is the provider's; of `issuer`, an https address. kUnavailable: the
  // provider does not answer, or not as it must, and no keys of it are known.
  Expected<KeySet> For(const std::string& issuer, const federation::Jwt& token, Instant now);

 private:
  static constexpr std::chrono::hours kKept{1};
  static constexpr std::chrono::hours kKeptWithoutAnswer{24};
  static constexpr std::chrono::seconds kBetweenFetches{30};  // for keys that are not known

  struct Provider {
    std::mutex fetching;
    std::mutex mutex;
    KeySet keys;  // nullptr: none yet
    Instant fetched_at;
    Instant tried_at;
  };

  std::shared_ptr<Provider> ProviderOf(const std::string& issuer);
  Expected<KeySet> FetchKeys(const std::string& issuer) const;

  const Fetch fetch_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Provider>> providers_;
};

}  // namespace firmsign::sts
