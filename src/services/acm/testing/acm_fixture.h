// SPDX-License-Identifier: Apache-2.0
//
// For tests: ACM over a database in memory, with a clock that stands within the validity of the test certificates.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/keys/keyring.h"
#include "gateway/testing/call.h"
#include "platform/crypto/testing/vectors.h"
#include "platform/db/testing/databases.h"
#include "ports/testing/certificate_users.h"
#include "services/acm/operations.h"
#include "services/acm/schema.h"

namespace firmsign::acm {

inline std::string Pem(const std::string& name) { return crypto::Vector("crypto/" + name + ".pem"); }

// Everything that the tables hold, as one text (store_test.cc).
std::string DumpTables(db::Database& database);

class AcmTest : public testing::Test {
 protected:
  template <class Op, auto Handle>
  std::expected<typename Op::Output, aws::ApiError> Call(typename Op::Input input) {
    return gateway.Call<Op, nullptr, Handle>(service, std::move(input));
  }

  std::expected<ImportCertificateResponse, aws::ApiError> Import(ImportCertificateRequest input) {
    return Call<ops::ImportCertificate, &ImportCertificate>(std::move(input));
  }
  static ImportCertificateRequest RequestFor(const std::string& name) {
    return {.certificate = Pem(name + ".crt"), .private_key = SecretBytes(Pem(name + ".key"))};
  }
  // The ARN of a certificate of tests/vectors/crypto, imported a second after the one before.
  std::string MustImport(const std::string& name) {
    gateway.facts.now = gateway.facts.now + std::chrono::seconds(1);
    auto output = Import(RequestFor(name));
    CHECK(output.has_value());
    return *output->certificate_arn;
  }

  template <class Answer>
  static std::string NameOfError(const Answer& answer) {
    if (answer) return "no error";
    return answer.error().shape == nullptr ? "not modelled" : std::string(answer.error().shape->name);
  }

  std::string Dump() { return DumpTables(*database); }

  static std::unique_ptr<db::Database> OpenDatabase(const Clock& clock) {
    auto opened = db::testing::AnyDatabase::Open(clock);
    CHECK(db::Migrate(*opened, Migrations()).has_value());
    return opened;
  }

  // One day after the newest test certificate began.
  const Instant now = crypto::Certificate::FromPem(Pem("plain.crt"))->info().not_before + std::chrono::hours(24);
  FakeClock clock{now};
  FakeRandom random;
  std::unique_ptr<db::Database> database = OpenDatabase(clock);
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::Make(keys::MakeMasterKey(random), random);
  Store store{*database};
  keys::Tokens tokens;
  Certificates certificates{store, *keyring, tokens};
  ports::FakeCertificateUsers users;
  Service service{.store = store, .certificates = certificates, .keyring = *keyring, .random = random, .users = users};
  gateway::FakeGateway gateway;

  AcmTest() { gateway.facts.now = now; }
};

inline constexpr const char* kUnknownArn =
    "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000";

}  // namespace firmsign::acm
