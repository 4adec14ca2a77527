/// The only source files that may touch raw memory or C, each with its reason.
///
/// `TidyTests` fails where another file uses `unsafe`, a pointer type, `withUnsafe…` or an
/// unchecked index, and where a file listed here no longer does. Add a line only with a reason
/// that a reviewer would accept.
let allowedUnsafe: [String: String] = [
    "Sources/LotStore/Database/DirectWrite.swift": "C: a write without GRDB",
    "Sources/LotStore/Database/StoreDatabase.swift": "C: the defences of an SQLite connection",
    "Sources/LotStore/Database/StoredValues.swift": "numbers as the bytes of a BLOB",
    "Sources/LotStore/State/StateFiles.swift": "C: the file system, flock",
    "Sources/LotCommands/Support/ChildProgram.swift": "C: other programs, the current folder",
    "Sources/LotCommands/Support/Console.swift": "C: writes to stdout and stderr",
    "Sources/LotCommands/Support/GlobalOptions.swift": "C: getenv",
    "Sources/LotCommands/Support/InputFile.swift": "C: reads the files of a run",
    "Sources/LotCommands/Support/Interrupts.swift": "C: signals",
    "Sources/LotCommands/Support/NewFile.swift": "C: creates files that must be new",
    "Sources/LotCommands/Support/StreamedFile.swift": "C: writes files piece by piece",
    "Sources/LotCommands/Support/OutputFolder.swift": "C: creates the run's folder, its lock",
    "Sources/LotCommands/Support/RunStage.swift": "C: writes the run's files, syncs, renames",
    "Sources/LotCommands/Support/ProgressBar.swift": "C: the monotonic clock",
    "Sources/LotCore/ByteBuffer.swift": "bytes of the files of a run, stored word by word",
    "Sources/LotCommands/Support/WallClock.swift": "C: the time of day",
    "Sources/LotCore/Column.swift": "the column type: mapped or heap memory behind a safe face",
    "Sources/LotData/Import/ByteSource.swift": "C: reads an archive or a file into a buffer",
    "Sources/LotData/Import/CSVImport.swift": "feeds the parser from a buffer",
    "Sources/LotData/Import/CSVLine.swift": "hot path of the CSV parser over a buffer",
    "Sources/LotData/Import/CSVParser.swift": "hot path of the CSV parser over a buffer",
    "Sources/LotData/Import/ZipEntry.swift": "C: libzip",
    "Sources/LotData/Store/BlockDigest.swift": "hashes blocks of a mapped file",
    "Sources/LotData/Store/SeriesLock.swift": "C: flock",
    "Sources/LotData/Store/SeriesManifest+JSON.swift": "C: fast_float",
    "Sources/LotData/Store/SeriesWriter+Protocol.swift": "writes columns as bytes",
    "Sources/LotData/System/FileOperations.swift": "C: the file system",
    "Sources/LotData/System/MappedFile.swift": "C: mmap",
    "Sources/LotData/System/OpenFile.swift": "C: open, read, write, sync",
    "Sources/LotData/System/SHA256.swift": "C: OpenSSL",
    "Sources/LotEngine/Exchange/OrderList.swift": "a list of plain memory changed in place",
    "Sources/LotEngine/Parallel/SystemThread.swift": "C: POSIX threads",
    "Sources/LotEngine/Vector/RuleMasks.swift": "hot loops over condition words",
    "Sources/LotEngine/Vector/SkippedMarks.swift": "reads columns at rows known to exist",
    "Sources/LotEngine/Vector/TileExtremes.swift": "hot loops over columns",
    "Sources/LotMath/Overfitting/BlockSplits.swift": "C: scores of trials over splits",
    "Sources/LotMath/Series/ComparisonRunner.swift": "C: compares columns into words",
    "Sources/LotMath/Series/ConditionTile.swift": "lends the words of conditions",
    "Sources/LotMath/Series/DefinedSeries.swift": "fills tiles",
    "Sources/LotMath/Series/EvaluationStep.swift": "hands tiles to kernels",
    "Sources/LotMath/Series/FastTiles.swift": "C: the inner loops of recurrences",
    "Sources/LotMath/Series/MovingAverages.swift": "C: sums of many lengths side by side",
    "Sources/LotMath/Series/OperatorRunners.swift": "hot loops over tiles",
    "Sources/LotMath/Series/SeriesEvaluator.swift": "hands out addresses in tiles",
    "Sources/LotMath/Series/SourceClock.swift": "hot loops over tiles",
    "Sources/LotMath/Series/SourceEvaluator.swift": "the memory of a source's tiles",
    "Sources/LotMath/Series/Storage.swift": "the memory that tiles live in",
    "Sources/LotMath/Series/TileRunner.swift": "hands tiles to kernels",
    "Sources/LotOptimize/Shards/ShardFile.swift": "C: the journal of a shard",
    "Sources/LotOptimize/Shards/ShardProgress.swift": "C: reads the heads of frames",
    "Sources/LotOptimize/Shards/ShardFolder.swift": "C: lists a folder",
    "Sources/LotReport/Charts/Gnuplot.swift": "C: CGnuplot",
    "Sources/LotReport/Data/RunFolder.swift": "hands on the pieces of a file",
    "Sources/LotScript/EventStrategy.swift": "C: Lua callbacks",
    "Sources/LotScript/LuaState+Define.swift": "C: Lua",
    "Sources/LotScript/LuaState.swift": "C: Lua",
    "Sources/LotScript/ModuleReader.swift": "C: reads script files",
    "Sources/LotScript/ScriptFile.swift": "C: reads script files",
]

