// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/evaluate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/check.h"
#include "engine/policy/testing/rows.h"

namespace firmsign::policy {
namespace {

using ::testing::HasSubstr;

const AccountId kHome("111122223333");
const AccountId kAway("444455556666");
constexpr const char* kAction = "signer:StartSigningJob";
constexpr const char* kResource = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release";

std::shared_ptr<const Policy> PolicyOf(std::string source, const std::string& statements,
                                       DocumentKind kind = DocumentKind::kIdentity) {
  auto document = ParseDocument(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}", kind);
  CHECK(document.has_value());
  return std::make_shared<const Policy>(std::move(source), *std::move(document));
}

Principal PrincipalNamed(const std::string& name) {
  Principal principal{.account = kHome};
  if (name == "root") return RootOf(kHome);
  if (name == "anonymous") return Principal();
  if (name == "service") {
    principal = Principal{.type = PrincipalType::kService};
    principal.name = "iot.amazonaws.com";
    return principal;
  }
  principal.entity_id = "AIDASAM";
  principal.entity_arn = "arn:aws:iam::111122223333:user/sam";
  principal.name = "sam";
  if (name == "user") {
    principal.type = PrincipalType::kUser;
    principal.arn = principal.entity_arn;
  } else if (name == "federated") {
    principal.type = PrincipalType::kFederatedUser;
    principal.arn = "arn:aws:sts::111122223333:federated-user/bob";
  } else {
    EXPECT_EQ(name, "role");
    principal.type = PrincipalType::kAssumedRole;
    principal.arn = "arn:aws:sts::111122223333:assumed-role/ci/build";
    principal.entity_id = "AROACI";
    principal.entity_arn = "arn:aws:iam::111122223333:role/ci";
  }
  return principal;
}

// The Principal element by which `who` is called `name` in the table.
std::string ElementOf(const std::string& name, const Principal& who) {
  if (name == "all") return R"("*")";
  if (name == "account") return R"({"AWS":"arn:aws:iam::111122223333:root"})";
  if (name == "role") return R"({"AWS":"arn:aws:iam::111122223333:role/ci"})";
  if (name == "stranger") return R"({"AWS":"arn:aws:iam::111122223333:user/stranger"})";
  EXPECT_EQ(name, "caller");
  if (who.type == PrincipalType::kService) return R"({"Service":"iot.amazonaws.com"})";
  // Root and anonymous callers have no name of their own.
  const bool is_nobody = who.arn.empty() || who.type == PrincipalType::kRoot;
  return is_nobody ? R"({"AWS":"arn:aws:iam::111122223333:user/sam"})" : R"({"AWS":")" + who.arn + R"("})";
}

// nullptr for "-".
std::shared_ptr<const Policy> IdentityPolicy(const std::string& source, const std::string& cell) {
  if (cell == "-") return nullptr;
  std::string statements;
  for (const std::string& word : Split(cell, "+")) {
    statements +=
        fmt::format(R"({}{{"Sid":"{}","Effect":"{}","Action":"{}","Resource":"*"}})", statements.empty() ? "" : ",",
                    word, word == "deny" ? "Deny" : "Allow", word == "other" ? "signer:GetSigningProfile" : kAction);
  }
  return PolicyOf(source, statements);
}

std::shared_ptr<const Policy> ResourcePolicy(const std::string& cell, const Principal& who) {
  if (cell == "-") return nullptr;
  std::string statements;
  for (const std::string& word : Split(cell, "+")) {
    const bool is_deny = word.starts_with("deny-");
    statements += fmt::format(R"({}{{"Sid":"{}","Effect":"{}","Principal":{},"Action":"{}","Resource":"*"}})",
                              statements.empty() ? "" : ",", word, is_deny ? "Deny" : "Allow",
                              ElementOf(word.substr(word.find('-') + 1), who), kAction);
  }
  return PolicyOf("resource", statements, DocumentKind::kResource);
}

// The last cell of a row for a decision.
std::string Explain(const Decision& decision) {
  if (decision.statement != nullptr) {
    return decision.policy->source() + "/" + NameOf(*decision.policy, *decision.statement);
  }
  const std::map<Cause, std::string> causes = {{Cause::kRoot, "root"},
                                               {Cause::kIdentityPolicy, "identity"},
                                               {Cause::kBoundary, "boundary"},
                                               {Cause::kSessionPolicy, "session"},
                                               {Cause::kResourcePolicy, "resource"}};
  return causes.at(decision.cause);
}

struct Setting {
  Principal principal;
  Entitlements entitlements;
  std::shared_ptr<const Policy> resource_policy;
  AccountId owner = kHome;
  Context context;

