// SPDX-License-Identifier: Apache-2.0
//
// AWS Signer, API version 2017-08-25: signing profiles, signing jobs, platforms, permissions, revocation, tags.
//
// Traits and sources: model/README.md. Behaviour beyond shapes is in services/signer.

$version: "2"
$operationInputSuffix: "Request"
$operationOutputSuffix: "Response"

namespace firmsign.signer

@restJson1
@sigv4(name: "signer")
@eventSource("signer.amazonaws.com")
service Signer {
    version: "2017-08-25"
    operations: [
        PutSigningProfile
        GetSigningProfile
        ListSigningProfiles
        CancelSigningProfile
        RevokeSigningProfile
        StartSigningJob
        DescribeSigningJob
        ListSigningJobs
        RevokeSignature
        SignPayload
        GetRevocationStatus
        GetSigningPlatform
        ListSigningPlatforms
        AddProfilePermission
        ListProfilePermissions
        RemoveProfilePermission
        TagResource
        UntagResource
        ListTagsForResource
        GetCodeSigningAuthority
    ]
    errors: [TooManyRequestsException, InternalServiceErrorException]
}

@mixin
@observed("malformed input is answered with ValidationException everywhere, and anything can be forbidden or absent")
operation AnswersOfReads {
    errors: [ValidationException, AccessDeniedException, ResourceNotFoundException]
}

@mixin
@observed("as reads; cancelling a revoked profile is a ValidationException, two changes at once a ConflictException")
operation AnswersOfWrites {
    errors: [ValidationException, AccessDeniedException, ResourceNotFoundException, ConflictException]
}

// Operations

/// Makes a signing profile. A name that was ever used stays taken, whatever became of its profile.
@http(method: "PUT", uri: "/signing-profiles/{profileName}")
@audit("write")
@iam([
    {action: "signer:PutSigningProfile", resource: "*"}
    {action: "signer:TagResource", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}", condition: "tags"}
])
operation PutSigningProfile with [AnswersOfWrites] {
    input := {
        @required @httpLabel profileName: ProfileName
        signingMaterial: SigningMaterial
        signatureValidityPeriod: SignatureValidityPeriod
        @required platformId: String
        overrides: SigningPlatformOverrides
        signingParameters: SigningParameters
        @conditionKey("aws:RequestTag") tags: TagMap
    }
    output := {
        arn: String
        profileVersion: ProfileVersion
        profileVersionArn: Arn
    }
    errors: [ResourceNotFoundException, AccessDeniedException, ValidationException]
}

/// Shows one profile, in any status.
@http(method: "GET", uri: "/signing-profiles/{profileName}")
@audit("read")
@iam([
    {action: "signer:GetSigningProfile", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}"}
])
operation GetSigningProfile with [AnswersOfReads] {
    input := {
        @required @httpLabel profileName: ProfileName
        @httpQuery("profileOwner") profileOwner: AccountId
    }
    output := {
        profileName: ProfileName
        profileVersion: ProfileVersion
        profileVersionArn: Arn
        revocationRecord: SigningProfileRevocationRecord
        signingMaterial: SigningMaterial
        platformId: String
        platformDisplayName: String
        signatureValidityPeriod: SignatureValidityPeriod
        overrides: SigningPlatformOverrides
        signingParameters: SigningParameters
        status: SigningProfileStatus
        statusReason: String
        arn: String
        tags: TagMap
    }
    errors: [ResourceNotFoundException, AccessDeniedException]
}

/// Lists the profiles of the account, without a filter only the active ones.
@http(method: "GET", uri: "/signing-profiles")
@audit("read")
@iam([{action: "signer:ListSigningProfiles", resource: "*"}])
operation ListSigningProfiles with [AnswersOfReads] {
    input := {
        @httpQuery("includeCanceled") includeCanceled: Boolean
        @httpQuery("maxResults") maxResults: MaxResults
        @httpQuery("nextToken") nextToken: String
        @httpQuery("platformId") platformId: String
        @httpQuery("statuses") statuses: Statuses
    }
    output := {
        profiles: SigningProfiles
        nextToken: String
    }
    errors: [AccessDeniedException]
}

/// Retires a profile: its name stays taken and no further job can use it.
@http(method: "DELETE", uri: "/signing-profiles/{profileName}")
@audit("write")
@iam([
    {action: "signer:CancelSigningProfile", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}"}
])
operation CancelSigningProfile with [AnswersOfWrites] {
    input := {
        @required @httpLabel profileName: ProfileName
    }
    errors: [ResourceNotFoundException, AccessDeniedException]
}

