# SPDX-License-Identifier: Apache-2.0
#
# firmsign_component(<path under src> [DEPS <component>...] [LINK <external target>...] [TEST_DEPS <component>...])
#
# Makes one static library of the *.cc of a folder, a test program of its *_test.cc, and with FIRMSIGN_FUZZ one fuzz
# target of each *_fuzz.cc. The first folder of the path is the layer; a dependency that points right, at another
# service, or at something that is declared later (so that it could be a circle) stops the configuration. TEST_DEPS are
# what only the tests may use; they may point anywhere but from one service to another.
#
# firmsign_program(<name> <path under src> ...) is the same for a folder with a main.cc: that file becomes the executable
# <name> in the build folder, the others a component as above, so that its parts can be tested.
#
# firmsign_count_work(<path under src>) lets the tests of a component count the branches that it takes, where the
# compiler can: the runtime of clang's AddressSanitizer has the hook for everybody else.
#
# firmsign_finish() writes tests.txt (one test program a line) and fuzzers.txt (target and corpus folder) into the build
# folder; ./test reads them.

set(FIRMSIGN_LAYERS base platform aws model engine ports gateway services apps)

function(firmsign_layer component out_rank out_layer)
  string(REGEX REPLACE "/.*" "" layer ${component})
  list(FIND FIRMSIGN_LAYERS ${layer} rank)
  if(rank EQUAL -1)
    message(FATAL_ERROR "${component}: ${layer} is not a layer (${FIRMSIGN_LAYERS})")
  endif()
  set(${out_rank} ${rank} PARENT_SCOPE)
  set(${out_layer} ${layer} PARENT_SCOPE)
endfunction()

function(firmsign_check_dependency component dependency)
  firmsign_layer(${component} rank layer)
  firmsign_layer(${dependency} other_rank other_layer)
  if(other_rank GREATER rank)
    message(FATAL_ERROR "${component} may not depend on ${dependency}: ${other_layer} is right of ${layer}")
  endif()
  firmsign_check_services(${component} ${dependency})
  if(layer STREQUAL "gateway" AND other_layer STREQUAL "model")
    message(FATAL_ERROR "${component} may not depend on ${dependency}: the gateway knows no operation by name")
  endif()
  firmsign_target(${dependency} target)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "${component} may not depend on ${dependency}: it is not declared before it")
  endif()
endfunction()

function(firmsign_check_services component dependency)
  firmsign_layer(${component} rank layer)
  firmsign_layer(${dependency} other_rank other_layer)
  if(layer STREQUAL "services" AND other_layer STREQUAL "services")
    message(FATAL_ERROR "${component} may not depend on ${dependency}: services never include each other")
  endif()
endfunction()

function(firmsign_target component out)
  string(REPLACE "/" "_" target ${component})
  set(${out} ${target} PARENT_SCOPE)
endfunction()

function(firmsign_component component)
  cmake_parse_arguments(ARG "" "" "DEPS;LINK;TEST_DEPS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${component}: what is ${ARG_UNPARSED_ARGUMENTS}?")
  endif()
  firmsign_layer(${component} rank layer)
  firmsign_target(${component} target)
  set(folder ${CMAKE_SOURCE_DIR}/src/${component})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  set(tests ${sources})
  set(fuzzers ${sources})
  list(FILTER sources EXCLUDE REGEX "(_(test|fuzz|bench)|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")

  set(libraries)
  foreach(dependency IN LISTS ARG_DEPS)
    firmsign_check_dependency(${component} ${dependency})
    firmsign_target(${dependency} name)
    list(APPEND libraries ${name})
  endforeach()

  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} PUBLIC ${libraries} ${ARG_LINK})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} INTERFACE ${libraries} ${ARG_LINK})
  endif()

  set(test_libraries)
  foreach(dependency IN LISTS ARG_TEST_DEPS)
    firmsign_check_services(${component} ${dependency})
    firmsign_target(${dependency} name)
    list(APPEND test_libraries ${name})
  endforeach()
  if(FIRMSIGN_TESTS AND tests)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} ${test_libraries} GTest::gmock_main rapidcheck)
    target_compile_definitions(${target}_test PRIVATE FIRMSIGN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    # Tests run once: to optimise them takes longer than they gain. What they test is built as the preset says.
    target_compile_options(${target}_test PRIVATE -O0)
    add_test(NAME ${target} COMMAND ${target}_test)
    set_property(GLOBAL APPEND PROPERTY FIRMSIGN_TEST_PROGRAMS $<TARGET_FILE:${target}_test>)
  endif()
  if(FIRMSIGN_FUZZ)
    foreach(source IN LISTS fuzzers)
      get_filename_component(name ${source} NAME_WE)
      string(REGEX REPLACE "_fuzz$" "" corpus ${name})
      add_executable(${target}_${name} ${source})
      target_link_libraries(${target}_${name} PRIVATE ${target} ${test_libraries})
      target_link_options(${target}_${name} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY FIRMSIGN_FUZZERS "$<TARGET_FILE:${target}_${name}> ${corpus}")
    endforeach()
  endif()
endfunction()

function(firmsign_program name component)
  firmsign_component(${component} ${ARGN})
  firmsign_target(${component} target)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/src/${component}/main.cc)
  target_link_libraries(${name} PRIVATE ${target})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()

function(firmsign_count_work component)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND FIRMSIGN_SANITIZE MATCHES "address" AND FIRMSIGN_TESTS)
    firmsign_target(${component} target)
    target_compile_options(${target} PRIVATE -fsanitize-coverage=trace-pc-guard)
    target_compile_definitions(${target}_test PRIVATE FIRMSIGN_COUNTS_WORK)
  endif()
endfunction()

function(firmsign_finish)
  foreach(list IN ITEMS TEST_PROGRAMS:tests.txt FUZZERS:fuzzers.txt)
    string(REPLACE ":" ";" list ${list})
    list(GET list 0 property)
    list(GET list 1 file)
    get_property(lines GLOBAL PROPERTY FIRMSIGN_${property})
    list(JOIN lines "\n" text)
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${file} CONTENT "${text}\n")
  endforeach()
endfunction()
