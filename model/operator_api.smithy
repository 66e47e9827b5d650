// SPDX-License-Identifier: Apache-2.0
//
// Firmsign's own API for its operator: what AWS does in other services or not at all. AWS has no such API, so nothing
// compares this model with botocore.
//
// It answers on DIR/admin.sock alone (docs/decisions/2026-11-25-operator-api.md); `firmsign account` is its client.
// The service is called after what it does because `operator` is a word of C++.

$version: "2"
$operationInputSuffix: "Request"
$operationOutputSuffix: "Response"

namespace firmsign.operator_api

@restJson1
@sigv4(name: "firmsign")
@eventSource("firmsign")
@operatorOnly
service OperatorApi {
    version: "2026-11-25"
    operations: [CreateAccount, ListAccounts, RotateCodeSigningKey, ReportStorage, ScrubStorage, AttachCertificate,
                 RotateMasterKey]
}

/// Makes an account with a root access key, whose secret is in this answer and nowhere else.
@http(method: "POST", uri: "/accounts")
@audit("write")
@iam([{action: "firmsign:CreateAccount", resource: "*"}])
operation CreateAccount {
    input := {
        @required name: AccountName
        /// Twelve digits; absent: random ones.
        accountId: AccountId
    }
    output := {
        @required accountId: AccountId
        @required name: AccountName
        @required accessKeyId: String
        @required secretAccessKey: SecretAccessKey
        /// The region in which the operator acts: what the account's tools may begin with.
        @required region: String
        @required createdAt: Timestamp
    }
    errors: [ConflictException]
}

/// Lists the accounts, those made first first.
@http(method: "GET", uri: "/accounts")
@audit("read")
@iam([{action: "firmsign:ListAccounts", resource: "*"}])
operation ListAccounts {
    input := {
        @httpQuery("maxResults") maxResults: MaxResults
        @httpQuery("nextToken") nextToken: AccountId
    }
    output := {
        @required accounts: Accounts
        /// The last account of this page; absent when no more follow.
        nextToken: AccountId
    }
    errors: [ValidationException]
}

/// Lets the code-signing authority sign with a new key from now on, on all nodes within seconds.
@http(method: "POST", uri: "/code-signing-authority/rotate")
@audit("write")
@iam([{action: "firmsign:RotateCodeSigningKey", resource: "*"}])
operation RotateCodeSigningKey {
    input := {
        /// What was signed by these keys is invalid: GetRevocationStatus tells their certificates as revoked.
        revokes: RevokedKeys
    }
    output := {
        /// PEM
        @required signingCertificate: String
    }
}

/// Tells what each bucket holds, in the order of their names: what its account would pay for.
@http(method: "GET", uri: "/storage/buckets")
@audit("read")
@iam([{action: "firmsign:ReportStorage", resource: "*"}])
operation ReportStorage {
    input := {
        @httpQuery("maxResults") maxResults: MaxResults
        /// The last bucket of the page before.
        @httpQuery("nextToken") nextToken: BucketName
    }
    output := {
        @required buckets: BucketUsages
        /// The last bucket of this page; absent when no more follow.
        nextToken: BucketName
    }
}

/// Reads the next 64 MiB or so of what is stored, and compares it with every hash that is kept of it.
@http(method: "POST", uri: "/storage/scrub")
@audit("read")
@iam([{action: "firmsign:ScrubStorage", resource: "*"}])
operation ScrubStorage {
    input := {
        /// Of the answer before; absent: from the beginning.
        nextToken: ScrubToken
    }
    output := {
        @required read: StoredAmount
        @required damaged: DamagedObjects
        /// Absent when all was read.
        nextToken: ScrubToken
    }
    errors: [ValidationException]
}

