#define _GNU_SOURCE
#include "CONNXRuntime.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

// Not in every version of <linux/magic.h>.
#define FUSE_MAGIC 0x65735546
#define CIFS_MAGIC 0xff534d42
#define CEPH_MAGIC 0x00c36400
#ifndef SMB2_MAGIC
#define SMB2_MAGIC 0xfe534d42
#endif

// Where files are mapped, for the handler of SIGBUS: a page that can no longer be read, because the file became shorter or the
// disk fails, is replaced by zeros, and the place is marked, so that whoever used it can see that what it read is not the file's.
#define PLACES 4096
static struct {
    _Atomic uintptr_t start;
    _Atomic size_t size;
    atomic_bool isBroken;
} places[PLACES];
// The places up to here were used at some time.
static atomic_size_t usedPlaces;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct sigaction before;
static uintptr_t pageSize;

static int breakPlace(uintptr_t address) {
    size_t count = atomic_load(&usedPlaces);
    for (size_t index = 0; index < count; index++) {
        uintptr_t start = atomic_load(&places[index].start);
        if (start == 0 || address < start || address - start >= atomic_load(&places[index].size)) continue;
        atomic_store(&places[index].isBroken, true);
        void *page = (void *)(address / pageSize * pageSize);
        return mmap(page, pageSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
    }
    return 0;
}

static void onBusError(int number, siginfo_t *information, void *context) {
    int kept = errno;
    int isOurs = breakPlace((uintptr_t)information->si_addr);
    errno = kept;
    if (isOurs) return;
    if (before.sa_flags & SA_SIGINFO && before.sa_sigaction != NULL) {
        before.sa_sigaction(number, information, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(number);
    } else {
        // The same access faults again, and then ends the process as it would have.
        sigaction(SIGBUS, &before, NULL);
    }
}

static void installHandler(void) {
    pageSize = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = onBusError;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &before);
}

// Notes a mapping; -1 where there are too many.
static int addPlace(void *start, size_t size) {
    int found = -1;
    pthread_mutex_lock(&lock);
    size_t count = atomic_load(&usedPlaces);
    for (size_t index = 0; index <= count && index < PLACES && found < 0; index++) {
        if (atomic_load(&places[index].start) == 0) found = (int)index;
    }
    if (found >= 0) {
        atomic_store(&places[found].isBroken, false);
        atomic_store(&places[found].size, size);
        atomic_store(&places[found].start, (uintptr_t)start);
        if ((size_t)found == count) atomic_store(&usedPlaces, count + 1);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

int CONNXRuntime_mapFile(int file, size_t size, size_t locked, CONNXRuntime_Mapping *mapping) {
    pthread_once(&once, installHandler);
    void *start = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (start == MAP_FAILED) return errno;
    // Before any byte is touched: locking reads what is missing, and a place that fails then is marked, too.
    int place = addPlace(start, size);
    int failure = place < 0 ? EMFILE : 0;
    if (failure == 0 && locked > 0 && mlock(start, locked) != 0) failure = errno;
    if (failure == 0) {
        *mapping = (CONNXRuntime_Mapping){.start = start, .size = size, .place = place};
        return 0;
    }
    if (place >= 0) atomic_store(&places[place].start, 0);
    munmap(start, size);
    return failure;
}

void CONNXRuntime_unmapFile(CONNXRuntime_Mapping mapping) {
    // First forgotten, then unmapped: another mapping may get the addresses the moment they are free.
    atomic_store(&places[mapping.place].start, 0);
    munmap((void *)mapping.start, mapping.size);
}

void CONNXRuntime_dropBehind(CONNXRuntime_Mapping mapping, size_t kept) {
    size_t from = (kept + pageSize - 1) / pageSize * pageSize;
    if (from < mapping.size) madvise((char *)mapping.start + from, mapping.size - from, MADV_DONTNEED);
}

int CONNXRuntime_isBroken(CONNXRuntime_Mapping mapping) { return atomic_load(&places[mapping.place].isBroken); }

void CONNXRuntime_raiseLockLimit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_MEMLOCK, &limit);
}

int CONNXRuntime_mayLock(size_t size) {
    void *start = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return 0;
    // Locks pages as they come, and none comes.
    int may = mlock2(start, size, MLOCK_ONFAULT) == 0;
    munmap(start, size);
    return may;
}

int CONNXRuntime_isRemote(int file) {
    static const unsigned long remote[] = {
        NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, SMB2_MAGIC, CIFS_MAGIC, FUSE_MAGIC, V9FS_MAGIC, CEPH_MAGIC, AFS_SUPER_MAGIC,
    };
    struct statfs system;
    if (fstatfs(file, &system) != 0) return 1;
    for (size_t index = 0; index < sizeof remote / sizeof *remote; index++) {
        // The type is signed on some machines, and numbers with the highest bit set are among them.
        if ((uint32_t)system.f_type == (uint32_t)remote[index]) return 1;
    }
    return 0;
}

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

int CONNXRuntime_isCached(int file, size_t size) {
    struct { uint64_t offset, length; } range = {0, size};
    struct { uint64_t cached, dirty, writtenBack, evicted, recentlyEvicted; } pages = {0};
    if (size == 0) return 1;
    if (syscall(SYS_cachestat, file, &range, &pages, 0) != 0) return 0;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return pages.cached >= (size + page - 1) / page;
}
