// SPDX-License-Identifier: Apache-2.0

#include "aws/sigv4/chunked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/json/json.h"

namespace firmsign::sigv4 {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// One case of tests/vectors/sigv4/chunked.json.
struct Vector {
  std::string name, body, data;
  ChunkedOptions options;
  std::vector<std::pair<std::string, std::string>> trailers;
};

std::string Text(const json::Value& value, const char* name) { return *value.Find(name)->AsString(); }

// The frames around data that is too long to store, written from the vector's own signatures.
std::string Rebuild(const json::Value& value, const std::string& fill, std::string& data) {
  std::string body;
  const auto& signatures = *value.Find("signatures")->AsArray();
  std::size_t next = 0;
  const auto frame = [&](std::int64_t size) {
    std::ostringstream head;
    head << std::hex << size << ";chunk-signature=" << *signatures[next++].AsString() << "\r\n";
    body += head.str();
    std::string chunk;
    for (std::int64_t i = 0; i < size; ++i) chunk += fill;
    data += chunk;
    if (size > 0) body += chunk + "\r\n";
  };
  for (const auto& size : *value.Find("chunk_bytes")->AsArray()) frame(*size.AsInt());
  frame(0);
  for (const auto& trailer : *value.Find("trailers")->AsArray()) {
    body += *(*trailer.AsArray())[0].AsString() + ":" + *(*trailer.AsArray())[1].AsString() + "\r\n";
  }
  if (next < signatures.size()) body += "x-amz-trailer-signature:" + *signatures[next].AsString() + "\r\n";
  return body + "\r\n";
}

std::vector<Vector> ReadVectors() {
  std::ifstream in(std::string(FIRMSIGN_SOURCE_DIR) + "/tests/vectors/sigv4/chunked.json", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  const auto file = json::Parse(text.str());
  EXPECT_TRUE(file);
  static const std::set<std::string> kUsed = {
      "name", "signed", "has_trailer", "secret",     "amz_date",    "scope",       "seed_signature", "chunk_bytes",
      "fill", "body",   "data",        "body_bytes", "body_sha256", "data_sha256", "signatures",     "trailers"};
  std::vector<Vector> vectors;
  for (const auto& value : *file->Find("cases")->AsArray()) {
    for (const auto& [name, unused] : *value.AsObject()) EXPECT_TRUE(kUsed.contains(name)) << "unused: " << name;
    Vector one;
    one.name = Text(value, "name");
    if (const auto fill = Text(value, "fill"); fill.empty()) {
      one.body = *DecodeBase64(Text(value, "body"));
      one.data = *DecodeBase64(Text(value, "data"));
    } else {
      one.body = Rebuild(value, fill, one.data);
    }
    EXPECT_EQ(static_cast<std::int64_t>(one.body.size()), *value.Find("body_bytes")->AsInt()) << one.name;
    EXPECT_EQ(crypto::Sha256Hex(one.body), Text(value, "body_sha256")) << one.name;
    EXPECT_EQ(crypto::Sha256Hex(one.data), Text(value, "data_sha256")) << one.name;
    one.options.signed_chunks = *value.Find("signed")->AsBool();
    one.options.has_trailer = *value.Find("has_trailer")->AsBool();
    one.options.amz_date = Text(value, "amz_date");
    one.options.scope = Text(value, "scope");
    one.options.seed_signature = Text(value, "seed_signature");
    const Scope scope{one.options.scope.substr(0, 8), "us-east-1", "s3"};
    EXPECT_EQ(scope.str(), one.options.scope);
    one.options.signing_key = SigningKey(SecretBytes(Text(value, "secret")), scope);
    for (const auto& trailer : *value.Find("trailers")->AsArray()) {
      one.trailers.emplace_back(*(*trailer.AsArray())[0].AsString(), *(*trailer.AsArray())[1].AsString());
    }
    vectors.push_back(std::move(one));
  }
  return vectors;
}

Vector FindVector(std::string_view name) {
  for (auto& one : ReadVectors()) {
    if (one.name == name) return one;
  }
  ADD_FAILURE() << "no vector " << name;
  return {};
}

struct Outcome {
  std::optional<Code> error;
  std::string data;
  bool finished = false;
};

Outcome Decode(const ChunkedOptions& options, std::string_view body, std::size_t step = std::string_view::npos) {
  ChunkedDecoder decoder(options);
  Outcome outcome;
  while (!body.empty()) {
    const auto piece = body.substr(0, step);
    body.remove_prefix(piece.size());
    if (auto fed = decoder.Feed(piece, outcome.data); !fed) {
      outcome.error = fed.error().code;
      return outcome;
    }
  }
  outcome.finished = decoder.finished();
  return outcome;
}

TEST(ChunkedDecoder, DecodesEveryVectorHoweverItIsSplit) {
  const auto vectors = ReadVectors();
  EXPECT_EQ(vectors.size(), 9U);
  for (const auto& one : vectors) {
    SCOPED_TRACE(one.name);
    for (const std::size_t step :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}, one.body.size()}) {
      const auto outcome = Decode(one.options, one.body, step);
      EXPECT_FALSE(outcome.error);
      EXPECT_TRUE(outcome.finished);
      EXPECT_EQ(outcome.data == one.data, true) << outcome.data.size() << " of " << one.data.size() << " bytes";
    }
    ChunkedDecoder decoder(one.options);
    std::string data;
    ASSERT_TRUE(decoder.Feed(one.body, data));
    EXPECT_EQ(decoder.trailers(), one.trailers);
    EXPECT_EQ(decoder.decoded_bytes(), one.data.size());
  }
}

