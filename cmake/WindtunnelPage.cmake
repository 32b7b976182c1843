# The report page's script: bundled from web/ with node, then taken into the report room.
# Without node or before `npm ci` in web/, pages are made with tables in place of figures.
find_program(NODE_PROGRAM NAMES node nodejs)
set(WT_WEB ${PROJECT_SOURCE_DIR}/web)
set(WT_PAGE_SCRIPT ${CMAKE_BINARY_DIR}/web/page.js)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/web)

# Configure again when the libraries arrive or change.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${WT_WEB}/package-lock.json)
file(GLOB WT_WEB_INSTALLED CONFIGURE_DEPENDS ${WT_WEB}/node_modules/echarts/package.json
  ${WT_WEB}/node_modules/esbuild/package.json)
list(LENGTH WT_WEB_INSTALLED WT_WEB_COUNT)

if(NODE_PROGRAM AND WT_WEB_COUNT EQUAL 2)
  file(GLOB WT_WEB_SOURCES CONFIGURE_DEPENDS ${WT_WEB}/src/*.js)
  add_custom_command(OUTPUT ${WT_PAGE_SCRIPT}
    COMMAND ${NODE_PROGRAM} ${WT_WEB}/build.mjs ${WT_PAGE_SCRIPT}
    DEPENDS ${WT_WEB}/build.mjs ${WT_WEB}/package-lock.json ${WT_WEB_SOURCES} ${WT_WEB_INSTALLED}
    COMMENT "Bundling the report page's script")
else()
  message(STATUS "Report pages will have no figures: run `npm ci` in web/ first")
  file(CONFIGURE OUTPUT ${WT_PAGE_SCRIPT} CONTENT "")
endif()

set_source_files_properties(src/report/page_bundle.cc PROPERTIES
  OBJECT_DEPENDS "${WT_PAGE_SCRIPT};${WT_WEB}/src/page.css"
  COMPILE_DEFINITIONS
    "WT_PAGE_SCRIPT=\"${WT_PAGE_SCRIPT}\";WT_PAGE_STYLE=\"${WT_WEB}/src/page.css\"")