/// Declares invalid what a profile signed after a point in time. Cannot be undone.
@http(method: "PUT", uri: "/signing-profiles/{profileName}/revoke")
@audit("write")
@iam([
    {action: "signer:RevokeSigningProfile", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}"}
])
operation RevokeSigningProfile with [AnswersOfWrites] {
    input := {
        @required @httpLabel profileName: ProfileName
        @required profileVersion: ProfileVersion
        @required reason: RevocationReasonString
        @required effectiveTime: Timestamp
    }
    errors: [ValidationException, AccessDeniedException, ResourceNotFoundException]
}

/// Signs one object of a bucket into another; the answer comes before the work is done.
@http(method: "POST", uri: "/signing-jobs")
@audit("write")
@iam([
    {action: "signer:StartSigningJob", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}"}
])
operation StartSigningJob with [AnswersOfWrites] {
    input := {
        @required source: Source
        @required destination: Destination
        @observed("the 2018 model has it optional, and hand-written clients leave it out") profileName: ProfileName
        @observed("the 2018 model has it optional, and hand-written clients leave it out") @idempotencyToken clientRequestToken: String
        /// The account of the profile, when it is not the caller's.
        profileOwner: AccountId
        @observed("the guide of 2018 signs without a profile, with these three") platform: String
        @observed("the same under the name that the published API uses elsewhere") platformId: String
        @observed("the guide of 2018 signs without a profile, with these three") signingMaterial: SigningMaterial
        @observed("the guide of 2018 signs without a profile, with these three") signingParameters: SigningParameters
    }
    output := {
        jobId: String
        jobOwner: AccountId
    }
    errors: [ValidationException, ResourceNotFoundException, AccessDeniedException, ThrottlingException]
}

/// Shows one job.
@http(method: "GET", uri: "/signing-jobs/{jobId}")
@audit("read")
@iam([{action: "signer:DescribeSigningJob", resource: "arn:aws:signer:{region}:{account}:/signing-jobs/{jobId}"}])
operation DescribeSigningJob with [AnswersOfReads] {
    input := {
        @required @httpLabel jobId: String
    }
    output := {
        jobId: String
        source: Source
        signingMaterial: SigningMaterial
        platformId: String
        platformDisplayName: String
        profileName: ProfileName
        profileVersion: ProfileVersion
        overrides: SigningPlatformOverrides
        signingParameters: SigningParameters
        createdAt: Timestamp
        completedAt: Timestamp
        signatureExpiresAt: Timestamp
        requestedBy: String
        status: SigningStatus
        statusReason: String
        revocationRecord: SigningJobRevocationRecord
        signedObject: SignedObject
        jobOwner: AccountId
        jobInvoker: AccountId
    }
    errors: [ResourceNotFoundException, AccessDeniedException]
}

/// Lists jobs, newest first. All filters given must match.
@http(method: "GET", uri: "/signing-jobs")
@audit("read")
@iam([{action: "signer:ListSigningJobs", resource: "*", alias: "signer:ListSigningJob"}])
operation ListSigningJobs with [AnswersOfReads] {
    input := {
        @httpQuery("status") status: SigningStatus
        @httpQuery("platformId") platformId: String
        @httpQuery("requestedBy") requestedBy: String
        @httpQuery("maxResults") maxResults: MaxResults
        @httpQuery("nextToken") nextToken: String
        @httpQuery("isRevoked") isRevoked: Boolean
        @httpQuery("signatureExpiresBefore") signatureExpiresBefore: Timestamp
        @httpQuery("signatureExpiresAfter") signatureExpiresAfter: Timestamp
        @httpQuery("jobInvoker") jobInvoker: AccountId
    }
    output := {
        jobs: SigningJobs
        nextToken: String
    }
    errors: [ValidationException, AccessDeniedException]
}

/// Declares one signature invalid. Cannot be undone.
@http(method: "PUT", uri: "/signing-jobs/{jobId}/revoke")
@audit("write")
@iam([{action: "signer:RevokeSignature", resource: "arn:aws:signer:{region}:{account}:/signing-jobs/{jobId}"}])
operation RevokeSignature with [AnswersOfWrites] {
    input := {
        @required @httpLabel jobId: String
        jobOwner: AccountId
        @required reason: RevocationReasonString
    }
    errors: [ValidationException, AccessDeniedException, ResourceNotFoundException]
}

