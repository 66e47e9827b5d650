// SPDX-License-Identifier: Apache-2.0
//
// AWS Security Token Service, API version 2011-06-15: temporary credentials.

$version: "2"
$operationInputSuffix: "Request"
$operationOutputSuffix: "Response"

namespace firmsign.sts

@awsQuery
@xmlNamespace(uri: "https://sts.amazonaws.com/doc/2011-06-15/")
@sigv4(name: "sts")
@eventSource("sts.amazonaws.com")
service Sts {
    version: "2011-06-15"
    operations: [
        GetCallerIdentity
        AssumeRole
        AssumeRoleWithWebIdentity
        AssumeRoleWithSAML
        GetSessionToken
        GetFederationToken
        GetAccessKeyInfo
        DecodeAuthorizationMessage
    ]
}

@mixin
@observed("anything can be forbidden, and malformed input is a ValidationError everywhere")
operation AnswersOfSts {
    errors: [ValidationError, AccessDenied]
}

// Operations

/// Tells who the caller is.
@audit("read")
@noIam("anybody authenticated may ask, even under an explicit deny")
operation GetCallerIdentity with [AnswersOfSts] {
    input := {}
    output := {
        UserId: String
        Account: String
        Arn: ArnType
    }
}

/// Makes a session of a role, for whom its trust policy names.
@audit("issue")
@iam([
    {action: "sts:AssumeRole", resource: "{RoleArn}"}
    {action: "sts:TagSession", resource: "{RoleArn}", condition: "Tags"}
    {action: "sts:SetSourceIdentity", resource: "{RoleArn}", condition: "SourceIdentity"}
])
operation AssumeRole with [AnswersOfSts] {
    input := {
        @required RoleArn: ArnType
        @required @conditionKey("sts:RoleSessionName") RoleSessionName: RoleSessionNameType
        PolicyArns: PolicyDescriptorListType
        @since("2023") Policy: UnrestrictedSessionPolicyDocumentType
        DurationSeconds: RoleDurationSecondsType
        @conditionKey("aws:RequestTag") Tags: TagListType
        @conditionKey("sts:TransitiveTagKeys") TransitiveTagKeys: TagKeyListType
        @conditionKey("sts:ExternalId") ExternalId: ExternalIdType
        SerialNumber: SerialNumberType
        TokenCode: TokenCodeType
        @conditionKey("sts:SourceIdentity") SourceIdentity: SourceIdentityType
        @since("2023") ProvidedContexts: ProvidedContextsListType
    }
    output := {
        Credentials: Credentials
        AssumedRoleUser: AssumedRoleUser
        PackedPolicySize: NonNegativeIntegerType
        SourceIdentity: SourceIdentityType
    }
    errors: [MalformedPolicyDocumentException, PackedPolicyTooLargeException, RegionDisabledException, ExpiredTokenException]
}

/// Makes a session of a role for the holder of a token of an OpenID provider, a CI job for example.
@audit("issue")
@iam([{action: "sts:AssumeRoleWithWebIdentity", resource: "{RoleArn}"}])
@auth([])
operation AssumeRoleWithWebIdentity with [AnswersOfSts] {
    input := {
        @required RoleArn: ArnType
        @required @conditionKey("sts:RoleSessionName") RoleSessionName: RoleSessionNameType
        @since("2023") @required WebIdentityToken: ClientTokenType
        ProviderId: UrlType
        PolicyArns: PolicyDescriptorListType
        Policy: SessionPolicyDocumentType
        DurationSeconds: RoleDurationSecondsType
    }
    output := {
        Credentials: Credentials
        SubjectFromWebIdentityToken: WebIdentitySubjectType
        AssumedRoleUser: AssumedRoleUser
        PackedPolicySize: NonNegativeIntegerType
        Provider: String
        Audience: String
        SourceIdentity: SourceIdentityType
    }
    errors: [MalformedPolicyDocumentException, PackedPolicyTooLargeException, IDPRejectedClaimException, IDPCommunicationErrorException, InvalidIdentityTokenException, ExpiredTokenException, RegionDisabledException]
}

/// Makes a session of a role for whom a SAML provider vouches for.
@audit("issue")
@iam([{action: "sts:AssumeRoleWithSAML", resource: "{RoleArn}"}])
@auth([])
operation AssumeRoleWithSAML with [AnswersOfSts] {
    input := {
        @required RoleArn: ArnType
        @required PrincipalArn: ArnType
        @since("2023") @required SAMLAssertion: SAMLAssertionType
        PolicyArns: PolicyDescriptorListType
        Policy: SessionPolicyDocumentType
        DurationSeconds: RoleDurationSecondsType
    }
    output := {
        Credentials: Credentials
        AssumedRoleUser: AssumedRoleUser
        PackedPolicySize: NonNegativeIntegerType
        Subject: String
        SubjectType: String
        Issuer: String
        Audience: String
        NameQualifier: String
        SourceIdentity: SourceIdentityType
    }
    errors: [MalformedPolicyDocumentException, PackedPolicyTooLargeException, IDPRejectedClaimException, InvalidIdentityTokenException, ExpiredTokenException, RegionDisabledException]
}

/// Makes temporary credentials of a user, with the user's own rights; with a code of an MFA device they say so.
@audit("write")
@noIam("a user may always swap a key for a shorter one")
operation GetSessionToken with [AnswersOfSts] {
    input := {
        DurationSeconds: DurationSecondsType
        SerialNumber: SerialNumberType
        TokenCode: TokenCodeType
    }
    output := {
        Credentials: Credentials
    }
    errors: [RegionDisabledException]
}

