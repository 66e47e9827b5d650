// SPDX-License-Identifier: Apache-2.0
//
// TLS, Unix sockets, and how a server ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <thread>

#include "platform/http/testing/server_fixture.h"

namespace firmsign::http {
namespace {

using testing::Event;
using testing::RawClient;
using testing::ReadAll;
using testing::Reply;
using testing::Request;
using testing::Text;

class ServerLifeTest : public testing::ServerFixture {};

// A self-signed certificate and its key, in files of `folder`.
TlsFiles MakeCertificate(const std::filesystem::path& folder, const std::string& name) {
  TlsFiles files{.certificate_chain = folder / (name + ".crt"), .private_key = folder / (name + ".key")};
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  std::unique_ptr<FILE, int (*)(FILE*)> crt(std::fopen(files.certificate_chain.c_str(), "w"), std::fclose);
  PEM_write_X509(crt.get(), certificate.get());
  std::unique_ptr<FILE, int (*)(FILE*)> pem(std::fopen(files.private_key.c_str(), "w"), std::fclose);
  PEM_write_PrivateKey(pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

using ClientContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

ClientContext MakeClientContext(int version) {
  ClientContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);  // so that TLS 1.1 can be offered at all
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  return context;
}

TEST_F(ServerLifeTest, ServesTls12And13) {
  Start();
  TlsFiles files = MakeCertificate(folder_, "server");
  auto port = server_->Listen("127.0.0.1", 0, &files);
  ASSERT_TRUE(port) << port.error().message;
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ClientContext context = MakeClientContext(version);
    RawClient client = RawClient::Tcp(*port);
    ASSERT_TRUE(client.StartTls(context.get()));
    EXPECT_EQ(client.Ask(Request("POST /echo", "Content-Length: 2\r\n", "ab")).body, "POST /echo ab");
    std::string body(3'000'000, 'x');
    Reply reply = client.Ask(Request("PUT /stream", "Content-Length: 3000000\r\n", body));
    EXPECT_EQ(reply.body, "3000000");
    EXPECT_EQ(client.Ask(Request("GET /echo", "Connection: close\r\n")).status, 200);
    // The end is announced by close_notify, so that nobody can cut a response short unnoticed.
    char byte = 0;
    EXPECT_EQ(SSL_read(client.ssl(), &byte, 1), 0);
    EXPECT_EQ(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
  }
  EXPECT_TRUE(handler_.heads()[0].peer.tls);
}

TEST_F(ServerLifeTest, RefusesOlderTlsAndPlainTextOnATlsPort) {
  Start();
  TlsFiles files = MakeCertificate(folder_, "server");
  auto port = server_->Listen("127.0.0.1", 0, &files);
  ASSERT_TRUE(port) << port.error().message;
  ClientContext context = MakeClientContext(TLS1_1_VERSION);
  EXPECT_FALSE(RawClient::Tcp(*port).StartTls(context.get()));
  EXPECT_EQ(RawClient::Tcp(*port).Ask(Request("GET /echo")).status, 0);
  EXPECT_TRUE(handler_.heads().empty());
}

TEST_F(ServerLifeTest, SelectsHttp11ByAlpn) {
  Start();
  TlsFiles files = MakeCertificate(folder_, "server");
  auto port = server_->Listen("127.0.0.1", 0, &files);
  ASSERT_TRUE(port) << port.error().message;
  ClientContext context = MakeClientContext(TLS1_3_VERSION);
  const unsigned char offer[] = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(context.get(), offer, sizeof offer - 1);
  RawClient client = RawClient::Tcp(*port);
  ASSERT_TRUE(client.StartTls(context.get()));
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

TEST_F(ServerLifeTest, NamesTheTlsFileThatIsWrong) {
  Start();
  TlsFiles good = MakeCertificate(folder_, "server");
  TlsFiles other = MakeCertificate(folder_, "other");
  TlsFiles missing{.certificate_chain = folder_ / "none.crt", .private_key = good.private_key};
  TlsFiles mixed{.certificate_chain = good.certificate_chain, .private_key = other.private_key};
  auto absent = server_->Listen("127.0.0.1", 0, &missing);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Code::kInvalid);
  EXPECT_THAT(absent.error().message, ::testing::HasSubstr("none.crt"));
  auto mismatch = server_->Listen("127.0.0.1", 0, &mixed);
  ASSERT_FALSE(mismatch);
  EXPECT_THAT(mismatch.error().message, ::testing::HasSubstr("other.key"));
}

TEST_F(ServerLifeTest, SurvivesTlsClientsThatVanish) {
  Start();
  TlsFiles files = MakeCertificate(folder_, "server");
  auto port = server_->Listen("127.0.0.1", 0, &files);
  ASSERT_TRUE(port) << port.error().message;
  ClientContext context = MakeClientContext(TLS1_3_VERSION);
  for (int i = 0; i < 20; ++i) {
    RawClient client = RawClient::Tcp(*port);
    ASSERT_TRUE(client.StartTls(context.get()));
    client.Send(Request("GET /echo") + Request("GET /echo") + Request("GET /echo"));
  }
  EXPECT_EQ(Connect().Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerLifeTest, KnowsTheUserOfAUnixSocket) {
  Start();
  std::string path = folder_ / "admin.sock";
  ASSERT_TRUE(server_->ListenUnix(path));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  RawClient client = RawClient::Unix(path);
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
  ASSERT_EQ(handler_.heads().size(), 1u);
  EXPECT_EQ(handler_.heads()[0].peer.uid, ::getuid());
  EXPECT_EQ(handler_.heads()[0].peer.address, "");
}

TEST_F(ServerLifeTest, ReplacesALeftOverSocketButNoOtherFile) {
  std::string path = folder_ / "admin.sock";
  Start();
  ASSERT_TRUE(server_->ListenUnix(path));
  ASSERT_TRUE(server_->ListenUnix(path));
  EXPECT_EQ(RawClient::Unix(path).Ask(Request("GET /echo")).status, 200);
  std::string file = folder_ / "file";
  std::ofstream(file) << "precious";
  EXPECT_EQ(server_->ListenUnix(file).error().code, Code::kInvalid);
  EXPECT_TRUE(std::filesystem::is_regular_file(file));
  EXPECT_EQ(server_->ListenUnix(std::string(200, 'x')).error().code, Code::kInvalid);
  EXPECT_EQ(server_->ListenUnix(folder_ / "no" / "folder.sock").error().code, Code::kUnavailable);
}

TEST_F(ServerLifeTest, LetsTheOperatorInWhenItIsFull) {
  ServerOptions options;
  options.connections_max = 1;
  Start(options);
  std::string path = folder_ / "admin.sock";
  ASSERT_TRUE(server_->ListenUnix(path));
  RawClient client = Connect();
  EXPECT_EQ(client.Ask(Request("GET /echo")).status, 200);
  EXPECT_EQ(RawClient::Unix(path).Ask(Request("GET /echo")).status, 200);
}

TEST_F(ServerLifeTest, StopLetsRequestsInFlightEnd) {
  Start();
  RawClient idle = Connect();
  EXPECT_EQ(idle.Ask(Request("GET /echo")).status, 200);
  RawClient busy = Connect();
  busy.Send(Request("GET /wait"));
  has_begun_.Wait();
  std::thread stopper([&] { server_->Stop(); });
  EXPECT_TRUE(idle.IsAtEnd());  // closed at once
  may_end_.Set();
  Reply reply = busy.Read();
  EXPECT_EQ(reply.body, "done");
  EXPECT_TRUE(reply.Has("Connection: close"));
  EXPECT_TRUE(busy.IsAtEnd());
  stopper.join();
  EXPECT_FALSE(Connect().is_connected());
  EXPECT_EQ(server_->Listen("127.0.0.1", 0).error().code, Code::kUnavailable);
  server_->Stop();
}

TEST_F(ServerLifeTest, StopClosesListenersThatHaveJustBegun) {
  for (int i = 0; i < 100; ++i) {
    Start();
    server_->Stop();
    EXPECT_FALSE(Connect().is_connected());
  }
}

TEST_F(ServerLifeTest, StopClosesWhatDoesNotEndInTime) {
  Event has_begun;
  Code code = Code::kInternal;
  handler_.On("/keep", [&](const RequestHead&) {
    return Streamed([&](BodyReader& body) {
      has_begun.Set();
      auto all = ReadAll(body);
      code = all ? Code::kInternal : all.error().code;
      return Text(200, "");
    });
  });
  ServerOptions options;
  options.drain_seconds_max = std::chrono::seconds(0);
  Start(options);
  RawClient half = Connect();
  half.Send("GET /echo HTT");
  RawClient client = Connect();
  client.Send(Request("PUT /keep", "Content-Length: 10\r\n", "abc"));
  has_begun.Wait();
  server_->Stop();
  EXPECT_EQ(code, Code::kUnavailable);
  EXPECT_TRUE(client.IsAtEnd());
  EXPECT_TRUE(half.IsAtEnd());
}

TEST_F(ServerLifeTest, StopRemovesItsUnixSocket) {
  Start();
  std::string path = folder_ / "admin.sock";
  ASSERT_TRUE(server_->ListenUnix(path));
  server_->Stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerLifeTest, CanBeMadeAndDestroyedWithoutListening) {
  auto server = Server::Make({}, handler_);
  ASSERT_TRUE(server);
  server->reset();
  EXPECT_EQ(Server::Make({.connections_max = 0}, handler_).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace firmsign::http
