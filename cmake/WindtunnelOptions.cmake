# Compiler settings shared by every target. Presets choose the values; this file gives them meaning.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

option(WT_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(WT_COVERAGE "Instrument for coverage" OFF)
set(WT_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(fmt REQUIRED)
find_package(Threads REQUIRED)

add_library(windtunnel_options INTERFACE)
target_compile_features(windtunnel_options INTERFACE cxx_std_20)
# Results must not depend on how the compiler contracts floating point.
target_compile_options(windtunnel_options INTERFACE -ffp-contract=off)

add_library(windtunnel_warnings INTERFACE)
target_compile_options(windtunnel_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-align -Woverloaded-virtual -Wnull-dereference -Wdouble-promotion
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wno-null-dereference>
  $<$<BOOL:$ENV{CI}>:-Werror>)

if(WT_SANITIZE)
  add_compile_options(-fsanitize=${WT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WT_SANITIZE})
endif()
if(WT_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(WT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
