import Glibc
import LotCore
import LotStore

// What the tests of the databases start, kill and starve.
//
//   store-child append FOLDER NAME BATCHES SIZE   a study; prints each batch's end once stored
//   store-child hold FOLDER NAME                  begins a study and waits for the end of input
//   store-child create FOLDER NAME COUNT          makes COUNT studies
//   store-child land FOLDER NAME COUNT SIZE       lands COUNT runs, one by one, with SIZE bytes of
//                                                 metrics; prints each one's number once it is in

/// A trial whose every number says which one it is.
func trial(_ number: Int) -> Trial {
    let x = Double(number)
    let loss = Double((number &* 7_919) % 100_003)
    return Trial(
        number: number, point: [x, x + 1, x + 2, x + 3, x + 4, x + 5], values: [loss],
        loss: loss, metrics: (0..<24).map { x + Double($0) / 32 },
        blocks: number.isMultiple(of: 10) ? (0..<32).map { x - Double($0) } : [])
}

func spec(_ name: String) -> StudySpec {
    StudySpec(
        name: name, identity: "i", scriptHash: "s", dataIdentity: "d", engineVersion: "0",
        json: "{}", planned: nil)
}

func study(_ name: String, _ store: StudyStore) throws(Diagnosis) -> StudyRecord {
    if let study = try store.study(named: name) { return study }
    return try store.create(spec(name), at: 0)
}

func say(_ text: String) {
    print(text)
    fflush(nil)
}

func land(_ words: [String], _ store: RunStore) throws(Diagnosis) {
    let filler = String(repeating: "7", count: Int(words[5]) ?? 1)
    for index in 0..<(Int(words[4]) ?? 0) {
        let run = RunRecord(
            folder: "/w/reports/\(words[3])-\(index)", workspace: "/w", runID: "\(index)",
            strategy: words[3], script: "s.lua", scriptHash: "h", series: "test:GENUSDT:1h",
            firstTime: 0, lastTime: 1, parameters: "{}", metrics: "{\"trades\": \(filler)}",
            engineVersion: "0", startedMs: nil, finishedMs: Int64(index),
            manifestStamp: Int64(index))
        try store.land([run])
        say("\(index)")
    }
}

func run(_ words: [String]) throws(Diagnosis) {
    let folder = StateFolder(path: words[2], source: "LOT_STATE")
    // A file that grows past the limit is an error, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    if words[1] == "land" { return try land(words, RunStore(folder)) }
    let store = try StudyStore.writing(folder)
    switch words[1] {
    case "create":
        for index in 0..<(Int(words[4]) ?? 0) {
            _ = try store.create(spec("\(words[3])-\(index)"), at: Int64(index))
        }
    case "hold":
        let session = try store.begin(try study(words[3], store))
        say("held")
        _ = readLine()
        withExtendedLifetime(session) {}
    default:
        let session = try store.begin(try study(words[3], store))
        let size = Int(words[5]) ?? 1
        for _ in 0..<(Int(words[4]) ?? 0) {
            let first = session.study.counts.nextNumber
            try session.append(
                (first..<(first + size)).map(trial), summary: "{\"n\":\(first + size)}", at: 1)
            say("\(first + size)")
        }
    }
}

guard CommandLine.arguments.count >= 4 else { exit(64) }
do throws(Diagnosis) {
    try run(CommandLine.arguments)
} catch {
    print("lot: \(error.message)")
    exit(error.code.rawValue)
}
