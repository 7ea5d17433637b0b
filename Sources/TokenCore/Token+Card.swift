/// The token's second door: bare command APDUs, as a smart card reader (PC/SC) hands them over.
///
/// The same applet answers. Two things are as cards have it (ISO/IEC 7816-4, 5.1): the status word
/// stands behind the data, and a response to a short APDU comes in pieces of 256 bytes, the rest being
/// fetched with SEND REMAINING.
extension Token where B: ~Copyable {
  /// The largest piece of a response that `fetchResponse` gives: 256 bytes of data, or all 7,607 for
  /// an extended APDU, and the status word.
  public static var largestCardResponse: Int { FramingLimits.messageSize }

  /// Takes a command APDU. Its answer is fetched with `fetchResponse`.
  ///
  /// - Precondition: the answer to the one before was fetched.
  /// - Returns: `false` for a command that no applet could have (longer than 7,609 bytes), or while a
  ///   HID channel's transaction goes on or its LOCK holds: try again then.
  public mutating func receive(apdu: Span<UInt8>) -> Bool {
    let now = board.ticks()
    guard apdu.count <= FramingLimits.messageSize else { return false }
    if isSendRemaining(apdu), framing.phase == .sending, framing.channel == .card {
      card.isPending = true
      card.isWhole = isExtended(apdu)
      if card.nextByte == framing.message.count { continueResponse(at: now) }
      framing.extendCardResponse(at: now)
      return true
    }
    // A command that waits for the button ends with the next one.
    if touch.isOn, framing.channel == .card { abandonCommand() }
    guard framing.claimForCard(at: now) else { return false }
    card = CardResponse(isPending: true, isWhole: isExtended(apdu))
    framing.message.append(apdu)
    serveApplet(at: now)
    return true
  }

  /// Gives the answer to the command APDU, or the next piece of it: data, then the status word.
  ///
  /// - Parameter bytes: at least `largestCardResponse` long; 258 suffice for short APDUs.
  /// - Returns: bytes written; `nil` while the command waits for the button, and when there is none.
  public mutating func fetchResponse(into bytes: inout MutableSpan<UInt8>) -> Int? {
    guard card.isPending, framing.phase == .sending, framing.channel == .card else { return nil }
    card.isPending = false
    let left = framing.message.count - card.nextByte
    let piece = card.isWhole ? left : min(left, 256)
    for index in 0..<piece { bytes[index] = framing.message.bytes[card.nextByte + index] }
    card.nextByte += piece
    if left > piece || applet.hasMoreCodes {
      // 0 says 256 or more, which what is not computed yet counts as.
      let more = applet.hasMoreCodes ? 256 : min(left - piece, 256)
      bytes[piece] = StatusWord.moreDataPrefix
      bytes[piece + 1] = UInt8(truncatingIfNeeded: more)
    } else {
      bytes[piece] = framing.message.bytes[0]
      bytes[piece + 1] = framing.message.bytes[1]
      framing.finish()
    }
    return piece + 2
  }

  /// The reader reset the card or took its power: its session is over.
  public mutating func resetCard() {
    if framing.channel == .card { abandonCommand() }
    card = CardResponse()
    applet.forget(.card)
  }

  /// Computes the next part of a response that is longer than a message.
  private mutating func continueResponse(at now: Ticks) {
    card.nextByte = 2
    framing.message.wipeContents()
    framing.message.append(bigEndian: StatusWord.success.rawValue)
    do throws(StatusWord) {
      try applet.computeMoreCodes(board: &board, response: &framing.message)
    } catch {
      framing.message.wipeContents()
      framing.message.append(bigEndian: error.rawValue)
    }
  }

  private func isSendRemaining(_ apdu: Span<UInt8>) -> Bool {
    apdu.count >= 4 && apdu[0] == 0 && apdu[1] == Instruction.sendRemaining.rawValue
  }

  /// An extended APDU has a zero where a short one has its length, and more behind it.
  private func isExtended(_ apdu: Span<UInt8>) -> Bool {
    apdu.count >= 7 && apdu[4] == 0
  }
}

/// How far the card's response has been fetched.
struct CardResponse {
  /// Whether a command was given whose answer was not fetched.
  var isPending = false
  /// Whether the response may come in one piece.
  var isWhole = false
  /// The next byte of the message to hand out; the status word comes before the data there.
  var nextByte = 2
}
