#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""codegen.py model/x.smithy OUTDIR: writes OUTDIR/x.h and OUTDIR/x.cc, the C++ data of one service's model."""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from emitter import Emitter  # noqa: E402
from model import load  # noqa: E402
from smithy import ModelError  # noqa: E402


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    options = arguments.parse_args()
    try:
        model = load(options.model)
        if model.name != options.model.stem:
            raise ModelError(options.model, 1, f"the namespace ends in {model.name}, not {options.model.stem}")
        emitter = Emitter(model)
        options.folder.mkdir(parents=True, exist_ok=True)
        (options.folder / f"{model.name}.h").write_text(emitter.header(), encoding="utf-8")
        (options.folder / f"{model.name}.cc").write_text(emitter.source(), encoding="utf-8")
    except (ModelError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
