// SPDX-License-Identifier: Apache-2.0
//
// Serve: runs a server until it is told to stop.

#pragma once

#include "apps/server/options.h"
#include "base/error.h"

namespace firmsign::server {

// Opens the data folder, listens, prints how to point the AWS CLI at it and `ready http://HOST:PORT` on a line of its
// own, and returns after SIGTERM or SIGINT, when every request in flight has its answer. Codes as Deployment::Open and
// http::Server.
Expected<void> Serve(const Options& options);

// Opens the data folder as Serve does and closes it again: `firmsign init`. kConflict: it was made before.
Expected<void> Init(const Options& options);

// No core dumps and no reading of this process's memory by others (DESIGN §8). To be called first.
void ForbidCoreDumps();
// What the option core_dumps asks for, for the rest of the process's life.
void DecideCoreDumps(bool are_allowed);

// Every file that this process makes from now on is for its own user alone, SQLite's included.
void KeepFilesPrivate();

}  // namespace firmsign::server
