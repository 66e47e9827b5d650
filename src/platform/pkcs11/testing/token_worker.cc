// SPDX-License-Identifier: Apache-2.0
//
// The worker process of tests: what `firmsign token-worker SESSIONS` is.

#include <cstdlib>

#include "platform/pkcs11/worker.h"

int main(int argc, char** argv) { return argc == 2 ? firmsign::pkcs11::RunWorker(std::atoi(argv[1])) : 1; }
