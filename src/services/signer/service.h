// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of Signer may touch.

#pragma once

#include <cstdint>

#include "base/random.h"
#include "engine/keys/keyring.h"
#include "engine/policy/parsed.h"
#include "engine/signing/platform.h"
#include "ports/accounts.h"
#include "ports/audit_trail.h"
#include "ports/certificate_store.h"
#include "ports/event_bus.h"
#include "ports/object_store.h"
#include "services/signer/authority.h"
#include "services/signer/certificate_advice.h"
#include "services/signer/job_runner.h"
#include "services/signer/store.h"

namespace firmsign::signer {

struct ServiceOptions {
  bool sign_without_profile = true;   // StartSigningJob takes platform and certificate, as the guide of 2018 shows it
  bool revoke_every_platform = true;  // false: as AWS, those of Lambda and Notation alone
  CertificateAdvice certificate_advice = CertificateAdvice::kWarn;
  std::int64_t certificate_days_min = 30;  // with fewer left, a certificate is advised against
};

// Whether signatures of the platform can be revoked here.
inline bool IsRevocable(const signing::Platform& platform, const ServiceOptions& options) {
  return platform.revocation_supported || options.revoke_every_platform;
}

// Everything but the options outlives the service.
struct Service {
  Store& store;
  ports::ObjectStore& objects;
  ports::CertificateStore& certificates;
  Authority& authority;
  const ports::Accounts& accounts;
  JobRunner& runner;
  const keys::Keyring& keyring;
  ports::AuditTrail& audit_trail;
  ports::EventBus& events;
  Random& random;
  policy::ParsedPolicies& policies;
  ServiceOptions options;
};

}  // namespace firmsign::signer
