import Enrollment
import OATH
import RelyingParty
import TokenClient
import TokenCore

/// The flows in the order in which an account meets them.
struct DemoFlows {
  let world: DemoWorld
  let narrator: Narrator
  let ann = "ann@example.com"
  let bob = "bob@example.com"
  let cleo = "cleo@example.com"

  /// Cleo's, who is a support operator.
  private let phone: DemoPhone

  init(world: DemoWorld, narrator: Narrator) {
    self.world = world
    self.narrator = narrator
    phone = DemoPhone(world)
  }

  func all() throws(DemoFailure) {
    let name = try demoName()
    var codes = try enable(name)
    try logIn(name)
    codes = try update(name, codes)
    try recover(name)
    try disable(name)
    try regainAccess(name)
    try refuseTimeTravel(name)
    try sumUp()
  }

  // MARK: Enable

  private func enable(_ name: Credential.Name) throws(DemoFailure) -> [String] {
    narrator.flow("Enable MFA")
    _ = try world.ask { party throws(Refusal) in
      try party.signUp(email: ann, password: DemoWorld.password)
    }
    narrator.say(.console, "\(ann) signed up. My Profile, Enable MFA.")
    let session = try signInWithPassword(ann)
    let enrolment = try world.ask { party throws(Refusal) in try party.beginEnable(session) }
    narrator.say(.console, "Scan this picture, or type the key \(grouped(enrolment.key)):")
    let address = try scan(enrolment)
    narrator.say(.person, "fob enable \(name) --qr code.png")
    try world.use { token throws(TokenFailure) in
      _ = try token.syncClock()
      try token.put(try credential(name, address))
    }
    narrator.say(
      .token,
      "An empty token takes its first time freely. The key is stored, and never leaves again.")
    let wrong = try world.refusal { party throws(Refusal) in
      try party.activate(session, code: "000000")
    }
    narrator.say(.person, "enters 000000, to see what happens")
    narrator.say(.console, wrong.description)
    let code = try world.use { token throws(TokenFailure) in try token.calculate(name) }
    narrator.say(.token, "\(code.text)")
    let codes = try world.ask { party throws(Refusal) in
      try party.activate(session, code: code.text).codes
    }
    narrator.say(.console, "MFA is on. Backup codes, shown this once, to download or copy:")
    narrator.block(codes.joined(separator: "  ").wrapped(at: 5))
    try keep(codes, name)
    return codes
  }

  // MARK: Log in

  private func logIn(_ name: Credential.Name) throws(DemoFailure) {
    narrator.flow("Log in")
    world.pass(seconds: 30)
    var ticket = try ticket(ann)
    narrator.say(.console, "The password is right. The code?")
    let code = try world.use { token throws(TokenFailure) in try token.calculate(name) }
    narrator.say(.token, "\(code.text)   (fob login \(name))")
    _ = try world.ask { party throws(Refusal) in try party.logIn(ticket, code: code.text) }
    narrator.say(.console, "Welcome, \(ann).")
    ticket = try self.ticket(ann)
    let replay = try world.refusal { party throws(Refusal) in
      try party.logIn(ticket, code: code.text)
    }
    narrator.say(.other, "has looked over her shoulder, and types \(code.text) as well")
    narrator.say(.console, replay.description)
  }

  // MARK: Update

