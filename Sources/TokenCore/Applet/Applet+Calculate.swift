import OATH

// CALCULATE and CALCULATE ALL: Docs/protocol.md, section 5.
extension Applet {
  /// The step that a host asked for: the token's own, or one it names.
  enum Challenge {
    case own
    case step(Step)
  }

  /// What CALCULATE ALL has still to compute when a message is full.
  struct MoreCodes {
    /// The next slot, `1 ..< 64`.
    var slot: Int
    var challenge: Challenge
    /// P2 of the command.
    var form: UInt8
  }

  @inline(never)
  mutating func calculate<B: Board & ~Copyable>(
    isTouched: Bool, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) -> Progress {
    let (name, challenge) = try requestedNameAndChallenge()
    let slot = try requiredSlot(named: name, board: &board)
    let now = board.ticks()
    if record.kind.type == .totp {
      // Refused before the person is asked to press.
      _ = try movingFactorOrRefusal(for: challenge, at: now)
    }
    guard isTouched || !record.properties.contains(.touch) else { return .touchNeeded }

    switch record.kind.type {
    case .totp:
      let factor = try movingFactorOrRefusal(for: challenge, at: now)
      appendCode(at: factor, isFull: isFull(request.p2), response: &response)
      if wantsOwnAnswer(request.p2) { appendTime(at: now, response: &response) }
    case .hotp:
      let factor = try nextCounter(of: slot, board: &board)
      appendCode(at: factor, isFull: isFull(request.p2), response: &response)
    }
    return .done
  }

  /// CALCULATE ALL. It never fails for one credential: one whose code cannot be computed now is
  /// answered like one that counts logins, without a code.
  mutating func calculateAll<B: Board & ~Copyable>(
    on channel: ChannelID, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    var fields = FieldReader()
    let challenge = try takeChallenge(&fields)
    moreCodes = MoreCodes(slot: 0, challenge: challenge, form: request.p2)
    try computeMoreCodes(board: &board, response: &response)
    guard channel == .card || !hasMoreCodes else {
      moreCodes = nil
      throw .noSpace
    }
  }

  /// Whether CALCULATE ALL has more to say than went into the message.
  var hasMoreCodes: Bool { moreCodes != nil }

  /// Computes the codes that CALCULATE ALL has still to compute, as far as the message has room.
  mutating func computeMoreCodes<B: Board & ~Copyable>(
    board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) {
    guard let more = moreCodes else { return }
    moreCodes = nil
    defer { record.wipe() }
    let now = board.ticks()
    for slot in more.slot..<AppletLimits.credentials where store.contains(.credential(slot)) {
      guard response.room >= ResponseSize.calculateAllEntry + ResponseSize.time else {
        moreCodes = MoreCodes(slot: slot, challenge: more.challenge, form: more.form)
        return
      }
      if try load(slot, board: &board) { appendEntry(more, at: now, response: &response) }
    }
    if wantsOwnAnswer(more.form) { appendTime(at: now, response: &response) }
  }

  /// One credential's part of the response to CALCULATE ALL: the credential in `record`.
  private func appendEntry(
    _ all: MoreCodes, at now: Ticks, response: inout MessageBuffer
  ) {
    response.appendField(.name, record.bytes.span.extracting(record.nameRange))
    let digits = UInt8(record.digits.rawValue)
    if record.properties.contains(.touch), record.kind.type == .totp {
      response.appendField(.touch, byte: digits)
    } else if record.kind.type == .totp, isFollowed(all.challenge, at: now),
      let factor = try? movingFactor(for: challengeToRecord(all.challenge), at: now)
    {
      appendCode(at: factor, isFull: isFull(all.form), response: &response)
    } else {
      response.appendField(.noResponse, byte: digits)
    }
  }

