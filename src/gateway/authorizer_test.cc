// SPDX-License-Identifier: Apache-2.0

#include "gateway/authorizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "gateway/testing/known.h"
#include "gateway/testing/services.h"
#include "platform/json/json.h"
#include "ports/testing/policies.h"

namespace firmsign::gateway {
namespace {

using ::testing::HasSubstr;

template <class Op>
CallFacts FactsOf(const char* account = "111122223333") {
  CallFacts facts;
  facts.operation = &Op::kDescriptor;
  facts.caller = policy::RootOf(AccountId(account));
  facts.region = Region("us-east-1");
  facts.now = kNow;
  return facts;
}

class AuthorizerTest : public testing::Test {
 protected:
  Expected<void> Authorize(CallFacts facts, const void* input, const Resolution* resolution = nullptr) const {
    ASSIGN_OR_RETURN(facts.rights, authorizer.RightsOf(facts, input));
    return authorizer.Authorize(facts, input, resolution);
  }
  // The facts of a call by a user who has one policy.
  template <class Op>
  CallFacts UserWith(std::string_view document) {
    CallFacts facts = FactsOf<Op>();
    facts.caller.type = policy::PrincipalType::kUser;
    facts.caller.arn = facts.caller.entity_arn = "arn:aws:iam::111122223333:user/sam";
    facts.caller.entity_id = "AIDASAM";
    facts.caller.name = "sam";
    policies.Add("AIDASAM", "arn:aws:iam::111122223333:policy/Sign", document);
    return facts;
  }

  ports::FakePolicies policies;
  const Authorizer authorizer{policies};
};

TEST(ExpandResource, FillsRegionAccountAndMembersOfTheInput) {
  const CallFacts facts = FactsOf<signer::ops::GetSigningProfile>();
  const signer::GetSigningProfileRequest input{.profile_name = "release", .profile_owner = {}};
  EXPECT_EQ(ExpandResource("arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}", facts, &input),
            "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release");
  EXPECT_EQ(ExpandResource("*", facts, &input), "*");
  EXPECT_EQ(ExpandResource("", facts, &input), "");
}

TEST(ExpandResource, PutsAStarForAnAbsentMember) {
  const CallFacts facts = FactsOf<signer::ops::GetSigningProfile>();
  const signer::GetSigningProfileRequest input;
  EXPECT_EQ(ExpandResource("a/{profileOwner}/{noSuchMember}/b", facts, &input), "a/*/*/b");
}

TEST(ExpandResource, DoesNotExpandWhatAMemberHolds) {
  const CallFacts facts = FactsOf<signer::ops::GetSigningProfile>();
  const signer::GetSigningProfileRequest input{.profile_name = "{account}", .profile_owner = {}};
  EXPECT_EQ(ExpandResource("x/{profileName}", facts, &input), "x/{account}");
}

TEST_F(AuthorizerTest, AllowsTheRootOfTheOwnersAccount) {
  const signer::DescribeSigningJobRequest input{.job_id = "j"};
  EXPECT_TRUE(Authorize(FactsOf<signer::ops::DescribeSigningJob>(), &input));
}

TEST_F(AuthorizerTest, LetsNobodyButTheOperatorUseTheOperatorsService) {
  const operator_api::CreateAccountRequest input{.name = "release", .account_id = {}};
  CallFacts facts = FactsOf<operator_api::ops::CreateAccount>();
  const auto root = Authorize(facts, &input);
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().code, Code::kDenied);
  EXPECT_THAT(root.error().message, HasSubstr("CreateAccount is for the operator"));
  facts.caller.type = policy::PrincipalType::kAnonymous;
  EXPECT_FALSE(Authorize(facts, &input));
  facts.caller.type = policy::PrincipalType::kOperator;
  EXPECT_TRUE(Authorize(facts, &input));
}

TEST_F(AuthorizerTest, RefusesARequestForAnotherAccountsResourceInAwsWords) {
  const signer::GetSigningProfileRequest input{.profile_name = "release", .profile_owner = "444455556666"};
  const Resolution theirs{
      {.owner = AccountId("444455556666"), .arn = "arn:aws:signer:us-east-1:444455556666:/signing-profiles/release"}};
  const auto allowed = Authorize(FactsOf<signer::ops::GetSigningProfile>(), &input, &theirs);
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().code, Code::kDenied);
  EXPECT_EQ(allowed.error().message,
            "User: arn:aws:iam::111122223333:root is not authorized to perform: signer:GetSigningProfile on resource: "
            "arn:aws:signer:us-east-1:444455556666:/signing-profiles/release because no resource-based policy allows "
            "the signer:GetSigningProfile action");
}

