// SPDX-License-Identifier: Apache-2.0

#include "platform/xml/xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firmsign::xml {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Element Parsed(std::string_view text) {
  Expected<Element> element = Parse(text);
  EXPECT_TRUE(element.has_value()) << text << ": " << element.error().message;
  return element ? *std::move(element) : Element();
}

// Why a text is refused; empty when it is not.
std::string Refused(std::string_view text, const Limits& limits = {}) {
  const Expected<Element> element = Parse(text, limits);
  if (element) return "";
  EXPECT_EQ(element.error().code, Code::kInvalid);
  return element.error().message;
}

TEST(Parse, ReadsElementsTextAndAttributes) {
  const Element root = Parsed(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
      "  <Object><Key>a</Key><VersionId/></Object>\n"
      "  <Object kind='x'><Key>b</Key></Object>\n"
      "  <Quiet>true</Quiet>\n"
      "</Delete>\n");
  EXPECT_EQ(root.name, "Delete");
  EXPECT_EQ(root.text, "");
  EXPECT_THAT(root.attributes, ElementsAre(Pair("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/")));
  ASSERT_EQ(root.children.size(), 3U);
  EXPECT_EQ(root.children[0].Child("Key")->text, "a");
  EXPECT_EQ(root.children[0].Child("VersionId")->text, "");
  EXPECT_EQ(root.children[1].Child("Key")->text, "b");
  EXPECT_THAT(root.children[1].attributes, ElementsAre(Pair("kind", "x")));
  EXPECT_EQ(root.Child("Object"), &root.children[0]);
  EXPECT_EQ(root.Child("Quiet")->text, "true");
  EXPECT_EQ(root.Child("quiet"), nullptr);
}

TEST(Parse, KeepsBlanksThatAreAValue) {
  EXPECT_EQ(Parsed("<Key> </Key>").text, " ");
  EXPECT_EQ(Parsed("<Key> a \n</Key>").text, " a \n");
  EXPECT_EQ(Parsed("<D>\n  <Key>\t</Key>\n</D>").Child("Key")->text, "\t");
}

TEST(Parse, JoinsTheTextAroundCommentsInstructionsAndCdata) {
  EXPECT_EQ(Parsed("<a>one<!-- x --> two<?pi x?><![CDATA[ <three> &amp; ]]></a>").text, "one two <three> &amp; ");
}

TEST(Parse, MakesLineFeedsOfLineEnds) {
  EXPECT_EQ(Parsed("<a>1\r\n2\r3\n4</a>").text, "1\n2\n3\n4");
  EXPECT_EQ(Parsed("<a>1&#13;&#10;2&#xD;</a>").text, "1\r\n2\r");
  EXPECT_EQ(Parsed("<a b='1\n2&#10;3'/>").attributes[0].second, "1 2\n3");
}

TEST(Parse, ExpandsTheFiveEntitiesAndCharacterReferences) {
  EXPECT_EQ(Parsed("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x41;&#xe9;&#x20AC;&#x1F600;</a>").text,
            "<>&\"'AA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(Parsed("<a b=\"&lt;&#34;&quot;\"/>").attributes[0].second, "<\"\"");
  EXPECT_EQ(Parsed("<a>&amp;lt;</a>").text, "&lt;");
}

TEST(Parse, ReadsBackTheControlCharactersThatS3Writes) { EXPECT_EQ(Parsed("<a>&#x1;&#x1F;</a>").text, "\x01\x1f"); }

TEST(Parse, RefusesOtherReferences) {
  for (const char* text :
       {"<a>&nbsp;</a>", "<a>&</a>", "<a>a & b</a>", "<a>&lt</a>", "<a>&#;</a>", "<a>&#x;</a>", "<a>&#xD800;</a>",
        "<a>&#x110000;</a>", "<a>&#99999999999;</a>", "<a>&#-1;</a>", "<a>&#+1;</a>", "<a>&# 65;</a>", "<a>&#X41;</a>",
        "<a>&LT;</a>", "<a b='&x;'/>", "<a b='&'/>", "<a>&#x41</a>;"}) {
    EXPECT_NE(Refused(text), "") << text;
  }
}

