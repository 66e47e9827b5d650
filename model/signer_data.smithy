// SPDX-License-Identifier: Apache-2.0
//
// The data plane of AWS Signer as its separate client (signer-data, since 2026-02) sends it.
//
// Same signing name and path as the operation in signer.smithy, which answers both; this file states the client's view.

$version: "2"
$operationInputSuffix: "Request"
$operationOutputSuffix: "Response"

namespace firmsign.signer_data

@restJson1
@sigv4(name: "signer")
@eventSource("signer.amazonaws.com")
service SignerData {
    version: "2017-08-25"
    operations: [GetRevocationStatus]
}

/// Tells which of the given entities are revoked.
@http(method: "GET", uri: "/revocations")
@audit("read")
@iam([{action: "signer:GetRevocationStatus", resource: "*"}])
operation GetRevocationStatus {
    input := {
        @required @httpQuery("signatureTimestamp") signatureTimestamp: Timestamp
        @required @httpQuery("platformId") platformId: PlatformId
        @required @httpQuery("profileVersionArn") profileVersionArn: Arn
        @required @httpQuery("jobArn") jobArn: Arn
        @required @httpQuery("certificateHashes") certificateHashes: CertificateHashes
    }
    output := {
        revokedEntities: RevokedEntities
    }
    errors: [ValidationException, AccessDeniedException, TooManyRequestsException, InternalServiceErrorException]
}

@pattern("[a-zA-Z0-9_-]+")
string PlatformId

@length(min: 20, max: 2048)
string Arn

@length(min: 1, max: 2048)
string CertificateHash

list CertificateHashes {
    member: CertificateHash
}

@length(min: 1, max: 2048)
string RevokedEntity

list RevokedEntities {
    member: RevokedEntity
}

@error("client") @httpError(400)
structure ValidationException {
    message: String
    code: String
}

@error("client") @httpError(403)
structure AccessDeniedException {
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
