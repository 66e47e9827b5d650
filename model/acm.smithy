// SPDX-License-Identifier: Apache-2.0
//
// AWS Certificate Manager, API version 2015-12-08: all but searching and ACME.

$version: "2"
$operationInputSuffix: "Request"
$operationOutputSuffix: "Response"

namespace firmsign.acm

@awsJson1_1
@sigv4(name: "acm")
@targetPrefix("CertificateManager")
@eventSource("acm.amazonaws.com")
service Acm {
    version: "2015-12-08"
    operations: [
        ImportCertificate
        DescribeCertificate
        ListCertificates
        GetCertificate
        DeleteCertificate
        AddTagsToCertificate
        RemoveTagsFromCertificate
        ListTagsForCertificate
        TagResource
        UntagResource
        ListTagsForResource
        RequestCertificate
        ResendValidationEmail
        ExportCertificate
        RenewCertificate
        RevokeCertificate
        UpdateCertificateOptions
        GetAccountConfiguration
        PutAccountConfiguration
    ]
}

@mixin
@observed("anything can be forbidden or too frequent, and malformed input is a ValidationException everywhere")
operation AnswersOfAcm {
    errors: [ValidationException, AccessDeniedException, ThrottlingException]
}

@mixin
@observed("two changes of one certificate at once")
operation AnswersOfChanges {
    errors: [ConflictException]
}

// Operations

/// Stores a certificate with its private key, or replaces the one behind CertificateArn.
@audit("write")
@iam([
    {action: "acm:ImportCertificate", resource: "arn:aws:acm:{region}:{account}:certificate/*", condition: "!CertificateArn"}
    {action: "acm:ImportCertificate", resource: "{CertificateArn}", condition: "CertificateArn"}
    {action: "acm:AddTagsToCertificate", resource: "arn:aws:acm:{region}:{account}:certificate/*", condition: "Tags"}
])
// Base64 of a chain of 2 MiB, and the rest.
@bodyMax(4194304)
operation ImportCertificate with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        CertificateArn: Arn
        @required Certificate: CertificateBodyBlob
        @required PrivateKey: PrivateKeyBlob
        CertificateChain: CertificateChainBlob
        @conditionKey("aws:RequestTag") Tags: TagList
    }
    output := {
        CertificateArn: Arn
    }
    errors: [
        InvalidParameterException, TagPolicyException, TooManyTagsException, InvalidArnException,
        InvalidTagException, ConflictException, LimitExceededException, ValidationException,
        ResourceNotFoundException
    ]
}

/// Shows what is known of a certificate, without its text.
@audit("read")
@iam([{action: "acm:DescribeCertificate", resource: "{CertificateArn}"}])
operation DescribeCertificate with [AnswersOfAcm] {
    input := {
        @required CertificateArn: Arn
    }
    output := {
        Certificate: CertificateDetail
    }
    errors: [InvalidArnException, ValidationException, ResourceNotFoundException]
}

/// Lists certificates; without Includes only those with RSA keys of 1024 and 2048 bits.
@audit("read")
@iam([{action: "acm:ListCertificates", resource: "*"}])
operation ListCertificates with [AnswersOfAcm] {
    input := {
        CertificateStatuses: CertificateStatuses
        @since("2023") CertificateKeyPairOrigins: CertificateKeyPairOrigins
        Includes: Filters
        NextToken: NextToken
        MaxItems: MaxItems
        SortBy: SortBy
        SortOrder: SortOrder
    }
    output := {
        NextToken: NextToken
        CertificateSummaryList: CertificateSummaryList
    }
    errors: [InvalidArgsException, ValidationException]
}

/// Answers the PEM text of a certificate and of its chain.
@audit("read")
@iam([{action: "acm:GetCertificate", resource: "{CertificateArn}"}])
operation GetCertificate with [AnswersOfAcm] {
    input := {
        @required CertificateArn: Arn
    }
    output := {
        Certificate: CertificateBody
        CertificateChain: CertificateChain
    }
    errors: [InvalidArnException, RequestInProgressException, ValidationException, ResourceNotFoundException]
}

