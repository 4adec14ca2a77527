import Foundation
import LotCore
import LotStore
import Testing

/// What happens when processes die and disks fill: with real ones.
@Suite struct FaultTests {
    @Test func `a second process is told who has the study, and gets it when that is killed`()
        throws
    {
        let box = try Box()
        let child = try StoreChild(["hold", box.state.path, "a"])
        #expect(child.line() == "held")
        let store = try StudyStore.writing(box.state)
        let study = try #require(try store.study(named: "a"))
        let found = problem { () throws(Diagnosis) in _ = try store.begin(study) }
        #expect(found?.code == .tryLater)
        #expect(found?.reason.contains("pid \(child.process.processIdentifier)") == true)
        #expect(problem { () throws(Diagnosis) in try store.delete(study) }?.code == .tryLater)
        // Another study is free.
        _ = try store.begin(try store.create(spec("b"), at: 0))
        _ = child.kill()
        _ = try store.begin(study)
    }

    /// Killed at ten moments of the same work: what was acknowledged is there, in whole batches.
    @Test func `kill -9 loses no batch that was acknowledged and leaves no half one`() throws {
        for lines in 0..<10 {
            let box = try Box()
            let child = try StoreChild(["append", box.state.path, "a", "100000", "50"])
            var acknowledged = 0
            for _ in 0..<(lines + 1) {
                acknowledged = Int(try #require(child.line())) ?? acknowledged
            }
            // Somewhere in the next batch.
            usleep(UInt32(lines) * 1_300)
            for line in child.kill() { acknowledged = max(acknowledged, Int(line) ?? 0) }
            // Reading first: it must deal with what the writer left.
            let store = try #require(try StudyStore.reading(box.state))
            let study = try #require(try store.study(named: "a"))
            let count = study.counts.trials
            #expect(count >= acknowledged && count.isMultiple(of: 50) && count > 0)
            #expect(study.summary == "{\"n\":\(count)}")
            var next = 0
            try store.forEachTrial(of: study) { trial in
                #expect(trial.number == next && trial.point.first == Double(next))
                next += 1
                return true
            }
            #expect(next == count)
            #expect(try store.damage() == [])
            let session = try StudyStore.writing(box.state).begin(study)
            try session.append([Trial(number: count, point: [0])], at: 0)
        }
    }

    @Test func `a full disk is an error that leaves the database whole`() throws {
        let box = try Box()
        // `ulimit -f` counts in blocks of 512 bytes: 1 MiB.
        let child = try StoreChild(
            ["append", box.state.path, "a", "1000", "200"], limit: 2_048)
        let lines = child.rest()
        let acknowledged = lines.compactMap(Int.init).last ?? 0
        #expect(child.code == ExitCode.io.rawValue)
        #expect(lines.last?.contains("studies.db") == true)
        #expect(lines.last?.contains("ulimit -f") == true || lines.last?.contains("full") == true)
        #expect(acknowledged > 0)
        let store = try #require(try StudyStore.reading(box.state))
        #expect(try store.damage() == [])
        let study = try #require(try store.study(named: "a"))
        #expect(study.counts.trials == acknowledged)
        // With room again the work goes on.
        let again = try StoreChild(["append", box.state.path, "a", "1", "200"])
        #expect(again.rest() == ["\(acknowledged + 200)"])
    }

    @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
    func `a folder that cannot be written can be read`() throws {
        let box = try Box()
        _ = try StudyStore.writing(box.state).create(spec("a"), at: 0)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o500], ofItemAtPath: box.state.path)
        defer {
            try? FileManager.default.setAttributes(
                [.posixPermissions: 0o700], ofItemAtPath: box.state.path)
        }
        #expect(try StudyStore.reading(box.state)?.list().count == 1)
        let found = problem { () throws(Diagnosis) in
            _ = try StudyStore.writing(box.state).create(spec("b"), at: 0)
        }
        #expect(found?.code == .permission || found?.code == .cannotCreate)
    }
}
