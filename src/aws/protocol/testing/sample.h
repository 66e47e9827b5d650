// SPDX-License-Identifier: Apache-2.0
//
// A service that nobody offers: one struct with every kind of member, and one with every place in a rest request, with
// the descriptors that the generator would emit for them. For the tests and fuzz targets of the codecs.

#pragma once

#include "aws/operation.h"

namespace firmsign::aws::sample {

struct Tag {
  std::string key;
  std::optional<std::string> value;
};
struct Inner {
  std::string version;
  std::optional<std::int64_t> size;
};

// Every kind, in the body.
struct Everything {
  std::string name;
  std::optional<bool> flag;
  std::optional<std::int64_t> count;
  std::optional<double> ratio;
  std::optional<std::string> bytes;
  std::optional<SecretBytes> secret;
  std::optional<Instant> at;
  std::optional<Inner> inner;
  std::optional<std::vector<std::string>> words;
  std::optional<std::vector<Tag>> tags;
  std::optional<std::vector<Tag>> flat;
  std::optional<StringMap> labels;
};

// Every place.
struct Bound {
  std::string bucket;
  std::optional<std::string> key;
  std::optional<std::int64_t> limit;
  std::optional<std::vector<std::string>> statuses;
  std::optional<Instant> before;
  std::optional<std::string> type;
  std::optional<Instant> since;
  std::optional<std::vector<std::string>> attributes;
  std::optional<StringMap> metadata;
  std::optional<Everything> document;
};

// An answer in headers alone.
struct Facts {
  std::optional<std::int64_t> length;
  std::optional<Instant> modified;
  std::optional<std::string> etag;
  std::optional<std::vector<std::string>> attributes;
  std::optional<StringMap> metadata;
};
struct Raw {
  std::string bucket;
  std::optional<std::string> text;
};
struct Location {
  std::optional<std::string> constraint;
};
struct Nothing {};

inline constexpr Shape kString{.kind = Kind::kString, .name = "String"};
inline constexpr Shape kBoolean{.kind = Kind::kBoolean, .name = "Boolean"};
inline constexpr Shape kLong{.kind = Kind::kLong, .name = "Long"};
inline constexpr Shape kDouble{.kind = Kind::kDouble, .name = "Double"};
inline constexpr Shape kBlob{.kind = Kind::kBlob, .name = "Blob"};
inline constexpr Shape kSecret{.kind = Kind::kSecretBlob, .name = "Secret"};
inline constexpr Shape kTimestamp{.kind = Kind::kTimestamp, .name = "Timestamp"};
inline constexpr Shape kMap{.kind = Kind::kMap, .name = "Map", .element = &kString, .key = &kString};
inline constexpr Shape kWords{
    .kind = Kind::kList, .name = "Words", .element = &kString, .list = &kListAccess<std::string>};

template <auto Field>
constexpr Member Make(std::string_view name, const Shape& shape, aws::Location location = aws::Location::kBody,
                      std::string_view wire_name = {}) {
  return {.name = name,
          .wire_name = wire_name.empty() ? name : wire_name,
          .location = location,
          .shape = &shape,
          .get = &Access<Field>::Get,
          .emplace = &Access<Field>::Emplace};
}
constexpr Member Required(Member member) {
  member.required = true;
  return member;
}
constexpr Member Sensitive(Member member) {
  member.sensitive = true;
  return member;
}
constexpr Member Flattened(Member member) {
  member.flattened = true;
  return member;
}

inline constexpr Member kTagMembers[] = {Required(Make<&Tag::key>("Key", kString)),
                                         Make<&Tag::value>("Value", kString)};
inline constexpr Shape kTag{.kind = Kind::kStructure, .name = "Tag", .members = kTagMembers};
inline constexpr Shape kTags{
    .kind = Kind::kList, .name = "Tags", .element = &kTag, .element_wire_name = "Tag", .list = &kListAccess<Tag>};
inline constexpr Member kInnerMembers[] = {Required(Make<&Inner::version>("version", kString)),
                                           Make<&Inner::size>("size", kLong)};
inline constexpr Shape kInner{.kind = Kind::kStructure, .name = "Inner", .members = kInnerMembers};

inline constexpr Member kEverythingMembers[] = {
    Required(Make<&Everything::name>("name", kString)),
    Make<&Everything::flag>("flag", kBoolean),
    Make<&Everything::count>("count", kLong),
    Make<&Everything::ratio>("ratio", kDouble),
    Make<&Everything::bytes>("bytes", kBlob),
    Sensitive(Make<&Everything::secret>("secret", kSecret)),
    Make<&Everything::at>("at", kTimestamp),
    Make<&Everything::inner>("inner", kInner),
    Make<&Everything::words>("words", kWords),
    Make<&Everything::tags>("tags", kTags),
    Flattened(Make<&Everything::flat>("flat", kTags)),
    Make<&Everything::labels>("labels", kMap),
};
inline constexpr Shape kEverything{.kind = Kind::kStructure, .name = "Everything", .members = kEverythingMembers};

inline constexpr Member kBoundMembers[] = {
    Required(Make<&Bound::bucket>("Bucket", kString, aws::Location::kPath)),
    Make<&Bound::key>("Key", kString, aws::Location::kGreedyPath),
    Make<&Bound::limit>("Limit", kLong, aws::Location::kQuery, "max-keys"),
    Make<&Bound::statuses>("Statuses", kWords, aws::Location::kQuery, "statuses"),
    Make<&Bound::before>("Before", kTimestamp, aws::Location::kQuery, "before"),
    Make<&Bound::type>("Type", kString, aws::Location::kHeader, "Content-Type"),
    Make<&Bound::since>("Since", kTimestamp, aws::Location::kHeader, "If-Modified-Since"),
    Make<&Bound::attributes>("Attributes", kWords, aws::Location::kHeader, "x-amz-attributes"),
    Make<&Bound::metadata>("Metadata", kMap, aws::Location::kPrefixHeaders, "x-amz-meta-"),
    Make<&Bound::document>("Document", kEverything, aws::Location::kPayload, "Everything"),
};
inline constexpr Shape kBound{.kind = Kind::kStructure, .name = "BoundRequest", .members = kBoundMembers};

inline constexpr Member kFactsMembers[] = {
    Make<&Facts::length>("ContentLength", kLong, aws::Location::kHeader, "Content-Length"),
    Make<&Facts::modified>("LastModified", kTimestamp, aws::Location::kHeader, "Last-Modified"),
    Make<&Facts::etag>("ETag", kString, aws::Location::kHeader, "ETag"),
    Make<&Facts::attributes>("Attributes", kWords, aws::Location::kHeader, "x-amz-attributes"),
    Make<&Facts::metadata>("Metadata", kMap, aws::Location::kPrefixHeaders, "x-amz-meta-"),
};
inline constexpr Shape kFacts{.kind = Kind::kStructure, .name = "FactsOutput", .members = kFactsMembers};

inline constexpr Member kRawMembers[] = {Required(Make<&Raw::bucket>("Bucket", kString, aws::Location::kPath)),
                                         Required(Make<&Raw::text>("Text", kString, aws::Location::kPayload))};
inline constexpr Shape kRaw{.kind = Kind::kStructure, .name = "RawRequest", .members = kRawMembers};

inline constexpr Member kLocationMembers[] = {Make<&Location::constraint>("LocationConstraint", kString)};
inline constexpr Shape kLocation{.kind = Kind::kStructure, .name = "LocationOutput", .members = kLocationMembers};
inline constexpr Shape kNothing{.kind = Kind::kStructure, .name = "Nothing"};

constexpr ServiceDescriptor Service(Protocol protocol) {
  return {.name = "sample",
          .signing_name = "sample",
          .protocol = protocol,
          .api_version = "2026-01-01",
          .xml_namespace = "https://sample.example.com/doc/2026-01-01/"};
}
inline constexpr ServiceDescriptor kRestJsonService = Service(Protocol::kRestJson);
inline constexpr ServiceDescriptor kJson11Service = Service(Protocol::kJson11);
inline constexpr ServiceDescriptor kQueryService = Service(Protocol::kQuery);
inline constexpr ServiceDescriptor kRestXmlService = Service(Protocol::kRestXml);

constexpr OperationDescriptor Echo(const ServiceDescriptor& service, std::string_view method = "POST",
                                   std::string_view uri = "/") {
  return {.service = &service,
          .name = "Echo",
          .method = method,
          .uri = uri,
          .input = &kEverything,
          .output = &kEverything,
          .output_root = "EchoResult"};
}

inline constexpr ErrorShape kNotFound{
    .name = "NotFoundException", .wire_code = "NotFound", .http_status = 404, .has_sub_code = true};

}  // namespace firmsign::aws::sample