/// Makes a certificate of ACM whose private key lies in a hardware token, which signs once to show that it fits.
@http(method: "POST", uri: "/certificates")
@audit("write")
@iam([{action: "firmsign:AttachCertificate", resource: "*"}])
operation AttachCertificate {
    input := {
        /// PEM
        @required certificate: CertificateText
        /// PEM; absent for a self-signed certificate.
        certificateChain: CertificateText
        /// As the option pkcs11.tokens calls it.
        @required token: TokenName
        /// CKA_ID in hexadecimal; absent: whichever key fits the certificate.
        keyId: KeyId
        /// CKA_LABEL; absent: whichever key fits the certificate.
        keyLabel: KeyLabel
        /// Of a certificate of ACM in whose place this one comes; absent: it is a new one.
        certificateArn: AttachedArn
        /// Where it will be; absent: in the region of certificateArn, else in the one in which the operator acts.
        region: AttachedRegion
    }
    output := {
        @required certificateArn: String
    }
    errors: [ValidationException]
}

/// Wraps the data key with a new master key. Servers go on serving.
@http(method: "POST", uri: "/master-key/rotate")
@audit("write")
@iam([{action: "firmsign:RotateMasterKey", resource: "*"}])
operation RotateMasterKey {
    input := {
        /// A new file of the server's machine for the new key; absent: it replaces the present one in its place.
        to: FilePath
        /// As the option pkcs11.tokens calls it: without this token the new key cannot be had. With keyLabel.
        token: TokenName
        /// CKA_LABEL of a secret key of the token that makes an HMAC-SHA256.
        keyLabel: MasterKeyLabel
    }
    output := {
        /// By which backups and file names call the new key.
        @required masterKeyId: String
        @required masterKeyFile: String
        /// The file that holds the key before; absent: it stays where it is.
        previousKeyFile: String
        /// What is still to be done, for people.
        warning: String
    }
    errors: [ValidationException]
}

enum RevokedKeys {
    /// The one that signed last.
    LAST
    /// Every one that ever signed.
    ALL
}

structure Account {
    @required accountId: AccountId
    @required name: AccountName
    @required createdAt: Timestamp
}

list Accounts {
    member: Account
}

/// ASCII that can be seen, with blanks inside only: it stands in a list on a terminal and names a profile of AWS's tools.
@length(min: 1, max: 50)
@pattern("[!-~]([ -~]*[!-~])?")
string AccountName

@length(min: 1, max: 524288)
string CertificateText

@length(min: 1, max: 64)
string TokenName

@length(min: 1, max: 200)
string KeyId

@length(min: 1, max: 100)
string KeyLabel

@length(min: 20, max: 2048)
string AttachedArn

@length(min: 1, max: 64)
@pattern("[a-z0-9-]+")
string AttachedRegion

/// It stands in the master key's file.
@length(min: 1, max: 100)
@pattern("[A-Za-z0-9._-]+")
string MasterKeyLabel

@length(min: 1, max: 4096)
@pattern("/.*")
string FilePath

@pattern("[0-9]{12}")
string AccountId

@sensitive
string SecretAccessKey

@range(min: 1, max: 1000)
integer MaxResults

structure StoredAmount {
    @required count: Long
    @required bytes: Long
}

/// All versions count; delete markers do not.
structure BucketUsage {
    @required bucket: BucketName
    @required accountId: AccountId
    @required region: String
    /// That the signer wrote.
    @required signedObjects: StoredAmount
    @required otherObjects: StoredAmount
    /// Of uploads that are not complete.
    @required unfinishedParts: StoredAmount
}

list BucketUsages {
    member: BucketUsage
}

structure DamagedObject {
    @required bucket: BucketName
    @required key: String
    /// Absent for a part of an upload that is not complete.
    versionId: String
    /// Absent for an object that is one piece.
    partNumber: Integer
    /// For people.
    @required problem: String
}

list DamagedObjects {
    member: DamagedObject
}

@length(min: 1, max: 63)
string BucketName

@length(min: 1, max: 4096)
string ScrubToken

@error("client") @httpError(400)
structure ValidationException {
    message: String
}

/// The account id is taken.
@error("client") @httpError(409)
structure ConflictException {
    message: String
}