/// Removes a certificate and its private key.
@audit("write")
@iam([{action: "acm:DeleteCertificate", resource: "{CertificateArn}"}])
operation DeleteCertificate with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required CertificateArn: Arn
    }
    errors: [
        ResourceInUseException, InvalidArnException, ConflictException, AccessDeniedException, ValidationException,
        ResourceNotFoundException, ThrottlingException
    ]
}

/// Adds tags to a certificate or replaces their values.
@audit("write")
@iam([{action: "acm:AddTagsToCertificate", resource: "{CertificateArn}"}])
operation AddTagsToCertificate with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required CertificateArn: Arn
        @required @conditionKey("aws:RequestTag") Tags: TagList
    }
    errors: [
        InvalidParameterException, TagPolicyException, TooManyTagsException, InvalidArnException,
        InvalidTagException, ValidationException, ResourceNotFoundException, ThrottlingException
    ]
}

/// Removes tags; a tag given with a value goes only if the value agrees.
@audit("write")
@iam([{action: "acm:RemoveTagsFromCertificate", resource: "{CertificateArn}"}])
operation RemoveTagsFromCertificate with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required CertificateArn: Arn
        @required Tags: TagList
    }
    errors: [
        InvalidParameterException, TagPolicyException, InvalidArnException, InvalidTagException, ValidationException,
        ResourceNotFoundException, ThrottlingException
    ]
}

/// Lists the tags of a certificate.
@audit("read")
@iam([{action: "acm:ListTagsForCertificate", resource: "{CertificateArn}"}])
operation ListTagsForCertificate with [AnswersOfAcm] {
    input := {
        @required CertificateArn: Arn
    }
    output := {
        Tags: TagList
    }
    errors: [InvalidArnException, ValidationException, ResourceNotFoundException]
}

/// Adds tags to a certificate or replaces their values; the newer name of AddTagsToCertificate.
@audit("write")
@iam([{action: "acm:TagResource", resource: "{ResourceArn}"}])
@since("2023")
operation TagResource with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required ResourceArn: Arn
        @required @conditionKey("aws:RequestTag") Tags: TagList
    }
    errors: [ServiceQuotaExceededException, ValidationException, ResourceNotFoundException]
}

/// Removes tags by their keys.
@audit("write")
@iam([{action: "acm:UntagResource", resource: "{ResourceArn}"}])
@since("2023")
operation UntagResource with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required ResourceArn: Arn
        @required @conditionKey("aws:TagKeys") TagKeys: TagKeyList
    }
    errors: [ValidationException, ResourceNotFoundException]
}

/// Lists the tags of a certificate.
@audit("read")
@iam([{action: "acm:ListTagsForResource", resource: "{ResourceArn}"}])
@since("2023")
operation ListTagsForResource with [AnswersOfAcm] {
    input := {
        @required ResourceArn: Arn
    }
    output := {
        Tags: TagList
    }
    errors: [ValidationException, ResourceNotFoundException]
}

/// Makes a key and a certificate for it, issued by the account's own authority.
@audit("write")
@iam([
    {action: "acm:RequestCertificate", resource: "arn:aws:acm:{region}:{account}:certificate/*"}
    {action: "acm:AddTagsToCertificate", resource: "arn:aws:acm:{region}:{account}:certificate/*", condition: "Tags"}
])
operation RequestCertificate with [AnswersOfAcm] {
    input := {
        @required @conditionKey("acm:DomainNames") DomainName: DomainNameString
        @conditionKey("acm:ValidationMethod") ValidationMethod: ValidationMethod
        @conditionKey("acm:DomainNames") SubjectAlternativeNames: DomainList
        IdempotencyToken: IdempotencyToken
        DomainValidationOptions: DomainValidationOptionList
        Options: CertificateOptions
        @conditionKey("acm:CertificateAuthority") CertificateAuthorityArn: PcaArn
        @conditionKey("aws:RequestTag") Tags: TagList
        @conditionKey("acm:KeyAlgorithm") KeyAlgorithm: KeyAlgorithm
        @since("2023") ManagedBy: CertificateManagedBy
    }
    output := {
        CertificateArn: Arn
    }
    errors: [
        InvalidParameterException, TagPolicyException, TooManyTagsException, InvalidArnException,
        InvalidTagException, InvalidDomainValidationOptionsException, LimitExceededException
    ]
}

