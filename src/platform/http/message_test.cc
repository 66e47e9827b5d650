// SPDX-License-Identifier: Apache-2.0

#include "platform/http/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/http/response_head.h"

namespace firmsign::http {
namespace {

std::string Shown(const Headers& headers) {
  std::string all;
  for (const auto& field : headers) all += field.name + "=" + field.value + ";";
  return all;
}

TEST(Headers, FindsTheFirstOfANameWithoutCase) {
  Headers headers;
  headers.Add("X-A", "1");
  headers.Add("x-a", "2");
  EXPECT_EQ(headers.Find("X-a"), "1");
  EXPECT_EQ(headers.Find("X-B"), std::nullopt);
  EXPECT_EQ(headers.Get("X-B"), "");
}

TEST(Headers, SetReplacesEveryFieldOfTheName) {
  Headers headers;
  headers.Add("X-A", "1");
  headers.Add("X-B", "2");
  headers.Add("x-a", "3");
  headers.Set("X-a", "4");
  headers.Set("X-C", "5");
  EXPECT_EQ(Shown(headers), "X-A=4;X-B=2;X-C=5;");
}

TEST(Headers, RemoveTakesEveryFieldOfTheName) {
  Headers headers;
  headers.Add("X-A", "1");
  headers.Add("X-B", "2");
  headers.Add("x-a", "3");
  headers.Remove("X-a");
  EXPECT_EQ(Shown(headers), "X-B=2;");
}

TEST(RequestHead, SplitsTheTargetAtTheFirstQuestionMark) {
  RequestHead head;
  head.target = "/a/b?c?d";
  EXPECT_EQ(head.path(), "/a/b");
  EXPECT_EQ(head.query(), "c?d");
  head.target = "/a";
  EXPECT_EQ(head.path(), "/a");
  EXPECT_EQ(head.query(), "");
}

TEST(RequestHead, HasABodyWithALengthOrChunks) {
  RequestHead head;
  EXPECT_FALSE(head.HasBody());
  head.content_length = 0;
  EXPECT_FALSE(head.HasBody());
  head.content_length = 1;
  EXPECT_TRUE(head.HasBody());
  head.content_length.reset();
  head.chunked = true;
  EXPECT_TRUE(head.HasBody());
}

TEST(BodyLength, AddsUpTheRanges) {
  EXPECT_EQ(BodyLength(Body(std::string("abc"))), 3u);
  EXPECT_EQ(BodyLength(Body(std::vector<FileRange>{{nullptr, 5, 10}, {nullptr, 0, 7}})), 17u);
}

std::string HeadOf(const Response& response) {
  std::string out;
  AppendResponseHead(response, "DATE", 5, "close", out);
  return out;
}

TEST(ResponseHead, WritesWhatTheServerAdds) {
  Response response;
  response.status = 404;
  response.headers.Add("X-A", "1");
  EXPECT_EQ(HeadOf(response),
            "HTTP/1.1 404 Not Found\r\nX-A: 1\r\nDate: DATE\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

TEST(ResponseHead, LetsNoValueBeginAnotherField) {
  Response response;
  response.headers.Add("X-A", "1\r\nSet-Cookie: a");
  response.headers.Add("X-B\r\nX-C", "2");
  response.headers.Add("", "3");
  EXPECT_EQ(HeadOf(response),
            "HTTP/1.1 200 OK\r\nX-A: 1  Set-Cookie: a\r\nDate: DATE\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

TEST(ResponseHead, DropsFieldsThatTheServerWritesItself) {
  Response response;
  response.headers.Add("content-length", "9");
  response.headers.Add("Transfer-Encoding", "chunked");
  response.headers.Add("Connection", "upgrade");
  response.headers.Add("DATE", "never");
  EXPECT_EQ(HeadOf(response), "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

TEST(DateText, ChangesWithTheSecond) {
  DateText date;
  EXPECT_EQ(date.At(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date.At(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date.At(1), "Thu, 01 Jan 1970 00:00:01 GMT");
}

}  // namespace
}  // namespace firmsign::http