  /// As CALCULATE, for the secret that is staged.
  mutating func calculateStaged<B: Board & ~Copyable>(
    on channel: ChannelID, isTouched: Bool, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) -> Progress {
    let (name, challenge) = try requestedNameAndChallenge()
    guard case .own = challenge else { throw .wrongData }
    try requireStaged(name, on: channel)
    record.copy(staged.credential)
    let now = board.ticks()
    switch record.kind.type {
    case .totp:
      let factor = try movingFactorOrRefusal(for: .own, at: now)
      guard isTouched || !record.properties.contains(.touch) else { return .touchNeeded }
      appendCode(at: factor, isFull: false, response: &response)
      appendTime(at: now, response: &response)
    case .hotp:
      guard isTouched || !record.properties.contains(.touch) else { return .touchNeeded }
      let factor = try staged.nextCounter()
      appendCode(at: factor, isFull: false, response: &response)
    }
    return .done
  }
}

// MARK: - The moving factor

extension Applet {
  /// What CALCULATE ALL's challenge asks of the credential in `record`. Hosts count it in steps of
  /// 30 s, whatever else is stored, and ask CALCULATE again for other periods: to those it says nothing,
  /// and the step is the token's own.
  private func challengeToRecord(_ challenge: Challenge) -> Challenge {
    periodOfRecord == CredentialName.defaultPeriod ? challenge : .own
  }

  /// Whether a host that asks CALCULATE ALL with this challenge would not be refused if it then asked
  /// CALCULATE for the credential in `record`, as YKOATH clients do for a period other than 30 s. Their
  /// clock may show any time of the challenge's 30 s. One refused answer ends their whole list.
  private func isFollowed(_ challenge: Challenge, at now: Ticks) -> Bool {
    guard case .step(let thirty) = challenge, periodOfRecord != CredentialName.defaultPeriod,
      let reading = timekeeper.reading(at: now)
    else { return true }
    let own = reading.time.seconds
    let (first, overflow) = Int64(bitPattern: thirty.rawValue)
      .multipliedReportingOverflow(by: CredentialName.defaultPeriod.rawValue)
    guard !overflow, first >= 0, first < Int64.max - CredentialName.defaultPeriod.rawValue else {
      return false
    }
    let period = periodOfRecord.rawValue
    let last = first + CredentialName.defaultPeriod.rawValue - 1
    return abs(first / period - own / period) <= 1 && abs(last / period - own / period) <= 1
  }

  private var periodOfRecord: Seconds {
    CredentialName.period(of: record.bytes.span.extracting(record.nameRange))
  }

  private func isFull(_ form: UInt8) -> Bool { form & ~AppletLimits.ownAnswer == 0 }

  private func wantsOwnAnswer(_ form: UInt8) -> Bool { form & AppletLimits.ownAnswer != 0 }

  /// As `movingFactor`, for CALCULATE: a client that did not ask for the token's own answer is refused
  /// with a status word that YKOATH knows.
  private func movingFactorOrRefusal(
    for challenge: Challenge, at now: Ticks
  ) throws(StatusWord) -> MovingFactor {
    do throws(StatusWord) {
      return try movingFactor(for: challenge, at: now)
    } catch {
      throw wantsOwnAnswer(request.p2) ? error : .securityStatusNotSatisfied
    }
  }

  /// The token owns the counter: the step is its own, or the host's if that is a neighbour.
  ///
  /// - Throws: `clockUnset`, `clockLost`, `clockUncertain`, `stepRefused`.
  private func movingFactor(
    for challenge: Challenge, at now: Ticks
  ) throws(StatusWord) -> MovingFactor {
    guard let reading = timekeeper.reading(at: now) else {
      throw timekeeper.state == .lost ? .clockLost : .clockUnset
    }
    let period = periodOfRecord
    // The bound has to fit half a step on either side of the truth.
    let (halves, rest) = reading.bound.rawValue.quotientAndRemainder(dividingBy: 500_000)
    guard halves < period.rawValue || (halves == period.rawValue && rest == 0) else {
      throw .clockUncertain
    }
    guard let totp = TOTP(period: period), let own = totp.step(at: Seconds(reading.time.seconds))
    else { throw .clockUnset }
    switch challenge {
    case .own: return MovingFactor(own)
    case .step(let step):
      guard step == own || step == own.advanced(by: 1) || step == own.advanced(by: -1) else {
        throw .stepRefused
      }
      return MovingFactor(step)
    }
  }

