/// A step of writing to a store after which the process may be killed; tests look at the store after each.
enum StoreStep: Hashable, Sendable {
    /// A folder was made.
    case folderMade
    /// What earlier imports left in `tmp/` was removed.
    case leftoversRemoved
    /// A temporary file was made and is empty.
    case temporaryMade
    /// The temporary file has its content.
    case temporaryWritten
    /// The temporary file is on the disk.
    case temporarySynced
    /// The temporary file has its final name.
    case renamed
    /// The name is on the disk.
    case folderSynced
}
