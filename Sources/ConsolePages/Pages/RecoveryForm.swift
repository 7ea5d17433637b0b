import RelyingParty

/// What is handed in with an open recovery case, item by item, so that nothing is lost if one of
/// them is refused or the login runs out in between.
struct RecoveryForm {
  let visit: Visit
  let found: RecoveryCase
  let token: String
  let problem: Problem?
  /// Where its forms lead.
  var place = "/recovery"
  /// Whether it is the person's own; a support operator does not withdraw it.
  var isOwn = true

  static func field(_ item: RecoveryItem) -> String {
    "\(item.isDocument ? "document" : "text")-\(item.rawValue)"
  }

  /// Of the form that hands this in.
  static func id(_ item: RecoveryItem) -> String { "hand-in-form-\(item.rawValue)" }

  var html: HTML {
    let submit = Form(
      id: "submit-recovery-form", action: "\(place)/submit", token: token, isInline: true)
    let withdraw = Form(
      id: "withdraw-recovery-form", action: "\(place)/withdraw", token: token, isInline: true)
    return """
      \(if: isOwn, RecoveryPage.stateLine(found))
      \(RecoveryRequirement.allCases.map(section))
      \(if: !found.missing.isEmpty, """
      <p>Still missing:</p>
      <ul id="missing">\(found.missing.map { "<li>\($0.description)</li>" })</ul>
      """)
      <div class="actions">
      \(submit.html(Submit(id: "submit-recovery", label: "Submit the case")))
      \(if: isOwn, withdraw.html(
        Submit(id: "withdraw-recovery", label: "Withdraw", weight: .danger)))
      </div>
      """
  }

  private func section(_ requirement: RecoveryRequirement) -> HTML {
    let isThere = !found.missing.contains(requirement)
    return """
      <section class="card"><h2>\(sentence(requirement)) \
      \(if: isThere, "<span class=\"badge on\">handed in</span>")</h2>
      \(requirement.items(isCorporate: found.isCorporate).map(form))
      </section>
      """
  }

  private func sentence(_ requirement: RecoveryRequirement) -> String {
    let text = requirement.description
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  private func form(_ item: RecoveryItem) -> HTML {
    let name = Self.field(item)
    let isWrong = problem?.field == name
    let form = Form(
      id: Self.id(item), action: "\(place)/items/\(item.rawValue)", token: token,
      hasFiles: item.isDocument)
    let button = Submit(
      id: "hand-in-\(item.rawValue)", label: found.evidence[item] == nil ? "Hand in" : "Replace",
      weight: .quiet)
    let limit = visit.party.policy.largestDocument >> 20
    return form.html(
      """
      <div class="field"><label for="\(name)">\(item.title)</label>
      \(if: item.isDocument, """
      <input id="\(name)" name="\(name)" type="file" accept="application/pdf,image/png,image/jpeg" \
      required aria-describedby="\(name)-hint"\(if: isWrong, " aria-invalid=\"true\" autofocus")>
      """, else: """
      <input id="\(name)" name="\(name)" type="text" required maxlength="500" \
      value="\(isWrong ? visit[name] : found.evidence[item] ?? "")" \
      aria-describedby="\(name)-hint"\(if: isWrong, " aria-invalid=\"true\" autofocus")>
      """)
      <p class="hint" id="\(name)-hint">\(hint(item, megabytes: limit))</p></div>
      <div class="actions">\(button.html)</div>
      """)
  }

  private func hint(_ item: RecoveryItem, megabytes: Int) -> String {
    guard item.isDocument else { return "Up to 500 bytes." }
    let there = found.documents[item].map { "Handed in: \($0.name). " } ?? ""
    return "\(there)PDF, PNG or JPEG, up to \(megabytes) MiB."
  }
}
