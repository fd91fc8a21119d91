#define _GNU_SOURCE
#include "CONNXRuntime.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xxhash.h>

// One page of this size replaces 512 faults; a block is filled as fast as memory can be written.
#define HUGE_PAGE ((size_t)2 << 20)
// What is read at once: small enough to be hashed while it still lies in the second-level cache.
#define CHUNK ((size_t)256 << 10)

void *CONNXRuntime_map(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (size == 0 || size > SIZE_MAX / 2) return NULL;
    size_t length = (size + page - 1) / page * page;
    size_t slack = length < HUGE_PAGE ? 0 : HUGE_PAGE;
    char *start = mmap(NULL, length + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return NULL;
    if (slack == 0) return start;
    char *aligned = (char *)(((uintptr_t)start + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    size_t before = (size_t)(aligned - start);
    if (before > 0) munmap(start, before);
    if (slack > before) munmap(aligned + length, slack - before);
    // Where the system has no huge pages to give, small ones do.
    madvise(aligned, length, MADV_HUGEPAGE);
    return aligned;
}

void CONNXRuntime_unmap(void *start, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(start, (size + page - 1) / page * page);
}

int CONNXRuntime_readHashed(int file, void *destination, size_t size, uint64_t *hash) {
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL) return ENOMEM;
    XXH3_64bits_reset(state);
    int failure = 0;
    for (size_t offset = 0; offset < size;) {
        size_t wanted = size - offset < CHUNK ? size - offset : CHUNK;
        ssize_t count = pread(file, (char *)destination + offset, wanted, (off_t)offset);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            failure = count == 0 ? ENODATA : errno;
            break;
        }
        XXH3_64bits_update(state, (char *)destination + offset, (size_t)count);
        offset += (size_t)count;
    }
    *hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return failure;
}

uint64_t CONNXRuntime_hash(const void *start, size_t size) { return XXH3_64bits(start, size); }