TEST(ChunkedDecoder, NoticesEveryChangedByteOfASignedBody) {
  const auto one = FindVector("two trailers");
  for (std::size_t i = 0; i < one.body.size(); ++i) {
    auto body = one.body;
    body[i] ^= 0x01;
    const auto outcome = Decode(one.options, body);
    EXPECT_TRUE(outcome.error || !outcome.finished) << "byte " << i;
    EXPECT_TRUE(one.data.starts_with(outcome.data)) << "byte " << i;
  }
}

TEST(ChunkedDecoder, HandsOutNothingOfAChunkWhoseSignatureIsWrong) {
  auto one = FindVector("several small chunks");
  const auto second = one.body.find("\r\n \r\n");
  ASSERT_NE(second, std::string::npos);
  one.body[second + 2] = '_';
  const auto outcome = Decode(one.options, one.body);
  EXPECT_EQ(outcome.error, Code::kDenied);
  EXPECT_EQ(outcome.data, "hello");
}

TEST(ChunkedDecoder, RefusesChunksInAnotherOrderAndAnotherSeed) {
  const auto one = FindVector("several small chunks");
  auto options = one.options;
  options.seed_signature[0] = '1';
  EXPECT_EQ(Decode(options, one.body).error, Code::kDenied);
  options = one.options;
  options.amz_date = "20130524T000001Z";
  EXPECT_EQ(Decode(options, one.body).error, Code::kDenied);
  // "hello" twice: the second copy does not follow the first.
  const auto first = one.body.substr(0, one.body.find("hello\r\n") + 7);
  EXPECT_EQ(Decode(one.options, first + one.body).error, Code::kDenied);
}

TEST(ChunkedDecoder, IsNotFinishedBeforeTheLastByte) {
  for (const auto& one : ReadVectors()) {
    if (one.body.size() > 4096) continue;
    for (std::size_t length = 0; length < one.body.size(); ++length) {
      const auto outcome = Decode(one.options, std::string_view(one.body).substr(0, length));
      EXPECT_FALSE(outcome.error) << one.name << " " << length;
      EXPECT_FALSE(outcome.finished) << one.name << " " << length;
    }
  }
}

TEST(ChunkedDecoder, RefusesBytesAfterTheEndAndAfterAnError) {
  const auto one = FindVector("unsigned");
  EXPECT_EQ(Decode(one.options, one.body + "x").error, Code::kInvalid);
  ChunkedDecoder decoder(one.options);
  std::string out;
  EXPECT_FALSE(decoder.Feed("zz\r\n", out));
  EXPECT_FALSE(decoder.Feed(one.body, out));
  EXPECT_FALSE(decoder.finished());
}

