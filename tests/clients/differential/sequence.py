# SPDX-License-Identifier: Apache-2.0
"""What every client does, step by step, in a region where nothing is yet, and what the server has to answer.

A step names an operation of Signer and its input, in the names of the wire. `${name}` in a text stands for a variable:
those of the task, and those that a step before saved from its output. {"$time": s} is a moment, {"$bytes": b} are
bytes in base64. `while` repeats the call for as long as these members have these values; `pages` walks through all pages
of this member. Expected is a status, for errors with the type of the exception and, where AWS has one, its sub-code, and
members of the output; what else is in the output has to be the same for all clients.
"""

import base64

IOT = "AWSIoTDeviceManagement-SHA256-ECDSA"
FREERTOS = "AmazonFreeRTOS-Default"
TI = "AmazonFreeRTOS-TI-CC3220SF"
LAMBDA = "AWSLambda-SHA384-ECDSA"
NOTATION = "Notation-OCI-SHA384-ECDSA"
PLATFORMS = [IOT, LAMBDA, TI, FREERTOS, NOTATION]
UUID = "12345678-1234-1234-1234-123456789012"
PAYLOAD_FORMAT = "application/vnd.cncf.notary.payload.v1+json"
PAYLOAD = (b'{"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":'
           b'"sha256:9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0","size":942}}')
YEAR_2020, YEAR_2100 = 1577836800, 4102444800

STEPS = []


def step(name, operation, expect=None, **more):
    STEPS.append({"name": name, "operation": operation, "input": {}, "expect": expect or {}, **more})


def refused(status, error, code=None):
    return {"status": status, "error": error, **({"code": code} if code else {})}


def invalid(code=None):
    return refused(400, "ValidationException", code)


MISSING_PROFILE = refused(404, "ResourceNotFoundException", "ProfileNotFound")
MISSING = refused(404, "ResourceNotFoundException")
DENIED = refused(403, "AccessDeniedException")


def material(certificate="certificate"):
    return {"signingMaterial": {"certificateArn": f"${{{certificate}}}"}}


def profile_arn(name):
    return f"arn:aws:signer:${{region}}:${{account}}:/signing-profiles/{name}"


# ---- platforms

step("platforms", "ListSigningPlatforms", {"output": {"pages": [2, 2, 1]}}, input={"maxResults": 2}, pages="platforms")
step("platforms of a partner", "ListSigningPlatforms", input={"partner": "AmazonFreeRTOS"})
step("platforms of a target", "ListSigningPlatforms", input={"target": "SHA256-ECDSA"})
step("platforms of a category", "ListSigningPlatforms", input={"category": "AWS"})
step("platforms by three filters", "ListSigningPlatforms",
     input={"category": "AWS", "partner": "AmazonFreeRTOS", "target": "SHA1-RSA-TISHA1"})
step("platforms of nobody", "ListSigningPlatforms", {"output": {"platforms": []}}, input={"partner": "nobody"})
step("platforms, none a page", "ListSigningPlatforms", invalid(), input={"maxResults": 0})
step("platforms, too many a page", "ListSigningPlatforms", invalid(), input={"maxResults": 26})
step("platforms, a token made up", "ListSigningPlatforms", invalid(), input={"nextToken": "made up"})
for one in PLATFORMS:
    step(f"platform {one}", "GetSigningPlatform", input={"platformId": one}, expect={"output": {
        "platformId": one, "revocationSupported": one in (LAMBDA, NOTATION)}})
step("platform of the guide's sample", "GetSigningPlatform", MISSING, input={"platformId": "AmazonFreeRTOS"})

# ---- profiles

step("no profiles", "ListSigningProfiles", {"output": {"profiles": []}})
step("put iot", "PutSigningProfile", save={"iot_version": "profileVersion"},
     input={"profileName": "iot", "platformId": IOT, **material(),
            "signingParameters": {"certname": "device.crt", "größe": "über 1 MiB"}, "tags": {"team": "boot", "stage": ""}})
step("put freertos", "PutSigningProfile",
     input={"profileName": "freertos", "platformId": FREERTOS, **material(),
            "overrides": {"signingImageFormat": "JSONDetached",
                          "signingConfiguration": {"encryptionAlgorithm": "ECDSA", "hashAlgorithm": "SHA256"}}})
step("put ti", "PutSigningProfile", input={"profileName": "ti", "platformId": TI, **material("rsa_certificate")})
step("put a key that does not fit", "PutSigningProfile",
     input={"profileName": "unfit", "platformId": IOT, **material("rsa_certificate")})
