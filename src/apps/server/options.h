// SPDX-License-Identifier: Apache-2.0
//
// The options of the server: one struct per component, and one table (options.cc) that binds name, meaning, default and
// bounds. From the table come the TOML reader, --set, the sample configuration and the reference page.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace firmsign::server {

struct ListenOptions {
  std::string address = "127.0.0.1:8780";  // HOST:PORT of the API; port 0 takes any free one
  bool allow_insecure_remote = false;      // serve plain HTTP on addresses that are not loopback
  std::string admin_address;               // HOST:PORT of /healthz, /readyz and /metrics; empty: none
  std::string tls_certificate;             // PEM file, leaf first; empty: plain HTTP
  std::string tls_key;                     // PEM file

  bool operator==(const ListenOptions&) const = default;
};

struct HttpOptions {
  std::int64_t io_threads = 1;
  std::int64_t pool_threads = 128;
  std::int64_t streams_max = 32;
  std::int64_t connections_max = 4096;
  std::int64_t head_bytes_max = 32768;
  std::int64_t headers_max = 100;
  std::int64_t head_seconds_max = 10;
  std::int64_t idle_seconds_max = 75;
  std::int64_t body_seconds_max = 30;
  std::int64_t buffered_bytes_max = 256 << 20;
  std::int64_t stream_bytes_per_second_min = 1024;
  std::int64_t drain_seconds_max = 30;

  bool operator==(const HttpOptions&) const = default;
};

struct RegionOptions {
  std::string default_region = "us-east-1";  // of requests that name none, and of the credentials file
  std::vector<std::string> regions;          // that requests may name; empty: every well-formed one

  bool operator==(const RegionOptions&) const = default;
};

struct DatabaseOptions {
  std::string url;                    // postgres://...; empty: DIR/firmsign.db
  std::int64_t connections_max = 16;  // of this process to PostgreSQL

  bool operator==(const DatabaseOptions&) const = default;
};

struct S3Options {
  std::vector<std::string> domains = {"localhost"};  // host suffixes before which a bucket's name may stand
  std::string objects_folder;                        // empty: DIR/objects, with PostgreSQL the database
  std::int64_t database_bytes_max = 16 << 20;        // of an object where there is no folder
  bool encrypt_objects = false;                      // new objects; what is encrypted can be read anyway
  std::int64_t inline_bytes_max = 65536;             // with a folder, objects up to this size lie in the database
  std::int64_t upload_hours_max = 168;               // left-over files older than this are removed

  bool operator==(const S3Options&) const = default;
};

struct LimitOptions {
  bool enabled = true;
  std::int64_t start_signing_job_per_second = 5;
  std::int64_t signer_other_per_second = 25;
  std::int64_t in_flight_max = 4096;

  bool operator==(const LimitOptions&) const = default;
};

struct AuditOptions {
  bool strict_reads = false;
  bool data_events = false;

  bool operator==(const AuditOptions&) const = default;
};

struct SignerOptions {
  std::int64_t threads = 0;  // 0: one per core
  std::int64_t lease_seconds = 60;
  bool use_stored_digest = true;
  bool sign_without_profile = true;
  bool revoke_every_platform = true;
  std::int64_t canceled_profile_days = 730;
  std::int64_t authority_key_days = 90;
  std::string certificate_advice = "warn";  // off, warn, refuse
  std::int64_t certificate_days_min = 30;

  bool operator==(const SignerOptions&) const = default;
};

struct AcmOptions {
  bool allow_published_keys = false;
  std::int64_t certificate_days = 395;  // of certificates that are requested

  bool operator==(const AcmOptions&) const = default;
};

struct Pkcs11Options {
  std::vector<std::string> tokens;       // NAME=URI
  std::int64_t workers = 2;              // processes of each token
  std::int64_t sessions = 4;             // of each worker
  std::int64_t answer_seconds_max = 10;  // a worker that takes longer is replaced
  std::vector<std::string> environment = {"SOFTHSM2_CONF", "TPM2_PKCS11_STORE", "TPM2_PKCS11_TCTI",
                                          "YUBIHSM_PKCS11_CONF"};

  bool operator==(const Pkcs11Options&) const = default;
};

struct StsOptions {
  std::string saml_endpoint;  // what SAML assertions may be addressed to beside AWS's own names
  bool encode_denials = false;
  std::string openid_ca_file;  // PEM: whom the servers of OpenID providers are certified by; empty: the system's

  bool operator==(const StsOptions&) const = default;
};

struct LogOptions {
  std::string level = "info";   // debug, info, warning, error
  std::string format = "text";  // text, json

  bool operator==(const LogOptions&) const = default;
};

struct Options {
  std::string data;             // the data folder
  std::string account;          // of the first account; empty: a random one
  std::string master_key_file;  // empty: $CREDENTIALS_DIRECTORY/firmsign-master-key, else DIR/master.key
  bool core_dumps = false;
  ListenOptions listen;
  HttpOptions http;
  RegionOptions region;
  DatabaseOptions database;
  S3Options s3;
  LimitOptions limits;
  AuditOptions audit;
  SignerOptions signer;
  AcmOptions acm;
  Pkcs11Options pkcs11;
  StsOptions sts;
  LogOptions log;

  bool operator==(const Options&) const = default;
};

// Reads a configuration file over `options`. kInvalid: an unknown key, a wrong type or a value out of bounds; the
// message begins with file:line and names the nearest known key.
Expected<void> ApplyToml(const std::string& path, Options& options);
// The same for one "name=value".
Expected<void> ApplySetting(std::string_view setting, Options& options);

// A commented TOML file with every option at its default.
std::string SampleConfiguration();
// A Markdown table of every option.
std::string OptionsReference();

}  // namespace firmsign::server