/// For certificates that wait for somebody to answer an e-mail. Here none does.
@audit("write")
@iam([{action: "acm:ResendValidationEmail", resource: "{CertificateArn}"}])
operation ResendValidationEmail with [AnswersOfAcm] {
    input := {
        @required CertificateArn: Arn
        @required Domain: DomainNameString
        @required ValidationDomain: DomainNameString
    }
    errors: [
        InvalidArnException, InvalidDomainValidationOptionsException, ValidationException, InvalidStateException,
        ResourceNotFoundException
    ]
}

/// Gives out a requested certificate with its private key, encrypted with a passphrase.
@audit("write")
@iam([{action: "acm:ExportCertificate", resource: "{CertificateArn}"}])
operation ExportCertificate with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required CertificateArn: Arn
        @required Passphrase: PassphraseBlob
    }
    output := {
        Certificate: CertificateBody
        CertificateChain: CertificateChain
        PrivateKey: PrivateKey
    }
    errors: [
        InvalidArnException, RequestInProgressException, ValidationException, ResourceNotFoundException,
        ThrottlingException
    ]
}

/// Issues a requested certificate anew, for the same key and under the same ARN.
@audit("write")
@iam([{action: "acm:RenewCertificate", resource: "{CertificateArn}"}])
@omits([RequestInProgressException])
operation RenewCertificate with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required CertificateArn: Arn
    }
    errors: [InvalidArnException, ValidationException, ResourceNotFoundException]
}

/// Ends a requested certificate for good: nothing is signed with it any more.
@audit("write")
@iam([{action: "acm:RevokeCertificate", resource: "{CertificateArn}"}])
@since("2023")
operation RevokeCertificate with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required CertificateArn: Arn
        @required RevocationReason: RevocationReason
    }
    output := {
        CertificateArn: Arn
    }
    errors: [
        ResourceInUseException, InvalidArnException, ConflictException, AccessDeniedException, ValidationException,
        ResourceNotFoundException, ThrottlingException
    ]
}

/// Says whether a requested certificate may be exported.
@audit("write")
@iam([{action: "acm:UpdateCertificateOptions", resource: "{CertificateArn}"}])
operation UpdateCertificateOptions with [AnswersOfAcm, AnswersOfChanges] {
    input := {
        @required CertificateArn: Arn
        @required Options: CertificateOptions
    }
    errors: [
        InvalidArnException, LimitExceededException, ValidationException, InvalidStateException,
        ResourceNotFoundException
    ]
}

/// How many days before a certificate expires its events begin.
@audit("read")
@iam([{action: "acm:GetAccountConfiguration", resource: "*"}])
operation GetAccountConfiguration with [AnswersOfAcm] {
    output := {
        ExpiryEvents: ExpiryEventsConfiguration
    }
    errors: [AccessDeniedException, ThrottlingException]
}

/// Changes it.
@audit("write")
@iam([{action: "acm:PutAccountConfiguration", resource: "*"}])
operation PutAccountConfiguration with [AnswersOfAcm] {
    input := {
        ExpiryEvents: ExpiryEventsConfiguration
        @required IdempotencyToken: IdempotencyToken
    }
    errors: [ConflictException, AccessDeniedException, ValidationException, ThrottlingException]
}

// Shapes

@length(min: 1, max: 32)
@pattern("\\w+")
string IdempotencyToken

@sensitive
@length(min: 4, max: 128)
blob PassphraseBlob

@length(min: 20, max: 2048)
@pattern("arn:[\\w+=/,.@-]+:acm-pca:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*")
string PcaArn

@length(min: 1, max: 50)
@since("2023")
list TagKeyList {
    member: TagKey
}

structure DomainValidationOption {
    @required DomainName: DomainNameString
    @required ValidationDomain: DomainNameString
}

