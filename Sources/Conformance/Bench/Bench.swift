import OATH
import TokenClient
import TokenCore

/// A token on the bench: channels to it, and a record of what the suite has put on it.
final class Bench {
  let wire: Wire
  let hands: any Hands
  /// What all names of this run have in them.
  let prefix = "fob-check-" + hexadecimal(UInt32.random(in: .min ... .max)).lowercased()

  /// Three channels. Commands go over the first unless another is named.
  private(set) var main = ChannelID.reserved
  private(set) var other = ChannelID.reserved
  private(set) var third = ChannelID.reserved

  /// What was on the token before.
  var inventory = Inventory()
  /// The person's access key, if the token has one.
  var personKey: AccessSecret?
  /// The suite's own access key, from before it is set until it is cleared.
  var ownKey: AccessSecret?
  /// Whether the suite's own PIN may be set.
  var hasOwnPIN = false
  /// Names that are the suite's, there or not.
  var ownNames: [[UInt8]] = []
  /// Whether something may be staged.
  var mayHaveStaged = false
  /// Whether the clock was moved that ran before, or stopped: only ever on a token that was empty.
  var hasDisturbedClock = false

  init(_ wire: Wire, hands: any Hands) {
    self.wire = wire
    self.hands = hands
  }

  /// Gets the channels.
  func connect() throws(CheckEnd) {
    main = try wire.allocate()
    other = try wire.allocate()
    third = try wire.allocate()
  }

  /// Has the token drop whatever it does on any of the channels, and gets new ones for those that it
  /// has given up.
  func resynchronize() throws(CheckEnd) {
    if try !wire.recover(main) { main = try wire.allocate() }
    if try !wire.recover(other) { other = try wire.allocate() }
    if try !wire.recover(third) { third = try wire.allocate() }
    wire.channelsAskedFor = 0
  }

  /// Leaves nothing behind that was proved on a channel. A token that does not answer soon forgets by
  /// itself.
  func leave() {
    wire.isCancelled = nil
    wire.deadline = Deadline(in: .milliseconds(500))
    for channel in [main, other, third] { _ = try? wire.recover(channel) }
  }

  /// Has the token drop whatever it does on the main channel, which has to be there.
  func recoverMain() throws(CheckEnd) {
    let isThere = try wire.recover(main)
    try wire.require(isThere, "INIT on \(main.words)", "ERROR invalidChannel")
  }

  // MARK: Hands

  func pressButton() throws(CheckEnd) {
    try withHands { hands throws(Unable) in try hands.pressButton() }
  }

  func leaveButton() throws(CheckEnd) {
    try withHands { hands throws(Unable) in try hands.leaveButton() }
  }

  /// Pulls the cable and puts it back.
  func replug() throws(CheckEnd) {
    let transport = wire.transport
    let holdsCredentials = !inventory.isEmpty
    if !holdsCredentials { hasDisturbedClock = true }
    try withHands { hands throws(Unable) in
      try hands.replug(transport, holdsCredentials: holdsCredentials)
    }
    mayHaveStaged = false
    wire.forgetChannels()
    try connect()
  }

  /// Lets time pass for the token at once. Only of a token whose clock nobody else depends on.
  func warp(_ length: Duration) throws(CheckEnd) {
    try requireNobodysClock()
    hasDisturbedClock = true
    try withHands { hands throws(Unable) in try hands.warp(length) }
  }

  /// Has the bus sleep for a moment. The token's channels stay, but for what was staged on them.
  func suspendBus() throws(CheckEnd) {
    try withHands { hands throws(Unable) in try hands.suspendBus() }
    mayHaveStaged = false
  }

  /// Has the token's clock lose its count. Its channels are new afterwards.
  func loseClock() throws(CheckEnd) {
    try requireNobodysClock()
    hasDisturbedClock = true
    let transport = wire.transport
    try withHands { hands throws(Unable) in try hands.loseClock(transport) }
    mayHaveStaged = false
    wire.forgetChannels()
    try connect()
    guard try clock().reading == nil else { throw .skipped("the token's clock runs without power") }
  }

