// SPDX-License-Identifier: Apache-2.0
//
// The credential report: one line for the root and each user, with the state of all that they can show.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html

#include "services/iam/handlers.h"
#include "services/iam/mfa_store.h"
#include "services/iam/operations.h"
#include "services/iam/password_policy.h"
#include "services/iam/password_store.h"

namespace firmsign::iam {
namespace {

constexpr std::string_view kReport = "credentialReport";
constexpr std::string_view kReportTime = "credentialReportTime";
constexpr std::string_view kHeader =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n";

std::string_view Spell(bool value) { return value ? "true" : "false"; }

void WriteKeys(const std::vector<StoredAccessKey>& keys, std::string& line) {
  for (std::size_t i = 0; i < kAccessKeysMax; ++i) {
    if (i >= keys.size()) {
      line += ",false,N/A,N/A,N/A,N/A";
      continue;
    }
    const StoredAccessKey& key = keys[i];
    line += fmt::format(",{},{}", Spell(key.is_active), FormatIso8601(key.created_at));
    line += key.last_use
                ? fmt::format(",{},{},{}", FormatIso8601(key.last_use->at), key.last_use->region, key.last_use->service)
                : ",N/A,N/A,N/A";
  }
  line += ",false,N/A,false,N/A\n";
}

// Names and paths have neither commas nor quotes but for commas in names, so those are quoted.
std::string Quoted(const std::string& text) { return text.find(',') == std::string::npos ? text : "\"" + text + "\""; }

Expected<std::string> MakeReport(db::Reader& reader, const AccountId& account) {
  std::string report(kHeader);
  ASSIGN_OR_RETURN(const auto root_keys, Store::AccessKeysOf(reader, account, ""));
  report += fmt::format("<root_account>,arn:aws:iam::{}:root,N/A,not_supported,N/A,not_supported,not_supported,false",
                        account.str());
  WriteKeys(root_keys, report);
  ASSIGN_OR_RETURN(const auto rules, FindPasswordPolicy(reader, account));
  const std::optional<std::int64_t> age = rules ? rules->max_password_age : std::nullopt;
  ASSIGN_OR_RETURN(const auto users, entities::All(reader, account, Kind::kUser));
  for (const Entity& user : users) {
    ASSIGN_OR_RETURN(const auto password, passwords::Find(reader, user.id));
    ASSIGN_OR_RETURN(const auto devices, mfa::DevicesOf(reader, user.id));
    ASSIGN_OR_RETURN(const auto keys, Store::AccessKeysOf(reader, account, user.id));
    report +=
        fmt::format("{},{},{},{},N/A,{},{},{}", Quoted(user.name), Quoted(user.arn()), FormatIso8601(user.created_at),
                    Spell(password.has_value()), password ? FormatIso8601(password->changed_at) : "N/A",
                    password && age ? FormatIso8601(password->changed_at + std::chrono::hours(24 * *age)) : "N/A",
                    Spell(!devices.empty()));
    WriteKeys(keys, report);
  }
  return report;
}

}  // namespace

aws::Result<ops::GenerateCredentialReport> GenerateCredentialReport(Service& iam,
                                                                    const Call<ops::GenerateCredentialReport>& call) {
  const AccountId& account = call.facts().account();
  RETURN_IF_ERROR(iam.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::string report, MakeReport(transaction, account));
    RETURN_IF_ERROR(entities::PutSetting(transaction, account, kReport, report, call.facts().now));
    return entities::PutSetting(transaction, account, kReportTime, std::to_string(call.facts().now.micros),
                                call.facts().now);
  }));
  return GenerateCredentialReportResponse{.state = std::string(ReportStateType::kComplete)};
}

aws::Result<ops::GetCredentialReport> GetCredentialReport(Service& iam, const Call<ops::GetCredentialReport>& call) {
  using Op = ops::GetCredentialReport;
  constexpr std::chrono::hours kKept{4};
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(auto report, entities::FindSetting(reader, account, kReport));
    ASSIGN_OR_RETURN(const auto time, entities::FindSetting(reader, account, kReportTime));
    if (!report || !time) {
      return aws::Refuse<errors::CredentialReportNotPresentException>(
          "No report is present. Use GenerateCredentialReport to generate a report.");
    }
    const Instant made{std::stoll(*time)};
    if (made + kKept < call.facts().now) {
      return aws::Refuse<errors::CredentialReportExpiredException>(
          "The report has expired. Use GenerateCredentialReport to generate a new one.");
    }
    return GetCredentialReportResponse{.content = *std::move(report),
                                       .report_format = std::string(ReportFormatType::kTextCsv),
                                       .generated_time = made};
  });
}

}  // namespace firmsign::iam
