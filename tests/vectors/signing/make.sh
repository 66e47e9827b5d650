#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the files beside it with the openssl command: an image, and the signatures that a device expects for it. Run
# again only to add a case: every file is replaced.
set -eu
cd "$(dirname "$0")"
keys=../crypto
rm -f image.bin ./*.sig
# An image of odd length that is larger than one piece of reading, with every byte value in it.
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 00000000000000000000000000000000 -in /dev/zero 2>/dev/null \
  | head -c 300001 > image.bin
# RSASSA-PKCS1-v1_5 over the image, and over the boot file of the CC3220SF: the image's SHA-1, then the image.
openssl dgst -sha256 -sign $keys/rsa2048.key.pem -out rsa2048.sha256.sig image.bin
{ openssl dgst -sha1 -binary image.bin; cat image.bin; } > bootfile.bin
openssl dgst -sha1 -sign $keys/rsa2048.key.pem -out rsa2048.cc3220sf.sig bootfile.bin
rm bootfile.bin
openssl dgst -sha256 -sign $keys/p256.key.pem -out p256.sha256.sig image.bin
