// SPDX-License-Identifier: Apache-2.0
//
// The handlers of the object store, one for each operation that is built.

#pragma once

#include "aws/api_error.h"
#include "gateway/call.h"
#include "model/s3.h"
#include "services/s3/service.h"

namespace firmsign::s3 {

template <class Op>
using Call = gateway::Authorized<Op>;

// Buckets.
aws::Result<ops::ListBuckets> ListBuckets(Service& service, const Call<ops::ListBuckets>& call);
aws::Result<ops::CreateBucket> CreateBucket(Service& service, const Call<ops::CreateBucket>& call);
aws::Result<ops::HeadBucket> HeadBucket(Service& service, const Call<ops::HeadBucket>& call);
aws::Result<ops::DeleteBucket> DeleteBucket(Service& service, const Call<ops::DeleteBucket>& call);
aws::Result<ops::GetBucketLocation> GetBucketLocation(Service& service, const Call<ops::GetBucketLocation>& call);
aws::Result<ops::PutBucketVersioning> PutBucketVersioning(Service& service, const Call<ops::PutBucketVersioning>& call);
aws::Result<ops::GetBucketVersioning> GetBucketVersioning(Service& service, const Call<ops::GetBucketVersioning>& call);

// Settings of buckets.
aws::Result<ops::PutBucketTagging> PutBucketTagging(Service& service, const Call<ops::PutBucketTagging>& call);
aws::Result<ops::GetBucketTagging> GetBucketTagging(Service& service, const Call<ops::GetBucketTagging>& call);
aws::Result<ops::DeleteBucketTagging> DeleteBucketTagging(Service& service, const Call<ops::DeleteBucketTagging>& call);
aws::Result<ops::PutBucketPolicy> PutBucketPolicy(Service& service, const Call<ops::PutBucketPolicy>& call);
aws::Result<ops::GetBucketPolicy> GetBucketPolicy(Service& service, const Call<ops::GetBucketPolicy>& call);
aws::Result<ops::DeleteBucketPolicy> DeleteBucketPolicy(Service& service, const Call<ops::DeleteBucketPolicy>& call);
aws::Result<ops::GetBucketPolicyStatus> GetBucketPolicyStatus(Service& service,
                                                              const Call<ops::GetBucketPolicyStatus>& call);
aws::Result<ops::PutPublicAccessBlock> PutPublicAccessBlock(Service& service,
                                                            const Call<ops::PutPublicAccessBlock>& call);
aws::Result<ops::GetPublicAccessBlock> GetPublicAccessBlock(Service& service,
                                                            const Call<ops::GetPublicAccessBlock>& call);
aws::Result<ops::DeletePublicAccessBlock> DeletePublicAccessBlock(Service& service,
                                                                  const Call<ops::DeletePublicAccessBlock>& call);
aws::Result<ops::PutBucketOwnershipControls> PutBucketOwnershipControls(
    Service& service, const Call<ops::PutBucketOwnershipControls>& call);
aws::Result<ops::GetBucketOwnershipControls> GetBucketOwnershipControls(
    Service& service, const Call<ops::GetBucketOwnershipControls>& call);
aws::Result<ops::DeleteBucketOwnershipControls> DeleteBucketOwnershipControls(
    Service& service, const Call<ops::DeleteBucketOwnershipControls>& call);
aws::Result<ops::PutBucketEncryption> PutBucketEncryption(Service& service, const Call<ops::PutBucketEncryption>& call);
aws::Result<ops::GetBucketEncryption> GetBucketEncryption(Service& service, const Call<ops::GetBucketEncryption>& call);
aws::Result<ops::DeleteBucketEncryption> DeleteBucketEncryption(Service& service,
                                                                const Call<ops::DeleteBucketEncryption>& call);
aws::Result<ops::PutBucketNotificationConfiguration> PutBucketNotificationConfiguration(
    Service& service, const Call<ops::PutBucketNotificationConfiguration>& call);
aws::Result<ops::GetBucketNotificationConfiguration> GetBucketNotificationConfiguration(
    Service& service, const Call<ops::GetBucketNotificationConfiguration>& call);
aws::Result<ops::GetBucketLogging> GetBucketLogging(Service& service, const Call<ops::GetBucketLogging>& call);
aws::Result<ops::GetBucketRequestPayment> GetBucketRequestPayment(Service& service,
                                                                  const Call<ops::GetBucketRequestPayment>& call);
aws::Result<ops::GetBucketAccelerateConfiguration> GetBucketAccelerateConfiguration(
    Service& service, const Call<ops::GetBucketAccelerateConfiguration>& call);
aws::Result<ops::GetBucketCors> GetBucketCors(Service& service, const Call<ops::GetBucketCors>& call);
aws::Result<ops::GetBucketLifecycleConfiguration> GetBucketLifecycleConfiguration(
    Service& service, const Call<ops::GetBucketLifecycleConfiguration>& call);
aws::Result<ops::GetBucketWebsite> GetBucketWebsite(Service& service, const Call<ops::GetBucketWebsite>& call);
aws::Result<ops::GetBucketReplication> GetBucketReplication(Service& service,
                                                            const Call<ops::GetBucketReplication>& call);
aws::Result<ops::GetObjectLockConfiguration> GetObjectLockConfiguration(
    Service& service, const Call<ops::GetObjectLockConfiguration>& call);

// Access control lists.
aws::Result<ops::PutBucketAcl> PutBucketAcl(Service& service, const Call<ops::PutBucketAcl>& call);
aws::Result<ops::GetBucketAcl> GetBucketAcl(Service& service, const Call<ops::GetBucketAcl>& call);
aws::Result<ops::PutObjectAcl> PutObjectAcl(Service& service, const Call<ops::PutObjectAcl>& call);
aws::Result<ops::GetObjectAcl> GetObjectAcl(Service& service, const Call<ops::GetObjectAcl>& call);

// Listings.
aws::Result<ops::ListObjectsV2> ListObjectsV2(Service& service, const Call<ops::ListObjectsV2>& call);
aws::Result<ops::ListObjects> ListObjects(Service& service, const Call<ops::ListObjects>& call);
aws::Result<ops::ListObjectVersions> ListObjectVersions(Service& service, const Call<ops::ListObjectVersions>& call);

// Objects.
aws::Result<ops::PutObject> PutObject(Service& service, const Call<ops::PutObject>& call);
aws::Result<ops::GetObject> GetObject(Service& service, const Call<ops::GetObject>& call);
aws::Result<ops::HeadObject> HeadObject(Service& service, const Call<ops::HeadObject>& call);
aws::Result<ops::DeleteObject> DeleteObject(Service& service, const Call<ops::DeleteObject>& call);
aws::Result<ops::DeleteObjects> DeleteObjects(Service& service, const Call<ops::DeleteObjects>& call);
aws::Result<ops::CopyObject> CopyObject(Service& service, const Call<ops::CopyObject>& call);
aws::Result<ops::GetObjectAttributes> GetObjectAttributes(Service& service, const Call<ops::GetObjectAttributes>& call);

// Tags of objects.
aws::Result<ops::GetObjectTagging> GetObjectTagging(Service& service, const Call<ops::GetObjectTagging>& call);
aws::Result<ops::PutObjectTagging> PutObjectTagging(Service& service, const Call<ops::PutObjectTagging>& call);
aws::Result<ops::DeleteObjectTagging> DeleteObjectTagging(Service& service, const Call<ops::DeleteObjectTagging>& call);

// Uploads in parts.
aws::Result<ops::CreateMultipartUpload> CreateMultipartUpload(Service& service,
                                                              const Call<ops::CreateMultipartUpload>& call);
aws::Result<ops::UploadPart> UploadPart(Service& service, const Call<ops::UploadPart>& call);
aws::Result<ops::UploadPartCopy> UploadPartCopy(Service& service, const Call<ops::UploadPartCopy>& call);
aws::Result<ops::CompleteMultipartUpload> CompleteMultipartUpload(Service& service,
                                                                  const Call<ops::CompleteMultipartUpload>& call);
aws::Result<ops::AbortMultipartUpload> AbortMultipartUpload(Service& service,
                                                            const Call<ops::AbortMultipartUpload>& call);
aws::Result<ops::ListParts> ListParts(Service& service, const Call<ops::ListParts>& call);
aws::Result<ops::ListMultipartUploads> ListMultipartUploads(Service& service,
                                                            const Call<ops::ListMultipartUploads>& call);

}  // namespace firmsign::s3
