// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/s3/operations.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

auto Create(World& world, CreateBucketRequest input) {
  return world.gateway.Call<ops::CreateBucket, nullptr, &CreateBucket>(world.service, std::move(input));
}
auto List(World& world, ListBucketsRequest input = {}) {
  return world.gateway.Call<ops::ListBuckets, nullptr, &ListBuckets>(world.service, std::move(input));
}
CreateBucketRequest In(std::string bucket, std::string region) {
  return {.bucket = std::move(bucket), .create_bucket_configuration = {{.location_constraint = std::move(region)}}};
}

TEST(CreateBucket, MakesABucketThatIsFoundAndRecorded) {
  World world;
  const auto made = Create(world, {.bucket = "firmware"});
  ASSERT_EQ(CodeOf(made), "");
  EXPECT_EQ(made->location, "/firmware");
  EXPECT_EQ(made->bucket_arn, "arn:aws:s3:::firmware");
  EXPECT_EQ(world.gateway.records, 1);
  const auto head = world.Do<ops::HeadBucket, &HeadBucket>({.bucket = "firmware"});
  ASSERT_EQ(CodeOf(head), "");
  EXPECT_EQ(head->bucket_region, "us-east-1");
  EXPECT_EQ(CodeOf(world.Do<ops::HeadBucket, &HeadBucket>({.bucket = "other"})), "NoSuchBucket");
  EXPECT_EQ(CodeOf(world.Do<ops::HeadBucket, &HeadBucket>({.bucket = "Not_A_Name"})), "InvalidBucketName");
}

TEST(CreateBucket, RefusesNamesThatAreTakenOrBad) {
  World world;
  EXPECT_EQ(CodeOf(Create(world, {.bucket = "Bad_Name"})), "InvalidBucketName");
  ASSERT_EQ(CodeOf(Create(world, {.bucket = "firmware"})), "");
  EXPECT_EQ(CodeOf(Create(world, {.bucket = "firmware"})), "");  // as us-east-1 does
  EXPECT_EQ(world.gateway.records, 1);
  world.gateway.facts.caller = policy::RootOf(AccountId("999988887777"));
  EXPECT_EQ(CodeOf(Create(world, {.bucket = "firmware"})), "BucketAlreadyExists");
  world.gateway.facts.region = Region("eu-west-1");
  ASSERT_EQ(CodeOf(Create(world, In("mine", "eu-west-1"))), "");
  EXPECT_EQ(CodeOf(Create(world, In("mine", "eu-west-1"))), "BucketAlreadyOwnedByYou");
}

TEST(CreateBucket, RefusesWhatItWouldElsePassOver) {
  World world;
  EXPECT_EQ(CodeOf(Create(world, {.bucket = "firmware", .create_bucket_configuration = {{.bucket = BucketInfo{}}}})),
            "NotImplemented");
  EXPECT_EQ(CodeOf(world.Do<ops::HeadBucket, &HeadBucket>({.bucket = "firmware"})), "NoSuchBucket");
}

TEST(CreateBucket, WantsTheRegionOfItsEndpoint) {
  World world;
  world.gateway.facts.region = Region("eu-west-1");
  EXPECT_EQ(CodeOf(Create(world, {.bucket = "firmware"})), "IllegalLocationConstraintException");
  EXPECT_EQ(CodeOf(Create(world, In("firmware", "us-west-2"))), "IllegalLocationConstraintException");
  EXPECT_EQ(CodeOf(Create(world, In("firmware", "EU"))), "");
  world.gateway.facts.region = Region("us-east-1");
  EXPECT_EQ(CodeOf(Create(world, In("west", "us-west-2"))), "");
}

TEST(ResolveBucket, RedirectsToTheBucketsRegion) {
  World world;
  ASSERT_EQ(CodeOf(Create(world, In("west", "us-west-2"))), "");
  const auto head = world.Do<ops::HeadBucket, &HeadBucket>({.bucket = "west"});
  ASSERT_EQ(CodeOf(head), "PermanentRedirect");
  EXPECT_THAT(head.error().headers, testing::ElementsAre(testing::Pair("x-amz-bucket-region", "us-west-2")));
  const auto location = world.Do<ops::GetBucketLocation, &GetBucketLocation>({.bucket = "west"});
  ASSERT_EQ(CodeOf(location), "");
  EXPECT_EQ(location->location_constraint, "us-west-2");
}

