# Tests of the green runtime's scheduler, which conformance cannot reach.
if(TARGET switchyard_green)
  if(NOT SWITCHYARD_SANITIZE)
    add_runtime_test(preempt unit) # signals that sanitizers deliver late
    add_runtime_test(preempt_signal unit)
  endif()
  foreach(NAME blocking distance loot patience procs retake retire start timer_chan timer_heap tune
               watch workers)
    add_runtime_test(${NAME} unit)
  endforeach()
  target_link_options(
    test_runtime_start PRIVATE
    -Wl,--wrap=mmap,--wrap=munmap,--wrap=epoll_create1,--wrap=epoll_ctl,--wrap=eventfd
    -Wl,--wrap=pthread_create)
  if(TARGET test_runtime_giveback)
    target_link_options(test_runtime_giveback PRIVATE -Wl,--wrap=world_stop)
  endif()
  foreach(NAME loot patience)
    target_link_options(test_runtime_${NAME} PRIVATE
      -Wl,--wrap=sy_now,--wrap=futex_wait,--wrap=netpoll_waits)
  endforeach()
  target_link_options(test_runtime_workers PRIVATE -Wl,--wrap=pthread_create)
endif()
