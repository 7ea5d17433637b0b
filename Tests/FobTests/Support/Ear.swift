import Foundation
import TokenClient
import TokenCore

@testable import fob

/// A program that is connected to a simulator beside `fob`: hears all that the token says, and sends what
/// it likes.
final class Ear {
  private let transport: UnixSocketTransport
  private(set) var heard: [Report] = []

  init(_ token: String) throws {
    transport = UnixSocketTransport(path: String(token.dropFirst("unix:".count)))
    try transport.open()
  }

  deinit { transport.close() }

  /// The channels on which the token answered to anybody, and those on which it answered to INIT.
  func channels() throws -> (all: Set<UInt32>, resynchronised: Set<UInt32>) {
    while let report = try transport.read(before: Deadline(in: .milliseconds(50))) {
      heard.append(report)
    }
    let all = heard.filter { HIDMessage.channel(of: $0) != ChannelID.broadcast.rawValue }
    let again = all.filter { $0.bytes[4] == 0x80 | FramingCommand.initialize.rawValue }
    return (Set(all.map(HIDMessage.channel)), Set(again.map(HIDMessage.channel)))
  }

  /// The status word of LIST on a channel; `nil` if the token does not know the channel.
  func list(on channel: UInt32) throws -> UInt16? {
    let message = HIDMessage(
      channel: channel, command: FramingCommand.applet.rawValue,
      payload: [0, Instruction.list.rawValue, 0, 0])
    for report in message.reports { try transport.write(report) }
    var answers = HIDAssembly()
    while let report = try transport.read(before: Deadline(in: .seconds(30))) {
      guard let answer = answers.take(report), answer.channel == channel else { continue }
      return HeldToken.Answer(message: answer.payload)?.status
    }
    return nil
  }
}
