#define _GNU_SOURCE
#include "CONNXRuntime.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// One page of this size replaces 512 faults; a block is filled as fast as memory can be written.
#define HUGE_PAGE ((size_t)2 << 20)

// Huge pages that are kept for the next block. Memory that was never touched is slow to get: the system clears it, and under
// a hypervisor the host has to find it first, which takes longer than to read a block. A page goes from block to block by
// being mapped elsewhere, so that no block has to find one of its own size, and none is copied.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char **kept;
static size_t keptCount, keptRoom;
// Bytes of whole huge pages that blocks use now, and up to which kept and used ones together are not given back.
static size_t used, keepLimit;

static size_t roundedUp(size_t size, size_t unit) { return (size + unit - 1) / unit * unit; }

static size_t hugePart(size_t length) { return length / HUGE_PAGE * HUGE_PAGE; }

static size_t paged(size_t size) { return roundedUp(size, (size_t)sysconf(_SC_PAGESIZE)); }

static char *mapFresh(char *where, size_t length, int flags) {
    char *start = mmap(where, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

// Maps `length` bytes, a multiple of the system's page, at a multiple of a huge page.
static char *mapAligned(size_t length) {
    char *start = mapFresh(NULL, length + HUGE_PAGE, 0);
    if (start == NULL) return NULL;
    char *aligned = (char *)roundedUp((uintptr_t)start, HUGE_PAGE);
    size_t before = (size_t)(aligned - start);
    if (before > 0) munmap(start, before);
    if (HUGE_PAGE > before) munmap(aligned + length, HUGE_PAGE - before);
    // Where the system has no huge pages to give, small ones do.
    madvise(aligned, length, MADV_HUGEPAGE);
    return aligned;
}

// Keeps a page; 0 where there is no room to note it. Under the lock.
static int push(char *page) {
    if (keptCount == keptRoom) {
        size_t room = keptRoom == 0 ? 64 : keptRoom * 2;
        char **grown = realloc(kept, room * sizeof *grown);
        if (grown == NULL) return 0;
        kept = grown;
        keptRoom = room;
    }
    kept[keptCount++] = page;
    return 1;
}

// Puts kept pages where `start` is, as many as there are and fit; 0 where the mapping is no longer whole. Under the lock.
static int fill(char *start, size_t size) {
    for (size_t done = 0; done < size && keptCount > 0; done += HUGE_PAGE) {
        char *page = kept[keptCount - 1];
        void *moved = mremap(page, HUGE_PAGE, HUGE_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, start + done);
        if (moved != MAP_FAILED) {
            keptCount--;
        } else {
            // The system may have unmapped the place already; what was to go there stays kept.
            return mapFresh(start + done, HUGE_PAGE, MAP_FIXED) != NULL;
        }
    }
    return 1;
}

void *CONNXRuntime_map(size_t size) {
    if (size == 0 || size > SIZE_MAX / 2) return NULL;
    size_t length = paged(size), huge = hugePart(length);
    if (huge == 0) return mapFresh(NULL, length, 0);
    char *start = mapAligned(length);
    if (start == NULL) return NULL;
    pthread_mutex_lock(&lock);
    int isWhole = fill(start, huge);
    if (isWhole) used += huge;
    pthread_mutex_unlock(&lock);
    if (isWhole) return start;
    munmap(start, length);
    return NULL;
}

void CONNXRuntime_unmap(void *start, size_t size) {
    size_t length = paged(size), huge = hugePart(length), done = 0;
    if (huge > 0) {
        pthread_mutex_lock(&lock);
        used -= huge;
        while (done < huge && used + (keptCount + 1) * HUGE_PAGE <= keepLimit && push((char *)start + done)) {
            done += HUGE_PAGE;
        }
        pthread_mutex_unlock(&lock);
    }
    if (length > done) munmap((char *)start + done, length - done);
}

void CONNXRuntime_keepMemory(size_t limit) {
    pthread_mutex_lock(&lock);
    keepLimit = limit;
    while (keptCount > 0 && used + keptCount * HUGE_PAGE > keepLimit) munmap(kept[--keptCount], HUGE_PAGE);
    pthread_mutex_unlock(&lock);
}

// Whether one more page is to be kept so that `size` bytes are there.
static int wantsPage(size_t size) {
    size_t next = used + (keptCount + 1) * HUGE_PAGE;
    return next <= size && next <= keepLimit;
}

int CONNXRuntime_reservePage(size_t size) {
    pthread_mutex_lock(&lock);
    int isWanted = wantsPage(size);
    pthread_mutex_unlock(&lock);
    char *page = isWanted ? mapAligned(HUGE_PAGE) : NULL;
    if (page == NULL) return 0;
    for (size_t offset = 0; offset < HUGE_PAGE; offset += (size_t)sysconf(_SC_PAGESIZE)) page[offset] = 0;
    pthread_mutex_lock(&lock);
    // Blocks may have come meanwhile.
    int isKept = wantsPage(size) && push(page);
    pthread_mutex_unlock(&lock);
    if (!isKept) munmap(page, HUGE_PAGE);
    return isKept;
}

size_t CONNXRuntime_reservedBytes(void) {
    pthread_mutex_lock(&lock);
    size_t bytes = keptCount * HUGE_PAGE;
    pthread_mutex_unlock(&lock);
    return bytes;
}