  private func update(
    _ name: Credential.Name, _ oldCodes: [String]
  ) throws(DemoFailure) -> [String] {
    narrator.flow("Update MFA")
    world.pass(seconds: 30)
    let session = try signIn(name)
    var enrolment = try world.ask { party throws(Refusal) in try party.beginUpdate(session) }
    var address = try scan(enrolment, isShown: false)
    narrator.say(.person, "fob update \(name) --qr code.png")
    try world.use { token throws(TokenFailure) in
      try token.stage(try credential(name, address))
    }
    narrator.say(.token, "The new key waits beside the old one.")
    try world.replug()
    narrator.say(.person, "stumbles over the cable")
    let gone = try world.failure { token throws(TokenFailure) in try token.commit(name) }
    narrator.say(.token, "After that: \(gone)")
    world.pass(seconds: 30)
    let again = try signIn(name)
    narrator.say(.console, "The old key still logs her in: nothing was lost.")

    enrolment = try world.ask { party throws(Refusal) in try party.beginUpdate(again) }
    address = try scan(enrolment, isShown: false)
    let code = try world.use { token throws(TokenFailure) in
      try token.stage(try credential(name, address))
      return try token.calculateStaged(name)
    }
    narrator.say(.token, "Once more. The new key's code is \(code.text)")
    let codes = try world.ask { party throws(Refusal) in
      try party.activate(again, code: code.text).codes
    }
    try world.use { token throws(TokenFailure) in try token.commit(name) }
    narrator.say(.console, "Taken. The old key and the old backup codes died at this moment.")
    narrator.say(.token, "Committed: the old key is overwritten.")
    let ticket = try ticket(ann)
    let dead = try world.refusal { party throws(Refusal) in
      try party.logIn(ticket, code: oldCodes[0])
    }
    narrator.say(.person, "tries the old backup code \(oldCodes[0])")
    narrator.say(.console, dead.description)
    try keep(codes, name)
    return codes
  }

  // MARK: Recover

  private func recover(_ name: Credential.Name) throws(DemoFailure) {
    narrator.flow("Regain access with a backup code")
    world.pass(seconds: 30)
    let (code, count) = try world.use { token throws(TokenFailure) in
      try token.takeRecoveryCode(for: name)
    }
    narrator.say(
      .token, "\(code.text)   (fob recover \(name): \(count.left) of \(count.stored) left)")
    let ticket = try ticket(ann)
    let signIn = try world.ask { party throws(Refusal) in
      try party.logIn(ticket, code: code.text)
    }
    narrator.say(
      .console, "Welcome, \(ann). \(signIn.backupCodesLeft ?? 0) backup codes are left.")
    let second = try self.ticket(ann)
    let used = try world.refusal { party throws(Refusal) in
      try party.logIn(second, code: code.text)
    }
    narrator.say(.person, "types the same one again")
    narrator.say(.console, used.description)
  }

  // MARK: Disable

  private func disable(_ name: Credential.Name) throws(DemoFailure) {
    narrator.flow("Disable MFA")
    world.pass(seconds: 30)
    let session = try signIn(name)
    let organization = try enforce(for: session)
    let notAllowed = try world.refusal { party throws(Refusal) in try party.beginUpdate(session) }
    narrator.say(.person, "wants to update MFA, as a plain Member")
    narrator.say(.console, notAllowed.description)
    let enforced = try world.refusal { party throws(Refusal) in
      try party.disable(session, typed: RelyingParty.disableConfirmation)
    }
    narrator.say(.person, "wants to disable MFA, and types DISABLE")
    narrator.say(.console, enforced.description)
    try world.ask { party throws(Refusal) in try party.leave(organization.id, session) }
    narrator.say(.person, "leaves \(organization.name), and types disable")
    let confirmation = try world.refusal { party throws(Refusal) in
      try party.disable(session, typed: "disable")
    }
    narrator.say(.console, confirmation.description)
    _ = try world.ask { party throws(Refusal) in
      try party.disable(session, typed: RelyingParty.disableConfirmation)
    }
    narrator.say(.console, "MFA is off.")
    try world.use { token throws(TokenFailure) in try token.delete(name) }
    narrator.say(.token, "fob disable \(name): key and recovery codes are overwritten.")
  }

