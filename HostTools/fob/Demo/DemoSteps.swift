import Enrollment
import Glibc
import OATH
import RelyingParty
import TokenClient
import TokenCore

// Steps that several flows take.
extension DemoFlows {
  /// What Ann calls her credential.
  func demoName() throws(DemoFailure) -> Credential.Name {
    do throws(TokenFailure) {
      return try Credential.Name(label: "Console:ann", period: Credential.Name.defaultPeriod)
    } catch {
      throw .token(error)
    }
  }

  /// Logs in an account whose MFA is off.
  func signInWithPassword(_ email: String) throws(DemoFailure) -> Session {
    let step = try world.ask { party throws(Refusal) in
      try party.logIn(email: email, password: DemoWorld.password)
    }
    guard case .signedIn(let signIn) = step else {
      throw .other("the console asked for a code, although MFA is off")
    }
    return signIn.session
  }

  /// The first stage of a login with MFA on.
  func ticket(_ email: String) throws(DemoFailure) -> LoginTicket {
    let step = try world.ask { party throws(Refusal) in
      try party.logIn(email: email, password: DemoWorld.password)
    }
    guard case .codeNeeded(let ticket) = step else {
      throw .other("the console asked for no code, although MFA is on")
    }
    return ticket
  }

  /// Both stages, with a code from the token.
  func signIn(_ name: Credential.Name) throws(DemoFailure) -> Session {
    let ticket = try ticket(ann)
    let code = try world.use { token throws(TokenFailure) in try token.calculate(name) }
    return try world.ask { party throws(Refusal) in
      try party.logIn(ticket, code: code.text).session
    }
  }

  /// Draws the picture of a new key into a file, and reads it from there as `fob` does.
  func scan(_ enrolment: Enrolment, isShown: Bool = true) throws(DemoFailure) -> OTPAuthURI {
    let file = world.folder + "/code.png"
    do {
      try write(enrolment.png(), to: file)
      if isShown, narrator.isDrawable {
        narrator.block(try QRPicture.terminal(encoding: enrolment.uri.text))
      }
      guard let text = try QRPicture.read(file: file).first else {
        throw DemoFailure.other("there was no code in the console's picture")
      }
      return try OTPAuthURI(parsing: text)
    } catch let failure as DemoFailure {
      throw failure
    } catch {
      throw .other("\(error)")
    }
  }

  private func write(_ bytes: [UInt8], to file: String) throws(DemoFailure) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .other("\(file) cannot be written: \(reason(errno))") }
    defer { close(descriptor) }
    let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw .other("\(file) cannot be written: \(reason(errno))") }
  }

  func credential(
    _ name: Credential.Name, _ address: OTPAuthURI
  ) throws(TokenFailure) -> NewCredential {
    var secret = address.secret
    return try NewCredential(
      name: name, algorithm: address.algorithm, digits: address.digits,
      secret: SecretBytes(taking: &secret))
  }

  /// Keeps backup codes on the token, beside their key.
  func keep(_ codes: [String], _ name: Credential.Name) throws(DemoFailure) {
    let secrets = codes.map { code in
      var bytes = Array(code.utf8)
      return SecretBytes(taking: &bytes)
    }
    try world.use { token throws(TokenFailure) in
      try token.storeRecoveryCodes(secrets, for: name)
    }
    narrator.say(
      .token, "keeps the \(codes.count) backup codes as well, for when there is no clock.")
  }

  /// A key in groups of four, as sites print it.
  func grouped(_ key: String) -> String {
    var groups = ""
    for (index, character) in key.enumerated() {
      if index > 0, index.isMultiple(of: 4) { groups.append(" ") }
      groups.append(character)
    }
    return groups
  }
}

extension String {
  /// Words in lines of `count`.
  func wrapped(at count: Int) -> String {
    let words = split(separator: " ")
    return stride(from: 0, to: words.count, by: count).map { start in
      words[start..<min(start + count, words.count)].joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
