// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of Signer may touch.

#pragma once

#include "base/random.h"
#include "ports/certificate_store.h"
#include "ports/object_store.h"
#include "services/signer/job_runner.h"
#include "services/signer/store.h"

namespace firmsign::signer {

// Everything outlives the service.
struct Service {
  Store& store;
  ports::ObjectStore& objects;
  ports::CertificateStore& certificates;
  JobRunner& runner;
  Random& random;
};

}  // namespace firmsign::signer
