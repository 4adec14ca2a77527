import Glibc
import LotCore
import LotTestSupport
import Testing

@testable import LotReport

@Suite struct PreviewTests {
    static let folder = unsafe getenv("LOT_PREVIEW").map { unsafe String(cString: $0) }

    /// `LOT_PREVIEW=folder swift test --filter PreviewTests` writes a sample report to look at.
    @Test(.enabled(if: folder != nil))
    func `a sample report is written for people to look at`() throws {
        let folder = try #require(Self.folder)
        let run = RunFolder.render(SyntheticRun.result(), gnuplot: Gnuplot.find()) { _ in
            String(repeating: "0f", count: 32)
        }
        for file in run.files {
            let handle = unsafe fopen(folder + "/" + file.name, "w")
            _ = unsafe fwrite(file.bytes, 1, file.bytes.count, handle)
            unsafe fclose(handle)
        }
        #expect(run.warning == nil)
    }
}
