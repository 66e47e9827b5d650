// SPDX-License-Identifier: Apache-2.0
//
// Amazon S3, API version 2006-03-01: buckets, versions, objects, multipart uploads.
//
// Several operations share method and path (PutObject, UploadPart and CopyObject; AbortMultipartUpload and DeleteObject):
// the one whose required query members and headers are all there is meant. Left out are encryption with keys of the
// client or of KMS, requester pays and MFA delete; SSECustomerAlgorithm stays so that a handler can refuse it.

$version: "2"
$operationInputSuffix: "Request"
$operationOutputSuffix: "Output"

namespace firmsign.s3

@restXml
@xmlNamespace(uri: "http://s3.amazonaws.com/doc/2006-03-01/")
@sigv4(name: "s3")
@eventSource("s3.amazonaws.com")
@optionalAuth
@subresources([
    "versioning", "location", "policy", "policyStatus", "acl", "tagging", "uploads", "uploadId", "versions",
    "delete", "cors", "lifecycle", "encryption", "publicAccessBlock", "ownershipControls", "notification", "logging",
    "website", "accelerate", "requestPayment", "replication", "object-lock", "attributes", "torrent", "restore",
    "select", "select-type", "legal-hold", "retention", "intelligent-tiering", "inventory", "analytics", "metrics",
    "metadataConfiguration", "metadataTable", "metadataAnnotationTable", "metadataInventoryTable",
    "metadataJournalTable", "session", "annotation", "abac", "renameObject"
])
@omits([
    RequestPayer, RequestCharged, SSECustomerKey, SSECustomerKeyMD5, CopySourceSSECustomerAlgorithm,
    CopySourceSSECustomerKey, CopySourceSSECustomerKeyMD5, SSEKMSKeyId, SSEKMSEncryptionContext, BucketKeyEnabled,
    MFA
])
service S3 {
    version: "2006-03-01"
    operations: [
        ListBuckets
        CreateBucket
        HeadBucket
        DeleteBucket
        GetBucketLocation
        PutBucketVersioning
        GetBucketVersioning
        ListObjectsV2
        ListObjects
        ListObjectVersions
        PutObject
        GetObject
        HeadObject
        DeleteObject
        DeleteObjects
        CopyObject
        CreateMultipartUpload
        UploadPart
        UploadPartCopy
        CompleteMultipartUpload
        AbortMultipartUpload
        ListParts
        ListMultipartUploads
        GetObjectTagging
        PutObjectTagging
        DeleteObjectTagging
        PutBucketTagging
        GetBucketTagging
        DeleteBucketTagging
        PutBucketPolicy
        GetBucketPolicy
        DeleteBucketPolicy
        GetBucketPolicyStatus
        PutBucketAcl
        GetBucketAcl
        PutObjectAcl
        GetObjectAcl
        PutPublicAccessBlock
        GetPublicAccessBlock
        DeletePublicAccessBlock
        PutBucketOwnershipControls
        GetBucketOwnershipControls
        DeleteBucketOwnershipControls
        PutBucketEncryption
        GetBucketEncryption
        DeleteBucketEncryption
        PutBucketNotificationConfiguration
        GetBucketNotificationConfiguration
        GetBucketLogging
        GetBucketRequestPayment
        GetBucketAccelerateConfiguration
        GetBucketCors
        GetBucketLifecycleConfiguration
        GetBucketWebsite
        GetBucketReplication
        GetObjectLockConfiguration
        GetObjectAttributes
    ]
}

/// What any request can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfS3 {
    errors: [
        AccessDenied, InvalidArgument, InvalidRequest, MethodNotAllowed, NotImplemented, PermanentRedirect,
        AuthorizationHeaderMalformed, OperationAborted, SlowDown, ServiceUnavailable, InternalError
    ]
}

/// What a request that names a bucket can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfBuckets {
    errors: [
        NoSuchBucket, InvalidBucketName, BucketAlreadyExists, BucketAlreadyOwnedByYou, BucketNotEmpty,
        InvalidBucketState, IllegalLocationConstraintException, InvalidLocationConstraint, TooManyBuckets,
        AccessControlListNotSupported
    ]
}

/// What a request with a body can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfBodies {
    errors: [
        MalformedXML, BadDigest, InvalidDigest, XAmzContentSHA256Mismatch, IncompleteBody, MissingContentLength,
        EntityTooLarge, RequestTimeout
    ]
}

/// What a request that names an object can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfObjects {
    errors: [
        NoSuchKey, NoSuchVersion, KeyTooLongError, PreconditionFailed, ConditionalRequestConflict, NotModified,
        InvalidRange, InvalidPartNumber, InvalidObjectState
    ]
}

/// What a request that makes an object can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfStores {
    errors: [
        MetadataTooLarge, InvalidStorageClass, InvalidTag, BadRequest, InvalidEncryptionAlgorithmError, EntityTooSmall
    ]
}

/// What a request that tags an object can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfTags {
    errors: [InvalidTag, BadRequest]
}

/// What a request that names an upload can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfUploads {
    errors: [NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall]
}

/// What a request about the tags of a bucket can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfBucketTags {
    errors: [NoSuchTagSet, InvalidTag, BadRequest]
}

/// What a request about the policy of a bucket can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfPolicies {
    errors: [NoSuchBucketPolicy, MalformedPolicy]
}

/// What a request about other settings of a bucket can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfSettings {
    errors: [
        NoSuchPublicAccessBlockConfiguration, OwnershipControlsNotFoundError, NoSuchCORSConfiguration,
        NoSuchLifecycleConfiguration, NoSuchWebsiteConfiguration, ReplicationConfigurationNotFoundError,
        ObjectLockConfigurationNotFoundError
    ]
}

/// What a request about access control lists can be told.
@mixin
@observed("S3 user guide, list of error codes; S3's own model names only a few")
operation AnswersOfAcls {
    errors: [MalformedACLError]
}

// Operations

/// Lists the buckets of the account.
@http(method: "GET", uri: "/")
@audit("read")
@iam([{action: "s3:ListAllMyBuckets", resource: "arn:aws:s3:::*"}])
operation ListBuckets with [AnswersOfS3] {
    input := @since("2023") {
        @httpQuery("max-buckets") MaxBuckets: MaxBuckets
        @httpQuery("continuation-token") ContinuationToken: String
        @httpQuery("prefix") Prefix: String
        @httpQuery("bucket-region") BucketRegion: String
    }
    output := @xmlName("ListAllMyBucketsResult") {
        Buckets: Buckets
        Owner: Owner
        @since("2023") ContinuationToken: String
        @since("2023") Prefix: String
    }
}

/// Makes a bucket.
@http(method: "PUT", uri: "/{Bucket}")
@audit("write")
@iam([
    {action: "s3:CreateBucket", resource: "arn:aws:s3:::{Bucket}"}
    {action: "s3:PutBucketAcl", resource: "arn:aws:s3:::{Bucket}", condition: "ACL"}
    {action: "s3:PutBucketOwnershipControls", resource: "arn:aws:s3:::{Bucket}", condition: "ObjectOwnership"}
    {action: "s3:PutBucketObjectLockConfiguration", resource: "arn:aws:s3:::{Bucket}", condition: "ObjectLockEnabledForBucket"}
    {action: "s3:PutBucketVersioning", resource: "arn:aws:s3:::{Bucket}", condition: "ObjectLockEnabledForBucket"}
])
operation CreateBucket with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies, AnswersOfBucketTags] {
    input := {
        @httpHeader("x-amz-acl") @conditionKey("s3:x-amz-acl") ACL: BucketCannedACL
        @required @httpLabel Bucket: String
        @httpPayload CreateBucketConfiguration: CreateBucketConfiguration
        @httpHeader("x-amz-grant-full-control") GrantFullControl: String
        @httpHeader("x-amz-grant-read") GrantRead: String
        @httpHeader("x-amz-grant-read-acp") GrantReadACP: String
        @httpHeader("x-amz-grant-write") GrantWrite: String
        @httpHeader("x-amz-grant-write-acp") GrantWriteACP: String
        @httpHeader("x-amz-bucket-object-lock-enabled") ObjectLockEnabledForBucket: Boolean
        @httpHeader("x-amz-object-ownership") ObjectOwnership: ObjectOwnership
        @since("2023") @httpHeader("x-amz-bucket-namespace") BucketNamespace: BucketNamespace
    }
    output := {
        @httpHeader("Location") Location: String
        @since("2023") @httpHeader("x-amz-bucket-arn") BucketArn: S3RegionalOrS3ExpressBucketArnString
    }
    errors: [BucketAlreadyExists, BucketAlreadyOwnedByYou]
}

/// Tells whether a bucket exists and may be listed.
@http(method: "HEAD", uri: "/{Bucket}")
@audit("read")
@iam([{action: "s3:ListBucket", resource: "arn:aws:s3:::{Bucket}"}])
operation HeadBucket with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @since("2023") {
        @httpHeader("x-amz-bucket-arn") BucketArn: S3RegionalOrS3ExpressBucketArnString
        @httpHeader("x-amz-bucket-location-type") BucketLocationType: LocationType
        @httpHeader("x-amz-bucket-location-name") BucketLocationName: String
        @httpHeader("x-amz-bucket-region") BucketRegion: Region
        @httpHeader("x-amz-access-point-alias") AccessPointAlias: Boolean
    }
    errors: [NoSuchBucket]
}

