import HTTPServer
import RelyingParty

/// The submitted recovery cases that this person may judge.
enum CasesPage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    let cases = try visit.party.recoveryCases(visit.signedIn())
    return try Page(
      title: "Recovery cases", place: .cases,
      content: """
        <section class="card">
        \(if: cases.isEmpty, "<p id=\"no-cases\">No case waits for you.</p>")
        <ul id="cases" class="rows">\(cases.map {
          """
          <li><a id="case-\($0.id.rawValue)" href="/cases/\($0.id.rawValue)">Case \
          \($0.id.rawValue): \($0.email)</a> <span class="hint">opened \
          \(TimeText.html($0.opened))</span></li>
          """
        })</ul>
        </section>
        """
    ).response(to: visit)
  }
}

/// One recovery case before its judge: what was handed in, approve, refuse.
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
        <h2>Handed in</h2>
        <dl id="evidence" class="facts">\(RecoveryItem.allCases.map { evidence($0, in: found) })</dl>
        </section>
        \(if: found.state == .submitted, judging(found, token, problem))
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
    return """
      <section class="card"><h2>Judge it</h2>
      <p>Approving takes MFA off this account at once; the person logs in with the password alone.</p>
      \(approve.html(Submit(id: "approve-case", label: "Approve", weight: .primary)))
      <hr>
      \(refuse.html("""
      \(reason.html(problem))
      <div class="actions">\(Submit(id: "refuse-case", label: "Refuse", weight: .danger).html)</div>
      """))
      </section>
      """
  }
}