step("put lambda", "PutSigningProfile", save={"lambda_version": "profileVersion"},
     input={"profileName": "lambda", "platformId": LAMBDA, "signatureValidityPeriod": {"value": 5, "type": "YEARS"}})
step("put notation", "PutSigningProfile",
     save={"notation_version": "profileVersion", "notation_arn": "profileVersionArn"},
     input={"profileName": "notation", "platformId": NOTATION})
step("put a name twice", "PutSigningProfile", invalid("ProfileAlreadyExists"),
     input={"profileName": "iot", "platformId": IOT, **material()})
step("put on an unknown platform", "PutSigningProfile", MISSING,
     input={"profileName": "other", "platformId": "AmazonFreeRTOS", **material()})
step("put without a certificate", "PutSigningProfile", invalid(), input={"profileName": "other", "platformId": IOT})
step("put with an unknown certificate", "PutSigningProfile", invalid(), input={
    "profileName": "other", "platformId": IOT,
    "signingMaterial": {"certificateArn": f"arn:aws:acm:${{region}}:${{account}}:certificate/{UUID}"}})
step("put with another account's certificate", "PutSigningProfile", invalid(), input={
    "profileName": "other", "platformId": IOT,
    "signingMaterial": {"certificateArn": f"arn:aws:acm:${{region}}:999999999999:certificate/{UUID}"}})
step("put with a certificate that is no ARN", "PutSigningProfile", invalid(),
     input={"profileName": "other", "platformId": IOT, "signingMaterial": {"certificateArn": "certificate"}})
step("put a name with a blank", "PutSigningProfile", invalid(),
     input={"profileName": "a b", "platformId": IOT, **material()})
step("put a name with a path", "PutSigningProfile", invalid(),
     input={"profileName": "../etc", "platformId": IOT, **material()})
step("put a name that is too long", "PutSigningProfile", invalid(),
     input={"profileName": "p" * 65, "platformId": IOT, **material()})
step("put a hash of another platform", "PutSigningProfile", invalid(),
     input={"profileName": "other", "platformId": IOT, **material(),
            "overrides": {"signingConfiguration": {"hashAlgorithm": "SHA1"}}})
step("put an unknown format", "PutSigningProfile", invalid(),
     input={"profileName": "other", "platformId": IOT, **material(), "overrides": {"signingImageFormat": "PNG"}})
step("put a validity that is too long", "PutSigningProfile", invalid(), input={
    "profileName": "other", "platformId": LAMBDA, "signatureValidityPeriod": {"value": 136, "type": "MONTHS"}})
step("put a reserved tag", "PutSigningProfile", invalid(),
     input={"profileName": "other", "platformId": IOT, **material(), "tags": {"aws:tag": "x"}})
step("put no tags", "PutSigningProfile", invalid(),
     input={"profileName": "other", "platformId": IOT, **material(), "tags": {}})
for one in ("iot", "freertos", "ti", "lambda", "notation"):
    step(f"get {one}", "GetSigningProfile", {"output": {"profileName": one, "status": "Active"}},
         input={"profileName": one})
step("get by its owner", "GetSigningProfile", input={"profileName": "iot", "profileOwner": "${account}"})
step("get of nobody", "GetSigningProfile", invalid(), input={"profileName": "iot", "profileOwner": "12"})
step("get unknown", "GetSigningProfile", MISSING_PROFILE, input={"profileName": "other"})
step("profiles", "ListSigningProfiles", {"output": {"pages": [4, 2]}}, input={"maxResults": 4}, pages="profiles")
step("profiles of a platform", "ListSigningProfiles", input={"platformId": TI})
step("profiles of two statuses", "ListSigningProfiles", input={"statuses": ["Active", "Canceled"]})
step("profiles of an unknown status", "ListSigningProfiles", invalid(), input={"statuses": ["Active", "Lost"]})
step("profiles, too many a page", "ListSigningProfiles", invalid(), input={"maxResults": 26})

# ---- jobs


def start(name, profile, expect=None, key="image", version="version", prefix="signed/", **more):
    input_more = more.pop("input", {})
    step(name, "StartSigningJob", expect, **more, input={
        "profileName": profile, "source": {"s3": {"bucketName": "${bucket}", "key": key, "version": f"${{{version}}}"}},
        "destination": {"s3": {"bucketName": "${bucket}", "prefix": prefix}}, **input_more})


def end(job, status="Succeeded", reason="Signing Succeeded"):
    step(f"end of {job}", "DescribeSigningJob", {"output": {"status": status, "statusReason": reason}},
         input={"jobId": f"${{{job}}}"}, **{"while": {"status": "InProgress"}})


