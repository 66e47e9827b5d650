// SPDX-License-Identifier: Apache-2.0

#include "apps/server/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <variant>

#include "platform/config/toml.h"
#include "platform/files/file.h"

namespace firmsign::server {
namespace {

using Value = decltype(config::Setting::value);

// Where an option's value lives.
using Place = std::variant<std::string* (*)(Options&), std::int64_t* (*)(Options&), bool* (*)(Options&),
                           std::vector<std::string>* (*)(Options&)>;

struct Option {
  std::string_view name;
  std::string_view meaning;
  Place place;
  std::int64_t min = 0;  // numbers only
  std::int64_t max = 0;
  std::string_view choices = {};  // texts: "a|b"; lists: what stands in one, if it is no IsName
};

#define FIRMSIGN_AT(field) [](Options& o) { return &o.field; }

// The one table. Order is the order of the sample file and of the reference page.
constexpr Option kTable[] = {
    {"data", "The data folder.", FIRMSIGN_AT(data)},
    {"account", "The id of the first account, 12 digits; empty: a random one.", FIRMSIGN_AT(account)},
    {"master_key_file",
     "The file of the master key; empty: $CREDENTIALS_DIRECTORY/firmsign-master-key if it is there, else "
     "DIR/master.key.",
     FIRMSIGN_AT(master_key_file)},
    {"core_dumps", "Allow core dumps, which hold secrets.", FIRMSIGN_AT(core_dumps)},
    {"listen.address", "HOST:PORT of the API; port 0 takes any free one.", FIRMSIGN_AT(listen.address)},
    {"listen.allow_insecure_remote", "Serve plain HTTP on addresses that are not loopback.",
     FIRMSIGN_AT(listen.allow_insecure_remote)},
    {"listen.admin_address", "HOST:PORT of /healthz, /readyz and /metrics; empty: none.",
     FIRMSIGN_AT(listen.admin_address)},
    {"listen.tls_certificate", "PEM file of the TLS certificate and its chain, leaf first; empty: plain HTTP.",
     FIRMSIGN_AT(listen.tls_certificate)},
    {"listen.tls_key", "PEM file of the TLS private key.", FIRMSIGN_AT(listen.tls_key)},
    {"http.io_threads", "Threads that serve sockets.", FIRMSIGN_AT(http.io_threads), 1, 64},
    {"http.pool_threads", "Threads that run requests; they mostly wait for the disk.", FIRMSIGN_AT(http.pool_threads),
     1, 4096},
    {"http.streams_max", "Uploads at once.", FIRMSIGN_AT(http.streams_max), 1, 4096},
    {"http.connections_max", "Connections at once.", FIRMSIGN_AT(http.connections_max), 1, 1'000'000},
    {"http.head_bytes_max", "Bytes of a request's line and headers.", FIRMSIGN_AT(http.head_bytes_max), 1024, 1 << 20},
    {"http.headers_max", "Headers of a request.", FIRMSIGN_AT(http.headers_max), 8, 10'000},
    {"http.head_seconds_max", "Seconds for a request's line and headers to arrive.", FIRMSIGN_AT(http.head_seconds_max),
     1, 3600},
    {"http.idle_seconds_max", "Seconds that a connection may be idle.", FIRMSIGN_AT(http.idle_seconds_max), 1, 86'400},
    {"http.body_seconds_max", "Seconds for a request's body to arrive, uploads excepted.",
     FIRMSIGN_AT(http.body_seconds_max), 1, 3600},
    {"http.buffered_bytes_max", "Bytes of all requests' bodies in memory, uploads excepted.",
     FIRMSIGN_AT(http.buffered_bytes_max), 1 << 20, std::int64_t{1} << 40},
    {"http.stream_bytes_per_second_min", "Slower uploads and downloads are cut.",
     FIRMSIGN_AT(http.stream_bytes_per_second_min), 0, 1 << 30},
    {"http.drain_seconds_max", "Seconds that requests in flight may take after SIGTERM.",
     FIRMSIGN_AT(http.drain_seconds_max), 0, 3600},
    {"region.default_region", "The region of the credentials file and of requests that name none.",
     FIRMSIGN_AT(region.default_region)},
    {"region.regions", "The regions that requests may name; empty: every well-formed one.",
     FIRMSIGN_AT(region.regions)},
    {"database.url",
     "A PostgreSQL database, postgres://USER@HOST/NAME; what it leaves out comes from PGHOST, PGPASSFILE, PGSSLMODE "
     "and the like. Empty: the file DIR/firmsign.db.",
     FIRMSIGN_AT(database.url)},
    {"database.connections_max", "Connections to PostgreSQL of this process.", FIRMSIGN_AT(database.connections_max), 2,
     1000},
    {"s3.domains", "Host names before which a bucket's name may stand, as in bucket.localhost.",
     FIRMSIGN_AT(s3.domains)},
    {"s3.objects_folder",
     "The folder of objects; several nodes over one database need one that all of them mount. Empty: DIR/objects, "
     "with PostgreSQL none: then all objects lie in the database.",
     FIRMSIGN_AT(s3.objects_folder)},
    {"s3.database_bytes_max", "Bytes of an object at most where all objects lie in the database.",
     FIRMSIGN_AT(s3.database_bytes_max), 1 << 16, 256 << 20},
    {"s3.inline_bytes_max", "With a folder, objects up to this size lie in the database, larger ones in files.",
     FIRMSIGN_AT(s3.inline_bytes_max), 0, 1 << 20},
    {"s3.encrypt_objects", "Encrypt the bytes of new objects by a key that the master key opens.",
     FIRMSIGN_AT(s3.encrypt_objects)},
    // Not less than a day: a node that was stopped for long still commits the row of a file that it wrote before.
    {"s3.upload_hours_max", "Files that belong to no object are removed after this many hours.",
     FIRMSIGN_AT(s3.upload_hours_max), 24, 87'600},
    {"limits.enabled", "Apply the rate limits.", FIRMSIGN_AT(limits.enabled)},
    {"limits.start_signing_job_per_second", "StartSigningJob calls per second, account and region.",
     FIRMSIGN_AT(limits.start_signing_job_per_second), 1, 1'000'000},
    {"limits.signer_other_per_second", "Calls per second of each other Signer operation, account and region.",
     FIRMSIGN_AT(limits.signer_other_per_second), 1, 1'000'000},
    {"limits.in_flight_max", "Requests that may be worked on at once.", FIRMSIGN_AT(limits.in_flight_max), 1,
     1'000'000},
    {"audit.strict_reads", "Answer reads only after their audit record is written.", FIRMSIGN_AT(audit.strict_reads)},
    {"audit.data_events", "Record S3 object calls in the audit trail.", FIRMSIGN_AT(audit.data_events)},
    {"signer.threads", "Threads that sign; 0: one per core, with tokens one for each of their sessions.",
     FIRMSIGN_AT(signer.threads), 0, 1024},
    {"signer.lease_seconds", "Seconds after which another worker may take over a job.",
     FIRMSIGN_AT(signer.lease_seconds), 5, 3600},
    {"signer.use_stored_digest", "Sign the digest stored at upload instead of reading the image again.",
     FIRMSIGN_AT(signer.use_stored_digest)},
    {"signer.sign_without_profile",
     "StartSigningJob takes platform and signingMaterial instead of a profile, as the guide of 2018 shows it.",
     FIRMSIGN_AT(signer.sign_without_profile)},
    {"signer.revoke_every_platform",
     "Signatures of every platform can be revoked; false: as in AWS, those of Lambda and Notation alone.",
     FIRMSIGN_AT(signer.revoke_every_platform)},
    {"signer.canceled_profile_days", "Days after which a canceled profile is deleted and its name free again.",
     FIRMSIGN_AT(signer.canceled_profile_days), 1, 36'500},
    {"signer.authority_key_days", "Days for which one key of the code-signing authority signs.",
     FIRMSIGN_AT(signer.authority_key_days), 1, 3'650},
    {"signer.certificate_advice",
     "What becomes of a certificate that is not for code signing, has a key of the wrong type, or is about to expire, "
     "when a profile is made with it.",
     FIRMSIGN_AT(signer.certificate_advice), 0, 0, "off|warn|refuse"},
    {"signer.certificate_days_min", "Days before its end in which a certificate is about to expire.",
     FIRMSIGN_AT(signer.certificate_days_min), 0, 3'650},
    {"acm.allow_published_keys",
     "Import keys whose private halves are public, such as those of test suites: for tests.",
     FIRMSIGN_AT(acm.allow_published_keys)},
    {"acm.certificate_days", "Days for which a requested certificate is valid.", FIRMSIGN_AT(acm.certificate_days), 1,
     9000},
    {"pkcs11.tokens",
     "Hardware tokens whose keys sign, each as NAME=URI with a PKCS#11 URI (RFC 7512) such as "
     "hsm=pkcs11:token=firmware?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/firmsign/pin; a PIN "
     "can also be a systemd credential, pin-source=credential:NAME.",
     FIRMSIGN_AT(pkcs11.tokens), 0, 0, "NAME=URI"},
    {"pkcs11.workers", "Processes of each token, which hold the vendor's module.", FIRMSIGN_AT(pkcs11.workers), 1, 64},
    {"pkcs11.sessions", "Sessions of each of these processes.", FIRMSIGN_AT(pkcs11.sessions), 1, 256},
    {"pkcs11.answer_seconds_max", "Seconds after which such a process counts as hanging and is replaced.",
     FIRMSIGN_AT(pkcs11.answer_seconds_max), 1, 600},
    {"pkcs11.environment", "The environment variables that such a process inherits; it gets no others.",
     FIRMSIGN_AT(pkcs11.environment), 0, 0, "NAME"},
    {"sts.encode_denials",
     "End each denial with an encoded message: who asked for what, with which condition keys; for `aws sts "
     "decode-authorization-message`.",
     FIRMSIGN_AT(sts.encode_denials)},
    {"sts.saml_endpoint",
     "The URL that SAML assertions may name as recipient and audience, beside https://signin.aws.amazon.com/saml and "
     "urn:amazon:webservices; empty: none.",
     FIRMSIGN_AT(sts.saml_endpoint)},
    {"sts.openid_ca_file",
     "A PEM file with the authorities that certify the servers of OpenID providers; empty: the system's.",
     FIRMSIGN_AT(sts.openid_ca_file)},
    {"log.level", "The least level that is logged.", FIRMSIGN_AT(log.level), 0, 0, "debug|info|warning|error"},
    {"log.format", "How log lines look.", FIRMSIGN_AT(log.format), 0, 0, "text|json"},
};

// Levenshtein's distance, for suggestions.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

Expected<const Option*> Find(std::string_view name) {
  const Option* nearest = nullptr;
  std::size_t nearest_distance = 4;  // further away is no slip of the finger
  for (const Option& option : kTable) {
    if (option.name == name) return &option;
    if (const std::size_t distance = Distance(option.name, name); distance < nearest_distance) {
      nearest = &option;
      nearest_distance = distance;
    }
  }
  return Fail(Code::kInvalid, nearest == nullptr
                                  ? fmt::format("there is no option {}", name)
                                  : fmt::format("there is no option {}; did you mean {}?", name, nearest->name));
}

bool IsOneOf(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == value) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

// What stands in a list unless its option says otherwise: names of regions, of hosts.
bool IsName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

Expected<void> Set(const Option& option, const Value& value, Options& options) {
  return std::visit(
      [&](auto place) -> Expected<void> {
        using T = std::remove_pointer_t<decltype(place(options))>;
        const T* typed = std::get_if<T>(&value);
        if constexpr (std::is_same_v<T, std::int64_t>) {
          if (typed == nullptr) return Fail(Code::kInvalid, fmt::format("{} takes an integer", option.name));
          if (*typed < option.min || *typed > option.max) {
            return Fail(Code::kInvalid,
                        fmt::format("{} = {}: from {} to {} is allowed", option.name, *typed, option.min, option.max));
          }
        } else if constexpr (std::is_same_v<T, std::string>) {
          if (typed == nullptr) return Fail(Code::kInvalid, fmt::format("{} takes a text", option.name));
          if (!option.choices.empty() && !IsOneOf(option.choices, *typed)) {
            return Fail(Code::kInvalid, fmt::format("{} = {}: give one of {}", option.name, *typed, option.choices));
          }
        } else if constexpr (std::is_same_v<T, bool>) {
          if (typed == nullptr) return Fail(Code::kInvalid, fmt::format("{} takes true or false", option.name));
        } else {
          if (typed == nullptr) return Fail(Code::kInvalid, fmt::format("{} takes a list of texts", option.name));
          for (const std::string& one : *typed) {
            if (option.choices.empty() && !IsName(one)) {
              return Fail(Code::kInvalid, fmt::format("{}: {} is no name (for --set: a,b)", option.name, one));
            }
          }
        }
        *place(options) = *typed;
        return {};
      },
      option.place);
}

// The text of `--set name=value` as a value of the option's type; what does not fit is left to Set to refuse.
Value ParseValue(const Option& option, std::string_view text) {
  if (std::holds_alternative<std::int64_t* (*)(Options&)>(option.place)) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return number;
  } else if (std::holds_alternative<bool* (*)(Options&)>(option.place)) {
    if (text == "true" || text == "false") return text == "true";
  } else if (std::holds_alternative<std::vector<std::string>* (*)(Options&)>(option.place)) {
    std::vector<std::string> list;
    while (!text.empty()) {
      const std::size_t comma = std::min(text.find(','), text.size());
      list.emplace_back(text.substr(0, comma));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return list;
  }
  return std::string(text);
}

std::string FormatDefault(const Option& option) {
  Options defaults;
  return std::visit(
      [&](auto place) -> std::string {
        using T = std::remove_pointer_t<decltype(place(defaults))>;
        const T& value = *place(defaults);
        if constexpr (std::is_same_v<T, std::string>) {
          return fmt::format("\"{}\"", value);
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          std::string list;
          for (const std::string& one : value) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", one);
          return "[" + list + "]";
        } else {
          return fmt::format("{}", value);
        }
      },
      option.place);
}

std::string Bounds(const Option& option) {
  if (option.max != 0) return fmt::format("{} to {}", option.min, option.max);
  return std::string(option.choices);
}

}  // namespace

Expected<void> ApplyToml(const std::string& path, Options& options) {
  constexpr std::size_t kBytesMax = 1 << 20;
  ASSIGN_OR_RETURN(const std::string text, files::ReadWholeFile(path, kBytesMax));
  ASSIGN_OR_RETURN(const std::vector<config::Setting> settings, config::ParseToml(text, path));
  for (const config::Setting& setting : settings) {
    const Expected<const Option*> option = Find(setting.key);
    auto done = option ? Set(**option, setting.value, options) : std::unexpected(option.error());
    if (!done) return Fail(Code::kInvalid, fmt::format("{}:{}: {}", path, setting.line, done.error().message));
  }
  return {};
}

Expected<void> ApplySetting(std::string_view setting, Options& options) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string_view::npos) {
    return Fail(Code::kInvalid, fmt::format("--set {}: give name=value", setting));
  }
  ASSIGN_OR_RETURN(const Option* const option, Find(setting.substr(0, equals)));
  return Set(*option, ParseValue(*option, setting.substr(equals + 1)), options);
}

std::string SampleConfiguration() {
  std::string out = "# Firmsign: every option with its default. Remove the # of what you change.\n";
  std::string_view section;
  for (const Option& option : kTable) {
    const std::size_t dot = option.name.find('.');
    const std::string_view own = dot == std::string_view::npos ? std::string_view() : option.name.substr(0, dot);
    if (own != section) {
      section = own;
      out += fmt::format("\n[{}]\n", section);
    }
    out +=
        fmt::format("\n# {}\n# {} = {}\n", option.meaning,
                    dot == std::string_view::npos ? option.name : option.name.substr(dot + 1), FormatDefault(option));
  }
  return out;
}

std::string OptionsReference() {
  std::string out = "| Option | Meaning | Default | Bounds |\n|---|---|---|---|\n";
  for (const Option& option : kTable) {
    std::string bounds = Bounds(option);
    for (std::size_t at = 0; (at = bounds.find('|', at)) != std::string::npos; at += 2) bounds.insert(at, "\\");
    out += fmt::format("| `{}` | {} | `{}` | {} |\n", option.name, option.meaning, FormatDefault(option), bounds);
  }
  return out;
}

}  // namespace firmsign::server
