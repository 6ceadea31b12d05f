# `cmake --install build/release --prefix P`: headers, both libraries, and the files by which CMake
# (find_package(switchyard), targets switchyard::green and switchyard::pthread) and pkg-config
# (switchyard-green, switchyard-pthread) find them. The programs stay in the build folder.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set_target_properties(switchyard_base PROPERTIES EXPORT_NAME base)
set_target_properties(switchyard_green PROPERTIES EXPORT_NAME green)
set_target_properties(switchyard_pthread PROPERTIES EXPORT_NAME pthread)
# The objects of the green runtime are position-dependent.
target_link_options(switchyard_green INTERFACE -no-pie)

install(TARGETS switchyard_base switchyard_green switchyard_pthread EXPORT switchyard
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY runtime/include/switchyard DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")

set(PACKAGE_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/switchyard)
install(EXPORT switchyard NAMESPACE switchyard:: FILE switchyard-targets.cmake
        DESTINATION ${PACKAGE_FOLDER})
configure_package_config_file(cmake/switchyard-config.cmake.in switchyard-config.cmake
                              INSTALL_DESTINATION ${PACKAGE_FOLDER})
write_basic_package_version_file(switchyard-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/switchyard-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/switchyard-config-version.cmake
        DESTINATION ${PACKAGE_FOLDER})

# One template for both: the runtime's name, what it needs, and how it is linked.
function(install_pkg_config RUNTIME DESCRIPTION REQUIRES LINK)
  configure_file(cmake/switchyard.pc.in switchyard-${RUNTIME}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/switchyard-${RUNTIME}.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
install_pkg_config(green "M:N green threads" "hwloc >= 2.7" "-no-pie")
install_pkg_config(pthread "the same API with one OS thread a task" "" "")
