# SPDX-License-Identifier: Apache-2.0
"""The tests of the object store with the newest boto3, which sends checksums that Debian's does not know."""

import os
import subprocess

import pytest
import sdks


@pytest.mark.parametrize("file", ["test_s3.py", "test_s3_settings.py", "test_https.py"])
def test_the_newest_boto3_finds_the_same(file):
    command = [sdks.python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", sdks.CLIENTS / file]
    answer = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False, timeout=600, env=os.environ)
    assert answer.returncode == 0, answer.stdout[-8000:]
    assert " passed" in answer.stdout
