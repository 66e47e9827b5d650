// SPDX-License-Identifier: Apache-2.0

#include "services/signer/platform_answer.h"

namespace firmsign::signer {

SigningConfiguration ConfigurationAnswer(const signing::Platform& platform) {
  SigningConfiguration answer;
  answer.encryption_algorithm_options.allowed_values.assign(platform.encryption_allowed.begin(),
                                                            platform.encryption_allowed.end());
  answer.encryption_algorithm_options.default_value = std::string(platform.encryption_allowed.front());
  answer.hash_algorithm_options.allowed_values.assign(platform.hash_allowed.begin(), platform.hash_allowed.end());
  answer.hash_algorithm_options.default_value = std::string(platform.hash_allowed.front());
  return answer;
}

SigningImageFormat FormatAnswer(const signing::Platform& platform) {
  SigningImageFormat answer;
  for (const signing::ImageFormat format : platform.formats) {
    answer.supported_formats.emplace_back(signing::FormatName(format));
  }
  answer.default_format = std::string(signing::FormatName(platform.formats.front()));
  return answer;
}

}  // namespace firmsign::signer
