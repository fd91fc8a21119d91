#define _GNU_SOURCE
#include "CONNXRuntime.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

// Sanitizers bring a heap of their own, and other C libraries no way to stand in front of theirs.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HEAP_IS_FOREIGN
#endif
#endif

#if defined(__GLIBC__) && !defined(HEAP_IS_FOREIGN)

#include <malloc.h>
#include <sys/mman.h>

// The C library's heap under its own names. The functions below take the place of malloc and its kin for the whole process,
// libraries included, as the C library allows ("Replacing malloc"): ONNX Runtime keeps the attributes of a graph, trees and
// vocabularies above all, in memory from operator new, which nothing else would count.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *piece, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *piece);

// Of pieces from here on, only the pages that are in memory count: a vector that grew holds room it never touched.
#define LARGE ((size_t)64 << 10)
// What the heap keeps of its own beside each piece.
#define OVERHEAD ((int64_t)sizeof(size_t))

typedef struct {
    char *start;
    size_t size;
} Piece;

// In the executable's own thread-local memory: to find it must not allocate any.
static _Thread_local __attribute__((tls_model("initial-exec"))) struct {
    int isOn;
    int64_t small;
    Piece *large;
    size_t count, room;
} meter;

static int push(void *piece, size_t size) {
    if (meter.count == meter.room) {
        size_t room = meter.room == 0 ? 64 : meter.room * 2;
        Piece *grown = __libc_realloc(meter.large, room * sizeof *grown);
        if (grown == NULL) return 0;
        meter.large = grown;
        meter.room = room;
    }
    meter.large[meter.count++] = (Piece){piece, size};
    return 1;
}

// Forgets a large piece, the latest first: most live shortly.
static int pop(void *piece) {
    for (size_t place = meter.count; place-- > 0;) {
        if (meter.large[place].start != piece) continue;
        meter.large[place] = meter.large[--meter.count];
        return 1;
    }
    return 0;
}

static void add(void *piece) {
    size_t size = malloc_usable_size(piece);
    if (size < LARGE || !push(piece, size)) meter.small += (int64_t)size + OVERHEAD;
}

static void subtract(void *piece) {
    size_t size = malloc_usable_size(piece);
    if (size < LARGE || !pop(piece)) meter.small -= (int64_t)size + OVERHEAD;
}

static void *noted(void *piece) {
    if (meter.isOn && piece != NULL) add(piece);
    return piece;
}

// Where nothing is metered, which is nearly always, each is one jump.
#define NOTED(call) __builtin_expect(!meter.isOn, 1) ? (call) : noted(call)

void *malloc(size_t size) { return NOTED(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return NOTED(__libc_calloc(count, size)); }

void *memalign(size_t alignment, size_t size) { return NOTED(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

void *valloc(size_t size) { return memalign((size_t)sysconf(_SC_PAGESIZE), size); }

int posix_memalign(void **piece, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    int before = errno;
    void *found = memalign(alignment, size);
    errno = before;
    if (found == NULL) return ENOMEM;
    *piece = found;
    return 0;
}

void *realloc(void *piece, size_t size) {
    if (__builtin_expect(!meter.isOn, 1)) return __libc_realloc(piece, size);
    if (piece != NULL) subtract(piece);
    void *moved = __libc_realloc(piece, size);
    // What could not grow is still there.
    if (moved == NULL && piece != NULL && size > 0) add(piece);
    return noted(moved);
}

void free(void *piece) {
    if (__builtin_expect(!meter.isOn, 1)) return __libc_free(piece);
    if (piece != NULL) subtract(piece);
    __libc_free(piece);
}

void *CONNXRuntime_uncountedMalloc(size_t size) { return __libc_malloc(size); }

void CONNXRuntime_uncountedFree(void *piece) { __libc_free(piece); }

void CONNXRuntime_beginHeapMetering(void) {
    meter.small = 0;
    meter.count = 0;
    meter.isOn = 1;
}

static int64_t residentBytes(Piece piece) {
    unsigned char pages[1024];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), step = page * sizeof pages;
    char *start = (char *)((uintptr_t)piece.start / page * page), *end = piece.start + piece.size;
    int64_t bytes = 0;
    for (; start < end; start += step) {
        size_t length = (size_t)(end - start) < step ? (size_t)(end - start) : step;
        if (mincore(start, length, pages) != 0) return (int64_t)piece.size + OVERHEAD;
        for (size_t place = 0; place * page < length; place++) bytes += pages[place] & 1 ? (int64_t)page : 0;
    }
    return bytes;
}

int64_t CONNXRuntime_endHeapMetering(void) {
    meter.isOn = 0;
    int64_t bytes = meter.small;
    for (size_t place = 0; place < meter.count; place++) bytes += residentBytes(meter.large[place]);
    __libc_free(meter.large);
    meter.large = NULL;
    meter.count = meter.room = 0;
    return bytes > 0 ? bytes : 0;
}

void CONNXRuntime_trimFreed(void) { malloc_trim(0); }

#else

void *CONNXRuntime_uncountedMalloc(size_t size) { return malloc(size); }

void CONNXRuntime_uncountedFree(void *piece) { free(piece); }

void CONNXRuntime_beginHeapMetering(void) {}

int64_t CONNXRuntime_endHeapMetering(void) { return 0; }

void CONNXRuntime_trimFreed(void) {}

#endif
