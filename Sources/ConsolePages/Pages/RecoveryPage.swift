import HTTPServer
import RelyingParty

/// Regain access with neither token nor backup codes: a case that a support operator decides. It is
/// reached after the password, in the place of the code.
enum RecoveryPage {
  static func show(_ visit: Visit) throws -> HTTPResponse { try page(visit) }

  static func open(_ visit: Visit) throws -> HTTPResponse {
    try change(visit, nil) {
      _ = try visit.party.openRecovery(
        $0, isCorporate: visit.request.form.isTicked("is-corporate"))
    }
  }

  static func handIn(_ visit: Visit) throws -> HTTPResponse {
    guard let item = RecoveryItem(rawValue: visit.arguments[0]) else { throw NotFound() }
    return try change(visit, .handedIn, at: item) { ticket in
      if item.isDocument {
        let file = visit.request.form.files["document-\(item.rawValue)"]
        _ = try visit.party.handIn(
          item, document: Document(name: file?.name ?? "", content: file?.content ?? []), ticket)
      } else {
        _ = try visit.party.handIn(item, visit["text-\(item.rawValue)"], ticket)
      }
    }
  }

  static func submit(_ visit: Visit) throws -> HTTPResponse {
    try change(visit, .submitted) { _ = try visit.party.submitRecovery($0) }
  }

  static func withdraw(_ visit: Visit) throws -> HTTPResponse {
    try change(visit, .caseWithdrawn) { try visit.party.withdrawRecovery($0) }
  }

  /// For one who is signed in, and whose case somebody else may have opened.
  static func disown(_ visit: Visit) throws -> HTTPResponse {
    try visit.party.withdrawRecovery(visit.signedIn())
    return visit.go(to: "/profile", .caseWithdrawn)
  }

  private static func change(
    _ visit: Visit, _ notice: Notice?, at item: RecoveryItem? = nil,
    _ work: (LoginTicket) throws -> Void
  ) throws -> HTTPResponse {
    try visit.attempt {
      try work(visit.loggingIn())
      // Back to where the person was in the long page.
      return visit.go(to: "/recovery", notice, at: item.map(RecoveryForm.id))
    } refused: { problem in
      var problem = problem
      if let item { problem.field = RecoveryForm.field(item) }
      return try page(visit, problem)
    }
  }

  // MARK: The page

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let ticket = try visit.loggingIn()
    let found = try visit.party.recoveryCase(ticket)
    let token = try visit.token(.ticket)
    let content: HTML =
      switch found?.state {
      case .open: RecoveryForm(visit: visit, found: found!, token: token, problem: problem).html
      case .submitted, .waiting: waiting(found!, token)
      case .refused:
        """
        \(stateLine(found!))
        <p id="case-reason">The reason given: \(found!.reason ?? "")</p>
        \(opening(token))
        """
      default: opening(token)
      }
    return try Page(
      title: "Regain access", problem: problem, isNarrow: true,
      content: """
        \(content)
        <p class="aside"><a id="to-code" href="/login/code">Back to the code</a></p>
        """
    ).response(to: visit)
  }

  static func stateLine(_ found: RecoveryCase) -> HTML {
    """
    <dl class="facts"><dt>Case</dt><dd>\(found.id.rawValue), opened \
    \(TimeText.html(found.opened))</dd>
    <dt>State</dt><dd><span id="case-state" class="badge off">\(found.state.rawValue)</span></dd></dl>
    """
  }

  private static func waiting(_ found: RecoveryCase, _ token: String) -> HTML {
    """
    \(stateLine(found))
    \(found.effective, { """
    <p>The case is approved. Log in with the password alone after \(TimeText.html($0)).</p>
    """ })
    \(if: found.effective == nil, """
    <p>Everything is handed in. A support operator decides. Some time after the approval you log in \
    with the password alone.</p>
    """)
    \(Form(id: "withdraw-recovery-form", action: "/recovery/withdraw", token: token).html(
      Submit(id: "withdraw-recovery", label: "Withdraw the case", weight: .danger)))
    """
  }

  private static func opening(_ token: String) -> HTML {
    """
    <p>With a backup code you can still <a href="/login/code">log in</a>. With neither, open a case: \
    a support operator decides, and MFA is turned off if all is in order. You hand in:</p>
    <ul>\(RecoveryRequirement.allCases.map { "<li>\($0.description)</li>" })</ul>
    \(Form(id: "open-recovery-form", action: "/recovery/open", token: token).html("""
    <div class="check"><input id="is-corporate" name="is-corporate" type="checkbox" value="yes">
    <label for="is-corporate">This is a company's account</label></div>
    <div class="actions">\(Submit(id: "open-recovery", label: "Open a case").html)</div>
    """))
    """
  }
}
