# Flags of every target. Both runtimes and all workloads get the same ones: what one side gets, the other gets.
# No LTO: the workload objects must be the same bytes in both workers.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-O0 -g3")

option(SWITCHYARD_WERROR "Treat warnings as errors" ON)
set(SWITCHYARD_SANITIZE "" CACHE STRING "address, undefined, thread, or a list of them with commas")
option(SWITCHYARD_FUZZ "Build the fuzz targets (needs clang and fuzzer-no-link in SWITCHYARD_SANITIZE)" OFF)
option(SWITCHYARD_COVERAGE "Instrument for coverage" OFF)

add_compile_options(
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual
  -Wwrite-strings -Wundef -Wvla -Wformat=2
  -fstack-clash-protection # a frame larger than the guard cannot jump over it
  -fno-common)
add_compile_definitions(_GNU_SOURCE)
if(SWITCHYARD_WERROR)
  add_compile_options(-Werror)
endif()
if(SWITCHYARD_SANITIZE)
  add_compile_options(-fsanitize=${SWITCHYARD_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SWITCHYARD_SANITIZE})
endif()
if(SWITCHYARD_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
# Position-dependent code: the switch finds its proc through one %fs-relative load.
add_link_options(-no-pie)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
