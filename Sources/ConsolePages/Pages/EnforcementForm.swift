import RelyingParty

/// Enforce MFA in an Organization, for its Owners: from when on, another grace period, or no longer.
struct EnforcementForm {
  let organization: Organization
  let token: String
  let problem: Problem?
  /// What was typed as the grace period.
  let typed: String

  private var path: String { "/organizations/\(organization.id.rawValue)" }
  private var days: String {
    typed.isEmpty ? "\(organization.grace.rawValue / 86_400)" : typed
  }

  var html: HTML {
    """
    <section class="card" aria-labelledby="enforce-title">
    <h2 id="enforce-title">Enforce MFA</h2>
    <p>Members cannot disable MFA while it is enforced. After the grace period, those without it can \
    do nothing but enable it, and nobody joins without it. You need MFA yourself.</p>
    \(if: organization.enforcesMFA, changing, else: beginning)
    <p><a id="organization-history" href="\(path)/history">Audit log of this Organization</a></p>
    </section>
    """
  }

  private var beginning: HTML {
    let form = Form(
      id: "enforce-form", action: "\(path)/enforcement", token: token,
      hidden: [("enforced", "yes")])
    return form.html(
      """
      \(graceField)
      <div class="actions">\(Submit(id: "enforce-mfa", label: "Enforce MFA").html)</div>
      """)
  }

  private var changing: HTML {
    let grace = Form(
      id: "grace-form", action: "\(path)/enforcement", token: token,
      hidden: [("enforced", "yes"), ("change", "yes")])
    let stop = Form(
      id: "enforce-form", action: "\(path)/enforcement", token: token,
      hidden: [("enforced", "no")])
    return """
      \(grace.html("""
      \(graceField)
      <div class="actions">\(Submit(
        id: "change-grace", label: "Change the grace period", weight: .quiet).html)</div>
      """))
      \(stop.html(Submit(id: "stop-enforcing-mfa", label: "Stop enforcing MFA", weight: .quiet)))
      """
  }

  private var graceField: HTML {
    Field(
      name: "grace-days", label: "Grace period in days", value: days,
      hint: "0 to 365. It counts from when you enforce MFA."
    ).html(problem)
  }
}