  Decision Ask(bool needs_resource_policy = false) const {
    return Evaluate({.principal = principal,
                     .action = kAction,
                     .resource = kResource,
                     .owner = owner,
                     .context = context,
                     .entitlements = &entitlements,
                     .resource_policy = resource_policy.get(),
                     .needs_resource_policy = needs_resource_policy});
  }
};

TEST(Evaluate, DecidesAsTheTableSays) {
  for (const Row& row : ReadRows("decisions.txt", 8)) {
    Setting setting{.principal = PrincipalNamed(row.cells[0])};
    setting.owner = row.cells[1] == "home" ? kHome : kAway;
    if (auto policy = IdentityPolicy("identity", row.cells[2])) setting.entitlements.policies.push_back(policy);
    setting.entitlements.boundary = IdentityPolicy("boundary", row.cells[3]);
    if (auto policy = IdentityPolicy("session", row.cells[4])) {
      setting.principal.session = std::make_shared<const Session>(Session{.policies = PolicyList{policy}});
    }
    setting.resource_policy = ResourcePolicy(row.cells[5], setting.principal);
    const Decision decision = setting.Ask();
    const std::string verdict = decision.allowed ? "allow" : decision.is_explicit ? "deny" : "none";
    EXPECT_EQ(verdict, row.cells[6]) << row.place << ": " << decision.message;
    EXPECT_EQ(Explain(decision), row.cells[7]) << row.place << ": " << decision.message;
    EXPECT_EQ(decision.message.empty(), decision.allowed) << row.place;
  }
}

TEST(Evaluate, AsksARolesPolicyAlsoAtHome) {
  Setting setting{.principal = PrincipalNamed("user")};
  setting.entitlements.policies.push_back(IdentityPolicy("identity", "allow"));
  EXPECT_TRUE(setting.Ask(false).allowed);
  EXPECT_FALSE(setting.Ask(true).allowed) << "no trust policy";
  setting.resource_policy = ResourcePolicy("allow-stranger", setting.principal);
  EXPECT_FALSE(setting.Ask(true).allowed);
  setting.resource_policy = ResourcePolicy("allow-account", setting.principal);
  EXPECT_TRUE(setting.Ask(true).allowed);
  setting.entitlements.policies.clear();
  EXPECT_FALSE(setting.Ask(true).allowed) << "the account leaves it to its administrators";
  setting.resource_policy = ResourcePolicy("allow-caller", setting.principal);
  EXPECT_TRUE(setting.Ask(true).allowed);
}

TEST(Evaluate, KnowsPrincipalsByTheirUniqueIds) {
  Setting user{.principal = PrincipalNamed("user")};
  user.principal.entity_id = "AIDAABCDEFGHIJKLMNOPQ";
  const auto policy = [](std::string_view id) {
    return PolicyOf("resource",
                    fmt::format(R"({{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"*","Resource":"*"}})", id),
                    DocumentKind::kResource);
  };
  user.resource_policy = policy("AIDAABCDEFGHIJKLMNOPQ");
  EXPECT_TRUE(user.Ask().allowed);
  user.resource_policy = policy("AIDAAAAAAAAAAAAAAAAAA");
  EXPECT_FALSE(user.Ask().allowed);
  user.resource_policy = policy(kHome.str());
  user.entitlements.policies.push_back(IdentityPolicy("identity", "allow"));
  EXPECT_TRUE(user.Ask().allowed);
}

TEST(Evaluate, ExemptsFromADenialWhomNotPrincipalNames) {
  const auto deny = PolicyOf("resource",
                             R"({"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/sam",
                                 "arn:aws:iam::111122223333:root"]},"Action":"*","Resource":"*"})",
                             DocumentKind::kResource);
  Setting setting{.principal = PrincipalNamed("user"), .resource_policy = deny};
  setting.entitlements.policies.push_back(IdentityPolicy("identity", "allow"));
  EXPECT_TRUE(setting.Ask().allowed);
  setting.principal.arn = setting.principal.entity_arn = "arn:aws:iam::111122223333:user/eve";
  EXPECT_FALSE(setting.Ask().allowed) << "the account stands for its root alone";
  Setting root{.principal = RootOf(kHome), .resource_policy = deny};
  EXPECT_TRUE(root.Ask().allowed);
}

TEST(Evaluate, SaysInAwsWordsWhyNot) {
  Setting setting{.principal = PrincipalNamed("user")};
  EXPECT_EQ(
      setting.Ask().message,
      "User: arn:aws:iam::111122223333:user/sam is not authorized to perform: signer:StartSigningJob on resource: "
      "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release because no identity-based policy allows the "
      "signer:StartSigningJob action");
  setting.entitlements.policies.push_back(IdentityPolicy("arn:aws:iam::111122223333:policy/Sign", "allow+deny"));
  EXPECT_THAT(setting.Ask().message, HasSubstr("with an explicit deny in an identity-based policy: statement deny of "
                                               "arn:aws:iam::111122223333:policy/Sign"));
  Setting away{.principal = PrincipalNamed("user"), .owner = kAway};
  away.entitlements.policies.push_back(IdentityPolicy("identity", "allow"));
  away.resource_policy = ResourcePolicy("deny-all", away.principal);
  EXPECT_TRUE(away.Ask().message.ends_with("with an explicit deny in a resource-based policy"))
      << "what it says is its owner's business";
  Setting anonymous;
  EXPECT_THAT(anonymous.Ask().message, HasSubstr("User: anonymous is not authorized"));
}

