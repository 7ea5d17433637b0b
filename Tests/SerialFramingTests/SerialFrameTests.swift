import Foundation
import Testing
import TokenCore

@testable import SerialFraming

@Suite("A serial line")
struct SerialFrameTests {
  static let seeds: [UInt64] =
    ProcessInfo.processInfo.environment["WATCHFOB_SEED"].flatMap { UInt64($0) }.map { [$0] }
    ?? (0..<20).map { _ in .random(in: 0...UInt64.max) }

  @Test("carries any report, and no zero but the one that ends it", arguments: seeds)
  func roundTrip(_ seed: UInt64) {
    var random = Generator(state: seed)
    for _ in 0..<50 {
      let report = random.report()
      let line = SerialFrame(report).line
      #expect(line.count == SerialFrame.size, "\(repeating(seed))")
      #expect(line.firstIndex(of: 0) == line.count - 1, "\(repeating(seed))")
      #expect(reports(on: line) == [Array(report)], "\(repeating(seed))")
    }
  }

  @Test("carries reports that are all zeros, all ones, and a zero at either end")
  func edges() {
    for bytes in [
      [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0xFF, count: 64),
      [0] + [UInt8](repeating: 1, count: 63), [UInt8](repeating: 1, count: 63) + [0],
    ] {
      #expect(reports(on: SerialFrame(Report(bytes)).line) == [bytes])
    }
  }

  @Test(
    "refuses a frame of which any bit was turned, and is in step with the next", arguments: seeds)
  func damage(_ seed: UInt64) {
    var random = Generator(state: seed)
    let first = random.report()
    let second = random.report()
    let line = SerialFrame(first).line
    for index in line.indices {
      var damaged = line
      damaged[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
      let found = reports(on: damaged + [0] + SerialFrame(second).line)
      #expect(found == [Array(second)], "byte \(index); \(repeating(seed))")
    }
  }

  @Test("refuses a frame that lost a byte or has one too many", arguments: seeds)
  func slips(_ seed: UInt64) {
    var random = Generator(state: seed)
    let report = random.report()
    let next = random.report()
    let line = SerialFrame(report).line
    for index in line.indices.dropLast() {
      var short = line
      short.remove(at: index)
      var long = line
      long.insert(UInt8.random(in: 1...255, using: &random), at: index)
      for slipped in [short, long] {
        let found = reports(on: slipped + SerialFrame(next).line)
        #expect(found == [Array(next)], "byte \(index); \(repeating(seed))")
      }
    }
  }

  @Test("is understood from wherever one begins to listen", arguments: seeds)
  func anywhere(_ seed: UInt64) {
    var random = Generator(state: seed)
    let report = random.report()
    let line = SerialFrame(random.report()).line
    for start in 1..<line.count {
      #expect(reports(on: line[start...] + SerialFrame(report).line) == [Array(report)])
    }
  }

  @Test("never finds a report in noise, however long", arguments: seeds)
  func noise(_ seed: UInt64) {
    var random = Generator(state: seed)
    let noise = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(reports(on: noise) == [], "\(repeating(seed))")
    let endless = [UInt8](repeating: 7, count: 1000)
    let report = random.report()
    #expect(reports(on: endless + [0] + SerialFrame(report).line) == [Array(report)])
  }

  @Test("carries the notice of a trap, which is no report")
  func notice() {
    let notice = TrapNotice(address: 0x0000_1A2C, caller: 0x0001_00FF)
    var reader = SerialFrameReader()
    var found: [TrapNotice] = []
    for byte in notice.frame.line where reader.take(byte) {
      #expect(reader.report() == nil)
      reader.notice().map { found.append($0) }
    }
    #expect(found == [notice])
  }

  /// All reports that a reader finds among `bytes`.
  private func reports(on bytes: some Sequence<UInt8>) -> [[UInt8]] {
    var reader = SerialFrameReader()
    var reports: [[UInt8]] = []
    for byte in bytes where reader.take(byte) { reader.report().map { reports.append(Array($0)) } }
    return reports
  }

  private func repeating(_ seed: UInt64) -> String {
    "repeat with: WATCHFOB_SEED=\(seed) swift test --filter SerialFramingTests"
  }
}

/// Steele, Lea and Flood's SplitMix64.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// A report of which about a quarter are zeros.
  mutating func report() -> Report {
    Report(
      (0..<64).map { _ in
        Bool.random(using: &self) && Bool.random(using: &self)
          ? 0 : .random(in: 0...255, using: &self)
      })
  }
}

extension SerialFrame {
  fileprivate var line: [UInt8] { (0..<count).map { bytes[$0] } }
}

extension Report {
  fileprivate init(_ array: [UInt8]) {
    self.init()
    for (index, byte) in array.enumerated() { bytes[index] = byte }
  }
}

extension Array where Element == UInt8 {
  fileprivate init(_ report: Report) {
    self = (0..<Report.size).map { report.bytes[$0] }
  }
}
