import HTTPServer
import RelyingParty

/// The recovery cases that wait for a support operator.
enum CasesPage {
  static func show(_ visit: Visit) throws -> HTTPResponse { try page(visit) }

  /// By hand, for a person who wrote.
  static func open(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      let opened = try visit.party.openRecovery(
        for: visit["email"], isCorporate: visit.request.form.isTicked("is-corporate"),
        visit.signedIn())
      return visit.go(to: "/cases/\(opened.id.rawValue)")
    } refused: {
      try page(visit, $0)
    }
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let cases = try visit.party.recoveryCases(visit.signedIn())
    return try Page(
      title: "Recovery cases", place: .cases, problem: problem,
      content: """
        <section class="card">
        \(if: cases.isEmpty, "<p id=\"no-cases\">No case waits for you.</p>")
        <ul id="cases" class="rows">\(cases.map {
          """
          <li><a id="case-\($0.id.rawValue)" href="/cases/\($0.id.rawValue)">Case \
          \($0.id.rawValue): \($0.email)</a> <span class="hint">opened \
          \(TimeText.html($0.opened))\(if: $0.openedBy != nil, " by hand"), \
          \($0.state.rawValue)</span></li>
          """
        })</ul>
        </section>
        \(try opening(visit, problem))
        """
    ).response(to: visit)
  }

  private static func opening(_ visit: Visit, _ problem: Problem?) throws -> HTML {
    guard try visit.party.isJudge(visit.signedIn()) else { return "" }
    let form = Form(id: "open-case-form", action: "/cases", token: try visit.token())
    let email = Field(
      name: "email", label: "E-mail address of the account", kind: .email, value: visit["email"])
    return """
      <section class="card" aria-labelledby="open-case-title">
      <h2 id="open-case-title">Open a case by hand</h2>
      <p>For a person who wrote by post, or who lost the password too.</p>
      \(form.html("""
      \(email.html(problem))
      <div class="check"><input id="is-corporate" name="is-corporate" type="checkbox" value="yes">
      <label for="is-corporate">This is a company's account</label></div>
      <div class="actions">\(Submit(id: "open-case", label: "Open a case").html)</div>
      """))
      </section>
      """
  }
}

/// One recovery case before a support operator: what was handed in, approve, refuse; and for one that
/// was opened by hand, the forms to hand things in.
enum CasePage {
  static func show(_ visit: Visit) throws -> HTTPResponse { try page(visit) }

  static func approve(_ visit: Visit) throws -> HTTPResponse {
    try judge(visit, .approved) { try visit.party.approveRecovery($0, $1) }
  }

  static func refuse(_ visit: Visit) throws -> HTTPResponse {
    try judge(visit, .refused) {
      try visit.party.refuseRecovery($0, reason: visit["reason"], $1)
    }
  }

  static func handIn(_ visit: Visit) throws -> HTTPResponse {
    guard let item = RecoveryItem(rawValue: visit.arguments[1]) else { throw NotFound() }
    return try change(visit, at: item) { id, session in
      if item.isDocument {
        let file = visit.request.form.files[RecoveryForm.field(item)]
        _ = try visit.party.handIn(
          item, document: Document(name: file?.name ?? "", content: file?.content ?? []), for: id,
          session)
      } else {
        _ = try visit.party.handIn(item, visit[RecoveryForm.field(item)], for: id, session)
      }
    }
  }

  static func submit(_ visit: Visit) throws -> HTTPResponse {
    try change(visit, at: nil) { _ = try visit.party.submitRecovery($0, $1) }
  }

  private static func change(
    _ visit: Visit, at item: RecoveryItem?, _ work: (RecoveryCase.ID, Session) throws -> Void
  ) throws -> HTTPResponse {
    try visit.attempt {
      let id = try id(visit)
      try work(id, visit.signedIn())
      return visit.go(
        to: "/cases/\(id.rawValue)", item == nil ? .submitted : .handedIn,
        at: item.map(RecoveryForm.id))
    } refused: { problem in
      var problem = problem
      if let item { problem.field = RecoveryForm.field(item) }
      return try page(visit, problem)
    }
  }

