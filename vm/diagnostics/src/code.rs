//! Kinds of messages: [`Code`], their [`Severity`], and the table that [`define_codes!`](crate::define_codes) reads.

use std::fmt;

/// Whether a diagnostic prevents the program from being run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The text cannot be run.
    Error,
    /// The text can be run, but hardly means what it says.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// The stable number of a kind of message. Once given it keeps its meaning and is never reused.
pub trait Code: Copy + fmt::Display {
    /// The code as users see it, such as `A0101`.
    #[must_use]
    fn as_str(self) -> &'static str;

    /// The kind of mistake in a few words.
    #[must_use]
    fn title(self) -> &'static str;

    /// Whether messages of this kind are errors or warnings.
    #[must_use]
    fn severity(self) -> Severity;
}

/// Makes an enum of codes out of a table: a name, its code, its severity and its title in each row.
///
/// ```
/// use ttvm_diagnostics::{Code, Severity, define_codes};
///
/// define_codes! {
///     /// What can be wrong with a shopping list.
///     pub enum ShoppingCode {
///         NothingToBuy = "S0001" Error "an empty list",
///         BoughtTwice = "S0002" Warning "a thing that is named twice",
///     }
/// }
///
/// assert_eq!(ShoppingCode::ALL.len(), 2);
/// assert_eq!(ShoppingCode::BoughtTwice.to_string(), "S0002");
/// assert_eq!(ShoppingCode::BoughtTwice.severity(), Severity::Warning);
/// ```
#[macro_export]
macro_rules! define_codes {
    (
        $( #[$attribute:meta] )*
        pub enum $type:ident { $( $name:ident = $code:literal $severity:ident $title:literal, )* }
    ) => {
        $( #[$attribute] )*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $( #[doc = concat!($code, ": ", $title, ".")] $name, )*
        }

        impl $type {
            /// Every code, rising.
            pub const ALL: &'static [Self] = &[ $( Self::$name ),* ];
        }

        impl $crate::Code for $type {
            fn as_str(self) -> &'static str {
                match self { $( Self::$name => $code, )* }
            }

            fn title(self) -> &'static str {
                match self { $( Self::$name => $title, )* }
            }

            fn severity(self) -> $crate::Severity {
                match self { $( Self::$name => $crate::Severity::$severity, )* }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::Code::as_str(*self))
            }
        }
    };
}
