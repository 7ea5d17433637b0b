/// What a page says has been done. Pages name it in their address (`?done=left`), so that an address
/// can only ever show one of these sentences.
enum Notice: String, CaseIterable {
  case signedUp = "signed-up"
  case signedOut = "signed-out"
  case loginEnded = "login-ended"
  case sessionEnded = "session-ended"
  case loginCancelled = "login-cancelled"
  case usedBackupCode = "used-backup-code"
  case keyAbandoned = "key-abandoned"
  case mfaDisabled = "mfa-disabled"
  case confirmed
  case passwordChanged = "password-changed"
  case organizationCreated = "organization-created"
  case dissolved, joined, declined, left, invited, withdrawn, removed
  case roleChanged = "role-changed"
  case permissionGiven = "permission-given"
  case permissionTaken = "permission-taken"
  case memberReset = "member-reset"
  case enforced
  case graceChanged = "grace-changed"
  case notEnforced = "not-enforced"
  case revoked
  case othersRevoked = "others-revoked"
  case handedIn = "handed-in"
  case submitted
  case caseWithdrawn = "case-withdrawn"
  case approved, refused

  var sentence: String {
    switch self {
    case .signedUp: "Your account is there. Log in with it."
    case .signedOut: "You are signed out."
    case .loginEnded: "The login took too long, or was finished already. Start again."
    case .sessionEnded: "You are no longer signed in. Log in again; nothing was changed."
    case .loginCancelled: "The login was cancelled."
    case .usedBackupCode:
      "You logged in with a backup code; it is used up. If your token is lost, disable or update MFA."
    case .keyAbandoned: "The new key was dropped. Nothing has changed."
    case .mfaDisabled: "MFA is off. The key and the backup codes are gone."
    case .confirmed: "Confirmed. Go on with what you wanted to do."
    case .passwordChanged: "The password is changed. Your other sessions have ended."
    case .organizationCreated: "The Organization is there, and you are its Owner."
    case .dissolved: "The Organization is dissolved."
    case .joined: "You have joined the Organization."
    case .declined: "The invitation is declined."
    case .left: "You have left the Organization."
    case .invited: "The invitation is there. Whoever has this address sees it when they log in."
    case .withdrawn: "The invitation is withdrawn."
    case .removed: "The member is removed."
    case .roleChanged: "The role is changed."
    case .permissionGiven: "The member may manage MFA now."
    case .permissionTaken: "The member may no longer manage MFA."
    case .memberReset: "The member's MFA is off. They log in with the password and enable it again."
    case .enforced: "MFA is enforced. The page shows from when on."
    case .graceChanged: "The grace period is changed."
    case .notEnforced: "MFA is no longer enforced."
    case .revoked: "The session has ended."
    case .othersRevoked: "All your other sessions have ended."
    case .handedIn: "This was handed in."
    case .submitted: "The case is submitted. A support operator decides."
    case .caseWithdrawn: "The recovery case is withdrawn."
    case .approved: "The case is approved. MFA goes off after the waiting time."
    case .refused: "The case is refused; the person sees your reason."
    }
  }
}
