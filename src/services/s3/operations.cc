// SPDX-License-Identifier: Apache-2.0

#include "services/s3/operations.h"

#include "model/s3.h"
#include "services/s3/handlers.h"
#include "services/s3/resolve.h"

namespace firmsign::s3 {
namespace {

using gateway::On;

// clang-format off
using Table = gateway::RouteTable<Service, ops::All,
    On<ops::ListBuckets, &ListBuckets>,
    On<ops::CreateBucket, &CreateBucket>,
    On<ops::HeadBucket, &ResolveBucket<ops::HeadBucket>, &HeadBucket>,
    On<ops::DeleteBucket, &ResolveBucket<ops::DeleteBucket>, &DeleteBucket>,
    On<ops::GetBucketLocation, &ResolveBucket<ops::GetBucketLocation>, &GetBucketLocation>,
    On<ops::PutBucketVersioning, &ResolveBucket<ops::PutBucketVersioning>, &PutBucketVersioning>,
    On<ops::GetBucketVersioning, &ResolveBucket<ops::GetBucketVersioning>, &GetBucketVersioning>,
    On<ops::ListObjectsV2, &ResolveBucket<ops::ListObjectsV2>, &ListObjectsV2>,
    On<ops::ListObjects, &ResolveBucket<ops::ListObjects>, &ListObjects>,
    On<ops::ListObjectVersions, &ResolveBucket<ops::ListObjectVersions>, &ListObjectVersions>,
    On<ops::PutObject, &ResolveBucket<ops::PutObject>, &PutObject>,
    On<ops::GetObject, &ResolveBucket<ops::GetObject>, &GetObject>,
    On<ops::HeadObject, &ResolveBucket<ops::HeadObject>, &HeadObject>,
    On<ops::DeleteObject, &ResolveBucket<ops::DeleteObject>, &DeleteObject>,
    On<ops::DeleteObjects, &ResolveBucket<ops::DeleteObjects>, &DeleteObjects>,
    On<ops::CopyObject, &ResolveBucket<ops::CopyObject>, &CopyObject>,
    On<ops::CreateMultipartUpload, &ResolveBucket<ops::CreateMultipartUpload>, &CreateMultipartUpload>,
    On<ops::UploadPart, &ResolveBucket<ops::UploadPart>, &UploadPart>,
    On<ops::UploadPartCopy, &ResolveBucket<ops::UploadPartCopy>, &UploadPartCopy>,
    On<ops::CompleteMultipartUpload, &ResolveBucket<ops::CompleteMultipartUpload>, &CompleteMultipartUpload>,
    On<ops::AbortMultipartUpload, &ResolveBucket<ops::AbortMultipartUpload>, &AbortMultipartUpload>,
    On<ops::ListParts, &ResolveBucket<ops::ListParts>, &ListParts>,
    On<ops::ListMultipartUploads, &ResolveBucket<ops::ListMultipartUploads>, &ListMultipartUploads>,
    On<ops::GetObjectTagging, &ResolveBucket<ops::GetObjectTagging>, &GetObjectTagging>,
    On<ops::PutObjectTagging, &ResolveBucket<ops::PutObjectTagging>, &PutObjectTagging>,
    On<ops::DeleteObjectTagging, &ResolveBucket<ops::DeleteObjectTagging>, &DeleteObjectTagging>,
    On<ops::PutBucketTagging, &ResolveBucket<ops::PutBucketTagging>, &PutBucketTagging>,
    On<ops::GetBucketTagging, &ResolveBucket<ops::GetBucketTagging>, &GetBucketTagging>,
    On<ops::DeleteBucketTagging, &ResolveBucket<ops::DeleteBucketTagging>, &DeleteBucketTagging>,
    On<ops::PutBucketPolicy, &ResolveBucket<ops::PutBucketPolicy>, &PutBucketPolicy>,
    On<ops::GetBucketPolicy, &ResolveBucket<ops::GetBucketPolicy>, &GetBucketPolicy>,
    On<ops::DeleteBucketPolicy, &ResolveBucket<ops::DeleteBucketPolicy>, &DeleteBucketPolicy>,
    On<ops::GetBucketPolicyStatus, &ResolveBucket<ops::GetBucketPolicyStatus>, &GetBucketPolicyStatus>,
    On<ops::PutBucketAcl, &ResolveBucket<ops::PutBucketAcl>, &PutBucketAcl>,
    On<ops::GetBucketAcl, &ResolveBucket<ops::GetBucketAcl>, &GetBucketAcl>,
    On<ops::PutObjectAcl, &ResolveBucket<ops::PutObjectAcl>, &PutObjectAcl>,
    On<ops::GetObjectAcl, &ResolveBucket<ops::GetObjectAcl>, &GetObjectAcl>,
    On<ops::PutPublicAccessBlock, &ResolveBucket<ops::PutPublicAccessBlock>, &PutPublicAccessBlock>,
    On<ops::GetPublicAccessBlock, &ResolveBucket<ops::GetPublicAccessBlock>, &GetPublicAccessBlock>,
    On<ops::DeletePublicAccessBlock, &ResolveBucket<ops::DeletePublicAccessBlock>, &DeletePublicAccessBlock>,
    On<ops::PutBucketOwnershipControls, &ResolveBucket<ops::PutBucketOwnershipControls>, &PutBucketOwnershipControls>,
    On<ops::GetBucketOwnershipControls, &ResolveBucket<ops::GetBucketOwnershipControls>, &GetBucketOwnershipControls>,
    On<ops::DeleteBucketOwnershipControls, &ResolveBucket<ops::DeleteBucketOwnershipControls>, &DeleteBucketOwnershipControls>,
    On<ops::PutBucketEncryption, &ResolveBucket<ops::PutBucketEncryption>, &PutBucketEncryption>,
    On<ops::GetBucketEncryption, &ResolveBucket<ops::GetBucketEncryption>, &GetBucketEncryption>,
    On<ops::DeleteBucketEncryption, &ResolveBucket<ops::DeleteBucketEncryption>, &DeleteBucketEncryption>,
    On<ops::PutBucketNotificationConfiguration, &ResolveBucket<ops::PutBucketNotificationConfiguration>, &PutBucketNotificationConfiguration>,
    On<ops::GetBucketNotificationConfiguration, &ResolveBucket<ops::GetBucketNotificationConfiguration>, &GetBucketNotificationConfiguration>,
    On<ops::GetBucketLogging, &ResolveBucket<ops::GetBucketLogging>, &GetBucketLogging>,
    On<ops::GetBucketRequestPayment, &ResolveBucket<ops::GetBucketRequestPayment>, &GetBucketRequestPayment>,
    On<ops::GetBucketAccelerateConfiguration, &ResolveBucket<ops::GetBucketAccelerateConfiguration>, &GetBucketAccelerateConfiguration>,
    On<ops::GetBucketCors, &ResolveBucket<ops::GetBucketCors>, &GetBucketCors>,
    On<ops::GetBucketLifecycleConfiguration, &ResolveBucket<ops::GetBucketLifecycleConfiguration>, &GetBucketLifecycleConfiguration>,
    On<ops::GetBucketWebsite, &ResolveBucket<ops::GetBucketWebsite>, &GetBucketWebsite>,
    On<ops::GetBucketReplication, &ResolveBucket<ops::GetBucketReplication>, &GetBucketReplication>,
    On<ops::GetObjectLockConfiguration, &ResolveBucket<ops::GetObjectLockConfiguration>, &GetObjectLockConfiguration>,
    On<ops::GetObjectAttributes, &ResolveBucket<ops::GetObjectAttributes>, &GetObjectAttributes>>;
// clang-format on

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::s3
