import OATH

/// The token's application: credentials, codes, the clock, staged updates, recovery codes.
///
/// A request comes in as a command APDU, the answer is a status word and the response's data. What the
/// commands take and give is in Docs/protocol.md, sections 3 to 9.
struct Applet: ~Copyable {
  /// How a command went on.
  enum Progress {
    case done
    /// The command waits for the button, and is to be executed again once it was pressed.
    case touchNeeded
  }

  var store = RecordStore()
  /// Set when the store could not be mounted: it holds something that is not ours. RESET mends it.
  private(set) var isStoreUnusable = false
  var timekeeper: Timekeeper
  var sessions: SessionTable
  var staged = StagedUpdate()
  /// The command at work.
  var request = CommandAPDU()
  /// Whether the command at work has given a proof of its own that was right.
  var isRequestProved = false
  /// The credential at work; wiped when the command ends.
  var record = CredentialRecord()
  /// What CALCULATE ALL has still to compute, for a card whose response goes on.
  var moreCodes: MoreCodes?

  init(rate: TickRate, tolerance: PartsPerBillion) {
    sessions = SessionTable(rate: rate)
    timekeeper = Timekeeper(rate: rate, tolerance: tolerance)
  }

  /// Mounts the store and takes up what it remembers.
  mutating func powerUp<B: Board & ~Copyable>(_ board: inout B) {
    do throws(StorageFailure) {
      try store.mount(&board)
    } catch {
      isStoreUnusable = true
      return
    }
    // A failure below leaves the clock unset, or the identifier to be made by SELECT: never worse.
    try? resumeClock(board: &board)
    try? dropOrphans(board: &board)
  }

  /// Takes a command off the message. What it refuses here is answered like any other refusal.
  mutating func accept(_ message: Span<UInt8>) throws(StatusWord) {
    isRequestProved = false
    try request.parse(message)
  }

  /// Executes the accepted command.
  ///
  /// - Parameters:
  ///   - channel: where it came from; sessions are bound to it.
  ///   - isTouched: whether the person pressed the button for this very command.
  ///   - response: takes the response's data; what a refused command left there is to be dropped.
  /// - Throws: the status word of a refusal; nothing has changed then.
  mutating func execute<B: Board & ~Copyable>(
    on channel: ChannelID, isTouched: Bool, board: inout B, response: inout MessageBuffer
  ) throws(StatusWord) -> Progress {
    defer { record.wipe() }
    guard let instruction = Instruction(rawValue: request.instruction) else {
      throw .unknownInstruction
    }
    moreCodes = nil
    try checkParameters(of: instruction)
    let now = board.ticks()
    sessions.use(channel, at: now)
    try checkAccess(to: instruction, on: channel)
    staged.expire(at: now)
    noteTemperature(board: &board)
    if instruction.computesCodes { try rememberTime(board: &board) }

    switch instruction {
    case .selectOrCalculateAll where isSelect:
      try select(on: channel, board: &board, response: &response)
    case .selectOrCalculateAll:
      try calculateAll(on: channel, board: &board, response: &response)
    case .put: try put(board: &board)
    case .delete: try delete(board: &board)
    case .rename: try rename(board: &board)
    case .list: try list(board: &board, response: &response)
    case .calculate:
      return try calculate(isTouched: isTouched, board: &board, response: &response)
    case .setCode: return try setCode(on: channel, isTouched: isTouched, board: &board)
    case .validate: try validate(on: channel, board: &board, response: &response)
    case .reset: return try reset(on: channel, isTouched: isTouched, board: &board)
    case .setPIN: return try setPIN(on: channel, isTouched: isTouched, board: &board)
    case .changePIN: return try changePIN(isTouched: isTouched, board: &board)
    case .verifyPIN: return try verifyPIN(on: channel, isTouched: isTouched, board: &board)
    case .sendRemaining: throw .conditionsNotSatisfied
    case .nonce: try giveNonce(on: channel, board: &board, response: &response)
    case .clockStatus: try clockStatus(board: &board, response: &response)
    case .clockSync: try clockSync(board: &board, response: &response)
    case .clockSet: try clockSet(on: channel, board: &board, response: &response)
    case .setClockPolicy: try setClockPolicy(board: &board)
    case .stage: try stage(on: channel, board: &board)
    case .commit: try commit(on: channel, board: &board)
    case .rollBack: staged.wipe()
    case .calculateStaged:
      return try calculateStaged(
        on: channel, isTouched: isTouched, board: &board, response: &response)
    case .storeRecoveryCodes: try storeRecoveryCodes(board: &board)
    case .takeRecoveryCode:
      return try takeRecoveryCode(isTouched: isTouched, board: &board, response: &response)
    case .countRecoveryCodes: try countRecoveryCodes(board: &board, response: &response)
    case .information: try information(on: channel, board: &board, response: &response)
    }
    return .done
  }

  /// Forgets what it knows of a channel: its session, and what it staged.
  mutating func forget(_ channel: ChannelID) {
    sessions.forget(channel)
    if staged.channel == channel { staged.wipe() }
  }

  /// Forgets what it knows of the channels of the bus; what the card's reader proved or staged stays.
  mutating func forgetBus() {
    sessions.forgetBus()
    if staged.channel != .card { staged.wipe() }
  }

  /// Lets the clock know how warm its crystal is, on a board that can tell.
  mutating func noteTemperature<B: Board & ~Copyable>(board: inout B) {
    let now = board.ticks()
    guard timekeeper.wantsTemperature(at: now), let temperature = board.temperature() else {
      return
    }
    timekeeper.note(temperature, at: now)
  }

  private var isSelect: Bool { request.p1 == 4 }
}

