#include "CONNXRuntime.h"

#include <dlfcn.h>
#include <stdio.h>

typedef const OrtApiBase *(*GetApiBaseFunction)(void);

const OrtApi *CONNXRuntime_open(const char *path, const char **version, char *error, size_t errorSize) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(error, errorSize, "%s", dlerror());
        return NULL;
    }
    // POSIX lets a function pointer travel as void *.
    GetApiBaseFunction getApiBase = (GetApiBaseFunction)dlsym(library, "OrtGetApiBase");
    if (getApiBase == NULL) {
        snprintf(error, errorSize, "%s: not ONNX Runtime: it has no OrtGetApiBase", path);
        dlclose(library);
        return NULL;
    }
    const OrtApiBase *base = getApiBase();
    const OrtApi *api = base->GetApi(ORT_API_VERSION);
    *version = base->GetVersionString();
    if (api == NULL) {
        snprintf(error, errorSize, "%s: version %s is older than API version %d", path, *version, ORT_API_VERSION);
        dlclose(library);
        return NULL;
    }
    return api;
}