/// Makes temporary credentials for somebody who is no user, with what the caller and a policy both allow.
@audit("write")
@iam([
    {action: "sts:GetFederationToken", resource: "arn:aws:sts::{account}:federated-user/{Name}"}
    {action: "sts:TagSession", resource: "arn:aws:sts::{account}:federated-user/{Name}", condition: "Tags"}
])
operation GetFederationToken with [AnswersOfSts] {
    input := {
        @required Name: UserNameType
        Policy: SessionPolicyDocumentType
        PolicyArns: PolicyDescriptorListType
        DurationSeconds: DurationSecondsType
        @conditionKey("aws:RequestTag") Tags: TagListType
    }
    output := {
        Credentials: Credentials
        FederatedUser: FederatedUser
        PackedPolicySize: NonNegativeIntegerType
    }
    errors: [MalformedPolicyDocumentException, PackedPolicyTooLargeException, RegionDisabledException]
}

/// Tells to which account an access key belongs.
@audit("read")
@iam([{action: "sts:GetAccessKeyInfo", resource: "*"}])
operation GetAccessKeyInfo with [AnswersOfSts] {
    input := {
        @required AccessKeyId: AccessKeyIdType
    }
    output := {
        Account: String
    }
}

/// Tells what an encoded message about a denied request says.
@audit("read")
@iam([{action: "sts:DecodeAuthorizationMessage", resource: "*"}])
operation DecodeAuthorizationMessage with [AnswersOfSts] {
    input := {
        @required EncodedMessage: EncodedMessageType
    }
    output := {
        DecodedMessage: String
    }
    errors: [InvalidAuthorizationMessageException]
}

// Shapes

@length(min: 20, max: 2048)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+")
string ArnType

@length(min: 2, max: 64)
@pattern("[\\w+=,.@-]*")
string RoleSessionNameType

structure PolicyDescriptorType {
    arn: ArnType
}

list PolicyDescriptorListType {
    member: PolicyDescriptorType
}

@since("2023")
@length(min: 1)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
string UnrestrictedSessionPolicyDocumentType

@range(min: 900, max: 43200)
integer RoleDurationSecondsType

@length(min: 1, max: 128)
@pattern("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+")
string TagKeyType

@length(min: 0, max: 256)
@pattern("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*")
string TagValueType

structure Tag {
    @required Key: TagKeyType
    @required Value: TagValueType
}

@length(max: 50)
list TagListType {
    member: Tag
}

@length(max: 50)
list TagKeyListType {
    member: TagKeyType
}

@length(min: 2, max: 1224)
@pattern("[\\w+=,.@:\\/-]*")
string ExternalIdType

@length(min: 9, max: 256)
@pattern("[\\w+=/:,.@-]*")
string SerialNumberType

@length(min: 6, max: 6)
@pattern("[\\d]*")
string TokenCodeType

@length(min: 2, max: 64)
@pattern("[\\w+=,.@-]*")
string SourceIdentityType

@since("2023")
@length(min: 4, max: 2048)
string ContextAssertionType

structure ProvidedContext {
    @since("2023") ProviderArn: ArnType
    @since("2023") ContextAssertion: ContextAssertionType
}

@length(min: 1, max: 5)
list ProvidedContextsListType {
    member: ProvidedContext
}

@length(min: 16, max: 128)
@pattern("[\\w]*")
string AccessKeyIdType

@since("2023")
@sensitive
string AccessKeySecretType

structure Credentials {
    @required AccessKeyId: AccessKeyIdType
    @since("2023") @required SecretAccessKey: AccessKeySecretType
    @required SessionToken: String
    @required Expiration: Timestamp
}

@length(min: 2, max: 193)
@pattern("[\\w+=,.@:-]*")
string AssumedRoleIdType

structure AssumedRoleUser {
    @required AssumedRoleId: AssumedRoleIdType
    @required Arn: ArnType
}

@range(min: 0)
integer NonNegativeIntegerType

@since("2023")
@sensitive
@length(min: 4, max: 20000)
string ClientTokenType

@length(min: 4, max: 2048)
string UrlType

@length(min: 1, max: 2048)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
string SessionPolicyDocumentType

@length(min: 6, max: 255)
string WebIdentitySubjectType

@since("2023")
@sensitive
@length(min: 4, max: 100000)
string SAMLAssertionType

@range(min: 900, max: 129600)
integer DurationSecondsType

@length(min: 2, max: 32)
@pattern("[\\w+=,.@-]*")
string UserNameType

@length(min: 2, max: 193)
@pattern("[\\w+=,.@\\:-]*")
string FederatedIdType

structure FederatedUser {
    @required FederatedUserId: FederatedIdType
    @required Arn: ArnType
}

@length(min: 1, max: 10240)
string EncodedMessageType

// Errors

@error("client") @httpError(400)
structure ValidationError {
    message: String
}

@error("client") @httpError(403)
structure AccessDenied {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "MalformedPolicyDocument")
structure MalformedPolicyDocumentException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "PackedPolicyTooLarge")
structure PackedPolicyTooLargeException {
    message: String
}

@error("client") @httpError(403)
structure RegionDisabledException {
    message: String
}

@error("client") @httpError(400)
structure ExpiredTokenException {
    message: String
}

@error("client") @httpError(403) @awsQueryError(code: "IDPRejectedClaim")
structure IDPRejectedClaimException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "IDPCommunicationError")
structure IDPCommunicationErrorException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "InvalidIdentityToken")
structure InvalidIdentityTokenException {
    message: String
}

@error("client") @httpError(400)
structure InvalidAuthorizationMessageException {
    message: String
}
