// SPDX-License-Identifier: Apache-2.0
//
// The object store, as other services use it: read a version, write an object in two phases. Offered by services/s3.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/strong.h"
#include "engine/policy/document.h"
#include "engine/policy/grant.h"
#include "platform/db/database.h"

namespace firmsign::ports {

struct ObjectName {
  std::string bucket;
  std::string key;
  std::string version;  // "null" for an object without a version id
};

struct BucketFacts {
  AccountId owner;
  Region region;
  std::shared_ptr<const policy::Policy> policy;  // who may use it; nullptr: nobody but whom its account allows
};

struct ObjectFacts {
  std::uint64_t size = 0;
  std::optional<std::string> sha256;  // raw; absent until computed for objects uploaded in parts
  // Names these very bytes. A version id does not always: an object that is written again without versioning is version
  // "null" as before.
  std::string content_id;
};

// A version and the bucket it lies in, seen at one moment.
struct FoundObject {
  BucketFacts bucket;
  std::optional<ObjectFacts> object;  // absent: no such version, or it is a delete marker
  policy::Tags tags;                  // of the object
};

// One immutable version, open. Thread safety: confined.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectFacts& facts() const = 0;
  // At most out.size() bytes at `offset`; 0 only at the end. kCorrupt: stored bytes are missing.
  virtual Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) = 0;
};

// An object whose bytes are durable and which nobody sees yet. Destroying it unpublished discards the bytes.
class StagedObject {
 public:
  virtual ~StagedObject() = default;
  virtual std::uint64_t size() const = 0;
};

// Takes the bytes of a new object. Thread safety: confined.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  // kExhausted: the disk is full. kInvalid: the store takes no object of this size; the message says what to do.
  virtual Expected<void> Append(std::string_view bytes) = 0;
  // Makes the bytes durable.
  virtual Expected<std::unique_ptr<StagedObject>> Finish() = 0;
};

// How a transaction goes about it. kPosted: nothing is waited for, and what the store remembers of the bucket is relied
// on; if that was old, the transaction fails with kConflict. kAwaited: step by step, with what is stored now.
enum class Pace { kPosted, kAwaited };

// Thread safety: safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // kNotFound: no such bucket.
  virtual Expected<BucketFacts> FindBucket(std::string_view bucket) = 0;
  // kNotFound: no such bucket.
  virtual Expected<FoundObject> FindObject(const ObjectName& name) = 0;

  // `grant` must be for s3:GetObjectVersion on the object, else kDenied. kNotFound: no such version, or it is a delete
  // marker. kInvalid: not a version id.
  virtual Expected<std::unique_ptr<ObjectReader>> Open(const policy::Grant& grant, const ObjectName& name) = 0;
  // Keeps a digest that was computed by reading the whole version, unless it has other bytes than `content_id` says by
  // now. Best effort.
  virtual void RememberSha256(const ObjectName& name, std::string_view content_id, std::string_view sha256) = 0;

  // `bytes_expected`: a hint that decides where the bytes go.
  virtual Expected<std::unique_ptr<ObjectWriter>> Stage(std::uint64_t bytes_expected) = 0;
  // Makes a staged object visible as the newest version of bucket/key, in the caller's transaction; returns its version
  // id ("null" in a bucket without versioning). `grant` must be for s3:PutObject on bucket/key and for the bucket's
  // owner, else kDenied. kNotFound: no such bucket. kConflict: another writer of the key came first, so the transaction
  // should run again. May run more than once for the same object, as transactions may.
  virtual Expected<std::string> Publish(db::Transaction& transaction, const policy::Grant& grant,
                                        std::string_view bucket, std::string_view key, std::string_view content_type,
                                        const StagedObject& object, Pace pace) = 0;
  // To be called after the transaction of Publish committed: the bytes now belong to the version.
  virtual void Published(StagedObject& object) = 0;
  // To be called when nobody can tell whether the transaction of Publish happened (kUnavailable): the bytes stay, and
  // the sweeper removes them if no version names them.
  virtual void Abandon(StagedObject& object) = 0;
};

}  // namespace firmsign::ports