/// Removes an empty bucket.
@http(method: "DELETE", uri: "/{Bucket}", code: 204)
@audit("write")
@iam([{action: "s3:DeleteBucket", resource: "arn:aws:s3:::{Bucket}"}])
operation DeleteBucket with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Tells the region of a bucket: the text of the root element, empty for us-east-1.
@http(method: "GET", uri: "/{Bucket}?location")
@audit("read")
@iam([{action: "s3:GetBucketLocation", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketLocation with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @s3UnwrappedXmlOutput @xmlName("LocationConstraint") {
        LocationConstraint: BucketLocationConstraint
    }
}

/// Turns versioning on or suspends it.
@http(method: "PUT", uri: "/{Bucket}?versioning")
@audit("write")
@iam([{action: "s3:PutBucketVersioning", resource: "arn:aws:s3:::{Bucket}"}])
operation PutBucketVersioning with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @required @httpPayload VersioningConfiguration: VersioningConfiguration
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Tells whether a bucket keeps versions; nothing if it was never said.
@http(method: "GET", uri: "/{Bucket}?versioning")
@audit("read")
@iam([{action: "s3:GetBucketVersioning", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketVersioning with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("VersioningConfiguration") {
        Status: BucketVersioningStatus
        @xmlName("MfaDelete") MFADelete: MFADeleteStatus
    }
}

/// Lists the current objects of a bucket, in the order of their keys.
@http(method: "GET", uri: "/{Bucket}?list-type=2")
@audit("data")
@iam([{action: "s3:ListBucket", resource: "arn:aws:s3:::{Bucket}"}])
operation ListObjectsV2 with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpQuery("delimiter") @conditionKey("s3:delimiter") Delimiter: String
        @httpQuery("encoding-type") EncodingType: EncodingType
        @httpQuery("max-keys") @conditionKey("s3:max-keys") MaxKeys: Integer
        @httpQuery("prefix") @conditionKey("s3:prefix") Prefix: String
        @httpQuery("continuation-token") ContinuationToken: String
        @httpQuery("fetch-owner") FetchOwner: Boolean
        @httpQuery("start-after") StartAfter: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @since("2023") @httpHeader("x-amz-optional-object-attributes") OptionalObjectAttributes: OptionalObjectAttributesList
    }
    output := @xmlName("ListBucketResult") {
        IsTruncated: Boolean
        @xmlFlattened Contents: ObjectList
        Name: String
        Prefix: String
        Delimiter: String
        MaxKeys: Integer
        @xmlFlattened CommonPrefixes: CommonPrefixList
        EncodingType: EncodingType
        KeyCount: Integer
        ContinuationToken: String
        NextContinuationToken: String
        StartAfter: String
    }
    errors: [NoSuchBucket]
}

/// The older listing, with a marker in place of tokens.
@http(method: "GET", uri: "/{Bucket}")
@audit("data")
@iam([{action: "s3:ListBucket", resource: "arn:aws:s3:::{Bucket}"}])
operation ListObjects with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpQuery("delimiter") @conditionKey("s3:delimiter") Delimiter: String
        @httpQuery("encoding-type") EncodingType: EncodingType
        @httpQuery("marker") Marker: String
        @httpQuery("max-keys") @conditionKey("s3:max-keys") MaxKeys: Integer
        @httpQuery("prefix") @conditionKey("s3:prefix") Prefix: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @since("2023") @httpHeader("x-amz-optional-object-attributes") OptionalObjectAttributes: OptionalObjectAttributesList
    }
    output := @xmlName("ListBucketResult") {
        IsTruncated: Boolean
        Marker: String
        NextMarker: String
        @xmlFlattened Contents: ObjectList
        Name: String
        Prefix: String
        Delimiter: String
        MaxKeys: Integer
        @xmlFlattened CommonPrefixes: CommonPrefixList
        EncodingType: EncodingType
    }
    errors: [NoSuchBucket]
}

/// Lists all versions and delete markers: by key, then newest first.
@http(method: "GET", uri: "/{Bucket}?versions")
@audit("data")
@iam([{action: "s3:ListBucketVersions", resource: "arn:aws:s3:::{Bucket}"}])
operation ListObjectVersions with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpQuery("delimiter") @conditionKey("s3:delimiter") Delimiter: String
        @httpQuery("encoding-type") EncodingType: EncodingType
        @httpQuery("key-marker") KeyMarker: String
        @httpQuery("max-keys") @conditionKey("s3:max-keys") MaxKeys: Integer
        @httpQuery("prefix") @conditionKey("s3:prefix") Prefix: String
        @httpQuery("version-id-marker") VersionIdMarker: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @since("2023") @httpHeader("x-amz-optional-object-attributes") OptionalObjectAttributes: OptionalObjectAttributesList
    }
    output := @xmlName("ListVersionsResult") {
        IsTruncated: Boolean
        KeyMarker: String
        VersionIdMarker: String
        NextKeyMarker: String
        NextVersionIdMarker: String
        @xmlName("Version") @xmlFlattened Versions: ObjectVersionList
        @xmlName("DeleteMarker") @xmlFlattened DeleteMarkers: DeleteMarkers
        Name: String
        Prefix: String
        Delimiter: String
        MaxKeys: Integer
        @xmlFlattened CommonPrefixes: CommonPrefixList
        EncodingType: EncodingType
    }
}