TEST_F(AuthorizerTest, RefusesAnonymousCallersEverything) {
  CallFacts facts = FactsOf<s3::ops::ListBuckets>();
  facts.caller = {};
  const s3::ops::ListBuckets::Input input;
  const auto allowed = Authorize(facts, &input);
  ASSERT_FALSE(allowed);
  EXPECT_THAT(allowed.error().message, HasSubstr("User: anonymous"));
  // Not even what nobody owns.
  const Resolution unowned{{.owner = AccountId(), .arn = "arn:aws:s3:::bucket"}};
  EXPECT_FALSE(Authorize(facts, &input, &unowned));
}

TEST_F(AuthorizerTest, GivesAGrantForExactlyWhatWasAsked) {
  CallFacts facts = FactsOf<signer::ops::StartSigningJob>();
  const signer::StartSigningJobRequest input;
  facts.rights = *authorizer.RightsOf(facts, &input);
  Resource object{.owner = AccountId("111122223333"), .arn = "arn:aws:s3:::signed/out/1"};
  const auto grant = authorizer.Require(facts, "s3:PutObject", object);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->action(), "s3:PutObject");
  EXPECT_EQ(grant->resource(), "arn:aws:s3:::signed/out/1");
  EXPECT_EQ(grant->account(), AccountId("111122223333"));
  object.owner = AccountId("444455556666");
  EXPECT_FALSE(authorizer.Require(facts, "s3:PutObject", object));
}

TEST_F(AuthorizerTest, LetsAUserDoWhatItsPolicySaysAndNothingElse) {
  const CallFacts start = UserWith<signer::ops::StartSigningJob>(R"({"Version":"2012-10-17","Statement":[
      {"Effect":"Allow","Action":"signer:StartSigningJob","Resource":"arn:aws:signer:*:*:/signing-profiles/release"}]})");
  EXPECT_TRUE(
      Authorize(start, std::make_unique<signer::StartSigningJobRequest>(
                           signer::StartSigningJobRequest{.source = {}, .destination = {}, .profile_name = "release"})
                           .get()));
  signer::StartSigningJobRequest other;
  other.profile_name = "nightly";
  const auto refused = Authorize(start, &other);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("because no identity-based policy allows the signer:StartSigningJob"));
  CallFacts list = start;
  list.operation = &signer::ops::ListSigningProfiles::kDescriptor;
  const signer::ListSigningProfilesRequest nothing;
  EXPECT_FALSE(Authorize(list, &nothing));
}

