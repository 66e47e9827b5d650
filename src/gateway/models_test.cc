// SPDX-License-Identifier: Apache-2.0
//
// What must hold for every service that is modelled.

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "aws/shape.h"
#include "gateway/testing/services.h"
#include "platform/regex/regex.h"

namespace firmsign::gateway {
namespace {

// A pattern that does not compile ends the process when the first client sends a value for it.
void CompilePatterns(const aws::Shape& shape, std::set<const aws::Shape*>& seen) {
  if (!seen.insert(&shape).second) return;
  if (!shape.constraints.pattern.empty()) {
    const auto compiled = regex::Pattern::Compile(shape.constraints.pattern);
    EXPECT_TRUE(compiled) << shape.name << " " << shape.constraints.pattern << ": " << compiled.error().message;
  }
  for (const aws::Member& member : shape.members) CompilePatterns(*member.shape, seen);
  for (const aws::Shape* part : {shape.element, shape.key}) {
    if (part != nullptr) CompilePatterns(*part, seen);
  }
}

TEST(Models, HavePatternsThatCompile) {
  std::set<const aws::Shape*> seen;
  for (const ServiceRoutes& service : AllServices()) {
    for (const Handler& handler : service.handlers) {
      CompilePatterns(*handler.operation->input, seen);
      CompilePatterns(*handler.operation->output, seen);
    }
  }
  EXPECT_GT(seen.size(), 100U);
}

}  // namespace
}  // namespace firmsign::gateway
