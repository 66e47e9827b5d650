// SPDX-License-Identifier: Apache-2.0

#include "apps/server/tokens.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace firmsign::server {

Expected<keys::Tokens> MakeTokens(const Pkcs11Options& options) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  std::vector<std::shared_ptr<pkcs11::Token>> tokens;
  for (const std::string& entry : options.tokens) {
    const std::size_t equals = entry.find('=');
    const std::string name = entry.substr(0, equals);
    if (equals == std::string::npos || name.empty() || name.size() > 64 ||
        name.find_first_of(":[]\"'") != std::string::npos) {
      // Not what it is: somebody may have put a PIN into it.
      return Fail(Code::kInvalid, fmt::format("pkcs11.tokens, entry {}: write NAME=URI", tokens.size() + 1));
    }
    if (keys::Tokens(tokens).Find(name)) {
      return Fail(Code::kInvalid, fmt::format("pkcs11.tokens: two tokens are called {}", name));
    }
    auto uri = pkcs11::ParseTokenUri(entry.substr(equals + 1), credentials == nullptr ? "" : credentials);
    if (!uri) return Fail(Code::kInvalid, fmt::format("pkcs11.tokens: {}: {}", name, uri.error().message));
    tokens.push_back(std::make_shared<pkcs11::Token>(
        pkcs11::TokenOptions{.name = name,
                             .uri = *std::move(uri),
                             .workers = static_cast<int>(options.workers),
                             .sessions = static_cast<int>(options.sessions),
                             .answer_max = std::chrono::seconds(options.answer_seconds_max),
                             .environment = options.environment}));
  }
  return keys::Tokens(std::move(tokens));
}

std::size_t TokenSessions(const Pkcs11Options& options) {
  return options.tokens.size() * static_cast<std::size_t>(options.workers * options.sessions);
}

void MakeTokenMetrics(const keys::Tokens& tokens, telemetry::Metrics& metrics) {
  const auto sum = [&tokens](std::int64_t pkcs11::TokenStatistics::* count) {
    std::int64_t total = 0;
    for (const auto& token : tokens.all()) total += token->Statistics().*count;
    return static_cast<double>(total);
  };
  metrics.MakeGauge("firmsign_token_answers", "What hardware tokens did for this process.",
                    [sum] { return sum(&pkcs11::TokenStatistics::answers); });
  metrics.MakeGauge("firmsign_token_workers_started", "Processes that were started to hold a token's module.",
                    [sum] { return sum(&pkcs11::TokenStatistics::workers_started); });
  metrics.MakeGauge("firmsign_token_workers_lost", "Those of them that crashed, hung or lost their token.",
                    [sum] { return sum(&pkcs11::TokenStatistics::workers_lost); });
}

}  // namespace firmsign::server