/// Stores an object.
@http(method: "PUT", uri: "/{Bucket}/{Key+}")
@audit("data")
@iam([
    {action: "s3:PutObject", resource: "arn:aws:s3:::{Bucket}/{Key}"}
    {action: "s3:PutObjectAcl", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ACL"}
    {action: "s3:PutObjectTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "Tagging"}
    {action: "s3:PutObjectRetention", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ObjectLockMode"}
    {action: "s3:PutObjectLegalHold", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ObjectLockLegalHoldStatus"}
])
operation PutObject with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects, AnswersOfBodies, AnswersOfStores] {
    input := {
        @httpHeader("x-amz-acl") @conditionKey("s3:x-amz-acl") ACL: ObjectCannedACL
        @httpPayload Body: StreamingBlob
        @required @httpLabel Bucket: String
        @httpHeader("Cache-Control") CacheControl: String
        @httpHeader("Content-Disposition") ContentDisposition: String
        @httpHeader("Content-Encoding") ContentEncoding: String
        @httpHeader("Content-Language") ContentLanguage: String
        @httpHeader("Content-Length") ContentLength: Long
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("Content-Type") ContentType: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @httpHeader("x-amz-checksum-crc32") ChecksumCRC32: String
        @httpHeader("x-amz-checksum-crc32c") ChecksumCRC32C: String
        @since("2023") @httpHeader("x-amz-checksum-crc64nvme") ChecksumCRC64NVME: String
        @httpHeader("x-amz-checksum-sha1") ChecksumSHA1: String
        @httpHeader("x-amz-checksum-sha256") ChecksumSHA256: String
        @since("2023") @httpHeader("x-amz-checksum-sha512") ChecksumSHA512: String
        @since("2023") @httpHeader("x-amz-checksum-md5") ChecksumMD5: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash64") ChecksumXXHASH64: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash3") ChecksumXXHASH3: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash128") ChecksumXXHASH128: String
        @httpHeader("Expires") Expires: Timestamp
        @since("2023") @httpHeader("If-Match") IfMatch: String
        @since("2023") @httpHeader("If-None-Match") IfNoneMatch: String
        @httpHeader("x-amz-grant-full-control") GrantFullControl: String
        @httpHeader("x-amz-grant-read") GrantRead: String
        @httpHeader("x-amz-grant-read-acp") GrantReadACP: String
        @httpHeader("x-amz-grant-write-acp") GrantWriteACP: String
        @required @httpLabel Key: ObjectKey
        @since("2023") @httpHeader("x-amz-write-offset-bytes") WriteOffsetBytes: Long
        @httpPrefixHeaders("x-amz-meta-") Metadata: Metadata
        @httpHeader("x-amz-server-side-encryption") @conditionKey("s3:x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("x-amz-storage-class") @conditionKey("s3:x-amz-storage-class") StorageClass: StorageClass
        @httpHeader("x-amz-website-redirect-location") WebsiteRedirectLocation: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-tagging") Tagging: String
        @httpHeader("x-amz-object-lock-mode") ObjectLockMode: ObjectLockMode
        @httpHeader("x-amz-object-lock-retain-until-date") @timestampFormat("date-time") ObjectLockRetainUntilDate: Timestamp
        @httpHeader("x-amz-object-lock-legal-hold") ObjectLockLegalHoldStatus: ObjectLockLegalHoldStatus
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpHeader("x-amz-expiration") Expiration: String
        @httpHeader("ETag") ETag: String
        @httpHeader("x-amz-checksum-crc32") ChecksumCRC32: String
        @httpHeader("x-amz-checksum-crc32c") ChecksumCRC32C: String
        @since("2023") @httpHeader("x-amz-checksum-crc64nvme") ChecksumCRC64NVME: String
        @httpHeader("x-amz-checksum-sha1") ChecksumSHA1: String
        @httpHeader("x-amz-checksum-sha256") ChecksumSHA256: String
        @since("2023") @httpHeader("x-amz-checksum-sha512") ChecksumSHA512: String
        @since("2023") @httpHeader("x-amz-checksum-md5") ChecksumMD5: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash64") ChecksumXXHASH64: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash3") ChecksumXXHASH3: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash128") ChecksumXXHASH128: String
        @since("2023") @httpHeader("x-amz-checksum-type") ChecksumType: ChecksumType
        @httpHeader("x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("x-amz-version-id") VersionId: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @since("2023") @httpHeader("x-amz-object-size") Size: Long
    }
    errors: [InvalidRequest, InvalidWriteOffset, TooManyParts, EncryptionTypeMismatch]
}

/// Answers an object or a range of it.
@http(method: "GET", uri: "/{Bucket}/{Key+}")
@audit("data")
@iam([
    {action: "s3:GetObject", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:GetObjectVersion", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
])
operation GetObject with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("If-Match") IfMatch: String
        @httpHeader("If-Modified-Since") IfModifiedSince: Timestamp
        @httpHeader("If-None-Match") IfNoneMatch: String
        @httpHeader("If-Unmodified-Since") IfUnmodifiedSince: Timestamp
        @required @httpLabel Key: ObjectKey
        @httpHeader("Range") Range: String
        @httpQuery("response-cache-control") ResponseCacheControl: String
        @httpQuery("response-content-disposition") ResponseContentDisposition: String
        @httpQuery("response-content-encoding") ResponseContentEncoding: String
        @httpQuery("response-content-language") ResponseContentLanguage: String
        @httpQuery("response-content-type") ResponseContentType: String
        @httpQuery("response-expires") @timestampFormat("http-date") ResponseExpires: Timestamp
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpQuery("partNumber") PartNumber: Integer
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @httpHeader("x-amz-checksum-mode") ChecksumMode: ChecksumMode
    }
    output := {
        @httpPayload Body: StreamingBlob
        @httpHeader("x-amz-delete-marker") DeleteMarker: Boolean
        @httpHeader("accept-ranges") AcceptRanges: String
        @httpHeader("x-amz-expiration") Expiration: String
        @httpHeader("x-amz-restore") Restore: String
        @httpHeader("Last-Modified") LastModified: Timestamp
        @httpHeader("Content-Length") ContentLength: Long
        @httpHeader("ETag") ETag: String
        @httpHeader("x-amz-checksum-crc32") ChecksumCRC32: String
        @httpHeader("x-amz-checksum-crc32c") ChecksumCRC32C: String
        @since("2023") @httpHeader("x-amz-checksum-crc64nvme") ChecksumCRC64NVME: String
        @httpHeader("x-amz-checksum-sha1") ChecksumSHA1: String
        @httpHeader("x-amz-checksum-sha256") ChecksumSHA256: String
        @since("2023") @httpHeader("x-amz-checksum-sha512") ChecksumSHA512: String
        @since("2023") @httpHeader("x-amz-checksum-md5") ChecksumMD5: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash64") ChecksumXXHASH64: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash3") ChecksumXXHASH3: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash128") ChecksumXXHASH128: String
        @since("2023") @httpHeader("x-amz-checksum-type") ChecksumType: ChecksumType
        @httpHeader("x-amz-missing-meta") MissingMeta: Integer
        @httpHeader("x-amz-version-id") VersionId: String
        @httpHeader("Cache-Control") CacheControl: String
        @httpHeader("Content-Disposition") ContentDisposition: String
        @httpHeader("Content-Encoding") ContentEncoding: String
        @httpHeader("Content-Language") ContentLanguage: String
        @httpHeader("Content-Range") ContentRange: String
        @httpHeader("Content-Type") ContentType: String
        @httpHeader("Expires") Expires: Timestamp
        @httpHeader("x-amz-website-redirect-location") WebsiteRedirectLocation: String
        @httpHeader("x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpPrefixHeaders("x-amz-meta-") Metadata: Metadata
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-storage-class") StorageClass: StorageClass
        @httpHeader("x-amz-replication-status") ReplicationStatus: ReplicationStatus
        @httpHeader("x-amz-mp-parts-count") PartsCount: Integer
        @httpHeader("x-amz-tagging-count") TagCount: Integer
        @httpHeader("x-amz-object-lock-mode") ObjectLockMode: ObjectLockMode
        @httpHeader("x-amz-object-lock-retain-until-date") @timestampFormat("date-time") ObjectLockRetainUntilDate: Timestamp
        @httpHeader("x-amz-object-lock-legal-hold") ObjectLockLegalHoldStatus: ObjectLockLegalHoldStatus
    }
    errors: [NoSuchKey, InvalidObjectState]
}

/// As GetObject, without the body.
@http(method: "HEAD", uri: "/{Bucket}/{Key+}")
@audit("data")
@iam([
    {action: "s3:GetObject", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:GetObjectVersion", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
])
operation HeadObject with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("If-Match") IfMatch: String
        @httpHeader("If-Modified-Since") IfModifiedSince: Timestamp
        @httpHeader("If-None-Match") IfNoneMatch: String
        @httpHeader("If-Unmodified-Since") IfUnmodifiedSince: Timestamp
        @required @httpLabel Key: ObjectKey
        @httpHeader("Range") Range: String
        @since("2023") @httpQuery("response-cache-control") ResponseCacheControl: String
        @since("2023") @httpQuery("response-content-disposition") ResponseContentDisposition: String
        @since("2023") @httpQuery("response-content-encoding") ResponseContentEncoding: String
        @since("2023") @httpQuery("response-content-language") ResponseContentLanguage: String
        @since("2023") @httpQuery("response-content-type") ResponseContentType: String
        @since("2023") @httpQuery("response-expires") @timestampFormat("http-date") ResponseExpires: Timestamp
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpQuery("partNumber") PartNumber: Integer
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @httpHeader("x-amz-checksum-mode") ChecksumMode: ChecksumMode
    }
    output := {
        @httpHeader("x-amz-delete-marker") DeleteMarker: Boolean
        @httpHeader("accept-ranges") AcceptRanges: String
        @httpHeader("x-amz-expiration") Expiration: String
        @httpHeader("x-amz-restore") Restore: String
        @httpHeader("x-amz-archive-status") ArchiveStatus: ArchiveStatus
        @httpHeader("Last-Modified") LastModified: Timestamp
        @httpHeader("Content-Length") ContentLength: Long
        @httpHeader("x-amz-checksum-crc32") ChecksumCRC32: String
        @httpHeader("x-amz-checksum-crc32c") ChecksumCRC32C: String
        @since("2023") @httpHeader("x-amz-checksum-crc64nvme") ChecksumCRC64NVME: String
        @httpHeader("x-amz-checksum-sha1") ChecksumSHA1: String
        @httpHeader("x-amz-checksum-sha256") ChecksumSHA256: String
        @since("2023") @httpHeader("x-amz-checksum-sha512") ChecksumSHA512: String
        @since("2023") @httpHeader("x-amz-checksum-md5") ChecksumMD5: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash64") ChecksumXXHASH64: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash3") ChecksumXXHASH3: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash128") ChecksumXXHASH128: String
        @since("2023") @httpHeader("x-amz-checksum-type") ChecksumType: ChecksumType
        @httpHeader("ETag") ETag: String
        @httpHeader("x-amz-missing-meta") MissingMeta: Integer
        @httpHeader("x-amz-version-id") VersionId: String
        @httpHeader("Cache-Control") CacheControl: String
        @httpHeader("Content-Disposition") ContentDisposition: String
        @httpHeader("Content-Encoding") ContentEncoding: String
        @httpHeader("Content-Language") ContentLanguage: String
        @httpHeader("Content-Type") ContentType: String
        @since("2023") @httpHeader("Content-Range") ContentRange: String
        @httpHeader("Expires") Expires: Timestamp
        @httpHeader("x-amz-website-redirect-location") WebsiteRedirectLocation: String
        @httpHeader("x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpPrefixHeaders("x-amz-meta-") Metadata: Metadata
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-storage-class") StorageClass: StorageClass
        @httpHeader("x-amz-replication-status") ReplicationStatus: ReplicationStatus
        @httpHeader("x-amz-mp-parts-count") PartsCount: Integer
        @since("2023") @httpHeader("x-amz-tagging-count") TagCount: Integer
        @httpHeader("x-amz-object-lock-mode") ObjectLockMode: ObjectLockMode
        @httpHeader("x-amz-object-lock-retain-until-date") @timestampFormat("date-time") ObjectLockRetainUntilDate: Timestamp
        @httpHeader("x-amz-object-lock-legal-hold") ObjectLockLegalHoldStatus: ObjectLockLegalHoldStatus
    }
    errors: [NoSuchKey]
}

/// Removes one version, or hides the object behind a delete marker.
@http(method: "DELETE", uri: "/{Bucket}/{Key+}", code: 204)
@audit("data")
@iam([
    {action: "s3:DeleteObject", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:DeleteObjectVersion", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
    {action: "s3:BypassGovernanceRetention", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "BypassGovernanceRetention"}
])
operation DeleteObject with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("x-amz-bypass-governance-retention") BypassGovernanceRetention: Boolean
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @since("2023") @httpHeader("If-Match") IfMatch: String
        @since("2023") @httpHeader("x-amz-if-match-last-modified-time") @timestampFormat("http-date") IfMatchLastModifiedTime: Timestamp
        @since("2023") @httpHeader("x-amz-if-match-size") IfMatchSize: Long
    }
    output := {
        @httpHeader("x-amz-delete-marker") DeleteMarker: Boolean
        @httpHeader("x-amz-version-id") VersionId: String
    }
}

/// DeleteObject for up to 1000 keys.
@http(method: "POST", uri: "/{Bucket}?delete")
@audit("data")
@noIam("each key is authorised by itself")
@bodyMax(4194304)
@bodyDigestRequired
operation DeleteObjects with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpPayload Delete: Delete
        @httpHeader("x-amz-bypass-governance-retention") BypassGovernanceRetention: Boolean
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
    }
    output := @xmlName("DeleteResult") {
        @xmlFlattened Deleted: DeletedObjects
        @xmlName("Error") @xmlFlattened Errors: Errors
    }
}

