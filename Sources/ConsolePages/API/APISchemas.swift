import JSON
import OATH
import RelyingParty

/// The objects that the API answers with, and how they are written.
enum APISchemas {
  static let all: [(name: String, properties: [Property])] = [
    (
      "Account",
      [
        Property("id", .number), Property("email", .text), Property("isOperator", .flag),
        Property("created", .time),
      ]
    ),
    (
      "Login",
      [
        Property("state", .choice(["signedIn", "codeNeeded", "enableNeeded"])),
        Property("session", .text, optional: true), Property("ticket", .text, optional: true),
        Property("expires", .time), Property("digits", .number, optional: true),
        Property("enforcedBy", .list(.text), optional: true),
      ]
    ),
    ("SessionToken", [Property("session", .text), Property("expires", .time)]),
    (
      "MFA",
      [
        Property("isOn", .flag), Property("backupCodesLeft", .maybe(.number)),
        Property("isEnrolling", .flag), Property("enforcedBy", .list(.text)),
        Property("updateForbiddenBy", .list(.text)),
      ]
    ),
    (
      "Enrolment",
      [
        Property("uri", .text), Property("key", .text), Property("expires", .time),
      ]
    ),
    (
      "Activation",
      [
        Property("backupCodes", .list(.text)), Property("session", .text),
        Property("expires", .time),
      ]
    ),
    (
      "Organization",
      [
        Property("id", .number), Property("name", .text), Property("enforcesMFA", .flag),
        Property("enforcedFrom", .maybe(.time)), Property("graceDays", .number),
      ]
    ),
    (
      "ReceivedInvitation",
      [
        Property("id", .number), Property("name", .text), Property("enforcesMFA", .flag),
        Property("enforcedFrom", .maybe(.time)), Property("graceDays", .number),
        Property("inviter", .maybe(.text)), Property("role", roles),
        Property("mayManageMFA", .flag), Property("allows", .list(.text)),
      ]
    ),
    (
      "Member",
      [
        Property("account", .number), Property("email", .text), Property("role", roles),
        Property("mayManageMFA", .flag), Property("hasMFA", .flag),
      ]
    ),
    (
      "Invitation",
      [
        Property("email", .text), Property("role", roles), Property("mayManageMFA", .flag),
      ]
    ),
    (
      "Session",
      [
        Property("id", .number), Property("isCurrent", .flag), Property("mayOnlyEnable", .flag),
        Property("opened", .time), Property("lastUse", .time), Property("expires", .time),
        Property("address", .text), Property("agent", .text),
      ]
    ),
    (
      "AuditEntry",
      [
        Property("number", .number), Property("at", .time), Property("event", .text),
        Property("actor", .maybe(.number)), Property("subject", .maybe(.number)),
        Property("organization", .maybe(.number)), Property("recoveryCase", .maybe(.number)),
        Property("detail", .maybe(.text)),
      ]
    ),
    (
      "RecoveryCase",
      [
        Property("id", .number), Property("email", .text), Property("isCorporate", .flag),
        Property("state", .text), Property("opened", .time),
        Property("evidence", .list(.object("Evidence"))), Property("missing", .list(.text)),
        Property("reason", .maybe(.text)), Property("effective", .maybe(.time)),
        Property("isByHand", .flag),
      ]
    ),
    (
      "RecoveryNotice",
      [
        Property("id", .number), Property("state", .text), Property("opened", .time),
        Property("isByHand", .flag), Property("effective", .maybe(.time)),
      ]
    ),
    (
      "Evidence",
      [
        Property("item", items), Property("text", .text), Property("isDocument", .flag),
      ]
    ),
  ]

  static let roles = Shape.choice([Role.owner.rawValue, Role.member.rawValue])
  static let items = Shape.choice(RecoveryItem.allCases.map(\.rawValue))
}

/// Something that is written into an answer.
protocol Answerable { var json: JSON { get } }

extension Array where Element: Answerable {
  var json: JSON { .array(map(\.json)) }
}

