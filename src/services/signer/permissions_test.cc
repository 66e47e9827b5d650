// SPDX-License-Identifier: Apache-2.0

#include "services/signer/permissions.h"

#include <gmock/gmock.h>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Permissions : public SignerTest {
 protected:
  Permissions() {
    MustPut("release", kLambda);
    for (const char* account : {"444455556666", "777788889999"}) accounts.Add(AccountId(account));
  }

  static AddProfilePermissionRequest Request(const std::string& id, std::optional<std::string> revision = {}) {
    AddProfilePermissionRequest request;
    request.profile_name = "release";
    request.action = "signer:StartSigningJob";
    request.principal = "444455556666";
    request.statement_id = id;
    request.revision_id = std::move(revision);
    return request;
  }
  std::expected<AddProfilePermissionResponse, aws::ApiError> Add(AddProfilePermissionRequest request) {
    return Call<ops::AddProfilePermission, &AddProfilePermission>(std::move(request));
  }
  std::expected<RemoveProfilePermissionResponse, aws::ApiError> Remove(const std::string& id,
                                                                       const std::string& revision) {
    return Call<ops::RemoveProfilePermission, &RemoveProfilePermission>(
        {.profile_name = "release", .revision_id = revision, .statement_id = id});
  }
  std::expected<ListProfilePermissionsResponse, aws::ApiError> List(const std::string& name = "release") {
    return Call<ops::ListProfilePermissions, &ListProfilePermissions>({.profile_name = name, .next_token = {}});
  }
  std::string MustAdd(const std::string& id, std::optional<std::string> revision = {}) {
    const auto added = Add(Request(id, std::move(revision)));
    CHECK(added.has_value());
    return *added->revision_id;
  }
};

