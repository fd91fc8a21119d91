public import ServingCore

/// The code of the error `body` throws; nil where it throws none, or one of another kind.
public func failureCode(_ body: () throws -> Void) -> ServingError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? ServingError)?.code
    }
}
