# Tests of the inside of the green runtime, which conformance cannot reach.
string(REPLACE "arm64" "aarch64" RUNTIME_ARCH "${CMAKE_SYSTEM_PROCESSOR}")

function(add_runtime_test NAME LABEL)
  add_executable(test_runtime_${NAME} test_runtime_${NAME}.c $<TARGET_OBJECTS:test_support>)
  target_include_directories(
    test_runtime_${NAME} PRIVATE ${PROJECT_SOURCE_DIR}/runtime
                                 ${PROJECT_SOURCE_DIR}/runtime/arch/${RUNTIME_ARCH})
  target_link_libraries(test_runtime_${NAME} test_support switchyard_green)
  add_test(NAME unit.runtime_${NAME} COMMAND test_runtime_${NAME})
  set_tests_properties(unit.runtime_${NAME} PROPERTIES LABELS "${LABEL}" TIMEOUT 120 ENVIRONMENT
                                                       "${SANITIZER_ENVIRONMENT}")
endfunction()

if(TARGET switchyard_green)
  foreach(NAME cold_room dump dump_cycles limits lock mutex netpoll pool refused review runq scheduler timer transfer)
    add_runtime_test(${NAME} unit)
  endforeach()
  foreach(NAME million section)
    add_runtime_test(${NAME} stress)
  endforeach()
  # Its memory shall be free, and no other test is to be measured beside it.
  set_tests_properties(unit.runtime_million PROPERTIES RUN_SERIAL ON)
  # A sanitizer takes the SIGSEGV of an overflow itself, and needs address space of its own.
  if(NOT SWITCHYARD_SANITIZE)
    add_runtime_test(space unit)
    add_runtime_test(giveback unit)
    add_runtime_test(hibernate unit)
    add_runtime_test(hibernate_faults unit)
    add_runtime_test(stack_policy unit)
    add_runtime_test(hibernate_stress stress)
    add_runtime_test(fallback unit)
    add_runtime_test(faults unit)
    add_runtime_test(deadlock unit)
    add_runtime_test(dump_quit unit)
    add_runtime_test(dump_settings unit)
    set_target_properties(test_runtime_deadlock test_runtime_dump_quit test_runtime_dump_settings
                          PROPERTIES ENABLE_EXPORTS ON) # names in backtraces
  endif()
  # Which proc a task is born on, and so its number, shall not depend on how busy the machine is.
  if(NOT SWITCHYARD_SANITIZE)
    set_property(TEST unit.runtime_deadlock unit.runtime_dump_quit APPEND PROPERTY ENVIRONMENT
                 "SWITCHYARD_TUNE=nopreemptcall,nopreemptprologue,nopreemptsignal")
  endif()
  add_runtime_test(streams stress)
  foreach(NAME netpoll streams transfer)
    target_sources(test_runtime_${NAME} PRIVATE $<TARGET_OBJECTS:test_support_io>)
  endforeach()
  target_link_options(test_runtime_transfer PRIVATE -Wl,--wrap=recv)
  target_link_options(
    test_runtime_refused PRIVATE
    -Wl,--wrap=mmap,--wrap=munmap,--wrap=mprotect,--wrap=madvise,--wrap=syscall
    -Wl,--wrap=pthread_create)
endif()
