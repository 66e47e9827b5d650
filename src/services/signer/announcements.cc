// SPDX-License-Identifier: Apache-2.0

#include "services/signer/announcements.h"

#include "base/encoding.h"
#include "platform/json/json.h"

namespace firmsign::signer {
namespace {

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : writer_(out) { writer_.BeginObject(); }
  ObjectWriter& Text(std::string_view name, std::string_view value) {
    writer_.Name(name);
    writer_.String(value);
    return *this;
  }
  ObjectWriter& Raw(std::string_view name, std::string_view value) {
    writer_.Name(name);
    writer_.Raw(value);
    return *this;
  }
  ObjectWriter& Bool(std::string_view name, bool value) {
    writer_.Name(name);
    writer_.Bool(value);
    return *this;
  }
  void End() { writer_.EndObject(); }

 private:
  json::Writer writer_;
};

std::string Detail(const Job& job, const Outcome& outcome) {
  std::string detail;
  ObjectWriter writer(detail);
  if (!job.certificate_arn.empty()) writer.Text("certificate_arn", job.certificate_arn);
  writer.Text("job_id", job.id.str());
  if (job.has_objects()) {
    std::string source;
    ObjectWriter(source)
        .Text("bucketName", job.source_bucket)
        .Text("key", job.source_key)
        .Text("version", job.source_version)
        .End();
    std::string destination;
    ObjectWriter(destination).Text("bucketName", job.destination_bucket).Text("key", job.destination_key).End();
    writer.Raw("destination", destination).Raw("source", source);
  }
  writer.Text("platform", job.platform_id).Text("status", outcome.succeeded ? "Succeeded" : "Failed").End();
  return detail;
}

// What the service itself did, without a call.
ports::AuditRecord ServiceRecord(std::string_view name, const AccountId& account, const Region& region,
                                 std::string_view details, Instant now, Random& random) {
  constexpr std::string_view kSource = "signer.amazonaws.com";
  ports::AuditRecord record{.event_id = MakeUuid(random),
                            .time = now,
                            .account = account,
                            .region = region,
                            .event_source = std::string(kSource),
                            .event_name = std::string(name),
                            .read_only = false};
  std::string identity;
  ObjectWriter(identity).Text("type", "AWSService").Text("invokedBy", kSource).End();
  record.json.reserve(1200);
  ObjectWriter(record.json)
      .Text("eventVersion", "1.11")
      .Raw("userIdentity", identity)
      .Text("eventTime", FormatIso8601(now))
      .Text("eventSource", kSource)
      .Text("eventName", name)
      .Text("awsRegion", region.str())
      .Text("sourceIPAddress", kSource)
      .Text("userAgent", kSource)
      .Raw("requestParameters", "null")
      .Raw("responseElements", "null")
      .Text("eventID", record.event_id)
      .Bool("readOnly", false)
      .Text("eventType", "AwsServiceEvent")
      .Bool("managementEvent", true)
      .Text("recipientAccountId", account.str())
      .Raw("serviceEventDetails", details)
      .Text("eventCategory", "Management")
      .End();
  return record;
}

}  // namespace

ports::Event StatusEvent(const Job& job, const Outcome& outcome, Instant now, Random& random) {
  return {.id = MakeOrderedUuid(random, now),
          .detail_type = "Signer Job Status Change",
          .source = "aws.signer",
          .account = job.owner,
          .region = job.region,
          .time = now,
          .resources = {job.arn()},
          .detail_json = Detail(job, outcome)};
}

ports::AuditRecord StatusRecord(const Job& job, const Outcome& outcome, std::string_view digest, Instant now,
                                Random& random) {
  std::string details;
  ObjectWriter writer(details);
  writer.Text("jobId", job.id.str()).Text("requestedBy", job.requested_by);
  if (job.has_profile()) {
    writer.Text("profileVersionArn", ProfileVersionArn(job.owner, job.region, job.profile_name, job.profile_version));
  }
  writer.Raw("detail", Detail(job, outcome)).Text("statusReason", outcome.reason);
  if (!digest.empty()) writer.Text("signedDigest", EncodeHex(digest));
  writer.End();
  return ServiceRecord("SigningJobStatusChange", job.owner, job.region, details, now, random);
}

ports::AuditRecord DeletionRecord(const Profile& profile, Instant now, Random& random) {
  std::string details;
  ObjectWriter(details)
      .Text("profileVersionArn", profile.version_arn())
      .Text("status", profile.status)
      .Text("statusReason", profile.status_reason)
      .End();
  return ServiceRecord("SigningProfileDeletion", profile.account, profile.region, details, now, random);
}

ports::AuditRecord KeyRecord(std::string_view name, const AccountId& account, const Region& region,
                             std::string_view certificate, Instant now, Random& random) {
  std::string details;
  ObjectWriter(details).Text("certificate", certificate).End();
  return ServiceRecord(name, account, region, details, now, random);
}

}  // namespace firmsign::signer