  /// A document is shown by nothing of ours: it is a download, whatever is in it.
  static func document(_ visit: Visit) throws -> HTTPResponse {
    guard let item = RecoveryItem(rawValue: visit.arguments[1]) else { throw NotFound() }
    let document = try visit.party.document(item, of: id(visit), visit.signedIn())
    var response = HTTPResponse(
      type: document.mediaType?.rawValue ?? "application/octet-stream", body: document.content)
    let suffix =
      switch document.mediaType {
      case .pdf: "pdf"
      case .png: "png"
      case .jpeg: "jpeg"
      case nil: "bin"
      }
    // The name is ours: the person's own could be anything.
    response.set(
      "Content-Disposition",
      "attachment; filename=\"case-\(visit.arguments[0])-\(item.rawValue).\(suffix)\"")
    return response
  }

  private static func id(_ visit: Visit) throws -> RecoveryCase.ID {
    try visit.argument(0, RecoveryCase.ID.init(parsing:))
  }

  private static func judge(
    _ visit: Visit, _ notice: Notice, _ decide: (RecoveryCase.ID, Session) throws -> Void
  ) throws -> HTTPResponse {
    try visit.attempt {
      try decide(id(visit), visit.signedIn())
      return visit.go(to: "/cases", notice)
    } refused: {
      try page(visit, $0)
    }
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let found = try visit.party.recoveryCase(id(visit), visit.signedIn())
    let token = try visit.token()
    return try Page(
      title: "Recovery case \(found.id.rawValue)", place: .cases, problem: problem,
      content: """
        <section class="card">
        <dl class="facts"><dt>Account</dt><dd id="case-email">\(found.email)</dd>
        <dt>Kind</dt><dd>\(found.isCorporate ? "a company's account" : "a person's account")</dd></dl>
        \(RecoveryPage.stateLine(found))
        \(if: found.openedBy != nil, "<p id=\"by-hand\">Opened by hand.</p>")
        \(found.effective, { "<p id=\"effective\">Takes effect after \(TimeText.html($0)).</p>" })
        \(if: !found.evidence.isEmpty, """
        <h2>Handed in</h2>
        <dl id="evidence" class="facts">\(RecoveryItem.allCases.map { evidence($0, in: found) })</dl>
        """)
        </section>
        \(if: found.state == .open, RecoveryForm(
          visit: visit, found: found, token: token, problem: problem,
          place: "/cases/\(found.id.rawValue)", isOwn: false).html)
        \(if: found.state == .submitted || found.state == .waiting, judging(found, token, problem))
        """
    ).response(to: visit)
  }

  private static func evidence(_ item: RecoveryItem, in found: RecoveryCase) -> HTML {
    guard let text = found.evidence[item] else { return "" }
    let path = "/cases/\(found.id.rawValue)/documents/\(item.rawValue)"
    return """
      <dt>\(item.title)</dt><dd>\(if: found.documents[item] != nil, """
      <a id="document-\(item.rawValue)" href="\(path)" download>\(text)</a>
      """, else: "\(text)")</dd>
      """
  }

  private static func judging(
    _ found: RecoveryCase, _ token: String, _ problem: Problem?
  ) -> HTML {
    let approve = Form(
      id: "approve-form", action: "/cases/\(found.id.rawValue)/approve", token: token)
    let refuse = Form(id: "refuse-form", action: "/cases/\(found.id.rawValue)/refuse", token: token)
    let reason = Field(name: "reason", label: "Reason", hint: "The person reads it.")
    let isWaiting = found.state == .waiting
    return """
      <section class="card"><h2>\(isWaiting ? "Stop the approval" : "Decide")</h2>
      \(if: !isWaiting, """
      <p>Approving turns MFA off for this account after the waiting time; the person then logs in with \
      the password alone. What was handed in is deleted as soon as you decide.</p>
      \(approve.html(Submit(id: "approve-case", label: "Approve", weight: .primary)))
      <hr>
      """)
      \(refuse.html("""
      \(reason.html(problem))
      <div class="actions">\(Submit(
        id: "refuse-case", label: isWaiting ? "Stop it" : "Refuse", weight: .danger).html)</div>
      """))
      </section>
      """
  }
}
