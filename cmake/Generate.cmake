# SPDX-License-Identifier: Apache-2.0
#
# firmsign_model(<service>): generates model/<service>.h and .cc from model/<service>.smithy, as the component
# model/<service>. The target `generated` makes all of them without compiling anything.

find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB FIRMSIGN_CODEGEN CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/codegen/*.py)

add_custom_target(generated)

function(firmsign_model service)
  set(input ${CMAKE_SOURCE_DIR}/model/${service}.smithy)
  set(folder ${CMAKE_BINARY_DIR}/generated)
  if(NOT EXISTS ${input})
    add_library(model_${service} INTERFACE)
    target_include_directories(model_${service} INTERFACE ${folder})
    return()
  endif()
  add_custom_command(
    OUTPUT ${folder}/model/${service}.h ${folder}/model/${service}.cc
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/codegen/codegen.py ${input} ${folder}/model
    DEPENDS ${input} ${FIRMSIGN_CODEGEN}
    COMMENT "Generating model/${service}")
  add_custom_target(generate_${service} DEPENDS ${folder}/model/${service}.h ${folder}/model/${service}.cc)
  add_dependencies(generated generate_${service})
  add_library(model_${service} STATIC ${folder}/model/${service}.cc ${folder}/model/${service}.h)
  add_dependencies(model_${service} generate_${service})
  target_include_directories(model_${service} PUBLIC ${folder} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(model_${service} PUBLIC aws)
endfunction()