step("no jobs", "ListSigningJobs", {"output": {"jobs": []}})
start("start iot", "iot", input={"clientRequestToken": "token-1"}, save={"iot_job": "jobId"})
end("iot_job")
start("the same token again", "iot", {"output": {"jobId": "${iot_job}"}}, input={"clientRequestToken": "token-1"})
start("the same token for something else", "iot", invalid(), prefix="elsewhere/",
      input={"clientRequestToken": "token-1"})
start("start with the owner", "iot", input={"profileOwner": "${account}"}, save={"owned_job": "jobId"})
end("owned_job")
for one in ("freertos", "ti"):
    start(f"start {one}", one, save={f"{one}_job": "jobId"})
    end(f"{one}_job")
start("start with an unfit key", "unfit", save={"unfit_job": "jobId"})
end("unfit_job", "Failed", "can't identify EC private key.")
start("start lambda", "lambda", key="function.zip", version="zip_version", save={"lambda_job": "jobId"})
end("lambda_job")
start("start with an unknown profile", "other", MISSING)
start("start with an object that is not there", "iot", DENIED, key="other")
start("start with a prefix that is too long", "iot", invalid(), prefix="p" * 1024)
start("start with a token that is too long", "iot", invalid(), input={"clientRequestToken": "t" * 2000})
start("start with a name that is no name", "a/b", invalid())
step("start without a version", "StartSigningJob", invalid(), input={
    "profileName": "iot", "source": {"s3": {"bucketName": "${bucket}", "key": "image"}},
    "destination": {"s3": {"bucketName": "${bucket}"}}})
step("start without a destination", "StartSigningJob", invalid(), input={
    "profileName": "iot", "source": {"s3": {"bucketName": "${bucket}", "key": "image", "version": "${version}"}}})
step("start into a bucket that is not there", "StartSigningJob", DENIED, input={
    "profileName": "iot", "source": {"s3": {"bucketName": "${bucket}", "key": "image", "version": "${version}"}},
    "destination": {"s3": {"bucketName": "no-such-bucket-here"}}})
step("describe unknown", "DescribeSigningJob", MISSING, input={"jobId": UUID})
step("describe what is no id", "DescribeSigningJob", MISSING, input={"jobId": "../" + UUID})

step("jobs", "ListSigningJobs", {"output": {"pages": [2, 2, 2]}}, input={"maxResults": 2}, pages="jobs")
for filters in ({"status": "Failed"}, {"status": "Succeeded"}, {"status": "InProgress"}, {"platformId": IOT},
                {"platformId": "other"}, {"requestedBy": "arn:aws:iam::${account}:root"},
                {"requestedBy": "arn:aws:iam::${account}:user/nobody"}, {"isRevoked": True}, {"isRevoked": False},
                {"jobInvoker": "${account}"}, {"jobInvoker": "999999999999"},
                {"signatureExpiresAfter": {"$time": YEAR_2020}}, {"signatureExpiresBefore": {"$time": YEAR_2020}},
                {"signatureExpiresAfter": {"$time": YEAR_2020}, "signatureExpiresBefore": {"$time": YEAR_2100}},
                {"status": "Succeeded", "platformId": IOT, "jobInvoker": "${account}", "isRevoked": False}):
    step(f"jobs by {filters}", "ListSigningJobs", input=filters)
step("jobs of an unknown status", "ListSigningJobs", invalid(), input={"status": "Lost"})
step("jobs of an invoker that is none", "ListSigningJobs", invalid(), input={"jobInvoker": "12"})
step("jobs, none a page", "ListSigningJobs", invalid(), input={"maxResults": 0})
step("jobs, a token made up", "ListSigningJobs", invalid(), input={"nextToken": "made up"})

# ---- payloads

payload = {"profileName": "notation", "payload": {"$bytes": base64.b64encode(PAYLOAD).decode()},
           "payloadFormat": PAYLOAD_FORMAT}
step("sign a payload", "SignPayload", save={"payload_job": "jobId"}, input=payload)
step("describe the payload's job", "DescribeSigningJob", {"output": {"status": "Succeeded"}}, needs="SignPayload",
     input={"jobId": "${payload_job}"})
step("sign a payload of another format", "SignPayload", invalid(), input={**payload, "payloadFormat": "text/plain"})
step("sign a payload with an IoT profile", "SignPayload", invalid(), input={**payload, "profileName": "iot"})
step("sign a payload that is too long", "SignPayload", invalid(),
     input={**payload, "payload": {"$bytes": base64.b64encode(b"x" * 4097).decode()}})