TEST_F(Permissions, AreAddedListedAndRemovedFromRevisionToRevision) {
  EXPECT_EQ(NameOfError(List()), "ResourceNotFoundException/PolicyNotFound");
  const std::string first = MustAdd("one");
  EXPECT_THAT(first, MatchesRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"));
  AddProfilePermissionRequest request = Request("two", first);
  request.action = "signer:GetSigningProfile";
  request.principal = "arn:aws:iam::444455556666:role/ci";
  request.profile_version = *Get({.profile_name = "release", .profile_owner = {}})->profile_version;
  const auto second = Add(request);
  ASSERT_EQ(NameOfError(second), "no error");
  EXPECT_NE(*second->revision_id, first);

  const auto listed = List();
  ASSERT_EQ(NameOfError(listed), "no error");
  EXPECT_EQ(listed->revision_id, second->revision_id);
  ASSERT_EQ(listed->permissions->size(), 2U);
  EXPECT_EQ((*listed->permissions)[0].statement_id, "one");
  EXPECT_EQ((*listed->permissions)[0].profile_version, std::nullopt);
  EXPECT_EQ((*listed->permissions)[1].principal, request.principal);
  EXPECT_EQ((*listed->permissions)[1].profile_version, request.profile_version);
  EXPECT_EQ(listed->next_token, std::nullopt);

  const auto third = Remove("one", *second->revision_id);
  ASSERT_EQ(NameOfError(third), "no error");
  EXPECT_EQ(List()->permissions->size(), 1U);
  ASSERT_EQ(NameOfError(Remove("two", *third->revision_id)), "no error");
  EXPECT_EQ(NameOfError(List()), "ResourceNotFoundException/PolicyNotFound") << "the last one takes the policy with it";
  MustAdd("one");
}

TEST_F(Permissions, CountTheBytesOfTheirJson) {
  MustAdd("one");
  const std::string statement =
      R"([{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},)"
      R"("Action":"signer:StartSigningJob",)"
      R"("Resource":"arn:aws:signer:us-east-1:111122223333:/signing-profiles/release"}])";
  EXPECT_EQ(List()->policy_size_bytes, static_cast<std::int64_t>(statement.size()));
}

TEST_F(Permissions, OfTheSameContentAreAddedOnce) {
  const std::string revision = MustAdd("one");
  const auto again = Add(Request("one", "whatever revision"));
  ASSERT_EQ(NameOfError(again), "no error") << "an answer that was lost does no harm";
  EXPECT_EQ(*again->revision_id, revision);
  AddProfilePermissionRequest other = Request("one", revision);
  other.principal = "777788889999";
  const auto refused = Add(other);
  ASSERT_EQ(NameOfError(refused), "ValidationException/InvalidPermissionStatement");
  EXPECT_EQ(refused.error().message, "Statement with statementId one is already in the policy");
  EXPECT_EQ(List()->permissions->size(), 1U);
}

TEST_F(Permissions, NeedTheRevisionThatIsThere) {
  EXPECT_EQ(NameOfError(Add(Request("one", "5"))), "ValidationException/ValidationException");
  const auto terraform = Add(Request("one", ""));
  ASSERT_EQ(NameOfError(terraform), "no error") << "an empty revision is none";
  const auto none = Add(Request("two"));
  ASSERT_EQ(NameOfError(none), "ValidationException/ValidationException");
  EXPECT_THAT(none.error().message, HasSubstr("no revisionId was provided"));
  const auto old = Add(Request("two", "5"));
  ASSERT_EQ(NameOfError(old), "ConflictException/PolicyRevisionIdMismatch");
  EXPECT_EQ(old.error().message, "Specified revisionId (5) does not match the revisionId of the existing policy (" +
                                     *terraform->revision_id + ")");
  EXPECT_EQ(NameOfError(Remove("one", "5")), "ConflictException/PolicyRevisionIdMismatch");
  EXPECT_EQ(NameOfError(Remove("absent", *terraform->revision_id)), "ResourceNotFoundException/PolicyNotFound");
}

TEST_F(Permissions, RefuseStatementsThatSayNothing) {
  const auto refused = [&](auto change) {
    AddProfilePermissionRequest request = Request("one");
    change(request);
    return NameOfError(Add(std::move(request)));
  };
  using R = AddProfilePermissionRequest;
  EXPECT_EQ(refused([](R& r) { r.statement_id = ""; }), "ValidationException/ValidationException");
  EXPECT_EQ(refused([](R& r) { r.statement_id = "a b"; }), "ValidationException/InvalidPermissionStatement");
  EXPECT_EQ(refused([](R& r) { r.statement_id = "../x"; }), "ValidationException/InvalidPermissionStatement");
  EXPECT_EQ(refused([](R& r) { r.statement_id = std::string(65, 'a'); }),
            "ValidationException/InvalidPermissionStatement");
  EXPECT_EQ(refused([](R& r) { r.principal = "44445555666"; }), "ValidationException/InvalidPrincipal");
  EXPECT_EQ(refused([](R& r) { r.principal = "*"; }), "ValidationException/InvalidPrincipal");
  EXPECT_EQ(refused([](R& r) { r.principal = "arn:aws:iam::444455556666:role/"; }),
            "ValidationException/InvalidPrincipal");
  EXPECT_EQ(refused([](R& r) { r.principal = "arn:aws:iam::444455556666:role/a\n"; }),
            "ValidationException/InvalidPrincipal");
  EXPECT_EQ(refused([](R& r) { r.principal = "arn:aws:iam::444455556666:role/*"; }),
            "ValidationException/InvalidPrincipal");
  EXPECT_EQ(refused([](R& r) { r.principal = "arn:aws:iam::444455556666:user/eva"; }),
            "ValidationException/InvalidPrincipal");
  EXPECT_EQ(refused([](R& r) { r.principal = "123412341234"; }), "ResourceNotFoundException") << "no such account";
  EXPECT_EQ(refused([](R& r) { r.principal = "arn:aws:iam::123412341234:role/ci"; }), "ResourceNotFoundException");
  EXPECT_EQ(refused([](R& r) { r.action = "signer:*"; }), "ValidationException/ValidationException");
  EXPECT_EQ(refused([](R& r) { r.action = "signer:SignPayload"; }), "ValidationException/ValidationException");
  EXPECT_EQ(refused([](R& r) { r.profile_version = "0123456789"; }),
            "ResourceNotFoundException/ProfileVersionNotFound");
  EXPECT_EQ(refused([](R& r) { r.profile_name = "absent"; }), "ResourceNotFoundException/ProfileNotFound");
  EXPECT_EQ(NameOfError(List()), "ResourceNotFoundException/PolicyNotFound") << "nothing was stored";
  EXPECT_EQ(refused([](R& r) { r.statement_id = std::string(64, 'a'); }), "no error");
}

TEST_F(Permissions, GrantWhatThePlatformCanDo) {
  MustPut("images", kNotation);
  MustPut("firmware", kIot);
  AddProfilePermissionRequest request = Request("one");
  request.profile_name = "images";
  const auto refused = Add(request);
  ASSERT_EQ(NameOfError(refused), "ValidationException/ValidationException");
  EXPECT_EQ(refused.error().message,
            "Action signer:StartSigningJob not supported for platform Notation-OCI-SHA384-ECDSA. Action must be one of "
            "[signer:SignPayload, signer:GetSigningProfile, signer:RevokeSignature]");
  request.action = "signer:SignPayload";
  EXPECT_EQ(NameOfError(Add(request)), "no error");
  request = Request("one");
  request.profile_name = "firmware";
  EXPECT_EQ(NameOfError(Add(request)), "no error");
}

TEST_F(Permissions, AreAtMost2000Bytes) {
  std::string revision = MustAdd("a");
  const std::int64_t first = *List()->policy_size_bytes;
  // A further statement costs this, and its id: a comma instead of two brackets, and without the id "a".
  const std::int64_t cost = first - 2;
  const std::int64_t count = (2000 - first) / (cost + 33);
  const std::int64_t ids = (2000 - first) - count * cost;  // the bytes of all further ids
  for (std::int64_t i = 1; i < count; ++i) {
    const auto length = static_cast<std::size_t>(ids / count);
    revision = MustAdd(std::to_string(i) + std::string(length - 1, 'x'), revision);
  }
  const auto last = static_cast<std::size_t>(ids - (count - 1) * (ids / count));
  ASSERT_LT(last, 64U);
  EXPECT_EQ(NameOfError(Add(Request(std::string(last + 1, 'y'), revision))),
            "ServiceLimitExceededException/ServiceLimitExceeded");
  EXPECT_EQ(NameOfError(Add(Request(std::string(last, 'y'), revision))), "no error");
  EXPECT_EQ(List()->policy_size_bytes, 2000);
}

TEST_F(Permissions, OfACanceledProfileAreListedAndNotChanged) {
  const std::string revision = MustAdd("one");
  ASSERT_TRUE(Cancel("release"));
  const auto listed = List();
  ASSERT_EQ(NameOfError(listed), "no error");
  EXPECT_NE(*listed->revision_id, revision);
  const auto refused = Add(Request("two", *listed->revision_id));
  ASSERT_EQ(NameOfError(refused), "ValidationException/ProfileNotActive");
  EXPECT_EQ(refused.error().message, "Cannot add permission to a profile in Canceled state");
  EXPECT_EQ(NameOfError(Remove("one", *listed->revision_id)), "ValidationException/ProfileNotActive");
}

}  // namespace
}  // namespace firmsign::signer
