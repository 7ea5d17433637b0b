import HTTPServer
import RelyingParty

/// Turning another member's MFA off: type RESET.
enum MemberResetPage {
  static func show(_ visit: Visit) throws -> HTTPResponse {
    guard try visit.party.isFresh(visit.signedIn()) else {
      return visit.go(to: "/confirm?then=\(visit.request.path)")
    }
    return try page(visit)
  }

  static func reset(_ visit: Visit) throws -> HTTPResponse {
    try visit.attempt {
      let (organization, member) = try place(visit)
      try visit.party.resetMFA(
        of: member, in: organization, typed: visit["confirmation"], visit.signedIn())
      return visit.go(to: "/organizations/\(organization.rawValue)", .memberReset)
    } refused: {
      try page(visit, $0)
    }
  }

  private static func place(_ visit: Visit) throws -> (Organization.ID, Account.ID) {
    (
      try visit.argument(0, Organization.ID.init(parsing:)),
      try visit.argument(1, Account.ID.init(parsing:))
    )
  }

  /// Somebody who is no member, or an Organization that is not the person's own, is nothing here.
  private static func member(
    _ id: Account.ID, in organization: Organization.ID, _ visit: Visit
  ) throws -> Member {
    let found = try members(organization, visit).first { $0.account == id }
    guard let found else { throw NotFound() }
    return found
  }

  private static func members(
    _ organization: Organization.ID, _ visit: Visit
  ) throws -> [Member] {
    let session = try visit.signedIn()
    do {
      return try visit.party.members(of: organization, session)
    } catch Refusal.notAMember {
      throw NotFound()
    }
  }

  private static func page(_ visit: Visit, _ problem: Problem? = nil) throws -> HTTPResponse {
    let (organization, id) = try place(visit)
    let member = try member(id, in: organization, visit)
    let place = "/organizations/\(organization.rawValue)"
    let form = Form(
      id: "reset-form", action: "\(place)/members/\(id.rawValue)/mfa", token: try visit.token())
    let confirmation = Field(
      name: "confirmation", label: "Type \(RelyingParty.resetConfirmation) to confirm",
      value: visit["confirmation"], isFirst: true)
    return try Page(
      title: "Reset a member's MFA", place: .organizations, problem: problem, isNarrow: true,
      content: """
        <p>This turns MFA off for <strong id="member-email">\(member.email)</strong>, who lost the \
        token and the backup codes. Make sure that it is really them who asked: call them, or meet.</p>
        <p>The member's sessions end, and the password alone logs in until MFA is enabled again. Every \
        Organization of the member sees it in its audit log.</p>
        \(form.html("""
        \(confirmation.html(problem))
        <div class="actions">\(Submit(id: "reset-mfa-now", label: "Reset MFA", weight: .danger).html)
        <a id="keep-mfa" class="button quiet" href="\(place)">Cancel</a></div>
        """))
        """
    ).response(to: visit)
  }
}
