#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the files beside it with the openssl command: a chain for signing code on P-384 (root, issuer, leaf), others that
# may not sign code, and CMS signatures by the leaf. Run again only to add a case: keys and signatures come out different
# each time, and every file is replaced. Test keys, of no use outside of the tests.
set -eu
cd "$(dirname "$0")"
rm -f ./*.pem ./*.der ./*.bin ./*.txt
days=36500
for name in root issuer leaf server other-root; do
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out $name.key.pem
done
self() {
  openssl req -x509 -new -key "$1.key.pem" -sha384 -days $days -subj "/O=Example/CN=$2" -config /dev/null \
    -out "$1.crt.pem" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -addext subjectKeyIdentifier=hash
}
issue() { # name, common name, issuer, extensions
  printf '%b\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' "$4" > extensions.tmp
  openssl req -new -key "$1.key.pem" -subj "/O=Example/CN=$2" -config /dev/null -out request.tmp
  openssl x509 -req -in request.tmp -CA "$3.crt.pem" -CAkey "$3.key.pem" -sha384 -days $days -extfile extensions.tmp \
    -CAcreateserial -CAserial serial.tmp -out "$1.crt.pem"
}
self root "Test Root"
self other-root "Test Root"
issue issuer "Test Issuer" root "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign"
issue leaf "Test Leaf" issuer "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning"
issue server "Test Server" issuer "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth"

# Of the TBSCertificate alone, which begins after the four bytes of the outer SEQUENCE's head.
for name in leaf issuer root; do
  openssl asn1parse -in $name.crt.pem -strparse 4 -noout -out tbs.tmp
  openssl dgst -sha384 -r tbs.tmp | cut -c1-96 > $name.tbs-sha384.txt
done

openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 00000000000000000000000000000000 -in /dev/zero \
  2>/dev/null | head -c 48 > content.bin
sign() { # file, further options
  file=$1
  shift
  openssl cms -sign -binary -md sha384 -in content.bin -signer leaf.crt.pem -inkey leaf.key.pem -outform DER \
    -out "$file" "$@"
}
sign detached.der -certfile issuer.crt.pem -nosmimecap
sign smimecap.der -certfile issuer.crt.pem
sign attached.der -nodetach
sign no-attributes.der -noattr
sign no-certificate.der -nocerts
openssl cms -sign -binary -md sha256 -in content.bin -signer leaf.crt.pem -inkey leaf.key.pem -outform DER \
  -out sha256.der
rm -f ./*.tmp
