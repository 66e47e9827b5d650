// SPDX-License-Identifier: Apache-2.0

#include "gateway/audit.h"

#include "aws/protocol/codec.h"
#include "platform/json/json.h"

namespace firmsign::gateway {
namespace {

constexpr std::string_view kEventVersion = "1.11";

// What a session was made of, and when.
void WriteSession(const policy::Principal& caller, json::Writer& writer) {
  const policy::Session& session = *caller.session;
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.Name(name);
    writer.String(value);
  };
  writer.Name("sessionContext");
  writer.BeginObject();
  if (caller.type != policy::PrincipalType::kUser && !caller.entity_arn.empty()) {
    writer.Name("sessionIssuer");
    writer.BeginObject();
    text("type", caller.type == policy::PrincipalType::kAssumedRole ? "Role" : "IAMUser");
    text("principalId", caller.entity_id);
    text("arn", caller.entity_arn);
    text("accountId", caller.account.str());
    text("userName", std::string_view(caller.entity_arn).substr(caller.entity_arn.rfind('/') + 1));
    writer.EndObject();
  }
  if (!session.provider.empty()) {
    writer.Name("webIdFederationData");
    writer.BeginObject();
    text("federatedProvider", session.provider);
    writer.EndObject();
  }
  writer.Name("attributes");
  writer.BeginObject();
  text("creationDate", FormatIso8601(session.issued_at));
  text("mfaAuthenticated", session.mfa_at ? "true" : "false");
  writer.EndObject();
  if (!session.source_identity.empty()) text("sourceIdentity", session.source_identity);
  writer.EndObject();
}

void WriteIdentity(const policy::Principal& caller, json::Writer& writer) {
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.Name(name);
    if (!value.empty()) {
      writer.String(value);
    } else {
      writer.Null();
    }
  };
  const auto text_if = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  };
  writer.Name("userIdentity");
  writer.BeginObject();
  if (caller.type == policy::PrincipalType::kAnonymous) {
    text("type", "AWSAccount");
    text("principalId", "anonymous");
    writer.EndObject();
    return;
  }
  text("type", policy::NameOf(caller.type));
  text_if("principalId", caller.user_id);
  text_if("arn", caller.arn);
  text_if("accountId", caller.account.str());
  text_if("accessKeyId", caller.access_key.str());
  const bool is_token =
      caller.type == policy::PrincipalType::kWebIdentity || caller.type == policy::PrincipalType::kSaml;
  if (caller.type == policy::PrincipalType::kUser || is_token) text_if("userName", caller.name);
  if (is_token) text_if("identityProvider", caller.entity_arn);
  if (caller.session != nullptr && !is_token) WriteSession(caller, writer);
  writer.EndObject();
}

// A struct's members, or null when it has none that are set.
void WriteElements(std::string_view name, const aws::Shape* shape, const void* object, json::Writer& writer) {
  writer.Name(name);
  std::string text;
  if (object != nullptr) aws::WriteStructAsJson(*shape, object, /*redact=*/true, text);
  if (text.empty() || text == "{}") {
    writer.Null();
  } else {
    writer.Raw(text);
  }
}

}  // namespace

ports::AuditRecord Auditor::Make(const CallFacts& facts, const void* input, const void* output,
                                 const aws::ApiError* error) {
  const aws::OperationDescriptor& operation = *facts.operation;
  ports::AuditRecord record{
      .event_id = MakeUuid(random_),
      .time = facts.now,
      .account = facts.account(),
      .region = facts.region,
      .event_source = std::string(operation.service->event_source),
      .event_name = std::string(operation.name),
      .read_only = operation.audit == aws::AuditClass::kRead || operation.audit == aws::AuditClass::kIssue};
  record.json.reserve(1024);
  json::Writer writer(record.json);
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.Name(name);
    writer.String(value);
  };
  writer.BeginObject();
  text("eventVersion", kEventVersion);
  WriteIdentity(facts.caller, writer);
  text("eventTime", FormatIso8601(facts.now));
  text("eventSource", operation.service->event_source);
  text("eventName", operation.name);
  text("awsRegion", facts.region.str());
  text("sourceIPAddress", facts.source_ip.empty() ? "admin.sock" : std::string_view(facts.source_ip));
  text("userAgent", facts.user_agent);
  if (error != nullptr) {
    text("errorCode", error->shape->name);
    text("errorMessage", error->message);
  }
  WriteElements("requestParameters", operation.input, input, writer);
  const bool changes = operation.audit == aws::AuditClass::kWrite || operation.audit == aws::AuditClass::kIssue;
  const bool shows_response = error == nullptr && changes;
  WriteElements("responseElements", operation.output, shows_response ? output : nullptr, writer);
  text("requestID", facts.request_id.str());
  text("eventID", record.event_id);
  writer.Name("readOnly");
  writer.Bool(record.read_only);
  text("eventType", "AwsApiCall");
  writer.Name("managementEvent");
  writer.Bool(operation.audit != aws::AuditClass::kData);
  text("recipientAccountId", facts.account().str());
  text("eventCategory", operation.audit == aws::AuditClass::kData ? "Data" : "Management");
  if (facts.tls) {
    writer.Name("tlsDetails");
    writer.BeginObject();
    text("clientProvidedHostHeader", facts.host);
    writer.EndObject();
  }
  writer.EndObject();
  return record;
}

Expected<void> Auditor::RecordChange(db::Transaction& transaction, const CallFacts& facts, const void* input,
                                     const void* output) {
  if (facts.operation->audit == aws::AuditClass::kData && !options_.data_events) return {};
  return trail_.Write(transaction, Make(facts, input, output, nullptr));
}

Expected<void> Auditor::RecordOutcome(const CallFacts& facts, const void* input, const void* output,
                                      const aws::ApiError* error, bool is_admitted) {
  switch (facts.operation->audit) {
    case aws::AuditClass::kWrite:
    case aws::AuditClass::kIssue:
      if (!is_admitted) break;
      return trail_.WriteAlone(Make(facts, input, output, error));
    case aws::AuditClass::kRead:
      // One that was not admitted may be on a socket's thread, where nothing waits.
      if (options_.strict_reads && is_admitted) return trail_.WriteAlone(Make(facts, input, output, error));
      break;
    case aws::AuditClass::kData:
      if (!options_.data_events) return {};
      break;
  }
  trail_.Queue(Make(facts, input, output, error));
  return {};
}

}  // namespace firmsign::gateway
