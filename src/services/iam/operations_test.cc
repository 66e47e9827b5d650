// SPDX-License-Identifier: Apache-2.0
//
// The operations of IAM over the stores, without the gateway's decisions.

#include "services/iam/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "services/iam/assertion_store.h"
#include "services/iam/handlers.h"
#include "services/iam/testing/iam_fixture.h"
#include "services/iam/totp.h"

namespace firmsign::iam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kAllow =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"signer:*","Resource":"*"}})";

class IamOperations : public OperationTest {
 protected:
  IamOperations() {
    CHECK(Create("first", gateway.facts.account().str()).has_value());
    gateway.facts.caller.access_key = AccessKeyId("AKIAROOT");
  }

  template <class Op, auto Handle>
  std::expected<typename Op::Output, aws::ApiError> Do(typename Op::Input input) {
    return gateway.Call<Op, nullptr, Handle>(service, std::move(input));
  }
  // The name of the error, or nothing.
  template <class Op, auto Handle>
  std::string Code(typename Op::Input input) {
    const auto answer = Do<Op, Handle>(std::move(input));
    if (answer) return "";
    return answer.error().shape != nullptr ? std::string(answer.error().shape->name) : answer.error().cause;
  }
  void MakeUser(const std::string& name) { EXPECT_EQ((Code<ops::CreateUser, &CreateUser>({.user_name = name})), ""); }
  void MakeGroup(const std::string& name) {
    EXPECT_EQ((Code<ops::CreateGroup, &CreateGroup>({.group_name = name})), "");
  }
  std::string MakePolicy(const std::string& name) {
    const auto made = Do<ops::CreatePolicy, &CreatePolicy>({.policy_name = name, .policy_document = kAllow});
    EXPECT_TRUE(made);
    return *made->policy->arn;
  }
  std::string Join(const std::string& user, const std::string& group) {
    return Code<ops::AddUserToGroup, &AddUserToGroup>({.group_name = group, .user_name = user});
  }
};

TEST_F(IamOperations, NamesAreTheSameWhateverTheirCase) {
  MakeUser("sam");
  EXPECT_EQ((Code<ops::CreateUser, &CreateUser>({.user_name = "Sam"})), "EntityAlreadyExistsException");
  EXPECT_EQ((Do<ops::GetUser, &GetUser>({.user_name = "SAM"})->user.user_name), "sam");
  MakeUser("eve");
  EXPECT_EQ((Code<ops::UpdateUser, &UpdateUser>({.user_name = "eve", .new_user_name = "SAM"})),
            "EntityAlreadyExistsException");
  EXPECT_EQ((Code<ops::UpdateUser, &UpdateUser>({.user_name = "sam", .new_path = "/a/", .new_user_name = "SAM"})), "");
  EXPECT_EQ((Do<ops::GetUser, &GetUser>({.user_name = "sam"})->user.arn), "arn:aws:iam::111122223333:user/a/SAM");
}

TEST_F(IamOperations, AnotherAccountSeesNothing) {
  MakeUser("sam");
  const std::string arn = MakePolicy("Sign");
  gateway.facts.caller = policy::RootOf(AccountId("444455556666"));
  EXPECT_EQ((Code<ops::GetUser, &GetUser>({.user_name = "sam"})), "NoSuchEntityException");
  EXPECT_EQ((Code<ops::GetPolicy, &GetPolicy>({.policy_arn = arn})), "NoSuchEntityException");
  EXPECT_TRUE((Do<ops::ListUsers, &ListUsers>({})->users.empty()));
  MakeUser("sam");
}

TEST_F(IamOperations, WhoWasRemovedAfterTheCallWasAllowedGetsNoKey) {
  policy::Principal gone{.type = policy::PrincipalType::kUser, .account = gateway.facts.account()};
  gone.entity_id = "AIDAGONE";
  gone.name = "sam";
  gateway.facts.caller = gone;
  EXPECT_EQ((Code<ops::CreateAccessKey, &CreateAccessKey>({})), "NoSuchEntityException");
}

