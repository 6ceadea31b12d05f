# Tests of the green runtime's scheduler, which conformance cannot reach.
if(TARGET switchyard_green)
  foreach(NAME distance procs timer_heap tune)
    add_runtime_test(${NAME} unit)
  endforeach()
endif()
