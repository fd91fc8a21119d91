internal import CJansson
public import ServingCore

extension JSONValue {
    /// The member called `name`; throws `invalidField` where this is not an object or has no such member. O(1).
    public func member(_ name: String) throws(ServingError) -> JSONValue {
        guard let value = try find(name) else { throw error(member: name, "\"\(name)\" is missing") }
        return value
    }

    /// The member called `name`, nil where there is none or it is `null`; throws `invalidField` where this is not an
    /// object. O(1).
    public func optionalMember(_ name: String) throws(ServingError) -> JSONValue? {
        guard let value = try find(name), !value.isNull else { return nil }
        return value
    }

    /// The members, in no particular order; throws `invalidField` where this is not an object.
    public func members() throws(ServingError) -> JSONMembers {
        guard kind == .object else { throw mismatch(expected: "an object") }
        return JSONMembers(object: self)
    }

    /// The elements in order; throws `invalidField` where this is not an array.
    public func elements() throws(ServingError) -> JSONElements {
        guard kind == .array else { throw mismatch(expected: "an array") }
        return JSONElements(array: self)
    }

    private func find(_ name: String) throws(ServingError) -> JSONValue? {
        guard kind == .object else { throw mismatch(expected: "an object") }
        return withNode { object in
            var key = name
            let found = key.withUTF8 { key in
                key.withMemoryRebound(to: CChar.self) { json_object_getn(object, $0.baseAddress, $0.count) }
            }
            guard let found else { return nil }
            return JSONValue(document: document, node: found, place: .named(name, of: object))
        }
    }
}
