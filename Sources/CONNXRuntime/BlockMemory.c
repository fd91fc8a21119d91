#define _GNU_SOURCE
#include "CONNXRuntime.h"

#include <errno.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <unistd.h>

#include <xxhash.h>

// What is read at once: small enough to be hashed while it still lies in the second-level cache.
#define CHUNK ((size_t)256 << 10)

// Reads and hashes the next `size` bytes; to `scratch`, again and again, where there is no destination.
static int readPart(int file, off_t offset, char *destination, size_t size, char *scratch, XXH3_state_t *state) {
    for (size_t done = 0; done < size;) {
        char *room = destination == NULL ? scratch : destination + done;
        size_t wanted = size - done < CHUNK ? size - done : CHUNK;
        ssize_t count = pread(file, room, wanted, offset + (off_t)done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return count == 0 ? ENODATA : errno;
        XXH3_64bits_update(state, room, (size_t)count);
        done += (size_t)count;
    }
    return 0;
}

int CONNXRuntime_readHashed(int file, void *firstDestination, size_t first, size_t skipped, void *lastDestination,
                            size_t last, uint64_t *hash) {
    XXH3_state_t *state = XXH3_createState();
    char *scratch = skipped > 0 ? malloc(CHUNK) : NULL;
    int failure = state == NULL || (skipped > 0 && scratch == NULL) ? ENOMEM : 0;
    if (failure == 0) {
        XXH3_64bits_reset(state);
        failure = readPart(file, 0, firstDestination, first, scratch, state);
        if (failure == 0) failure = readPart(file, (off_t)first, NULL, skipped, scratch, state);
        if (failure == 0) failure = readPart(file, (off_t)(first + skipped), lastDestination, last, scratch, state);
        *hash = XXH3_64bits_digest(state);
    }
    free(scratch);
    XXH3_freeState(state);
    return failure;
}

CONNXRuntime_Hasher *CONNXRuntime_hasher(void) {
    XXH3_state_t *state = XXH3_createState();
    if (state != NULL) XXH3_64bits_reset(state);
    return (CONNXRuntime_Hasher *)state;
}

void CONNXRuntime_update(CONNXRuntime_Hasher *hasher, const void *start, size_t size) {
    XXH3_64bits_update((XXH3_state_t *)hasher, start, size);
}

uint64_t CONNXRuntime_digest(const CONNXRuntime_Hasher *hasher) {
    return XXH3_64bits_digest((const XXH3_state_t *)hasher);
}

void CONNXRuntime_freeHasher(CONNXRuntime_Hasher *hasher) { XXH3_freeState((XXH3_state_t *)hasher); }

uint64_t CONNXRuntime_hash(const void *start, size_t size) { return XXH3_64bits(start, size); }

void CONNXRuntime_keepHeap(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
#endif
}

void CONNXRuntime_trimHeap(void) {
    CONNXRuntime_dropKept();
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
