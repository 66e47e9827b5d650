# SPDX-License-Identifier: Apache-2.0
# Flags that every target shares. Presets choose the compiler, the sanitizers and whether a warning stops the build.

set(FIRMSIGN_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=, e.g. address,undefined")
option(FIRMSIGN_HARDEN "Hardening flags of release builds" OFF)
option(FIRMSIGN_WERROR "A warning stops the build" OFF)

add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -Werror=return-type -fno-omit-frame-pointer
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wshadow -Wno-missing-designated-field-initializers)
else()
  # GCC also counts what a lambda does not capture as shadowed, an explicit move that only clang needs as redundant, and
  # the else inside of GoogleTest's macros as dangling.
  # In unity builds it takes every file for a header, and warns of members with types of its unnamed namespace.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-redundant-move>
                      $<$<COMPILE_LANGUAGE:CXX>:-Wno-dangling-else>
                      $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()
if(FIRMSIGN_WERROR)
  add_compile_options(-Werror)
endif()
if(FIRMSIGN_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "FIRMSIGN_FUZZ needs clang: libFuzzer is part of it")
  endif()
  # Everything is instrumented for coverage; only the fuzz targets link libFuzzer's main.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
if(FIRMSIGN_SANITIZE)
  add_compile_options(-fsanitize=${FIRMSIGN_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FIRMSIGN_SANITIZE})
endif()
if(FIRMSIGN_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong
                      -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection)
  endif()
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