/// Stores a copy of an object; the right to read the source is asked for by the handler.
@http(method: "PUT", uri: "/{Bucket}/{Key+}")
@audit("data")
@iam([
    {action: "s3:PutObject", resource: "arn:aws:s3:::{Bucket}/{Key}"}
    {action: "s3:PutObjectAcl", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ACL"}
    {action: "s3:PutObjectTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "Tagging"}
    {action: "s3:PutObjectRetention", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ObjectLockMode"}
    {action: "s3:PutObjectLegalHold", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ObjectLockLegalHoldStatus"}
])
operation CopyObject with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects, AnswersOfBodies, AnswersOfStores] {
    input := {
        @httpHeader("x-amz-acl") @conditionKey("s3:x-amz-acl") ACL: ObjectCannedACL
        @required @httpLabel Bucket: String
        @httpHeader("Cache-Control") CacheControl: String
        @httpHeader("x-amz-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @httpHeader("Content-Disposition") ContentDisposition: String
        @httpHeader("Content-Encoding") ContentEncoding: String
        @httpHeader("Content-Language") ContentLanguage: String
        @httpHeader("Content-Type") ContentType: String
        @required @httpHeader("x-amz-copy-source") @conditionKey("s3:x-amz-copy-source") CopySource: CopySource
        @httpHeader("x-amz-copy-source-if-match") CopySourceIfMatch: String
        @httpHeader("x-amz-copy-source-if-modified-since") CopySourceIfModifiedSince: Timestamp
        @httpHeader("x-amz-copy-source-if-none-match") CopySourceIfNoneMatch: String
        @httpHeader("x-amz-copy-source-if-unmodified-since") CopySourceIfUnmodifiedSince: Timestamp
        @httpHeader("Expires") Expires: Timestamp
        @httpHeader("x-amz-grant-full-control") GrantFullControl: String
        @httpHeader("x-amz-grant-read") GrantRead: String
        @httpHeader("x-amz-grant-read-acp") GrantReadACP: String
        @httpHeader("x-amz-grant-write-acp") GrantWriteACP: String
        @since("2023") @httpHeader("If-Match") IfMatch: String
        @since("2023") @httpHeader("If-None-Match") IfNoneMatch: String
        @required @httpLabel Key: ObjectKey
        @httpPrefixHeaders("x-amz-meta-") Metadata: Metadata
        @httpHeader("x-amz-metadata-directive") @conditionKey("s3:x-amz-metadata-directive") MetadataDirective: MetadataDirective
        @httpHeader("x-amz-tagging-directive") TaggingDirective: TaggingDirective
        @since("2023") @httpHeader("x-amz-object-annotation-directive") AnnotationDirective: AnnotationDirective
        @httpHeader("x-amz-server-side-encryption") @conditionKey("s3:x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("x-amz-storage-class") @conditionKey("s3:x-amz-storage-class") StorageClass: StorageClass
        @httpHeader("x-amz-website-redirect-location") WebsiteRedirectLocation: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-tagging") Tagging: String
        @httpHeader("x-amz-object-lock-mode") ObjectLockMode: ObjectLockMode
        @httpHeader("x-amz-object-lock-retain-until-date") @timestampFormat("date-time") ObjectLockRetainUntilDate: Timestamp
        @httpHeader("x-amz-object-lock-legal-hold") ObjectLockLegalHoldStatus: ObjectLockLegalHoldStatus
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @httpHeader("x-amz-source-expected-bucket-owner") ExpectedSourceBucketOwner: String
    }
    output := {
        @httpPayload CopyObjectResult: CopyObjectResult
        @httpHeader("x-amz-expiration") Expiration: String
        @httpHeader("x-amz-copy-source-version-id") CopySourceVersionId: String
        @httpHeader("x-amz-version-id") VersionId: String
        @httpHeader("x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
    }
    errors: [ObjectNotInActiveTierError]
}

/// Begins an object that is sent in parts.
@http(method: "POST", uri: "/{Bucket}/{Key+}?uploads")
@audit("data")
@iam([
    {action: "s3:PutObject", resource: "arn:aws:s3:::{Bucket}/{Key}"}
    {action: "s3:PutObjectAcl", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ACL"}
    {action: "s3:PutObjectTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "Tagging"}
    {action: "s3:PutObjectRetention", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ObjectLockMode"}
    {action: "s3:PutObjectLegalHold", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "ObjectLockLegalHoldStatus"}
])
operation CreateMultipartUpload with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects, AnswersOfBodies, AnswersOfStores] {
    input := {
        @httpHeader("x-amz-acl") @conditionKey("s3:x-amz-acl") ACL: ObjectCannedACL
        @required @httpLabel Bucket: String
        @httpHeader("Cache-Control") CacheControl: String
        @httpHeader("Content-Disposition") ContentDisposition: String
        @httpHeader("Content-Encoding") ContentEncoding: String
        @httpHeader("Content-Language") ContentLanguage: String
        @httpHeader("Content-Type") ContentType: String
        @httpHeader("Expires") Expires: Timestamp
        @httpHeader("x-amz-grant-full-control") GrantFullControl: String
        @httpHeader("x-amz-grant-read") GrantRead: String
        @httpHeader("x-amz-grant-read-acp") GrantReadACP: String
        @httpHeader("x-amz-grant-write-acp") GrantWriteACP: String
        @required @httpLabel Key: ObjectKey
        @httpPrefixHeaders("x-amz-meta-") Metadata: Metadata
        @httpHeader("x-amz-server-side-encryption") @conditionKey("s3:x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("x-amz-storage-class") @conditionKey("s3:x-amz-storage-class") StorageClass: StorageClass
        @httpHeader("x-amz-website-redirect-location") WebsiteRedirectLocation: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-tagging") Tagging: String
        @httpHeader("x-amz-object-lock-mode") ObjectLockMode: ObjectLockMode
        @httpHeader("x-amz-object-lock-retain-until-date") @timestampFormat("date-time") ObjectLockRetainUntilDate: Timestamp
        @httpHeader("x-amz-object-lock-legal-hold") ObjectLockLegalHoldStatus: ObjectLockLegalHoldStatus
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @httpHeader("x-amz-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @since("2023") @httpHeader("x-amz-checksum-type") ChecksumType: ChecksumType
    }
    output := @xmlName("InitiateMultipartUploadResult") {
        @httpHeader("x-amz-abort-date") AbortDate: Timestamp
        @httpHeader("x-amz-abort-rule-id") AbortRuleId: String
        Bucket: String
        Key: ObjectKey
        UploadId: String
        @httpHeader("x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @since("2023") @httpHeader("x-amz-checksum-type") ChecksumType: ChecksumType
    }
}

/// Stores one part.
@http(method: "PUT", uri: "/{Bucket}/{Key+}")
@audit("data")
@iam([{action: "s3:PutObject", resource: "arn:aws:s3:::{Bucket}/{Key}"}])
operation UploadPart with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects, AnswersOfBodies, AnswersOfStores, AnswersOfUploads] {
    input := {
        @httpPayload Body: StreamingBlob
        @required @httpLabel Bucket: String
        @httpHeader("Content-Length") ContentLength: Long
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @httpHeader("x-amz-checksum-crc32") ChecksumCRC32: String
        @httpHeader("x-amz-checksum-crc32c") ChecksumCRC32C: String
        @since("2023") @httpHeader("x-amz-checksum-crc64nvme") ChecksumCRC64NVME: String
        @httpHeader("x-amz-checksum-sha1") ChecksumSHA1: String
        @httpHeader("x-amz-checksum-sha256") ChecksumSHA256: String
        @since("2023") @httpHeader("x-amz-checksum-sha512") ChecksumSHA512: String
        @since("2023") @httpHeader("x-amz-checksum-md5") ChecksumMD5: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash64") ChecksumXXHASH64: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash3") ChecksumXXHASH3: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash128") ChecksumXXHASH128: String
        @required @httpLabel Key: ObjectKey
        @required @httpQuery("partNumber") PartNumber: Integer
        @required @httpQuery("uploadId") UploadId: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpHeader("x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("ETag") ETag: String
        @httpHeader("x-amz-checksum-crc32") ChecksumCRC32: String
        @httpHeader("x-amz-checksum-crc32c") ChecksumCRC32C: String
        @since("2023") @httpHeader("x-amz-checksum-crc64nvme") ChecksumCRC64NVME: String
        @httpHeader("x-amz-checksum-sha1") ChecksumSHA1: String
        @httpHeader("x-amz-checksum-sha256") ChecksumSHA256: String
        @since("2023") @httpHeader("x-amz-checksum-sha512") ChecksumSHA512: String
        @since("2023") @httpHeader("x-amz-checksum-md5") ChecksumMD5: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash64") ChecksumXXHASH64: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash3") ChecksumXXHASH3: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash128") ChecksumXXHASH128: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
    }
}

/// Stores a copy of an object, or of a range of it, as one part.
@http(method: "PUT", uri: "/{Bucket}/{Key+}")
@audit("data")
@iam([{action: "s3:PutObject", resource: "arn:aws:s3:::{Bucket}/{Key}"}])
operation UploadPartCopy with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects, AnswersOfBodies, AnswersOfStores, AnswersOfUploads] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpHeader("x-amz-copy-source") CopySource: CopySource
        @httpHeader("x-amz-copy-source-if-match") CopySourceIfMatch: String
        @httpHeader("x-amz-copy-source-if-modified-since") CopySourceIfModifiedSince: Timestamp
        @httpHeader("x-amz-copy-source-if-none-match") CopySourceIfNoneMatch: String
        @httpHeader("x-amz-copy-source-if-unmodified-since") CopySourceIfUnmodifiedSince: Timestamp
        @httpHeader("x-amz-copy-source-range") CopySourceRange: String
        @required @httpLabel Key: ObjectKey
        @required @httpQuery("partNumber") PartNumber: Integer
        @required @httpQuery("uploadId") UploadId: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @httpHeader("x-amz-source-expected-bucket-owner") ExpectedSourceBucketOwner: String
    }
    output := {
        @httpHeader("x-amz-copy-source-version-id") CopySourceVersionId: String
        @httpPayload CopyPartResult: CopyPartResult
        @httpHeader("x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
    }
}

/// Makes the parts an object.
@http(method: "POST", uri: "/{Bucket}/{Key+}")
@audit("data")
@iam([{action: "s3:PutObject", resource: "arn:aws:s3:::{Bucket}/{Key}"}])
@bodyMax(4194304)
operation CompleteMultipartUpload with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects, AnswersOfBodies, AnswersOfStores, AnswersOfUploads] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @httpPayload MultipartUpload: CompletedMultipartUpload
        @required @httpQuery("uploadId") UploadId: String
        @httpHeader("x-amz-checksum-crc32") ChecksumCRC32: String
        @httpHeader("x-amz-checksum-crc32c") ChecksumCRC32C: String
        @since("2023") @httpHeader("x-amz-checksum-crc64nvme") ChecksumCRC64NVME: String
        @httpHeader("x-amz-checksum-sha1") ChecksumSHA1: String
        @httpHeader("x-amz-checksum-sha256") ChecksumSHA256: String
        @since("2023") @httpHeader("x-amz-checksum-sha512") ChecksumSHA512: String
        @since("2023") @httpHeader("x-amz-checksum-md5") ChecksumMD5: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash64") ChecksumXXHASH64: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash3") ChecksumXXHASH3: String
        @since("2023") @httpHeader("x-amz-checksum-xxhash128") ChecksumXXHASH128: String
        @since("2023") @httpHeader("x-amz-checksum-type") ChecksumType: ChecksumType
        @since("2023") @httpHeader("x-amz-mp-object-size") MpuObjectSize: Long
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @since("2023") @httpHeader("If-Match") IfMatch: String
        @since("2023") @httpHeader("If-None-Match") IfNoneMatch: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
    }
    output := @xmlName("CompleteMultipartUploadResult") {
        Location: String
        Bucket: String
        Key: ObjectKey
        @httpHeader("x-amz-expiration") Expiration: String
        ETag: String
        ChecksumCRC32: String
        ChecksumCRC32C: String
        @since("2023") ChecksumCRC64NVME: String
        ChecksumSHA1: String
        ChecksumSHA256: String
        @since("2023") ChecksumSHA512: String
        @since("2023") ChecksumMD5: String
        @since("2023") ChecksumXXHASH64: String
        @since("2023") ChecksumXXHASH3: String
        @since("2023") ChecksumXXHASH128: String
        @since("2023") ChecksumType: ChecksumType
        @httpHeader("x-amz-server-side-encryption") ServerSideEncryption: ServerSideEncryption
        @httpHeader("x-amz-version-id") VersionId: String
    }
}

/// Drops an upload and its parts.
@http(method: "DELETE", uri: "/{Bucket}/{Key+}", code: 204)
@audit("data")
@iam([{action: "s3:AbortMultipartUpload", resource: "arn:aws:s3:::{Bucket}/{Key}"}])
operation AbortMultipartUpload with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects, AnswersOfUploads] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @required @httpQuery("uploadId") UploadId: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @since("2023") @httpHeader("x-amz-if-match-initiated-time") @timestampFormat("http-date") IfMatchInitiatedTime: Timestamp
    }
    output := {}
    errors: [NoSuchUpload]
}

