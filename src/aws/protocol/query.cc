// SPDX-License-Identifier: Apache-2.0
//
// awsQuery, as IAM and STS speak it: an HTML form in, indented XML out (contract 09-iam-sts §9.1).
//
// A form is a flat list of paths: `Tags.member.1.Key=a`. It is sorted once; whether a structure or list is present is a
// question of whether a path begins with its prefix.

#include <algorithm>
#include <charconv>
#include <utility>

#include "aws/protocol/codecs.h"
#include "aws/protocol/rest_binding.h"
#include "aws/protocol/scalar_text.h"
#include "aws/protocol/xml_body.h"
#include "base/encoding.h"

namespace firmsign::aws {
namespace {

using Read = std::expected<void, Malformed>;

// Forms come from anybody who may sign; recursion and list sizes are bounded by the number of parameters.
constexpr std::size_t kParametersMax = 10000;

class Form {
 public:
  // Malformed: broken percent-encoding, a name given twice, too many parameters.
  static std::expected<Form, Malformed> Decode(std::string_view text) {
    Form form;
    while (!text.empty()) {
      const auto piece = text.substr(0, text.find('&'));
      text.remove_prefix(std::min(piece.size() + 1, text.size()));
      if (piece.empty()) continue;
      const auto equals = piece.find('=');
      auto name = DecodePercent(piece.substr(0, equals), true);
      auto value =
          DecodePercent(equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1), true);
      if (!name || !value) return std::unexpected(Malformed{"The form is not percent-encoded."});
      if (form.fields_.size() == kParametersMax) return std::unexpected(Malformed{"The form has too many parameters."});
      form.fields_.emplace_back(*std::move(name), *std::move(value));
    }
    std::sort(form.fields_.begin(), form.fields_.end());
    const auto twice = std::adjacent_find(form.fields_.begin(), form.fields_.end(),
                                          [](const auto& a, const auto& b) { return a.first == b.first; });
    if (twice != form.fields_.end()) return std::unexpected(Malformed{"The form names a parameter twice."});
    return form;
  }

  const std::string* Find(std::string_view name) const {
    const auto found = LowerBound(name);
    return found != fields_.end() && found->first == name ? &found->second : nullptr;
  }

  bool HasPrefix(std::string_view prefix) const {
    const auto found = LowerBound(prefix);
    return found != fields_.end() && found->first.starts_with(prefix);
  }

  // The numbers N of the paths that begin with `prefix` + N, in order. Malformed: something else than a number there.
  std::expected<std::vector<std::int64_t>, Malformed> Numbers(std::string_view prefix) const {
    std::vector<std::int64_t> numbers;
    for (auto at = LowerBound(prefix); at != fields_.end() && at->first.starts_with(prefix); ++at) {
      const auto rest = std::string_view(at->first).substr(prefix.size());
      const auto digits = rest.substr(0, rest.find('.'));
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      // One spelling each: `member.01` beside `member.1` would be two values of one element.
      if (error != std::errc() || end != digits.data() + digits.size() || number < 1 || digits.front() == '0') {
        return std::unexpected(Malformed{"A list of the form is not numbered."});
      }
      numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
  }

 private:
  std::vector<std::pair<std::string, std::string>>::const_iterator LowerBound(std::string_view name) const {
    return std::lower_bound(fields_.begin(), fields_.end(), name,
                            [](const auto& field, std::string_view wanted) { return field.first < wanted; });
  }

  std::vector<std::pair<std::string, std::string>> fields_;
};

class FormReader {
 public:
  FormReader(const Form& form, std::vector<Violation>& violations) : form_(form), violations_(violations) {}

  // `prefix` is where the members' names begin: empty or ending with a point.
  Read Structure(const Shape& shape, const std::string& prefix, void* object, const std::string& path) {
    for (const auto& member : shape.members) {
      const auto name = prefix + std::string(WireName(member));
      if (form_.Find(name) == nullptr && !form_.HasPrefix(name + ".")) {
        if (member.required) violations_.push_back(NullViolation(path, member.name));
        continue;
      }
      auto read = Any(*member.shape, name, member.flattened, member.emplace(object), JoinPath(path, member.name));
      if (!read) return read;
    }
    return {};
  }

