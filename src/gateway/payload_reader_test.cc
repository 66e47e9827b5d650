// SPDX-License-Identifier: Apache-2.0

#include "gateway/payload_reader.h"
#include "gateway/testing/arriving.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/testing/services.h"

namespace firmsign::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

http::RequestHead UploadHead(const std::string& sha256, std::optional<std::uint64_t> length,
                             const std::string& decoded_length = "") {
  http::RequestHead head;
  head.method = "PUT";
  head.target = "/bucket/key";
  head.content_length = length;
  if (!sha256.empty()) head.headers.Add("x-amz-content-sha256", sha256);
  if (!decoded_length.empty()) head.headers.Add("x-amz-decoded-content-length", decoded_length);
  return head;
}

// Everything that a reader hands out, then "!" and the client's error code when it failed.
std::string ReadAll(PayloadReader& reader) {
  std::string all;
  char buffer[5];
  while (true) {
    const auto count = reader.Read(buffer);
    if (!count) return all + "!" + std::string(reader.failure()->shape->wire_code);
    if (*count == 0) return all;
    all.append(buffer, *count);
  }
}

std::string ReadAll(const http::RequestHead& head, const std::string& body) {
  const auto rules = MakePayloadRules(head, nullptr, SecretBytes());
  if (!rules) return "!!" + std::string(rules.error().shape->wire_code);
  Arriving source(body);
  PayloadReader reader(source, *rules, s3::kService);
  return ReadAll(reader);
}

TEST(PayloadReader, HandsOutABodyWhoseHashAgrees) {
  const std::string body = "the bytes of an image";
  EXPECT_EQ(ReadAll(UploadHead(crypto::Sha256Hex(body), body.size()), body), body);
  EXPECT_EQ(ReadAll(UploadHead("UNSIGNED-PAYLOAD", body.size()), body), body);
  EXPECT_EQ(ReadAll(UploadHead("", body.size()), body), body);
  EXPECT_EQ(ReadAll(UploadHead(crypto::Sha256Hex(""), 0), ""), "");
}

TEST(PayloadReader, KnowsTheHashOfWhatItRead) {
  Arriving source("abc");
  PayloadReader reader(source, *MakePayloadRules(UploadHead("UNSIGNED-PAYLOAD", 3), nullptr, SecretBytes()),
                       s3::kService);
  EXPECT_EQ(ReadAll(reader), "abc");
  EXPECT_EQ(reader.sha256(), crypto::DigestOf(crypto::Hash::kSha256, "abc"));
  EXPECT_EQ(reader.declared_bytes(), 3U);
  char more[1];
  EXPECT_EQ(*reader.Read(more), 0U) << "the end stays the end";
}

TEST(PayloadReader, RefusesABodyWhoseHashDiffers) {
  EXPECT_EQ(ReadAll(UploadHead(crypto::Sha256Hex("abc"), 3), "abd"), "abd!XAmzContentSHA256Mismatch");
}

TEST(PayloadReader, RefusesABodyOfAnotherLength) {
  EXPECT_EQ(ReadAll(UploadHead("UNSIGNED-PAYLOAD", 4), "abc"), "abc!IncompleteBody");
  EXPECT_EQ(ReadAll(UploadHead("UNSIGNED-PAYLOAD", 2), "abc"), "!IncompleteBody");
}

TEST(PayloadReader, RefusesABodyThatBreaksOff) {
  Arriving source("abc");
  source.breaks = true;
  PayloadReader reader(source, *MakePayloadRules(UploadHead("UNSIGNED-PAYLOAD", 3), nullptr, SecretBytes()),
                       s3::kService);
  EXPECT_EQ(ReadAll(reader), "abc!IncompleteBody");
  EXPECT_EQ(reader.failure()->cause, "the client left");
}

TEST(PayloadReader, RefusesWordsThatAreNoHash) {
  EXPECT_EQ(ReadAll(UploadHead("nonsense", 3), "abc"), "!!InvalidArgument");
  EXPECT_EQ(ReadAll(UploadHead(std::string(64, 'g'), 3), "abc"), "!!InvalidArgument");
  EXPECT_EQ(ReadAll(UploadHead("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", 3, "3"), "abc"), "!!NotImplemented");
}