TEST(Evaluate, NamesAStatementWithoutASidByItsPlace) {
  Setting setting{.principal = PrincipalNamed("user")};
  setting.entitlements.policies.push_back(PolicyOf(
      "p",
      R"({"Effect":"Allow","Action":"a:b","Resource":"*"},{"Effect":"Allow","Action":"signer:*","Resource":"*"})"));
  const Decision decision = setting.Ask();
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.DecidedBy(), "statement 1 of p");
}

// Random policies over a few words, so that statements often match.

std::string RandomStatement() {
  const std::string effect = *rc::gen::element<std::string>("Allow", "Deny");
  const std::string action = *rc::gen::element<std::string>(
      R"("Action":"*")", R"("Action":"signer:Start*")", R"("NotAction":"signer:StartSigningJob")",
      R"("NotAction":"s3:*")", R"("Action":["s3:GetObject","signer:?tartSigningJob"])");
  const std::string resource = *rc::gen::element<std::string>(
      R"("Resource":"*")", R"("Resource":"arn:aws:signer:*:*:/signing-profiles/${aws:username}")",
      R"("NotResource":"arn:aws:s3:::x")", R"("Resource":"arn:aws:s3:::x")");
  const std::string condition = *rc::gen::element<std::string>(
      "", R"(,"Condition":{"StringEquals":{"aws:username":"release"}})",
      R"(,"Condition":{"StringNotLike":{"aws:username":"r*"}})", R"(,"Condition":{"Null":{"aws:username":"true"}})",
      R"(,"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["${aws:username}"]}})");
  return fmt::format(R"({{"Effect":"{}",{},{}{}}})", effect, action, resource, condition);
}

std::vector<std::string> RandomStatements() {
  std::vector<std::string> statements(static_cast<std::size_t>(*rc::gen::inRange(1, 6)));
  for (std::string& statement : statements) statement = RandomStatement();
  return statements;
}

std::string Join(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += (text.empty() ? "" : ",") + statement;
  return text;
}

// A setting with these identity statements; the rest is random, but the same for the same `salt`.
struct RandomSetting {
  Setting rest;
  bool has_session = false;
  std::string boundary;
  std::string session;

  Setting With(const std::vector<std::string>& statements) const {
    Setting setting = rest;
    setting.entitlements.policies.push_back(PolicyOf("identity", Join(statements)));
    if (!boundary.empty()) setting.entitlements.boundary = PolicyOf("boundary", boundary);
    if (!session.empty()) {
      setting.principal.session =
          std::make_shared<const Session>(Session{.policies = PolicyList{PolicyOf("session", session)}});
    }
    return setting;
  }
};

RandomSetting MakeRandomSetting() {
  RandomSetting random;
  random.rest.principal = PrincipalNamed(*rc::gen::element<std::string>("user", "role", "federated"));
  random.rest.owner = *rc::gen::element(kHome, kAway);
  if (*rc::gen::arbitrary<bool>())
    random.rest.context.Set("aws:username", *rc::gen::element<std::string>("release", "x"));
  if (*rc::gen::arbitrary<bool>()) random.boundary = Join(RandomStatements());
  if (*rc::gen::arbitrary<bool>()) random.session = Join(RandomStatements());
  const std::string resource =
      *rc::gen::element<std::string>("-", "allow-caller", "allow-account", "allow-all", "deny-all");
  random.rest.resource_policy = ResourcePolicy(resource, random.rest.principal);
  return random;
}

RC_GTEST_PROP(Evaluate, ADenyMoreNeverAllowsMore, ()) {
  const RandomSetting random = MakeRandomSetting();
  std::vector<std::string> statements = RandomStatements();
  const bool before = random.With(statements).Ask().allowed;
  std::string deny = RandomStatement();
  if (const std::size_t at = deny.find("Allow"); at != std::string::npos) deny.replace(at, 5, "Deny");
  statements.push_back(deny);
  RC_ASSERT(before || !random.With(statements).Ask().allowed);
}

RC_GTEST_PROP(Evaluate, AnAllowLessNeverAllowsMore, ()) {
  const RandomSetting random = MakeRandomSetting();
  std::vector<std::string> statements = RandomStatements();
  statements.push_back(R"({"Effect":"Deny","Action":"none:none","Resource":"*"})");  // so that one is left
  const bool before = random.With(statements).Ask().allowed;
  const auto allow = std::ranges::find_if(
      statements, [](const std::string& statement) { return statement.find("Allow") != std::string::npos; });
  RC_PRE(allow != statements.end());
  statements.erase(allow);
  RC_ASSERT(before || !random.With(statements).Ask().allowed);
}

RC_GTEST_PROP(Evaluate, TellsTheStatementThatDecided, ()) {
  const Setting setting = MakeRandomSetting().With(RandomStatements());
  const Decision decision = setting.Ask();
  if (decision.statement != nullptr) {
    RC_ASSERT((decision.statement->effect() == Effect::kAllow) == decision.allowed);
    RC_ASSERT(!decision.DecidedBy().empty());
  } else {
    RC_ASSERT(!decision.allowed && !decision.is_explicit);
  }
}

}  // namespace
}  // namespace firmsign::policy
