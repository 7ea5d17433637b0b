/// What the applet knows of the channels that talk to it: the nonce of each one's last SELECT, and
/// whether it has proved to know the access key and the PIN.
///
/// Four channels at once; a fifth takes the place of the one that came first, which then has to
/// prove anew what it proved.
struct SessionTable {
  private struct Session {
    var channel = ChannelID.reserved
    var nonce: InlineArray<8, UInt8>?
    var isValidated = false
    var isVerified = false
  }

  private var sessions: InlineArray<4, Session> = InlineArray(repeating: Session())
  private var next = 0

  /// Begins anew for `channel`, with a nonce to be answered.
  mutating func select(_ channel: ChannelID, nonce: InlineArray<8, UInt8>) {
    sessions[place(of: channel)] = Session(channel: channel, nonce: nonce)
  }

  /// - Returns: the nonce of the channel's last SELECT, or `nil`.
  func nonce(of channel: ChannelID) -> InlineArray<8, UInt8>? {
    guard let index = indexOf(channel) else { return nil }
    return sessions[index].nonce
  }

  mutating func validate(_ channel: ChannelID) {
    guard let index = indexOf(channel) else { return }
    sessions[index].isValidated = true
  }

  func isValidated(_ channel: ChannelID) -> Bool {
    guard let index = indexOf(channel) else { return false }
    return sessions[index].isValidated
  }

  /// The channel has proved to know the PIN.
  mutating func verify(_ channel: ChannelID) {
    let index = place(of: channel)
    sessions[index].channel = channel
    sessions[index].isVerified = true
  }

  func isVerified(_ channel: ChannelID) -> Bool {
    guard let index = indexOf(channel) else { return false }
    return sessions[index].isVerified
  }

  /// No channel has proved to know the PIN any more.
  mutating func endVerifications() {
    for index in sessions.indices { sessions[index].isVerified = false }
  }

  @inline(never)
  mutating func forget(_ channel: ChannelID) {
    guard let index = indexOf(channel) else { return }
    sessions[index] = Session()
  }

  /// Forgets every channel but the card's.
  mutating func forgetBus() {
    for index in sessions.indices where sessions[index].channel != .card {
      sessions[index] = Session()
    }
  }

  mutating func forgetAll() {
    for index in sessions.indices { sessions[index] = Session() }
  }

  /// Where `channel` is, or is to be: then nothing of the one whose place it takes is left there.
  private mutating func place(of channel: ChannelID) -> Int {
    if let known = indexOf(channel) { return known }
    let index = next
    next = (next + 1) % sessions.count
    sessions[index] = Session()
    return index
  }

  private func indexOf(_ channel: ChannelID) -> Int? {
    for index in sessions.indices where sessions[index].channel == channel { return index }
    return nil
  }
}