  /// Raises the HOTP counter of `slot`, whose credential is in `record`, in the flash, and gives its
  /// value before.
  ///
  /// Record: incarnation, 4 bytes; counter, 8 bytes.
  @inline(never)
  private mutating func nextCounter<B: Board & ~Copyable>(
    of slot: Int, board: inout B
  ) throws(StatusWord) -> MovingFactor {
    let incarnation = record.incarnation
    var counter = UInt64(record.firstCounter)
    var bytes = InlineArray<480, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    do throws(StorageFailure) {
      if let length = try store.read(.counter(slot), from: &board, into: &span), length == 12,
        bytes.span.bigEndian(at: 0) == incarnation
      {
        counter = bytes.span.bigEndian(at: 4)
      }
    } catch {
      throw StatusWord(error)
    }
    guard counter < .max else { throw .conditionsNotSatisfied }
    var raised = InlineArray<12, UInt8>(repeating: 0)
    var raisedSpan = raised.mutableSpan
    raisedSpan.write(bigEndian: incarnation, at: 0)
    raisedSpan.write(bigEndian: counter + 1, at: 4)
    try write(.counter(slot), raised.span, board: &board)
    return MovingFactor(counter)
  }
}

// MARK: - Fields

extension Applet {
  /// A field `name`, then a field `challenge`.
  private func requestedNameAndChallenge() throws(StatusWord) -> (Range<Int>, Challenge) {
    var fields = FieldReader()
    let name = try fields.take(.name, sizes: 1...AppletLimits.nameSize, in: request)
    return (name, try takeChallenge(&fields))
  }

  /// A field `challenge` of 8 bytes or none, the last of the request.
  @inline(never)
  private func takeChallenge(
    _ fields: inout FieldReader
  ) throws(StatusWord) -> Challenge {
    let range = try fields.take(.challenge, sizes: 0...8, in: request)
    try fields.end(of: request)
    switch range.count {
    case 0: return .own
    case 8: return .step(Step(request.data.span.bigEndian(at: range.lowerBound)))
    default: throw .wrongData
    }
  }

  /// Computes the code of the credential in `record`.
  private func appendCode(
    at factor: MovingFactor, isFull: Bool, response: inout MessageBuffer
  ) {
    let kind = record.kind
    let key = OATHKey(
      algorithm: kind.algorithm, secret: record.bytes.span.extracting(record.keyRange))
    let digits = UInt8(record.digits.rawValue)
    var message = InlineArray<8, UInt8>(repeating: 0)
    var span = message.mutableSpan
    span.write(bigEndian: factor.rawValue, at: 0)
    var code = InlineArray<64, UInt8>(repeating: 0)
    var codeSpan = code.mutableSpan
    let length = key.authenticationCode(of: message.span, into: &codeSpan)
    if isFull {
      response.beginField(.response, length: 1 + length)
      response.append(digits)
      response.append(code.span.extracting(0..<length))
    } else {
      response.beginField(.truncatedResponse, length: 5)
      response.append(digits)
      response.append(bigEndian: Truncation(of: code.span.extracting(0..<length)).value)
    }
    wipe(&code)
  }

  @inline(never)
  private func appendTime(at now: Ticks, response: inout MessageBuffer) {
    guard let reading = timekeeper.reading(at: now) else { return }
    response.appendField(.time, bigEndian: UInt64(bitPattern: reading.time.microseconds))
    response.appendField(.bound, bigEndian: UInt64(bitPattern: reading.bound.rawValue))
  }
}