@length(min: 1, max: 100)
list DomainValidationOptionList {
    member: DomainValidationOption
}

@range(min: 1)
integer PositiveInteger

structure ExpiryEventsConfiguration {
    DaysBeforeExpiry: PositiveInteger
}

@sensitive
@length(min: 1, max: 524288)
@pattern("-{5}BEGIN PRIVATE KEY-{5}\\u000D?\\u000A([A-Za-z0-9/+]{64}\\u000D?\\u000A)*[A-Za-z0-9/+]{1,64}={0,2}\\u000D?\\u000A-{5}END PRIVATE KEY-{5}(\\u000D?\\u000A)?")
string PrivateKey

@length(min: 20, max: 2048)
@pattern("arn:[\\w+=/,.@-]+:acm:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*")
string Arn

@length(min: 1, max: 32768)
blob CertificateBodyBlob

@sensitive
@length(min: 1, max: 5120)
blob PrivateKeyBlob

@length(min: 1, max: 2097152)
blob CertificateChainBlob

@length(min: 1, max: 128)
@pattern("([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)")
@since("2023")
string TagKey

@length(min: 0, max: 256)
@pattern("([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)")
@since("2023")
string TagValue

structure Tag {
    @required Key: TagKey
    Value: TagValue
}

@length(min: 1, max: 50)
list TagList {
    member: Tag
}

@length(min: 1, max: 253)
@pattern("(\\*\\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])")
@since("2023")
string DomainNameString

@length(min: 1, max: 100)
list DomainList {
    member: DomainNameString
}

enum CertificateManagedBy {
    CLOUDFRONT
}

list ValidationEmailList {
    member: String
}

enum DomainStatus {
    PENDING_VALIDATION
    SUCCESS
    FAILED
}

enum RecordType {
    CNAME
}

structure ResourceRecord {
    @required Name: String
    @required Type: RecordType
    @required Value: String
}

structure HttpRedirect {
    RedirectFrom: String
    RedirectTo: String
}

enum ValidationMethod {
    EMAIL
    DNS
    @since("2023") HTTP
}

structure DomainValidation {
    @required DomainName: DomainNameString
    ValidationEmails: ValidationEmailList
    ValidationDomain: DomainNameString
    ValidationStatus: DomainStatus
    ResourceRecord: ResourceRecord
    @since("2023") HttpRedirect: HttpRedirect
    ValidationMethod: ValidationMethod
}

@length(min: 1, max: 1000)
list DomainValidationList {
    member: DomainValidation
}

enum CertificateStatus {
    PENDING_VALIDATION
    ISSUED
    INACTIVE
    EXPIRED
    VALIDATION_TIMED_OUT
    REVOKED
    FAILED
}

enum RevocationReason {
    UNSPECIFIED
    KEY_COMPROMISE
    CA_COMPROMISE
    AFFILIATION_CHANGED
    SUPERCEDED
    @since("2023") SUPERSEDED
    CESSATION_OF_OPERATION
    CERTIFICATE_HOLD
    REMOVE_FROM_CRL
    PRIVILEGE_WITHDRAWN
    A_A_COMPROMISE
}

enum KeyAlgorithm {
    RSA_1024
    RSA_2048
    RSA_3072
    RSA_4096
    EC_prime256v1
    EC_secp384r1
    EC_secp521r1
}

list InUseList {
    member: String
}

enum FailureReason {
    NO_AVAILABLE_CONTACTS
    ADDITIONAL_VERIFICATION_REQUIRED
    DOMAIN_NOT_ALLOWED
    INVALID_PUBLIC_DOMAIN
    DOMAIN_VALIDATION_DENIED
    CAA_ERROR
    PCA_LIMIT_EXCEEDED
    PCA_INVALID_ARN
    PCA_INVALID_STATE
    PCA_REQUEST_FAILED
    PCA_NAME_CONSTRAINTS_VALIDATION
    PCA_RESOURCE_NOT_FOUND
    PCA_INVALID_ARGS
    PCA_INVALID_DURATION
    PCA_ACCESS_DENIED
    SLR_NOT_FOUND
    OTHER
}

