/// The channels that hosts were given, the most recently used first.
///
/// Their numbers are random, so that none can be guessed, and a number alone gives no right. Sixteen
/// live at once: a host whose channel has made room for another is told `invalidChannel`, and asks
/// for a new one.
struct ChannelTable: ~Copyable {
  private var channels: InlineArray<16, ChannelID> = InlineArray(repeating: .reserved)

  var count: Int { channels.count }

  /// The channel in a place, `0 ..< count`, the most recently used first; `reserved` in a free one.
  subscript(place: Int) -> ChannelID { channels[place] }

  func contains(_ channel: ChannelID) -> Bool {
    channel != .reserved && place(of: channel) != nil
  }

  /// The channel was used: it is the last to make room now.
  mutating func use(_ channel: ChannelID) {
    guard let place = place(of: channel) else { return }
    moveToFront(from: place, channel)
  }

  /// Puts a new channel in the place of an old one, or in a free place.
  mutating func put(_ channel: ChannelID, in place: Int) {
    moveToFront(from: place, channel)
  }

  private mutating func moveToFront(from place: Int, _ channel: ChannelID) {
    for index in (0..<place).reversed() { channels[index + 1] = channels[index] }
    channels[0] = channel
  }

  private func place(of channel: ChannelID) -> Int? {
    for index in channels.indices where channels[index] == channel { return index }
    return nil
  }
}
