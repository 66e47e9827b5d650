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
    On<ops::DeleteObjectTagging, &ResolveBucket<ops::DeleteObjectTagging>, &DeleteObjectTagging>>;
// clang-format on

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::s3
