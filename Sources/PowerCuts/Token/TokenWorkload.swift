/// Random commands that make sense to a token in the state that the model says.
struct TokenWorkload {
  private var random: SplitMix
  /// Somebody is guessing.
  private var isGuessing = false
  private let names = ["site", "60/bank:ada", "a longer name than those"]

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
  }

  mutating func next(for model: TokenModel) -> TokenCommand {
    if model.pin != nil, model.tries == 0 { return .reset }
    if model.pin == nil || random.next() % 4 == 0 { isGuessing = false }
    if isGuessing { return .verifyPIN(letters(6)) }
    let name = names.randomElement(using: &random)!
    guard let existing = model.credentials[name] else {
      return random.next() % 3 == 0 ? tokenCommand(model) : put(name)
    }
    switch random.next() % 16 {
    case 0...3: return .calculate(name)
    case 4: return put(name)
    case 5: return .delete(name)
    case 6:
      let new = names.randomElement(using: &random)!
      // A name with another period is for a credential that counts.
      let fits = existing.counter != nil || new.hasPrefix("60/") == name.hasPrefix("60/")
      return model.credentials[new] == nil && fits ? .rename(name, new) : .calculate(name)
    case 7:
      return .update(name, key: stamp(20), counter: existing.counter.map { _ in counter() })
    case 8: return .storeCodes(name, (0..<3).map { _ in letters(11) })
    case 9...10: return existing.codes.isEmpty ? .calculate(name) : .takeCode(name)
    default: return tokenCommand(model)
    }
  }

  /// A command that is about no credential.
  private mutating func tokenCommand(_ model: TokenModel) -> TokenCommand {
    switch random.next() % 12 {
    case 0: return .setAccessKey(model.accessKey == nil ? stamp(16) : nil)
    case 1: return .setAccessKey(stamp(16))
    case 2...4: return .syncClock
    case 5: return random.next() % 3 == 0 ? .reset : .syncClock
    default: return pinCommand(model)
    }
  }

  private mutating func pinCommand(_ model: TokenModel) -> TokenCommand {
    guard let pin = model.pin else { return .setPIN(letters(6)) }
    switch random.next() % 8 {
    // A cut may leave one try less than there were: the last ones are for wrong PINs.
    case 0 where model.tries > 2: return .changePIN(letters(6))
    case 1 where model.tries > 2: return .changePIN([])
    case 2...3 where model.tries > 2: return .verifyPIN(pin)
    default:
      isGuessing = true
      return .verifyPIN(letters(6))
    }
  }

  private mutating func put(_ name: String) -> TokenCommand {
    .put(name, key: stamp(20), counter: random.next() % 2 == 0 ? counter() : nil)
  }

  private mutating func counter() -> UInt64 { random.next() % 1000 }

  /// Bytes that no other has: 6, over and over.
  private mutating func stamp(_ length: Int) -> [UInt8] {
    let stamp = (0..<6).map { _ in UInt8.random(in: 1...254, using: &random) }
    return (0..<length).map { stamp[$0 % 6] }
  }

  private mutating func letters(_ length: Int) -> [UInt8] {
    let stamp = (0..<6).map { _ in UInt8.random(in: 0x61...0x7A, using: &random) }
    return (0..<length).map { stamp[$0 % 6] }
  }
}