step("sign with an unknown profile", "SignPayload", MISSING, input={**payload, "profileName": "other"})

# ---- tags

step("tag", "TagResource", input={"resourceArn": profile_arn("iot"), "tags": {"team": "kernel", "a/b=c:d.e-f": "grün"}})
step("tags", "ListTagsForResource", {"output": {"tags": {"team": "kernel", "stage": "", "a/b=c:d.e-f": "grün"}}},
     input={"resourceArn": profile_arn("iot")})
step("untag", "UntagResource", input={"resourceArn": profile_arn("iot"), "tagKeys": ["stage", "a/b=c:d.e-f", "none"]})
step("tags after untag", "GetSigningProfile", {"output": {"tags": {"team": "kernel"}}}, input={"profileName": "iot"})
step("tags of a profile without any", "ListTagsForResource", input={"resourceArn": profile_arn("ti")})
step("tag an unknown profile", "TagResource", refused(404, "NotFoundException"),
     input={"resourceArn": profile_arn("other"), "tags": {"a": "b"}})
step("tags of an unknown profile", "ListTagsForResource", refused(404, "NotFoundException"),
     input={"resourceArn": profile_arn("other")})
step("untag an unknown profile", "UntagResource", refused(404, "NotFoundException"),
     input={"resourceArn": profile_arn("other"), "tagKeys": ["a"]})
step("tag what is no ARN", "TagResource", refused(400, "BadRequestException"),
     input={"resourceArn": "profile", "tags": {"a": "b"}})
step("tag with a reserved key", "TagResource", invalid(),
     input={"resourceArn": profile_arn("iot"), "tags": {"aws:a": "b"}})
step("tag with a value that is too long", "TagResource", invalid(),
     input={"resourceArn": profile_arn("iot"), "tags": {"a": "b" * 257}})
step("untag nothing", "UntagResource", invalid(),
     input={"resourceArn": profile_arn("iot"), "tagKeys": []})

# ---- permissions


def permission(name, expect=None, profile="lambda", **more):
    save = {"save": more.pop("save")} if "save" in more else {}
    step(name, "AddProfilePermission", expect, **save, input={
        "profileName": profile, "action": "signer:StartSigningJob", "principal": "${account}",
        "statementId": "first", **more})


step("no permissions", "ListProfilePermissions", refused(404, "ResourceNotFoundException", "PolicyNotFound"),
     input={"profileName": "lambda"})
permission("permit with a revision before there is one", invalid(), revisionId=UUID)
permission("permit", save={"revision": "revisionId"})
permission("permit the same again", {"output": {"revisionId": "${revision}"}})
permission("permit something else under the same name", invalid(), action="signer:GetSigningProfile",
           revisionId="${revision}")
permission("permit without a revision", invalid(), statementId="second")
permission("permit with a stale revision", refused(409, "ConflictException", "PolicyRevisionIdMismatch"),
           statementId="second", revisionId=UUID)
permission("permit a version", statementId="second", revisionId="${revision}", profileVersion="${lambda_version}",
           action="signer:RevokeSignature", save={"revision": "revisionId"})
permission("permit an unknown version", refused(404, "ResourceNotFoundException", "ProfileVersionNotFound"),
           statementId="third", revisionId="${revision}", profileVersion="AbCdEfGhIj")
permission("permit an unknown action", invalid(), statementId="third", revisionId="${revision}",
           action="signer:CancelSigningProfile")
permission("permit nobody", invalid("InvalidPrincipal"), statementId="third", revisionId="${revision}", principal="*")
permission("permit an unknown account", refused(404, "ResourceNotFoundException"), statementId="third",
           revisionId="${revision}", principal="999999999999")
permission("permit under no name", invalid("InvalidPermissionStatement"), statementId="a b", revisionId="${revision}")
permission("permit for an unknown profile", MISSING_PROFILE, profile="other")
step("permissions", "ListProfilePermissions", input={"profileName": "lambda"})
step("remove with a stale revision", "RemoveProfilePermission",
     refused(409, "ConflictException", "PolicyRevisionIdMismatch"),
     input={"profileName": "lambda", "statementId": "first", "revisionId": UUID})
step("remove an unknown permission", "RemoveProfilePermission",
     refused(404, "ResourceNotFoundException", "PolicyNotFound"),
     input={"profileName": "lambda", "statementId": "other", "revisionId": "${revision}"})
step("remove", "RemoveProfilePermission", save={"revision": "revisionId"},
     input={"profileName": "lambda", "statementId": "first", "revisionId": "${revision}"})
