#ifndef CONNXRUNTIME_H
#define CONNXRUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "onnxruntime_c_api.h"

// ONNX Runtime, opened at run time so that everything else of the gateway works without the library.

#ifdef __cplusplus
extern "C" {
#endif

// Opens the library at `path` and asks it for the functions of API version 21 (ORT_API_VERSION of the header).
// Returns NULL and writes a sentence of at most `errorSize` bytes, the closing zero included, to `error` on failure.
// The library is never closed: its threads and its environment live as long as the process.
const OrtApi *CONNXRuntime_open(const char *path, const char **version, char *error, size_t errorSize);

// An allocator that counts, to be registered with the environment. One per process.
// `info` says that it allocates CPU memory; it must outlive the environment. It never returns NULL: what it cannot give it
// refuses by throwing std::bad_alloc, which ONNX Runtime turns into the failed status of the call.
OrtAllocator *CONNXRuntime_countingAllocator(const OrtMemoryInfo *info);

// From now on, memory of large tensors that is freed is kept for the next that fit into it, `limit` bytes at most; 0, as at
// first, keeps none. Any thread may call these three.
void CONNXRuntime_keepFreed(size_t limit);
// Gives what is kept back to the heap.
void CONNXRuntime_dropKept(void);
// How much is kept now.
int64_t CONNXRuntime_keptBytes(void);

// Bytes that are allocated now through the counting allocator, by any thread.
int64_t CONNXRuntime_allocatedBytes(void);

// Starts to count what this thread allocates less what it frees; ends the count and returns it.
// A pair of calls encloses the creation of one session: what stays allocated is what the session holds.
void CONNXRuntime_beginMetering(void);
int64_t CONNXRuntime_endMetering(void);

// What this thread allocates from now on, less what it frees, may be `limit` bytes at most, until the end of the run: beyond
// that the counting allocator refuses. Only the thread that calls ONNX Runtime is held to it; its pool's threads, where an
// exception would end the process, allocate no tensors.
void CONNXRuntime_beginRun(int64_t limit);
void CONNXRuntime_endRun(void);
// The size of the allocation that was refused last on this thread since its run began, 0 for none; and what the run held then.
size_t CONNXRuntime_refusedBytes(void);
int64_t CONNXRuntime_heldBytes(void);

// Throws std::bad_alloc; for the allocator alone.
#ifdef __cplusplus
[[noreturn]]
#else
_Noreturn
#endif
void CONNXRuntime_throwOutOfMemory(void);

// The same for what this thread takes from the heap past the counting allocator, by whatever library: what of it is in memory
// at the end of the count. 0 where the heap is none that can be counted.
void CONNXRuntime_beginHeapMetering(void);
int64_t CONNXRuntime_endHeapMetering(void);
// The heap for the counting allocator, which has its own count.
void *CONNXRuntime_uncountedMalloc(size_t size);
void CONNXRuntime_uncountedFree(void *piece);
// Gives what the heap has freed back to the system, where the system's heap can; nothing that is kept on purpose.
void CONNXRuntime_trimFreed(void);

// Memory for the bytes of one block: mapped by itself, in huge pages where there are any, at first those that were kept; it
// holds whatever was there before. NULL where there is none. Unmapped with the size it was mapped with, it goes back to the
// system the moment it is, unless it is kept for the next block.
void *CONNXRuntime_map(size_t size);
void CONNXRuntime_unmap(void *start, size_t size);

// Keeps what is unmapped, as long as that and what is in use are at most `limit` bytes together; 0, as at first: nothing.
// What is kept over the limit goes back to the system.
void CONNXRuntime_keepMemory(size_t limit);

// Keeps one more huge page, touched, if what is kept and in use then are at most `size` bytes and the limit; 0 where not.
int CONNXRuntime_reservePage(size_t size);

// Bytes that are kept for blocks now.
size_t CONNXRuntime_reservedBytes(void);

// Reads `file` from its start: `first` bytes to `firstDestination`, `skipped` bytes to nowhere, `last` bytes to
// `lastDestination`; and hashes all of them (XXH3, 64 bits) on the way, while they lie in the cache. Returns 0, or
// errno; ENODATA where the file has fewer bytes.
int CONNXRuntime_readHashed(int file, void *firstDestination, size_t first, size_t skipped, void *lastDestination,
                            size_t last, uint64_t *hash);

// A file that is mapped to be read.
typedef struct {
    const void *start;
    size_t size;
    int place;
} CONNXRuntime_Mapping;

// Maps the first `size` bytes of `file`, read-only, and keeps the first `locked` of them in memory until they are unmapped.
// Returns 0, or errno: EPERM, ENOMEM or EAGAIN where the process may not keep so much, EMFILE where 4,096 files are mapped.
// A mapped byte that cannot be read any more, because the file was made shorter or the disk fails, reads as zero from then on,
// and the mapping is broken: whoever read it must not use what came of it. The process's handler of SIGBUS does that; for all
// other addresses it does what was done before.
int CONNXRuntime_mapFile(int file, size_t size, size_t locked, CONNXRuntime_Mapping *mapping);
void CONNXRuntime_unmapFile(CONNXRuntime_Mapping mapping);
// Takes the pages behind the first `kept` bytes out of the process's memory; they come back when they are read.
void CONNXRuntime_dropBehind(CONNXRuntime_Mapping mapping, size_t kept);
int CONNXRuntime_isBroken(CONNXRuntime_Mapping mapping);

// Lets the process lock as much as the administrator allows at most; whoever starts a process often allows less.
void CONNXRuntime_raiseLockLimit(void);

// Whether the process may lock `size` bytes beside what it has locked; nothing stays locked.
int CONNXRuntime_mayLock(size_t size);

// Whether `file` lies on a network file system, or on one that a program of the user's makes up.
int CONNXRuntime_isRemote(int file);

// Whether the first `size` bytes of `file` are in the system's page cache; 0 where the system cannot tell (before Linux 6.5).
int CONNXRuntime_isCached(int file, size_t size);

// The same hash of bytes that come piece by piece. NULL where there is no memory for it.
typedef struct CONNXRuntime_Hasher CONNXRuntime_Hasher;
CONNXRuntime_Hasher *CONNXRuntime_hasher(void);
void CONNXRuntime_update(CONNXRuntime_Hasher *hasher, const void *start, size_t size);
uint64_t CONNXRuntime_digest(const CONNXRuntime_Hasher *hasher);
void CONNXRuntime_freeHasher(CONNXRuntime_Hasher *hasher);

// Gives what is kept and what the heap has freed back to the system, where the system's heap can.
void CONNXRuntime_trimHeap(void);

// From now on the heap keeps all it ever had for what comes, large pieces included, where the system's heap can. No way back.
void CONNXRuntime_keepHeap(void);

// XXH3, 64 bits, of memory.
uint64_t CONNXRuntime_hash(const void *start, size_t size);

#ifdef __cplusplus
}
#endif

#endif