TEST_F(IamOperations, ASpentCodeEnablesNoDeviceAgain) {
  MakeUser("sam");
  const auto made = Do<ops::CreateVirtualMFADevice, &CreateVirtualMFADevice>({.virtual_mfa_device_name = "phone"});
  ASSERT_TRUE(made) << made.error().message;
  const std::string serial = made->virtual_mfa_device.serial_number;
  const auto enable = [&] {
    const SecretBytes& seed = *made->virtual_mfa_device.base32_string_seed;
    const std::int64_t step = TotpStep(gateway.facts.now);
    return Code<ops::EnableMFADevice, &EnableMFADevice>({.user_name = "sam",
                                                         .serial_number = serial,
                                                         .authentication_code1 = TotpCode(seed, step - 1),
                                                         .authentication_code2 = TotpCode(seed, step)});
  };
  const auto deactivate = [&] {
    return Code<ops::DeactivateMFADevice, &DeactivateMFADevice>({.user_name = "sam", .serial_number = serial});
  };
  EXPECT_EQ(enable(), "");
  EXPECT_EQ(deactivate(), "");
  EXPECT_EQ(enable(), "InvalidAuthenticationCodeException");
  gateway.facts.now = gateway.facts.now + std::chrono::minutes(2);
  EXPECT_EQ(enable(), "");
}

TEST_F(IamOperations, ABoundaryThatIsGoneLetsNothingThrough) {
  MakeUser("sam");
  ASSERT_TRUE(database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    auto user = *entities::Find(transaction, gateway.facts.account(), Kind::kUser, "sam");
    user->boundary = "arn:aws:iam::444455556666:policy/gone";
    RETURN_IF_ERROR(entities::Update(transaction, *user));
    ASSIGN_OR_RETURN(const policy::Entitlements entitlements, EntitlementsOf(transaction, *user));
    EXPECT_NE(entitlements.boundary, nullptr);
    EXPECT_TRUE(entitlements.boundary->statements().empty());
    return {};
  }));
}

TEST_F(IamOperations, AUserHasTwoKeysAndTenGroups) {
  MakeUser("sam");
  for (int i = 0; i < 2; ++i) EXPECT_EQ((Code<ops::CreateAccessKey, &CreateAccessKey>({.user_name = "sam"})), "");
  const auto third = Do<ops::CreateAccessKey, &CreateAccessKey>({.user_name = "sam"});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "Cannot exceed quota for AccessKeysPerUser: 2");
  for (int i = 0; i < 11; ++i) MakeGroup("g" + std::to_string(i));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Join("sam", "g" + std::to_string(i)), "");
  EXPECT_EQ(Join("sam", "g10"), "LimitExceededException");
  EXPECT_EQ(Join("sam", "g3"), "") << "a member already";
  EXPECT_EQ((Do<ops::ListGroupsForUser, &ListGroupsForUser>({.user_name = "sam"})->groups.size()), 10U);
}

TEST_F(IamOperations, APolicyHasFiveVersionsWhoseNumbersAreNotUsedAgain) {
  const std::string arn = MakePolicy("Sign");
  const auto add = [&] {
    return Do<ops::CreatePolicyVersion, &CreatePolicyVersion>({.policy_arn = arn, .policy_document = kAllow});
  };
  for (int i = 2; i <= 5; ++i) EXPECT_EQ(*add()->policy_version->version_id, "v" + std::to_string(i));
  EXPECT_FALSE(add());
  const auto remove = [&](const std::string& version) {
    return Code<ops::DeletePolicyVersion, &DeletePolicyVersion>({.policy_arn = arn, .version_id = version});
  };
  EXPECT_EQ(remove("v1"), "DeleteConflictException") << "the default";
  EXPECT_EQ(remove("v5"), "");
  EXPECT_EQ(remove("v5"), "NoSuchEntityException");
  EXPECT_EQ(*add()->policy_version->version_id, "v6");
  EXPECT_EQ((Code<ops::DeletePolicy, &DeletePolicy>({.policy_arn = arn})), "DeleteConflictException");
}