// The guide of 2018 calls the action of ListSigningJobs so.
TEST_F(AuthorizerTest, ReadsWhatIsOnDemandOnlyWhereAPolicyAsksForIt) {
  constexpr std::string_view kBegin = R"({"Statement":{"Effect":"Allow","Action":"signer:*","Resource":"*")";
  const signer::GetSigningProfileRequest input{.profile_name = "release", .profile_owner = {}};
  int reads = 0;
  Expected<void> readable;
  Resolution resolution{{.owner = AccountId("111122223333"), .arn = "arn:x"}};
  resolution.on_demand = ContextOnDemand{.prefix = "s3:existingobjecttag/", .read = [&]() -> Expected<policy::Context> {
                                           ++reads;
                                           if (!readable) return std::unexpected(readable.error());
                                           policy::Context context;
                                           context.Set("s3:ExistingObjectTag/a", "b");
                                           return context;
                                         }};
  const auto authorize = [&](std::string_view rest) {
    policies = {};
    return Authorize(UserWith<signer::ops::GetSigningProfile>(std::string(kBegin) + std::string(rest)), &input,
                     &resolution);
  };
  EXPECT_TRUE(authorize(R"(,"Condition":{"Null":{"aws:PrincipalArn":"false"}}}})"));
  EXPECT_EQ(reads, 0);
  constexpr std::string_view kAsks = R"(,"Condition":{"StringEquals":{"s3:ExistingObjectTag/a":"b"}}}})";
  EXPECT_TRUE(authorize(kAsks));
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(authorize(R"(,"Condition":{"StringEquals":{"s3:ExistingObjectTag/a":"c"}}}})").error().code, Code::kDenied);
  readable = Fail(Code::kUnavailable, "no database");
  EXPECT_EQ(authorize(kAsks).error().code, Code::kUnavailable) << "what cannot be read is no reason to allow or deny";
}

class PlainDenials final : public ports::Denials {
 public:
  std::string Encode(const AccountId& account, std::string_view explanation) const override {
    return account.str() + std::string(explanation);
  }
};

TEST_F(AuthorizerTest, EndsDenialsWithWhatTheyWereAboutWhenAskedTo) {
  const PlainDenials denials;
  const Authorizer explaining(policies, &denials);
  const signer::GetSigningProfileRequest input{.profile_name = "release", .profile_owner = {}};
  CallFacts facts = UserWith<signer::ops::GetSigningProfile>(
      R"({"Statement":{"Sid":"NotYou","Effect":"Deny","Action":"signer:*","Resource":"*"}})");
  facts.user_agent = "agent";
  facts.rights = explaining.RightsOf(facts, &input).value();
  const auto denied = explaining.Authorize(facts, &input, nullptr);
  ASSERT_FALSE(denied);
  const std::string& message = denied.error().message;
  constexpr std::string_view kBegin = ". Encoded authorization failure message: 111122223333";
  const std::size_t at = message.find(kBegin);
  ASSERT_NE(at, std::string::npos) << message;
  const auto json = json::Parse(message.substr(at + kBegin.size()));
  ASSERT_TRUE(json);
  EXPECT_FALSE(*json->Find("allowed")->AsBool());
  EXPECT_TRUE(*json->Find("explicitDeny")->AsBool());
  const json::Value& statement = json->Find("matchedStatements")->Find("items")->AsArray()->front();
  EXPECT_EQ(*statement.Find("statementId")->AsString(), "NotYou");
  EXPECT_EQ(*statement.Find("policy")->AsString(), "arn:aws:iam::111122223333:policy/Sign");
  const json::Value& context = *json->Find("context");
  EXPECT_EQ(*context.Find("action")->AsString(), "signer:GetSigningProfile");
  EXPECT_EQ(*context.Find("resource")->AsString(), "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release");
  EXPECT_EQ(*context.Find("principal")->Find("arn")->AsString(), facts.caller.arn);
  std::map<std::string, std::string> said;
  for (const json::Value& one : *context.Find("conditions")->Find("items")->AsArray()) {
    const json::Array& values = *one.Find("values")->Find("items")->AsArray();
    if (!values.empty()) said[*one.Find("key")->AsString()] = *values.front().Find("value")->AsString();
  }
  EXPECT_EQ(said["aws:useragent"], "agent");
  EXPECT_EQ(said["aws:resourceaccount"], "111122223333") << "of the resource, not of the request alone";
  facts.caller = {};
  EXPECT_EQ(explaining.Authorize(facts, &input, nullptr).error().message.find("Encoded"), std::string::npos)
      << "nobody could decode it";
}

