import Glibc
import TokenClient
import TokenCore

/// Raw reports to and from a token: what a check sees, with nothing smoothed over.
///
/// Every wait ends: at its own moment, at the check's deadline, or when the person wants to stop.
final class Wire {
  let transport: any TokenTransport
  /// How long the token may take for an answer.
  let patience: Duration
  /// By when the check has to be done.
  var deadline = Deadline.never
  var isCancelled: (() -> Bool)?
  /// What the host did last, for the report of a failure.
  private(set) var lastSent = "nothing"

  /// Channels that this run has to do with; reports on others are other programs'.
  private var channels: Set<ChannelID> = [.reserved]
  /// The nonces of this run's INITs; answers to others are other programs'.
  private var nonces: Set<[UInt8]> = []
  /// How many channels this run has asked for since it last used all of its own: the token has room for
  /// sixteen, and gives up those that were not used for longest.
  var channelsAskedFor = 0

  /// - Parameter transport: open.
  init(_ transport: any TokenTransport, patience: Duration) {
    self.transport = transport
    self.patience = patience
  }

  /// Counts `channel` as this run's.
  func watch(_ channel: ChannelID) {
    channels.insert(channel)
  }

  /// Forgets all channels: the token has started anew.
  func forgetChannels() {
    channels = [.reserved]
    channelsAskedFor = 0
  }

  // MARK: Sending

  func send(_ frame: Frame) throws(CheckEnd) {
    note("\(frame)")
    try write(frame)
  }

  /// Sends the packets of a message, or its first `count` ones.
  func send(
    _ command: FramingCommand, _ payload: [UInt8] = [], on channel: ChannelID,
    first count: Int = .max
  ) throws(CheckEnd) {
    let frames = Frame.message(command, payload, on: channel)
    let part = count < frames.count ? ", the first \(count) of its \(frames.count) reports" : ""
    note("\(frames[0])" + part)
    for frame in frames.prefix(count) { try write(frame) }
  }

  /// Puts what is sent into words; a message's own are better than those of its packets.
  func note(_ words: String) {
    lastSent = words
  }

  private func write(_ frame: Frame) throws(CheckEnd) {
    if isCancelled?() == true { throw .interrupted }
    if case .initialization(FramingCommand.initialize.rawValue, _) = frame.header {
      nonces.insert(Array(frame.payload.prefix(8)))
      if frame.channel == .broadcast { channelsAskedFor += 1 }
    }
    do throws(TransportFailure) {
      try transport.write(frame.report)
    } catch {
      throw .transport(error)
    }
  }

  // MARK: Receiving

  /// The next packet that is meant for this run; `nil` when none came before `moment`. One that has
  /// arrived is delivered even when the moment has passed.
  func next(before moment: Deadline) throws(CheckEnd) -> Frame? {
    while true {
      let report: Report?
      do throws(TransportFailure) {
        report = try transport.read(before: min(moment, deadline).atMost(.milliseconds(50)))
      } catch {
        throw .transport(error)
      }
      // A token that never stops sending is not to keep anybody.
      if isCancelled?() == true { throw .interrupted }
      if deadline.hasPassed { throw deviation(expected: "an end in time", received: "none") }
      if let frame = report.map(Frame.init), isOurs(frame) { return frame }
      if moment.hasPassed { return nil }
    }
  }

  /// Lets time pass without taking what the token sends.
  func rest(_ length: Duration) {
    let end = Deadline(in: length)
    while !end.hasPassed {
      usleep(useconds_t(min(end.remainingNanoseconds, 50_000_000) / 1_000 + 1))
    }
  }

  private func isOurs(_ frame: Frame) -> Bool {
    guard frame.channel == .broadcast else { return channels.contains(frame.channel) }
    guard case .initialization(FramingCommand.initialize.rawValue, _) = frame.header else {
      return true
    }
    return nonces.contains(Array(frame.payload.prefix(8)))
  }

  // MARK: Judging

  func deviation(expected: String, received: String) -> CheckEnd {
    .deviation(Deviation(sent: lastSent, expected: expected, received: received))
  }

  func require(
    _ condition: Bool, _ expected: @autoclosure () -> String, _ received: @autoclosure () -> String
  ) throws(CheckEnd) {
    guard condition else { throw deviation(expected: expected(), received: received()) }
  }
}
