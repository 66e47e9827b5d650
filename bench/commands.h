// SPDX-License-Identifier: Apache-2.0
//
// What the driver can measure. Each command prints one JSON object.

#pragma once

#include "base/error.h"
#include "bench/arguments.h"
#include "platform/json/json.h"

namespace firmsign::bench {

// Each writes the members of its result into the object that the caller began. Every one also returns what the client,
// the server or the disk failed with; a job that does not succeed is a failure of the whole run.

// --clients threads start jobs for --seconds, each with its own token and signature; the run ends when ListSigningJobs
// says that all of them have succeeded.
Expected<void> MeasureJobs(const Arguments& arguments, json::Writer& writer);
// --clients threads do --jobs jobs altogether, one after another, each asking DescribeSigningJob until it succeeded.
Expected<void> MeasureLatency(const Arguments& arguments, json::Writer& writer);
// --clients threads send GET --path without a signature for --seconds and expect --status.
Expected<void> MeasureRequests(const Arguments& arguments, json::Writer& writer);
// One client for each of --targets, which are presigned, sends PUT or GET (--method) of --bytes again and again for
// --seconds, once at least.
Expected<void> MeasureObjects(const Arguments& arguments, json::Writer& writer);
// What this machine can do at best, without a server: signatures, verifications and hashing on one core, syncs and
// large new files of the disk under --folder, bytes through a loopback connection, and rows in grouped commits from
// --clients threads.
Expected<void> MeasureLimits(const Arguments& arguments, json::Writer& writer);
// What authentication and authorisation of a request cost together, with 10 policies of 20 statements, and how often
// the database was read for it. --folder: where its own database lies.
Expected<void> MeasureDecisions(const Arguments& arguments, json::Writer& writer);
// Signatures a second by --threads threads, for --milliseconds in each of --rounds rounds, with and without
// verification: our software keys beside OpenSSL alone, and our path to a token beside the PKCS#11 module alone.
// --folder holds p256.pem, rsa2048.pem and pin; the token that --module shows is called bench and has keys of these
// names. Ours has
// --workers processes with --sessions each, which the program --worker is.
Expected<void> MeasureKeys(const Arguments& arguments, json::Writer& writer);

}  // namespace firmsign::bench