TEST(ChunkedDecoder, RefusesBrokenFrames) {
  const ChunkedOptions plain{.has_trailer = true};
  for (const std::string bad :
       {"\r\n", "x\r\n", "-1\r\n", " 5\r\nhello\r\n", "5;a=b\r\nhello\r\n", "5 \r\nhello\r\n", "5\nhello\n",
        "5\r\nhelloX\r\n", "5\r\nhello\n0\r\n", "0x5\r\nhello\r\n", "fffffffffffffffff\r\n", "ffffffffffffff\r\n",
        "0\r\nno colon\r\n\r\n", "0\r\n:value\r\n\r\n", "0\r\na b:value\r\n\r\n", "0\r\na:b\rc\r\n\r\n",
        "0\r\nx-amz-trailer-signature:abc\r\n\r\n"}) {
    const auto outcome = Decode(plain, bad);
    EXPECT_EQ(outcome.error, Code::kInvalid) << bad;
    EXPECT_EQ(Decode(plain, bad, 1).error, Code::kInvalid) << bad;
  }
  EXPECT_EQ(Decode(ChunkedOptions{}, "0\r\na:b\r\n\r\n").error, Code::kInvalid) << "a trailer that was not announced";
  EXPECT_EQ(Decode(plain, std::string(5000, '0')).error, Code::kInvalid) << "a line without end";
  std::string many = "0\r\n";
  for (int i = 0; i < 17; ++i) many += "a" + std::to_string(i) + ":b\r\n";
  EXPECT_EQ(Decode(plain, many).error, Code::kInvalid) << "too many trailers";
}

TEST(ChunkedDecoder, RefusesSignedChunksWithoutOrWithMalformedSignatures) {
  auto options = FindVector("empty object").options;
  const std::string zeros(64, '0');
  for (const std::string& bad :
       {std::string("5\r\nhello\r\n"), std::string("5;chunk-signature=\r\n"), "5;chunk-signature=" + zeros + "0\r\n",
        "5;other=" + zeros + "\r\n", "5;chunk-signature=" + std::string(64, 'A') + "\r\n",
        "1000001;chunk-signature=" + zeros + "\r\n"}) {
    EXPECT_EQ(Decode(options, bad).error, Code::kInvalid) << bad;
  }
  EXPECT_EQ(Decode(options, "0;chunk-signature=" + zeros + "\r\n\r\n").error, Code::kDenied);
}

TEST(ChunkedDecoder, NeedsTheTrailerSignatureAtTheEnd) {
  const auto one = FindVector("empty object with a trailer");
  const auto begin = one.body.find("x-amz-trailer-signature");
  const auto signature = one.body.substr(begin, one.body.find("\r\n", begin) + 2 - begin);
  auto without = one.body;
  without.erase(begin, signature.size());
  EXPECT_EQ(Decode(one.options, without).error, Code::kInvalid);
  auto early = without;
  early.insert(early.find("x-amz-checksum"), signature);
  EXPECT_EQ(Decode(one.options, early).error, Code::kInvalid);
}

TEST(ChunkedDecoder, ReadsTrailersAsAwsDescribesThemToo) {
  const auto one = FindVector("empty object with a trailer");
  auto body = one.body;
  body.insert(body.find("\r\nx-amz-trailer-signature"), "\n");
  EXPECT_TRUE(Decode(one.options, body).finished);
}

TEST(ChunkedDecoder, LowersTrailerNames) {
  ChunkedDecoder decoder({.has_trailer = true});
  std::string out;
  ASSERT_TRUE(decoder.Feed("1\r\na\r\n0\r\nX-Amz-Checksum-CRC32: 6Le+Qw== \r\n\r\n", out));
  EXPECT_THAT(decoder.trailers(), ElementsAre(Pair("x-amz-checksum-crc32", "6Le+Qw==")));
  EXPECT_TRUE(decoder.finished());
}

}  // namespace
}  // namespace firmsign::sigv4