/// Files that may read a clock, each with its reason.
///
/// Results never depend on one.
let allowedClocks: [String: String] = [
    "Sources/LotCommands/Support/WallClock.swift": "when studies were made, for lists",
    "Sources/LotCommands/Support/ProgressBar.swift": "time left, on a terminal",
    "Sources/LotCommands/Data/DataImportCommand.swift": "refuses bars from the future",
    "Sources/LotCommands/Data/DataInstrumentsCommand.swift": "the day that rules were read",
]

/// Files that may use `@unchecked Sendable`, each with its reason.
let allowedUnchecked: [String: String] = [
    "Sources/LotCore/ByteBuffer.swift": "bytes of the files of a run, stored word by word",
    "Sources/LotCommands/Support/WallClock.swift": "C: the time of day",
    "Sources/LotCore/Column.swift": "the memory is immutable",
    "Sources/LotData/System/MappedFile.swift": "the mapping is read-only",
    "Sources/LotMath/Overfitting/BlockSplits.swift": "C: scores of trials over splits",
    "Sources/LotMath/Series/ComparisonRunner.swift": "belongs to one evaluator",
    "Sources/LotMath/Series/ConditionTile.swift": "the memory is immutable",
    "Sources/LotMath/Series/MovingAverages.swift": "belongs to one evaluator",
    "Sources/LotMath/Series/DefinedSeries.swift": "belongs to one evaluator",
    "Sources/LotMath/Series/SourceClock.swift": "belongs to one evaluator",
    "Sources/LotMath/Series/SourceEvaluator.swift": "belongs to one evaluator",
    "Sources/LotMath/Series/Storage.swift": "used by one thread at a time",
    "Sources/LotScript/ScriptFunction.swift": "one state, used by the thread of its run",
]

/// What each target may import besides the standard library: `architecture.md`'s lines as a table.
let allowedImports: [String: Set<String>] = [
    "LotCore": [],
    "LotMath": ["LotCore", "CKernels", "Glibc"],
    "LotData": [
        "LotCore", "CSystem", "CZip", "COpenSSL", "CFastFloat", "Glibc", "Synchronization",
    ],
    "LotStore": ["LotCore", "CSystem", "CSQLite", "GRDB", "Glibc", "FoundationEssentials"],
    "LotEngine": ["LotCore", "LotMath", "Glibc", "Synchronization"],
    "LotScript": ["LotCore", "LotMath", "LotEngine", "CLua", "Glibc"],
    "LotOptimize": ["LotCore", "LotMath", "LotEngine", "LotStore", "CSystem", "Glibc"],
    "LotReport": ["LotCore", "LotMath", "CGnuplot", "Glibc"],
    "LotCommands": [
        "LotCore", "LotMath", "LotData", "LotStore", "LotEngine", "LotScript", "LotOptimize",
        "LotReport", "CSystem", "Glibc", "ArgumentParser", "Synchronization",
    ],
    "lot": ["LotCommands"],
]
