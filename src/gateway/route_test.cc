// SPDX-License-Identifier: Apache-2.0

#include "gateway/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "gateway/testing/services.h"

namespace firmsign::gateway {
namespace {

using ::testing::HasSubstr;

using Fields = std::vector<std::pair<std::string, std::string>>;

http::RequestHead Head(const std::string& method, const std::string& target, const Fields& fields = {}) {
  http::RequestHead head;
  head.method = method;
  head.target = target;
  for (const auto& [name, value] : fields) head.headers.Add(name, value);
  return head;
}

class Route : public testing::Test {
 protected:
  std::string ServiceOf(const http::RequestHead& head, const std::string& scope = "") {
    sigv4::Claim claim;
    claim.scope.service = scope;
    return std::string(router.FindService(head, scope.empty() ? nullptr : &claim).descriptor->signing_name);
  }
  // "PutObject /bucket/key", or "UnknownOperation" and the like.
  std::string OperationOf(const std::string& service, const http::RequestHead& head, const std::string& form = "") {
    for (const ServiceRoutes& one : services) {
      if (one.descriptor->signing_name != service) continue;
      const auto route = router.FindOperation(one, head, form);
      if (route) return std::string(route->handler->operation->name);
      return route.error().error == aws::CommonError::kNotYetBuilt ? "not yet built" : "unknown";
    }
    return "no such service";
  }
  std::string S3(const std::string& method, const std::string& target, const Fields& fields = {}) {
    return OperationOf("s3", Head(method, target, fields));
  }
  std::string PathOf(const std::string& host, const std::string& target) {
    for (const ServiceRoutes& one : services) {
      if (one.descriptor->signing_name != "s3") continue;
      const auto route = router.FindOperation(one, Head("GET", target, {{"Host", host}}), "");
      return route ? route->path : "none";
    }
    return "no S3";
  }

