// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target of ours: the strict modes of Swift 6, warnings as errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Exclusive access is checked by the compiler where it can be, and at run time in debug
    // builds and tests; in a profile of the bar loop the run-time check was about a fifth.
    .unsafeFlags(
        ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
        .when(configuration: .release)),
]

/// With `make sanitize`, undefined behaviour of C ends the program; AddressSanitizer brings the
/// runtime.
///
/// Calls through function pointers and C++'s types are not looked at.
let checks =
    Context.environment["LOT_SANITIZE"] == nil
    ? []
    : [
        "-fsanitize=undefined", "-fno-sanitize=function,vptr", "-fno-sanitize-recover=undefined",
        "-fno-omit-frame-pointer",
    ]

/// C and C++ never fuse a·b+c: results must not depend on the processor.
let exactC: [CSetting] = [.unsafeFlags(["-ffp-contract=off", "-O2"] + checks)]
let exactCXX: [CXXSetting] = [.unsafeFlags(["-ffp-contract=off", "-O2"] + checks)]

let package = Package(
    name: "lot",
    products: [.executable(name: "lot", targets: ["lot"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Line 0: C libraries and what Linux offers but Swift cannot see.
        // The system's Lua, linked statically: calls within it go through no table, which makes an
        // event strategy about a quarter faster, and the binary needs no liblua at run time.
        .target(
            name: "CLua", cSettings: exactC,
            linkerSettings: [.linkedLibrary(":liblua5.4.a"), .linkedLibrary("m")]),
        .target(name: "CSystem", cSettings: exactC),
        // Comparisons of whole columns into bits, by the processor's vector instructions.
        .target(name: "CKernels", cSettings: exactC),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // SQLite itself is GRDB's module; this is the one call that Swift cannot make.
        .target(name: "CSQLite", cSettings: exactC, linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CFastFloat", cxxSettings: exactCXX),
        // Boost's static archive: a shared library would cost start-up time in every command.
        .target(
            name: "CGnuplot", cxxSettings: exactCXX,
            linkerSettings: [.linkedLibrary(":libboost_iostreams.a")]),
        // Line 1
        .target(name: "LotCore", swiftSettings: strict),
        // Line 2
        .target(name: "LotMath", dependencies: ["LotCore", "CKernels"], swiftSettings: strict),
        .target(
            name: "LotData",
            dependencies: ["LotCore", "CSystem", "CZip", "COpenSSL", "CFastFloat"],
            swiftSettings: strict),
        .target(
            name: "LotStore",
            dependencies: [
                "LotCore", "CSystem", "CSQLite", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        // Line 3
        .target(
            name: "LotEngine", dependencies: ["LotCore", "LotMath"], swiftSettings: strict),
        // Line 4
        .target(
            name: "LotScript", dependencies: ["LotCore", "LotMath", "LotEngine", "CLua"],
            swiftSettings: strict),
        .target(
            name: "LotOptimize",
            dependencies: ["LotCore", "LotMath", "LotEngine", "LotStore", "CSystem"],
            swiftSettings: strict),
        .target(
            name: "LotReport",
            dependencies: ["LotCore", "LotMath", "CGnuplot"], swiftSettings: strict),
        // Line 6
        .target(
            name: "LotCommands",
            dependencies: [
                "LotCore", "LotMath", "LotData", "LotStore", "LotEngine", "LotScript",
                "LotOptimize", "LotReport", "CSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
        // Line 7
        .executableTarget(name: "lot", dependencies: ["LotCommands"], swiftSettings: strict),
        // Benchmarks: `make bench`
        .target(
            name: "CBench", dependencies: ["CKernels"], path: "Benchmarks/CBench",
            cSettings: exactC),
        .executableTarget(
            name: "lot-bench",
            dependencies: [
                "LotCore", "LotMath", "LotData", "LotEngine", "LotScript", "CKernels", "CBench",
                "CSystem",
            ],
            path: "Benchmarks/LotBench", swiftSettings: [.swiftLanguageMode(.v6)]),
        // Tests
        .target(
            name: "LotTestSupport", dependencies: ["LotCore", "LotMath"],
            path: "Tests/LotTestSupport",
            swiftSettings: strict),
        .testTarget(
            name: "LotCoreTests", dependencies: ["LotCore", "LotTestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LotMathTests", dependencies: ["LotCore", "LotMath"],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "LotDataTests", dependencies: ["LotCore", "LotData", "CSystem"],
            swiftSettings: strict),
        .testTarget(
            name: "LotEngineTests",
            dependencies: ["LotCore", "LotMath", "LotData", "LotEngine", "LotTestSupport"],
            swiftSettings: strict),
        // A malloc that counts: what shows that a run allocates nothing per bar.
        .target(name: "CTestAllocations", path: "Tests/CTestAllocations", cSettings: exactC),
        .testTarget(
            name: "LotScriptTests",
            dependencies: [
                "LotCore", "LotMath", "LotEngine", "LotScript", "LotTestSupport",
                "CTestAllocations",
            ],
            swiftSettings: strict),
        // A program that the tests of the databases kill and starve.
        .executableTarget(
            name: "store-child", dependencies: ["LotStore", "LotCore"],
            path: "Tests/StoreChild", swiftSettings: strict),
        .testTarget(
            name: "LotStoreTests",
            dependencies: ["LotCore", "LotStore", "store-child"],
            swiftSettings: strict),
        .testTarget(
            name: "LotOptimizeTests",
            dependencies: ["LotOptimize", "LotCore", "LotMath", "LotEngine", "LotTestSupport"],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "LotReportTests",
            dependencies: ["LotCore", "LotMath", "LotReport", "LotTestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LotCommandsTests",
            dependencies: [
                "LotCore", "LotData", "LotOptimize", "LotReport", "LotCommands", "LotTestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["LotTestSupport"],
            exclude: ["Fixtures", "Golden"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