TEST(Parse, RefusesDoctypes) {
  EXPECT_THAT(Refused("<!DOCTYPE a><a/>"), HasSubstr("DOCTYPE"));
  EXPECT_NE(Refused("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"), "");
  EXPECT_NE(Refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"), "");
  EXPECT_NE(Refused("<a><!DOCTYPE a></a>"), "");
  EXPECT_NE(Refused("<a/><!DOCTYPE a>"), "");
}

TEST(Parse, RefusesWhatIsNotWellFormed) {
  for (const char* text : {"",
                           " ",
                           "x",
                           "<",
                           "<a",
                           "<a>",
                           "</a>",
                           "<a></b>",
                           "<a><b></a></b>",
                           "<a b></a>",
                           "<a b=c/>",
                           "<a b='1' b='2'/>",
                           "<a b='<'/>",
                           "<a>]]></a>",
                           "<1/>",
                           "<a/><b/>",
                           "<a/>x",
                           "x<a/>",
                           "<a/><![CDATA[x]]>",
                           "<a><![CDATA[x</a>",
                           "<a><!-- x</a>",
                           "<a b='1'c='2'/>",
                           "<a:b:c/>",
                           "<:a/>",
                           "<a:/>",
                           "<a:2/>",
                           "<a:-b/>",
                           " <?xml version='1.0'?><a/>",
                           "<a/><?xml version='1.0'?>",
                           "<a><?xml version='1.0'?></a>",
                           "<!-- c --><?xml version='1.0'?><a/>",
                           "< a/>"}) {
    EXPECT_NE(Refused(text), "") << text;
  }
}

TEST(Parse, AllowsCommentsInstructionsAndBlanksBesideTheRoot) {
  EXPECT_EQ(Parsed("<?xml version=\"1.0\"?>\n<!-- c -->\n<?pi?>\n<a/>\n<!-- d -->\n").name, "a");
}

TEST(Parse, RefusesWhatIsNotUtf8) {
  EXPECT_NE(Refused("<a>\x80</a>"), "");
  EXPECT_NE(Refused("<a>\xed\xa0\x80</a>"), "");
  EXPECT_NE(Refused("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>"), "");
  EXPECT_NE(Refused(std::string_view("\xff\xfe<\0a\0/\0>\0", 10)), "");
  EXPECT_EQ(Parsed("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a>\xc3\xa9</a>").text, "\xc3\xa9");
}

TEST(Parse, RefusesCharactersThatXmlCannotHold) {
  EXPECT_NE(Refused("<a>\x01</a>"), "");
  EXPECT_NE(Refused(std::string_view("<a>\0</a>", 8)), "");
  EXPECT_NE(Refused(std::string_view("<a/>\0", 5)), "");
  EXPECT_NE(Refused("<a>\xef\xbf\xbf</a>"), "");
  EXPECT_EQ(Parsed("<a>\xef\xbf\xbd\x7f</a>").text, "\xef\xbf\xbd\x7f");
}

TEST(Parse, TakesThePrefixFromElementsOnly) {
  const Element root = Parsed("<s3:Grantee xmlns:xsi='u' xsi:type='Group'><s3:URI>x</s3:URI></s3:Grantee>");
  EXPECT_EQ(root.name, "Grantee");
  EXPECT_THAT(root.attributes, ElementsAre(Pair("xmlns:xsi", "u"), Pair("xsi:type", "Group")));
  EXPECT_EQ(root.Child("URI")->text, "x");
}

TEST(Parse, KeepsItsLimits) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "<a>";
    for (int i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  EXPECT_EQ(Refused(nested(32)), "");
  EXPECT_THAT(Refused(nested(33)), HasSubstr("too deep"));
  EXPECT_THAT(Refused(nested(3), {.depth_max = 2}), HasSubstr("too deep"));
  EXPECT_NE(Refused(nested(100'000)), "");
  EXPECT_EQ(Refused("<a/>", {.bytes_max = 4}), "");
  EXPECT_THAT(Refused("<a/>", {.bytes_max = 3}), HasSubstr("more than 3 bytes"));
}

TEST(Writer, WritesS3OnOneLine) {
  std::string out;
  Writer writer(out);
  writer.Declaration();
  writer.Begin("ListBucketResult", "http://s3.amazonaws.com/doc/2006-03-01/");
  writer.Leaf("Name", "bucket");
  writer.Leaf("Prefix", "");
  writer.Begin("Contents");
  writer.Leaf("ETag", "\"abc\"");
  writer.End();
  writer.End();
  EXPECT_EQ(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name><Prefix></Prefix>"
            "<Contents><ETag>&quot;abc&quot;</ETag></Contents></ListBucketResult>");
}

TEST(Writer, WritesAnS3Error) {
  std::string out;
  Writer writer(out);
  writer.Declaration();
  writer.Begin("Error");
  writer.Leaf("Code", "NoSuchBucket");
  writer.Leaf("Message", "The specified bucket does not exist");
  writer.Leaf("BucketName", "b");
  writer.Leaf("RequestId", "r");
  writer.Leaf("HostId", "h");
  writer.End();
  EXPECT_EQ(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message>"
            "<BucketName>b</BucketName><RequestId>r</RequestId><HostId>h</HostId></Error>");
}

// The native answer of STS to GetCallerIdentity has this layout; with an assumed role of AWS it has 406 bytes.
TEST(Writer, IndentsStsByTwoBlanks) {
  std::string out;
  Writer writer(out, true);
  writer.Begin("GetCallerIdentityResponse", "https://sts.amazonaws.com/doc/2011-06-15/");
  writer.Begin("GetCallerIdentityResult");
  writer.Leaf("Arn", "arn:aws:iam::123456789012:root");
  writer.Leaf("UserId", "123456789012");
  writer.Leaf("Account", "123456789012");
  writer.End();
  writer.Begin("ResponseMetadata");
  writer.Leaf("RequestId", "01234567-89ab-cdef-0123-456789abcdef");
  writer.End();
  writer.End();
  EXPECT_EQ(out,
            R"(<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:root</Arn>
    <UserId>123456789012</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
)");
}

TEST(Writer, WritesAnEmptyListAsAnEmptyElement) {
  std::string out;
  Writer writer(out, true);
  writer.Declaration();
  writer.Begin("R");
  writer.Begin("Users");
  writer.End();
  writer.Begin("Groups", "urn:x");
  writer.End();
  writer.End();
  EXPECT_EQ(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R>\n  <Users/>\n  <Groups xmlns=\"urn:x\"/>\n</R>\n");
}

TEST(Writer, WritesAnEmptyRoot) {
  std::string line;
  Writer one(line);
  one.Begin("VersioningConfiguration", "http://s3.amazonaws.com/doc/2006-03-01/");
  one.End();
  EXPECT_EQ(line, "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>");
}

TEST(Writer, WritesARootWithoutChildrenElements) {
  std::string line;
  Writer one(line);
  one.Leaf("LocationConstraint", "eu-west-1");
  EXPECT_EQ(line, "<LocationConstraint>eu-west-1</LocationConstraint>");
}

TEST(Writer, WritesAttributes) {
  std::string out;
  Writer writer(out);
  writer.BeginWithAttributes("Grantee", {{"xmlns:xsi", "u"}, {"xsi:type", "a\"<\n\t\r"}});
  writer.End();
  EXPECT_EQ(out, "<Grantee xmlns:xsi=\"u\" xsi:type=\"a&quot;&lt;&#xA;&#x9;&#xD;\"/>");
}

std::string Leaf(std::string_view text) {
  std::string out;
  Writer(out).Leaf("K", text);
  return out.substr(3, out.size() - 7);
}

TEST(Writer, EscapesWhatAParserWouldChange) {
  EXPECT_EQ(Leaf("a<b>&\"'\r\n\t"), "a&lt;b&gt;&amp;&quot;'&#xD;\n\t");
  EXPECT_EQ(Leaf(std::string_view("\x00\x01\x0b\x1f\x7f", 5)), "&#x0;&#x1;&#xB;&#x1F;\x7f");
  EXPECT_EQ(Leaf("\xef\xbf\xbe|\xef\xbf\xbf|\xef\xbf\xbd"), "&#xFFFE;|&#xFFFF;|\xef\xbf\xbd");
  EXPECT_EQ(Leaf("\xc3\xa9\xf0\x9f\x98\x80"), "\xc3\xa9\xf0\x9f\x98\x80");
}

TEST(Writer, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Leaf("a\x80z\xc3\xa9\xc3"), "a\xef\xbf\xbdz\xc3\xa9\xef\xbf\xbd");
  EXPECT_EQ(Leaf("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Writer, WritesWhatTheParserReadsBack) {
  std::string every;
  for (int byte = 0; byte < 0x80; ++byte) every.push_back(static_cast<char>(byte));
  every += "\xc2\x85\xe2\x80\xa8\xef\xbf\xbe\xef\xbf\xbf\xf4\x8f\xbf\xbf";
  std::string out;
  Writer writer(out);
  writer.BeginWithAttributes("R", {{"a", every}});
  writer.Leaf("K", every);
  writer.End();
  const Element root = Parsed(out);
  EXPECT_EQ(root.attributes[0].second, every);
  EXPECT_EQ(root.Child("K")->text, every);
}

}  // namespace
}  // namespace firmsign::xml