TEST_F(IamOperations, APolicyThatIsAttachedOrABoundaryStays) {
  const std::string arn = MakePolicy("Sign");
  MakeUser("sam");
  EXPECT_EQ((Code<ops::AttachUserPolicy, &AttachUserPolicy>({.user_name = "sam", .policy_arn = arn})), "");
  EXPECT_EQ((Code<ops::AttachUserPolicy, &AttachUserPolicy>({.user_name = "sam", .policy_arn = arn})), "");
  EXPECT_EQ(*(Do<ops::GetPolicy, &GetPolicy>({.policy_arn = arn})->policy->attachment_count), 1);
  EXPECT_EQ((Code<ops::DeletePolicy, &DeletePolicy>({.policy_arn = arn})), "DeleteConflictException");
  EXPECT_EQ((Code<ops::DeleteUser, &DeleteUser>({.user_name = "sam"})), "DeleteConflictException");
  EXPECT_EQ((Code<ops::DetachUserPolicy, &DetachUserPolicy>({.user_name = "sam", .policy_arn = arn})), "");
  EXPECT_EQ((Code<ops::DetachUserPolicy, &DetachUserPolicy>({.user_name = "sam", .policy_arn = arn})),
            "NoSuchEntityException");
  EXPECT_EQ((Code<ops::PutUserPermissionsBoundary, &PutUserPermissionsBoundary>(
                {.user_name = "sam", .permissions_boundary = arn})),
            "");
  EXPECT_EQ((Code<ops::DeletePolicy, &DeletePolicy>({.policy_arn = arn})), "DeleteConflictException");
  EXPECT_EQ((Code<ops::DeleteUser, &DeleteUser>({.user_name = "sam"})), "");
  EXPECT_EQ((Code<ops::DeletePolicy, &DeletePolicy>({.policy_arn = arn})), "");
}

TEST_F(IamOperations, AwsPoliciesCanBeAttachedAndNotChanged) {
  const std::string arn = "arn:aws:iam::aws:policy/service-role/AmazonFreeRTOSOTAUpdate";
  MakeGroup("ota");
  EXPECT_EQ((Code<ops::AttachGroupPolicy, &AttachGroupPolicy>({.group_name = "ota", .policy_arn = arn})), "");
  EXPECT_EQ((Code<ops::DeletePolicy, &DeletePolicy>({.policy_arn = arn})), "AccessDenied");
  EXPECT_EQ((Code<ops::CreatePolicyVersion, &CreatePolicyVersion>({.policy_arn = arn, .policy_document = kAllow})),
            "AccessDenied");
  const auto version = Do<ops::GetPolicyVersion, &GetPolicyVersion>({.policy_arn = arn, .version_id = "v1"});
  ASSERT_TRUE(version);
  EXPECT_TRUE(
      policy::ParseDocument(*DecodePercent(*version->policy_version->document), policy::DocumentKind::kIdentity));
}

TEST_F(IamOperations, InlinePoliciesHaveAQuotaTogether) {
  MakeUser("sam");
  const auto put = [&](const std::string& name, std::size_t characters) {
    std::string document = kAllow;
    document.insert(document.find("signer:*"), std::string(characters, 'x'));
    return Code<ops::PutUserPolicy, &PutUserPolicy>(
        {.user_name = "sam", .policy_name = name, .policy_document = document});
  };
  EXPECT_EQ(put("a", 1500), "");
  EXPECT_EQ(put("b", 1500), "LimitExceededException");
  EXPECT_EQ(put("a", 1600), "") << "it takes its own place";
  EXPECT_THAT((Do<ops::ListUserPolicies, &ListUserPolicies>({.user_name = "sam"})->policy_names), ElementsAre("a"));
  EXPECT_EQ(
      (Code<ops::PutUserPolicy, &PutUserPolicy>({.user_name = "sam", .policy_name = "c", .policy_document = "{}"})),
      "MalformedPolicyDocumentException");
}

TEST_F(IamOperations, TagKeysAreTheSameWhateverTheirCase) {
  ASSERT_TRUE((Do<ops::CreateUser, &CreateUser>(
      {.user_name = "sam", .tags = std::vector<Tag>{{.key = "team", .value = "boot"}}})));
  EXPECT_EQ((Code<ops::TagUser, &TagUser>({.user_name = "sam", .tags = {{.key = "Team", .value = "app"}}})), "");
  const auto tags = Do<ops::ListUserTags, &ListUserTags>({.user_name = "sam"})->tags;
  ASSERT_EQ(tags.size(), 1U);
  EXPECT_EQ(tags[0].key, "Team");
  EXPECT_EQ(tags[0].value, "app");
  EXPECT_EQ((Code<ops::TagUser, &TagUser>(
                {.user_name = "sam", .tags = {{.key = "a", .value = ""}, {.key = "A", .value = ""}}})),
            "InvalidInputException");
  EXPECT_EQ((Code<ops::UntagUser, &UntagUser>({.user_name = "sam", .tag_keys = {"TEAM"}})), "");
  EXPECT_TRUE((Do<ops::ListUserTags, &ListUserTags>({.user_name = "sam"})->tags.empty()));
}

