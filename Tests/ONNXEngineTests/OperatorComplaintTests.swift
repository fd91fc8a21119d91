import Testing

@testable import ONNXEngine

struct OperatorComplaintTests {
    @Test(arguments: [
        (
            "Non-zero status code returned while running Squeeze node. Name:'' Status Message: /src/core/squeeze.h:53 static "
                + "V f(const T&, int) shape[i] == 1 was false. Dimension of input 0 must be 1 instead of 2.",
            "Squeeze: Dimension of input 0 must be 1 instead of 2."
        ),
        (
            "Non-zero status code returned while running GatherElements node. Name:'g' Status Message: /src/g.cc:150 void "
                + "core_impl(const T*, int) [with bool s = false; T = long int] Value in indices must be within bounds [-4 , 3]",
            "GatherElements: Value in indices must be within bounds [-4 , 3]"
        ),
        (
            "Non-zero status code returned while running Gather node. Name:'' Status Message: indices element out of bounds",
            "Gather: indices element out of bounds"
        ),
        ("Got invalid dimensions for input: x", "Got invalid dimensions for input: x"), ("", ""),
    ])
    func `A complaint names the operator and the reason, and no place in the runtime's source`(
        said: String,
        text: String
    ) {
        let complaint = OperatorComplaint(said + "\nStacktrace: /src/a.cc")
        #expect(complaint.text == text)
        #expect(!complaint.isAboutMemory)
    }

    @Test(arguments: ["Failed to allocate memory for requested buffer of size 9", "std::bad_alloc", "Out of memory"])
    func `Short memory is told apart`(said: String) {
        #expect(OperatorComplaint("Status Message: /src/a.cc:3 void f() \(said)").isAboutMemory)
    }
}
