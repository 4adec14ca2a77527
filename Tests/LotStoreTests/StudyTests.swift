import Foundation
import LotCore
@testable import LotStore
import Testing

@Suite struct StudyTests {
    @Test func `a trial comes back bit for bit`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        let session = try store.begin(try store.create(spec("a"), at: 7))
        let odd = [0.1, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .nan, 1e308]
        let full = Trial(
            number: 41, fold: 3, status: .done, point: odd, values: [2, .nan], loss: -0.5,
            violation: 0.25, metrics: Array(odd.reversed()), blocks: [1, 2, 3])
        let failed = Trial(
            number: 42, status: .failed, point: [], loss: .nan, violation: .nan,
            error: String(repeating: "é", count: 400))
        try session.append([full, failed], summary: #"{"best":1}"#, at: 9)
        let study = try #require(try store.study(named: "a"))
        let read = try #require(try store.trial(41, of: study, fold: 3))
        #expect(read.point.map(\.bitPattern) == odd.map(\.bitPattern))
        #expect(read.metrics.map(\.bitPattern) == odd.reversed().map(\.bitPattern))
        #expect(read.values[0] == 2 && read.values[1].isNaN && read.values.count == 2)
        #expect(read.loss == -0.5 && read.violation == 0.25 && read.blocks == [1, 2, 3])
        let other = try #require(try store.trial(42, of: study))
        #expect(other.status == .failed && other.loss == nil && other.violation == .infinity)
        #expect(other.error?.utf8.count == 499 && other.error?.hasSuffix("…") == true)
        #expect(study.summary == #"{"best":1}"# && study.updatedMs == 9 && study.createdMs == 7)
        #expect(study.counts.trials == 2 && study.counts.failed == 1)
        #expect(study.counts.infeasible == 1 && study.counts.nextNumber == 43)
        #expect(try store.folds(of: study) == [0, 3])
        #expect(session.study == study)
    }