  private func requireNobodysClock() throws(CheckEnd) {
    guard inventory.isEmpty else { throw .skipped("the token holds credentials") }
  }

  /// The time that hands take is not the token's.
  private func withHands(_ work: (any Hands) throws(Unable) -> Void) throws(CheckEnd) {
    let start = Deadline.now
    do throws(Unable) {
      try work(hands)
    } catch {
      throw .skipped(error.reason)
    }
    guard wire.deadline != .never else { return }
    let spent = Deadline.now.nanoseconds - start.nanoseconds
    wire.deadline = Deadline(nanoseconds: wire.deadline.nanoseconds + spent)
  }
}

// MARK: - Commands

extension Bench {
  /// Sends a command, on the main channel unless another is named.
  func ask(
    _ command: Command, on channel: ChannelID? = nil, waits: Bool = false
  ) throws(CheckEnd) -> Answer {
    let channel = channel ?? main
    try send(command, on: channel)
    return try answer(on: channel, waits: waits)
  }

  func send(_ command: Command, on channel: ChannelID) throws(CheckEnd) {
    let place = channel == main ? "" : " on \(channel.words)"
    try wire.send(.applet, command.bytes, on: channel)
    wire.note("\(command)" + place)
  }

  /// The applet's answer to what was sent.
  func answer(on channel: ChannelID, waits: Bool = false) throws(CheckEnd) -> Answer {
    let message = try wire.message(.applet, on: channel, waits: waits)
    guard let answer = Answer(message) else {
      throw wire.deviation(expected: "a status word", received: "\(message.count) bytes")
    }
    return answer
  }

  /// Sends a command that has to be answered with `word`, and with data only if that is success.
  func refuse(
    _ command: Command, _ word: StatusWord, on channel: ChannelID? = nil, waits: Bool = false
  ) throws(CheckEnd) {
    let answer = try ask(command, on: channel, waits: waits)
    try wire.require(
      answer.word == word.rawValue && answer.data.isEmpty, StatusWord.words(word.rawValue),
      answer.words)
  }

  /// Sends a command that has to be carried out, and to have no data in its answer.
  func perform(
    _ command: Command, on channel: ChannelID? = nil, waits: Bool = false
  ) throws(CheckEnd) {
    try refuse(command, .success, on: channel, waits: waits)
  }

  /// Sends a command that has to be carried out, and gives the fields of its answer.
  func fields(
    _ command: Command, on channel: ChannelID? = nil, waits: Bool = false
  ) throws(CheckEnd) -> [Field] {
    let answer = try ask(command, on: channel, waits: waits)
    return try fields(of: answer)
  }

  func fields(of answer: Answer) throws(CheckEnd) -> [Field] {
    try wire.require(
      answer.word == StatusWord.success.rawValue, StatusWord.words(StatusWord.success.rawValue),
      answer.words)
    guard let fields = Field.parse(answer.data) else {
      throw wire.deviation(
        expected: "a row of fields", received: "\(answer.data.count) bytes that are none")
    }
    return fields
  }

  /// The values of the answer's fields, which have to be those tags in that order, each with that
  /// many bytes.
  func values(
    _ command: Command, _ expected: [(tag: Tag, size: Int)], on channel: ChannelID? = nil,
    waits: Bool = false
  ) throws(CheckEnd) -> [[UInt8]] {
    let fields = try fields(command, on: channel, waits: waits)
    return try values(fields, expected)
  }

  func values(
    _ fields: [Field], _ expected: [(tag: Tag, size: Int)]
  ) throws(CheckEnd) -> [[UInt8]] {
    let fits =
      fields.count == expected.count
      && zip(fields, expected).allSatisfy { $0.tag == $1.tag.rawValue && $0.value.count == $1.size }
    try wire.require(
      fits, expected.map { Field($0.tag, [UInt8](repeating: 0, count: $0.size)) }.words,
      fields.words)
    return fields.map(\.value)
  }
}
