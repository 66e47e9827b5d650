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
    operations: [CreateAccount, ListAccounts, RotateCodeSigningKey]
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

@pattern("[0-9]{12}")
string AccountId

@sensitive
string SecretAccessKey

@range(min: 1, max: 1000)
integer MaxResults

@error("client") @httpError(400)
structure ValidationException {
    message: String
}

/// The account id is taken.
@error("client") @httpError(409)
structure ConflictException {
    message: String
}
