import OATH
import TokenCore

/// Uses all of the core as firmware does, so that all of it has to link. It is not meant to run.
@main
struct LinkCheck {
  static func main() {
    var memory = UnknownMemory()
    useOATH(&memory)
    useToken()
  }

  static func useOATH(_ memory: inout UnknownMemory) {
    let algorithm = HashAlgorithm(rawValue: memory.byte()) ?? .sha1
    let digits = Digits(rawValue: Int(memory.byte())) ?? .six
    var secret = memory.bytes()
    var text = memory.bytes()
    do throws(Base32.Failure) {
      var output = OutputSpan<UInt8>()
      try Base32.decode(text.span, into: &output)
      Base32.encode(secret.span, into: &output)
    } catch {
      memory.keep(UInt8(truncatingIfNeeded: error.position))
    }
    let key = OATHKey(algorithm: algorithm, secret: secret.span)
    var output = secret.mutableSpan
    wipe(&output)
    if let totp = TOTP(period: memory.seconds(), epoch: memory.seconds()),
      let step = totp.step(at: memory.seconds())
    {
      var digitsOfCode = text.mutableSpan
      HOTP.code(key: key, at: MovingFactor(step), digits: digits).writeDigits(into: &digitsOfCode)
      memory.keep(UInt8(truncatingIfNeeded: totp.start(of: step).rawValue))
      let window = VerificationWindow(behind: Int(memory.byte()), ahead: Int(memory.byte()))
      let match = window.match(text.span, key: key, digits: digits, around: step)
      memory.keep(match == nil ? 0 : 1)
    }
    var code = memory.bytes()
    var span = code.mutableSpan
    key.authenticationCode(of: text.span, into: &span)
    memory.keep(ConstantTime.equal(code.span, text.span) ? 1 : 0)
    var derived = memory.bytes()
    var derivedSpan = derived.mutableSpan
    PBKDF2<SHA1>.derive(
      password: text.span, salt: code.span, iterations: 1000, into: &derivedSpan)
    memory.keep(derived[0])
  }

  static func useToken() {
    var token = Token(board: NullBoard())
    while true {
      token.receive(Report(token.board.report()))
      token.poll()
      while let report = token.nextReport() { token.board.send(report) }
    }
  }
}

/// Bytes that the compiler knows nothing about, so that it can leave nothing out.
struct UnknownMemory {
  private var address = UnsafeMutablePointer<UInt8>(bitPattern: 0x2000_8000)!

  mutating func byte() -> UInt8 {
    address += 1
    return address.pointee
  }

  mutating func bytes() -> InlineArray<64, UInt8> {
    InlineArray { _ in byte() }
  }

  mutating func seconds() -> Seconds {
    Seconds((0..<8).reduce(0) { value, _ in value << 8 | Int64(byte()) })
  }

  mutating func keep(_ byte: UInt8) { address.pointee = byte }
}
