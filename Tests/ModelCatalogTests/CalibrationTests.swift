import FoundationEssentials
import ServingCore
import Testing

@testable import ModelCatalog

struct CalibrationTests {
    @Test func `What was measured is read back under its key only`() throws {
        let folder = try TemporaryFolder()
        let store = try BlockStore(directory: folder.path)
        var calibration = Calibration()
        calibration[load: BlockID("a")] = Calibration.Load(seconds: 0.25, bytes: 1000)
        try store.store(calibration, key: "one")
        #expect(store.calibration(key: "one") == calibration)
        #expect(store.calibration(key: "two") == Calibration())
        #expect(store.latestCalibration()[load: BlockID("a")]?.seconds == 0.25)
    }

    @Test func `A damaged file counts as none`() throws {
        let folder = try TemporaryFolder()
        let store = try BlockStore(directory: folder.path)
        var calibration = Calibration()
        calibration[load: BlockID("a")] = Calibration.Load(seconds: 0.25, bytes: 1000)
        try store.store(calibration, key: "one")
        try Data("{".utf8).write(to: URL(filePath: folder.path + "/calibration/one.json"))
        #expect(store.calibration(key: "one") == Calibration())
    }

    @Test func `A unit's members get their part of it by bytes, unless they were measured`() {
        let members = ["a", "b"].map { LoadingUnit.Member(block: BlockID($0), inputs: [.input(0)], outputCount: 1) }
        let unit = LoadingUnit(members: members, outputs: [.init(member: 1, output: 0)])
        var calibration = Calibration()
        calibration[load: BlockID("a")] = Calibration.Load(seconds: 7, bytes: 7)
        let load = Calibration.Load(seconds: 4, bytes: 400)
        calibration.note(load, of: unit, sizes: [BlockID("a"): 300, BlockID("b"): 100])
        #expect(calibration[load: unit.id] == load)
        #expect(calibration[load: BlockID("a")]?.seconds == 7)
        #expect(calibration[load: BlockID("b")] == Calibration.Load(seconds: 1, bytes: 100))
    }
}
