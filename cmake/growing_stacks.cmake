# switchyard_growing_stacks(TARGET): compiles the C code of the target such that the stacks of its
# tasks grow beyond their slots (docs/stacks.md). Without effect where that is not supported: other
# compilers than gcc, other processors than x86-64, sanitizers. The slot is the limit there.
option(SWITCHYARD_CHECK_STACKS "Let stacks grow where it is supported; OFF to compare" ON)
if(SWITCHYARD_CHECK_STACKS AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64"
   AND NOT SWITCHYARD_SANITIZE)
  set(SWITCHYARD_GROWING_STACKS ON)
else()
  set(SWITCHYARD_GROWING_STACKS OFF)
endif()

# For compiling only: told to link, gcc would put its own __morestack in and ask for another linker.
function(switchyard_growing_stacks target)
  if(SWITCHYARD_GROWING_STACKS)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:C>:-fsplit-stack>)
  endif()
endfunction()
