import RelyingParty

/// The members of an Organization; for its Owners with what they may do to each.
struct MemberTable {
  let organization: Organization
  let members: [Member]
  let own: Member
  let token: String

  private var isOwner: Bool { own.role == .owner }
  private var managesMFA: Bool { isOwner || own.mayManageMFA }

  var html: HTML {
    """
    <div class="scroll"><table id="members">
    <thead><tr><th scope="col">E-mail address</th><th scope="col">Role</th><th scope="col">MFA</th>\
    <th scope="col">May manage MFA</th>\(if: managesMFA, "<th scope=\"col\">Change</th>")</tr></thead>
    <tbody>\(members.map(row))</tbody></table></div>
    """
  }

  private func row(_ member: Member) -> HTML {
    """
    <tr id="member-\(member.account.rawValue)">
    <td class="email">\(member.email)\(if: member.account == own.account, " <em>(you)</em>")</td>
    <td class="role">\(member.role.title)</td>
    <td class="mfa"><span class="\(member.hasMFA ? "badge on" : "badge off")">\
    \(member.hasMFA ? "On" : "Off")</span></td>
    <td class="permission">\(member.mayManageMFA || member.role == .owner ? "Yes" : "No")</td>
    \(if: managesMFA, "<td class=\"row-actions\">\(actions(on: member))\(reset(member))</td>")</tr>
    """
  }

  /// The way to turn this member's MFA off. Whether it is open is judged there: that takes the right in
  /// every Organization of the member.
  private func reset(_ member: Member) -> HTML {
    guard member.hasMFA, member.account != own.account, isOwner || member.role != .owner else {
      return ""
    }
    let id = member.account.rawValue
    return """
      <a id="reset-mfa-\(id)" class="button quiet small" \
      href="/organizations/\(organization.id.rawValue)/members/\(id)/mfa">Reset MFA\
      <span class="unseen"> of \(member.email)</span></a>
      """
  }

  private func actions(on member: Member) -> [HTML] {
    guard isOwner else { return [] }
    let isMember = member.role == .member
    var actions = [
      isMember
        ? action("role", "make-owner", "Make Owner", on: member, [("role", "owner")])
        : action("role", "make-member", "Make Member", on: member, [("role", "member")])
    ]
    if isMember {
      actions.append(
        member.mayManageMFA
          ? action(
            "permission", "take-permission", "Take MFA permission", on: member, [("allowed", "no")])
          : action(
            "permission", "give-permission", "Let manage MFA", on: member, [("allowed", "yes")]))
    }
    if member.account != own.account {
      actions.append(action("remove", "remove-member", "Remove", on: member, []))
    }
    return actions
  }

  private func action(
    _ path: String, _ name: String, _ label: String, on member: Member,
    _ hidden: [(name: String, value: String)]
  ) -> HTML {
    let id = member.account.rawValue
    let form = Form(
      id: "\(name)-form-\(id)",
      action: "/organizations/\(organization.id.rawValue)/members/\(id)/\(path)", token: token,
      isInline: true, hidden: hidden)
    // The member's name is for those who hear the button without the row around it.
    return form.html(
      """
      <button type="submit" id="\(name)-\(id)" class="quiet small">\(label)\
      <span class="unseen"> \(member.email)</span></button>
      """)
  }
}
