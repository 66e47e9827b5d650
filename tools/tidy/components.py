# SPDX-License-Identifier: Apache-2.0
"""Reads the components and their dependencies from src/CMakeLists.txt."""

import re
from dataclasses import dataclass, field


@dataclass
class Component:
    name: str
    deps: set = field(default_factory=set)
    test_deps: set = field(default_factory=set)


def parse(text):
    """The components that a CMakeLists.txt declares, by name. Knows set(), firmsign_component, _program and _model."""
    text = re.sub(r"#[^\n]*", "", text)
    variables, components = {}, {}
    for command, arguments in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        words = []
        for word in arguments.split():
            reference = re.fullmatch(r"\$\{(\w+)\}", word)
            words += variables.get(reference[1], []) if reference else [word]
        if command == "set":
            variables[words[0]] = words[1:]
        elif command == "firmsign_model":
            name = f"model/{words[0]}"
            components[name] = Component(name, {"aws"})
        elif command in ("firmsign_component", "firmsign_program"):
            words = words[1:] if command == "firmsign_program" else words
            component = Component(words[0])
            into = None
            for word in words[1:]:
                if word in ("DEPS", "LINK", "TEST_DEPS"):
                    into = {"DEPS": component.deps, "LINK": set(), "TEST_DEPS": component.test_deps}[word]
                elif into is not None:
                    into.add(word)
            components[component.name] = component
    return components


def component_of(path, components):
    """The component that a path under src/ belongs to: the longest declared folder that it lies in, or None."""
    if path.startswith("model/"):
        name = re.sub(r"\.\w+$", "", path)
        return components.get(name)
    folder = path
    while "/" in folder:
        folder = folder.rsplit("/", 1)[0]
        if folder in components:
            return components[folder]
    return None