TEST(ResolveBucket, NamesTheOwnerSoThatTheGatewayCanDeny) {
  World world;
  world.MakeBucket("firmware");
  world.gateway.facts.caller = policy::RootOf(AccountId("999988887777"));
  const auto found =
      ResolveBucket<ops::GetObject>(world.service, world.gateway.facts, {.bucket = "firmware", .key = "a/b"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->owner, AccountId("111122223333"));
  EXPECT_EQ(found->arn, "arn:aws:s3:::firmware/a/b");
  EXPECT_EQ(
      CodeOf(world.Do<ops::HeadBucket, &HeadBucket>({.bucket = "firmware", .expected_bucket_owner = "999988887777"})),
      "AccessDenied");
}

TEST(DeleteBucket, RemovesOnlyWhatIsEmpty) {
  World world(0);
  world.MakeBucket("bkt", "Enabled");
  const auto put = world.Put({.bucket = "bkt", .key = "k"}, "x");
  const auto marker = world.Delete({.bucket = "bkt", .key = "k"});
  const auto remove = [&] { return CodeOf(world.Do<ops::DeleteBucket, &DeleteBucket>({.bucket = "bkt"})); };
  EXPECT_EQ(remove(), "BucketNotEmpty");
  ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = "k", .version_id = put->version_id}));
  EXPECT_EQ(remove(), "BucketNotEmpty");  // the delete marker is still there
  ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = "k", .version_id = marker->version_id}));
  // An upload in progress goes with its bucket.
  const auto upload = world.Do<ops::CreateMultipartUpload, &CreateMultipartUpload>({.bucket = "bkt", .key = "k"});
  gateway::FakePayload payload("part");
  ASSERT_TRUE((world.Do<ops::UploadPart, &UploadPart>(
      {.bucket = "bkt", .key = "k", .part_number = 1, .upload_id = *upload->upload_id}, &payload)));
  EXPECT_EQ(world.FilesAtRest(), 1);
  EXPECT_EQ(remove(), "");
  EXPECT_EQ(world.FilesAtRest(), 0);
  EXPECT_EQ(remove(), "NoSuchBucket");
}

TEST(ListBuckets, TellsTheCallersBucketsInPages) {
  World world;
  for (const char* name : {"aa-1", "bb-1", "aa-2"}) world.MakeBucket(name);
  world.gateway.facts.caller = policy::RootOf(AccountId("999988887777"));
  world.MakeBucket("foreign");
  world.gateway.facts.caller = policy::RootOf(AccountId("111122223333"));

  const auto names = [](const auto& output) {
    std::vector<std::string> told;
    for (const Bucket& bucket : *output->buckets) told.push_back(*bucket.name);
    return told;
  };
  const auto all = List(world);
  EXPECT_THAT(names(all), testing::ElementsAre("aa-1", "aa-2", "bb-1"));
  EXPECT_EQ(all->owner->id->size(), 64u);
  const auto first = List(world, {.max_buckets = 2});
  EXPECT_THAT(names(first), testing::ElementsAre("aa-1", "aa-2"));
  const auto second = List(world, {.max_buckets = 2, .continuation_token = first->continuation_token});
  EXPECT_THAT(names(second), testing::ElementsAre("bb-1"));
  EXPECT_EQ(second->continuation_token, std::nullopt);
  EXPECT_THAT(names(List(world, {.prefix = "aa"})), testing::ElementsAre("aa-1", "aa-2"));
  EXPECT_THAT(names(List(world, {.bucket_region = "eu-west-1"})), testing::IsEmpty());
  EXPECT_EQ(CodeOf(List(world, {.continuation_token = "!"})), "InvalidArgument");
}

TEST(PutBucketVersioning, CannotGoBackToNever) {
  World world;
  world.MakeBucket("bkt");
  const auto status = [&] {
    return world.Do<ops::GetBucketVersioning, &GetBucketVersioning>({.bucket = "bkt"})->status;
  };
  EXPECT_EQ(status(), std::nullopt);
  EXPECT_EQ(CodeOf(world.Do<ops::PutBucketVersioning, &PutBucketVersioning>({.bucket = "bkt"})), "MalformedXML");
  world.SetVersioning("bkt", "Enabled");
  EXPECT_EQ(status(), "Enabled");
  world.SetVersioning("bkt", "Suspended");
  EXPECT_EQ(status(), "Suspended");
}

TEST(Routes, CoverTheWholeModel) {
  World world;
  const gateway::ServiceRoutes routes = Routes(world.service);
  EXPECT_EQ(routes.descriptor->name, "s3");
  for (const gateway::Handler& handler : routes.handlers) EXPECT_TRUE(handler.is_built) << handler.operation->name;
}

}  // namespace
}  // namespace firmsign::s3
