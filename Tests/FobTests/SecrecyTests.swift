import Foundation
import Testing

@testable import fob

@Suite("What a process keeps to itself")
struct SecrecyTests {
  /// 32 bytes that are nowhere else.
  private static let key = "PB6UYTKPKFHVKSCBJBKUSS2MKRKEGQ2CIFLVOVSTJZEECRSGKA4A"

  private static var rawKey: [UInt8] {
    get throws {
      try #require(try? Issued.parse("otpauth://totp/a?secret=\(key)")).secret
    }
  }

  /// All that the process has in its memory.
  private func memory(of process: Int32) throws -> [[UInt8]] {
    let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/\(process)/mem"))
    return maps.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      let ends = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      guard fields[1].hasPrefix("rw"), ends.count == 2 else { return nil }
      guard (try? file.seek(toOffset: ends[0])) != nil,
        let data = try? file.read(upToCount: Int(ends[1] - ends[0]))
      else { return nil }
      return [UInt8](data)
    }
  }

  private func count(_ secret: [UInt8], in memory: [[UInt8]]) -> Int {
    memory.reduce(0) { sum, region in
      var found = 0
      var start = region.startIndex
      while let first = region[start...].firstIndex(of: secret[0]) {
        if region[first...].starts(with: secret) { found += 1 }
        start = first + 1
      }
      return sum + found
    }
  }

  @Test(
    "no key is left in its memory while a site is waited for, however the key came",
    .enabled(if: geteuid() == 0), arguments: ["enable", "update"], ["key", "uri", "uri-file", "qr"])
  func heap(_ command: String, _ source: String) throws {
    let desk = try Desk()
    // The token is another process.
    let simulator = try Simulator(desk)
    if command == "update" { try desk.add("Shop:ann", token: simulator.token) }
    let address = "otpauth://totp/Shop:ann?secret=\(Self.key)&issuer=Shop"
    var arguments = [command, "Shop:ann"]
    switch source {
    case "key": arguments += ["--key", "-"]
    case "uri": arguments += ["--uri", "-"]
    case "uri-file": arguments += ["--uri-file", try desk.file("address", address + "\n")]
    default:
      let encoder = Process()
      encoder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      encoder.arguments = ["qrencode", "-o", desk.folder + "/picture.png", address]
      try encoder.run()
      encoder.waitUntilExit()
      try #require(encoder.terminationStatus == 0)
      arguments += ["--qr", desk.folder + "/picture.png"]
    }
    let session = try Session(desk, arguments, token: simulator.token)
    if source == "key" { session.send(Self.key + "\n") }
    if source == "uri" { session.send(address + "\n") }
    try session.waitFor("Did the site take it?")
    let memory = try memory(of: session.processIdentifier)
    #expect(memory.reduce(0) { $0 + $1.count } > 100_000)
    for secret in [Array(Self.key.utf8), Array(Self.key.lowercased().utf8), try Self.rawKey] {
      #expect(count(secret, in: memory) == 0)
      // Nor half of it.
      #expect(count(Array(secret.suffix(16)), in: memory) == 0)
    }
    // What is looked for would be found.
    #expect(count(Array("Shop:ann".utf8), in: memory) > 0)
    session.kill(SIGKILL)
    _ = session.finish()
  }

  @Test("it leaves no image of its memory when it crashes, and nobody may look into it")
  func cores() throws {
    let desk = try Desk()
    let simulator = try Simulator(desk)
    let session = try Session(desk, ["add", "a", "--key", "-"], token: simulator.token)
    let folder = "/proc/\(session.processIdentifier)"
    func limits() -> Substring? {
      (try? String(contentsOfFile: folder + "/limits", encoding: .utf8))?
        .split(separator: "\n").first { $0.hasPrefix("Max core file size") }
    }
    // It may just have started.
    for _ in 0..<600 where limits()?.split(separator: " ")[4] != "0" { usleep(10_000) }
    #expect(limits()?.split(separator: " ")[4] == "0")
    // What is not dumpable is root's (proc(5)), which a test by root cannot tell.
    if geteuid() != 0 {
      #expect(
        try FileManager.default.attributesOfItem(atPath: folder + "/environ")[.ownerAccountID]
          as? Int == 0)
    }
    session.endInput()
    _ = session.finish()
  }

  @Test("a process that reads something is told apart from what it has read")
  func separateProcess() throws {
    let result = try SeparateProcess.run { () throws(FobError) in [1, 2, 3] }
    #expect(result.count == 3)
    #expect(throws: FobError(.usage, "no")) {
      try SeparateProcess.run { () throws(FobError) in throw FobError(.usage, "no") }
    }
    // It crashes, and nothing else does.
    #expect(throws: FobError.self) {
      try SeparateProcess.run { () throws(FobError) in
        kill(getpid(), SIGKILL)
        return [1]
      }
    }
  }

  @Test("an address comes back from it as it was")
  func messages() throws {
    for text in [
      "otpauth://totp/Shop:ann?secret=\(Self.key)&issuer=Shop&digits=8&period=60&algorithm=SHA512",
      "otpauth://hotp/ann?secret=\(Self.key)&counter=18446744073709551615",
      "otpauth://totp/?secret=\(Self.key)",
      "otpauth://totp/S%C3%B6hne%20%26%20Co:%E5%8B%A4?secret=\(Self.key)",
    ] {
      let address = try Issued.parse(text)
      var bytes = AddressMessage.bytes(of: address)
      let cut = bytes.count - 1
      for length in [0, 7, 8, 40, cut] {
        var part = Array(bytes[..<length])
        #expect(AddressMessage.address(in: .init(taking: &part)) == nil)
      }
      #expect(AddressMessage.address(in: .init(taking: &bytes)) == address)
    }
  }

  @Test("files with secrets that others can read or change are refused")
  func files() throws {
    let desk = try Desk()
    let files = [
      ("pin", "31415926\n", ["code", "--pin-file"]),
      ("password", "correct horse\n", ["list", "--password-file"]),
      ("new", "correct horse\n", ["password", "set", "--new-password-file"]),
      ("address", "otpauth://totp/b?secret=\(Self.key)\n", ["add", "--uri-file"]),
      ("codes", "12345678\n", ["recover", "a", "--store"]),
    ]
    try desk.add("a")
    try desk.run("pin", "set", input: "31415926\n")
    for (name, contents, command) in files {
      let path = try desk.file(name, contents)
      for mode: mode_t in [0o644, 0o640, 0o604, 0o620, 0o602] {
        chmod(path, mode)
        let outcome = try desk.run(command + [path] + (name == "pin" ? [] : ["--pin-file", "pin"]))
        // A password that is not asked for is refused first.
        guard name != "password" else { continue }
        #expect(outcome.status == 9, "\(command), \(String(mode, radix: 8)): \(outcome)")
        #expect(outcome.errors.contains("chmod 600"), "\(outcome)")
      }
      chmod(path, 0o600)
    }
    #expect(try desk.run("code", "--pin-file", "pin").status == 0)
    // What is not a file is as private as who made it.
    #expect(try desk.run("code", "--pin-file", "/dev/stdin", input: "31415926\n").status == 0)
  }

  @Test("another user's file with a secret is refused", .enabled(if: geteuid() == 0))
  func owners() throws {
    let desk = try Desk()
    let path = try desk.file("address", "otpauth://totp/b?secret=\(Self.key)\n")
    chown(path, 54321, .max)
    let outcome = try desk.run("add", "--uri-file", path)
    #expect(outcome.status == 9, "\(outcome)")
    #expect(outcome.errors.contains("another user"))
  }

  @Test("a pipe that nobody writes to, in the place of a file, holds nothing up")
  func pipes() throws {
    let desk = try Desk()
    try desk.add("a")
    let state = desk.folder + "/.local/state/watchfob"
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
    try? FileManager.default.removeItem(atPath: state + "/inventory.json")
    try #require(mkfifo(state + "/inventory.json", 0o600) == 0)
    let listed = try desk.run("list")
    #expect(listed.status == 0 && listed.output.contains("a"), "\(listed)")

    try desk.run("password", "set", "--new-password-file", "/dev/stdin", input: "correct horse\n")
    let pipe = desk.folder + "/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    let session = try Session(desk, ["list", "--password-file", pipe], token: "sim")
    usleep(500_000)
    session.kill(SIGINT)
    #expect(session.finish().status == 130)
  }

  @Test("a picture that others can change is refused")
  func pictures() throws {
    let desk = try Desk()
    let path = try desk.file("picture.png", "no picture")
    chmod(path, 0o666)
    let outcome = try desk.run("add", "--qr", path)
    #expect(outcome.status == 9, "\(outcome)")
    #expect(outcome.errors.contains("can change the file"))
  }
}
