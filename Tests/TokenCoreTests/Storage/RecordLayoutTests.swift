import Testing

@testable import TokenCore

@Suite("The layout of records")
struct RecordLayoutTests {
  @Test("the CRC is the one whose check value is 0xCBF43926")
  func checkValue() {
    var crc = CRC32()
    crc.update(Array("123456789".utf8).span)
    #expect(crc.value == 0xCBF4_3926)
  }

  static func header(_ random: inout SplitMix) -> [UInt8] {
    let body = (0..<Int.random(in: 0...480, using: &random)).map { UInt8(truncatingIfNeeded: $0) }
    let header = RecordHeader(
      .value, key: .random(in: 0..<200, using: &random),
      sequence: .random(in: 1...UInt32.max, using: &random), body: body.span)
    var bytes = [UInt8](repeating: 0xFF, count: 16)
    var span = bytes.mutableSpan
    header.write(into: &span)
    return bytes
  }

  @Test("a header reads back as it was written")
  func roundTrip() throws {
    var random = SplitMix(seed: 1)
    for _ in 0..<200 {
      let bytes = Self.header(&random)
      let parsed = RecordHeader(parsing: bytes.span)
      let header = try #require(parsed)
      var again = [UInt8](repeating: 0xFF, count: 16)
      var span = again.mutableSpan
      header.write(into: &span)
      #expect(again == bytes)
    }
  }

  @Test("no part of programming or clearing a header passes for a header")
  func tornHeaders() {
    var random = SplitMix(seed: 2)
    for round in 0..<20_000 {
      let whole = Self.header(&random)
      // From all bits to single ones, so that near misses are among them.
      var torn = whole
      let isClearing = round % 2 == 0
      for index in 0..<13 {
        var bits = UInt8.random(in: 0...255, using: &random)
        for _ in 0..<(round / 2 % 5) { bits &= UInt8.random(in: 0...255, using: &random) }
        torn[index] = isClearing ? torn[index] & ~bits : torn[index] | bits
      }
      if torn != whole {
        let isHeader = RecordHeader(parsing: torn.span) != nil
        #expect(!isHeader, "repeat with: seed 2, round \(round)")
      }
    }
  }

  @Test("a record's states are told from steps that were cut on the way to them")
  func tornStates() {
    for byte in UInt8.min...UInt8.max {
      let state = RecordState(reading: byte)
      switch byte {
      case 0xFF: #expect(state == .blank)
      case 0xF0: #expect(state == .committed)
      case 0xF1...0xFE: #expect(state == .begun)
      default: #expect(state == .void)
      }
    }
  }
}