  /// Bob's Organization takes Ann in, and then requires MFA of everyone.
  private func enforce(for session: Session) throws(DemoFailure) -> Organization {
    let organization = try world.ask { party throws(Refusal) in
      _ = try party.signUp(email: bob, password: DemoWorld.password)
      guard case .signedIn(let signIn) = try party.logIn(email: bob, password: DemoWorld.password)
      else { throw .sessionEnded }
      let owner = try DemoPhone(world).enable(party, signIn.session)
      let organization = try party.createOrganization(named: "Bob & Sons", owner)
      try party.invite(ann, to: organization.id, owner)
      try party.join(organization.id, session)
      try party.enforceMFA(in: organization.id, grace: Seconds(0), owner)
      return organization
    }
    narrator.say(
      .other, "is Owner of \(organization.name), has invited Ann, and requires MFA of all")
    return organization
  }

  // MARK: Neither token nor codes

  private func regainAccess(_ name: Credential.Name) throws(DemoFailure) {
    narrator.flow("Regain access with neither token nor backup codes")
    world.pass(seconds: 30)
    let session = try signInWithPassword(ann)
    let enrolment = try world.ask { party throws(Refusal) in try party.beginEnable(session) }
    let address = try scan(enrolment, isShown: false)
    let code = try world.use { token throws(TokenFailure) in
      try token.put(try credential(name, address))
      return try token.calculate(name)
    }
    _ = try world.ask { party throws(Refusal) in try party.activate(session, code: code.text) }
    narrator.say(.person, "has MFA on again, and loses the token and the sheet with the codes")

    let ticket = try ticket(ann)
    let missing = try world.refusal { party throws(Refusal) in
      _ = try party.openRecovery(ticket, isCorporate: false)
      return try party.submitRecovery(ticket)
    }
    narrator.say(.console, missing.description)
    let opened = try world.ask { party throws(Refusal) in
      for (item, words) in Self.evidence {
        if item.isDocument {
          let document = Document(name: words, content: Array("%PDF-1.7\n%%EOF\n".utf8))
          _ = try party.handIn(item, document: document, ticket)
        } else {
          _ = try party.handIn(item, words, ticket)
        }
      }
      return try party.submitRecovery(ticket)
    }
    narrator.say(
      .person, "hands all of it in: case \(opened.id.rawValue) is \(opened.state.rawValue)")
    _ = try world.ask { party throws(Refusal) in
      _ = try party.signUp(email: cleo, password: DemoWorld.password)
      try party.appointOperator(cleo)
    }
    let newcomer = try signInWithPassword(cleo)
    let desk = try world.ask { party throws(Refusal) in try phone.enable(party, newcomer) }
    try world.ask { party throws(Refusal) in try party.approveRecovery(opened.id, desk) }
    narrator.say(
      .support, "at the support desk has looked at it, and approves; any session could stop it now")
    world.pass(seconds: world.console.policy.recoveryWait.rawValue)
    _ = try signInWithPassword(ann)
    narrator.say(.console, "A day later: welcome, \(ann). MFA was turned off; enable it again.")
  }

  private static let evidence: [(RecoveryItem, String)] = [
    (.emailAddress, "ann@example.com"), (.postalAddress, "1 Long Lane, Smalltown"),
    (.passport, "passport.pdf"), (.identityCard, "card.pdf"),
    (.phoneNumber, "+44 20 7946 0000"),
    (.amountCharged, "12.50 on the first"), (.bankStatement, "statement.pdf"),
  ]

  // MARK: The clock

  private func refuseTimeTravel(_ name: Credential.Name) throws(DemoFailure) {
    narrator.flow("And nobody turns the clock")
    world.pass(seconds: 3 * 3600)
    narrator.say(.other, "finds the token, and would like it to believe in another hour")
    let refusal = try world.failure { token throws(TokenFailure) in try token.syncClock() }
    narrator.say(.token, "\(refusal)")
  }

  private func sumUp() throws(DemoFailure) {
    narrator.flow("That was all")
    let desk = try phone.signIn(cleo)
    let entries = try world.ask { party throws(Refusal) in try party.auditLog(desk).count }
    narrator.line(
      "The console has \(entries) entries in its audit log, and no secret or code in any of them.")
    narrator.line("Next: FOB_TOKEN=sim fob enable --help")
  }
}