TEST_F(IamOperations, ListsGoOnWhereAPageEnded) {
  for (const char* name : {"c", "a", "b", "e", "d"}) MakeUser(name);
  ListUsersRequest input{.max_items = 2};
  std::string names;
  int pages = 0;
  while (true) {
    const auto page = Do<ops::ListUsers, &ListUsers>(input);
    ASSERT_TRUE(page);
    ++pages;
    for (const User& user : page->users) names += user.user_name;
    if (!*page->is_truncated) break;
    input.marker = page->marker;
  }
  EXPECT_EQ(names, "abcde");
  EXPECT_EQ(pages, 3);
  EXPECT_EQ((Code<ops::ListUsers, &ListUsers>({.marker = "!"})), "ValidationError");
}

TEST_F(IamOperations, TrustPoliciesKeepUniqueIdsAndShowNames) {
  MakeUser("sam");
  const auto trust = [](const std::string& arn) {
    return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":")" + arn +
           R"("},"Action":"sts:AssumeRole"}})";
  };
  const std::string sam = trust("arn:aws:iam::111122223333:user/sam");
  ASSERT_TRUE((Do<ops::CreateRole, &CreateRole>({.role_name = "release", .assume_role_policy_document = sam})));
  const auto shown = [&] {
    return *DecodePercent(*Do<ops::GetRole, &GetRole>({.role_name = "release"})->role.assume_role_policy_document);
  };
  EXPECT_EQ(shown(), sam);
  const std::string id = Do<ops::GetUser, &GetUser>({.user_name = "sam"})->user.user_id;
  EXPECT_EQ((Code<ops::UpdateUser, &UpdateUser>({.user_name = "sam", .new_user_name = "samuel"})), "");
  EXPECT_EQ(shown(), trust("arn:aws:iam::111122223333:user/samuel")) << "it is the same user";
  EXPECT_EQ((Code<ops::DeleteUser, &DeleteUser>({.user_name = "samuel"})), "");
  MakeUser("samuel");
  EXPECT_EQ(shown(), trust(id));
  EXPECT_EQ((Code<ops::CreateRole, &CreateRole>(
                {.role_name = "other", .assume_role_policy_document = trust("arn:aws:iam::111122223333:user/none")})),
            "MalformedPolicyDocumentException");
}

TEST_F(IamOperations, PasswordsAreAsTheAccountWantsThem) {
  MakeUser("sam");
  const auto create = [&](const std::string& password) {
    return Code<ops::CreateLoginProfile, &CreateLoginProfile>({.user_name = "sam", .password = password});
  };
  EXPECT_EQ(create("short1!"), "PasswordPolicyViolationException");
  EXPECT_EQ(create("alllowercaseletters"), "PasswordPolicyViolationException");
  EXPECT_EQ((Code<ops::UpdateAccountPasswordPolicy, &UpdateAccountPasswordPolicy>(
                {.minimum_password_length = 20, .require_numbers = true})),
            "");
  EXPECT_EQ(create("alllowercaseletters"), "PasswordPolicyViolationException") << "19 letters";
  EXPECT_EQ(create("alllowercaseletterss"), "PasswordPolicyViolationException") << "no number";
  EXPECT_EQ(create("alllowercaseletters7"), "");
  EXPECT_EQ(create("alllowercaseletters7"), "EntityAlreadyExistsException");
  gateway.facts.caller.type = policy::PrincipalType::kUser;
  gateway.facts.caller.name = "sam";
  gateway.facts.caller.entity_id = Do<ops::GetUser, &GetUser>({.user_name = "sam"})->user.user_id;
  const auto change = [&](const std::string& before, const std::string& after) {
    return Code<ops::ChangePassword, &ChangePassword>({.old_password = before, .new_password = after});
  };
  EXPECT_EQ(change("wrong", "another password of 7"), "AccessDenied");
  EXPECT_EQ(change("alllowercaseletters7", "short"), "PasswordPolicyViolationException");
  EXPECT_EQ(change("alllowercaseletters7", "another password of 7"), "");
  EXPECT_EQ(change("another password of 7", "another password of 8"), "");
}

