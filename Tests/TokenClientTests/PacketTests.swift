import Testing
import TokenCore

@testable import TokenClient

@Suite("Packets")
struct PacketTests {
  static let channel = ChannelID(rawValue: 0xA1B2_C3D4)

  static func reports(of payload: [UInt8]) -> [Report] {
    (0..<Packet.count(forLength: payload.count)).map {
      Packet.report($0, channel: channel, command: .applet, payload: payload.span)
    }
  }

  @Test("a message of any length is whole again after the last of its packets, and not before")
  func roundTrip() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(seed: seed)
    let edges = [0, 1, 56, 57, 58, 57 + 59 - 1, 57 + 59, 57 + 59 + 1, 7608, 7609]
    let lengths = edges + (0..<200).map { _ in Int.random(in: 0...7609, using: &random) }
    for length in lengths {
      let payload = random.bytes(length)
      let reports = Self.reports(of: payload)
      var assembly = MessageAssembly(channel: Self.channel, command: .applet)
      for report in reports.dropLast() {
        #expect(try assembly.take(report) == .partial, "repeat with: \(seed), \(length) bytes")
      }
      let last = try #require(reports.last)
      #expect(try assembly.take(last) == .complete, "repeat with: \(seed), \(length) bytes")
      #expect(assembly.payload == payload, "repeat with: \(seed), \(length) bytes")
      #expect(reports.count <= 129)
    }
  }

  @Test("a token of this kind reads the packets as they were meant")
  func understood() throws {
    let payload = [UInt8](0..<200)
    let token = ScriptedToken()
    token.channel = Self.channel.rawValue
    for report in Self.reports(of: payload) { try token.write(report) }
    #expect(token.requests.map(\.payload) == [payload])
    #expect(token.requests.map(\.command) == [FramingCommand.applet.rawValue])
  }

  @Test("other channels' packets and old ones among them change nothing")
  func interleaved() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(seed: seed)
    for _ in 0..<100 {
      let payload = random.bytes(Int.random(in: 58...600, using: &random))
      var assembly = MessageAssembly(channel: Self.channel, command: .applet)
      // The end of an answer that was given up on, and one to another command.
      let old = Report(Self.channel.rawValue, [5] + random.bytes(59))
      #expect(try assembly.take(old) == .ignored)
      let other = Packet.report(
        0, channel: Self.channel, command: .ping, payload: [UInt8](repeating: 7, count: 9).span)
      #expect(try assembly.take(other) == .ignored)
      for report in Self.reports(of: payload) {
        let stranger = Report(Self.channel.rawValue ^ 1, random.bytes(60))
        #expect(try assembly.take(stranger) == .ignored, "repeat with: \(seed)")
        _ = try assembly.take(report)
      }
      #expect(assembly.payload == payload, "repeat with: \(seed)")
    }
  }

  @Test("whatever 64 bytes come, they are taken or refused, and never more than a message is kept")
  func anyBytes() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(seed: seed)
    var refusals = 0
    for _ in 0..<2_000 {
      var assembly = MessageAssembly(channel: Self.channel, command: .applet)
      for _ in 0..<Int.random(in: 1...140, using: &random) {
        var bytes = random.bytes(60)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[0] = 0x80 | FramingCommand.applet.rawValue
        case 1: bytes[0] = 0x80 | FramingCommand.keepAlive.rawValue
        default: bytes[0] &= 0x07
        }
        if Bool.random(using: &random) { bytes[1] &= 0x1F }
        do {
          _ = try assembly.take(Report(Self.channel.rawValue, bytes))
        } catch {
          refusals += 1
          break
        }
        #expect(assembly.payload.count <= 7609, "repeat with: \(seed)")
      }
    }
    #expect(refusals > 0, "repeat with: \(seed)")
  }
}
