import OATH
import TokenCore

/// What the token holds, and its codes.
extension TokenSession {
  /// All credentials, at most 64, in the token's order.
  public func list() throws(TokenFailure) -> [Credential] {
    let command = CommandAPDU(.list)
    command.appendRaw(1)  // With properties.
    var fields = try perform(command)
    var credentials: [Credential] = []
    while !fields.isAtEnd {
      let value = try fields.value(of: .nameList, 3...AppletLimits.nameSize + 2)
      guard let kind = CredentialKind(rawValue: value[0]),
        let name = Credential.Name(wire: value.dropFirst().dropLast(), type: kind.type)
      else { throw .nonsense("it lists a credential of an unknown kind") }
      let needsTouch = value[value.count - 1] & Self.touchBit != 0
      credentials.append(
        Credential(name: name, kind: kind, properties: needsTouch ? .touch : []))
      guard credentials.count <= AppletLimits.credentials else {
        throw .nonsense("it lists more credentials than a token has room for")
      }
    }
    return credentials
  }

  /// In LIST's byte of properties, which is Nitrokey's; PUT's has another bit for it, as YKOATH does.
  private static let touchBit: UInt8 = 0x01

  /// Stores a credential.
  ///
  /// - Parameter createOnly: whether one of the same name is left alone (`nameTaken`); else it is
  ///   replaced, its old key is overwritten, and its recovery codes go with it.
  public func put(_ credential: NewCredential, createOnly: Bool = true) throws(TokenFailure) {
    let command = CommandAPDU(.put, p1: createOnly ? 1 : 0)
    command.append(credential)
    try performQuietly(command, about: credential.name)
  }

  /// Removes a credential; its key and its recovery codes are overwritten.
  public func delete(_ name: Credential.Name) throws(TokenFailure) {
    let command = CommandAPDU(.delete)
    command.append(.name, name.bytes)
    try performQuietly(command, about: name)
  }

  /// Gives a credential another label. Its period, key, counter, recovery codes and properties
  /// stay.
  ///
  /// - Returns: the new name.
  @discardableResult
  public func rename(
    _ name: Credential.Name, to label: String
  ) throws(TokenFailure) -> Credential.Name {
    let newName = try name.renamed(to: label)
    let command = CommandAPDU(.rename)
    command.append(.name, name.bytes)
    command.append(.name, newName.bytes)
    do {
      try performQuietly(command, about: name)
    } catch .nameTaken {
      throw .nameTaken(newName)
    }
    return newName
  }

  /// The code of the token's present, or HOTP's next one, after a touch where it wants one.
  ///
  /// - Parameter step: the step that the host believes in, if it is to be that one: the token's own
  ///   or a neighbour of it, else `stepRefused`. Without it the token's clock alone decides.
  public func calculate(
    _ name: Credential.Name, at step: Step? = nil
  ) throws(TokenFailure) -> IssuedCode {
    let command = CommandAPDU(.calculate, p2: Self.truncated)
    command.append(.name, name.bytes)
    command.append(.challenge, step.map { bigEndian(Int64(bitPattern: $0.rawValue)) } ?? [])
    var fields = try perform(command, about: name)
    return try fields.issuedCode(of: name)
  }

  /// P2: a truncated code, with the token's time, and words that say what is wrong with its clock.
  static let truncated: UInt8 = AppletLimits.ownAnswer | 1

  /// Every credential with its code, as far as it can be computed without a touch and without
  /// moving a counter.
  public func calculateAll() throws(TokenFailure) -> [CalculatedCredential] {
    let credentials = try list()
    let command = CommandAPDU(.selectOrCalculateAll, p2: Self.truncated)
    command.append(.challenge, [])
    var fields = try perform(command)

    var codes: [[UInt8]: Code?] = [:]
    while fields.nextTag == Tag.name.rawValue {
      let name = try fields.value(of: .name, 1...AppletLimits.nameSize)
      codes[name] = try fields.codeIfComputed()
      guard codes.count <= AppletLimits.credentials else {
        throw .nonsense("it computes more codes than a token has room for")
      }
    }
    // Without it, the clock does not run.
    let reading = fields.nextTag == Tag.time.rawValue ? try fields.reading() : nil
    try fields.end()
    let trouble: CalculatedCredential.Outcome =
      if reading != nil {
        .clockUncertain
      } else {
        try clockStatus().state == .lost ? .clockLost : .clockUnset
      }

    var calculated: [CalculatedCredential] = []
    for credential in credentials {
      // A credential that another program removed in between has no code, and is left out.
      guard let code = codes[credential.name.bytes] else { continue }
      calculated.append(
        CalculatedCredential(
          credential: credential,
          outcome: try Self.outcome(of: credential, code, at: reading, else: trouble)))
    }
    return calculated
  }

  private static func outcome(
    of credential: Credential, _ code: Code?, at reading: (time: UnixTime, bound: Microseconds)?,
    else trouble: CalculatedCredential.Outcome
  ) throws(TokenFailure) -> CalculatedCredential.Outcome {
    guard let code else {
      if credential.kind.type == .hotp { return .eventBased }
      return credential.needsTouch ? .touchNeeded : trouble
    }
    guard let period = credential.name.period else {
      throw .nonsense("it moves a counter that nobody asked it to move")
    }
    guard let reading else { throw .nonsense("it computes codes without a clock") }
    let validity = try IssuedCode.Validity(
      period: period, issuedAt: reading.time, bound: reading.bound)
    return .code(IssuedCode(name: credential.name, code: code, validity: validity))
  }
}

// MARK: - Fields

extension CommandAPDU {
  /// As PUT and STAGE have it: name, key, properties, counter.
  func append(_ credential: NewCredential) {
    append(.name, credential.name.bytes)
    begin(.key, length: 2 + credential.key.count)
    appendRaw(credential.kind.rawValue, UInt8(credential.digits.rawValue))
    appendRaw(credential.key)
    if !credential.properties.isEmpty {
      appendRaw(Tag.property.rawValue, credential.properties.rawValue)  // Without a length.
    }
    if credential.counter != 0 {
      append(.counter, Array(bigEndian(Int64(credential.counter)).suffix(4)))
    }
  }
}

extension FieldReader {
  /// `76` code, and for a TOTP code the token's reading of its clock.
  mutating func issuedCode(of name: Credential.Name) throws(TokenFailure) -> IssuedCode {
    let code = try code()
    var validity: IssuedCode.Validity?
    if let period = name.period {
      let (time, bound) = try reading()
      validity = try IssuedCode.Validity(period: period, issuedAt: time, bound: bound)
    }
    try end()
    return IssuedCode(name: name, code: code, validity: validity)
  }

  /// `76` code; or `77`, `7C`: digits of a code that was not computed.
  fileprivate mutating func codeIfComputed() throws(TokenFailure) -> Code? {
    for tag in [Tag.noResponse, .touch] where nextTag == tag.rawValue {
      guard Digits(rawValue: Int(try byte(of: tag))) != nil else {
        throw .nonsense("it gives a code of an impossible length")
      }
      return nil
    }
    return try code()
  }
}
