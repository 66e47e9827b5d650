# SPDX-License-Identifier: Apache-2.0
# Flags that every target shares. Presets choose the compiler and FIRMSIGN_SANITIZE.

set(FIRMSIGN_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=, e.g. address,undefined")
option(FIRMSIGN_HARDEN "Hardening flags of release builds" OFF)

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers -Werror=return-type
                    -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wno-missing-designated-field-initializers)
endif()
if(FIRMSIGN_WERROR)
  add_compile_options(-Werror)
endif()
if(FIRMSIGN_SANITIZE)
  add_compile_options(-fsanitize=${FIRMSIGN_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FIRMSIGN_SANITIZE})
endif()
if(FIRMSIGN_HARDEN)
  add_compile_options(-D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong -fcf-protection
                      -fstack-clash-protection)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_link_options(-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
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
