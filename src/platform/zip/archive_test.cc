// SPDX-License-Identifier: Apache-2.0
//
// The vectors were made by tests/vectors/zip/make.sh with Python, Info-ZIP and Java.

#include "platform/zip/archive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/testing/vectors.h"
#include "platform/zip/layout.h"

namespace firmsign::zip {
namespace {

Source SourceOf(const std::string& bytes, std::size_t piece_max = 1 << 20) {
  return {.size = bytes.size(), .read_at = [&bytes, piece_max](std::uint64_t offset, std::span<char> out) {
            const std::size_t at = std::min<std::size_t>(offset, bytes.size());
            const std::size_t count = std::min({out.size(), bytes.size() - at, piece_max});
            std::memcpy(out.data(), bytes.data() + at, count);
            return Expected<std::size_t>(count);
          }};
}

struct Content {
  std::vector<std::pair<std::string, std::string>> entries;  // name and body
  std::string raw;
  std::string tail;

  friend bool operator==(const Content& a, const Content& b) { return a.entries == b.entries; }
};

Expected<Content> ReadAll(const std::string& bytes, const Limits& limits = {}, std::size_t piece_max = 1 << 20) {
  ASSIGN_OR_RETURN(const Archive archive, Archive::Open(SourceOf(bytes, piece_max), limits));
  Content content{.tail = std::string(archive.tail())};
  RETURN_IF_ERROR(archive.Read({.entry = [&](std::string_view name) -> Expected<void> {
                                  content.entries.emplace_back(name, "");
                                  return {};
                                },
                                .body = [&](std::string_view piece) -> Expected<void> {
                                  content.entries.back().second += piece;
                                  return {};
                                },
                                .raw = [&](std::string_view piece) -> Expected<void> {
                                  content.raw += piece;
                                  return {};
                                }}));
  return content;
}

std::string ZipVector(const std::string& name) { return crypto::Vector("zip/" + name + ".zip"); }

std::string ErrorOf(const std::string& bytes, const Limits& limits = {}) {
  auto content = ReadAll(bytes, limits);
  if (content) return "accepted";
  EXPECT_EQ(content.error().code, Code::kInvalid);
  return content.error().message;
}

// An archive of stored entries as our own writer makes it, to be damaged.
std::string MakeArchive(const std::vector<NewEntry>& entries) {
  const std::string seed = ZipVector("with-folder");
  std::string out;
  const Archive archive = *Archive::Open(SourceOf(seed));
  EXPECT_TRUE(archive.Read({.raw = [&](std::string_view piece) -> Expected<void> {
    out += piece;
    return {};
  }}));
  EXPECT_TRUE(
      archive.WriteTailWith(entries, InstantFromSeconds(1'790'000'000), [&](std::string_view piece) -> Expected<void> {
        out += piece;
        return {};
      }));
  return out;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos);
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string ExtraField(std::uint16_t id, std::string_view content) {
  std::string field;
  Put(field, id, 2);
  Put(field, content.size(), 2);
  return field.append(content);
}

// A Unicode name for the entry `of`.
std::string OtherName(std::string_view of, std::string_view name) {
  std::string content = "\x01";
  Put(content, crypto::Crc32(of), 4);
  return ExtraField(kExtraUnicodePath, content.append(name));
}

// An archive of one stored entry with these extra fields in both of its headers; its lengths before or behind it.
std::string OneEntry(std::string_view name, std::string_view body, std::string_view extras, bool is_streamed = false) {
  const auto put_header = [&](std::string& out, bool is_told) {
    Put(out, 20, 2);
    Put(out, is_streamed ? kFlagDescriptor : 0, 2);
    Put(out, kStored, 2);
    Put(out, 0, 4);
    Put(out, is_told ? crypto::Crc32(body) : 0, 4);
    Put(out, is_told ? body.size() : 0, 4);
    Put(out, is_told ? body.size() : 0, 4);
    Put(out, name.size(), 2);
    Put(out, extras.size(), 2);
  };
  std::string out;
  Put(out, kLocalMagic, 4);
  put_header(out, !is_streamed);
  out.append(name).append(extras).append(body);
  if (is_streamed) {
    Put(out, kDescriptorMagic, 4);
    Put(out, crypto::Crc32(body), 4);
    Put(out, body.size(), 4);
    Put(out, body.size(), 4);
  }
  const std::size_t directory = out.size();
  Put(out, kRecordMagic, 4);
  Put(out, 20, 2);
  put_header(out, true);
  out.append(14, '\0');  // comment, disk, attributes, offset
  out.append(name).append(extras);
  const std::size_t directory_bytes = out.size() - directory;
  out += "PK\x05\x06";
  Put(out, 0, 4);
  Put(out, 1, 2);
  Put(out, 1, 2);
  Put(out, directory_bytes, 4);
  Put(out, directory, 4);
  Put(out, 0, 2);
  return out;
}

TEST(Archive, RefusesExtraFieldsThatReadersUnderstandDifferently) {
  EXPECT_EQ(ErrorOf(OneEntry("good.txt", "hello", "")), "accepted");
  EXPECT_EQ(ErrorOf(OneEntry("good.txt", "hello", OtherName("good.txt", "good.txt"))), "accepted");
  EXPECT_NE(ErrorOf(OneEntry("good.txt", "hello", OtherName("good.txt", "evil.txt"))), "accepted");
  EXPECT_NE(
      ErrorOf(OneEntry("good.txt", "hello", OtherName("good.txt", "good.txt") + OtherName("good.txt", "evil.txt"))),
      "accepted");
  EXPECT_NE(
      ErrorOf(OneEntry("good.txt", "hello", OtherName("good.txt", "good.txt") + OtherName("good.txt", "good.txt"))),
      "accepted");
  EXPECT_NE(ErrorOf(OneEntry("good.txt", "hello", ExtraField(kExtraZip64, "") + ExtraField(kExtraZip64, ""))),
            "accepted");
  EXPECT_NE(ErrorOf(OneEntry("good.txt", "hello", ExtraField(0x5455, "12345").substr(0, 8))), "accepted")
      << "a field that is cut off hides what follows from some readers";
}

TEST(Archive, RefusesAStoredBodyInWhichAReaderFromTheFrontFindsItsEnd) {
  EXPECT_EQ(ErrorOf(OneEntry("good.txt", "hello", "", true)), "accepted");
  const std::string magic = "PK\x07\x08";
  EXPECT_EQ(ErrorOf(OneEntry("good.txt", "hello" + magic, "")), "accepted") << "its length stands before it";
  for (const std::size_t at : {0U, 5U, 65'533U, 65'536U}) {  // also across two pieces
    EXPECT_NE(ErrorOf(OneEntry("good.txt", std::string(at, 'x') + magic + "more", "", true)), "accepted") << at;
  }
}

TEST(Archive, TellsALongNameShort) {
  std::string bytes = OneEntry(std::string(60'000, 'a'), "hello", "");
  EXPECT_LT(ErrorOf("x" + bytes).size(), 1000U);
  const std::size_t offset_at = bytes.size() - 22 - 60'000 - 4;
  bytes[offset_at] = 1;  // the record says that the entry begins elsewhere
  EXPECT_LT(ErrorOf(bytes).size(), 1000U);
}

TEST(Archive, ReadsWhatOtherSoftwareMakesToTheSameContent) {
  std::istringstream lines(crypto::Vector("zip/digests.txt"));
  int count = 0;
  for (std::string name, expected; lines >> name >> expected; ++count) {
    const std::string bytes = crypto::Vector("zip/" + name);
    auto content = ReadAll(bytes);
    ASSERT_TRUE(content) << name << ": " << content.error().message;
    EXPECT_EQ(content->raw + content->tail, bytes) << name;
    crypto::Digest digest(crypto::Hash::kSha384);
    bool has_folder = false;
    for (const auto& [entry, body] : content->entries) {
      digest.Update(entry);
      digest.Update(body);
      has_folder = has_folder || entry == "META_INF/";
    }
    if (!has_folder) digest.Update("META_INF/");
    EXPECT_EQ(EncodeHex(digest.Finish()), expected) << name;
    EXPECT_EQ(*ReadAll(bytes, {}, 7), *content) << name << " by short reads";
  }
  EXPECT_EQ(count, 10);
}

TEST(Archive, RefusesOtherFormsInWordsThatHelp) {
  const struct {
    const char* name;
    const char* message;
  } cases[] = {
      {"empty", "the zip archive is empty: there is nothing to sign in it"},
      {"encrypted", "the zip archive is refused: entry \"handler.py\" is encrypted; make the archive again without"},
      {"bzip2",
       "the zip archive is refused: entry \"handler.py\" is compressed by method 12; only deflate and none are "
       "understood"},
      {"twice",
       "the zip archive is refused: the name \"handler.py\" comes twice in it; make the archive again with one"},
      {"zip64",
       "the zip archive is refused: entry \"handler.py\" is in zip64 form, which an archive of this size does not "
       "need"},
      {"prefix",
       "the zip archive is refused: its directory is not where its end says; remove what was put before the archive, "
       "or make it again"},
      {"prefix-adjusted",
       "the zip archive is refused: entry \"handler.py\" is not where it should begin: entries overlap, are out of "
       "order, or something lies before them; make the archive again"},
  };
  for (const auto& c : cases) EXPECT_EQ(ErrorOf(ZipVector(c.name)), c.message);
  EXPECT_EQ(ErrorOf("firmware"), "the file is no zip archive: give a .zip file");
  EXPECT_EQ(ErrorOf(std::string(100, 'x')), "the file is no zip archive: give a .zip file");
  EXPECT_EQ(ErrorOf(""), "the file is no zip archive: give a .zip file");
}

TEST(Archive, RefusesBytesThatBelongToNoEntry) {
  const std::string good = ZipVector("with-folder");
  EXPECT_NE(ErrorOf(good + "x"), "accepted");
  EXPECT_NE(ErrorOf(good.substr(0, good.size() - 1)), "accepted");
  EXPECT_NE(ErrorOf(good.substr(1)), "accepted");
  EXPECT_NE(ErrorOf(good + good), "accepted");
  const std::string comment = ZipVector("python");
  EXPECT_NE(ErrorOf(Replaced(comment, "a comment of the archive", "a comment PK\x05\x06 the archive")), "accepted");
}

// Whatever byte is changed: it is noticed, or what is signed stays as it was.
TEST(Archive, NoByteChangesTheContentUnnoticed) {
  for (const char* name : {"with-folder", "comment", "info-zip-stdin", "python-zip64-extra"}) {
    const std::string good = ZipVector(name);
    const auto read = ReadAll(good);
    ASSERT_TRUE(read) << name << ": " << read.error().message;
    const Content& expected = *read;
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (const char flip : {'\x01', '\x08', '\xff'}) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ flip);
        auto content = ReadAll(bad);
        if (content) EXPECT_EQ(*content, expected) << name << " byte " << i;
      }
    }
    for (std::size_t length = 0; length < good.size(); ++length) {
      EXPECT_FALSE(ReadAll(good.substr(0, length))) << name << " cut to " << length;
    }
  }
}

TEST(Archive, NoticesADamagedDeflatedBody) {
  const std::string good = ZipVector("info-zip");
  for (const std::size_t at : {5000u, 20'000u, 60'000u}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    EXPECT_TRUE(ErrorOf(bad).starts_with("the zip archive is damaged, make it again: ")) << ErrorOf(bad);
  }
}

TEST(Archive, RefusesNamesThatReadersUnderstandDifferently) {
  const std::string good = MakeArchive({{.name = "name.txt", .body = "text"}});
  ASSERT_TRUE(ReadAll(good));
  const std::string nul("na\0e.txt", 8);
  EXPECT_EQ(ErrorOf(Replaced(good, "name.txt", nul)),
            "the zip archive is refused: the name of entry \"na\" is not plain UTF-8 text; make the archive again with "
            "such names");
  EXPECT_NE(ErrorOf(Replaced(good, "name.txt", "na\xffme.tx")), "accepted");
  // Another name in the local header alone.
  std::string bad = good;
  bad.replace(bad.find("name.txt"), 8, "game.txt");
  EXPECT_EQ(ErrorOf(bad), "the zip archive is damaged, make it again: another name in entry \"name.txt\"");
}

TEST(Archive, ShowsLongNamesCutBetweenCharacters) {
  std::string name = "x";
  while (name.size() < 60'000) name += "\u00fc";
  const std::string bytes = MakeArchive({{.name = name, .body = "longer text"}});
  ASSERT_TRUE(ReadAll(bytes));
  const std::string message = ErrorOf(bytes, {.body_bytes_max = 6});
  EXPECT_LT(message.size(), 300u);
  EXPECT_TRUE(IsUtf8(message));
  EXPECT_TRUE(message.ends_with("\u00fc\" is too large")) << message;
}

TEST(Archive, RefusesEntriesThatOverlap) {
  const std::string good = MakeArchive({{.name = "one", .body = "text"}, {.name = "two", .body = "text"}});
  // The record of "two" points at "one".
  const std::size_t one = good.rfind("one") - 4;
  const std::size_t two = good.rfind("two") - 4;
  std::string bad = good;
  bad.replace(two, 4, good, one, 4);
  EXPECT_TRUE(ErrorOf(bad).find("entries overlap") != std::string::npos) << ErrorOf(bad);
  // The records of "one" and "two" point at each other's entries.
  bad.replace(one, 4, good, two, 4);
  EXPECT_TRUE(ErrorOf(bad).find("out of order") != std::string::npos) << ErrorOf(bad);
}

TEST(Archive, KeepsToItsLimits) {
  const std::string bytes = ZipVector("info-zip");
  EXPECT_TRUE(ReadAll(bytes, {.entries_max = 6}));
  EXPECT_NE(ErrorOf(bytes, {.entries_max = 5}).find("at most 5"), std::string::npos);
  EXPECT_NE(ErrorOf(bytes, {.directory_bytes_max = 100}).find("at most"), std::string::npos);
  EXPECT_EQ(ErrorOf(bytes, {.body_bytes_max = 178'000}),
            "the zip archive is refused: its entries have more than 178000 bytes when they are inflated");
  EXPECT_NE(ErrorOf(bytes, {.body_bytes_max = 100'000}).find("is too large"), std::string::npos);
}

TEST(Archive, DoesNotInflateMoreThanItsDirectoryStates) {
  std::string bytes = ZipVector("python");
  // handler.py has 15,000 bytes; both headers are made to say 14,999.
  std::string from;
  std::string to;
  Put(from, 15'000, 4);
  Put(to, 14'999, 4);
  EXPECT_EQ(ErrorOf(Replaced(bytes, from, to)),
            "the zip archive is damaged, make it again: the body is longer than stated in entry \"handler.py\"");
  to.clear();
  Put(to, 15'001, 4);
  EXPECT_EQ(ErrorOf(Replaced(bytes, from, to)),
            "the zip archive is damaged, make it again: a body with a wrong CRC or length in entry \"handler.py\"");
}

TEST(Archive, PassesOnWhatSourceAndVisitorReturn) {
  const std::string bytes = ZipVector("python");
  Source failing = SourceOf(bytes);
  failing.read_at = [&](std::uint64_t offset, std::span<char> out) -> Expected<std::size_t> {
    if (offset < 100) return Fail(Code::kUnavailable, "the disk is away");
    return SourceOf(bytes).read_at(offset, out);
  };
  const Archive archive = *Archive::Open(failing);
  EXPECT_EQ(archive.Read({}).error().code, Code::kUnavailable);

  const Archive good = *Archive::Open(SourceOf(bytes));
  auto read = good.Read({.body = [](std::string_view) { return Fail(Code::kInvalid, "the visitor's own"); }});
  EXPECT_EQ(read.error().message, "the visitor's own");

  Source longer = SourceOf(bytes);
  longer.size -= 1;
  EXPECT_EQ(Archive::Open(longer).error().code, Code::kCorrupt);
  Source shorter = SourceOf(bytes);
  shorter.size += 1;
  EXPECT_EQ(Archive::Open(shorter).error().code, Code::kCorrupt);
}

TEST(Archive, AppendsEntriesAndKeepsAllElse) {
  const std::string seed = ZipVector("python");
  const Archive archive = *Archive::Open(SourceOf(seed));
  EXPECT_TRUE(archive.Contains("handler.py"));
  EXPECT_FALSE(archive.Contains("new.txt"));
  std::string out = seed.substr(0, seed.size() - archive.tail().size());
  const std::vector<NewEntry> entries = {{.name = "folder/"}, {.name = "folder/gr\u00fc\u00dfe", .body = "text"}};
  ASSERT_TRUE(archive.WriteTailWith(entries, *ParseIso8601("2026-11-25T22:39:31Z"),
                                    [&](std::string_view piece) -> Expected<void> {
                                      out += piece;
                                      return {};
                                    }));
  Content before = *ReadAll(seed);
  const Content after = *ReadAll(out);
  before.entries.emplace_back("folder/", "");
  before.entries.emplace_back("folder/gr\u00fc\u00dfe", "text");
  EXPECT_EQ(after, before);
  EXPECT_TRUE(out.ends_with("a comment of the archive"));
  // 22:39:30 on 25 November 2026 in DOS's form: seconds have a step of two.
  std::string modified;
  Put(modified, 22U << 11 | 39U << 5 | 15U, 2);
  Put(modified, 46U << 9 | 11U << 5 | 25U, 2);
  EXPECT_NE(out.find(std::string("PK\x03\x04\x14\0\0\0\0\0", 10) + modified), std::string::npos);
}

}  // namespace
}  // namespace firmsign::zip