TEST_F(IamOperations, AnAliasIsOneAccountsInTheWholeDeployment) {
  EXPECT_EQ((Code<ops::CreateAccountAlias, &CreateAccountAlias>({.account_alias = "boot-team"})), "");
  EXPECT_EQ((Code<ops::CreateAccountAlias, &CreateAccountAlias>({.account_alias = "app-team"})), "");
  EXPECT_THAT((Do<ops::ListAccountAliases, &ListAccountAliases>({})->account_aliases), ElementsAre("app-team"));
  gateway.facts.caller = policy::RootOf(AccountId("444455556666"));
  EXPECT_EQ((Code<ops::CreateAccountAlias, &CreateAccountAlias>({.account_alias = "app-team"})),
            "EntityAlreadyExistsException");
  EXPECT_EQ((Code<ops::DeleteAccountAlias, &DeleteAccountAlias>({.account_alias = "app-team"})),
            "NoSuchEntityException");
  EXPECT_EQ((Code<ops::CreateAccountAlias, &CreateAccountAlias>({.account_alias = "boot-team"})), "");
}

TEST_F(IamOperations, AChangeIsRecordedOnceAndAnnounced) {
  const int records = gateway.records;
  const std::uint64_t before = *generation.Current();
  MakeUser("sam");
  EXPECT_EQ(gateway.records, records + 1);
  EXPECT_GT(*generation.Current(), before);
  const std::uint64_t after = *generation.Current();
  EXPECT_EQ((Code<ops::CreateUser, &CreateUser>({.user_name = "sam"})), "EntityAlreadyExistsException");
  EXPECT_EQ(gateway.records, records + 1) << "the gateway records what changed nothing";
  EXPECT_EQ(*generation.Current(), after);
}

TEST_F(IamOperations, SimulationsSayWhichStatementDecides) {
  const auto answer = Do<ops::SimulateCustomPolicy, &SimulateCustomPolicy>(
      {.policy_input_list = {kAllow, R"({"Version":"2012-10-17","Statement":{"Effect":"Deny",
           "Action":"signer:RevokeSignature","Resource":"*"}})"},
       .action_names = {"signer:StartSigningJob", "signer:RevokeSignature", "s3:GetObject"}});
  ASSERT_TRUE(answer);
  const auto& results = *answer->evaluation_results;
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].eval_decision, "allowed");
  EXPECT_EQ(results[1].eval_decision, "explicitDeny");
  EXPECT_EQ(results[2].eval_decision, "implicitDeny");
  const Statement& matched = results[1].matched_statements->front();
  EXPECT_EQ(matched.source_policy_id, "PolicyInputList.2");
  EXPECT_EQ(matched.source_policy_type, "IAM Policy");
  EXPECT_EQ(matched.start_position->column, 38);
  EXPECT_EQ(matched.end_position->line, 2);
  const auto refused =
      Do<ops::SimulateCustomPolicy, &SimulateCustomPolicy>({.policy_input_list = {"{"}, .action_names = {"a:b"}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("PolicyInputList.1: This policy contains invalid Json"));
}

