// SPDX-License-Identifier: Apache-2.0
//
// AWS Security Token Service, API version 2011-06-15.

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
    operations: [GetCallerIdentity]
}

/// Tells who the caller is.
@audit("read")
@noIam("anybody authenticated may ask, even under an explicit deny")
operation GetCallerIdentity {
    input := {}
    output := {
        UserId: String
        Account: String
        Arn: arnType
    }
}

@length(min: 20, max: 2048)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+")
string arnType
