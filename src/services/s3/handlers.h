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