enum CertificateType {
    IMPORTED
    AMAZON_ISSUED
    PRIVATE
}

enum RenewalStatus {
    PENDING_AUTO_RENEWAL
    PENDING_VALIDATION
    SUCCESS
    FAILED
}

structure RenewalSummary {
    @required RenewalStatus: RenewalStatus
    @required DomainValidationOptions: DomainValidationList
    RenewalStatusReason: FailureReason
    @required UpdatedAt: Timestamp
}

enum KeyUsageName {
    DIGITAL_SIGNATURE
    NON_REPUDIATION
    KEY_ENCIPHERMENT
    DATA_ENCIPHERMENT
    KEY_AGREEMENT
    CERTIFICATE_SIGNING
    CRL_SIGNING
    ENCIPHER_ONLY
    DECIPHER_ONLY
    ANY
    CUSTOM
}

structure KeyUsage {
    Name: KeyUsageName
}

list KeyUsageList {
    member: KeyUsage
}

enum ExtendedKeyUsageName {
    TLS_WEB_SERVER_AUTHENTICATION
    TLS_WEB_CLIENT_AUTHENTICATION
    CODE_SIGNING
    EMAIL_PROTECTION
    TIME_STAMPING
    OCSP_SIGNING
    IPSEC_END_SYSTEM
    IPSEC_TUNNEL
    IPSEC_USER
    ANY
    NONE
    CUSTOM
}

structure ExtendedKeyUsage {
    Name: ExtendedKeyUsageName
    OID: String
}

list ExtendedKeyUsageList {
    member: ExtendedKeyUsage
}

enum RenewalEligibility {
    ELIGIBLE
    INELIGIBLE
}

enum CertificateTransparencyLoggingPreference {
    ENABLED
    DISABLED
}

enum CertificateExport {
    ENABLED
    DISABLED
}

structure CertificateOptions {
    CertificateTransparencyLoggingPreference: CertificateTransparencyLoggingPreference
    @since("2023") Export: CertificateExport
}

enum CertificateKeyPairOrigin {
    AWS_MANAGED
    ACME
    CUSTOMER_PROVIDED
}

@length(min: 36, max: 36)
string AcmeAccountId

structure CertificateDetail {
    CertificateArn: Arn
    DomainName: DomainNameString
    SubjectAlternativeNames: DomainList
    @since("2023") ManagedBy: CertificateManagedBy
    DomainValidationOptions: DomainValidationList
    Serial: String
    Subject: String
    Issuer: String
    CreatedAt: Timestamp
    IssuedAt: Timestamp
    ImportedAt: Timestamp
    Status: CertificateStatus
    RevokedAt: Timestamp
    RevocationReason: RevocationReason
    NotBefore: Timestamp
    NotAfter: Timestamp
    /// Spelt with a hyphen here, "EC-prime256v1", and with an underscore everywhere else.
    KeyAlgorithm: KeyAlgorithm
    SignatureAlgorithm: String
    InUseBy: InUseList
    FailureReason: FailureReason
    Type: CertificateType
    RenewalSummary: RenewalSummary
    KeyUsages: KeyUsageList
    ExtendedKeyUsages: ExtendedKeyUsageList
    CertificateAuthorityArn: Arn
    RenewalEligibility: RenewalEligibility
    Options: CertificateOptions
    @since("2023") CertificateKeyPairOrigin: CertificateKeyPairOrigin
    @since("2023") AcmeEndpointArn: Arn
    @since("2023") AcmeAccountId: AcmeAccountId
}

list CertificateStatuses {
    member: CertificateStatus
}

@length(min: 1, max: 3)
list CertificateKeyPairOrigins {
    member: CertificateKeyPairOrigin
}

list ExtendedKeyUsageFilterList {
    member: ExtendedKeyUsageName
}

list KeyUsageFilterList {
    member: KeyUsageName
}

list KeyAlgorithmList {
    member: KeyAlgorithm
}

