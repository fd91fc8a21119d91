#include "CONNXRuntime.h"

#include <new>

// The one exception of this program: ONNX Runtime, which is C++, is told of a lack of memory as its own allocators tell it.
extern "C" void CONNXRuntime_throwOutOfMemory(void) { throw std::bad_alloc(); }