 private:
  Read Any(const Shape& shape, const std::string& name, bool flattened, void* value, const std::string& path) {
    switch (shape.kind) {
      case Kind::kStructure: return Structure(shape, name + ".", value, path);
      case Kind::kList: return List(shape, flattened ? name + "." : name + "." + ElementName(shape) + ".", value, path);
      case Kind::kMap: return Map(flattened ? name + "." : name + ".entry.", *static_cast<StringMap*>(value));
      default: {
        const auto* text = form_.Find(name);
        if (text == nullptr || !ParseScalar(shape, *text, value)) {
          return Refuse("The parameter " + name + " does not hold a value of its type.");
        }
        return {};
      }
    }
  }

  static std::string ElementName(const Shape& list) {
    return list.element_wire_name.empty() ? "member" : std::string(list.element_wire_name);
  }

  Read List(const Shape& shape, const std::string& prefix, void* value, const std::string& path) {
    auto numbers = form_.Numbers(prefix);
    if (!numbers) return std::unexpected(std::move(numbers).error());
    std::size_t position = 0;
    for (const auto number : *numbers) {
      auto read = Any(*shape.element, prefix + std::to_string(number), false, shape.list->append(value),
                      ElementPath(path, ++position));
      if (!read) return read;
    }
    return {};
  }

  Read Map(const std::string& prefix, StringMap& map) {
    auto numbers = form_.Numbers(prefix);
    if (!numbers) return std::unexpected(std::move(numbers).error());
    for (const auto number : *numbers) {
      const auto entry = prefix + std::to_string(number);
      const auto* key = form_.Find(entry + ".key");
      const auto* text = form_.Find(entry + ".value");
      if (key == nullptr || text == nullptr) return Refuse("An entry of the form's map has no key or no value.");
      if (!map.emplace(*key, *text).second) return Refuse("A map of the form has a key twice.");
    }
    return {};
  }

  const Form& form_;
  std::vector<Violation>& violations_;
};

class Query final : public Codec {
 public:
  Read Parse(const OperationDescriptor& operation, const WireRequest& request, void* input,
             std::vector<Violation>& violations) const override {
    // A presigned GetCallerIdentity has its parameters in the URL.
    auto form = Form::Decode(request.body.empty() ? request.query : request.body);
    if (!form) return std::unexpected(std::move(form).error());
    return FormReader(*form, violations).Structure(*operation.input, {}, input, {});
  }

  http::Response Write(const OperationDescriptor& operation, const void* output,
                       std::string_view request_id) const override {
    auto response = Begin(operation.success_status, request_id);
    std::string body;
    xml::Writer writer(body, /*indent=*/true);
    const std::string name(operation.name);
    writer.Begin(name + "Response", operation.service->xml_namespace);
    if (operation.has_output_shape) {
      writer.Begin(name + "Result");
      WriteXmlMembers(*operation.output, output, false, XmlTimes::kSeconds, writer);
      writer.End();
    }
    writer.Begin("ResponseMetadata");
    writer.Leaf("RequestId", request_id);
    writer.End();
    writer.End();
    response.body = std::move(body);
    return response;
  }

  http::Response WriteError(const ServiceDescriptor& service, const ApiError& error, std::string_view request_id,
                            bool head_only) const override {
    auto response = Begin(error.shape->http_status, request_id);
    for (const auto& [name, value] : error.headers) response.headers.Set(name, value);
    if (head_only) return response;
    std::string body;
    xml::Writer writer(body, /*indent=*/true);
    writer.Begin("ErrorResponse", service.xml_namespace);
    writer.Begin("Error");
    writer.Leaf("Type", error.shape->http_status < 500 ? "Sender" : "Receiver");
    writer.Leaf("Code", WireCode(*error.shape));
    writer.Leaf("Message", error.message);
    for (const auto& [name, value] : error.extras) writer.Leaf(name, value);
    writer.End();
    writer.Leaf("RequestId", request_id);
    writer.End();
    response.body = std::move(body);
    return response;
  }

 private:
  static http::Response Begin(int status, std::string_view request_id) {
    http::Response response{.status = status};
    response.headers.Add("x-amzn-RequestId", std::string(request_id));
    response.headers.Add("Content-Type", "text/xml");
    return response;
  }
};

}  // namespace

const Codec& QueryCodec() {
  static const Query codec;
  return codec;
}

}  // namespace firmsign::aws
