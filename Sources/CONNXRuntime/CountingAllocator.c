#include "CONNXRuntime.h"

#include <stdatomic.h>
#include <stdlib.h>

// Every allocation is preceded by a header of this many bytes, which also keeps what follows aligned for vector loads.
#define HEADER 64
// Long-lived memory from here on is mapped by itself, so that it goes back to the system the moment it is freed.
#define MAPPED_FROM (64 * 1024)

typedef struct {
    size_t size;  // as asked for
    size_t mapped;  // length of the mapping, 0 where the memory comes from the heap
    void *start;  // of the mapping, or of what the heap gave
} Header;

static const OrtMemoryInfo *memoryInfo;
static atomic_llong allocated;
static _Thread_local int64_t metered;

static void count(int64_t bytes) {
    atomic_fetch_add_explicit(&allocated, bytes, memory_order_relaxed);
    metered += bytes;
}

static void *finish(void *start, size_t size, size_t mapped) {
    if (start == NULL) return NULL;
    Header *header = (Header *)(((uintptr_t)start + HEADER - 1) / HEADER * HEADER);
    header->size = size;
    header->mapped = mapped;
    header->start = start;
    count((int64_t)size);
    return (char *)header + HEADER;
}

// Room for header and content, rounded up to the header's size; 0 where that overflows.
static size_t grossSize(size_t size) {
    if (size > SIZE_MAX - 3 * HEADER) return 0;
    return (size + 2 * HEADER - 1) / HEADER * HEADER;
}

static void *allocate(OrtAllocator *self, size_t size) {
    (void)self;
    size_t gross = grossSize(size);
    if (gross == 0) return NULL;
    // Aligned here: the heap's own aligned_alloc passes by its caches and takes several times as long.
    return finish(malloc(gross + HEADER), size, 0);
}

// What ONNX Runtime keeps for the life of a session, weights above all, it asks for here.
static void *reserve(OrtAllocator *self, size_t size) {
    size_t gross = grossSize(size);
    if (gross < MAPPED_FROM) return allocate(self, size);
    return finish(CONNXRuntime_map(gross), size, gross);
}

static void release(OrtAllocator *self, void *content) {
    (void)self;
    if (content == NULL) return;
    Header *header = (Header *)((char *)content - HEADER);
    count(-(int64_t)header->size);
    if (header->mapped > 0) {
        CONNXRuntime_unmap(header->start, header->mapped);
    } else {
        free(header->start);
    }
}

static const OrtMemoryInfo *info(const OrtAllocator *self) {
    (void)self;
    return memoryInfo;
}

static OrtAllocator allocator = {
    .version = ORT_API_VERSION,
    .Alloc = allocate,
    .Free = release,
    .Info = info,
    .Reserve = reserve,
};

OrtAllocator *CONNXRuntime_countingAllocator(const OrtMemoryInfo *newInfo) {
    memoryInfo = newInfo;
    return &allocator;
}

int64_t CONNXRuntime_allocatedBytes(void) { return atomic_load_explicit(&allocated, memory_order_relaxed); }

void CONNXRuntime_beginMetering(void) { metered = 0; }

int64_t CONNXRuntime_endMetering(void) { return metered; }