/// Signs bytes in the request itself and answers with the signature.
@http(method: "POST", uri: "/signing-jobs/with-payload")
@audit("write")
@iam([{action: "signer:SignPayload", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}"}])
@since("2023-06")
operation SignPayload with [AnswersOfWrites] {
    input := {
        @required profileName: ProfileName
        profileOwner: AccountId
        @required payload: Payload
        @required payloadFormat: String
    }
    output := {
        jobId: String
        jobOwner: AccountId
        metadata: Metadata
        signature: Blob
    }
    errors: [ValidationException, ResourceNotFoundException, AccessDeniedException]
}

/// Tells which of the given entities are revoked. The signer-data client sends it too, see signer_data.smithy.
@http(method: "GET", uri: "/revocations")
@audit("read")
@iam([{action: "signer:GetRevocationStatus", resource: "*"}])
@since("2023-06")
operation GetRevocationStatus with [AnswersOfReads] {
    input := {
        @required @httpQuery("signatureTimestamp") signatureTimestamp: Timestamp
        @required @httpQuery("platformId") platformId: String
        @required @httpQuery("profileVersionArn") profileVersionArn: Arn
        @required @httpQuery("jobArn") jobArn: Arn
        @required @httpQuery("certificateHashes") certificateHashes: CertificateHashes
    }
    output := {
        revokedEntities: RevokedEntities
    }
    errors: [ValidationException, AccessDeniedException]
}

/// Shows one signing platform.
@http(method: "GET", uri: "/signing-platforms/{platformId}")
@audit("read")
@iam([{action: "signer:GetSigningPlatform", resource: "*"}])
operation GetSigningPlatform with [AnswersOfReads] {
    input := {
        @required @httpLabel platformId: String
    }
    output := {
        platformId: String
        displayName: String
        partner: String
        target: String
        category: Category
        signingConfiguration: SigningConfiguration
        signingImageFormat: SigningImageFormat
        maxSizeInMB: Integer
        revocationSupported: Boolean
    }
    errors: [ResourceNotFoundException, AccessDeniedException]
}

/// Lists the signing platforms.
@http(method: "GET", uri: "/signing-platforms")
@audit("read")
@iam([{action: "signer:ListSigningPlatforms", resource: "*"}])
operation ListSigningPlatforms with [AnswersOfReads] {
    input := {
        @httpQuery("category") category: String
        @httpQuery("partner") partner: String
        @httpQuery("target") target: String
        @httpQuery("maxResults") maxResults: MaxResults
        @httpQuery("nextToken") nextToken: String
    }
    output := {
        platforms: SigningPlatforms
        nextToken: String
    }
    errors: [ValidationException, AccessDeniedException]
}

/// Adds a statement to the resource policy of a profile.
@http(method: "POST", uri: "/signing-profiles/{profileName}/permissions")
@audit("write")
@iam([
    {action: "signer:AddProfilePermission", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}"}
])
operation AddProfilePermission with [AnswersOfWrites] {
    input := {
        @required @httpLabel profileName: ProfileName
        profileVersion: ProfileVersion
        @required action: String
        @required principal: String
        revisionId: String
        @required statementId: String
    }
    output := {
        revisionId: String
    }
    errors: [
        ValidationException, ResourceNotFoundException, AccessDeniedException, ServiceLimitExceededException,
        ConflictException
    ]
}

/// Lists the statements of the resource policy of a profile.
@http(method: "GET", uri: "/signing-profiles/{profileName}/permissions")
@audit("read")
@iam([
    {action: "signer:ListProfilePermissions", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}"}
])
operation ListProfilePermissions with [AnswersOfReads] {
    input := {
        @required @httpLabel profileName: ProfileName
        @httpQuery("nextToken") nextToken: String
    }
    output := {
        revisionId: String
        policySizeBytes: Integer
        permissions: Permissions
        nextToken: String
    }
    errors: [ValidationException, ResourceNotFoundException, AccessDeniedException]
}

/// Removes a statement from the resource policy of a profile.
@http(method: "DELETE", uri: "/signing-profiles/{profileName}/permissions/{statementId}")
@audit("write")
@iam([
    {action: "signer:RemoveProfilePermission", resource: "arn:aws:signer:{region}:{account}:/signing-profiles/{profileName}"}
])
operation RemoveProfilePermission with [AnswersOfWrites] {
    input := {
        @required @httpLabel profileName: ProfileName
        @required @httpQuery("revisionId") revisionId: String
        @required @httpLabel statementId: String
    }
    output := {
        revisionId: String
    }
    errors: [ValidationException, ResourceNotFoundException, AccessDeniedException, ConflictException]
}

/// Adds tags to a profile or replaces their values.
@http(method: "POST", uri: "/tags/{resourceArn}")
@audit("write")
@iam([{action: "signer:TagResource", resource: "{resourceArn}"}])
operation TagResource with [AnswersOfWrites] {
    input := {
        @required @httpLabel resourceArn: String
        @required @conditionKey("aws:RequestTag") tags: TagMap
    }
    output := {}
    errors: [BadRequestException, NotFoundException]
}

/// Removes tags from a profile; keys it does not have are ignored.
@http(method: "DELETE", uri: "/tags/{resourceArn}")
@audit("write")
@iam([{action: "signer:UntagResource", resource: "{resourceArn}"}])
operation UntagResource with [AnswersOfWrites] {
    input := {
        @required @httpLabel resourceArn: String
        @required @httpQuery("tagKeys") @conditionKey("aws:TagKeys") tagKeys: TagKeyList
    }
    output := {}
    errors: [BadRequestException, NotFoundException]
}

/// Lists the tags of a profile.
@http(method: "GET", uri: "/tags/{resourceArn}")
@audit("read")
@iam([{action: "signer:ListTagsForResource", resource: "{resourceArn}"}])
operation ListTagsForResource with [AnswersOfReads] {
    input := {
        @required @httpLabel resourceArn: String
    }
    output := {
        tags: TagMap
    }
    errors: [BadRequestException, NotFoundException]
}

/// Shows the root certificate behind the keys of the deployment, which sign for the Lambda and Notation platforms.
@observed("Firmsign's own: AWS publishes its roots on a web page")
@http(method: "GET", uri: "/code-signing-authority")
@audit("read")
@iam([{action: "signer:GetCodeSigningAuthority", resource: "*"}])
operation GetCodeSigningAuthority with [AnswersOfReads] {
    input := {}
    output := {
        /// PEM
        rootCertificate: String
        /// PEM: that of the key that signed last, issued by the root; absent until something is signed
        signingCertificate: String
        /// When the next key takes over.
        rotatesAt: Timestamp
    }
}

// Shapes

/// The service tests the whole name against the pattern, though the model leaves the end open.
@length(min: 2, max: 64)
@pattern("^[a-zA-Z0-9_]{2,}")
string ProfileName

/// The certificate whose private key signs. Platforms with keys of their own answer an empty structure.
structure SigningMaterial {
    @observed("empty for platforms with keys of their own") certificateArn: String
}

enum ValidityType {
    DAYS
    MONTHS
    YEARS
}

/// Only for platforms whose signatures expire; at most 135 months.
structure SignatureValidityPeriod {
    value: Integer
    type: ValidityType
}

enum EncryptionAlgorithm {
    RSA
    ECDSA
}

enum HashAlgorithm {
    SHA1
    SHA256
    @observed("the Lambda and Notation platforms answer SHA384")
    SHA384
}

structure SigningConfigurationOverrides {
    encryptionAlgorithm: EncryptionAlgorithm
    hashAlgorithm: HashAlgorithm
}

enum ImageFormat {
    JSON
    JSONEmbedded
    JSONDetached
}

/// What a profile changes of its platform's recipe.
structure SigningPlatformOverrides {
    signingConfiguration: SigningConfigurationOverrides
    signingImageFormat: ImageFormat
}

map SigningParameters {
    key: String
    value: String
}

@length(min: 1, max: 128)
@pattern("^(?!aws:)[a-zA-Z+-=._:/]+$")
string TagKey

@length(max: 256)
string TagValue

@length(min: 1, max: 200)
map TagMap {
    key: TagKey
    value: TagValue
}

@length(min: 10, max: 10)
@pattern("^[a-zA-Z0-9]{10}$")
string ProfileVersion

@length(min: 20, max: 2048)
string Arn

@length(min: 12, max: 12)
@pattern("^[0-9]{12}$")
string AccountId

structure SigningProfileRevocationRecord {
    revocationEffectiveFrom: Timestamp
    revokedAt: Timestamp
    revokedBy: String
}

enum SigningProfileStatus {
    Active
    Canceled
    Revoked
}

@range(min: 1, max: 25)
integer MaxResults

list Statuses {
    member: SigningProfileStatus
}

structure SigningProfile {
    profileName: ProfileName
    profileVersion: ProfileVersion
    profileVersionArn: Arn
    signingMaterial: SigningMaterial
    signatureValidityPeriod: SignatureValidityPeriod
    platformId: String
    platformDisplayName: String
    signingParameters: SigningParameters
    status: SigningProfileStatus
    arn: String
    tags: TagMap
}

list SigningProfiles {
    member: SigningProfile
}

@length(min: 1, max: 500)
string RevocationReasonString

/// One version of one object; in a bucket that never had versions, version is the word null.
structure S3Source {
    @required bucketName: String
    @required key: String
    @required version: String
}

structure Source {
    s3: S3Source
}

structure S3Destination {
    bucketName: String
    prefix: String
}

structure Destination {
    s3: S3Destination
}

enum SigningStatus {
    InProgress
    Failed
    Succeeded
}

structure SigningJobRevocationRecord {
    reason: String
    revokedAt: Timestamp
    revokedBy: String
}

structure S3SignedObject {
    bucketName: String
    key: String
}

/// Where the result of a job lies; absent until it succeeded.
structure SignedObject {
    s3: S3SignedObject
}

structure SigningJob {
    jobId: String
    source: Source
    signedObject: SignedObject
    signingMaterial: SigningMaterial
    createdAt: Timestamp
    status: SigningStatus
    /// Whether RevokeSignature was called for it.
    isRevoked: Boolean
    profileName: ProfileName
    profileVersion: ProfileVersion
    platformId: String
    platformDisplayName: String
    signatureExpiresAt: Timestamp
    jobOwner: AccountId
    jobInvoker: AccountId
}

list SigningJobs {
    member: SigningJob
}

@length(min: 1, max: 4096)
blob Payload

map Metadata {
    key: String
    value: String
}

list CertificateHashes {
    member: String
}

list RevokedEntities {
    member: String
}

enum Category {
    AWSIoT
    @observed("every platform of the live service answers AWS")
    AWS
}

list EncryptionAlgorithms {
    member: EncryptionAlgorithm
}

structure EncryptionAlgorithmOptions {
    @required allowedValues: EncryptionAlgorithms
    @required defaultValue: EncryptionAlgorithm
}

list HashAlgorithms {
    member: HashAlgorithm
}

structure HashAlgorithmOptions {
    @required allowedValues: HashAlgorithms
    @required defaultValue: HashAlgorithm
}

structure SigningConfiguration {
    @required encryptionAlgorithmOptions: EncryptionAlgorithmOptions
    @required hashAlgorithmOptions: HashAlgorithmOptions
}

list ImageFormats {
    member: ImageFormat
}

structure SigningImageFormat {
    @required supportedFormats: ImageFormats
    @required defaultFormat: ImageFormat
}

structure SigningPlatform {
    platformId: String
    displayName: String
    partner: String
    target: String
    category: Category
    signingConfiguration: SigningConfiguration
    signingImageFormat: SigningImageFormat
    maxSizeInMB: Integer
    revocationSupported: Boolean
}

list SigningPlatforms {
    member: SigningPlatform
}

structure Permission {
    action: String
    principal: String
    statementId: String
    profileVersion: ProfileVersion
}

list Permissions {
    member: Permission
}

@length(min: 1, max: 200)
list TagKeyList {
    member: TagKey
}

// Errors: `code` beside the message is a sub-code such as ProfileAlreadyExists, not the name of the shape.

@error("client") @httpError(400)
structure ValidationException {
    message: String
    code: String
}

@error("client") @httpError(400)
structure BadRequestException {
    message: String
    code: String
}

@error("client") @httpError(402)
structure ServiceLimitExceededException {
    message: String
    code: String
}

@error("client") @httpError(403)
structure AccessDeniedException {
    message: String
    code: String
}

/// Tag operations only; everything else says ResourceNotFoundException.
@error("client") @httpError(404)
structure NotFoundException {
    message: String
    code: String
}

@error("client") @httpError(404)
structure ResourceNotFoundException {
    message: String
    code: String
}

@error("client") @httpError(409)
structure ConflictException {
    message: String
    code: String
}

/// The throttling error of 2018, kept for StartSigningJob.
@error("client") @httpError(429)
structure ThrottlingException {
    message: String
    code: String
}

@error("client") @httpError(429)
structure TooManyRequestsException {
    message: String
    code: String
}

@error("server") @httpError(500)
structure InternalServiceErrorException {
    message: String
    code: String
}
