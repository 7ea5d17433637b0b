import OATH

/// The way back for one who lost both the token and the backup codes: evidence is handed in, and a
/// support operator decides. An approval takes effect after a waiting time, in which every session of
/// the account sees it and can stop it.
public struct RecoveryCase: Equatable, Sendable {
  public typealias ID = RowID<RecoveryCase>

  public enum State: String, Sendable {
    /// Evidence can be handed in.
    case open
    /// Waits to be decided.
    case submitted
    /// Approved; MFA stays on until `effective`, and until the person then logs in.
    case waiting = "approved but waiting"
    /// MFA was turned off; the person has not been back yet.
    case approved
    case refused
    case withdrawn
    /// The person logged in after the approval.
    case carriedOut = "carried out"

    /// Whether it can still end in MFA being turned off.
    public var isUndecided: Bool { self == .open || self == .submitted || self == .waiting }
  }

  public let id: ID
  public let account: Account.ID
  public let email: String
  /// Whether it is a company's account, for which the certificate of incorporation is one of the
  /// two documents of identity.
  public let isCorporate: Bool
  public let state: State
  public let opened: Seconds
  /// The operator who opened it by hand; nil if the person did.
  public let openedBy: Account.ID?
  /// What was handed in until the case is decided, for those who may see it: what it says, or the
  /// document's name.
  public internal(set) var evidence: [RecoveryItem: String]
  /// The documents among it.
  public internal(set) var documents: [RecoveryItem: DocumentEntry]
  /// What is still to be handed in.
  public let missing: [RecoveryRequirement]
  /// Who approved or refused it, when, and with what words.
  public let judgedBy: Account.ID?
  public let judged: Seconds?
  public let reason: String?
  /// When an approval takes effect, or took it.
  public let effective: Seconds?

  /// The same for those who are not to read what was handed in.
  var withoutEvidence: RecoveryCase {
    var found = self
    found.evidence = [:]
    found.documents = [:]
    return found
  }
}

/// Something that can be handed in.
public enum RecoveryItem: String, CaseIterable, Sendable {
  case emailAddress
  case postalAddress
  case passport
  /// A local identity card.
  case identityCard
  case certificateOfIncorporation
  case phoneNumber
  /// A copy of the last invoice.
  case lastInvoice
  /// The amount last charged, in the place of the copy.
  case amountCharged
  /// A card or bank statement that shows the debit.
  case cardStatement
  case bankStatement

  /// Whether it is a document, of which a picture or PDF can be handed in, rather than some words.
  public var isDocument: Bool {
    switch self {
    case .emailAddress, .postalAddress, .phoneNumber, .amountCharged: false
    case .passport, .identityCard, .certificateOfIncorporation, .lastInvoice, .cardStatement,
      .bankStatement:
      true
    }
  }

  /// As it is named on a page.
  public var title: String {
    switch self {
    case .emailAddress: "E-mail address"
    case .postalAddress: "Postal address"
    case .passport: "Passport"
    case .identityCard: "Local ID card"
    case .certificateOfIncorporation: "Certificate of incorporation"
    case .phoneNumber: "Contact phone number"
    case .lastInvoice: "Copy of the last invoice"
    case .amountCharged: "Amount last charged"
    case .cardStatement: "Card statement that shows the debit"
    case .bankStatement: "Bank statement that shows the debit"
    }
  }
}

/// Something that has to be handed in, and what fulfils it.
public enum RecoveryRequirement: CaseIterable, Sendable, CustomStringConvertible {
  case emailAddress, postalAddress, identity, phoneNumber, invoice, debit

  /// What counts towards it.
  public func items(isCorporate: Bool) -> [RecoveryItem] {
    switch self {
    case .emailAddress: [.emailAddress]
    case .postalAddress: [.postalAddress]
    case .identity:
      [.passport, .identityCard] + (isCorporate ? [.certificateOfIncorporation] : [])
    case .phoneNumber: [.phoneNumber]
    case .invoice: [.lastInvoice, .amountCharged]
    case .debit: [.cardStatement, .bankStatement]
    }
  }

  /// Whether this is enough of what was handed in.
  func isMet(by evidence: [RecoveryItem: String], isCorporate: Bool) -> Bool {
    let handedIn = items(isCorporate: isCorporate).filter { evidence[$0] != nil }
    guard self == .identity else { return !handedIn.isEmpty }
    return handedIn.count >= 2 && (!isCorporate || evidence[.certificateOfIncorporation] != nil)
  }

  public var description: String {
    switch self {
    case .emailAddress: "the e-mail address"
    case .postalAddress: "the postal address"
    case .identity:
      "two different documents of identity (passport, local ID card; for a company one of the two is"
        + " its certificate of incorporation)"
    case .phoneNumber: "a contact phone number"
    case .invoice: "a copy of the last invoice, or the amount charged"
    case .debit: "a card or bank statement that shows the debit"
    }
  }
}

extension RecoveryCase.State: Storable { var stored: StoredValue { .text(rawValue) } }
extension RecoveryItem: Storable { var stored: StoredValue { .text(rawValue) } }
