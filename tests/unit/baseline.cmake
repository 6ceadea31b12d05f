# Tests of what the conformance suite cannot reach in the pthread baseline.
foreach(NAME slots refused trace descriptor)
  add_executable(test_baseline_${NAME} test_baseline_${NAME}.c $<TARGET_OBJECTS:test_support>)
  target_include_directories(test_baseline_${NAME} PRIVATE ${PROJECT_SOURCE_DIR}/pthread_baseline)
  target_link_libraries(test_baseline_${NAME} test_support switchyard_pthread)
  add_test(NAME unit.baseline_${NAME} COMMAND test_baseline_${NAME})
  set_tests_properties(unit.baseline_${NAME} PROPERTIES LABELS "unit" TIMEOUT 120 ENVIRONMENT
                                                        "${SANITIZER_ENVIRONMENT}")
endforeach()
target_link_options(test_baseline_refused PRIVATE
                    -Wl,--wrap=pthread_create,--wrap=aligned_alloc,--wrap=malloc)
target_link_options(test_baseline_trace PRIVATE -Wl,--wrap=mmap)
target_link_options(test_baseline_descriptor PRIVATE -Wl,--wrap=mmap,--wrap=read)
