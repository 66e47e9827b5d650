// SPDX-License-Identifier: Apache-2.0
//
// A form of any bytes, read in one piece and in little ones: the same fields and the same file, or the same refusal;
// what PutOfPost makes of it is a request for an object.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "gateway/form_reader.h"
#include "gateway/post_object.h"
#include "gateway/post_policy.h"
#include "gateway/testing/arriving.h"

namespace {

using firmsign::Code;
namespace gateway = firmsign::gateway;
namespace http = firmsign::http;

struct Outcome {
  std::optional<Code> error;
  gateway::FormFields form;
  std::string file;
};

Outcome ReadForm(std::string_view bytes, std::size_t step) {
  gateway::Arriving source(std::string(bytes), step);
  gateway::FormReader reader(source, "b");
  auto form = reader.ReadFields();
  if (!form) return {.error = form.error().code};
  Outcome outcome{.form = *std::move(form)};
  std::string buffer(step + 1, '\0');
  while (true) {
    const auto count = reader.Read(buffer);
    if (!count) return {.error = count.error().code};
    if (*count == 0) return outcome;
    outcome.file.append(buffer, 0, *count);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = ReadForm(bytes, 1 << 20);
  const Outcome little = ReadForm(bytes, 3);
  CHECK(whole.error == little.error);
  CHECK(whole.form.fields == little.form.fields && whole.file == little.file);
  if (whole.error) return 0;
  http::RequestHead head;
  head.method = "POST";
  head.target = "/bucket";
  if (const auto put = gateway::PutOfPost(head, whole.form)) {
    CHECK(put->method == "PUT" && put->target.size() > 8 && put->target.starts_with("/bucket/"));
    CHECK(put->query().empty());
    for (const auto& field : put->headers) CHECK(field.value.find_first_of("\r\n") == std::string::npos);
  }
  static_cast<void>(
      gateway::JudgePost(whole.form.Find("policy").value_or(""), whole.form, "bucket", firmsign::Instant()));
  return 0;
}