TEST(PayloadReader, UndoesUnsignedChunksAndTheirTrailer) {
  Arriving source("3\r\nabc\r\n4\r\ndefg\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
  PayloadReader reader(
      source, *MakePayloadRules(UploadHead("STREAMING-UNSIGNED-PAYLOAD-TRAILER", {}, "7"), nullptr, SecretBytes()),
      s3::kService);
  EXPECT_EQ(ReadAll(reader), "abcdefg");
  EXPECT_THAT(reader.trailers(), ElementsAre(Pair("x-amz-checksum-crc32", "AAAAAA==")));
  EXPECT_EQ(reader.sha256(), crypto::DigestOf(crypto::Hash::kSha256, "abcdefg"));
}

TEST(PayloadReader, RefusesChunksThatEndEarlyOrDisagreeWithTheirLength) {
  const auto read = [](const char* length, const char* body) {
    return ReadAll(UploadHead("STREAMING-UNSIGNED-PAYLOAD-TRAILER", {}, length), body);
  };
  EXPECT_THAT(read("3", "3\r\nabc\r\n"), HasSubstr("!IncompleteBody"));
  EXPECT_THAT(read("4", "3\r\nabc\r\n0\r\n\r\n"), HasSubstr("!IncompleteBody"));
  EXPECT_THAT(read("2", "3\r\nabc\r\n0\r\n\r\n"), HasSubstr("!IncompleteBody"));
  EXPECT_THAT(read("3", "x\r\nabc\r\n0\r\n\r\n"), HasSubstr("!InvalidRequest"));
  EXPECT_THAT(read("3", "3\r\nabc\r\n0\r\n\r\nmore"), HasSubstr("!InvalidRequest"));
}

TEST(PayloadReader, WantsEveryTrailerThatWasAnnounced) {
  http::RequestHead head = UploadHead("STREAMING-UNSIGNED-PAYLOAD-TRAILER", {}, "3");
  head.headers.Add("x-amz-trailer", "X-Amz-Checksum-CRC32");
  EXPECT_EQ(ReadAll(head, "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"), "abc");
  EXPECT_EQ(ReadAll(head, "3\r\nabc\r\n0\r\n\r\n"), "abc!MalformedTrailerError");
  EXPECT_EQ(ReadAll(head, "3\r\nabc\r\n0\r\nx-amz-checksum-sha1:AAAAAA==\r\n\r\n"), "abc!MalformedTrailerError");
}

TEST(PayloadReader, NeedsTheDecodedLengthOfChunks) {
  for (const char* length : {"", "-1", "x", "3 "}) {
    EXPECT_EQ(ReadAll(UploadHead("STREAMING-UNSIGNED-PAYLOAD-TRAILER", 20, length), ""), "!!MissingContentLength")
        << length;
  }
}

TEST(PayloadReader, NeedsASignedRequestForSignedChunks) {
  EXPECT_EQ(ReadAll(UploadHead("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", {}, "3"), ""), "!!InvalidRequest");
}

// contract 08-s3 §8.4.
class SignedChunks : public testing::Test {
 protected:
  SignedChunks() {
    claim.amz_date = "20260921T141320Z";
    claim.scope = {.date = "20260921", .region = "us-east-1", .service = "s3"};
    claim.signature = std::string(64, '1');
  }
  std::string Chunk(const std::string& data) {
    const std::string text =
        fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", claim.amz_date, claim.scope.str(),
                    previous.empty() ? claim.signature : previous, crypto::Sha256Hex(""), crypto::Sha256Hex(data));
    previous = sigv4::Sign(key, text);
    return fmt::format("{:x};chunk-signature={}\r\n{}\r\n", data.size(), previous, data);
  }
  // Each signature follows from the one before; the operands of a sum may be evaluated in any order.
  std::string Chunks(std::initializer_list<std::string> data) {
    std::string body;
    for (const std::string& one : data) body += Chunk(one);
    return body;
  }
  std::string Read(const std::string& body, const char* length) {
    const auto rules = MakePayloadRules(UploadHead("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", {}, length), &claim, key);
    if (!rules) return "!!" + std::string(rules.error().shape->wire_code);
    Arriving source(body, 11);
    PayloadReader reader(source, *rules, s3::kService);
    return ReadAll(reader);
  }

  sigv4::Claim claim;
  SecretBytes key{std::string(32, 'k')};
  std::string previous;
};

TEST_F(SignedChunks, AreHandedOutWhenTheirSignaturesAgree) {
  const std::string body = Chunks({"hello ", "world", ""});
  EXPECT_EQ(Read(body, "11"), "hello world");
}

TEST_F(SignedChunks, AreRefusedBeforeAByteOfAForgedOneIsHandedOut) {
  std::string body = Chunks({"hello ", "world", ""});
  body.replace(body.find("world"), 5, "w0rld");
  EXPECT_EQ(Read(body, "11"), "hello !SignatureDoesNotMatch");
}

TEST_F(SignedChunks, AreRefusedInAnotherOrder) {
  const std::string one = Chunk("hello ");
  const std::string two = Chunk("world");
  EXPECT_EQ(Read(two + one + Chunk(""), "11"), "!SignatureDoesNotMatch");
}

TEST_F(SignedChunks, AreRefusedWithoutTheLastOne) { EXPECT_EQ(Read(Chunk("hello "), "6"), "hello !IncompleteBody"); }

}  // namespace
}  // namespace firmsign::gateway
