// SPDX-License-Identifier: Apache-2.0
//
// What programs do with the object store by the SDK for JavaScript v3: a task in JSON in, a line a step out, and `done`.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import { Readable } from "node:stream";
import * as sdk from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const task = JSON.parse(readFileSync(0, "utf8"));
const options = {
  endpoint: task.endpoint,
  region: task.region,
  credentials: { accessKeyId: task.key, secretAccessKey: task.secret },
  maxAttempts: 1,
};
// Buckets in the host name: every name is this machine.
const agent = task.port && new http.Agent({
  keepAlive: true,
  lookup: (_, { all }, found) => (all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4)),
});
if (agent) {
  options.endpoint = `${task.endpoint}:${task.port}`;
  options.requestHandler = { httpAgent: agent };
}
const client = new sdk.S3Client(options);
const Bucket = task.bucket;
const send = (operation, input) => client.send(new sdk[`${operation}Command`]({ Bucket, ...input }));

async function refused(code, status, operation, input) {
  await assert.rejects(send(operation, input), (error) => {
    assert.equal(error.name, code);
    assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });
}

async function body(answer) {
  return Buffer.from(await answer.Body.transformToByteArray());
}

const steps = {
  async "objects of every size, their checksums verified by the client"() {
    for (const size of [0, 1, 100_000, 3 << 20]) {
      const data = randomBytes(size);
      const put = await send("PutObject", { Key: `size-${size}`, Body: data });
      assert.equal(put.ETag, `"${createHash("md5").update(data).digest("hex")}"`);
      assert.ok(put.ChecksumCRC32 && put.VersionId);
      assert.deepEqual(await body(await send("GetObject", { Key: `size-${size}` })), data);
    }
  },
  async "every checksum that the client can make"() {
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"]) {
      const put = await send("PutObject", { Key: ChecksumAlgorithm, Body: "image", ChecksumAlgorithm });
      const got = await send("GetObject", { Key: ChecksumAlgorithm, ChecksumMode: "ENABLED" });
      assert.equal(got[`Checksum${ChecksumAlgorithm}`], put[`Checksum${ChecksumAlgorithm}`]);
      assert.equal((await body(got)).toString(), "image");
    }
  },
  async "a stream, whose checksum comes behind it"() {
    const data = randomBytes(300_000);
    const pieces = Readable.from([data.subarray(0, 7), data.subarray(7, 200_000), data.subarray(200_000)]);
    await send("PutObject", { Key: "stream", Body: pieces, ContentLength: data.length });
    assert.deepEqual(await body(await send("GetObject", { Key: "stream" })), data);
    assert.deepEqual(await body(await send("GetObject", { Key: "stream", Range: "bytes=100-199" })), data.subarray(100, 200));
  },
  async "conditions"() {
    await send("PutObject", { Key: "once", Body: "1", IfNoneMatch: "*" });
    await refused("PreconditionFailed", 412, "PutObject", { Key: "once", Body: "2", IfNoneMatch: "*" });
    const { ETag } = await send("HeadObject", { Key: "once" });
    await send("PutObject", { Key: "once", Body: "3", IfMatch: ETag });
    await refused("PreconditionFailed", 412, "PutObject", { Key: "once", Body: "4", IfMatch: ETag });
  },
  async "versions and delete markers"() {
    const ids = [];
    for (const text of ["a", "b"]) ids.push((await send("PutObject", { Key: "versions", Body: text })).VersionId);
    const marker = await send("DeleteObject", { Key: "versions" });
    assert.equal(marker.DeleteMarker, true);
    await refused("NoSuchKey", 404, "GetObject", { Key: "versions" });
    const listed = await send("ListObjectVersions", { Prefix: "versions" });
    assert.deepEqual(listed.Versions.map((one) => one.VersionId), ids.reverse());
    assert.equal((await body(await send("GetObject", { Key: "versions", VersionId: ids[1] }))).toString(), "a");
  },
  async "parts"() {
    const Key = "big/ümläut +.bin";
    const parts = [randomBytes(5 << 20), randomBytes(1000)];
    const { UploadId } = await send("CreateMultipartUpload", { Key });
    const Parts = [];
    for (const [i, data] of parts.entries()) {
      const { ETag, ChecksumCRC32 } = await send("UploadPart", { Key, UploadId, PartNumber: i + 1, Body: data });
      Parts.push({ PartNumber: i + 1, ETag, ChecksumCRC32 });
    }
    assert.equal((await send("ListParts", { Key, UploadId })).Parts.length, 2);
    await send("CompleteMultipartUpload", { Key, UploadId, MultipartUpload: { Parts } });
    assert.deepEqual(await body(await send("GetObject", { Key })), Buffer.concat(parts));
    await send("CopyObject", { Key: "copy", CopySource: encodeURI(`${Bucket}/${Key}`).replace("+", "%2B") });
    assert.equal((await send("HeadObject", { Key: "copy" })).ContentLength, (5 << 20) + 1000);
  },
  async "pages of a list, and its deletion at once"() {
    const found = [];
    for await (const page of sdk.paginateListObjectsV2({ client, pageSize: 3 }, { Bucket })) {
      found.push(...page.Contents.map((one) => one.Key));
    }
    assert.equal(found.length, 12);
    assert.deepEqual(found, [...found].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const gone = await send("DeleteObjects", { Delete: { Objects: found.map((Key) => ({ Key })) } });
    assert.equal(gone.Deleted.length, found.length);
    assert.equal((await send("ListObjectsV2", {})).KeyCount, 0);
  },
  async "presigned addresses"() {
    if (agent) return; // fetch() asks the resolver
    const data = randomBytes(5000);
    const up = await getSignedUrl(client, new sdk.PutObjectCommand({ Bucket, Key: "presigned" }), { expiresIn: 60 });
    assert.equal((await fetch(up, { method: "PUT", body: data })).status, 200);
    const down = await getSignedUrl(client, new sdk.GetObjectCommand({ Bucket, Key: "presigned" }), { expiresIn: 60 });
    const answer = await fetch(down);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), data);
  },
};

for (const [name, step] of Object.entries(steps)) {
  console.log(name);
  await step();
}
client.destroy();
console.log("done");
