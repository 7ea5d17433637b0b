import OATH
import RelyingParty

/// The phone of one of the demo's other people, with an authenticator app for one account.
final class DemoPhone {
  private let world: DemoWorld
  private var enrolment: Enrolment?

  init(_ world: DemoWorld) { self.world = world }

  /// Enables MFA with the app. Returns the session, which goes on under another bearer.
  func enable(_ party: RelyingParty, _ session: Session) throws(Refusal) -> Session {
    enrolment = try party.beginEnable(session)
    let renewed = try party.activate(session, code: code).session
    world.pass(seconds: 30)
    return renewed
  }

  /// Logs in with password and code.
  func signIn(_ email: String) throws(DemoFailure) -> Session {
    try world.ask { party throws(Refusal) in
      let step = try party.logIn(email: email, password: DemoWorld.password)
      guard case .codeNeeded(let ticket) = step else { throw .sessionEnded }
      return try party.logIn(ticket, code: code).session
    }
  }

  private var code: String {
    guard let key = enrolment?.uri, let totp = TOTP(period: key.period),
      let step = totp.step(at: world.now)
    else { return "" }
    let secret = key.secret
    return HOTP.code(
      key: OATHKey(algorithm: key.algorithm, secret: secret.span), at: MovingFactor(step),
      digits: key.digits
    ).description
  }
}
