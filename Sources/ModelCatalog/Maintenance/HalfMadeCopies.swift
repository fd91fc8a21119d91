import FoundationEssentials
import Glibc
import ServingCore

/// The folders in which copies are compiled; each is locked by who works in it, and left unlocked by who was killed.
///
/// Beside the copies, called `<hash>.<some letters>`.
struct HalfMadeCopies {
    private let folder: String

    /// Those in `folder`, which holds compiled copies.
    init(in folder: String) {
        self.folder = folder
    }

    /// Removes what nobody works on, and gives the bytes that takes; what cannot be removed stays.
    func sweep() -> ByteCount {
        var bytes = ByteCount.zero
        for name in (try? Folder.names(in: folder)) ?? [] where StoreLayout.isHash(String(name.prefix { $0 != "." })) {
            let path = "\(folder)/\(name)"
            guard name.contains("."), Folder.exists(path), isAbandoned(path) else { continue }
            for file in (try? Folder.names(in: path)) ?? [] {
                bytes += ByteCount((try? RegularFile("\(path)/\(file)", followsLinks: false).size) ?? 0)
                unlink("\(path)/\(file)")
            }
            rmdir(path)
        }
        return bytes
    }

    private func isAbandoned(_ path: String) -> Bool {
        guard let descriptor = try? FileDescriptor(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, else: .unreadableFile)
        else { return false }
        return flock(descriptor.number, LOCK_EX | LOCK_NB) == 0
    }
}
