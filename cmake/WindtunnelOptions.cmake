# Compiler settings shared by every target. Presets choose the values; this file gives them meaning.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# Release is -O3 -DNDEBUG for the baseline x86-64: one binary for every machine, and one order of
# floating-point operations. WT_CHECK stays on in it; WT_DCHECK does not.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

option(WT_NATIVE "Compile for this machine's processor (-march=native)" OFF)
option(WT_PCH "Share one precompiled header among the tests" ON)
option(WT_BENCH "Declare the benchmarks (target bench_all)" ON)
option(WT_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(WT_COVERAGE "Instrument for coverage" OFF)
set(WT_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

# ccache keeps objects built with a precompiled header only when told that the header's file times
# may be ignored; it hashes the header's content either way.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE})
endif()

find_package(fmt REQUIRED)
find_package(Threads REQUIRED)

add_library(windtunnel_options INTERFACE)
target_compile_features(windtunnel_options INTERFACE cxx_std_20)
# Results must not depend on how the compiler contracts floating point.
target_compile_options(windtunnel_options INTERFACE -ffp-contract=off)

# gcc 12 sees overlaps in std::string's own inlined copies that are not there (gcc bug 105651).
add_library(windtunnel_warnings INTERFACE)
target_compile_options(windtunnel_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-align -Woverloaded-virtual -Wnull-dereference -Wdouble-promotion
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wno-null-dereference -Wno-restrict>
  $<$<BOOL:$ENV{CI}>:-Werror>)

# In position-independent code gcc otherwise keeps every function that is not inline replaceable by
# the dynamic linker and inlines none of them, not even within its file; clang never does.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fno-semantic-interposition)
endif()
if(CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)
elseif(CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()
if(WT_NATIVE)
  add_compile_options(-march=native)
endif()
# Compilers do not agree on how a file learns that it is sanitized.
if(WT_SANITIZE OR WT_FUZZ)
  add_compile_definitions(WT_SANITIZED)
endif()
if(WT_SANITIZE)
  add_compile_options(-fsanitize=${WT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WT_SANITIZE})
  # Tests that count allocations bring an operator new of their own; the thread sanitizer's library
  # brings a second one. The first wins, and calls the sanitizer's malloc.
  if(WT_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(-Wl,--allow-multiple-definition)
  endif()
endif()
if(WT_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
if(WT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

# What every test finds in its environment: one variable, since gtest_discover_tests cannot carry a
# list. Sanitizer options and WT_EPISODES (which scales the randomised tests) come from the presets.
set(WT_TEST_ENVIRONMENT WT_SOURCE_DIR=${PROJECT_SOURCE_DIR})
