import Foundation
import JSON
import Testing
import TokenCore

@testable import fob

@Suite("Sockets that are not the person's own")
struct SocketTrustTests {
  /// Another account, which no test needs to exist.
  private static let stranger: uid_t = 54321

  /// Whether files can be given to others and programs run as them.
  static let isRoot = geteuid() == 0

  private func refusal(_ desk: Desk, _ token: String) throws -> Outcome {
    let outcome = try desk.run(
      "add", "a", "--key", "-", input: "JBSWY3DPEHPK3PXP\n", token: token)
    #expect(outcome.status == 3, "\(outcome)")
    #expect(outcome.complaints.count == 1)
    return outcome
  }

  @Test("a symbolic link in a socket's place, or its folder's, is refused with the reason")
  func links() throws {
    let desk = try Desk()
    let impostor = try Impostor(desk)
    defer { impostor.end() }
    let path = String(impostor.token.dropFirst("unix:".count))
    let link = desk.folder + "/run/link"
    let folder = desk.folder + "/run/folder"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    try FileManager.default.createSymbolicLink(
      atPath: folder, withDestinationPath: desk.folder + "/run/watchfob")
    for token in ["unix:" + link, "unix:\(folder)/impostor"] {
      #expect(try refusal(desk, token).errors.contains("symbolic link"))
    }
    #expect(impostor.commands.isEmpty)
  }

  @Test("a socket that others may write to, or whose folder they may write to, is refused")
  func modes() throws {
    let desk = try Desk()
    let impostor = try Impostor(desk)
    defer { impostor.end() }
    let path = String(impostor.token.dropFirst("unix:".count))
    let folder = desk.folder + "/run/watchfob"
    chmod(path, 0o666)
    #expect(try refusal(desk, impostor.token).errors.contains("others may write to it"))
    chmod(path, 0o600)
    for open in [folder, desk.folder + "/run"] {
      chmod(open, 0o777)
      #expect(try refusal(desk, impostor.token).errors.contains("others may write to its folder"))
      #expect(try !desk.run("devices", token: nil).output.contains(impostor.token))
      chmod(open, 0o700)
    }
    #expect(impostor.commands.isEmpty)
    #expect(try desk.run("devices", token: nil).output.contains(impostor.token))
  }

  @Test(
    "another user's socket, or one in their folder, is neither used nor listed",
    .enabled(if: isRoot))
  func owners() throws {
    let desk = try Desk()
    let impostor = try Impostor(desk, "impostor", .init(body: .hardware))
    defer { impostor.end() }
    let path = String(impostor.token.dropFirst("unix:".count))
    for foreign in [path, desk.folder + "/run/watchfob", desk.folder + "/run"] {
      chown(foreign, Self.stranger, .max)
      #expect(
        try refusal(desk, impostor.token).errors.contains("belongs to user 54321, not to you"))
      let devices = try desk.run("devices", token: nil)
      #expect(!devices.output.contains(impostor.token), "\(devices)")
      #expect(try !desk.run("inventory", "--json", token: nil).output.contains("impostor"))
      let press = try desk.run("sim", "press", token: impostor.token)
      #expect(press.status == 3, "\(press)")
      chown(foreign, 0, .max)
    }
    #expect(impostor.commands.isEmpty)
  }

  @Test(
    "another user's process behind a socket is refused, whatever its path says",
    .enabled(if: isRoot))
  func peers() throws {
    let desk = try Desk()
    chmod(desk.folder, 0o755)
    let open = desk.folder + "/open"
    mkdir(open, 0o700)
    chown(open, Self.stranger, .max)
    // The same program, under another account.
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    process.arguments = [
      "--reuid=\(Self.stranger)", "--clear-groups", Desk.fob, "sim", "run", "--memory",
      "--socket", open + "/token",
    ]
    process.environment = desk.environment(token: nil)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    defer { process.terminate() }
    // It says where it is when it listens.
    #expect(!output.fileHandleForReading.availableData.isEmpty)
    for path in [open, open + "/token", open + "/token.control"] { chown(path, 0, .max) }
    let outcome = try refusal(desk, "unix:\(open)/token")
    #expect(outcome.errors.contains("a process of user 54321 serves it"), "\(outcome)")
    #expect(try desk.run("sim", "press", token: "unix:\(open)/token").status == 3)
    #expect(try desk.run("devices", token: "unix:\(open)/token").output.contains("user 54321"))
  }

  @Test("a token behind a socket is never called hardware, whatever it claims")
  func hardware() throws {
    let desk = try Desk()
    let impostor = try Impostor(desk, "impostor", .init(body: .hardware))
    defer { impostor.end() }
    for command in [["devices", "--json"], ["inventory", "--json"], ["list"]] {
      let outcome = try desk.run(command, token: impostor.token)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(!outcome.output.contains("hardware"), "\(outcome)")
    }
    let devices = try desk.run("devices", token: impostor.token)
    #expect(devices.output.contains("simulated, 0123456789abcdef"), "\(devices)")
    for claimed in [Body.hardware, .simulated, .emulated] {
      #expect(TokenChoice.socket(path: "s").body(claimed: claimed) != .hardware)
      #expect(TokenChoice.image(path: "s").body(claimed: claimed) != .hardware)
      #expect(TokenChoice.emulatedPico(image: "s").body(claimed: claimed) == .emulated)
      #expect(TokenChoice.usb(serialNumber: nil).body(claimed: claimed) == claimed)
    }
  }
}
