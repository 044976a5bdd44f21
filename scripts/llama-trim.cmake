# Read by CMake before the sources of llama.cpp: the bindings need neither its tools nor their helpers.
set(LLAMA_BUILD_COMMON OFF)