step("permissions after one was removed", "ListProfilePermissions", input={"profileName": "lambda"})
step("remove the last", "RemoveProfilePermission",
     input={"profileName": "lambda", "statementId": "second", "revisionId": "${revision}"})
step("no permissions any more", "ListProfilePermissions", refused(404, "ResourceNotFoundException", "PolicyNotFound"),
     input={"profileName": "lambda"})

# ---- the end of profiles and signatures

step("cancel", "CancelSigningProfile", input={"profileName": "freertos"})
step("cancel twice", "CancelSigningProfile", input={"profileName": "freertos"})
step("cancel unknown", "CancelSigningProfile", MISSING_PROFILE, input={"profileName": "other"})
step("get canceled", "GetSigningProfile", {"output": {"status": "Canceled"}}, input={"profileName": "freertos"})
start("start with a canceled profile", "freertos", invalid("ProfileNotActive"))
step("put a canceled name", "PutSigningProfile", invalid("ProfileAlreadyExists"),
     input={"profileName": "freertos", "platformId": FREERTOS, **material()})
permission("permit for a canceled profile", invalid("ProfileNotActive"), profile="freertos")
step("active profiles", "ListSigningProfiles")
step("profiles with canceled ones", "ListSigningProfiles", input={"includeCanceled": True})
step("canceled profiles", "ListSigningProfiles", input={"statuses": ["Canceled"]})

step("revoke a signature", "RevokeSignature", input={"jobId": "${lambda_job}", "reason": "a bug"})
step("describe the revoked", "DescribeSigningJob", input={"jobId": "${lambda_job}"})
step("revoked jobs", "ListSigningJobs", input={"isRevoked": True})
step("revoke a signature that cannot be", "RevokeSignature", invalid(), input={"jobId": "${iot_job}", "reason": "a bug"})
step("revoke an unknown signature", "RevokeSignature", MISSING, input={"jobId": UUID, "reason": "a bug"})
step("revoke without words", "RevokeSignature", invalid(), input={"jobId": "${lambda_job}", "reason": ""})

revocation = {"profileName": "notation", "profileVersion": "${notation_version}", "reason": "the key is out",
              "effectiveTime": {"$time": YEAR_2020}}
step("revoke an unknown version", "RevokeSigningProfile",
     refused(404, "ResourceNotFoundException", "ProfileVersionNotFound"),
     input={**revocation, "profileVersion": "AbCdEfGhIj"})
step("revoke in the future", "RevokeSigningProfile", invalid(),
     input={**revocation, "effectiveTime": {"$time": YEAR_2100}})
step("revoke an unknown profile", "RevokeSigningProfile", MISSING, input={**revocation, "profileName": "other"})
for client in ("signer", "signer-data"):
    more = {} if client == "signer" else {"client": client}
    status = {"signatureTimestamp": {"$time": YEAR_2020 + 86400}, "platformId": NOTATION,
              "profileVersionArn": "${notation_arn}", "certificateHashes": ["0" * 96 + "1" * 96, "2" * 192],
              "jobArn": f"arn:aws:signer:${{region}}:${{account}}:/signing-jobs/{UUID}"}
    step(f"nothing is revoked, {client}", "GetRevocationStatus", {"output": {"revokedEntities": []}}, input=status,
         **more)
    step(f"revocation of Lambda, {client}", "GetRevocationStatus", invalid(),
         input={**status, "platformId": LAMBDA, "profileVersionArn": profile_arn("lambda/${lambda_version}")}, **more)
step("revoke a profile", "RevokeSigningProfile", input=revocation)
step("get revoked", "GetSigningProfile", {"output": {"status": "Revoked"}}, input={"profileName": "notation"})
step("sign with a revoked profile", "SignPayload", invalid("ProfileNotActive"), input=payload)
step("cancel a revoked profile", "CancelSigningProfile", invalid(), input={"profileName": "notation"})
for client in ("signer", "signer-data"):
    step(f"the profile is revoked, {client}", "GetRevocationStatus",
         {"output": {"revokedEntities": ["${notation_arn}"]}}, **({} if client == "signer" else {"client": client}),
         input={"signatureTimestamp": {"$time": YEAR_2020 + 86400}, "platformId": NOTATION,
                "profileVersionArn": "${notation_arn}", "certificateHashes": ["2" * 192],
                "jobArn": f"arn:aws:signer:${{region}}:${{account}}:/signing-jobs/{UUID}"})
step("all profiles in the end", "ListSigningProfiles", input={"statuses": ["Active", "Canceled", "Revoked"]})