TEST_F(IamOperations, APasswordIsNotUsedAgainSoon) {
  MakeUser("sam");
  const auto update = [&](const std::string& password) {
    PassASecond();
    return Code<ops::UpdateLoginProfile, &UpdateLoginProfile>({.user_name = "sam", .password = password});
  };
  EXPECT_EQ((Code<ops::CreateLoginProfile, &CreateLoginProfile>({.user_name = "sam", .password = "Passw0rd-1"})), "");
  EXPECT_EQ(update("Passw0rd-1"), "") << "without a rule";
  EXPECT_EQ((Code<ops::UpdateAccountPasswordPolicy, &UpdateAccountPasswordPolicy>(
                {.max_password_age = 90, .password_reuse_prevention = 2, .hard_expiry = true})),
            "");
  const auto policy = Do<ops::GetAccountPasswordPolicy, &GetAccountPasswordPolicy>({})->password_policy;
  EXPECT_TRUE(*policy.expire_passwords);
  EXPECT_EQ(policy.max_password_age, 90);
  EXPECT_EQ(policy.password_reuse_prevention, 2);
  EXPECT_TRUE(*policy.hard_expiry);
  EXPECT_EQ(update("Passw0rd-1"), "PasswordPolicyViolationException") << "the current one";
  EXPECT_EQ(update("Passw0rd-2"), "");
  EXPECT_EQ(update("Passw0rd-1"), "PasswordPolicyViolationException") << "the one before";
  EXPECT_EQ(update("Passw0rd-3"), "");
  EXPECT_EQ(update("Passw0rd-1"), "") << "three ago";
  EXPECT_EQ((Code<ops::DeleteLoginProfile, &DeleteLoginProfile>({.user_name = "sam"})), "");
  EXPECT_EQ((Code<ops::CreateLoginProfile, &CreateLoginProfile>({.user_name = "sam", .password = "Passw0rd-3"})), "");

  EXPECT_EQ((Code<ops::GenerateCredentialReport, &GenerateCredentialReport>({})), "");
  const auto report = Do<ops::GetCredentialReport, &GetCredentialReport>({});
  const std::string rotation = FormatIso8601(gateway.facts.now + std::chrono::hours(24 * 90));
  EXPECT_THAT(std::string(*report->content), HasSubstr("," + rotation + ","));
}

TEST_F(IamOperations, AnAssertionIsTakenOnceUntilItHasExpired) {
  const Instant now = gateway.facts.now;
  const auto take = [&](std::string_view name, Instant at) {
    bool is_taken = false;
    EXPECT_TRUE(database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      ASSIGN_OR_RETURN(is_taken, assertions::Take(transaction, name, at + std::chrono::minutes(6), at));
      return {};
    }));
    return is_taken;
  };
  EXPECT_TRUE(take("one", now));
  EXPECT_FALSE(take("one", now + std::chrono::minutes(5)));
  EXPECT_TRUE(take("two", now));
  EXPECT_TRUE(take("one", now + std::chrono::minutes(6))) << "its time was over, so it is not kept";
}

TEST_F(IamOperations, SimulationsComeInPagesAndCostNoMoreThanTheyMay) {
  SimulateCustomPolicyRequest request{.policy_input_list = {kAllow}, .action_names = {"signer:A", "s3:B", "signer:C"}};
  request.resource_arns = {"arn:aws:x:::1", "arn:aws:x:::2"};
  request.max_items = 4;
  auto answer = Do<ops::SimulateCustomPolicy, &SimulateCustomPolicy>(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->evaluation_results->size(), 4U);
  EXPECT_TRUE(*answer->is_truncated);
  request.marker = answer->marker;
  answer = Do<ops::SimulateCustomPolicy, &SimulateCustomPolicy>(request);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->evaluation_results->size(), 2U);
  EXPECT_FALSE(*answer->is_truncated);
  EXPECT_EQ(answer->evaluation_results->front().eval_action_name, "signer:C");
  EXPECT_EQ(answer->evaluation_results->front().eval_resource_name, "arn:aws:x:::1");

  // A thousand simulations of a hundred statements are as much as one call may ask for; a key more is too much.
  std::string statements;
  for (int i = 0; i < 100; ++i) {
    statements += std::string(i == 0 ? "" : ",") + R"({"Effect":"Allow","Action":"*","Resource":"*"})";
  }
  request = {.policy_input_list = {R"({"Statement":[)" + statements + "]}"}, .action_names = {}};
  for (int i = 0; i < 1000; ++i) request.action_names.push_back("s3:A" + std::to_string(i));
  request.max_items = 1;
  EXPECT_EQ((Code<ops::SimulateCustomPolicy, &SimulateCustomPolicy>(request)), "");
  request.policy_input_list[0].insert(request.policy_input_list[0].find(R"(,"Action)"),
                                      R"(,"Condition":{"StringEquals":{"aws:userid":"x"}})");
  EXPECT_EQ((Code<ops::SimulateCustomPolicy, &SimulateCustomPolicy>(request)), "InvalidInputException");
  request.action_names.pop_back();
  EXPECT_EQ((Code<ops::SimulateCustomPolicy, &SimulateCustomPolicy>(request)), "InvalidInputException");
  request.action_names.resize(990);
  EXPECT_EQ((Code<ops::SimulateCustomPolicy, &SimulateCustomPolicy>(request)), "");
}

}  // namespace
}  // namespace firmsign::iam