/// Lists the parts of an upload.
@http(method: "GET", uri: "/{Bucket}/{Key+}")
@audit("data")
@iam([{action: "s3:ListMultipartUploadParts", resource: "arn:aws:s3:::{Bucket}/{Key}"}])
operation ListParts with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects, AnswersOfUploads] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @httpQuery("max-parts") MaxParts: Integer
        @httpQuery("part-number-marker") PartNumberMarker: Integer
        @required @httpQuery("uploadId") UploadId: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
    }
    output := @xmlName("ListPartsResult") {
        @httpHeader("x-amz-abort-date") AbortDate: Timestamp
        @httpHeader("x-amz-abort-rule-id") AbortRuleId: String
        Bucket: String
        Key: ObjectKey
        UploadId: String
        PartNumberMarker: Integer
        NextPartNumberMarker: Integer
        MaxParts: Integer
        IsTruncated: Boolean
        @xmlName("Part") @xmlFlattened Parts: Parts
        Initiator: Initiator
        Owner: Owner
        StorageClass: StorageClass
        ChecksumAlgorithm: ChecksumAlgorithm
        @since("2023") ChecksumType: ChecksumType
    }
}

/// Lists the uploads of a bucket that are not complete.
@http(method: "GET", uri: "/{Bucket}?uploads")
@audit("data")
@iam([{action: "s3:ListBucketMultipartUploads", resource: "arn:aws:s3:::{Bucket}"}])
operation ListMultipartUploads with [AnswersOfS3, AnswersOfBuckets, AnswersOfUploads] {
    input := {
        @required @httpLabel Bucket: String
        @httpQuery("delimiter") @conditionKey("s3:delimiter") Delimiter: String
        @httpQuery("encoding-type") EncodingType: EncodingType
        @httpQuery("key-marker") KeyMarker: String
        @httpQuery("max-uploads") MaxUploads: Integer
        @httpQuery("prefix") @conditionKey("s3:prefix") Prefix: String
        @httpQuery("upload-id-marker") UploadIdMarker: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("ListMultipartUploadsResult") {
        Bucket: String
        KeyMarker: String
        UploadIdMarker: String
        NextKeyMarker: String
        Prefix: String
        Delimiter: String
        NextUploadIdMarker: String
        MaxUploads: Integer
        IsTruncated: Boolean
        @xmlName("Upload") @xmlFlattened Uploads: MultipartUploadList
        @xmlFlattened CommonPrefixes: CommonPrefixList
        EncodingType: EncodingType
    }
}

/// Tells the tags of a version.
@http(method: "GET", uri: "/{Bucket}/{Key+}?tagging")
@audit("data")
@iam([
    {action: "s3:GetObjectTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:GetObjectVersionTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
])
operation GetObjectTagging with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("Tagging") {
        @httpHeader("x-amz-version-id") VersionId: String
        @required TagSet: TagSet
    }
}

/// Replaces the tags of a version.
@http(method: "PUT", uri: "/{Bucket}/{Key+}?tagging")
@audit("data")
@iam([
    {action: "s3:PutObjectTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:PutObjectVersionTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
])
operation PutObjectTagging with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies, AnswersOfObjects, AnswersOfTags] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @required @httpPayload Tagging: Tagging
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpHeader("x-amz-version-id") VersionId: String
    }
}

/// Removes the tags of a version.
@http(method: "DELETE", uri: "/{Bucket}/{Key+}?tagging", code: 204)
@audit("data")
@iam([
    {action: "s3:DeleteObjectTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:DeleteObjectVersionTagging", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
])
operation DeleteObjectTagging with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpHeader("x-amz-version-id") VersionId: String
    }
}

