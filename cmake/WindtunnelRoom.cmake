# wt_room(NAME [LINKS room...] [PRIVATE lib...])
# A room is the folder src/NAME, the namespace windtunnel::NAME and the target windtunnel_NAME.
# Sources are every *.cc in it; *_test.cc become NAME_test, registered with ctest.
# A file called main.cc is left to the room's own executable (only cli has one).
find_package(GTest REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
include(GoogleTest)
set(WT_ROOMS "" CACHE INTERNAL "rooms declared so far")

function(wt_room name)
  cmake_parse_arguments(ARG "" "" "LINKS;PRIVATE" ${ARGN})
  set(dir ${PROJECT_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(TRANSFORM ARG_LINKS PREPEND windtunnel_ OUTPUT_VARIABLE links)

  set(target windtunnel_${name})
  set(scope PUBLIC)
  if(sources)
    add_library(${target} STATIC ${sources})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    # Warnings are ours alone: an installed package must not hand them to its users.
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:windtunnel_warnings> ${ARG_PRIVATE})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(windtunnel::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/windtunnel/rooms>)
  target_link_libraries(${target} ${scope} windtunnel_options fmt::fmt Threads::Threads ${links})
  set(WT_ROOMS "${WT_ROOMS};${name}" CACHE INTERNAL "")

  if(tests)
    wt_test(${name}_test ${name} ${tests})
    target_link_libraries(${name}_test PRIVATE ${target} ${ARG_PRIVATE})
  endif()
endfunction()

# wt_rooms(OUT): the targets of every room declared so far.
function(wt_rooms out)
  list(TRANSFORM WT_ROOMS PREPEND windtunnel_ OUTPUT_VARIABLE targets)
  list(FILTER targets EXCLUDE REGEX "^windtunnel_$")
  set(${out} ${targets} PARENT_SCOPE)
endfunction()

# wt_command(NAME MAIN): the command, once its main file is there.
function(wt_command name main)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${main})
    add_executable(${name} ${main})
    target_link_libraries(${name} PRIVATE windtunnel_cli windtunnel_warnings)
  endif()
endfunction()

# wt_test(TARGET LABEL SOURCE...): a gtest executable with our warnings and the shared header.
function(wt_test target label)
  add_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE windtunnel_options windtunnel_warnings fmt::fmt
    Threads::Threads GTest::gmock GTest::gtest_main rapidcheck)
  wt_test_pch(${target})
  wt_discover(${target} ${label})
endfunction()

# gtest costs seconds per file, so every test executable shares one precompiled header.
function(wt_test_pch target)
  if(NOT WT_PCH)
    target_compile_options(${target} PRIVATE "SHELL:-include gtest/gtest.h"
      "SHELL:-include gmock/gmock.h")
    return()
  endif()
  if(NOT TARGET wt_test_pch_base)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch_stub.cc CONTENT "#include <gtest/gtest.h>\n")
    add_library(wt_test_pch_base OBJECT ${CMAKE_BINARY_DIR}/pch_stub.cc)
    target_link_libraries(wt_test_pch_base PRIVATE windtunnel_options windtunnel_warnings GTest::gmock
      fmt::fmt Threads::Threads)
    target_precompile_headers(wt_test_pch_base PRIVATE <gtest/gtest.h> <gmock/gmock.h>)
  endif()
  target_precompile_headers(${target} REUSE_FROM wt_test_pch_base)
endfunction()

# Suites called Nightly* carry the label `nightly` and are left out by the test presets; everything
# else carries the label given. The presets also say how long a test may take.
function(wt_discover target label)
  gtest_discover_tests(${target} TEST_PREFIX "${label}/" DISCOVERY_TIMEOUT 120
    TEST_FILTER "-Nightly*:*/Nightly*" TEST_LIST ${target}_TESTS
    PROPERTIES LABELS ${label} ENVIRONMENT "${WT_TEST_ENVIRONMENT}")
  gtest_discover_tests(${target} TEST_PREFIX "nightly/${label}/" DISCOVERY_TIMEOUT 120
    TEST_FILTER "Nightly*:*/Nightly*" TEST_LIST ${target}_NIGHTLY
    PROPERTIES LABELS nightly ENVIRONMENT "${WT_TEST_ENVIRONMENT}")
endfunction()
