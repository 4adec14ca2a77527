import Foundation
import LotCore
import LotStore
import Testing

@Suite struct StateFolderTests {
    @Test func `the first variable that is set names the folder`() throws {
        let all = ["LOT_STATE": "/a/b/", "XDG_STATE_HOME": "/x", "HOME": "/h"]
        #expect(try StateFolder.named { all[$0] }.path == "/a/b")
        #expect(try StateFolder.named { $0 == "LOT_STATE" ? "" : all[$0] }.path == "/x/lot")
        #expect(try StateFolder.named { $0 == "HOME" ? "/h" : nil }.path == "/h/.local/state/lot")
    }

    @Test(arguments: ["LOT_STATE", "XDG_STATE_HOME", "HOME"])
    func `a relative path is refused`(_ name: String) {
        let found = problem { () throws(Diagnosis) in
            _ = try StateFolder.named { $0 == name ? "state" : nil }
        }
        #expect(found?.code == .config)
        #expect(found?.subject == "\(name)=state")
    }

    @Test func `without any variable it says which to set`() {
        let found = problem { () throws(Diagnosis) in _ = try StateFolder.named { _ in nil } }
        #expect(found?.code == .config)
        #expect(found?.hint?.contains("LOT_STATE") == true)
    }

    @Test func `it is made for its owner alone, its files too`() throws {
        let box = try Box()
        let folder = StateFolder(path: box.path("a/b/state"), source: "LOT_STATE")
        #expect(try !folder.exists())
        #expect(try StudyStore.reading(folder) == nil)
        #expect(try !folder.exists())
        _ = try StudyStore.writing(folder)
        #expect(try box.mode("a/b/state") == 0o700)
        #expect(try box.mode("a/b/state/studies.db") == 0o600)
    }

    @Test func `one that others can enter is refused`() throws {
        let box = try Box()
        try FileManager.default.createDirectory(
            atPath: box.state.path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o750])
        let found = problem { () throws(Diagnosis) in _ = try StudyStore.writing(box.state) }
        #expect(found?.code == .permission)
        #expect(found?.message.contains("mode 0750") == true)
        #expect(found?.hint?.contains("chmod 700") == true)
    }

    @Test func `a file that others can read is taken from them`() throws {
        let box = try Box()
        _ = try StudyStore.writing(box.state)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: box.path("state/studies.db"))
        _ = try StudyStore.reading(box.state)
        #expect(try box.mode("state/studies.db") == 0o600)
    }
}
