#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the files beside it with the openssl command, so that our code is compared with other software. Run again only
# to add a case: keys and ECDSA signatures come out different each time, and every file is replaced. Test keys, of no
# use outside of the tests.
set -eu
cd "$(dirname "$0")"
rm -f ./*.pem ./*.sig ./*.der ./*.txt
days=36500

# Keys in every form that people have.
openssl ecparam -name prime256v1 -genkey -out p256-with-parameters.key.pem
openssl ec -in p256-with-parameters.key.pem -out p256-sec1.key.pem
openssl pkcs8 -topk8 -nocrypt -in p256-sec1.key.pem -out p256.key.pem
openssl ec -in p256.key.pem -conv_form compressed -out p256-compressed.key.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit -out p256-explicit.key.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other-p256.key.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.key.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521.key.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out k256.key.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa1024.key.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa2048.key.pem
openssl rsa -in rsa2048.key.pem -traditional -out rsa2048-pkcs1.key.pem
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.key.pem
openssl genpkey -algorithm ED25519 -out ed25519.key.pem
openssl dsaparam -genkey -noout -out dsa.key.pem 1024
openssl pkcs8 -topk8 -in p256.key.pem -passout pass:secret -out encrypted-pkcs8.key.pem
openssl rsa -in rsa2048.key.pem -aes128 -traditional -passout pass:secret -out encrypted-pkcs1.key.pem
for key in p256 p384 p521 rsa1024 rsa2048; do
  openssl pkey -in $key.key.pem -pubout -out $key.pub.pem
  openssl pkey -in $key.key.pem -pubout -outform DER -out $key.spki.der
done

# Signatures over a text; PKCS#1 v1.5 is deterministic, ECDSA is not.
printf 'The text that is signed.\n' > message.txt
for hash in sha1 sha256 sha384 sha512; do
  for key in p256 p384 p521 rsa2048; do
    openssl dgst -$hash -sign $key.key.pem -out $key.$hash.sig message.txt
  done
done

# Self-signed certificates for code signing.
sign_self() {
  openssl req -x509 -new -key "$1.key.pem" -sha256 -days $days -subj "$2" -config /dev/null -out "$1.crt.pem" \
    -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=codeSigning
}
sign_self p256 "/CN=Device Signer/O=Example"
sign_self p384 "/CN=p384.example.com"
sign_self p521 "/CN=p521.example.com"
sign_self k256 "/CN=k256.example.com"
sign_self rsa1024 "/CN=rsa1024.example.com"
sign_self rsa2048 "/CN=rsa2048.example.com"
sign_self ed25519 "/CN=ed25519.example.com"
openssl x509 -in p256.crt.pem -outform DER -out p256.crt.der

# Every usage and purpose, alternative names, characters beyond ASCII, a serial number with a leading zero.
openssl req -x509 -new -key other-p256.key.pem -sha384 -days $days -utf8 -config /dev/null -set_serial 0x0a1b2c3d \
  -subj "/C=DE/O=Müller \& Söhne, GmbH/CN=first.example.com/CN=last.example.com" -out everything.crt.pem \
  -addext keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,keyCertSign,cRLSign,encipherOnly,decipherOnly \
  -addext extendedKeyUsage=serverAuth,clientAuth,codeSigning,emailProtection,timeStamping,OCSPSigning,ipsecEndSystem,ipsecTunnel,ipsecUser,anyExtendedKeyUsage,1.2.3.4.5 \
  -addext subjectAltName=DNS:last.example.com,DNS:*.example.com,IP:192.0.2.1,email:a@example.com
# No usage, no purpose, no common name; renewed forms of one key without its purpose, or without its usage.
openssl req -x509 -new -key rsa2048.key.pem -sha1 -days $days -config /dev/null -subj "/O=Nameless" -out plain.crt.pem \
  -addext subjectKeyIdentifier=hash
openssl req -new -key p256.key.pem -config /dev/null -subj "/CN=v1" -out v1.csr.pem
openssl x509 -req -in v1.csr.pem -signkey p256.key.pem -days $days -out v1.crt.pem
openssl req -x509 -new -key p256.key.pem -days $days -config /dev/null -subj "/CN=Device Signer" -out p256-no-purpose.crt.pem \
  -addext keyUsage=digitalSignature

# root -> issuer -> leaf.
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out root.key.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out issuer.key.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out leaf.key.pem
openssl req -x509 -new -key root.key.pem -days $days -config /dev/null -subj "/CN=Root" -out root.crt.pem \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign
openssl req -new -key issuer.key.pem -config /dev/null -subj "/CN=Issuer" -out issuer.csr.pem
printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n' > issuer.ext.txt
openssl x509 -req -in issuer.csr.pem -CA root.crt.pem -CAkey root.key.pem -days $days -extfile issuer.ext.txt -out issuer.crt.pem
openssl req -new -key leaf.key.pem -config /dev/null -subj "/CN=Leaf" -out leaf.csr.pem
printf 'keyUsage=digitalSignature\nextendedKeyUsage=codeSigning\n' > leaf.ext.txt
openssl x509 -req -in leaf.csr.pem -CA issuer.crt.pem -CAkey issuer.key.pem -days $days -extfile leaf.ext.txt -out leaf.crt.pem
# The same names by another authority.
openssl req -x509 -new -key other-p256.key.pem -days $days -config /dev/null -subj "/CN=Issuer" -out false-issuer.crt.pem
rm -f ./*.csr.pem ./*.ext.txt root.key.pem issuer.key.pem ./*.srl
