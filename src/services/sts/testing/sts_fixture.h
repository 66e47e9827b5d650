// SPDX-License-Identifier: Apache-2.0
//
// For tests: the operations of the token service over identities in memory.

#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "gateway/testing/call.h"
#include "platform/db/testing/databases.h"
#include "ports/testing/identities.h"
#include "services/sts/operations.h"

namespace firmsign::sts {

class StsTest : public testing::Test {
 protected:
  // The caller becomes a user of the account.
  void BecomeUser() {
    policy::Principal& caller = gateway.facts.caller;
    caller.type = policy::PrincipalType::kUser;
    caller.arn = caller.entity_arn = "arn:aws:iam::111122223333:user/sam";
    caller.user_id = caller.entity_id = "AIDASAM";
    caller.name = "sam";
    caller.access_key = AccessKeyId("AKIASAM");
  }

  FakeClock clock{InstantFromSeconds(1'700'000'000)};
  std::unique_ptr<db::Database> database = db::testing::AnyDatabase::Open(clock);
  ports::FakeIdentities identities{*database};
  ports::FakeSessions sessions;
  // What the web answers, by address.
  std::map<std::string, std::string> web;
  int fetches = 0;
  OpenIdKeys openid_keys{[this](const std::string& url) -> Expected<std::string> {
    ++fetches;
    const auto found = web.find(url);
    if (found == web.end()) return Fail(Code::kUnavailable, "no answer");
    return found->second;
  }};
  FakeRandom random;
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::Make(keys::MakeMasterKey(random), random);
  Denials denials{*keyring};
  Service service{identities, sessions, openid_keys, denials};
  gateway::FakeGateway gateway;
};

}  // namespace firmsign::sts
