// SPDX-License-Identifier: Apache-2.0

#include "gateway/form_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/testing/arriving.h"

namespace firmsign::gateway {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string Field(std::string_view name, std::string_view value) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" + std::string(value) +
         "\r\n";
}
std::string File(std::string_view bytes, std::string_view file_name = "firmware.bin") {
  return "--b\r\nContent-Type: a/b\r\ncontent-disposition: form-data; name=file; filename=\"" + std::string(file_name) +
         "\"\r\n\r\n" + std::string(bytes) + "\r\n";
}

struct Outcome {
  std::string error;  // its code
  FormFields form;
  std::string file;
};

Outcome ReadForm(const std::string& body, std::size_t step = 1 << 20, std::size_t read_bytes = 1000) {
  Arriving source(body, step);
  FormReader reader(source, "b");
  auto fields = reader.ReadFields();
  if (!fields) return {.error = std::string(CodeName(fields.error().code))};
  Outcome outcome{.form = *std::move(fields)};
  std::string buffer(read_bytes, '\0');
  while (true) {
    const auto count = reader.Read(buffer);
    if (!count) return {.error = std::string(CodeName(count.error().code))};
    if (*count == 0) return outcome;
    outcome.file.append(buffer, 0, *count);
  }
}

TEST(FormReader, ReadsFieldsAndTheFileHoweverTheyCome) {
  // Bytes that look like the beginning of a delimiter.
  const std::string file = "\r\n--\r\n--a\r\r\n-" + std::string(3000, '\0') + "\r\n--";
  const std::string body = Field("Key", "a/${filename}") + Field("x", "") + Field("y", "1\r\n2") + File(file) +
                           Field("after", "is passed over") + "--b--\r\n";
  for (const std::size_t step : {1UZ, 2UZ, 3UZ, 7UZ, 64UZ, 1UZ << 20}) {
    for (const std::size_t read_bytes : {1UZ, 5UZ, 4096UZ}) {
      const Outcome outcome = ReadForm(body, step, read_bytes);
      EXPECT_EQ(outcome.error, "");
      EXPECT_THAT(outcome.form.fields, ElementsAre(Pair("key", "a/${filename}"), Pair("x", ""), Pair("y", "1\r\n2")));
      EXPECT_EQ(outcome.form.file_name, "firmware.bin");
      EXPECT_EQ(outcome.file, file);
    }
  }
}

TEST(FormReader, TakesTheNameOfTheFileAlone) {
  for (const auto& [given, name] : {std::pair("/etc/passwd", "passwd"), std::pair("C:\\builds\\a b.bin", "a b.bin"),
                                    std::pair("..\\..\\x", "x"), std::pair("", ""), std::pair("a/", "")}) {
    EXPECT_EQ(ReadForm(File("", given) + "--b--").form.file_name, name) << given;
  }
}

TEST(FormReader, RefusesWhatIsNoForm) {
  EXPECT_EQ(ReadForm("").error, "invalid");
  EXPECT_EQ(ReadForm("preamble\r\n" + File("x") + "--b--").error, "invalid");
  EXPECT_EQ(ReadForm("--c\r\n").error, "invalid");
  EXPECT_EQ(ReadForm(Field("key", "k")).error, "invalid");
  EXPECT_EQ(ReadForm(Field("key", "k") + "--b--\r\n").error, "not_found");
  EXPECT_EQ(ReadForm(Field("key", "k") + Field("KEY", "l") + File("x") + "--b--").error, "invalid");
  EXPECT_EQ(ReadForm(Field("", "k") + File("x") + "--b--").error, "invalid");
  EXPECT_EQ(ReadForm("--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--").error, "invalid");
  EXPECT_EQ(ReadForm("--b\r\nContent-Disposition: form-data; name=\"key\r\n\r\nx\r\n--b--").error, "invalid");
  EXPECT_EQ(ReadForm("--bx\r\n" + File("x") + "--b--").error, "invalid");
  EXPECT_EQ(ReadForm(File("x")).error, "invalid") << "no end";
  EXPECT_EQ(ReadForm(Field("key", std::string(kFormFieldsBytesMax, 'k')) + File("x") + "--b--").error, "exhausted");
  EXPECT_EQ(ReadForm("--b\r\nContent-Disposition: form-data; name=\"" + std::string(1 << 20, 'k')).error, "exhausted");
  EXPECT_EQ(ReadForm(Field("key", std::string(kFormFieldsBytesMax - 300, 'k')) + File("x") + "--b--").error, "");
}

TEST(FormBoundary, IsReadFromTheContentType) {
  EXPECT_EQ(FormBoundary("multipart/form-data; boundary=----WebKitFormBoundary7MA4"), "----WebKitFormBoundary7MA4");
  EXPECT_EQ(FormBoundary("Multipart/Form-Data;charset=utf-8; Boundary=\"a b\""), "a b");
  for (const char* type :
       {"", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a",
        "multipart/form-data; boundary=\"a", "multipart/form-data;;",
        "multipart/form-data; boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_EQ(FormBoundary(type), std::nullopt) << type;
  }
}

}  // namespace
}  // namespace firmsign::gateway
