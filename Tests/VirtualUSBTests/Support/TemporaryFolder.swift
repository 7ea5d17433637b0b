import Foundation

/// A folder of this test's own, mode 700, which goes with it.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    var template = Array("\(NSTemporaryDirectory())/watchfob-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no temporary folder") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

func contents(_ path: String) -> [UInt8] {
  [UInt8](FileManager.default.contents(atPath: path) ?? Data())
}

/// Makes the file, in place of one that is there.
func makeFile(_ path: String, _ bytes: [UInt8]) {
  let isMade = FileManager.default.createFile(atPath: path, contents: Data(bytes))
  precondition(isMade)
}

func permissions(_ path: String) -> Int? {
  (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
}
