//! The closed vocabularies of the data files: each word is written once and serves the reader, `as_str` and `Display`.

/// Declares an enum whose variants are written as the given words.
macro_rules! words {
    ($($(#[$about:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word for it in data files and reports.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}

words! {
    /// Whether a country offers something.
    pub enum Support {
        /// It does.
        Yes = "yes",
        /// It does not.
        No = "no",
        /// On some networks or under limits.
        Partial = "partial",
        /// Nobody says.
        Unknown = "unknown",
    }

    /// Whether a carrier's subscribers can be reached by a sender type.
    pub enum Reach {
        /// They can.
        Yes = "yes",
        /// They cannot.
        No = "no",
        /// Some of them can.
        Partial = "partial",
        /// Nobody says.
        Unknown = "unknown",
    }

    /// Part of the world, for lists.
    pub enum Region {
        /// The United States, Canada, Mexico and the territories beside them.
        NorthAmerica = "north_america",
        /// Central and South America.
        LatinAmerica = "latin_america",
        /// The Caribbean.
        Caribbean = "caribbean",
        /// Europe.
        Europe = "europe",
        /// Africa.
        Africa = "africa",
        /// The Middle East.
        MiddleEast = "middle_east",
        /// Asia.
        Asia = "asia",
        /// Australia, New Zealand and the Pacific.
        Oceania = "oceania",
        /// The test bench.
        Bench = "bench",
    }

    /// What applications may send from a number of the country.
    pub enum ApplicationTraffic {
        /// Anything lawful.
        Allowed = "allowed",
        /// Only after registration of brand and campaign, or of the sender.
        RegisteredOnly = "registered_only",
        /// Nominally nothing or little: carriers filter hard.
        StrictlyFiltered = "strictly_filtered",
        /// Nothing: numbers are for traffic between people.
        PersonToPersonOnly = "p2p_only",
        /// One-time passwords only.
        OneTimePasswordOnly = "otp_only",
        /// Anything but marketing.
        AllowedNoMarketing = "allowed_no_marketing",
        /// No such number is offered.
        NotOffered = "not_offered",
    }

    /// What the handset shows as sender instead of the sender used, or that it shows it.
    pub enum ShownAs {
        /// The sender used.
        Original = "original",
        /// The sender used, in another notation such as an added prefix.
        OriginalRewritten = "original_rewritten",
        /// A short code.
        ShortCode = "short_code",
        /// A number of the country.
        LongCode = "long_code",
        /// A name.
        Alphanumeric = "alphanumeric",
        /// Some number.
        Numeric = "numeric",
        /// A warning label.
        Label = "label",
        /// Nothing: the message is refused.
        Refused = "refused",
        /// Whatever the route gives.
        BestEffort = "best_effort",
        /// Nobody says.
        Unknown = "unknown",
    }

    /// How a country treats alphanumeric senders.
    pub enum AlphanumericMode {
        /// Its networks carry none; the platform may still accept one, to be replaced.
        NotCarried = "none",
        /// Any proper name is carried without registration.
        Dynamic = "dynamic",
        /// A name has to be registered.
        RegistrationRequired = "registration_required",
        /// A registered name is kept, any other is replaced.
        RegistrationOptional = "registration_optional",
        /// It depends on the carrier: see [`CarrierAlphanumeric`].
        MixedByCarrier = "mixed_by_carrier",
        /// It depends on whether the sender is domestic or foreign.
        MixedByOrigin = "mixed_by_origin",
    }

    /// What becomes of an unregistered name.
    pub enum Unregistered {
        /// It is delivered under the name.
        Delivered = "delivered",
        /// It is delivered, under the name or not.
        BestEffort = "best_effort",
        /// The platform refuses it.
        Refused = "refused",
        /// The networks drop it.
        Blocked = "blocked",
        /// It is delivered under a warning label.
        Labelled = "labelled",
        /// It is delivered under another sender.
        Overwritten = "overwritten",
        /// It is dropped or delivered under another sender.
        BlockedOrOverwritten = "blocked_or_overwritten",
        /// It depends on the carrier.
        MixedByCarrier = "mixed_by_carrier",
    }

    /// How a carrier treats alphanumeric senders.
    pub enum CarrierAlphanumeric {
        /// Names are kept.
        Kept = "kept",
        /// Names are kept, save those of a deny list.
        KeptWithDenyList = "kept_with_deny_list",
        /// Registered names are kept.
        KeptIfRegistered = "kept_if_registered",
        /// A name can be registered; what happens otherwise is not said.
        RegistrationPossible = "registration_possible",
        /// Unregistered names are dropped.
        BlockedUnlessRegistered = "blocked_unless_registered",
        /// Unregistered names are replaced.
        OverwrittenUnlessRegistered = "overwritten_unless_registered",
        /// Every name is replaced.
        Overwritten = "overwritten",
        /// Every name is replaced by a short code.
        OverwrittenByShortCode = "overwritten_by_short_code",
        /// Every name is replaced by a number.
        OverwrittenByLongCode = "overwritten_by_long_code",
        /// Names of the national register only.
        NationalRegisterOnly = "national_register_only",
        /// Names registered by domestic firms only.
        DomesticRegistrationOnly = "domestic_registration_only",
        /// Registered names, one-time passwords only.
        RegisteredOneTimePasswordOnly = "registered_otp_only",
        /// Registered names, no promotions.
        RegisteredTransactionalOnly = "registered_transactional_only",
        /// Names are not carried.
        NotCarried = "none",
    }

    /// Whether handsets put the parts of a long text together again.
    pub enum PartsJoined {
        /// They do.
        Yes = "yes",
        /// They do not: parts arrive apart.
        No = "no",
        /// With some sender types.
        SomeSenderTypes = "some_sender_types",
        /// Nobody says.
        Unknown = "unknown",
    }

    /// Who says that a message was delivered.
    pub enum ReceiptFrom {
        /// The handset.
        Handset = "handset",
        /// The carrier, when it took the message.
        Carrier = "carrier",
        /// The message centre, when it took the message.
        MessageCentre = "message_centre",
    }

    /// What becomes of a message to a fixed line.
    pub enum Landline {
        /// It is refused as not a mobile number.
        Refused = "refused",
        /// It is tried, as spoken text where the line's carrier can.
        Attempted = "attempted",
    }

    /// Which traffic a window of hours holds for.
    pub enum WindowScope {
        /// All of it.
        All = "all",
        /// Marketing.
        Marketing = "marketing",
        /// Marketing from senders of the country itself.
        DomesticMarketing = "domestic_marketing",
        /// Marketing and the collection of debts.
        MarketingAndDebtCollection = "marketing_and_debt_collection",
        /// Banks and insurers.
        FinancialSector = "financial_sector",
    }

    /// A day on which a window of hours holds.
    pub enum Day {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
        /// Public holidays of the country.
        PublicHoliday = "public_holidays",
    }

    /// What happens to a message within the blocked hours.
    pub enum WindowAction {
        /// Nothing: the hours are advice.
        Advisory = "advisory",
        /// It is dropped.
        Block = "block",
        /// An operator keeps it until the hours end.
        Queue = "queue",
        /// The sender must keep it back.
        SenderMustHold = "sender_must_hold",
    }

    /// Who set the blocked hours.
    pub enum WindowKind {
        /// The law.
        Legal = "legal",
        /// The operators.
        Operator = "operator",
        /// The platform or another vendor.
        Vendor = "vendor",
        /// Nobody: it is good practice.
        BestPractice = "best_practice",
    }

    /// Which traffic a content rule holds for.
    pub enum RuleScope {
        /// All of it.
        All = "all",
        /// All kinds of number.
        Numbers = "numbers",
        /// Alphanumeric senders.
        Alphanumeric = "alphanumeric",
        /// Long codes of the country.
        LongCode = "long_code",
        /// Long codes of other countries.
        InternationalLongCode = "international_long_code",
        /// Toll-free numbers.
        TollFree = "toll_free",
        /// Senders of the country itself, and names registered there.
        Domestic = "domestic",
        /// Numbers of other countries, and names not registered there.
        International = "international",
        /// Marketing.
        Marketing = "marketing",
        /// Marketing from senders of the country itself.
        DomesticMarketing = "domestic_marketing",
        /// Marketing from senders that are not the country's own.
        InternationalMarketing = "international_marketing",
        /// One-time passwords.
        OneTimePassword = "otp",
        /// All but one-time passwords.
        NotOneTimePassword = "not_otp",
        /// Banks, insurers and lenders.
        Finance = "finance",
    }

    /// What happens to a message that breaks a content rule.
    pub enum RuleAction {
        /// Nothing: the rule is advice.
        Advice = "advice",
        /// It is dropped.
        Block = "block",
        /// It is dropped or shown under a warning label.
        BlockOrLabel = "block_or_label",
        /// It is carried less well.
        Degrade = "degrade",
        /// The sender is taken away.
        Deprovision = "deprovision",
        /// It fails.
        Fail = "fail",
        /// It is likely to be filtered.
        Filter = "filter",
        /// It is likely to be filtered, and the carrier charges a penalty.
        FilterAndFee = "filter_and_fee",
        /// It is likely to be filtered, and a fine is due.
        FilterAndFine = "filter_and_fine",
        /// A fine is due.
        Fine = "fine",
        /// It is shown under a warning label.
        Label = "label",
        /// The law forbids it.
        Legal = "legal",
        /// Nothing.
        Nothing = "none",
        /// Its sender is replaced.
        Overwrite = "overwrite",
        /// It is lost at random.
        RandomLoss = "random_loss",
        /// The platform refuses it.
        Reject = "reject",
        /// It is refused or its sender is replaced.
        RejectOrOverwrite = "reject_or_overwrite",
        /// It is cut into several.
        Split = "split",
        /// It is cut off or fails.
        TruncateOrFail = "truncate_or_fail",
    }

    /// What an operator changes on the way.
    pub enum MutationTarget {
        /// The text.
        Text = "text",
        /// The sender shown.
        Sender = "sender",
    }

    /// How an operator changes it.
    pub enum MutationChange {
        /// It is replaced as a whole.
        Replace = "replace",
        /// Characters are replaced.
        Substitute = "substitute",
        /// Something is put before it.
        Prepend = "prepend",
        /// Something is put after it.
        Append = "append",
    }

    /// How a person opts out.
    pub enum OptOutMechanism {
        /// By a word sent back.
        KeywordReply = "keyword_reply",
        /// By a web address in the text, or a register of the operators.
        WebLinkOrRegister = "web_link_or_register",
    }

    /// How a US carrier grants throughput to 10DLC.
    pub enum TenDlcThroughput {
        /// By name, in the tables of `ten_dlc.yaml`. A carrier without a mark grants the common rate per number.
        Named = "named",
    }
}
