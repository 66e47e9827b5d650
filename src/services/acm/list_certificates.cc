// SPDX-License-Identifier: Apache-2.0
//
// ListCertificates: one page of summaries, oldest first unless SortOrder says otherwise.
//
// As AWS does it, a request without Includes.keyTypes sees only certificates with RSA keys of 1024 or 2048 bits that
// have a domain name; who signs with ECDSA must ask for EC_prime256v1.
//
// NextToken is base64 of "A" or "D" (the order), the last certificate's creation time in microseconds, ':' and its ARN.

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "services/acm/answers.h"
#include "services/acm/operations.h"

namespace firmsign::acm {
namespace {

constexpr std::size_t kPageDefault = 100;
constexpr std::size_t kNamesMax = 100;

std::string FormatToken(const StoredCertificate& last, bool descending) {
  return EncodeBase64((descending ? "D" : "A") + std::to_string(last.created_at.micros) + ":" + last.arn);
}

std::optional<CertificatePosition> ParseToken(std::string_view token, bool descending) {
  const std::optional<std::string> text = DecodeBase64(token);
  if (!text || text->empty() || text->front() != (descending ? 'D' : 'A')) return std::nullopt;
  CertificatePosition position;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data() + 1, end, position.created_at.micros);
  if (parsed.ec != std::errc() || parsed.ptr == end || *parsed.ptr != ':') return std::nullopt;
  position.arn.assign(parsed.ptr + 1, end);
  return IsCertificateArn(position.arn) ? std::optional(std::move(position)) : std::nullopt;
}

// No list, or one that has `value`.
bool Admits(const std::optional<std::vector<std::string>>& wanted, std::string_view value) {
  return !wanted || wanted->empty() || std::ranges::count(*wanted, value) != 0;
}

// No list, or one that shares a value with `values`.
bool AdmitsAny(const std::optional<std::vector<std::string>>& wanted, const std::vector<std::string>& values) {
  return !wanted || wanted->empty() ||
         std::ranges::any_of(values, [&](const std::string& value) { return std::ranges::count(*wanted, value) != 0; });
}

CertificateSummary Summarize(const StoredCertificate& stored, const crypto::Certificate& certificate, bool is_used,
                             Instant now) {
  const crypto::CertificateInfo& info = certificate.info();
  CertificateSummary summary;
  summary.certificate_arn = stored.arn;
  summary.domain_name = DomainNameOf(info);
  std::vector<std::string> names = AlternativeNamesOf(info);
  summary.has_additional_subject_alternative_names = names.size() > kNamesMax;
  if (names.size() > kNamesMax) names.resize(kNamesMax);
  if (!names.empty()) summary.subject_alternative_name_summaries = std::move(names);
  summary.status = StatusOf(stored, info, now);
  summary.type = stored.type;
  summary.key_algorithm = KeyAlgorithmName(certificate.public_key().kind()).value_or("");
  summary.key_usages = KeyUsageNames(info);
  summary.extended_key_usages.emplace();
  for (auto& purpose : PurposesOf(info)) summary.extended_key_usages->push_back(std::move(purpose.name));
  summary.in_use = is_used;
  summary.exported = stored.is_exported;
  summary.export_option = stored.export_option;
  summary.renewal_eligibility =
      IsRenewable(stored, is_used) ? RenewalEligibility::kEligible : RenewalEligibility::kIneligible;
  summary.certificate_key_pair_origin = OriginOf(stored);
  summary.not_before = info.not_before;
  summary.not_after = info.not_after;
  summary.created_at = stored.created_at;
  (stored.type == CertificateType::kPrivate ? summary.issued_at : summary.imported_at) = stored.imported_at;
  summary.revoked_at = stored.revoked_at;
  return summary;
}

bool IsWanted(const ListCertificatesRequest& input, const CertificateSummary& summary) {
  if (!Admits(input.certificate_statuses, *summary.status)) return false;
  if (!Admits(input.certificate_key_pair_origins, *summary.certificate_key_pair_origin)) return false;
  const Filters filters = input.includes.value_or(Filters());
  if (filters.export_option && filters.export_option != summary.export_option) return false;
  if (filters.managed_by) return false;  // by CloudFront: none is
  if (!AdmitsAny(filters.key_usage, *summary.key_usages)) return false;
  if (!AdmitsAny(filters.extended_key_usage, *summary.extended_key_usages)) return false;
  if (filters.key_types && !filters.key_types->empty()) return Admits(filters.key_types, *summary.key_algorithm);
  return summary.domain_name.has_value() &&
         (*summary.key_algorithm == KeyAlgorithm::kRsa1024 || *summary.key_algorithm == KeyAlgorithm::kRsa2048);
}

}  // namespace

aws::Result<ops::ListCertificates> ListCertificates(Service& acm,
                                                    const gateway::Authorized<ops::ListCertificates>& call) {
  const ListCertificatesRequest& input = call.input();
  if (input.sort_by.has_value() != input.sort_order.has_value()) {
    return aws::Refuse<errors::InvalidArgsException>("SortBy and SortOrder must be given together.");
  }
  const bool descending = input.sort_order == SortOrder::kDescending;
  std::optional<CertificatePosition> after;
  if (input.next_token) {
    after = ParseToken(*input.next_token, descending);
    if (!after) {
      return aws::Refuse<errors::ValidationException>(
          "The NextToken is not one that this request's last page returned. Start again without a token.");
    }
  }

  ASSIGN_OR_RETURN(const auto users, acm.users.ByCertificate(call.facts().account(), call.facts().region));
  const std::size_t page = static_cast<std::size_t>(input.max_items.value_or(kPageDefault));
  ListCertificatesResponse output;
  std::vector<CertificateSummary>& list = output.certificate_summary_list.emplace();
  std::optional<StoredCertificate> last;
  const auto scanned = acm.store.Scan(
      call.facts().account(), call.facts().region, after, descending,
      [&](const StoredCertificate& stored) -> Expected<bool> {
        auto certificate = crypto::Certificate::FromPem(stored.certificate_pem);
        if (!certificate) return Fail(Code::kCorrupt, "the stored certificate of " + stored.arn + " is damaged");
        CertificateSummary summary = Summarize(stored, *certificate, users.contains(stored.arn), call.facts().now);
        if (!IsWanted(input, summary)) return true;
        if (list.size() == page) {
          // There is one more, so the page that is full is not the last.
          output.next_token = FormatToken(*last, descending);
          return false;
        }
        list.push_back(std::move(summary));
        last = stored;
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  return output;
}

}  // namespace firmsign::acm
