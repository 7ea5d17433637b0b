import Enrollment
import HTTPServer
import RelyingParty

/// Enable MFA and Update MFA: the QR code and the key, the first code, and then the backup codes.
enum KeyPage {
  static func enable(_ visit: Visit) throws -> HTTPResponse {
    try begin(visit) { try visit.party.beginEnable($0) }
  }

  static func update(_ visit: Visit) throws -> HTTPResponse {
    try begin(visit) { try visit.party.beginUpdate($0) }
  }

  private static func begin(
    _ visit: Visit, _ start: (Session) throws -> Enrolment
  ) throws -> HTTPResponse {
    _ = try start(visit.signedIn())
    return visit.go(to: "/mfa/key")
  }

  // MARK: The key

  static func show(_ visit: Visit) throws -> HTTPResponse {
    guard let enrolment = try visit.party.pendingEnrolment(visit.signedIn()) else {
      return try nothing(visit)
    }
    return try page(visit, enrolment)
  }

  /// The QR code; a path of its own, so that no page needs leave for pictures out of nowhere.
  static func picture(_ visit: Visit) throws -> HTTPResponse {
    guard let enrolment = try visit.party.pendingEnrolment(visit.signedIn()) else {
      throw NotFound()
    }
    return HTTPResponse(type: "image/png", body: try enrolment.png(scale: 6))
  }

  static func abandon(_ visit: Visit) throws -> HTTPResponse {
    do {
      try visit.party.abandonEnrolment(visit.signedIn())
    } catch Refusal.noEnrolment {
      // Another tab did it.
    }
    return visit.go(to: "/profile", .keyAbandoned)
  }

  private static func page(
    _ visit: Visit, _ enrolment: Enrolment, _ problem: Problem? = nil
  ) throws -> HTTPResponse {
    let isOn = try visit.party.mfaStatus(visit.signedIn()).isOn
    let token = try visit.token()
    let form = Form(
      id: "activate-form", action: "/mfa/key", token: token,
      hidden: [("shown", Self.mark(enrolment))])
    let cancel = Form(id: "cancel-form", action: "/mfa/cancel", token: token, isInline: true)
    let code = Field(
      name: "code", label: "Code", hint: "The code that your token shows for this key.",
      autocomplete: "one-time-code", isCode: true, isFirst: true)
    return try Page(
      title: isOn ? "Update MFA" : "Enable MFA",
      place: try visit.party.mayOnlyEnable(visit.signedIn()) ? nil : .profile, problem: problem,
      content: """
        <section id="mfa-dialog" class="card key-card" aria-labelledby="page-title">
        <figure><img id="qr-picture" src="/mfa/key.png" width="246" height="246" \
        alt="QR code with the new key; the same key as text is beside it">
        <figcaption class="hint">Scan it with your token's program</figcaption></figure>
        <div>
        \(if: isOn, "<p>The old key and its backup codes stay good until you submit the new code.</p>")
        <h2>1. Put the key on your token</h2>
        <p>Scan the picture, or type this key:</p>
        <p><code id="key-text" class="key">\(grouped(enrolment.key))</code>
        <button type="button" id="copy-key" class="quiet js-only" data-copy="key-text">Copy</button></p>
        <p class="hint">The key is shown until \(TimeText.html(enrolment.expires)).</p>
        <h2>2. Enter the code it shows</h2>
        \(form.html("""
        \(code.html(problem))
        <div class="actions">\(Submit(id: "activate-mfa", label: isOn ? "Update MFA" : "Enable MFA").html)
        </div>
        """))
        \(cancel.html(Submit(id: "cancel-mfa", label: "Cancel", weight: .quiet)))
        </div>
        </section>
        """
    ).response(to: visit)
  }

  /// In groups of four, as a person types it.
  private static func grouped(_ key: String) -> String {
    var text = ""
    for (index, character) in key.enumerated() {
      if index > 0 && index % 4 == 0 { text.append(" ") }
      text.append(character)
    }
    return text
  }

  /// Tells whether the key that was shown is still the one that waits; says nothing about it.
  private static func mark(_ enrolment: Enrolment) -> String { "\(enrolment.expires.rawValue)" }

  /// For a page that is opened late, or again.
  private static func nothing(_ visit: Visit) throws -> HTTPResponse {
    let session = try visit.signedIn()
    let isOn = try visit.party.mfaStatus(session).isOn
    var problem = Problem(Refusal.noEnrolment)
    if isOn {
      problem = Problem(
        status: 404, cause: "MFA is on, and no new key waits for its first code.",
        wayOut: "Backup codes are shown once; Update MFA gives new ones.")
    }
    return try Page(
      title: isOn ? "MFA is on" : "No new key", problem: problem, isNarrow: true,
      content: "<p><a id=\"to-profile\" href=\"/profile\">To My Profile</a></p>"
    ).response(to: visit)
  }

  // MARK: The first code

  static func activate(_ visit: Visit) throws -> HTTPResponse {
    let session = try visit.signedIn()
    guard let enrolment = try visit.party.pendingEnrolment(session) else {
      return try nothing(visit)
    }
    return try visit.attempt {
      let activation = try visit.party.activate(session, code: visit["code"])
      visit.sign(in: activation.session)
      return BackupCodesPage.show(visit, activation.backupCodes)
    } refused: { problem in
      guard mark(enrolment) == visit["shown"] else {
        var newer = Problem(
          status: 409, cause: "Another page asked for a newer key meanwhile.",
          wayOut: "It is the one shown here; put it on your token in the place of the other.")
        newer.field = "code"
        return try page(visit, enrolment, newer)
      }
      return try page(visit, enrolment, problem)
    }
  }
}
