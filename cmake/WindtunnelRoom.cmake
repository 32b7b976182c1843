# wt_room(NAME [LINKS room...] [PRIVATE lib...])
# A room is the folder src/NAME, the namespace windtunnel::NAME and the target windtunnel_NAME.
# Sources are every *.cc in it; *_test.cc become NAME_test, registered with ctest.
# A file called main.cc is left to the room's own executable (only cli has one).
find_package(GTest REQUIRED)
set(WT_ROOMS "" CACHE INTERNAL "rooms declared so far")

function(wt_room name)
  cmake_parse_arguments(ARG "" "" "LINKS;PRIVATE" ${ARGN})
  set(dir ${PROJECT_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${dir}/*.h)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  set(links "")
  foreach(link ${ARG_LINKS})
    list(APPEND links windtunnel_${link})
  endforeach()

  set(target windtunnel_${name})
  set(scope PUBLIC)
  if(sources)
    add_library(${target} STATIC ${sources})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(${target} PRIVATE windtunnel_warnings ${ARG_PRIVATE})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(windtunnel::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} ${scope} windtunnel_options fmt::fmt Threads::Threads ${links})
  set(WT_ROOMS "${WT_ROOMS};${name}" CACHE INTERNAL "")

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${target} windtunnel_warnings ${ARG_PRIVATE}
      GTest::gmock GTest::gtest_main)
    wt_test_pch(${name}_test)
    wt_discover(${name}_test ${name})
  endif()
endfunction()

# gtest costs seconds per file, so every test executable shares one precompiled header.
function(wt_test_pch target)
  if(NOT TARGET wt_test_pch_base)
    file(WRITE ${CMAKE_BINARY_DIR}/pch_stub.cc "#include <gtest/gtest.h>\n")
    add_library(wt_test_pch_base OBJECT ${CMAKE_BINARY_DIR}/pch_stub.cc)
    target_link_libraries(wt_test_pch_base PRIVATE windtunnel_options windtunnel_warnings GTest::gmock
      fmt::fmt Threads::Threads)
    target_precompile_headers(wt_test_pch_base PRIVATE <gtest/gtest.h> <gmock/gmock.h>)
  endif()
  target_precompile_headers(${target} REUSE_FROM wt_test_pch_base)
endfunction()

include(GoogleTest)
function(wt_discover target label)
  gtest_discover_tests(${target} TEST_PREFIX "${label}/" DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${label} TIMEOUT 600
    ENVIRONMENT "WT_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()