extension JSON {
  fileprivate static func time(_ time: Seconds) -> JSON { .string(TimeText.exact(time)) }
  fileprivate static func number(_ number: Int64) -> JSON { .integer(Int(number)) }
  fileprivate static func maybe(_ number: Int64?) -> JSON { number.map(JSON.number) ?? .null }
  fileprivate static func maybe(_ time: Seconds?) -> JSON { time.map(JSON.time) ?? .null }
  fileprivate static func maybe(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
}

extension Account: Answerable {
  var json: JSON {
    [
      "id": .number(id.rawValue), "email": .string(email), "isOperator": .bool(isOperator),
      "created": .time(created),
    ]
  }
}

extension Session: Answerable {
  var json: JSON { ["session": .string(cookie), "expires": .time(expires)] }
}

extension PasswordStep: Answerable {
  var json: JSON {
    switch self {
    case .signedIn(let signIn):
      [
        "state": "signedIn", "session": .string(signIn.session.cookie),
        "expires": .time(signIn.session.expires),
      ]
    case .codeNeeded(let ticket):
      [
        "state": "codeNeeded", "ticket": .string(ticket.cookie), "expires": .time(ticket.expires),
        "digits": .integer(ticket.digits),
      ]
    case .enableNeeded(let session, let organizations):
      [
        "state": "enableNeeded", "session": .string(session.cookie),
        "expires": .time(session.expires),
        "enforcedBy": .array(organizations.map { .string($0.name) }),
      ]
    }
  }
}

extension MFAStatus: Answerable {
  var json: JSON {
    [
      "isOn": .bool(isOn), "backupCodesLeft": backupCodesLeft.map(JSON.integer) ?? .null,
      "isEnrolling": .bool(isEnrolling),
      "enforcedBy": .array(enforcedBy.map { .string($0.name) }),
      "updateForbiddenBy": .array(updateForbiddenBy.map { .string($0.name) }),
    ]
  }
}

extension Enrolment: Answerable {
  var json: JSON { ["uri": .string(uri.text), "key": .string(key), "expires": .time(expires)] }
}

extension Organization: Answerable {
  var json: JSON {
    [
      "id": .number(id.rawValue), "name": .string(name), "enforcesMFA": .bool(enforcesMFA),
      "enforcedFrom": .maybe(enforcedFrom), "graceDays": .number(grace.rawValue / 86_400),
    ]
  }
}

extension ReceivedInvitation: Answerable {
  var json: JSON {
    var value = organization.json
    value["inviter"] = .maybe(inviter)
    value["role"] = .string(role.rawValue)
    value["mayManageMFA"] = .bool(mayManageMFA)
    value["allows"] = .array(allows.map(JSON.string))
    return value
  }
}

extension Member: Answerable {
  var json: JSON {
    [
      "account": .number(account.rawValue), "email": .string(email), "role": .string(role.rawValue),
      "mayManageMFA": .bool(mayManageMFA), "hasMFA": .bool(hasMFA),
    ]
  }
}

extension Invitation: Answerable {
  var json: JSON {
    [
      "email": .string(email), "role": .string(role.rawValue), "mayManageMFA": .bool(mayManageMFA),
    ]
  }
}

extension SessionEntry: Answerable {
  var json: JSON {
    [
      "id": .number(id.rawValue), "isCurrent": .bool(isCurrent),
      "mayOnlyEnable": .bool(mayOnlyEnable), "opened": .time(opened), "lastUse": .time(lastUse),
      "expires": .time(expires), "address": .string(address), "agent": .string(agent),
    ]
  }
}

extension AuditEntry: Answerable {
  var json: JSON {
    [
      "number": .number(number), "at": .time(at), "event": .string(event.rawValue),
      "actor": .maybe(actor?.rawValue), "subject": .maybe(subject?.rawValue),
      "organization": .maybe(organization?.rawValue),
      "recoveryCase": .maybe(recoveryCase?.rawValue), "detail": .maybe(detail),
    ]
  }
}

extension RecoveryCase: Answerable {
  var json: JSON {
    let handedIn = RecoveryItem.allCases.compactMap { item -> JSON? in
      guard let text = evidence[item] else { return nil }
      return [
        "item": .string(item.rawValue), "text": .string(text),
        "isDocument": .bool(documents[item] != nil),
      ]
    }
    return [
      "id": .number(id.rawValue), "email": .string(email), "isCorporate": .bool(isCorporate),
      "state": .string(state.rawValue), "opened": .time(opened), "evidence": .array(handedIn),
      "missing": .array(missing.map { .string($0.description) }), "reason": .maybe(reason),
      "effective": .maybe(effective), "isByHand": .bool(openedBy != nil),
    ]
  }
}

extension RecoveryNotice: Answerable {
  var json: JSON {
    [
      "id": .number(id.rawValue), "state": .string(state.rawValue), "opened": .time(opened),
      "isByHand": .bool(isByHand), "effective": .maybe(effective),
    ]
  }
}