  const std::vector<ServiceRoutes> services = AllServices();
  const Router router{services, {"localhost", "firmsign.example"}};
};

TEST_F(Route, FollowsTheScopeOfTheCredentialFirst) {
  const auto head =
      Head("POST", "/", {{"Host", "s3.localhost"}, {"X-Amz-Target", "CertificateManager.ListCertificates"}});
  EXPECT_EQ(ServiceOf(head, "signer"), "signer");
  EXPECT_EQ(ServiceOf(head, "s3"), "s3");
  EXPECT_EQ(ServiceOf(head, "acm"), "acm");
  EXPECT_EQ(ServiceOf(head, "sts"), "sts");
}

TEST_F(Route, FollowsTheTargetWithoutAScope) {
  EXPECT_EQ(ServiceOf(Head("POST", "/", {{"X-Amz-Target", "CertificateManager.ListCertificates"}})), "acm");
}

TEST_F(Route, FollowsTheActionWithoutAScope) {
  EXPECT_EQ(ServiceOf(Head("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}})),
            "sts");
  EXPECT_EQ(ServiceOf(Head("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")), "sts");
}

TEST_F(Route, FollowsTheFirstLabelOfTheHostWithoutAScope) {
  EXPECT_EQ(ServiceOf(Head("GET", "/signing-jobs", {{"Host", "signer.us-east-1.amazonaws.com"}})), "signer");
  EXPECT_EQ(ServiceOf(Head("GET", "/signing-jobs", {{"Host", "signer.localhost:8443"}})), "signer");
  EXPECT_EQ(ServiceOf(Head("GET", "/", {{"Host", "sts.localhost"}})), "sts");
}

TEST_F(Route, TakesWhatNobodyClaimsForS3) {
  EXPECT_EQ(ServiceOf(Head("GET", "/bucket/key", {{"Host", "localhost"}})), "s3");
  EXPECT_EQ(ServiceOf(Head("GET", "/")), "s3");
  EXPECT_EQ(ServiceOf(Head("GET", "/", {{"Host", "[::1]:8443"}}), "unheard-of"), "s3");
}

TEST_F(Route, FindsTheOperatorsServiceByItsHostOnTheOperatorsSocketOnly) {
  http::RequestHead head = Head("GET", "/accounts", {{"Host", "firmsign.example.com"}});
  EXPECT_EQ(ServiceOf(head), "s3") << "a bucket named accounts";
  EXPECT_EQ(ServiceOf(head, "firmsign"), "firmsign") << "to be told that it is denied";
  head.peer.uid = 0U;
  EXPECT_EQ(ServiceOf(head), "firmsign");
  EXPECT_EQ(OperationOf("firmsign", head), "ListAccounts");
}

TEST_F(Route, FindsASignerOperationByMethodAndPath) {
  const auto find = [&](const char* method, const char* target) { return OperationOf("signer", Head(method, target)); };
  EXPECT_EQ(find("POST", "/signing-jobs"), "StartSigningJob");
  EXPECT_EQ(find("GET", "/signing-jobs"), "ListSigningJobs");
  EXPECT_EQ(find("GET", "/signing-jobs?maxResults=3"), "ListSigningJobs");
  EXPECT_EQ(find("GET", "/signing-jobs/0d3a"), "DescribeSigningJob");
  EXPECT_EQ(find("PUT", "/signing-profiles/release"), "PutSigningProfile");
  EXPECT_EQ(find("GET", "/signing-profiles/release"), "GetSigningProfile");
  EXPECT_EQ(find("DELETE", "/signing-profiles/release"), "CancelSigningProfile");
  EXPECT_EQ(find("GET", "/signing-profiles"), "ListSigningProfiles");
  EXPECT_EQ(find("GET", "/signing-platforms/AmazonFreeRTOS-Default"), "GetSigningPlatform");
}

TEST_F(Route, RefusesAPathOrMethodThatNoSignerOperationHas) {
  const auto find = [&](const char* method, const char* target) { return OperationOf("signer", Head(method, target)); };
  EXPECT_EQ(find("GET", "/"), "unknown");
  EXPECT_EQ(find("GET", "/signing-job"), "unknown");
  EXPECT_EQ(find("GET", "/signing-jobs/"), "unknown");
  EXPECT_EQ(find("GET", "/signing-jobs/1/2/3"), "unknown");
  EXPECT_EQ(find("PATCH", "/signing-jobs"), "unknown");
  EXPECT_EQ(find("GET", "*"), "unknown");
  EXPECT_EQ(find("GET", ""), "unknown");
}

TEST_F(Route, FindsAJsonOperationByItsTarget) {
  const auto find = [&](const char* target) {
    return OperationOf("acm", Head("POST", "/", {{"X-Amz-Target", target}}));
  };
  EXPECT_EQ(find("CertificateManager.ImportCertificate"), "ImportCertificate");
  EXPECT_EQ(find("CertificateManager.Import"), "unknown");
  EXPECT_EQ(find("Signer.ImportCertificate"), "unknown");
  EXPECT_EQ(find("ImportCertificate"), "unknown");
  EXPECT_EQ(OperationOf("acm", Head("POST", "/")), "unknown");
}

TEST_F(Route, FindsAQueryOperationByActionAndVersion) {
  const auto post = [&](const char* form) { return OperationOf("sts", Head("POST", "/"), form); };
  EXPECT_EQ(post("Action=GetCallerIdentity&Version=2011-06-15"), "GetCallerIdentity");
  EXPECT_EQ(post("Version=2011-06-15&Action=GetCallerIdentity"), "GetCallerIdentity");
  EXPECT_EQ(post("Action=GetCallerIdentity&Version=2010-05-08"), "unknown");
  EXPECT_EQ(post("Action=GetCallerIdentity"), "unknown");
  EXPECT_EQ(post("Action=Nothing&Version=2011-06-15"), "unknown");
  EXPECT_EQ(post(""), "unknown");
  EXPECT_EQ(OperationOf("sts", Head("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")), "GetCallerIdentity");
}

TEST_F(Route, NamesTheActionThatWasNotFound) {
  for (const ServiceRoutes& one : services) {
    if (one.descriptor->signing_name != "sts") continue;
    const auto route = router.FindOperation(one, Head("POST", "/"), "Action=Nothing&Version=2011-06-15");
    ASSERT_FALSE(route);
    EXPECT_EQ(route.error().message, "Could not find operation Nothing for version 2011-06-15");
  }
}

TEST_F(Route, NeedsTheBodyOnlyForFormsThatArePosted) {
  for (const ServiceRoutes& one : services) {
    const bool is_query = one.descriptor->protocol == aws::Protocol::kQuery;
    EXPECT_EQ(Router::NeedsBody(one, Head("POST", "/")), is_query);
    EXPECT_FALSE(Router::NeedsBody(one, Head("GET", "/?Action=GetCallerIdentity")));
  }
}

TEST_F(Route, TellsS3OperationsApartByPathQueryAndHeaders) {
  EXPECT_EQ(S3("GET", "/"), "ListBuckets");
  EXPECT_EQ(S3("PUT", "/bucket"), "CreateBucket");
  EXPECT_EQ(S3("PUT", "/bucket/"), "CreateBucket");
  EXPECT_EQ(S3("HEAD", "/bucket"), "HeadBucket");
  EXPECT_EQ(S3("GET", "/bucket"), "ListObjects");
  EXPECT_EQ(S3("GET", "/bucket?list-type=2&prefix=a"), "ListObjectsV2");
  EXPECT_EQ(S3("GET", "/bucket?list-type=1"), "ListObjects");
  EXPECT_EQ(S3("GET", "/bucket?location"), "GetBucketLocation");
  EXPECT_EQ(S3("GET", "/bucket?versioning="), "GetBucketVersioning");
  EXPECT_EQ(S3("PUT", "/bucket?versioning"), "PutBucketVersioning");
  EXPECT_EQ(S3("GET", "/bucket?versions&prefix=a"), "ListObjectVersions");
  EXPECT_EQ(S3("GET", "/bucket?uploads"), "ListMultipartUploads");
  EXPECT_EQ(S3("POST", "/bucket?delete"), "DeleteObjects");
  EXPECT_EQ(S3("GET", "/bucket/key"), "GetObject");
  EXPECT_EQ(S3("GET", "/bucket/key?versionId=1"), "GetObject");
  EXPECT_EQ(S3("GET", "/bucket/a/b//c/"), "GetObject");
  EXPECT_EQ(S3("GET", "/bucket//"), "GetObject");
  EXPECT_EQ(S3("PUT", "/bucket/key"), "PutObject");
  EXPECT_EQ(S3("PUT", "/bucket/key", {{"x-amz-copy-source", "/other/key"}}), "CopyObject");
  EXPECT_EQ(S3("POST", "/bucket/key?uploads"), "CreateMultipartUpload");
  EXPECT_EQ(S3("PUT", "/bucket/key?partNumber=1&uploadId=u"), "UploadPart");
  EXPECT_EQ(S3("POST", "/bucket/key?uploadId=u"), "CompleteMultipartUpload");
  EXPECT_EQ(S3("DELETE", "/bucket/key?uploadId=u"), "AbortMultipartUpload");
  EXPECT_EQ(S3("GET", "/bucket/key?uploadId=u"), "ListParts");
  EXPECT_EQ(S3("DELETE", "/bucket/key"), "DeleteObject");
}

TEST_F(Route, NeverTakesASubresourceForTheThingItself) {
  EXPECT_EQ(S3("GET", "/bucket?inventory"), "not yet built");
  EXPECT_EQ(S3("PUT", "/bucket?lifecycle"), "not yet built");
  EXPECT_EQ(S3("DELETE", "/bucket?lifecycle"), "not yet built") << "and does not delete the bucket";
  EXPECT_EQ(S3("DELETE", "/bucket/key?torrent"), "not yet built") << "and does not delete the object";
  EXPECT_EQ(S3("DELETE", "/bucket?tagging"), "DeleteBucketTagging");
  EXPECT_EQ(S3("DELETE", "/bucket/key?tagging"), "DeleteObjectTagging");
  EXPECT_EQ(S3("PUT", "/bucket/key?tagging&versionId=v"), "PutObjectTagging");
  EXPECT_EQ(S3("GET", "/bucket/key?tagging"), "GetObjectTagging");
  EXPECT_EQ(S3("PUT", "/bucket/key?retention"), "not yet built") << "and does not replace the object";
  EXPECT_EQ(S3("PUT", "/bucket/key?%72etention"), "not yet built") << "however it is spelled";
  EXPECT_EQ(S3("PUT", "/bucket/key?%74agging"), "PutObjectTagging");
  EXPECT_EQ(S3("PUT", "/bucket/key?part%4eumber=1&upload%49d=u"), "UploadPart");
  EXPECT_EQ(S3("PATCH", "/bucket"), "unknown");
}

TEST_F(Route, MovesTheBucketFromTheHostToThePath) {
  EXPECT_EQ(PathOf("bucket.localhost:8080", "/key"), "/bucket/key");
  EXPECT_EQ(PathOf("bucket.s3.localhost", "/key"), "/bucket/key");
  EXPECT_EQ(PathOf("bucket.s3.us-east-1.localhost", "/key"), "/bucket/key");
  EXPECT_EQ(PathOf("dotted.bucket.firmsign.example", "/key"), "/dotted.bucket/key");
  EXPECT_EQ(PathOf("dotted.bucket.s3.eu-west-1.firmsign.example", "/a/b"), "/dotted.bucket/a/b");
  EXPECT_EQ(PathOf("BUCKET.LocalHost", "/key"), "/bucket/key");
  EXPECT_EQ(PathOf("bucket.localhost", "/"), "/bucket/");
}

TEST_F(Route, LeavesThePathAloneWhenTheHostNamesNoBucket) {
  EXPECT_EQ(PathOf("localhost:8080", "/bucket/key"), "/bucket/key");
  EXPECT_EQ(PathOf("s3.localhost", "/bucket/key"), "/bucket/key");
  EXPECT_EQ(PathOf("s3.us-east-1.localhost", "/bucket/key"), "/bucket/key");
  EXPECT_EQ(PathOf("evillocalhost", "/bucket/key"), "/bucket/key");
  EXPECT_EQ(PathOf("127.0.0.1", "/bucket/key"), "/bucket/key");
  EXPECT_EQ(PathOf("[::1]:8080", "/bucket/key"), "/bucket/key");
  EXPECT_EQ(PathOf("", "/bucket/key"), "/bucket/key");
}

TEST_F(Route, SaysThatAnOperationIsNotYetBuilt) {
  const std::vector<Handler> handlers{NotYetBuilt<signer::ops::SignPayload>::Make<int>()};
  const ServiceRoutes service{.descriptor = &signer::kService, .service = nullptr, .handlers = handlers};
  const Router one({service}, {});
  const auto route = one.FindOperation(service, Head("POST", signer::ops::SignPayload::kDescriptor.uri.data()), "");
  ASSERT_FALSE(route);
  EXPECT_EQ(route.error().error, aws::CommonError::kNotYetBuilt);
  EXPECT_THAT(route.error().message, HasSubstr("SignPayload"));
}

}  // namespace
}  // namespace firmsign::gateway