    @Test func `a batch is stored whole or not at all, with its counters`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        let session = try store.begin(try store.create(spec("a"), at: 0))
        try session.append([Trial(number: 1, point: [1], loss: 5)], summary: "1", at: 1)
        let before = session.study
        let found = problem { () throws(Diagnosis) in
            try session.append(
                [Trial(number: 0, point: [0], loss: 1), Trial(number: 1, point: [1], loss: 2)],
                summary: "2", at: 2)
        }
        #expect(found?.message.contains("trial 1: is stored already") == true)
        #expect(session.study == before)
        #expect(try store.study(named: "a") == before)
        #expect(try store.trial(0, of: before) == nil)
        #expect(try store.top(5, of: before).map(\.number) == [1])
        try session.append([Trial(number: 0, point: [0], loss: 1)], at: 3)
        #expect(try store.top(5, of: before).map(\.number) == [0, 1])
    }

    /// 3,500 trials in batches, with ties, infeasible, failed and undefined ones; a plain sort is
    /// the reference, within the 1,000 that are kept sorted and beyond.
    @Test func `the best are those that a sort finds`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        var session: StudySession? = try store.begin(try store.create(spec("a"), at: 0))
        let study = try #require(session?.study)
        let trials = (0..<3_500).map { number -> Trial in
            let score = Double((number &* 7_919) % 1_201)
            return Trial(
                number: number, status: number % 11 == 3 ? .failed : .done, point: [score],
                loss: number % 13 == 5 ? nil : score, violation: number % 7 == 2 ? 0.1 : 0)
        }
        for first in stride(from: 0, to: 3_500, by: 700) {
            // Every second batch in a session of its own, as after --resume.
            if first % 1_400 == 0 {
                session = nil
                session = try store.begin(study)
            }
            try session?.append(Array(trials[first..<(first + 700)]), at: 0)
        }
        let sorted = trials.filter(\.isRanked).sorted {
            ($0.loss ?? 0, $0.number) < ($1.loss ?? 0, $1.number)
        }.map(\.number)
        for count in [1, 10, 1_000, 1_001, 5_000] {
            #expect(
                try store.top(count, of: study).map(\.number) == Array(sorted.prefix(count)))
        }
    }

    @Test func `trials are read in the order of numbers, from any of them on`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        let session = try store.begin(try store.create(spec("a"), at: 0))
        for batch in [3_000..<6_000, 0..<3_000] {
            try session.append(batch.map { Trial(number: $0, point: [Double($0)]) }, at: 0)
        }
        var numbers: [Int] = []
        try store.forEachTrial(of: session.study, from: 5) { trial in
            numbers.append(trial.number)
            return numbers.count < 5_000
        }
        #expect(numbers == Array(5..<5_005))
        var parts = 0
        try store.forEachTrial(of: session.study, parts: []) { trial in
            parts += trial.point.count + 1
            return true
        }
        #expect(parts == 6_000)
    }

    @Test func `trials of the same script on the same data are counted, deleted ones too`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        var made: [StudyRecord] = []
        for (name, data, count) in [("a", "d", 3), ("b", "d", 4), ("c", "e", 5), ("d", "d", 0)] {
            let session = try store.begin(try store.create(spec(name, data: data), at: 0))
            try session.append((0..<count).map { Trial(number: $0, point: []) }, at: 0)
            made.append(session.study)
        }
        #expect(
            try store.earlier(script: "s", data: "d") == EarlierTrials(studies: 2, trials: 7))
        #expect(
            try store.earlier(script: "s", data: "d", before: made[1].id)
                == EarlierTrials(studies: 1, trials: 3))
        try store.delete(made[0])
        #expect(try store.study(named: "a") == nil)
        #expect(try store.folds(of: made[0]) == [])
        #expect(try store.earlier(script: "s", data: "d").trials == 7)
        let again = try store.create(spec("a"), at: 0)
        #expect(again.id > made[3].id)
    }

    @Test func `what a sampler came back to is no further trial of an earlier study`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        let session = try store.begin(try store.create(spec("a"), at: 0))
        // Seven trials, two of them of a later round; at the end three repeats are known.
        try session.append(
            (0..<7).map { Trial(number: $0, point: [], rung: $0 < 5 ? 0 : 1) }, at: 0)
        #expect(try store.earlier(script: "s", data: "d").trials == 5)
        try session.finish(.done, repeats: 3, at: 1)
        #expect(try store.earlier(script: "s", data: "d").trials == 4)
        #expect(try store.study(named: "a")?.counts.repeats == 3)
        try session.finish(.done, at: 2)
        #expect(session.study.counts.repeats == 3)
    }

    @Test func `who works on a study may delete it`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        let session = try store.begin(try store.create(spec("a"), at: 1))
        try session.append([Trial(number: 0, point: [1])], at: 2)
        try session.discard()
        #expect(try store.study(named: "a") == nil)
        #expect(try store.earlier(script: "s", data: "d").trials == 1)
        #expect(throws: Diagnosis.self) {
            try session.append([Trial(number: 1, point: [1])], at: 3)
        }
    }

    @Test func `how many trials are asked for can change`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        let session = try store.begin(try store.create(spec("a"), at: 1))
        #expect(session.study.spec.planned == 100)
        try session.replan(100, at: 2)
        #expect(try store.study(named: "a")?.updatedMs == 1)
        for (planned, now) in [(200, 3), (50, 4), (nil, 5)] as [(Int?, Int64)] {
            try session.replan(planned, at: now)
            let stored = try #require(try store.study(named: "a"))
            #expect(stored.spec.planned == planned && stored.updatedMs == now)
            #expect(session.study == stored)
        }
    }

    @Test func `names are unique, and found by their start`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        // Text is data, whatever it looks like.
        let hostile = "'; DROP TABLE studies; --"
        for name in ["sma-btc", "sma-eth", hostile] { _ = try store.create(spec(name), at: 0) }
        #expect(try store.find(hostile).spec.name == hostile)
        #expect(try store.find("sma-e").spec.name == "sma-eth")
        #expect(try store.find("2").spec.name == "sma-eth")
        #expect(problem { () throws(Diagnosis) in _ = try store.find("sma") }?.code == .usage)
        let missing = problem { () throws(Diagnosis) in _ = try store.find("sma-btx") }
        #expect(missing?.code == .noInput && missing?.hint == #"did you mean "sma-btc"?"#)
        let taken = problem { () throws(Diagnosis) in
            _ = try store.create(spec("sma-btc"), at: 0)
        }
        #expect(taken?.code == .cannotCreate)
        #expect(try store.list().count == 3)
    }
}
