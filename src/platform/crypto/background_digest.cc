// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/background_digest.h"

namespace firmsign::crypto {

// The caller and the worker take turns: whose turn it is owns `digest_` and `bytes_`.

BackgroundDigest::BackgroundDigest(Hash hash) : digest_(hash), worker_([this] { Work(); }) {}

BackgroundDigest::~BackgroundDigest() {
  Wait();
  Give(Turn::kEnd);
  worker_.join();
}

void BackgroundDigest::Update(std::string_view bytes) {
  Wait();
  bytes_ = bytes;
  Give(Turn::kWorker);
}

std::string BackgroundDigest::Finish() {
  Wait();
  return digest_.Finish();
}

void BackgroundDigest::Work() {
  while (true) {
    turn_.wait(Turn::kCaller);
    if (turn_ == Turn::kEnd) return;
    digest_.Update(bytes_);
    Give(Turn::kCaller);
  }
}

void BackgroundDigest::Wait() const { turn_.wait(Turn::kWorker); }

void BackgroundDigest::Give(Turn turn) {
  turn_ = turn;
  turn_.notify_one();
}

}  // namespace firmsign::crypto
