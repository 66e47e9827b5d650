// SPDX-License-Identifier: Apache-2.0
//
// For tests: the operations of identities over a database in memory.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/keys/keyring.h"
#include "gateway/testing/call.h"
#include "platform/db/testing/databases.h"
#include "ports/testing/master_keys.h"
#include "ports/testing/signing_authority.h"
#include "ports/testing/stored_bytes.h"
#include "ports/testing/token_certificates.h"
#include "services/iam/accounts.h"
#include "services/iam/credentials.h"
#include "services/iam/operator_operations.h"
#include "services/iam/schema.h"

namespace firmsign::iam {

class OperationTest : public testing::Test {
 protected:
  std::expected<operator_api::CreateAccountResponse, aws::ApiError> Create(
      std::string name, std::optional<std::string> id = std::nullopt) {
    return gateway.Call<operator_api::ops::CreateAccount, nullptr, &CreateAccount>(
        service, {.name = std::move(name), .account_id = std::move(id)});
  }
  std::expected<operator_api::ListAccountsResponse, aws::ApiError> List(
      std::optional<std::int64_t> max_results = std::nullopt, std::optional<std::string> token = std::nullopt) {
    return gateway.Call<operator_api::ops::ListAccounts, nullptr, &ListAccounts>(
        service, {.max_results = max_results, .next_token = std::move(token)});
  }
  void PassASecond() { gateway.facts.now = gateway.facts.now + std::chrono::seconds(1); }

  static std::unique_ptr<db::Database> OpenDatabase(const Clock& clock) {
    auto opened = db::testing::AnyDatabase::Open(clock);
    CHECK(db::Migrate(*opened, Migrations()).has_value());
    return opened;
  }

  FakeClock clock{InstantFromSeconds(1'700'000'000)};
  FakeRandom random;
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::Make(keys::MakeMasterKey(random), random);
  std::unique_ptr<db::Database> database = OpenDatabase(clock);
  Store store{*database, *keyring, random};
  Generation generation{*database, {}};
  SessionTokens tokens{*keyring, random};
  PolicyBook policies{*database, generation};
  KeyUsage usage{store};
  Credentials credentials{store, tokens, policies, generation, usage};
  Accounts accounts{store};
  ports::FakeSigningAuthority authority{*database};
  ports::FakeStoredBytes stored_bytes;
  ports::FakeTokenCertificates token_certificates;
  ports::FakeMasterKeys master_keys{*database};
  Service service{store,     generation,   policies,           *keyring,   random,
                  authority, stored_bytes, token_certificates, master_keys};
  gateway::FakeGateway gateway;
};

}  // namespace firmsign::iam