// MARK: - Checks before any command

extension Applet {
  /// P1 and P2, by the command tables of Docs/protocol.md.
  private func checkParameters(of instruction: Instruction) throws(StatusWord) {
    let p1 = request.p1
    let p2 = request.p2
    let fits =
      switch instruction {
      case .put: p1 <= 1 && p2 == 0
      case .reset: p1 == 0xDE && p2 == 0xAD
      case .selectOrCalculateAll: (p1 == 4 && p2 == 0) || (p1 == 0 && isCodeForm(p2))
      case .calculate: p1 == 0 && isCodeForm(p2)
      case .calculateStaged: p1 == 0 && p2 == AppletLimits.ownAnswer | 1
      default: p1 == 0 && p2 == 0
      }
    guard fits else { throw .wrongParameters }
  }

  /// P2 of a command that computes codes: 0 for the full HMAC, 1 for a code, and the flag.
  private func isCodeForm(_ p2: UInt8) -> Bool { p2 & ~AppletLimits.ownAnswer <= 1 }

  /// The lock matrix of Docs/protocol.md, section 11, as far as it is about what a channel has proved.
  /// SET PIN, CLOCK SET and, but for the card, SET CODE ask for a proof of their own instead.
  private func checkAccess(
    to instruction: Instruction, on channel: ChannelID
  ) throws(StatusWord) {
    switch instruction {
    case .reset, .information: return
    case .validate, .verifyPIN, .changePIN, .setPIN, .nonce, .clockStatus, .clockSync, .clockSet:
      break
    case .setCode where channel != .card: break
    case .selectOrCalculateAll where isSelect: break
    default:
      guard isOpen(to: instruction, on: channel) else { throw .securityStatusNotSatisfied }
    }
    guard !isStoreUnusable else { throw .memoryFailure }
  }

  /// Whether what `channel` has proved suffices for an instruction that is locked at all: the PIN for
  /// using credentials, the access key for provisioning them, either for looking at them. Where only
  /// one of the two is set, it stands for both.
  func isOpen(to instruction: Instruction, on channel: ChannelID) -> Bool {
    let hasKey = store.contains(.accessKey)
    let hasPIN = store.contains(.pin)
    let isValidated = sessions.isProved(.accessKey, on: channel)
    let isVerified = sessions.isProved(.pin, on: channel)
    return switch instruction {
    case .list, .countRecoveryCodes, .rollBack, .sendRemaining:
      !(hasKey || hasPIN) || isValidated || isVerified
    case .calculate, .selectOrCalculateAll, .takeRecoveryCode:
      hasPIN ? isVerified : !hasKey || isValidated
    default: hasKey ? isValidated : !hasPIN || isVerified
    }
  }
}

// MARK: - The store, with status words for errors

extension Applet {
  /// Reads a record into `record.bytes`.
  @inline(never)
  mutating func read<B: Board & ~Copyable>(
    _ key: RecordKey, board: inout B
  ) throws(StatusWord) -> Int? {
    var bytes = record.bytes.mutableSpan
    do throws(StorageFailure) {
      return try store.read(key, from: &board, into: &bytes)
    } catch {
      throw StatusWord(error)
    }
  }

  @inline(never)
  mutating func write<B: Board & ~Copyable>(
    _ key: RecordKey, _ value: Span<UInt8>, board: inout B
  ) throws(StatusWord) {
    do throws(StorageFailure) {
      try store.write(key, value, to: &board)
    } catch {
      throw StatusWord(error)
    }
  }

  @inline(never)
  mutating func remove<B: Board & ~Copyable>(
    _ key: RecordKey, board: inout B
  ) throws(StatusWord) {
    do throws(StorageFailure) {
      try store.remove(key, from: &board)
    } catch {
      throw StatusWord(error)
    }
  }

  /// RESET: overwrites all keys and begins with a new identifier. It takes no secret, since it is the way
  /// out of a forgotten one; on the bus it takes the button when anything is stored, so that a program
  /// alone cannot wipe a token that a person did not mean to.
  @inline(never)
  private mutating func reset<B: Board & ~Copyable>(
    on channel: ChannelID, isTouched: Bool, board: inout B
  ) throws(StatusWord) -> Progress {
    guard request.count == 0 else { throw .wrongData }
    guard isTouched || channel == .card || isEmpty else { return .touchNeeded }
    let wasRunning = timekeeper.state == .running
    try wipeAll(board: &board)
    // With no secret left there is nothing that another time could reveal. A clock that runs goes on; if
    // the flash does not take it, the next start finds one that was never set.
    if wasRunning { try? storeClock(board: &board) }
    return .done
  }

  /// Whether nothing of anybody's is stored.
  private var isEmpty: Bool {
    !isStoreUnusable && credentialCount() == 0 && !store.contains(.accessKey)
      && !store.contains(.pin) && !store.contains(.clockPolicy)
  }

  /// Leaves the token as it was when it was new, but for a clock that runs.
  mutating func wipeAll<B: Board & ~Copyable>(board: inout B) throws(StatusWord) {
    staged.wipe()
    sessions.forgetAll()
    do throws(StorageFailure) {
      if isStoreUnusable {
        try store.reformat(&board)
      } else {
        try store.removeAll(from: &board)
      }
    } catch {
      throw StatusWord(error)
    }
    isStoreUnusable = false
    if timekeeper.state != .running { timekeeper.forget() }
    _ = try deviceIdentifier(board: &board)
  }
}

extension StatusWord {
  init(_ failure: StorageFailure) {
    switch failure {
    case .full: self = .noSpace
    case .failed, .foreign: self = .memoryFailure
    }
  }
}
