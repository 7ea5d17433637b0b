import Foundation
import QEMUTransport
import Testing
import TokenClient

@Suite(
  "A way to QEMU that cannot be gone", .serialized,
  .enabled(if: Image.hasQEMU && Image.isBuilt, Comment(rawValue: Image.absence)),
  .timeLimit(.minutes(1)))
struct FailureTests {
  @Test("says that an image is not there")
  func missing() {
    #expect(throws: TransportFailure.notFound(place: "qemu:/nowhere/token.elf")) {
      try QEMUTransport(image: "/nowhere/token.elf").open()
    }
  }

  @Test("says that another program has the token's flash")
  func locked() throws {
    let folder = try Folder()
    let image = try folder.image()
    let first = QEMUTransport(image: image)
    try first.open()
    #expect(throws: TransportFailure.inUse(place: "qemu:" + image)) {
      try QEMUTransport(image: image).open()
    }
    first.close()
    let second = QEMUTransport(image: image)
    try second.open()
    second.close()
  }

  @Test("refuses a storage of another size, and leaves it as it was")
  func storage() throws {
    let folder = try Folder()
    let image = try folder.image()
    let file = URL(filePath: image + ".flash")
    try Data([1, 2, 3]).write(to: file)
    #expect { try QEMUTransport(image: image).open() } throws: {
      if case .unusable(_, let reason) = $0 as? TransportFailure {
        reason.contains("65536")
      } else {
        false
      }
    }
    #expect(try Data(contentsOf: file) == Data([1, 2, 3]))
  }

  @Test("says what QEMU says of a file that it cannot run")
  func notAnImage() throws {
    let folder = try Folder()
    let file = folder.url.appending(path: "token.elf")
    // A vector table of zeros: the processor has nowhere to go.
    try Data(count: 16).write(to: file)
    let transport = QEMUTransport(image: file.path, keepsFlash: false)
    #expect {
      try transport.open()
      _ = try transport.read(before: Deadline(in: .seconds(10)))
    } throws: {
      if case .unusable(_, let reason) = $0 as? TransportFailure {
        reason.contains("QEMU ended: ")
      } else {
        false
      }
    }
    transport.close()
  }

  @Test("leaves no QEMU behind")
  func processes() throws {
    let folder = try Folder()
    let image = try folder.image()
    let transport = QEMUTransport(image: image)
    try transport.open()
    #expect(try Self.processes(with: image) > 0)
    transport.close()
    #expect(try Self.processes(with: image) == 0)
  }

  /// How many processes have `word` on their command line.
  private static func processes(with word: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
      guard Int(name) != nil,
        let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
      else { return false }
      return String(decoding: data, as: UTF8.self).contains(word)
    }.count
  }
}