/// Replaces the tags of a bucket.
@observed("API reference, sample response: 204; the model says 200")
@http(method: "PUT", uri: "/{Bucket}?tagging", code: 204)
@audit("write")
@iam([{action: "s3:PutBucketTagging", resource: "arn:aws:s3:::{Bucket}"}])
operation PutBucketTagging with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies, AnswersOfBucketTags] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @required @httpPayload Tagging: Tagging
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Tells the tags of a bucket.
@http(method: "GET", uri: "/{Bucket}?tagging")
@audit("read")
@iam([{action: "s3:GetBucketTagging", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketTagging with [AnswersOfS3, AnswersOfBuckets, AnswersOfBucketTags] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("Tagging") {
        @required TagSet: TagSet
    }
}

/// Removes the tags of a bucket.
@http(method: "DELETE", uri: "/{Bucket}?tagging", code: 204)
@audit("write")
@iam([{action: "s3:PutBucketTagging", resource: "arn:aws:s3:::{Bucket}"}])
operation DeleteBucketTagging with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Replaces the policy of a bucket.
@observed("API reference, sample response: 204; the model says 200")
@http(method: "PUT", uri: "/{Bucket}?policy", code: 204)
@audit("write")
@iam([{action: "s3:PutBucketPolicy", resource: "arn:aws:s3:::{Bucket}"}])
operation PutBucketPolicy with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies, AnswersOfPolicies] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @httpHeader("x-amz-confirm-remove-self-bucket-access") ConfirmRemoveSelfBucketAccess: Boolean
        @required @httpPayload Policy: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Tells the policy of a bucket, as it was given.
@http(method: "GET", uri: "/{Bucket}?policy")
@audit("read")
@iam([{action: "s3:GetBucketPolicy", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketPolicy with [AnswersOfS3, AnswersOfBuckets, AnswersOfPolicies] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpPayload Policy: String
    }
}

/// Removes the policy of a bucket.
@http(method: "DELETE", uri: "/{Bucket}?policy", code: 204)
@audit("write")
@iam([{action: "s3:DeleteBucketPolicy", resource: "arn:aws:s3:::{Bucket}"}])
operation DeleteBucketPolicy with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Tells whether the policy of a bucket lets everybody in.
@http(method: "GET", uri: "/{Bucket}?policyStatus")
@audit("read")
@iam([{action: "s3:GetBucketPolicyStatus", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketPolicyStatus with [AnswersOfS3, AnswersOfBuckets, AnswersOfPolicies] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpPayload PolicyStatus: PolicyStatus
    }
}

/// Accepts what holds anyway: that the owner alone may do everything.
@http(method: "PUT", uri: "/{Bucket}?acl")
@audit("write")
@iam([{action: "s3:PutBucketAcl", resource: "arn:aws:s3:::{Bucket}"}])
operation PutBucketAcl with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies, AnswersOfAcls] {
    input := {
        @httpHeader("x-amz-acl") @conditionKey("s3:x-amz-acl") ACL: BucketCannedACL
        @httpPayload AccessControlPolicy: AccessControlPolicy
        @required @httpLabel Bucket: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @httpHeader("x-amz-grant-full-control") GrantFullControl: String
        @httpHeader("x-amz-grant-read") GrantRead: String
        @httpHeader("x-amz-grant-read-acp") GrantReadACP: String
        @httpHeader("x-amz-grant-write") GrantWrite: String
        @httpHeader("x-amz-grant-write-acp") GrantWriteACP: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Tells who may use a bucket: its owner.
@http(method: "GET", uri: "/{Bucket}?acl")
@audit("read")
@iam([{action: "s3:GetBucketAcl", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketAcl with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("AccessControlPolicy") {
        Owner: Owner
        @xmlName("AccessControlList") Grants: Grants
    }
}

/// Accepts what holds anyway: that the owner alone may do everything.
@http(method: "PUT", uri: "/{Bucket}/{Key+}?acl")
@audit("data")
@iam([
    {action: "s3:PutObjectAcl", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:PutObjectVersionAcl", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
])
operation PutObjectAcl with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies, AnswersOfObjects, AnswersOfAcls] {
    input := {
        @httpHeader("x-amz-acl") @conditionKey("s3:x-amz-acl") ACL: ObjectCannedACL
        @httpPayload AccessControlPolicy: AccessControlPolicy
        @required @httpLabel Bucket: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @httpHeader("x-amz-grant-full-control") GrantFullControl: String
        @httpHeader("x-amz-grant-read") GrantRead: String
        @httpHeader("x-amz-grant-read-acp") GrantReadACP: String
        @httpHeader("x-amz-grant-write") GrantWrite: String
        @httpHeader("x-amz-grant-write-acp") GrantWriteACP: String
        @required @httpLabel Key: ObjectKey
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {}
    errors: [NoSuchKey]
}

/// Tells who may use a version: the owner of its bucket.
@http(method: "GET", uri: "/{Bucket}/{Key+}?acl")
@audit("data")
@iam([
    {action: "s3:GetObjectAcl", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:GetObjectVersionAcl", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
])
operation GetObjectAcl with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("AccessControlPolicy") {
        Owner: Owner
        @xmlName("AccessControlList") Grants: Grants
    }
    errors: [NoSuchKey]
}

/// Says which public access to a bucket is blocked.
@http(method: "PUT", uri: "/{Bucket}?publicAccessBlock")
@audit("write")
@iam([{action: "s3:PutBucketPublicAccessBlock", resource: "arn:aws:s3:::{Bucket}"}])
operation PutPublicAccessBlock with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @required @httpPayload PublicAccessBlockConfiguration: PublicAccessBlockConfiguration
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Tells which public access to a bucket is blocked: all, unless something else was said.
@http(method: "GET", uri: "/{Bucket}?publicAccessBlock")
@audit("read")
@iam([{action: "s3:GetBucketPublicAccessBlock", resource: "arn:aws:s3:::{Bucket}"}])
operation GetPublicAccessBlock with [AnswersOfS3, AnswersOfBuckets, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpPayload PublicAccessBlockConfiguration: PublicAccessBlockConfiguration
    }
}

/// Removes what was said of public access.
@http(method: "DELETE", uri: "/{Bucket}?publicAccessBlock", code: 204)
@audit("write")
@iam([{action: "s3:PutBucketPublicAccessBlock", resource: "arn:aws:s3:::{Bucket}"}])
operation DeletePublicAccessBlock with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Says who owns the objects of a bucket.
@http(method: "PUT", uri: "/{Bucket}?ownershipControls")
@audit("write")
@iam([{action: "s3:PutBucketOwnershipControls", resource: "arn:aws:s3:::{Bucket}"}])
operation PutBucketOwnershipControls with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @required @httpPayload OwnershipControls: OwnershipControls
        @since("2023") @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
    }
}

/// Tells who owns the objects of a bucket: its owner, unless something else was said.
@http(method: "GET", uri: "/{Bucket}?ownershipControls")
@audit("read")
@iam([{action: "s3:GetBucketOwnershipControls", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketOwnershipControls with [AnswersOfS3, AnswersOfBuckets, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpPayload OwnershipControls: OwnershipControls
    }
}

/// Removes what was said of ownership.
@http(method: "DELETE", uri: "/{Bucket}?ownershipControls", code: 204)
@audit("write")
@iam([{action: "s3:PutBucketOwnershipControls", resource: "arn:aws:s3:::{Bucket}"}])
operation DeleteBucketOwnershipControls with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Accepts what holds anyway: encryption by the store, if at all.
@http(method: "PUT", uri: "/{Bucket}?encryption")
@audit("write")
@iam([{action: "s3:PutEncryptionConfiguration", resource: "arn:aws:s3:::{Bucket}"}])
operation PutBucketEncryption with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("Content-MD5") ContentMD5: String
        @httpHeader("x-amz-sdk-checksum-algorithm") ChecksumAlgorithm: ChecksumAlgorithm
        @required @httpPayload ServerSideEncryptionConfiguration: ServerSideEncryptionConfiguration
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Tells how objects of a bucket are encrypted: AES256.
@http(method: "GET", uri: "/{Bucket}?encryption")
@audit("read")
@iam([{action: "s3:GetEncryptionConfiguration", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketEncryption with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := {
        @httpPayload ServerSideEncryptionConfiguration: ServerSideEncryptionConfiguration
    }
}

/// Changes nothing: there is only the default.
@http(method: "DELETE", uri: "/{Bucket}?encryption", code: 204)
@audit("write")
@iam([{action: "s3:PutEncryptionConfiguration", resource: "arn:aws:s3:::{Bucket}"}])
operation DeleteBucketEncryption with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
}

/// Accepts that nobody is notified.
@http(method: "PUT", uri: "/{Bucket}?notification")
@audit("write")
@iam([{action: "s3:PutBucketNotification", resource: "arn:aws:s3:::{Bucket}"}])
operation PutBucketNotificationConfiguration with [AnswersOfS3, AnswersOfBuckets, AnswersOfBodies] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpPayload NotificationConfiguration: NotificationConfiguration
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @httpHeader("x-amz-skip-destination-validation") SkipDestinationValidation: Boolean
    }
}

/// Tells that nobody is notified.
@http(method: "GET", uri: "/{Bucket}?notification")
@audit("read")
@iam([{action: "s3:GetBucketNotification", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketNotificationConfiguration with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("NotificationConfiguration") {
        @xmlName("TopicConfiguration") @xmlFlattened TopicConfigurations: TopicConfigurationList
        @xmlName("QueueConfiguration") @xmlFlattened QueueConfigurations: QueueConfigurationList
        @xmlName("CloudFunctionConfiguration") @xmlFlattened LambdaFunctionConfigurations: LambdaFunctionConfigurationList
        EventBridgeConfiguration: EventBridgeConfiguration
    }
}

/// Tells that requests are not logged into a bucket.
@http(method: "GET", uri: "/{Bucket}?logging")
@audit("read")
@iam([{action: "s3:GetBucketLogging", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketLogging with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("BucketLoggingStatus") {
        LoggingEnabled: LoggingEnabled
    }
}

/// Tells that the owner pays.
@http(method: "GET", uri: "/{Bucket}?requestPayment")
@audit("read")
@iam([{action: "s3:GetBucketRequestPayment", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketRequestPayment with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("RequestPaymentConfiguration") {
        Payer: Payer
    }
}

/// Tells that nothing is accelerated.
@http(method: "GET", uri: "/{Bucket}?accelerate")
@audit("read")
@iam([{action: "s3:GetAccelerateConfiguration", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketAccelerateConfiguration with [AnswersOfS3, AnswersOfBuckets] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("AccelerateConfiguration") {
        Status: BucketAccelerateStatus
    }
}

/// Finds no rules for other origins.
@http(method: "GET", uri: "/{Bucket}?cors")
@audit("read")
@iam([{action: "s3:GetBucketCORS", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketCors with [AnswersOfS3, AnswersOfBuckets, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("CORSConfiguration") @omits([CORSRules]) {}
}

/// Finds no rules for what becomes of objects.
@http(method: "GET", uri: "/{Bucket}?lifecycle")
@audit("read")
@iam([{action: "s3:GetLifecycleConfiguration", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketLifecycleConfiguration with [AnswersOfS3, AnswersOfBuckets, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("LifecycleConfiguration") @omits([Rules, TransitionDefaultMinimumObjectSize]) {}
}

/// Finds no website.
@http(method: "GET", uri: "/{Bucket}?website")
@audit("read")
@iam([{action: "s3:GetBucketWebsite", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketWebsite with [AnswersOfS3, AnswersOfBuckets, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @xmlName("WebsiteConfiguration") @omits([RedirectAllRequestsTo, IndexDocument, ErrorDocument, RoutingRules]) {}
}

/// Finds no rules for copies elsewhere.
@http(method: "GET", uri: "/{Bucket}?replication")
@audit("read")
@iam([{action: "s3:GetReplicationConfiguration", resource: "arn:aws:s3:::{Bucket}"}])
operation GetBucketReplication with [AnswersOfS3, AnswersOfBuckets, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @omits([ReplicationConfiguration]) {}
}

/// Finds no lock.
@http(method: "GET", uri: "/{Bucket}?object-lock")
@audit("read")
@iam([{action: "s3:GetBucketObjectLockConfiguration", resource: "arn:aws:s3:::{Bucket}"}])
operation GetObjectLockConfiguration with [AnswersOfS3, AnswersOfBuckets, AnswersOfSettings] {
    input := {
        @required @httpLabel Bucket: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
    }
    output := @omits([ObjectLockConfiguration]) {}
}

/// Tells sizes, checksums and parts of a version.
@http(method: "GET", uri: "/{Bucket}/{Key+}?attributes")
@audit("data")
@iam([
    {action: "s3:GetObjectAttributes", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:GetObjectVersionAttributes", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
    {action: "s3:GetObject", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "!VersionId"}
    {action: "s3:GetObjectVersion", resource: "arn:aws:s3:::{Bucket}/{Key}", condition: "VersionId"}
])
operation GetObjectAttributes with [AnswersOfS3, AnswersOfBuckets, AnswersOfObjects] {
    input := {
        @required @httpLabel Bucket: String
        @required @httpLabel Key: ObjectKey
        @httpQuery("versionId") @conditionKey("s3:VersionId") VersionId: String
        @httpHeader("x-amz-max-parts") MaxParts: Integer
        @httpHeader("x-amz-part-number-marker") PartNumberMarker: Integer
        @httpHeader("x-amz-server-side-encryption-customer-algorithm") SSECustomerAlgorithm: String
        @httpHeader("x-amz-expected-bucket-owner") ExpectedBucketOwner: String
        @required @httpHeader("x-amz-object-attributes") ObjectAttributes: ObjectAttributesList
    }
    output := @xmlName("GetObjectAttributesResponse") {
        @httpHeader("x-amz-delete-marker") DeleteMarker: Boolean
        @httpHeader("Last-Modified") LastModified: Timestamp
        @httpHeader("x-amz-version-id") VersionId: String
        ETag: String
        Checksum: Checksum
        ObjectParts: GetObjectAttributesParts
        StorageClass: StorageClass
        ObjectSize: Long
    }
    errors: [NoSuchKey]
}

// Shapes

/// Bytes that are never held in memory as a whole.
@streaming
blob StreamingBlob

@range(min: 1, max: 10000)
integer MaxBuckets

@length(min: 1, max: 128)
@pattern("arn:[^:]+:(s3|s3express):.*")
string S3RegionalOrS3ExpressBucketArnString

structure Bucket {
    Name: String
    CreationDate: Timestamp
    @since("2023") BucketRegion: String
    @since("2023") BucketArn: S3RegionalOrS3ExpressBucketArnString
}

list Buckets {
    @xmlName("Bucket")
    member: Bucket
}

structure Owner {
    DisplayName: String
    ID: String
}

enum BucketCannedACL {
    private
    PUBLIC_READ = "public-read"
    PUBLIC_READ_WRITE = "public-read-write"
    AUTHENTICATED_READ = "authenticated-read"
}

enum BucketLocationConstraint {
    AF_SOUTH_1 = "af-south-1"
    AP_EAST_1 = "ap-east-1"
    @since("2023") AP_EAST_2 = "ap-east-2"
    AP_NORTHEAST_1 = "ap-northeast-1"
    AP_NORTHEAST_2 = "ap-northeast-2"
    AP_NORTHEAST_3 = "ap-northeast-3"
    AP_SOUTH_1 = "ap-south-1"
    @since("2023") AP_SOUTH_2 = "ap-south-2"
    AP_SOUTHEAST_1 = "ap-southeast-1"
    AP_SOUTHEAST_2 = "ap-southeast-2"
    AP_SOUTHEAST_3 = "ap-southeast-3"
    @since("2023") AP_SOUTHEAST_4 = "ap-southeast-4"
    @since("2023") AP_SOUTHEAST_5 = "ap-southeast-5"
    @since("2023") AP_SOUTHEAST_6 = "ap-southeast-6"
    @since("2023") AP_SOUTHEAST_7 = "ap-southeast-7"
    CA_CENTRAL_1 = "ca-central-1"
    @since("2023") CA_WEST_1 = "ca-west-1"
    CN_NORTH_1 = "cn-north-1"
    CN_NORTHWEST_1 = "cn-northwest-1"
    EU
    EU_CENTRAL_1 = "eu-central-1"
    @since("2023") EU_CENTRAL_2 = "eu-central-2"
    EU_NORTH_1 = "eu-north-1"
    EU_SOUTH_1 = "eu-south-1"
    @since("2023") EU_SOUTH_2 = "eu-south-2"
    EU_WEST_1 = "eu-west-1"
    EU_WEST_2 = "eu-west-2"
    EU_WEST_3 = "eu-west-3"
    @since("2023") IL_CENTRAL_1 = "il-central-1"
    @since("2023") ME_CENTRAL_1 = "me-central-1"
    ME_SOUTH_1 = "me-south-1"
    @since("2023") MX_CENTRAL_1 = "mx-central-1"
    SA_EAST_1 = "sa-east-1"
    US_EAST_2 = "us-east-2"
    US_GOV_EAST_1 = "us-gov-east-1"
    US_GOV_WEST_1 = "us-gov-west-1"
    US_WEST_1 = "us-west-1"
    US_WEST_2 = "us-west-2"
}

enum LocationType {
    AvailabilityZone
    LocalZone
}

structure LocationInfo {
    Type: LocationType
    Name: String
}

enum DataRedundancy {
    SingleAvailabilityZone
    SingleLocalZone
}

enum BucketType {
    Directory
}

structure BucketInfo {
    DataRedundancy: DataRedundancy
    Type: BucketType
}

@length(min: 1)
string ObjectKey

structure Tag {
    @required Key: ObjectKey
    @required Value: String
}

list TagSet {
    @xmlName("Tag")
    member: Tag
}

structure Tagging {
    @required TagSet: TagSet
}

structure CreateBucketConfiguration {
    LocationConstraint: BucketLocationConstraint
    @since("2023") Location: LocationInfo
    @since("2023") Bucket: BucketInfo
    @since("2023") Tags: TagSet
}

enum ObjectOwnership {
    BucketOwnerPreferred
    ObjectWriter
    BucketOwnerEnforced
}

enum BucketNamespace {
    ACCOUNT_REGIONAL = "account-regional"
    global
}

@length(min: 0, max: 20)
string Region

enum ChecksumAlgorithm {
    CRC32
    CRC32C
    SHA1
    SHA256
    @since("2023") CRC64NVME
    @since("2023") SHA512
    @since("2023") MD5
    @since("2023") XXHASH64
    @since("2023") XXHASH3
    @since("2023") XXHASH128
}

enum MfaDelete {
    Enabled
    Disabled
}

enum BucketVersioningStatus {
    Enabled
    Suspended
}

structure VersioningConfiguration {
    @xmlName("MfaDelete") MFADelete: MfaDelete
    Status: BucketVersioningStatus
}

enum MFADeleteStatus {
    Enabled
    Disabled
}

enum EncodingType {
    url
}

enum OptionalObjectAttributes {
    RestoreStatus
}

list OptionalObjectAttributesList {
    member: OptionalObjectAttributes
}

list ChecksumAlgorithmList {
    member: ChecksumAlgorithm
}

enum ChecksumType {
    COMPOSITE
    FULL_OBJECT
}

enum ObjectStorageClass {
    STANDARD
    REDUCED_REDUNDANCY
    GLACIER
    STANDARD_IA
    ONEZONE_IA
    INTELLIGENT_TIERING
    DEEP_ARCHIVE
    OUTPOSTS
    GLACIER_IR
    @since("2023") SNOW
    @since("2023") EXPRESS_ONEZONE
    @since("2023") FSX_OPENZFS
    @since("2023") FSX_ONTAP
    @since("2023") AWS_BACKUP_WARM
    @since("2023") AWS_BACKUP_LOW_COST_WARM
}

structure RestoreStatus {
    IsRestoreInProgress: Boolean
    RestoreExpiryDate: Timestamp
}

structure Object {
    Key: ObjectKey
    LastModified: Timestamp
    ETag: String
    @xmlFlattened ChecksumAlgorithm: ChecksumAlgorithmList
    @since("2023") ChecksumType: ChecksumType
    @since("2023") Size: Long
    StorageClass: ObjectStorageClass
    Owner: Owner
    @since("2023") RestoreStatus: RestoreStatus
}

list ObjectList {
    member: Object
}

structure CommonPrefix {
    Prefix: String
}

list CommonPrefixList {
    member: CommonPrefix
}

enum ObjectVersionStorageClass {
    STANDARD
}

structure ObjectVersion {
    ETag: String
    @xmlFlattened ChecksumAlgorithm: ChecksumAlgorithmList
    @since("2023") ChecksumType: ChecksumType
    @since("2023") Size: Long
    StorageClass: ObjectVersionStorageClass
    Key: ObjectKey
    VersionId: String
    IsLatest: Boolean
    LastModified: Timestamp
    Owner: Owner
    @since("2023") RestoreStatus: RestoreStatus
}

list ObjectVersionList {
    member: ObjectVersion
}

structure DeleteMarkerEntry {
    Owner: Owner
    Key: ObjectKey
    VersionId: String
    IsLatest: Boolean
    LastModified: Timestamp
}

list DeleteMarkers {
    member: DeleteMarkerEntry
}

enum ObjectCannedACL {
    private
    PUBLIC_READ = "public-read"
    PUBLIC_READ_WRITE = "public-read-write"
    AUTHENTICATED_READ = "authenticated-read"
    AWS_EXEC_READ = "aws-exec-read"
    BUCKET_OWNER_READ = "bucket-owner-read"
    BUCKET_OWNER_FULL_CONTROL = "bucket-owner-full-control"
}

map Metadata {
    key: String
    value: String
}

enum ServerSideEncryption {
    AES256
    @since("2023") AWS_FSX = "aws:fsx"
    @since("2023") AWS_BACKUP = "aws:backup"
    AWS_KMS = "aws:kms"
    @since("2023") AWS_KMS_DSSE = "aws:kms:dsse"
}

enum StorageClass {
    STANDARD
    REDUCED_REDUNDANCY
    STANDARD_IA
    ONEZONE_IA
    INTELLIGENT_TIERING
    GLACIER
    DEEP_ARCHIVE
    OUTPOSTS
    GLACIER_IR
    @since("2023") SNOW
    @since("2023") EXPRESS_ONEZONE
    @since("2023") FSX_OPENZFS
    @since("2023") FSX_ONTAP
    @since("2023") AWS_BACKUP_WARM
    @since("2023") AWS_BACKUP_LOW_COST_WARM
}

enum ObjectLockMode {
    GOVERNANCE
    COMPLIANCE
}

enum ObjectLockLegalHoldStatus {
    ON
    OFF
}

enum ChecksumMode {
    ENABLED
}

enum ReplicationStatus {
    COMPLETE
    PENDING
    FAILED
    REPLICA
    @since("2023") COMPLETED
}

enum ArchiveStatus {
    ARCHIVE_ACCESS
    DEEP_ARCHIVE_ACCESS
}

structure ObjectIdentifier {
    @required Key: ObjectKey
    VersionId: String
    @since("2023") ETag: String
    @since("2023") @timestampFormat("http-date") LastModifiedTime: Timestamp
    @since("2023") Size: Long
}

list ObjectIdentifierList {
    member: ObjectIdentifier
}

structure Delete {
    @required @xmlName("Object") @xmlFlattened Objects: ObjectIdentifierList
    Quiet: Boolean
}

structure DeletedObject {
    Key: ObjectKey
    VersionId: String
    DeleteMarker: Boolean
    DeleteMarkerVersionId: String
}

list DeletedObjects {
    member: DeletedObject
}

@cppName("DeleteError")
structure Error {
    Key: ObjectKey
    VersionId: String
    /// As in an error response.
    Code: String
    Message: String
}

list Errors {
    member: Error
}

@pattern("\\/?.+\\/.+")
@since("2023")
string CopySource

enum MetadataDirective {
    COPY
    REPLACE
}

enum TaggingDirective {
    COPY
    REPLACE
}

enum AnnotationDirective {
    COPY
    EXCLUDE
}

structure CopyObjectResult {
    ETag: String
    LastModified: Timestamp
    @since("2023") ChecksumType: ChecksumType
    ChecksumCRC32: String
    ChecksumCRC32C: String
    @since("2023") ChecksumCRC64NVME: String
    ChecksumSHA1: String
    ChecksumSHA256: String
    @since("2023") ChecksumSHA512: String
    @since("2023") ChecksumMD5: String
    @since("2023") ChecksumXXHASH64: String
    @since("2023") ChecksumXXHASH3: String
    @since("2023") ChecksumXXHASH128: String
}

structure CopyPartResult {
    ETag: String
    LastModified: Timestamp
    ChecksumCRC32: String
    ChecksumCRC32C: String
    @since("2023") ChecksumCRC64NVME: String
    ChecksumSHA1: String
    ChecksumSHA256: String
    @since("2023") ChecksumSHA512: String
    @since("2023") ChecksumMD5: String
    @since("2023") ChecksumXXHASH64: String
    @since("2023") ChecksumXXHASH3: String
    @since("2023") ChecksumXXHASH128: String
}

structure CompletedPart {
    ETag: String
    ChecksumCRC32: String
    ChecksumCRC32C: String
    @since("2023") ChecksumCRC64NVME: String
    ChecksumSHA1: String
    ChecksumSHA256: String
    @since("2023") ChecksumSHA512: String
    @since("2023") ChecksumMD5: String
    @since("2023") ChecksumXXHASH64: String
    @since("2023") ChecksumXXHASH3: String
    @since("2023") ChecksumXXHASH128: String
    PartNumber: Integer
}

list CompletedPartList {
    member: CompletedPart
}

@xmlName("CompleteMultipartUpload")
structure CompletedMultipartUpload {
    @xmlName("Part") @xmlFlattened Parts: CompletedPartList
}

structure Part {
    PartNumber: Integer
    LastModified: Timestamp
    ETag: String
    @since("2023") Size: Long
    ChecksumCRC32: String
    ChecksumCRC32C: String
    @since("2023") ChecksumCRC64NVME: String
    ChecksumSHA1: String
    ChecksumSHA256: String
    @since("2023") ChecksumSHA512: String
    @since("2023") ChecksumMD5: String
    @since("2023") ChecksumXXHASH64: String
    @since("2023") ChecksumXXHASH3: String
    @since("2023") ChecksumXXHASH128: String
}

list Parts {
    member: Part
}

structure Initiator {
    ID: String
    DisplayName: String
}

structure MultipartUpload {
    UploadId: String
    Key: ObjectKey
    Initiated: Timestamp
    StorageClass: StorageClass
    Owner: Owner
    Initiator: Initiator
    ChecksumAlgorithm: ChecksumAlgorithm
    @since("2023") ChecksumType: ChecksumType
}

list MultipartUploadList {
    member: MultipartUpload
}

structure PolicyStatus {
    IsPublic: Boolean
}

structure AccessControlPolicy {
    @xmlName("AccessControlList") Grants: Grants
    Owner: Owner
}

list Grants {
    @xmlName("Grant")
    member: Grant
}

structure Grant {
    Grantee: Grantee
    Permission: Permission
}

structure Grantee {
    DisplayName: String
    EmailAddress: String
    ID: String
    @required @xmlName("xsi:type") Type: Type
    URI: String
}

enum Type {
    CANONICAL_USER = "CanonicalUser"
    AMAZON_CUSTOMER_BY_EMAIL = "AmazonCustomerByEmail"
    GROUP = "Group"
}

enum Permission {
    FULL_CONTROL
    WRITE
    WRITE_ACP
    READ
    READ_ACP
}

structure PublicAccessBlockConfiguration {
    BlockPublicAcls: Boolean
    IgnorePublicAcls: Boolean
    BlockPublicPolicy: Boolean
    RestrictPublicBuckets: Boolean
}

structure OwnershipControls {
    @required @xmlName("Rule") @xmlFlattened Rules: OwnershipControlsRules
}

list OwnershipControlsRules {
    member: OwnershipControlsRule
}

structure OwnershipControlsRule {
    @required ObjectOwnership: ObjectOwnership
}

structure ServerSideEncryptionConfiguration {
    @required @xmlName("Rule") @xmlFlattened Rules: ServerSideEncryptionRules
}

list ServerSideEncryptionRules {
    member: ServerSideEncryptionRule
}

structure ServerSideEncryptionRule {
    ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault
    @since("2023") BlockedEncryptionTypes: BlockedEncryptionTypes
}

structure ServerSideEncryptionByDefault {
    @required SSEAlgorithm: ServerSideEncryption
    @sensitive KMSMasterKeyID: String
}

@omits([EncryptionType])
structure BlockedEncryptionTypes {}

structure NotificationConfiguration {
    @xmlName("TopicConfiguration") @xmlFlattened TopicConfigurations: TopicConfigurationList
    @xmlName("QueueConfiguration") @xmlFlattened QueueConfigurations: QueueConfigurationList
    @xmlName("CloudFunctionConfiguration") @xmlFlattened LambdaFunctionConfigurations: LambdaFunctionConfigurationList
    EventBridgeConfiguration: EventBridgeConfiguration
}

list TopicConfigurationList {
    member: TopicConfiguration
}

@omits([Id, TopicArn, Events, Filter])
structure TopicConfiguration {}

list QueueConfigurationList {
    member: QueueConfiguration
}

@omits([Id, QueueArn, Events, Filter])
structure QueueConfiguration {}

list LambdaFunctionConfigurationList {
    member: LambdaFunctionConfiguration
}

@omits([Id, LambdaFunctionArn, Events, Filter])
structure LambdaFunctionConfiguration {}

structure EventBridgeConfiguration {}

@omits([TargetBucket, TargetGrants, TargetPrefix, TargetObjectKeyFormat])
structure LoggingEnabled {}

enum BucketAccelerateStatus {
    ENABLED = "Enabled"
    SUSPENDED = "Suspended"
}

enum Payer {
    REQUESTER = "Requester"
    BUCKET_OWNER = "BucketOwner"
}

list ObjectAttributesList {
    member: ObjectAttributes
}

enum ObjectAttributes {
    ETAG = "ETag"
    CHECKSUM = "Checksum"
    OBJECT_PARTS = "ObjectParts"
    STORAGE_CLASS = "StorageClass"
    OBJECT_SIZE = "ObjectSize"
}

structure Checksum {
    ChecksumCRC32: String
    ChecksumCRC32C: String
    @since("2023") ChecksumCRC64NVME: String
    ChecksumSHA1: String
    ChecksumSHA256: String
    @since("2023") ChecksumSHA512: String
    @since("2023") ChecksumMD5: String
    @since("2023") ChecksumXXHASH64: String
    @since("2023") ChecksumXXHASH3: String
    @since("2023") ChecksumXXHASH128: String
    @since("2023") ChecksumType: ChecksumType
}

structure GetObjectAttributesParts {
    @xmlName("PartsCount") TotalPartsCount: Integer
    PartNumberMarker: Integer
    NextPartNumberMarker: Integer
    MaxParts: Integer
    IsTruncated: Boolean
    @xmlName("Part") @xmlFlattened Parts: PartsList
}

list PartsList {
    member: ObjectPart
}

structure ObjectPart {
    PartNumber: Integer
    @since("2023") Size: Long
    ChecksumCRC32: String
    ChecksumCRC32C: String
    @since("2023") ChecksumCRC64NVME: String
    ChecksumSHA1: String
    ChecksumSHA256: String
    @since("2023") ChecksumSHA512: String
    @since("2023") ChecksumMD5: String
    @since("2023") ChecksumXXHASH64: String
    @since("2023") ChecksumXXHASH3: String
    @since("2023") ChecksumXXHASH128: String
}

// Errors: the name is the code on the wire.

@error("client") @httpError(400)
structure AccessControlListNotSupported {}

@error("client") @httpError(403)
structure AccessDenied {}

@error("client") @httpError(400)
structure AuthorizationHeaderMalformed {}

@error("client") @httpError(400)
structure BadDigest {}

@error("client") @httpError(400)
structure BadRequest {}

@error("client") @httpError(409)
structure BucketAlreadyExists {}

@error("client") @httpError(409)
structure BucketAlreadyOwnedByYou {}

@error("client") @httpError(409)
structure BucketNotEmpty {}

@error("client") @httpError(409)
structure ConditionalRequestConflict {}

@error("client") @httpError(400)
@since("2023")
structure EncryptionTypeMismatch {}

@error("client") @httpError(400)
structure EntityTooLarge {}

@error("client") @httpError(400)
structure EntityTooSmall {}

@error("client") @httpError(400)
structure IllegalLocationConstraintException {}

@error("client") @httpError(400)
structure IncompleteBody {}

@error("server") @httpError(500)
structure InternalError {}

@error("client") @httpError(400)
structure InvalidArgument {}

@error("client") @httpError(400)
structure InvalidBucketName {}

@error("client") @httpError(409)
structure InvalidBucketState {}

@error("client") @httpError(400)
structure InvalidDigest {}

@error("client") @httpError(400)
structure InvalidEncryptionAlgorithmError {}

@error("client") @httpError(400)
structure InvalidLocationConstraint {}

@error("client") @httpError(403)
@omits([StorageClass, AccessTier])
structure InvalidObjectState {}

@error("client") @httpError(400)
structure InvalidPart {}

@error("client") @httpError(416)
structure InvalidPartNumber {}

@error("client") @httpError(400)
structure InvalidPartOrder {}

@error("client") @httpError(416)
structure InvalidRange {}

@error("client") @httpError(400)
structure InvalidRequest {}

@error("client") @httpError(400)
structure InvalidStorageClass {}

@error("client") @httpError(400)
structure InvalidTag {}

@error("client") @httpError(400)
@since("2023")
structure InvalidWriteOffset {}

@error("client") @httpError(400)
structure KeyTooLongError {}

@error("client") @httpError(400)
structure MalformedXML {}

@error("client") @httpError(400)
structure MetadataTooLarge {}

@error("client") @httpError(405)
structure MethodNotAllowed {}

@error("client") @httpError(411)
structure MissingContentLength {}

@error("client") @httpError(404)
structure NoSuchBucket {}

@error("client") @httpError(404)
structure NoSuchKey {}

@error("client") @httpError(404)
structure NoSuchUpload {}

@error("client") @httpError(404)
structure NoSuchVersion {}

@error("server") @httpError(501)
structure NotImplemented {}

@error("client") @httpError(304)
structure NotModified {}

@error("client") @httpError(403)
structure ObjectNotInActiveTierError {}

@error("client") @httpError(409)
structure OperationAborted {}

@error("client") @httpError(301)
structure PermanentRedirect {}

@error("client") @httpError(412)
structure PreconditionFailed {}

@error("client") @httpError(400)
structure RequestTimeout {}

@error("server") @httpError(503)
structure ServiceUnavailable {}

@error("server") @httpError(503)
structure SlowDown {}

@error("client") @httpError(400)
structure TooManyBuckets {}

@error("client") @httpError(400)
@since("2023")
structure TooManyParts {}

@error("client") @httpError(400)
structure XAmzContentSHA256Mismatch {}

@error("client") @httpError(400)
structure MalformedACLError {}

@error("client") @httpError(400)
structure MalformedPolicy {}

@error("client") @httpError(404)
structure NoSuchBucketPolicy {}

@error("client") @httpError(404)
structure NoSuchCORSConfiguration {}

@error("client") @httpError(404)
structure NoSuchLifecycleConfiguration {}

@error("client") @httpError(404)
structure NoSuchPublicAccessBlockConfiguration {}

@error("client") @httpError(404)
structure NoSuchTagSet {}

@error("client") @httpError(404)
structure NoSuchWebsiteConfiguration {}

@error("client") @httpError(404)
structure ObjectLockConfigurationNotFoundError {}

@error("client") @httpError(404)
structure OwnershipControlsNotFoundError {}

@error("client") @httpError(404)
structure ReplicationConfigurationNotFoundError {}
