import Foundation
import LotCore
import Testing

@testable import LotStore

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

    /// What the file system says is given here: whoever runs the test need not be able to mount
    /// one, and root is refused as everybody is.
    @Test func `a network file system is refused by name, and so is what others can enter`() {
        let folder = StateFolder(path: "/a", source: "LOT_STATE")
        let check = { (change: (inout Place) -> Void) in
            var place = Place()
            change(&place)
            return problem { () throws(Diagnosis) in try folder.check(place.status) }
        }
        #expect(check { _ in } == nil)
        for (magic, name) in [
            (0x6969, "nfs"), (0xff53_4d42, "cifs"), (0xfe53_4d42, "smb"), (0x0102_1997, "9p"),
            (0x0bd0_0bd0, "lustre"), (0x00c3_6400, "ceph"), (0x4750_4653, "gpfs"),
        ] as [(Int64, String)] {
            let found = check { $0.fileSystem = magic }
            #expect(found?.code == .config)
            #expect(found?.reason.contains("on \(name),") == true, "\(found?.reason ?? "")")
            #expect(found?.hint?.contains("LOT_STATE") == true)
        }
        // ext4, xfs, btrfs, tmpfs, overlayfs, zfs, and FUSE, which may be a local disk encrypted.
        for magic: Int64 in [
            0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0x2fc1_2fc1, 0x6573_5546,
        ] {
            #expect(check { $0.fileSystem = magic } == nil)
        }
        for mode: UInt32 in [0o701, 0o710, 0o750, 0o770, 0o777] {
            let found = check { $0.mode = mode }
            #expect(found?.code == .permission && found?.hint == "chmod 700 it")
        }
        #expect(check { $0.isFolder = false }?.code == .cannotCreate)
        let owner = check { $0.owner = getuid() &+ 1 }
        #expect(owner?.code == (getuid() == 0 ? nil : .permission))
    }

    private struct Place {
        var isFolder = true
        var mode: UInt32 = 0o700
        var owner = getuid()
        var fileSystem: Int64 = 0xef53

        var status: PlaceStatus {
            PlaceStatus(
                isFolder: isFolder, isRegular: !isFolder, mode: mode, owner: owner,
                fileSystem: fileSystem)
        }
    }

    /// Nobody can make a folder in `/proc`, root included.
    @Test func `a folder that cannot be made is an error that names it`() throws {
        let folder = StateFolder(path: "/proc/lot-test/state", source: "LOT_STATE")
        let found = problem { () throws(Diagnosis) in _ = try StudyStore.writing(folder) }
        #expect(found?.code == .cannotCreate || found?.code == .permission)
        #expect(found?.subject == "/proc/lot-test/state")
        let box = try Box()
        try Data("x".utf8).write(to: URL(filePath: box.path("state")))
        let file = problem { () throws(Diagnosis) in _ = try StudyStore.writing(box.state) }
        #expect(file?.code == .cannotCreate && file?.reason == "is not a folder")
    }
}
