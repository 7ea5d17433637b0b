import Foundation
import Testing

/// The published test vectors in Vectors/, as records of names and values.
enum VectorFile {
  typealias Record = [String: String]

  static func text(_ path: String) throws -> String {
    let folder = try #require(Bundle.module.resourceURL)
    return try String(contentsOf: folder.appending(path: "Vectors/\(path)"), encoding: .utf8)
  }

  /// `NAME = VALUE` lines; an empty line ends a record. Lines in brackets and comments are left out.
  static func records(_ path: String) throws -> [Record] {
    var records: [Record] = []
    var current: Record = [:]
    for line in try text(path).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    {
      let line = line.trimmingCharacters(in: .whitespaces)
      if line.isEmpty {
        if !current.isEmpty { records.append(current) }
        current = [:]
      } else if let equals = line.firstIndex(of: "="), !line.hasPrefix("#"), !line.hasPrefix("[") {
        let name = line[..<equals].trimmingCharacters(in: .whitespaces)
        current[name] = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
      }
    }
    if !current.isEmpty { records.append(current) }
    return records
  }

  /// A file of Project Wycheproof, decoded as its own Codable type of a test.
  static func wycheproof<Test: Decodable>(_ path: String, of type: Test.Type) throws -> [Test] {
    let file = try JSONDecoder().decode(
      WycheproofFile<Test>.self, from: Data(text("wycheproof/\(path)").utf8))
    let tests = file.testGroups.flatMap(\.tests)
    try #require(tests.count == file.numberOfTests, "\(path) holds other tests than it says")
    return tests
  }
}

extension VectorFile.Record {
  /// The field of that name, which every record has to have.
  func value(_ name: String) throws -> String {
    try #require(self[name], "a record without \(name)")
  }

  func number<Number: FixedWidthInteger>(_ name: String) throws -> Number {
    let text = try value(name)
    return try #require(Number(text), "\(name) is not a number: \(text)")
  }
}

/// The bytes of a hexadecimal text.
func bytes(hex: String) throws -> [UInt8] {
  let digits = Array(hex)
  try #require(digits.count % 2 == 0, "an odd number of hexadecimal digits: \(hex)")
  return try stride(from: 0, to: digits.count, by: 2).map { i in
    try #require(UInt8(String(digits[i...i + 1]), radix: 16), "not hexadecimal: \(hex)")
  }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private struct WycheproofFile<Test: Decodable>: Decodable {
  let numberOfTests: Int
  let testGroups: [Group]

  struct Group: Decodable { let tests: [Test] }
}
