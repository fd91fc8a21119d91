#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A folder to compile one copy in, locked as long as this lives and removed with it.
///
/// The lock tells `gateway gc` that somebody works there; of a killed process it takes what is left.
final class WorkFolder {
    /// Where it is.
    let path: String
    private let descriptor: Int32

    /// Makes `<file>.<six letters>`; nil where that fails, with the reason in `errno`.
    init?(besides file: String) {
        var template = Array("\(file).XXXXXX".utf8CString)
        // Between being made and being locked a folder may be swept: then its last link is gone.
        for _ in 0..<3 {
            template.replaceSubrange(template.count - 7..<template.count - 1, with: "XXXXXX".utf8.map(CChar.init))
            guard mkdtemp(&template) != nil else { return nil }
            let descriptor = open(template, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            var information = stat()
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &information) == 0, information.st_nlink > 0
            {
                path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
        return nil
    }

    deinit {
        rmdir(path)
        close(descriptor)
    }
}
