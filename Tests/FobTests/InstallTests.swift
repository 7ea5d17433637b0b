import Foundation
import Testing

@Suite("Installing")
struct InstallTests {
  private static let repository = String(
    #filePath.dropLast("/Tests/FobTests/InstallTests.swift".count))

  @Test("everybody can use what is installed, whatever the umask, and names may have spaces")
  func install() throws {
    let desk = try Desk()
    let root = desk.folder + "/a new root"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "umask 077; exec make -s install-files \"$@\"", "make", "FOB=" + Desk.fob,
      "CONSOLE=" + Desk.fob, "DESTDIR=" + root, "PREFIX=/opt/one time",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: Self.repository)
    process.environment = desk.environment(token: nil)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let base = root + "/opt/one time"
    let files = [
      ("bin/fob", 0o755), ("libexec/watchfob/console", 0o755), ("share/man/man1/fob.1", 0o644),
      ("lib/udev/rules.d/70-watchfob.rules", 0o644),
      ("share/bash-completion/completions/fob", 0o644), ("share/zsh/site-functions/_fob", 0o644),
      ("share/fish/vendor_completions.d/fob.fish", 0o644),
    ]
    for (file, mode) in files {
      var path = base + "/" + file
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == mode, "\(file)")
      #expect(attributes[.size] as? Int != 0, "\(file)")
      // And the folders on the way.
      repeat {
        path = (path as NSString).deletingLastPathComponent
        #expect(
          try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            == 0o755,
          "\(path)")
      } while path != root
    }
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: root).filter { !$0.hasPrefix("opt") }
        == [])
  }

  @Test("what is built for use looks for no library in its own folder")
  func libraries() throws {
    let makefile = try String(contentsOfFile: Self.repository + "/Makefile", encoding: .utf8)
    let release = try #require(
      makefile.split(separator: "\n").first { $0.hasPrefix("RELEASE = ") })
    #expect(release.contains("--disable-local-rpath"))
  }
}
