// SPDX-License-Identifier: Apache-2.0
//
// How much work decisions are, in branches that the library takes: the same in every run, which no time is. The build
// says FIRMSIGN_COUNTS_WORK where clang counts them (https://clang.llvm.org/docs/SanitizerCoverage.html).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "base/check.h"
#include "engine/policy/evaluate.h"
#include "engine/policy/pattern.h"

namespace {
std::uint64_t branches_taken = 0;
}  // namespace

#ifdef FIRMSIGN_COUNTS_WORK
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is clang's
extern "C" void __sanitizer_cov_trace_pc_guard(std::uint32_t* /*guard*/) { ++branches_taken; }
#endif

namespace firmsign::policy {
namespace {

class Work : public testing::Test {
 protected:
  void SetUp() override {
#ifndef FIRMSIGN_COUNTS_WORK
    GTEST_SKIP() << "this build does not count branches";
#endif
  }
};

template <class Call>
std::uint64_t WorkOf(const Call& call) {
  const std::uint64_t before = branches_taken;
  call();
  return branches_taken - before;
}

// Of a decision by one policy of the user, one of the resource and one of the session, of `count` such statements each.
std::uint64_t WorkOfDecision(const std::string& statement, std::size_t count, bool at_home) {
  const auto policy_of = [&](const char* source, const std::string& principal) {
    std::string statements;
    for (std::size_t i = 0; i < count; ++i) {
      statements += fmt::format("{}{{{}{}}}", i == 0 ? "" : ",", principal, statement);
    }
    const DocumentKind kind = principal.empty() ? DocumentKind::kIdentity : DocumentKind::kResource;
    auto document = ParseDocument(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}", kind);
    CHECK(document.has_value());
    return std::make_shared<const Policy>(source, *std::move(document));
  };
  const AccountId home("111122223333");
  const AccountId owner = at_home ? home : AccountId("444455556666");
  Principal user{.type = PrincipalType::kUser, .account = home};
  user.arn = user.entity_arn = "arn:aws:iam::111122223333:user/sam";
  user.entity_id = "AIDASAM";
  user.session = std::make_shared<const Session>(Session{.policies = PolicyList{policy_of("session", "")}});
  Context context;
  context.Set("aws:username", "sam");
  context.Set("aws:sourceip", "192.0.2.1");
  const Entitlements own{.policies = {policy_of("own", "")}, .boundary = nullptr, .tags = {}};
  const auto of_resource = policy_of("resource", R"("Principal":{"AWS":"111122223333"},)");
  const Question question{.principal = user,
                          .action = "signer:StartSigningJob",
                          .resource = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/sam",
                          .owner = owner,
                          .context = context,
                          .entitlements = &own,
                          .resource_policy = of_resource.get()};
  return WorkOf([&] { static_cast<void>(Evaluate(question)); });
}

TEST_F(Work, OfADecisionGrowsByTheSameForEachStatement) {
  for (const char* statement : {
           R"("Effect":"Allow","Action":"*","Resource":"*")",
           R"("Effect":"Deny","Action":"signer:*","Resource":"*")",
           R"("Effect":"Allow","Action":["s3:Get*","signer:?tartSigningJob"],"Resource":"*")",
           R"("Effect":"Deny","NotAction":"signer:Start*","NotResource":"arn:aws:s3:::x")",
           R"("Effect":"Allow","Action":"*","Resource":"arn:aws:signer:*:*:/signing-profiles/${aws:username}")",
           R"("Effect":"Deny","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},
              "ForAllValues:StringLike":{"aws:TagKeys":["a*","${aws:username}"]}})",
       }) {
    for (const bool at_home : {true, false}) {
      const auto work = [&](std::size_t count) { return WorkOfDecision(statement, count, at_home); };
      const std::uint64_t for_hundred = work(200) - work(100);
      EXPECT_GE(for_hundred, 300) << statement << ": each of three policies has a hundred more, and each is looked at";
      EXPECT_EQ(work(400) - work(200), 2 * for_hundred) << statement;
      EXPECT_EQ(work(1600) - work(400), 12 * for_hundred) << statement;
    }
  }
}

// The worst there is: after each star all of the next piece fits almost everywhere, and never wholly.
TEST_F(Work, OfAMatchIsAtMostThatOfEachPieceWithEachCharacter) {
  constexpr std::uint64_t kBranchesAStep = 4;
  for (const std::size_t stars : {1, 2, 10}) {
    for (const std::size_t piece : {1, 20, 100}) {
      for (const std::size_t length : {100, 1000, 2000}) {
        std::string pattern;
        for (std::size_t i = 0; i < stars; ++i) pattern += "*" + std::string(piece, 'a') + (i + 1 == stars ? "b" : "");
        const Pattern parsed = Template::Parse(pattern, {})->constant();
        const std::string text(length, 'a');
        const std::uint64_t work = WorkOf([&] { EXPECT_FALSE(parsed.Matches(text)); });
        EXPECT_GE(work, length);
        EXPECT_LE(work, kBranchesAStep * pattern.size() * length) << stars << " times " << piece << ", " << length;
      }
    }
  }
}

}  // namespace
}  // namespace firmsign::policy
