#include "CONNXRuntime.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

// Every allocation is preceded by a header of this many bytes, which also keeps what follows aligned for vector loads.
#define HEADER 64
// Long-lived memory from here on is mapped by itself, so that it goes back to the system the moment it is freed.
#define MAPPED_FROM (64 * 1024)

typedef struct {
    size_t size;  // as asked for
    size_t room;  // as there is
    size_t mapped;  // length of the mapping, 0 where the memory comes from the heap
    void *start;  // of the mapping, or of what the heap gave
} Header;

// Tensors between operators from here on are kept when they are freed, since those of the next run have the same sizes: the
// system would fill each page of fresh memory with zeros first, which cost 3 to 7 % of a batch of 8 images.
#define KEPT_FROM ((size_t)256 << 10)
#define KEPT_COUNT 64

static const OrtMemoryInfo *memoryInfo;
static atomic_llong allocated;
static _Thread_local int64_t metered;

// The run that this thread is at: how much it holds more than at its start, how much it may, and what it was refused.
static _Thread_local struct {
    int64_t used;
    int64_t limit;
    int64_t held;  // when it was refused
    size_t refused;
} run = {.limit = INT64_MAX};

static void count(int64_t bytes) {
    atomic_fetch_add_explicit(&allocated, bytes, memory_order_relaxed);
    metered += bytes;
    run.used += bytes;
}

// Ends an allocation that cannot be had. ONNX Runtime writes to whatever an allocator gives it, NULL included; what it
// catches, and reports as the failure of its call, is an exception. C code lets one pass through, as it has unwind tables.
static _Noreturn void refuse(size_t size) {
    run.held = run.used;
    run.refused = size;
    CONNXRuntime_throwOutOfMemory();
}

static void checkLimit(size_t size) {
    // What a thread holds may be less than nothing: it frees what others allocated.
    if (run.limit == INT64_MAX) return;
    int64_t left = run.limit - run.used;
    if (left < 0 || size > (size_t)left) refuse(size);
}

// What is kept, the longest kept first.
static struct {
    pthread_mutex_t lock;
    Header *headers[KEPT_COUNT];
    size_t count;
    size_t bytes;
    size_t limit;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

// Takes the header at `place` out; for who holds the lock.
static Header *takeOut(size_t place) {
    Header *header = kept.headers[place];
    kept.bytes -= header->room;
    kept.count -= 1;
    for (size_t next = place; next < kept.count; next++) kept.headers[next] = kept.headers[next + 1];
    return header;
}

// The smallest that `size` fits into and fills to four fifths at least.
static Header *takeKept(size_t size) {
    Header *found = NULL;
    pthread_mutex_lock(&kept.lock);
    size_t best = kept.count;
    for (size_t place = 0; place < kept.count; place++) {
        size_t room = kept.headers[place]->room;
        if (room < size || room - size > room / 5) continue;
        if (best == kept.count || room < kept.headers[best]->room) best = place;
    }
    if (best < kept.count) found = takeOut(best);
    pthread_mutex_unlock(&kept.lock);
    return found;
}

// Keeps memory that was freed; what has been kept longest makes room for it.
static void keep(Header *header) {
    void *dropped[KEPT_COUNT];
    size_t droppedCount = 0;
    bool isKept = false;
    pthread_mutex_lock(&kept.lock);
    if (header->room <= kept.limit) {
        while (kept.count == KEPT_COUNT || kept.bytes > kept.limit - header->room) {
            dropped[droppedCount++] = takeOut(0)->start;
        }
        kept.headers[kept.count++] = header;
        kept.bytes += header->room;
        isKept = true;
    }
    pthread_mutex_unlock(&kept.lock);
    while (droppedCount > 0) CONNXRuntime_uncountedFree(dropped[--droppedCount]);
    if (!isKept) CONNXRuntime_uncountedFree(header->start);
}

static void *finish(void *start, size_t size, size_t mapped) {
    if (start == NULL) refuse(size);
    Header *header = (Header *)(((uintptr_t)start + HEADER - 1) / HEADER * HEADER);
    header->size = size;
    header->room = size;
    header->mapped = mapped;
    header->start = start;
    count((int64_t)size);
    return (char *)header + HEADER;
}

// Room for header and content, rounded up to the header's size.
static size_t grossSize(size_t size) {
    if (size > PTRDIFF_MAX - 3 * HEADER) refuse(size);
    return (size + 2 * HEADER - 1) / HEADER * HEADER;
}

static void *allocate(OrtAllocator *self, size_t size) {
    (void)self;
    size_t gross = grossSize(size);
    checkLimit(size);
    Header *again = size < KEPT_FROM ? NULL : takeKept(size);
    if (again != NULL) {
        again->size = size;
        count((int64_t)size);
        return (char *)again + HEADER;
    }
    // Aligned here: the heap's own aligned_alloc passes by its caches and takes several times as long.
    return finish(CONNXRuntime_uncountedMalloc(gross + HEADER), size, 0);
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
    } else if (header->room >= KEPT_FROM) {
        keep(header);
    } else {
        CONNXRuntime_uncountedFree(header->start);
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

void CONNXRuntime_keepFreed(size_t limit) {
    void *dropped[KEPT_COUNT];
    size_t droppedCount = 0;
    pthread_mutex_lock(&kept.lock);
    kept.limit = limit;
    while (kept.bytes > limit) dropped[droppedCount++] = takeOut(0)->start;
    pthread_mutex_unlock(&kept.lock);
    while (droppedCount > 0) CONNXRuntime_uncountedFree(dropped[--droppedCount]);
}

void CONNXRuntime_dropKept(void) {
    pthread_mutex_lock(&kept.lock);
    size_t limit = kept.limit;
    pthread_mutex_unlock(&kept.lock);
    CONNXRuntime_keepFreed(0);
    CONNXRuntime_keepFreed(limit);
}

int64_t CONNXRuntime_keptBytes(void) {
    pthread_mutex_lock(&kept.lock);
    int64_t bytes = (int64_t)kept.bytes;
    pthread_mutex_unlock(&kept.lock);
    return bytes;
}

void CONNXRuntime_beginMetering(void) { metered = 0; }

int64_t CONNXRuntime_endMetering(void) { return metered; }

void CONNXRuntime_beginRun(int64_t limit) {
    run.used = 0;
    run.limit = limit;
    run.refused = 0;
}

void CONNXRuntime_endRun(void) { run.limit = INT64_MAX; }

size_t CONNXRuntime_refusedBytes(void) { return run.refused; }

int64_t CONNXRuntime_heldBytes(void) { return run.held; }
