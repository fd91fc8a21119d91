import Dispatching
import ModelServing
import ServingCore
import TestSupport
import Testing

@testable import Gateway

struct RunSwitchTests {
    private let control = RunFlag()
    private let runs: RunSwitch
    private let first = OrderID(rawValue: 1)
    private let second = OrderID(rawValue: 2)

    init() {
        runs = RunSwitch(control)
    }

    @Test func `The run that is meant is ended, and the next one is not`() {
        runs.begin(first)
        #expect(!control.isTerminated)
        runs.terminate(first, because: .overdue)
        #expect(control.isTerminated)
        #expect(runs.end() == .overdue)
        runs.begin(second)
        #expect(!control.isTerminated)
        #expect(runs.end() == nil)
    }

    @Test func `An end that comes after the run ends no other`() {
        runs.begin(first)
        #expect(runs.end() == nil)
        runs.terminate(first, because: .overdue)
        runs.begin(second)
        #expect(!control.isTerminated)
        #expect(runs.end() == nil)
    }

    @Test func `An end that comes before the executor began is kept for it`() {
        runs.terminate(first, because: .overdue)
        runs.begin(first)
        #expect(control.isTerminated)
        #expect(runs.end() == .overdue)
    }

    @Test func `After closing, every run is ended`() {
        runs.begin(first)
        runs.close(because: .draining)
        #expect(control.isTerminated)
        #expect(runs.end() == .draining)
        runs.begin(second)
        #expect(control.isTerminated)
        #expect(runs.end() == .draining)
    }
}
