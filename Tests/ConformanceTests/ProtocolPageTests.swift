import Foundation
import Testing
import TokenCore

@testable import Conformance

/// The checks take the numbers of the wire from the same enums as the token. So a wrong number there
/// would be wrong on both sides: it has to be the page's.
@Suite("The numbers that the checks use are those of Docs/protocol.md")
struct ProtocolPageTests {
  private let page: String

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    page = try String(contentsOf: root.appendingPathComponent("Docs/protocol.md"), encoding: .utf8)
  }

  /// The rows of all tables whose first cell is `name`, as cells.
  private func rows(_ name: String) -> [[String]] {
    page.split(separator: "\n").filter { $0.hasPrefix("| \(name) |") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test("commands of the framing")
  func commands() {
    for number in UInt8(0)...0x7F {
      guard let command = FramingCommand(rawValue: number) else { continue }
      let name = FramingCommand.words(number)
      #expect(rows(name).first?[1] == hexadecimal(command.rawValue), "\(name)")
    }
  }

  @Test("errors of the framing")
  func errors() {
    for number in UInt8(0)...0xFF {
      guard let error = FramingError(rawValue: number) else { continue }
      #expect(rows("\(error)").first?[1] == hexadecimal(error.rawValue), "\(error)")
    }
  }

  @Test("status words")
  func statusWords() {
    // A row may be of several words.
    let words = page.split(separator: "\n").filter { $0.hasPrefix("| 6") || $0.hasPrefix("| 9000") }
      .flatMap { $0.split(separator: "|")[0].split(whereSeparator: { " ,".contains($0) }) }
    let known = (UInt16(0)...UInt16.max).filter { StatusWord(rawValue: $0) != nil }
    #expect(words.sorted() == known.map { Substring(hexadecimal($0)) }.sorted())
  }

  @Test("instructions")
  func instructions() {
    for instruction in Instruction.all + [.reset] {
      let parameters: [UInt8] = instruction == .selectOrCalculateAll ? [4, 0] : [0]
      for p1 in parameters {
        let name = instruction.words(p1: p1)
        // The lock matrix has rows of the same names, with status words.
        let number = rows(name).compactMap { $0[1].split(separator: " ").first }
          .first { $0.count == 2 }.map(String.init)
        // INFORMATION has no table of its own.
        if instruction == .information {
          #expect(page.contains("INFORMATION (`\(hexadecimal(instruction.rawValue))`)"))
        } else {
          #expect(number == hexadecimal(instruction.rawValue), "\(name)")
        }
      }
    }
  }

  @Test("every section that a check names is there")
  func sections() {
    let sections = Set(
      page.split(separator: "\n").filter { $0.hasPrefix("## ") }
        .compactMap { $0.dropFirst(3).split(separator: ".").first.map(String.init) })
    let rules = Set(
      page.split(separator: "\n").compactMap { line -> String? in
        guard let number = line.split(separator: ".").first, Int(number) != nil else { return nil }
        return String(number)
      })
    for check in Check.all {
      for part in check.section.split(whereSeparator: { ",;".contains($0) }) {
        let words = part.split(separator: " ")
        if words[0] == "rule" {
          #expect(rules.contains(String(words[1])), "\(check.id)")
        } else {
          #expect(sections.contains(String(words[0])), "\(check.id)")
        }
      }
    }
  }

  @Test("no two checks have the same id, and each has a group")
  func ids() {
    #expect(Set(Check.all.map(\.id)).count == Check.all.count)
    for check in Check.all {
      #expect(check.id.contains(".") && check.id == check.id.lowercased())
      #expect(!check.title.hasSuffix("."))
    }
  }
}
