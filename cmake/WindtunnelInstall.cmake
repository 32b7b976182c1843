# What `cmake --install` lays down: the command, the rooms that public headers need as libraries,
# and a package that find_package(windtunnel) finds.
#
#   include/windtunnel/*.h            public headers: <windtunnel/units.h>
#   include/windtunnel/rooms/ROOM/*.h what they include; not for direct use, free to change
#   lib/cmake/windtunnel/             targets windtunnel::windtunnel (all), windtunnel::ROOM
include(CMakePackageConfigHelpers)

set(WT_PUBLIC_ROOMS base braid)
set(WT_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/windtunnel)

add_library(windtunnel_package INTERFACE)
set_target_properties(windtunnel_package PROPERTIES EXPORT_NAME windtunnel)
set(targets windtunnel_package windtunnel_options)
foreach(room ${WT_PUBLIC_ROOMS})
  target_link_libraries(windtunnel_package INTERFACE windtunnel_${room})
  list(APPEND targets windtunnel_${room})
  install(DIRECTORY src/${room}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/windtunnel/rooms/${room}
    FILES_MATCHING PATTERN "*.h" PATTERN "*fixture*" EXCLUDE)
endforeach()
set_target_properties(windtunnel_options PROPERTIES EXPORT_NAME options)

install(TARGETS ${targets} EXPORT windtunnel_targets)
install(EXPORT windtunnel_targets NAMESPACE windtunnel:: DESTINATION ${WT_PACKAGE_DIR}
  FILE windtunnelTargets.cmake)
install(DIRECTORY include/windtunnel DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
configure_package_config_file(cmake/windtunnelConfig.cmake.in windtunnelConfig.cmake
  INSTALL_DESTINATION ${WT_PACKAGE_DIR})
# Before 1.0 a minor version may change what a caller sees.
write_basic_package_version_file(windtunnelConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/windtunnelConfig.cmake
  ${PROJECT_BINARY_DIR}/windtunnelConfigVersion.cmake DESTINATION ${WT_PACKAGE_DIR})

if(TARGET windtunnel)
  install(TARGETS windtunnel)
endif()
install(DIRECTORY examples catalog claims DESTINATION ${CMAKE_INSTALL_DATADIR}/windtunnel
  FILES_MATCHING PATTERN "*.yaml")
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