TEST_F(AuthorizerTest, TakesTheAliasOfAnActionForTheAction) {
  const signer::ListSigningJobsRequest input;
  const CallFacts facts = UserWith<signer::ops::ListSigningJobs>(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"signer:ListSigningJob","Resource":"*"}})");
  EXPECT_TRUE(Authorize(facts, &input));
  policies.Add(
      "AIDASAM", "deny",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"signer:ListSigningJobs","Resource":"*"}})");
  EXPECT_FALSE(Authorize(facts, &input));
}

TEST_F(AuthorizerTest, DeniesByTheAliasToo) {
  const signer::ListSigningJobsRequest input;
  const CallFacts facts = UserWith<signer::ops::ListSigningJobs>(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"signer:*","Resource":"*"},
          {"Effect":"Deny","Action":"signer:ListSigningJob","Resource":"*"}]})");
  EXPECT_FALSE(Authorize(facts, &input));
}

TEST_F(AuthorizerTest, AsksConditionsWithWhatTheCallSays) {
  CallFacts facts = UserWith<signer::ops::ListSigningJobs>(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"signer:*","Resource":"*","Condition":{
          "StringEquals":{"aws:username":"sam","aws:PrincipalAccount":"111122223333","aws:RequestedRegion":"us-east-1"},
          "IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"Bool":{"aws:SecureTransport":"true"},
          "DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}})");
  const signer::ListSigningJobsRequest input;
  facts.source_ip = "192.0.2.9";
  facts.tls = true;
  EXPECT_TRUE(Authorize(facts, &input));
  facts.tls = false;
  EXPECT_FALSE(Authorize(facts, &input));
  facts.tls = true;
  facts.source_ip = "198.51.100.1";
  EXPECT_FALSE(Authorize(facts, &input));
}

TEST_F(AuthorizerTest, TellsConditionsTheTagsOfARequest) {
  const CallFacts facts = UserWith<signer::ops::TagResource>(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"signer:*","Resource":"*","Condition":{
          "StringEquals":{"aws:RequestTag/team":"boot","aws:ResourceTag/owner":"sam"},
          "ForAllValues:StringEquals":{"aws:TagKeys":["team","stage"]}}}})");
  signer::TagResourceRequest input{.resource_arn = "arn", .tags = {{"team", "boot"}}};
  Resolution resolution{{.owner = AccountId("111122223333"), .arn = "arn"}};
  resolution.context.Set("aws:ResourceTag/owner", "sam");
  EXPECT_TRUE(Authorize(facts, &input, &resolution));
  input.tags["else"] = "x";
  EXPECT_FALSE(Authorize(facts, &input, &resolution)) << "a key that the policy does not list";
  input.tags = {{"team", "app"}};
  EXPECT_FALSE(Authorize(facts, &input, &resolution));
}

TEST_F(AuthorizerTest, RefusesWhomThePortDoesNotKnowAnyMore) {
  CallFacts facts = FactsOf<signer::ops::ListSigningJobs>();
  facts.caller.type = policy::PrincipalType::kUser;
  facts.caller.entity_id = "AIDAGONE";
  const signer::ListSigningJobsRequest input;
  const auto refused = Authorize(facts, &input);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
}

// No operation is allowed for want of a question. Those without one: everybody may ask who they are and swap a key for
// a shorter one, and DeleteObjects asks for each of its keys.
TEST_F(AuthorizerTest, AsksSomethingOfEveryOperationButThree) {
  for (const ServiceRoutes& service : AllServices()) {
    for (const Handler& handler : service.handlers) {
      if (handler.operation->name == "GetCallerIdentity" || handler.operation->name == "DeleteObjects" ||
          handler.operation->name == "GetSessionToken") {
        continue;
      }
      EXPECT_FALSE(handler.operation->iam.empty()) << handler.operation->name;
    }
  }
}

}  // namespace
}  // namespace firmsign::gateway