structure Filters {
    extendedKeyUsage: ExtendedKeyUsageFilterList
    keyUsage: KeyUsageFilterList
    keyTypes: KeyAlgorithmList
    @since("2023") exportOption: CertificateExport
    @since("2023") managedBy: CertificateManagedBy
}

@length(min: 1, max: 10000)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]*")
string NextToken

@range(min: 1, max: 1000)
integer MaxItems

enum SortBy {
    CREATED_AT
}

enum SortOrder {
    ASCENDING
    DESCENDING
}

list KeyUsageNames {
    member: KeyUsageName
}

list ExtendedKeyUsageNames {
    member: ExtendedKeyUsageName
}

structure CertificateSummary {
    CertificateArn: Arn
    DomainName: DomainNameString
    SubjectAlternativeNameSummaries: DomainList
    HasAdditionalSubjectAlternativeNames: Boolean
    Status: CertificateStatus
    Type: CertificateType
    KeyAlgorithm: KeyAlgorithm
    KeyUsages: KeyUsageNames
    ExtendedKeyUsages: ExtendedKeyUsageNames
    @since("2023") ExportOption: CertificateExport
    InUse: Boolean
    Exported: Boolean
    RenewalEligibility: RenewalEligibility
    NotBefore: Timestamp
    NotAfter: Timestamp
    CreatedAt: Timestamp
    IssuedAt: Timestamp
    ImportedAt: Timestamp
    RevokedAt: Timestamp
    @since("2023") ManagedBy: CertificateManagedBy
    @since("2023") CertificateKeyPairOrigin: CertificateKeyPairOrigin
}

list CertificateSummaryList {
    member: CertificateSummary
}

@length(min: 1, max: 32768)
@pattern("-{5}BEGIN CERTIFICATE-{5}\\u000D?\\u000A([A-Za-z0-9/+]{64}\\u000D?\\u000A)*[A-Za-z0-9/+]{1,64}={0,2}\\u000D?\\u000A-{5}END CERTIFICATE-{5}(\\u000D?\\u000A)?")
string CertificateBody

@length(min: 1, max: 2097152)
@pattern("(-{5}BEGIN CERTIFICATE-{5}\\u000D?\\u000A([A-Za-z0-9/+]{64}\\u000D?\\u000A)*[A-Za-z0-9/+]{1,64}={0,2}\\u000D?\\u000A-{5}END CERTIFICATE-{5}\\u000D?\\u000A)*-{5}BEGIN CERTIFICATE-{5}\\u000D?\\u000A([A-Za-z0-9/+]{64}\\u000D?\\u000A)*[A-Za-z0-9/+]{1,64}={0,2}\\u000D?\\u000A-{5}END CERTIFICATE-{5}(\\u000D?\\u000A)?")
string CertificateChain

// Errors

@error("client") @httpError(400)
structure AccessDeniedException {
    Message: String
}

@error("client") @httpError(400)
structure ConflictException {
    message: String
}

@error("client") @httpError(400)
structure InvalidArgsException {
    message: String
}

@error("client") @httpError(400)
structure InvalidArnException {
    message: String
}

@error("client") @httpError(400)
structure InvalidParameterException {
    message: String
}

@error("client") @httpError(400)
structure InvalidTagException {
    message: String
}

@error("client") @httpError(400)
structure LimitExceededException {
    message: String
}

@error("client") @httpError(400)
structure RequestInProgressException {
    message: String
}

@error("client") @httpError(400)
structure ResourceInUseException {
    message: String
}

@error("client") @httpError(400)
structure ResourceNotFoundException {
    message: String
}

@error("client") @httpError(400)
structure TagPolicyException {
    message: String
}

@error("client") @httpError(400)
@omits([throttlingReasons])
structure ThrottlingException {
    message: String
}

@error("client") @httpError(400)
structure TooManyTagsException {
    message: String
}

@error("client") @httpError(400)
structure ValidationException {
    message: String
}

@error("client") @httpError(400)
structure InvalidDomainValidationOptionsException {
    message: String
}

@error("client") @httpError(400)
structure InvalidStateException {
    message: String
}

@error("client") @httpError(400)
@since("2023")
structure ServiceQuotaExceededException {
    message: String
}
