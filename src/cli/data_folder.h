// Where the catalog and the claim sheets that come with windtunnel are.
#pragma once

#include <string>

namespace windtunnel::cli {

// The folder that holds catalog/ and claims/: the one named by `--data` or the environment
// variable WINDTUNNEL_DATA; else, looked for from the folder of the program `executable` upwards,
// share/windtunnel beside an installed program's bin, or the source tree a program was built in.
// Where nothing is found, the working directory, so that messages name a place.
std::string data_folder(const std::string& executable, const char* environment);

// The same for this process.
std::string process_data_folder();

}  // namespace windtunnel::cli
