# The programs that run on each architecture: natively, and in the cross build.
string(REPLACE "arm64" "aarch64" ARCH "${CMAKE_SYSTEM_PROCESSOR}")
set(RUNTIME ${CMAKE_CURRENT_LIST_DIR}/../../runtime)

# The switch alone, without the runtime around it: the test has a task_main of its own.
add_executable(arch_switch
  ${RUNTIME}/arch/${ARCH}/switch.S
  ${CMAKE_CURRENT_LIST_DIR}/${ARCH}/fill.S
  ${CMAKE_CURRENT_LIST_DIR}/main.c
  ${CMAKE_CURRENT_LIST_DIR}/context.c
  ${CMAKE_CURRENT_LIST_DIR}/expect.c
  ${CMAKE_CURRENT_LIST_DIR}/test_control.c
  ${CMAKE_CURRENT_LIST_DIR}/test_entry.c
  ${CMAKE_CURRENT_LIST_DIR}/test_publish.c
  ${CMAKE_CURRENT_LIST_DIR}/test_registers.c
  ${CMAKE_CURRENT_LIST_DIR}/test_threads.c
  ${CMAKE_CURRENT_LIST_DIR}/test_unwind.c)
target_include_directories(arch_switch PRIVATE
  ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/${ARCH}
  ${RUNTIME} ${RUNTIME}/include ${RUNTIME}/arch/${ARCH})
target_compile_options(arch_switch PRIVATE -frounding-math)
target_link_libraries(arch_switch Threads::Threads m)

# The runtime, through its public interface; all of it, for the checks of its instructions.
add_executable(arch_smoke
  ${CMAKE_CURRENT_LIST_DIR}/smoke.c
  ${CMAKE_CURRENT_LIST_DIR}/expect.c)
target_include_directories(arch_smoke PRIVATE ${CMAKE_CURRENT_LIST_DIR} ${RUNTIME}
                                              ${RUNTIME}/arch/${ARCH})
target_link_libraries(arch_smoke $<LINK_LIBRARY:WHOLE_ARCHIVE,switchyard_green>)
